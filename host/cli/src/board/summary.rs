//! What is said at the end, as `--summary` wants it.

use crate::config::SummaryMode;
use crate::output::summary;
use std::fmt::Write as _;
use std::time::Duration;
use wodehost::board::{Digest, Slow};
use wodehost::units::{Unit, grouped};
use wodehost::value::escape_for_people;
use wodehost::{Reason, Status, Tally};

/// Characters of a worker's name that are shown.
const WORKER_CHARS_MAX: usize = 40;

/// The lines at the end of a run, without the last newline; none where nothing is to
/// be said. `more` stands behind the first one.
pub(crate) fn at_the_end(
    how: SummaryMode,
    tally: &Tally,
    refused: u64,
    elapsed: Duration,
    more: &str,
    digest: &Digest,
) -> Option<String> {
    let line = format!("{}{more}", summary(tally, refused, elapsed));
    match how {
        SummaryMode::Off => None,
        SummaryMode::Short => Some(line),
        SummaryMode::Full => {
            let mut text = line;
            push_counts(&mut text, digest.counts(), refused);
            push_slowest(&mut text, digest.slowest());
            push_costs(&mut text, digest);
            Some(text)
        }
    }
}

/// How many jobs ended in which way.
fn push_counts(text: &mut String, counts: Vec<(Status, Reason, u64)>, refused: u64) {
    let rows = counts.into_iter().map(|(status, reason, count)| {
        let status = status.as_str().to_owned();
        [grouped(count), status, reason.to_string()]
    });
    let mut rows: Vec<_> = rows.collect();
    if refused > 0 {
        let why = "no job was made of it".to_owned();
        rows.push([grouped(refused), "refused".to_owned(), why]);
    }
    push_table(text, [Side::Right, Side::Left, Side::Left], &rows);
}

fn push_slowest(text: &mut String, slowest: &[Slow]) {
    if slowest.is_empty() {
        return;
    }
    let rows = slowest.iter().map(|slow| {
        let plural = if slow.attempts == 1 { "" } else { "s" };
        [
            Unit::Time.about(slow.wall_nanos),
            slow.job.to_string(),
            escape_for_people(&slow.worker, WORKER_CHARS_MAX),
            slow.status.as_str().to_owned(),
            format!("{} attempt{plural}", grouped(u64::from(slow.attempts))),
        ]
    });
    let rows: Vec<_> = rows.collect();
    text.push_str("\nslowest:");
    let sides = [Side::Right, Side::Left, Side::Left, Side::Left, Side::Left];
    push_table(text, sides, &rows);
}

fn push_costs(text: &mut String, digest: &Digest) {
    let memory = Unit::Bytes.about(digest.memory_peak_bytes);
    let costs = [
        (digest.retries, "retries", grouped(digest.retries)),
        (digest.fuel, "fuel", grouped(digest.fuel)),
        (
            digest.memory_peak_bytes,
            "peak memory of an attempt",
            memory,
        ),
    ];
    let costs = costs.into_iter().filter(|(value, ..)| *value > 0);
    let costs: Vec<String> = costs
        .map(|(_, what, said)| format!("{what} {said}"))
        .collect();
    if !costs.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}", costs.join(", "));
    }
}

/// Where a column is aligned.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// Each row on a line of its own, indented, its columns under each other.
fn push_table<const N: usize>(text: &mut String, sides: [Side; N], rows: &[[String; N]]) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
    for row in rows {
        let cells = row.iter().zip(widths).zip(sides);
        let cells = cells.map(|((cell, width), side)| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        let cells: Vec<String> = cells.collect();
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {}", cells.join("  ").trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(job: &str, millis: u64, attempts: u32, status: Status) -> Slow {
        Slow {
            job: job.parse().expect("an id"),
            worker: "scale\u{7}".into(),
            wall_nanos: millis * 1_000_000,
            attempts,
            status,
        }
    }

    #[test]
    fn ways_to_end_are_a_table() {
        let mut text = "first".to_owned();
        let counts = vec![
            (Status::Success, Reason::Returned, 12_000),
            (Status::Timeout, Reason::OutOfFuel, 3),
        ];
        push_counts(&mut text, counts, 2);
        assert_eq!(
            text,
            "first
  12,000  success  returned
       3  timeout  out-of-fuel
       2  refused  no job was made of it"
        );
    }

    #[test]
    fn the_slowest_jobs_are_a_table() {
        let slowest = [
            slow("k3f9ax-13", 1200, 4, Status::Timeout),
            slow("k3f9ax-9", 12, 1, Status::Success),
        ];
        let mut text = String::new();
        push_slowest(&mut text, &slowest);
        assert_eq!(
            text,
            "
slowest:
  1.2 s  k3f9ax-13  scale\\x07  timeout  4 attempts
  12 ms  k3f9ax-9   scale\\x07  success  1 attempt"
        );
    }

    #[test]
    fn costs_are_a_line() {
        let mut digest = Digest::default();
        let mut text = String::new();
        push_costs(&mut text, &digest);
        assert_eq!(text, "");
        digest.retries = 3;
        digest.fuel = 13_000;
        digest.memory_peak_bytes = 13 << 20;
        push_costs(&mut text, &digest);
        assert_eq!(
            text,
            "\nretries 3, fuel 13,000, peak memory of an attempt 13 MiB"
        );
    }

    #[test]
    fn as_much_is_said_as_was_asked_for() {
        let said = |how, refused| {
            let elapsed = Duration::from_millis(1);
            let tally = Tally::default();
            at_the_end(how, &tally, refused, elapsed, "", &Digest::default())
        };
        assert_eq!(said(SummaryMode::Off, 0), None);
        let short = said(SummaryMode::Short, 0);
        assert_eq!(short.as_deref(), Some("no jobs in 1 ms"));
        assert_eq!(said(SummaryMode::Full, 0), short);
        let full = said(SummaryMode::Full, 1).expect("said");
        assert!(full.ends_with("\n  1  refused  no job was made of it"));
    }
}
