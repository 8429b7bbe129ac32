//! How sizes, times and counts are written and read: `64MiB`, `1.5s`, `10G`, `inf`.
//!
//! One reader serves flags, configuration and the options of a job, so that a
//! text means the same everywhere. Quantities are `u64`: bytes, nanoseconds or
//! plain numbers; [`INFINITE`] stands for `inf` and is never written as a number.

use std::fmt::Write as _;

/// What `inf` is in memory: no limit.
pub const INFINITE: u64 = u64::MAX;

/// What a quantity counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes; a bare number is bytes.
    Bytes,
    /// Nanoseconds; a bare number is seconds and may have a fraction.
    Time,
    /// A plain number; `k`, `M` and `G` are powers of 1000.
    Count,
}

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It does not begin with a number.
    #[error("`{0}` is not a number; write for example {1}")]
    NotANumber(String, &'static str),
    /// What follows the number is no unit.
    #[error("`{0}` has no unit that is known here; write for example {1}")]
    UnknownUnit(String, &'static str),
    /// It is below zero, or NaN.
    #[error("`{0}` is less than nothing")]
    Negative(String),
    /// It does not fit.
    #[error("`{0}` is too large; write `inf` for no limit")]
    TooLarge(String),
    /// It has a fraction of something that cannot be split.
    #[error("`{0}` is not a whole number")]
    Fraction(String),
}

impl Unit {
    /// Examples for error messages.
    #[must_use]
    pub fn examples(self) -> &'static str {
        match self {
            Unit::Bytes => "`64MiB`, `1500kB`, `4096` or `inf`",
            Unit::Time => "`1.5s`, `200ms`, `15min` or `inf`",
            Unit::Count => "`1000`, `10G` or `inf`",
        }
    }

    /// The suffixes and how many base units each stands for.
    fn suffixes(self) -> &'static [(&'static str, f64)] {
        match self {
            Unit::Bytes => &[
                ("", 1.0),
                ("B", 1.0),
                ("kB", 1e3),
                ("MB", 1e6),
                ("GB", 1e9),
                ("KiB", 1024.0),
                ("MiB", 1_048_576.0),
                ("GiB", 1_073_741_824.0),
            ],
            Unit::Time => &[
                ("", 1e9),
                ("ns", 1.0),
                ("us", 1e3),
                ("µs", 1e3),
                ("ms", 1e6),
                ("s", 1e9),
                ("min", 60e9),
                ("h", 3600e9),
                ("d", 86_400e9),
            ],
            Unit::Count => &[("", 1.0), ("k", 1e3), ("M", 1e6), ("G", 1e9)],
        }
    }

    /// Reads a quantity.
    pub fn parse(self, text: &str) -> Result<u64, QuantityError> {
        let text = text.trim();
        if matches!(text, "inf" | "none" | "unlimited") {
            return Ok(INFINITE);
        }
        if text.starts_with('-') {
            return Err(QuantityError::Negative(text.to_owned()));
        }
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '_'))
            .unwrap_or(text.len());
        let (number, suffix) = text.split_at(digits);
        let number: String = number.chars().filter(|c| *c != '_').collect();
        let suffix = suffix.trim();
        let Some((_, factor)) = self.suffixes().iter().find(|(s, _)| *s == suffix) else {
            let text = text.to_owned();
            return Err(if number.is_empty() {
                QuantityError::NotANumber(text, self.examples())
            } else {
                QuantityError::UnknownUnit(text, self.examples())
            });
        };
        // Whole numbers stay exact; only fractions take the way through f64.
        if let Ok(whole) = number.parse::<u64>() {
            return whole
                .checked_mul(*factor as u64)
                .filter(|v| *v != INFINITE)
                .ok_or_else(|| QuantityError::TooLarge(text.to_owned()));
        }
        let number: f64 = number
            .parse()
            .map_err(|_| QuantityError::NotANumber(text.to_owned(), self.examples()))?;
        self.scaled(number * factor, text)
    }

    /// Takes a bare number in this unit's natural scale: bytes, seconds or a count.
    pub fn from_number(self, number: f64) -> Result<u64, QuantityError> {
        let factor = if self == Unit::Time { 1e9 } else { 1.0 };
        if number == f64::INFINITY {
            return Ok(INFINITE);
        }
        self.scaled(number * factor, &number.to_string())
    }

    fn scaled(self, value: f64, text: &str) -> Result<u64, QuantityError> {
        if value.is_nan() || value < 0.0 {
            return Err(QuantityError::Negative(text.to_owned()));
        }
        if value >= 1.8e19 {
            return Err(QuantityError::TooLarge(text.to_owned()));
        }
        if self == Unit::Count && value.fract() != 0.0 {
            return Err(QuantityError::Fraction(text.to_owned()));
        }
        Ok(value.round() as u64)
    }

    /// Writes a quantity so that [`Unit::parse`] reads the same one back.
    #[must_use]
    pub fn format(self, value: u64) -> String {
        if value == INFINITE {
            return "inf".to_owned();
        }
        let steps: &[(&str, u64)] = match self {
            Unit::Bytes => &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)],
            Unit::Time => &[
                ("h", 3_600_000_000_000),
                ("min", 60_000_000_000),
                ("s", 1_000_000_000),
                ("ms", 1_000_000),
                ("us", 1_000),
            ],
            Unit::Count => &[("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)],
        };
        let base = match self {
            Unit::Bytes => " B",
            Unit::Time => "ns",
            Unit::Count => "",
        };
        for (suffix, size) in steps {
            if value >= *size && value.is_multiple_of(*size) {
                return format!("{}{suffix}", value / size);
            }
        }
        if self == Unit::Time && value == 0 {
            return "0s".to_owned();
        }
        format!("{value}{base}")
    }

    /// Writes a quantity for people, rounded to one decimal: `130.5 MiB`, `5.0 s`.
    #[must_use]
    pub fn about(self, value: u64) -> String {
        if value == INFINITE {
            return "no limit".to_owned();
        }
        let steps: &[(&str, f64)] = match self {
            Unit::Bytes => &[
                ("GiB", 1_073_741_824.0),
                ("MiB", 1_048_576.0),
                ("KiB", 1024.0),
            ],
            Unit::Time => &[
                ("h", 3600e9),
                ("min", 60e9),
                ("s", 1e9),
                ("ms", 1e6),
                ("µs", 1e3),
            ],
            Unit::Count => return grouped(value),
        };
        for (suffix, size) in steps {
            let scaled = value as f64 / size;
            if scaled >= 1.0 {
                let text = format!("{scaled:.1}");
                let text = text.strip_suffix(".0").unwrap_or(&text);
                return format!("{text} {suffix}");
            }
        }
        format!(
            "{value} {}",
            if self == Unit::Bytes { "bytes" } else { "ns" }
        )
    }
}

