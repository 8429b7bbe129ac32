//! Why there is no thumbnail: one stable code each, and a sentence.

use thiserror::Error;

/// What can be wrong with a file. All of it is final: trying again would meet
/// the same bytes.
#[derive(Debug, Error, PartialEq)]
pub(crate) enum Problem {
    /// The lister could not give the bytes.
    #[error("{0}")]
    Unreadable(String),
    /// Something else than a picture.
    #[error("{0}")]
    NotAnImage(String),
    /// A picture that no decoder here reads.
    #[error("{0}")]
    Unsupported(String),
    /// The file ends before the picture does.
    #[error("truncated {0}: it ends before its picture does")]
    Truncated(&'static str),
    /// The bytes contradict the format.
    #[error("damaged {format}: {why}")]
    Damaged { format: &'static str, why: String },
    /// The pixels would not fit; nothing was decoded.
    #[error(
        "needs {} for {width} × {height} pixels; limit {}",
        bytes_in_words(*needed_bytes),
        bytes_in_words(*limit_bytes)
    )]
    TooLarge {
        width: u32,
        height: u32,
        needed_bytes: u64,
        limit_bytes: u64,
    },
    /// The decoder stopped at the limit, wherever it was.
    #[error("the {format} needs more memory than the limit of {}", bytes_in_words(*limit_bytes))]
    TooMuch {
        format: &'static str,
        limit_bytes: u64,
    },
    /// The job asks for a thumbnail of a size that is not made.
    #[error("a thumbnail of {asked} pixels was asked for; from {min} to {max} are made")]
    Size { asked: u32, min: u32, max: u32 },
    /// The thumbnail could not be written; a fault of ours.
    #[error("the thumbnail could not be encoded: {0}")]
    Encode(String),
}

impl Problem {
    /// The code that programs tell problems apart by.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::NotAnImage(_) => "not-an-image",
            Self::Unsupported(_) => "unsupported",
            Self::Truncated(_) => "truncated",
            Self::Damaged { .. } => "damaged",
            Self::TooLarge { .. } | Self::TooMuch { .. } => "too-large",
            Self::Size { .. } => "bad-size",
            Self::Encode(_) => "encode",
        }
    }
}

/// `1.1 GiB`, `80 MiB`: a decimal only where it says something.
pub(crate) fn bytes_in_words(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    if unit == 0 || amount.fract() == 0.0 || amount >= 100.0 {
        format!("{amount:.0} {}", UNITS[unit])
    } else {
        format!("{amount:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_write_them() {
        assert_eq!(bytes_in_words(512), "512 bytes");
        assert_eq!(bytes_in_words(80 << 20), "80 MiB");
        assert_eq!(bytes_in_words(40_000 * 40_000 * 4), "6.0 GiB");
        assert_eq!(bytes_in_words(200_500_000), "191 MiB");
    }
}
