//! Tells from its first bytes what a file is.
//!
//! Names lie, so nothing here looks at them. What is no image is described in
//! words, because "unknown format" would send people to a hex dump.

use image::ImageFormat;

use crate::problem::Problem;

/// So many characters of a text are shown in a message.
const EXCERPT_CHARS: usize = 24;
/// So many bytes of what is neither image nor text are shown.
const EXCERPT_BYTES: usize = 8;
/// What is looked at when deciding whether a file is text.
const HEAD_BYTES: usize = 512;

/// What is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Jpeg,
    Gif,
    WebP,
}

impl Format {
    /// The format as people write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
        }
    }

    /// The same for the decoders.
    pub(crate) fn codec(self) -> ImageFormat {
        match self {
            Self::Png => ImageFormat::Png,
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Gif => ImageFormat::Gif,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

/// The image format of `bytes`, or what they are instead.
pub(crate) fn format_of(bytes: &[u8]) -> Result<Format, Problem> {
    let guess = image::guess_format(bytes).map_err(|_| Problem::NotAnImage(describe(bytes)))?;
    let known = [Format::Png, Format::Jpeg, Format::Gif, Format::WebP];
    let format = known.into_iter().find(|format| format.codec() == guess);
    format.ok_or_else(|| {
        Problem::Unsupported(format!(
            "a picture of type {}; PNG, JPEG, GIF and WebP are read",
            guess.to_mime_type()
        ))
    })
}

/// A few words on what is no image.
fn describe(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "an empty file, not an image".to_owned();
    }
    if let Some(text) = text_at_start(bytes) {
        return format!(
            "text, not an image: it begins with \"{}\"",
            excerpt(text, EXCERPT_CHARS)
        );
    }
    let head: Vec<String> = bytes
        .iter()
        .take(EXCERPT_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("not an image: it begins with the bytes {}", head.join(" "))
}

/// The beginning of `bytes` as text; none when it does not look like text.
fn text_at_start(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character cut in two by the end of the head is no sign of damage.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || c.is_ascii_whitespace();
    (!text.is_empty() && text.chars().all(is_text)).then_some(text)
}

/// The first `chars_max` characters on one line.
fn excerpt(text: &str, chars_max: usize) -> String {
    let mut line: String = text
        .chars()
        .take(chars_max)
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    if text.chars().nth(chars_max).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        format_of(bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_image_is_described_in_words() {
        assert_eq!(said(b""), "an empty file, not an image");
        assert_eq!(
            said(b"Lorem ipsum dolor sit amet, consectetur"),
            "text, not an image: it begins with \"Lorem ipsum dolor sit am…\""
        );
        assert_eq!(said(b"a\nb"), "text, not an image: it begins with \"a b\"");
        assert_eq!(
            said(b"\x7fELF\x02\x01\x01\0\0\0"),
            "not an image: it begins with the bytes 7f 45 4c 46 02 01 01 00"
        );
        assert_eq!(
            said(b"II*\0\x08\0\0\0"),
            "a picture of type image/tiff; PNG, JPEG, GIF and WebP are read"
        );
    }

    #[test]
    fn text_that_is_cut_inside_a_character_is_still_text() {
        let mut long = "x".repeat(HEAD_BYTES - 1);
        long.push_str("äöü");
        assert!(said(long.as_bytes()).starts_with("text, "));
        assert!(said(b"latin-1: \xe4\xf6").starts_with("not an image"));
    }
}
