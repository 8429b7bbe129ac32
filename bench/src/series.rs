//! A series: one measurement, repeated.

use serde_json::{Value, json};
use std::time::Duration;

/// What the samples of a series count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// So many of these a second; more is better.
    PerSecond(&'static str),
    /// Seconds.
    Time,
    /// Bytes of memory or of a file.
    Bytes,
    /// Any other number.
    Count(&'static str),
}

impl Unit {
    /// A sample as a person reads it.
    #[must_use]
    pub(crate) fn show(self, sample: f64) -> String {
        match self {
            Unit::PerSecond(what) => format!("{} {what}/s", three_digits(sample)),
            Unit::Time => {
                let (value, unit) = match sample {
                    s if s >= 1.0 => (s, "s"),
                    s if s >= 1e-3 => (s * 1e3, "ms"),
                    s if s >= 1e-6 => (s * 1e6, "µs"),
                    s => (s * 1e9, "ns"),
                };
                format!("{} {unit}", three_digits(value))
            }
            Unit::Bytes => {
                let (value, unit) = match sample {
                    b if b >= 1_073_741_824.0 => (b / 1_073_741_824.0, "GiB"),
                    b if b >= 1_048_576.0 => (b / 1_048_576.0, "MiB"),
                    b if b >= 1024.0 => (b / 1024.0, "KiB"),
                    b => (b, "bytes"),
                };
                format!("{} {unit}", three_digits(value))
            }
            Unit::Count("") => three_digits(sample),
            Unit::Count(what) => format!("{} {what}", three_digits(sample)),
        }
    }

    /// Its name in JSON.
    fn name(self) -> String {
        match self {
            Unit::PerSecond(what) => format!("{what} per second"),
            Unit::Time => "seconds".to_owned(),
            Unit::Bytes => "bytes".to_owned(),
            Unit::Count(what) => what.to_owned(),
        }
    }
}

/// Three significant digits, all digits before the point, thousands apart.
fn three_digits(value: f64) -> String {
    let before_point = value.abs().max(1e-6).log10().floor() as i32;
    let decimals = usize::try_from(2 - before_point).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let digits = whole.len();
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (digits - i).is_multiple_of(3) && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    let rest = rest.trim_end_matches('0');
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// Minimum, median and maximum of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

/// One measurement, repeated: a sample for each round, or all samples of one.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// What was measured; series are found by it.
    pub(crate) name: String,
    pub(crate) unit: Unit,
    pub(crate) samples: Vec<f64>,
    /// Why there are no samples.
    pub(crate) missing: Option<String>,
}

impl Series {
    /// One without samples yet.
    #[must_use]
    pub(crate) fn new(name: impl Into<String>, unit: Unit) -> Series {
        Series {
            name: name.into(),
            unit,
            samples: Vec::new(),
            missing: None,
        }
    }

    /// None without samples.
    #[must_use]
    pub(crate) fn spread(&self) -> Option<Spread> {
        let mut samples = self.samples.clone();
        samples.sort_by(f64::total_cmp);
        Some(Spread {
            least: *samples.first()?,
            median: *samples.get(samples.len() / 2)?,
            most: *samples.last()?,
        })
    }

    /// The ratio to another series: the median of the ratios of neighbours in time where both have
    /// a sample a round, because machines are shared; else the ratio of the medians.
    #[must_use]
    pub(crate) fn ratio(&self, other: &Series) -> Option<f64> {
        if self.samples.len() != other.samples.len() {
            return Some(self.spread()?.median / other.spread()?.median);
        }
        let pairs = self.samples.iter().zip(&other.samples);
        let mut ratios: Vec<f64> = pairs.map(|(ours, theirs)| ours / theirs).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied()
    }

    /// All of it, for programs.
    #[must_use]
    pub(crate) fn json(&self) -> Value {
        let spread = self.spread().map(
            |spread| json!({"min": spread.least, "median": spread.median, "max": spread.most}),
        );
        json!({
            "name": self.name, "unit": self.unit.name(), "spread": spread,
            "samples": self.samples, "missing": self.missing,
        })
    }
}

/// Times as samples.
#[must_use]
pub(crate) fn seconds(times: &[Duration]) -> Vec<f64> {
    times.iter().map(Duration::as_secs_f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(samples: &[f64]) -> Series {
        Series {
            samples: samples.to_vec(),
            ..Series::new("any", Unit::PerSecond("jobs"))
        }
    }

    fn near(found: Option<f64>, expected: f64) {
        assert!(
            found.is_some_and(|found| (found - expected).abs() < 1e-9),
            "{found:?}, not {expected}"
        );
    }

    #[test]
    fn ratios_are_of_neighbours_in_time() {
        let ours = series(&[50.0, 5.0, 60.0]);
        near(ours.ratio(&series(&[100.0, 10.0, 100.0])), 0.5);
        near(ours.ratio(&series(&[100.0, 10.0])), 0.5);
        near(ours.ratio(&series(&[25.0])), 2.0);
        assert_eq!(ours.ratio(&series(&[])), None);
        let spread = ours.spread();
        near(spread.map(|s| s.least), 5.0);
        near(spread.map(|s| s.median), 50.0);
        near(spread.map(|s| s.most), 60.0);
    }

    #[test]
    fn figures_are_read_at_a_glance() {
        let jobs = Unit::PerSecond("jobs");
        assert_eq!(jobs.show(95_717.3), "95,717 jobs/s");
        assert_eq!(jobs.show(540.0), "540 jobs/s");
        assert_eq!(Unit::Time.show(0.008_04), "8.04 ms");
        assert_eq!(Unit::Count("").show(0.004_567), "0.00457");
        assert_eq!(Unit::Count("").show(0.0), "0");
        assert_eq!(Unit::Time.show(14.48e-6), "14.5 µs");
        assert_eq!(Unit::Bytes.show(92_160.0), "90 KiB");
        assert_eq!(Unit::Count("copies").show(3.0), "3 copies");
        assert_eq!(Unit::Count("").show(1_234_567.0), "1,234,567");
    }
}
