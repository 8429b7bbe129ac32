//! The last line of a run.

use std::time::Duration;
use wodehost::Tally;
use wodehost::units::{Unit, grouped};

/// How many jobs ended in which way, and how fast: `195 succeeded, 5 failed in
/// 2.1 s (93 jobs/s)`.
pub(crate) fn summary(tally: &Tally, refused: u64, elapsed: Duration) -> String {
    let said = tally_in_words(tally, refused);
    let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX - 1);
    let time = Unit::Time.about(nanos);
    if said.is_empty() {
        return format!("no jobs in {time}");
    }
    let jobs = tally.total() + refused;
    let rate = per_second(jobs as f64 / elapsed.as_secs_f64().max(1e-9));
    format!("{} in {time} ({rate} jobs/s)", said.join(", "))
}

/// How many jobs ended in which way; what did not happen is left out.
pub(crate) fn tally_in_words(tally: &Tally, refused: u64) -> Vec<String> {
    let counts = [
        (tally.success, "succeeded"),
        (tally.failure + refused, "failed"),
        (tally.timeout, "timed out"),
        (tally.mixed, "mixed"),
        (tally.rejected, "rejected"),
        (tally.cancelled, "cancelled"),
    ];
    counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(*count)))
        .collect()
}

/// A rate: of small ones a decimal counts.
pub(crate) fn per_second(rate: f64) -> String {
    if rate >= 10.0 {
        grouped(rate.round() as u64)
    } else {
        format!("{rate:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_one_line() {
        let tally = Tally {
            success: 195,
            failure: 5,
            ..Tally::default()
        };
        let line = summary(&tally, 0, Duration::from_millis(2100));
        assert_eq!(line, "195 succeeded, 5 failed in 2.1 s (95 jobs/s)");
        let tally = Tally {
            success: 12_000,
            timeout: 1,
            cancelled: 2,
            ..Tally::default()
        };
        let line = summary(&tally, 1, Duration::from_secs(2));
        assert_eq!(
            line,
            "12,000 succeeded, 1 failed, 1 timed out, 2 cancelled in 2 s (6,002 jobs/s)"
        );
        let line = summary(&Tally::default(), 0, Duration::from_millis(1));
        assert_eq!(line, "no jobs in 1 ms");
    }
}
