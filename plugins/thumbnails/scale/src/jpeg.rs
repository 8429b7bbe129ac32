//! What a decoder of JPEG does not tell: whether the file is whole, and what
//! decoding it costs.
//!
//! The decoder is lenient and paints what is missing grey, which would pass a
//! broken photograph off as a good one. And it keeps every coefficient of a
//! progressive file in memory, next to the pixels. Both can be read off the
//! markers, without decoding.

/// What the markers say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Survey {
    /// The end-of-image marker was reached.
    pub(crate) complete: bool,
    /// Memory for coefficients beside the pixels: 0 unless progressive.
    pub(crate) coefficient_bytes: u64,
}

const START_OF_FRAME: std::ops::RangeInclusive<u8> = 0xC0..=0xCF;
const END_OF_IMAGE: u8 = 0xD9;

/// Walks over the markers of `file`, which begins as a JPEG does.
pub(crate) fn survey(file: &[u8]) -> Survey {
    let mut survey = Survey::default();
    let mut rest = file.get(2..).unwrap_or_default();
    while let Some((marker, after)) = next_marker(rest) {
        if marker == END_OF_IMAGE {
            survey.complete = true;
            break;
        }
        let Some((body, behind)) = segment(after) else {
            break;
        };
        if is_frame(marker) {
            survey.coefficient_bytes = coefficient_bytes(marker, body);
        }
        rest = behind;
    }
    survey
}

/// The next marker that a segment follows, or the end of the image, and what
/// stands behind it. Passes over compressed data, where 0xFF is followed by
/// zero or by one of the restart markers.
fn next_marker(mut rest: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        let at = rest.iter().position(|&byte| byte == 0xFF)?;
        rest = &rest[at + 1..];
        match rest.first()? {
            // Stuffed data, a stand-alone marker, a restart.
            0x00 | 0x01 | 0xD0..=0xD8 => rest = &rest[1..],
            // A marker may be preceded by any number of 0xFF.
            0xFF => {}
            &marker => return Some((marker, &rest[1..])),
        }
    }
}

/// The body of the segment whose length `at` begins with, and what follows.
fn segment(at: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_be_bytes([*at.first()?, *at.get(1)?]));
    let body = at.get(2..length)?;
    Some((body, &at[length..]))
}

/// 0xC4, 0xC8 and 0xCC are tables in the middle of the frames' numbers.
fn is_frame(marker: u8) -> bool {
    START_OF_FRAME.contains(&marker) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

/// Two bytes for each sample of each component, in whole blocks.
fn coefficient_bytes(marker: u8, frame: &[u8]) -> u64 {
    let progressive = matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE);
    let (true, [_, h1, h0, w1, w0, _, components @ ..]) = (progressive, frame) else {
        return 0;
    };
    let sampling = || {
        components
            .chunks_exact(3)
            .map(|c| (u64::from(c[1] >> 4), u64::from(c[1] & 15)))
    };
    let across_max = sampling().map(|s| s.0).max().unwrap_or(1).max(1);
    let down_max = sampling().map(|s| s.1).max().unwrap_or(1).max(1);
    let width = u64::from(u16::from_be_bytes([*w1, *w0]));
    let height = u64::from(u16::from_be_bytes([*h1, *h0]));
    let units = width.div_ceil(8 * across_max) * height.div_ceil(8 * down_max);
    let blocks: u64 = sampling().map(|(across, down)| across * down).sum();
    units * blocks * 64 * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASELINE: &[u8] = include_bytes!("../../samples/coffee.jpg");
    const PROGRESSIVE: &[u8] = include_bytes!("../../samples/astronaut.jpg");

    #[test]
    fn a_whole_file_is_complete_and_every_cut_is_not() {
        assert!(survey(BASELINE).complete);
        assert!(survey(PROGRESSIVE).complete);
        for cut in (0..BASELINE.len() - 1).step_by(97) {
            assert!(!survey(&BASELINE[..cut]).complete, "cut at {cut}");
        }
    }

    #[test]
    fn only_a_progressive_file_needs_coefficients() {
        assert_eq!(survey(BASELINE).coefficient_bytes, 0);
        // 512 × 512, colour at half the resolution each way: 1.5 samples a pixel.
        assert_eq!(survey(PROGRESSIVE).coefficient_bytes, 512 * 512 * 3 / 2 * 2);
    }

    #[test]
    fn an_end_marker_inside_a_segment_is_not_the_end() {
        let thumbnail_in_a_comment = b"\xff\xd8\xff\xfe\x00\x06\xff\xd9\xff\xd9";
        assert!(!survey(thumbnail_in_a_comment).complete);
        let then_the_end = b"\xff\xd8\xff\xfe\x00\x04\xff\xd9\xff\xff\xd9";
        assert!(survey(then_the_end).complete);
    }

    #[test]
    fn lengths_that_lie_end_the_walk() {
        assert_eq!(survey(b"\xff\xd8\xff\xe1\x00\x00"), Survey::default());
        assert_eq!(survey(b"\xff\xd8\xff\xe1\xff\xff\x00"), Survey::default());
        assert_eq!(survey(b"\xff\xd8\xff\xc2\x00\x02"), Survey::default());
    }
}
