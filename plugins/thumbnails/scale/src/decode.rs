//! From the bytes of a file to pixels, within a limit on memory.
//!
//! Every allocation that follows from the picture's size is added up and
//! compared with the limit *before* decoding: a few bytes can claim any number
//! of pixels. Were the sum wrong, the sandbox's own limit would still hold; the
//! check here is for the sentence, which can then name both numbers.

use std::error::Error;
use std::io::{Cursor, ErrorKind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::jpeg;
use crate::problem::Problem;
use crate::sniff::format_of;
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
    let name = name_of(format);
    // What the decoder holds beside the pixels, as far as the file says it.
    let mut decoder_bytes = 0;
    let whole = match format {
        ImageFormat::Jpeg => {
            let survey = jpeg::survey(file);
            let copy_of_file = file.len() as u64;
            decoder_bytes = survey.coefficient_bytes + copy_of_file;
            survey.complete
        }
        ImageFormat::WebP => webp_is_whole(file),
        // The decoders of PNG and GIF notice by themselves.
        _ => true,
    };
    if !whole {
        return Err(Problem::Truncated(name));
    }
    let in_words = |error| explain(error, name);

    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(limit_bytes);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(in_words)?;
    let (width, height) = decoder.dimensions();
    if format == ImageFormat::WebP {
        // A frame of four bytes a pixel, which is then copied.
        decoder_bytes = u64::from(width) * u64::from(height) * 4;
    }
    let needed_bytes = decoder
        .total_bytes()
        .saturating_add(file.len() as u64)
        // Scaling begins when the decoder is gone.
        .saturating_add(decoder_bytes.max(scratch_bytes(width, height, size)));
    if needed_bytes > limit_bytes {
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
fn explain(error: ImageError, format: &'static str) -> Problem {
    match error {
        ImageError::IoError(io) if io.kind() == ErrorKind::UnexpectedEof => {
            Problem::Truncated(format)
        }
        ImageError::Decoding(why) if gif_ran_out(&why) => Problem::Truncated(format),
        ImageError::Unsupported(why) => Problem::Unsupported(why.to_string()),
        ImageError::IoError(_)
        | ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::Limits(_) => Problem::Damaged {
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

/// The format as people write it.
fn name_of(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WebP",
        // `format_of` lets no other one through.
        _ => "image",
    }
}
