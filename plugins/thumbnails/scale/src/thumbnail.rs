//! From a decoded picture to the bytes of its thumbnail.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, Rgba32FImage, RgbaImage};

use crate::decode::Picture;
use crate::problem::Problem;
use crate::reduce::{factor, reduce};

/// The longest side of the smallest and the largest thumbnail. At the upper end
/// the pixels in between take up to 72 MiB, which still fits beside a picture.
pub(crate) const SIZE_MIN: u32 = 16;
pub(crate) const SIZE_MAX: u32 = 512;

/// Good enough that nobody sees it at this size.
const JPEG_QUALITY: u8 = 85;

/// Lanczos overshoots by less than a factor of 2.
const HEADROOM: f32 = 0.5;

/// What is made of a picture. Sizes are those of the picture as it is looked
/// at, after turning it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) thumb_width: u32,
    pub(crate) thumb_height: u32,
    /// JPEG, or PNG where something shines through.
    pub(crate) bytes: Vec<u8>,
}

/// Scales `picture` to at most `size` pixels on its longest side; a small one
/// keeps its size.
pub(crate) fn make(picture: Picture, size: u32) -> Result<Made, Problem> {
    if !(SIZE_MIN..=SIZE_MAX).contains(&size) {
        return Err(Problem::Size {
            asked: size,
            min: SIZE_MIN,
            max: SIZE_MAX,
        });
    }
    let Picture {
        pixels,
        orientation,
        ..
    } = picture;
    let (width, height) = (pixels.width(), pixels.height());
    let small = scale(pixels, fit(width, height, size));
    // Turned only now, when there is little left to turn.
    let mut small = straight(&small);
    small.apply_orientation(orientation);
    let (width, height) = if lies_on_its_side(orientation) {
        (height, width)
    } else {
        (width, height)
    };
    Ok(Made {
        width,
        height,
        thumb_width: small.width(),
        thumb_height: small.height(),
        bytes: encode(&small).map_err(|error| Problem::Encode(error.to_string()))?,
    })
}

/// The largest size of the same shape that fits, at least one pixel each way.
fn fit(width: u32, height: u32, size: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= size {
        return (width, height);
    }
    let scaled = |side: u32| {
        let exact = f64::from(side) * f64::from(size) / f64::from(longest);
        (exact.round() as u32).max(1)
    };
    (scaled(width), scaled(height))
}

/// What [`make`] takes beside the picture: the reduced one and the filter's
/// copy of it, with four floats a pixel.
pub(crate) fn scratch_bytes(width: u32, height: u32, size: u32) -> u64 {
    const PIXEL_BYTES: u64 = 16;
    let by = reduction((width, height), fit(width, height, size));
    let pixels = u64::from(width.div_ceil(by)) * u64::from(height.div_ceil(by));
    pixels * PIXEL_BYTES * 2
}

/// By how much to reduce before filtering.
fn reduction((width, height): (u32, u32), (to_width, to_height): (u32, u32)) -> u32 {
    factor(width, to_width).min(factor(height, to_height))
}

/// Reduces coarsely, lets the large picture go, then filters.
fn scale(pixels: DynamicImage, (width, height): (u32, u32)) -> Rgba32FImage {
    let by = reduction((pixels.width(), pixels.height()), (width, height));
    let mut reduced = reduce(&pixels, by);
    drop(pixels);
    if reduced.dimensions() == (width, height) {
        return reduced;
    }
    // The filter overshoots at edges, and `resize` cuts at 1. Cutting the alpha
    // and not the colours would brighten every edge, so there is headroom.
    multiply(&mut reduced, HEADROOM);
    let mut small = imageops::resize(&reduced, width, height, FilterType::Lanczos3);
    multiply(&mut small, 1.0 / HEADROOM);
    small
}

fn multiply(pixels: &mut Rgba32FImage, by: f32) {
    for channel in pixels.iter_mut() {
        *channel *= by;
    }
}

/// Back to eight bits and to colours that are not premultiplied; without an
/// alpha channel where nothing shines through.
fn straight(pixels: &Rgba32FImage) -> DynamicImage {
    let byte = |unit: f32| (unit.clamp(0.0, 1.0) * 255.0).round() as u8;
    let opaque = pixels.pixels().all(|pixel| byte(pixel.0[3]) == 255);
    if opaque {
        let (width, height) = pixels.dimensions();
        return RgbImage::from_fn(width, height, |x, y| {
            let [red, green, blue, _] = pixels.get_pixel(x, y).0;
            Rgb([red, green, blue].map(byte))
        })
        .into();
    }
    RgbaImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        let colour = |channel: f32| {
            if alpha > 0.0 {
                byte(channel / alpha)
            } else {
                0
            }
        };
        Rgba([colour(red), colour(green), colour(blue), byte(alpha)])
    })
    .into()
}

fn encode(small: &DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    if small.color().has_alpha() {
        small.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    } else {
        JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode_image(small)?;
    }
    Ok(bytes)
}

/// Whether width and height change places.
fn lies_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_side_fits_and_small_pictures_stay() {
        assert_eq!(fit(4000, 3000, 160), (160, 120));
        assert_eq!(fit(3000, 4000, 160), (120, 160));
        assert_eq!(fit(100, 160, 160), (100, 160));
        assert_eq!(fit(65_535, 1, 160), (160, 1));
    }
}
