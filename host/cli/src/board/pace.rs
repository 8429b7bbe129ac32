//! How a run gets on, on one line: the board's last but one.

use crate::output::{per_second, tally_in_words};
use std::time::Duration;
use wodehost::board::{BoardModel, elapsed_in_words};
use wodehost::units::{Unit, grouped};

/// `1,239 of 2,000: 1,234 succeeded, 5 failed, 4 running, 20 queued, 93 jobs/s, 12 s
/// left`; what is 0 or not known is left out.
pub(super) fn pace_in_words(model: &BoardModel) -> String {
    let pace = model.pace();
    let seen = model.seen();
    let mut said = tally_in_words(&pace.tally, 0);
    let waiting = [
        (pace.live, "running"),
        (seen.queue.queued, "queued"),
        (seen.queue.delayed, "to be tried again"),
        (seen.queue.paused, "paused"),
    ];
    let waiting = waiting.iter().filter(|(count, _)| *count > 0);
    said.extend(waiting.map(|(count, word)| format!("{} {word}", grouped(*count))));
    let is_known = pace.total.is_some_and(|total| total > 0);
    if said.is_empty() && !is_known {
        said.push("no jobs yet".to_owned());
    }
    // Below that, `0.0` would be said.
    if pace.per_second >= 0.05 {
        said.push(format!("{} jobs/s", per_second(pace.per_second)));
    }
    if let Some(left) = pace.left.and_then(whole_seconds) {
        said.push(format!("{left} left"));
    }
    if seen.is_stopping {
        said.push("stopping".to_owned());
    }
    let said = said.join(", ");
    match pace.total.filter(|total| *total > 0) {
        None => said,
        Some(total) => {
            let of = format!("{} of {}", grouped(pace.tally.total()), grouped(total));
            let parts = [of, said];
            let parts: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            parts.join(": ")
        }
    }
}

/// Not every look is to change the line.
fn whole_seconds(time: Duration) -> Option<String> {
    let seconds = time.as_secs();
    (seconds > 0).then(|| Unit::Time.about(seconds.saturating_mul(1_000_000_000).min(u64::MAX - 1)))
}

/// `elapsed: 1 minute, 2 seconds` (A30).
pub(super) fn elapsed_line(model: &BoardModel) -> String {
    format!("elapsed: {}", elapsed_in_words(model.pace().elapsed))
}
