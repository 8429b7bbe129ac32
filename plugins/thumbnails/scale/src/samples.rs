//! The samples of this folder, whole and damaged, from bytes to thumbnail.

use image::{DynamicImage, GenericImageView, load_from_memory};

use crate::decode::decode;
use crate::problem::Problem;
use crate::sniff::format_of;
use crate::thumbnail::{Made, make};

const LIMIT_BYTES: u64 = 112 << 20;

macro_rules! sample {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../samples/", $name)).as_slice(),
        )
    };
}

const WHOLE: [(&str, &[u8]); 10] = [
    sample!("astronaut.jpg"),
    sample!("camera.png"),
    sample!("chelsea.png"),
    sample!("coffee.jpg"),
    sample!("deep-field.webp"),
    sample!("deep-field-pan.gif"),
    sample!("horse.png"),
    sample!("rocket.webp"),
    sample!("textures/brick.jpg"),
    sample!("textures/gravel.jpg"),
];

fn thumbnail(file: &[u8], size: u32) -> Result<(&'static str, Made), Problem> {
    let picture = decode(file, size, LIMIT_BYTES)?;
    Ok((picture.format, make(picture, size)?))
}

fn problem(file: &[u8]) -> Problem {
    thumbnail(file, 160).unwrap_err()
}

/// `WIDTHxHEIGHT FORMAT -> WIDTHxHEIGHT FORMAT` for one sample.
fn line((name, file): (&str, &[u8])) -> String {
    let (format, made) = thumbnail(file, 160).unwrap();
    let thumb = load_from_memory(&made.bytes).unwrap();
    assert_eq!(thumb.dimensions(), (made.thumb_width, made.thumb_height));
    let kind = format_of(&made.bytes).unwrap().name();
    format!(
        "{name}: {format} {}x{} -> {kind} {}x{}",
        made.width, made.height, made.thumb_width, made.thumb_height
    )
}

#[test]
fn every_format_is_scaled_and_only_transparency_gives_a_png() {
    assert_eq!(
        WHOLE.map(line).join("\n"),
        "\
astronaut.jpg: JPEG 512x512 -> JPEG 160x160
camera.png: PNG 256x256 -> JPEG 160x160
chelsea.png: PNG 300x200 -> JPEG 160x107
coffee.jpg: JPEG 600x400 -> JPEG 160x107
deep-field.webp: WebP 220x192 -> JPEG 160x140
deep-field-pan.gif: GIF 160x120 -> JPEG 160x120
horse.png: PNG 320x262 -> PNG 160x131
rocket.webp: WebP 640x427 -> JPEG 160x107
textures/brick.jpg: JPEG 256x256 -> JPEG 160x160
textures/gravel.jpg: JPEG 256x256 -> JPEG 160x160"
    );
}

/// The mean of a channel over a part of a picture.
fn mean(image: &DynamicImage, (x, y, w, h): (u32, u32, u32, u32), channel: usize) -> f64 {
    let part = image.view(x, y, w, h);
    let sum: u32 = part
        .pixels()
        .map(|(_, _, pixel)| u32::from(pixel.0[channel]))
        .sum();
    f64::from(sum) / f64::from(w * h)
}

#[test]
fn a_thumbnail_looks_like_its_picture() {
    for (name, file) in WHOLE {
        if name == "coffee.jpg" || name == "horse.png" {
            continue; // turned, and transparent: their own tests
        }
        let picture = load_from_memory(file).unwrap();
        let thumb = load_from_memory(&thumbnail(file, 100).unwrap().1.bytes).unwrap();
        for channel in 0..3 {
            let of = |image: &DynamicImage| {
                let half = (0, 0, image.width() / 2, image.height());
                mean(image, half, channel)
            };
            let (before, after) = (of(&picture), of(&thumb));
            assert!((before - after).abs() < 3.0, "{name}: {before} {after}");
        }
    }
}

