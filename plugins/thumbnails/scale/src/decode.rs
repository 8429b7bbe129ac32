//! From the bytes of a file to pixels, within a limit on memory.
//!
//! Every allocation that follows from the picture's size is added up and
//! compared with the limit *before* decoding: a few bytes can claim any number
//! of pixels. Were the sum wrong, the sandbox's own limit would still hold; the
//! check here is for the sentence, which can then name both numbers.

use std::error::Error;
use std::io::{Cursor, ErrorKind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use crate::jpeg;
use crate::problem::Problem;
use crate::sniff::{Format, format_of};
use crate::thumbnail::scratch_bytes;

/// A decoded picture, still lying as it was stored.
pub(crate) struct Picture {
    pub(crate) pixels: DynamicImage,
    /// How it must be turned to be looked at.
    pub(crate) orientation: Orientation,
    /// `PNG`, `JPEG`, `GIF` or `WebP`.
    pub(crate) format: &'static str,
}

/// Decodes `file`; of an animation the first frame.
///
/// `size` is that of the thumbnail to be made: it says how much memory scaling
/// takes beside the pixels.
pub(crate) fn decode(file: &[u8], size: u32, limit_bytes: u64) -> Result<Picture, Problem> {
    let format = format_of(file)?;
    let name = format.name();
    let survey = survey(file, format);
    if !survey.whole {
        return Err(Problem::Truncated(name));
    }
    let in_words = |error| explain(error, name, limit_bytes);

    let mut reader = ImageReader::with_format(Cursor::new(file), format.codec());
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(limit_bytes);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(in_words)?;
    let needed_bytes = needed_bytes(&decoder, file, size, &survey);
    if needed_bytes > limit_bytes {
        let (width, height) = decoder.dimensions();
        return Err(Problem::TooLarge {
            width,
            height,
            needed_bytes,
            limit_bytes,
        });
    }
    // A broken note on how to hold the picture is no reason not to show it.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder).map_err(in_words)?;
    Ok(Picture {
        pixels,
        orientation,
        format: name,
    })
}

/// What can be told of a file without decoding it.
struct Survey {
    /// The end of the picture is there, as far as the decoder would not notice.
    whole: bool,
    /// What the decoder holds beside the pixels: for the file, and for each
    /// pixel.
    decoder_bytes: u64,
    decoder_pixel_bytes: u64,
}

fn survey(file: &[u8], format: Format) -> Survey {
    let mut survey = Survey {
        whole: true,
        decoder_bytes: 0,
        decoder_pixel_bytes: 0,
    };
    match format {
        Format::Jpeg => {
            let jpeg = jpeg::survey(file);
            let copy_of_file = file.len() as u64;
            survey.whole = jpeg.complete;
            survey.decoder_bytes = jpeg.coefficient_bytes + copy_of_file;
        }
        Format::WebP => {
            survey.whole = webp_is_whole(file);
            // A frame of RGBA, which is then copied.
            survey.decoder_pixel_bytes = 4;
        }
        // The decoders of PNG and GIF notice by themselves what is missing, and
        // write to where the pixels will stay.
        Format::Png | Format::Gif => {}
    }
    survey
}

/// The memory that the way from `file` to a thumbnail takes at its peak.
fn needed_bytes(decoder: &impl ImageDecoder, file: &[u8], size: u32, survey: &Survey) -> u64 {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let decoding = pixels
        .saturating_mul(survey.decoder_pixel_bytes)
        .saturating_add(survey.decoder_bytes);
    // Scaling begins when the decoder is gone.
    let beside_the_pixels = decoding.max(scratch_bytes(width, height, size));
    decoder
        .total_bytes()
        .saturating_add(file.len() as u64)
        .saturating_add(beside_the_pixels)
}

/// Whether a WebP is as long as its own header says. Cut in the wrong place it
/// would pass for a corrupt one.
fn webp_is_whole(file: &[u8]) -> bool {
    const HEADER_BYTES: u64 = 8;
    file.get(4..8)
        .and_then(|length| <[u8; 4]>::try_from(length).ok())
        .is_some_and(|length| {
            HEADER_BYTES + u64::from(u32::from_le_bytes(length)) <= file.len() as u64
        })
}

/// A decoder's error as one of ours.
fn explain(error: ImageError, format: &'static str, limit_bytes: u64) -> Problem {
    match error {
        ImageError::IoError(io) if io.kind() == ErrorKind::UnexpectedEof => {
            Problem::Truncated(format)
        }
        ImageError::Decoding(why) if gif_ran_out(&why) => Problem::Truncated(format),
        ImageError::Limits(_) => Problem::TooMuch {
            format,
            limit_bytes,
        },
        ImageError::Unsupported(why) => Problem::Unsupported(why.to_string()),
        ImageError::IoError(_)
        | ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_) => Problem::Damaged {
            format,
            why: error.to_string(),
        },
    }
}

/// The decoder of GIF has its own error for a file that ends too early.
fn gif_ran_out(why: &image::error::DecodingError) -> bool {
    why.source()
        .and_then(|source| source.downcast_ref::<gif::DecodingError>())
        .is_some_and(|error| matches!(error, gif::DecodingError::UnexpectedEof))
}
