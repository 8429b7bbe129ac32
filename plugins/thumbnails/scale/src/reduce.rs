//! The coarse half of scaling: averages whole boxes of pixels.
//!
//! A good filter costs time for every pixel that it reads. So a picture is
//! first reduced by a whole number, in one pass over the decoder's own pixels,
//! to at most three times the size of the thumbnail; the filter then works on
//! the small rest. The result is premultiplied: colours hidden under full
//! transparency must not bleed into the edges.

use image::{DynamicImage, ImageBuffer, Pixel, Rgba, Rgba32FImage};

/// By how much to reduce before a filter brings `from` to `to` pixels: what is
/// left is between 1.5 and 3 times the size.
pub(crate) fn factor(from: u32, to: u32) -> u32 {
    let half_ratio = f64::from(from) / f64::from(to.max(1)) / 2.0;
    (half_ratio.round() as u32).max(1)
}

/// `image`, smaller by `factor`, premultiplied, each channel from 0 to 1.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open")]
pub(crate) fn reduce(image: &DynamicImage, factor: u32) -> Rgba32FImage {
    match image {
        DynamicImage::ImageLuma8(pixels) => boxes(pixels, factor),
        DynamicImage::ImageLumaA8(pixels) => boxes(pixels, factor),
        DynamicImage::ImageRgb8(pixels) => boxes(pixels, factor),
        DynamicImage::ImageRgba8(pixels) => boxes(pixels, factor),
        DynamicImage::ImageLuma16(pixels) => boxes(pixels, factor),
        DynamicImage::ImageLumaA16(pixels) => boxes(pixels, factor),
        DynamicImage::ImageRgb16(pixels) => boxes(pixels, factor),
        DynamicImage::ImageRgba16(pixels) => boxes(pixels, factor),
        // None of the four formats is decoded to anything else.
        other => boxes(&other.to_rgba8(), factor),
    }
}

/// A channel's value on the scale from 0 to 1.
trait Sample: Copy {
    fn unit(self) -> f32;
}

impl Sample for u8 {
    fn unit(self) -> f32 {
        f32::from(self) / 255.0
    }
}

impl Sample for u16 {
    fn unit(self) -> f32 {
        f32::from(self) / 65_535.0
    }
}

fn boxes<P>(image: &ImageBuffer<P, Vec<P::Subpixel>>, factor: u32) -> Rgba32FImage
where
    P: Pixel,
    P::Subpixel: Sample,
{
    let (width, height) = (
        image.width().div_ceil(factor),
        image.height().div_ceil(factor),
    );
    let mut out = Rgba32FImage::new(width, height);
    let mut sums = vec![[0.0; 4]; width as usize];
    let mut rows = image.rows();
    for y in 0..height {
        sums.fill([0.0; 4]);
        let mut rows_in_box = 0;
        for row in rows.by_ref().take(factor as usize) {
            rows_in_box += 1;
            add_row(&mut sums, row, factor);
        }
        for (x, sum) in (0..width).zip(&sums) {
            // The last box of a row or column may be cut by the edge.
            let columns_in_box = factor.min(image.width() - x * factor);
            let share = 1.0 / (rows_in_box * columns_in_box) as f32;
            out.put_pixel(x, y, Rgba(sum.map(|channel| channel * share)));
        }
    }
    out
}

/// Adds one row of pixels to the boxes they fall into.
fn add_row<'a, P>(sums: &mut [[f32; 4]], row: impl Iterator<Item = &'a P>, factor: u32)
where
    P: Pixel + 'a,
    P::Subpixel: Sample,
{
    let mut row = row;
    for sum in sums {
        for pixel in row.by_ref().take(factor as usize) {
            let [red, green, blue, alpha] = pixel.to_rgba().0.map(Sample::unit);
            sum[0] += red * alpha;
            sum[1] += green * alpha;
            sum[2] += blue * alpha;
            sum[3] += alpha;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, RgbaImage};

    #[test]
    fn the_filter_is_left_with_one_and_a_half_to_three_times_the_size() {
        assert_eq!(factor(100, 160), 1);
        assert_eq!(factor(160, 160), 1);
        assert_eq!(factor(4000, 160), 13);
        for from in 480..5000 {
            let left = f64::from(from) / f64::from(factor(from, 160)) / 160.0;
            assert!((1.5..=3.0).contains(&left), "{from}: {left}");
        }
    }

    #[test]
    fn boxes_are_averaged_also_where_the_edge_cuts_them() {
        let grey = GrayImage::from_fn(3, 3, |x, y| Luma([(x * 50 + y * 10) as u8]));
        let out = reduce(&grey.into(), 2);
        let levels: Vec<f32> = out.pixels().map(|p| p.0[0] * 255.0).collect();
        assert_eq!(out.dimensions(), (2, 2));
        for (level, expected) in levels.iter().zip([30.0, 105.0, 45.0, 120.0]) {
            assert!((level - expected).abs() < 0.01, "{levels:?}");
        }
    }

    #[test]
    fn colours_under_full_transparency_do_not_count() {
        let mut image = RgbaImage::from_pixel(2, 1, Rgba([255, 0, 0, 255]));
        image.put_pixel(1, 0, Rgba([0, 255, 0, 0]));
        let out = reduce(&image.into(), 2);
        let bytes = out.get_pixel(0, 0).0.map(|channel| (channel * 100.0) as u8);
        assert_eq!(bytes, [50, 0, 0, 50]);
    }
}