#[test]
fn a_photograph_that_lies_on_its_side_is_turned() {
    let (_, file) = WHOLE[3];
    let stored = load_from_memory(file).unwrap();
    assert_eq!(stored.dimensions(), (400, 600));
    let upright = stored.rotate90();
    let (_, made) = thumbnail(file, 160).unwrap();
    let thumb = load_from_memory(&made.bytes).unwrap();
    for quarter in 0..4 {
        let of = |image: &DynamicImage| {
            let (w, h) = (image.width() / 2, image.height() / 2);
            mean(image, (quarter % 2 * w, quarter / 2 * h, w, h), 0)
        };
        let (before, after) = (of(&upright), of(&thumb));
        assert!((before - after).abs() < 3.0, "{quarter}: {before} {after}");
    }
}

#[test]
fn transparency_stays_and_its_edge_keeps_its_colour() {
    let (_, file) = WHOLE[6];
    let (_, made) = thumbnail(file, 160).unwrap();
    let thumb = load_from_memory(&made.bytes).unwrap().to_rgba8();
    assert_eq!(thumb.get_pixel(0, 0).0[3], 0);
    for pixel in thumb.pixels().filter(|pixel| pixel.0[3] > 16) {
        let [red, green, blue, _] = pixel.0;
        let off = red
            .abs_diff(122)
            .max(green.abs_diff(62))
            .max(blue.abs_diff(29));
        assert!(off <= 16, "{pixel:?}");
    }
}

#[test]
fn damaged_samples_end_with_a_code_and_a_sentence() {
    let damaged = [
        sample!("damaged/bomb.png"),
        sample!("damaged/text.png"),
        sample!("damaged/truncated.jpg"),
    ];
    let lines = damaged.map(|(name, file)| {
        let problem = problem(file);
        format!("{name}: {}: {problem}", problem.code())
    });
    assert_eq!(
        lines.join("\n"),
        "\
damaged/bomb.png: too-large: needs 1.1 GiB for 20000 × 20000 pixels; limit 112 MiB
damaged/text.png: not-an-image: text, not an image: it begins with \"Lorem ipsum dolor sit am…\"
damaged/truncated.jpg: truncated: truncated JPEG: it ends before its picture does"
    );
}

/// The promise that matters most: what is cut off is refused, or was not
/// needed. Half a picture is never shown as a whole one.
#[test]
fn a_cut_at_any_place_is_refused_or_changes_nothing() {
    for (name, file) in WHOLE {
        let whole = decode(file, 160, LIMIT_BYTES).unwrap().pixels;
        for cut in (0..20).map(|part| file.len() * part / 20) {
            match decode(&file[..cut], 160, LIMIT_BYTES) {
                Ok(picture) => assert!(picture.pixels == whole, "{name} cut at {cut}"),
                Err(Problem::Truncated(_) | Problem::NotAnImage(_)) => {}
                Err(other) => panic!("{name} cut at {cut}: {other}"),
            }
        }
    }
}

#[test]
fn flipped_bits_never_panic() {
    for (name, file) in WHOLE {
        for step in 0..12 {
            let mut bad = file.to_vec();
            let at = bad.len() * step / 12;
            bad[at] ^= 0x10;
            // Damage that the format cannot notice may pass; a panic may not.
            let _ = (name, thumbnail(&bad, 64));
        }
    }
}

#[test]
fn the_limit_counts_what_a_decoder_needs_beside_the_pixels() {
    let needed = |file: &[u8]| match decode(file, 16, 100_000) {
        Err(Problem::TooLarge { needed_bytes, .. }) => needed_bytes,
        other => panic!("{:?}", other.map(|picture| picture.format)),
    };
    let length = |sample: usize| WHOLE[sample].1.len() as u64;
    // A JPEG is copied by its decoder, a progressive one has coefficients.
    assert_eq!(needed(WHOLE[3].1), 2 * length(3) + 400 * 600 * 3);
    assert_eq!(needed(WHOLE[0].1), 2 * length(0) + 512 * 512 * (3 + 3));
    assert_eq!(needed(WHOLE[7].1), length(7) + 640 * 427 * (3 + 4));
    // A PNG needs nothing, so that what scaling takes counts.
    let scaling = 34 * 23 * 16 * 2;
    assert_eq!(needed(WHOLE[2].1), length(2) + 300 * 200 * 3 + scaling);
}

#[test]
fn a_size_out_of_range_is_refused() {
    let problem = thumbnail(WHOLE[1].1, 5000).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "a thumbnail of 5000 pixels was asked for; from 16 to 512 are made"
    );
}