/// Writes a number with its thousands apart: `10,000`.
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        let _ = out.write_char(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_times_and_counts_are_read() {
        assert_eq!(Unit::Bytes.parse("64MiB"), Ok(64 << 20));
        assert_eq!(Unit::Bytes.parse("1.5 KiB"), Ok(1536));
        assert_eq!(Unit::Bytes.parse("4096"), Ok(4096));
        assert_eq!(Unit::Time.parse("0.25s"), Ok(250_000_000));
        assert_eq!(Unit::Time.parse("200ms"), Ok(200_000_000));
        assert_eq!(Unit::Time.parse("2"), Ok(2_000_000_000));
        assert_eq!(Unit::Time.parse("1h"), Ok(3_600_000_000_000));
        assert_eq!(Unit::Count.parse("10G"), Ok(10_000_000_000));
        assert_eq!(Unit::Count.parse("10_000"), Ok(10_000));
        assert_eq!(Unit::Count.parse("inf"), Ok(INFINITE));
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        assert!(matches!(
            Unit::Time.parse("-1s"),
            Err(QuantityError::Negative(_))
        ));
        assert!(matches!(
            Unit::Time.parse("fast"),
            Err(QuantityError::NotANumber(..))
        ));
        assert!(matches!(
            Unit::Bytes.parse("5 potatoes"),
            Err(QuantityError::UnknownUnit(..))
        ));
        assert!(matches!(
            Unit::Bytes.parse("99999999999GiB"),
            Err(QuantityError::TooLarge(_))
        ));
        assert!(matches!(
            Unit::Count.parse("1.5"),
            Err(QuantityError::Fraction(_))
        ));
        assert!(matches!(
            Unit::Time.from_number(f64::NAN),
            Err(QuantityError::Negative(_))
        ));
        assert!(matches!(
            Unit::Time.parse("1.2.3s"),
            Err(QuantityError::NotANumber(..))
        ));
    }

    #[test]
    fn what_is_written_reads_back() {
        for unit in [Unit::Bytes, Unit::Time, Unit::Count] {
            for value in [
                0,
                1,
                999,
                1024,
                1_500_000,
                1 << 27,
                5_000_000_000,
                900_000_000_000,
                INFINITE,
            ] {
                let text = unit.format(value);
                assert_eq!(unit.parse(&text), Ok(value), "{unit:?} {text}");
            }
        }
    }

    #[test]
    fn people_read_rounded_figures() {
        assert_eq!(Unit::Bytes.about(136_839_168), "130.5 MiB");
        assert_eq!(Unit::Time.about(5_000_000_000), "5 s");
        assert_eq!(Unit::Count.about(10_000_000), "10,000,000");
    }
}
