//! How a run gets on, on one line: the board's last but one.

use crate::output::{per_second, tally_in_words};
use crate::screen::width;
use std::time::Duration;
use wodehost::board::{BoardModel, elapsed_in_words};
use wodehost::units::{Unit, grouped};

/// A part of the line.
struct Part {
    text: String,
    /// The larger, the earlier it goes where there is no room; 0 = it stays.
    goes: u8,
}

/// `1,239 of 2,000: 1,234 succeeded, 5 failed, 4 running, 20 queued, 93 jobs/s, 12 s
/// left`; what is 0 or not known is left out.
pub(super) fn pace_in_words(model: &BoardModel) -> String {
    pace_within(model, usize::MAX)
}

/// The same in so many columns, if it can be: what the rows above tell as well goes
/// first.
pub(super) fn pace_within(model: &BoardModel, columns_max: usize) -> String {
    let total = model.pace().total.filter(|total| *total > 0);
    let mut parts = parts(model);
    if parts.is_empty() && total.is_none() {
        return "no jobs yet".to_owned();
    }
    loop {
        let line = joined(model.pace().tally.total(), total, &parts);
        if width(&line) <= columns_max || parts.len() == 1 {
            return line;
        }
        let first = (0..parts.len()).max_by_key(|part| parts[*part].goes);
        match first.filter(|part| parts[*part].goes > 0) {
            Some(part) => drop(parts.remove(part)),
            None => return line,
        }
    }
}

fn parts(model: &BoardModel) -> Vec<Part> {
    let pace = model.pace();
    let seen = model.seen();
    let stays = |text| Part { text, goes: 0 };
    let ended = tally_in_words(&pace.tally, 0);
    let mut parts: Vec<Part> = ended.into_iter().map(stays).collect();
    let others = [
        (pace.running, "running", 6),
        (pace.held, "waiting", 5),
        (seen.queue.queued, "queued", 2),
        (seen.queue.delayed, "to be tried again", 4),
        (pace.paused, "paused", 3),
    ];
    for (count, word, goes) in others.into_iter().filter(|(count, ..)| *count > 0) {
        let text = format!("{} {word}", grouped(count));
        parts.push(Part { text, goes });
    }
    // Below that, `0.0` would be said.
    if pace.per_second >= 0.05 {
        let text = format!("{} jobs/s", per_second(pace.per_second));
        parts.push(Part { text, goes: 1 });
    }
    let left = pace.left.and_then(whole_seconds);
    parts.extend(left.map(|left| stays(format!("{left} left"))));
    if seen.is_stopping && !model.is_over() {
        parts.push(stays("stopping".to_owned()));
    }
    parts
}

fn joined(ended: u64, total: Option<u64>, parts: &[Part]) -> String {
    let said: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let said = said.join(", ");
    match total {
        None => said,
        Some(total) => {
            let of = format!("{} of {}", grouped(ended), grouped(total));
            if said.is_empty() {
                of
            } else {
                format!("{of}: {said}")
            }
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
