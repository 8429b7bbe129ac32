//! The board for programs: a JSON object a line.
//!
//! Each has `board`, the version of its shape, and `elapsed`, seconds since the start.
//! A change of a line has:
//!
//! | key | what it is |
//! |---|---|
//! | `row` | `worker 1`, `job k3f9ax-17` (without a slot), `producer`, `consumer` |
//! | `job`, `attempt` | whose line it is; null for a producer or consumer |
//! | `worker` | the worker, or the producer's or consumer's plugin |
//! | `name` | what the attempt calls itself, or null |
//! | `text` | as the guest said it |
//! | `look` | `normal`, `success`, `warning`, `error` |
//! | `progress` | null, or `done`, `total`, `percent` |
//! | `pinned` | whether the line is to stay in view |
//! | `last` | whether the attempt is over |
//! | `left_out` | changes of the line before it that were left out |
//!
//! When counts changed, an object with the key `summary` comes, which has them all.
//! New keys may come; a key that goes or means something else makes another version.

use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;
use wodehost::board::{BoardModel, News, RowId};

const VERSION: u32 = 1;

/// What was told of the counts.
#[derive(Debug, Default)]
pub(crate) struct JsonBoard {
    told: Option<Counts>,
}

#[derive(Serialize)]
struct Record<T> {
    board: u32,
    elapsed: f64,
    #[serde(flatten)]
    content: T,
}

#[derive(Serialize)]
struct Line<'a> {
    row: String,
    job: Option<&'a str>,
    attempt: Option<u32>,
    worker: &'a str,
    name: Option<&'a str>,
    text: &'a str,
    look: &'static str,
    progress: Option<Bar>,
    pinned: bool,
    last: bool,
    left_out: u64,
}

#[derive(Serialize)]
struct Bar {
    done: u64,
    total: u64,
    percent: u8,
}

#[derive(Serialize)]
struct Summary {
    summary: Paced,
}

#[derive(Serialize)]
struct Paced {
    #[serde(flatten)]
    counts: Counts,
    jobs_per_second: f64,
    seconds_left: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Counts {
    succeeded: u64,
    failed: u64,
    timed_out: u64,
    mixed: u64,
    rejected: u64,
    cancelled: u64,
    running: u64,
    held: u64,
    queued: u64,
    delayed: u64,
    paused: u64,
    total: Option<u64>,
    stopping: bool,
}

impl JsonBoard {
    /// A line for each change, and one for the counts where they are others than
    /// before.
    pub(crate) fn lines(&mut self, model: &BoardModel, news: &[News]) -> String {
        let pace = model.pace();
        let mut text = String::new();
        for news in news.iter().filter(|news| !news.is_repeat) {
            push(&mut text, pace.elapsed, line(news));
        }
        let counts = counts(model);
        if self.told.as_ref() != Some(&counts) {
            let summary = Paced {
                counts: counts.clone(),
                jobs_per_second: rounded(pace.per_second),
                seconds_left: pace.left.map(|left| rounded(left.as_secs_f64())),
            };
            push(&mut text, pace.elapsed, Summary { summary });
            self.told = Some(counts);
        }
        text
    }
}

fn line(news: &News) -> Line<'_> {
    let change = &news.of.change;
    let said = &change.said;
    Line {
        row: match &news.of.row {
            RowId::Producer => "producer".to_owned(),
            RowId::Slot(slot) => format!("worker {slot}"),
            RowId::Job(job) => format!("job {job}"),
            RowId::Consumer => "consumer".to_owned(),
        },
        job: (!change.job.is_empty()).then_some(&*change.job),
        attempt: (change.attempt > 0).then_some(change.attempt),
        worker: &change.worker,
        name: said.name.as_deref(),
        text: &said.text,
        look: said.look.as_str(),
        progress: said.progress.map(|progress| Bar {
            done: progress.done,
            total: progress.total,
            percent: progress.percent(),
        }),
        pinned: said.is_pinned,
        last: change.is_last,
        left_out: news.of.left_out,
    }
}

fn counts(model: &BoardModel) -> Counts {
    let pace = model.pace();
    let seen = model.seen();
    Counts {
        succeeded: pace.tally.success,
        failed: pace.tally.failure,
        timed_out: pace.tally.timeout,
        mixed: pace.tally.mixed,
        rejected: pace.tally.rejected,
        cancelled: pace.tally.cancelled,
        running: pace.running,
        held: pace.held,
        queued: seen.queue.queued,
        delayed: seen.queue.delayed,
        paused: pace.paused,
        total: pace.total,
        stopping: seen.is_stopping,
    }
}

fn push(text: &mut String, elapsed: Duration, content: impl Serialize) {
    let record = Record {
        board: VERSION,
        elapsed: rounded(elapsed.as_secs_f64()),
        content,
    };
    // Plain data becomes JSON.
    let json = serde_json::to_string(&record).unwrap_or_default();
    harmless(&json, text);
    text.push('\n');
}

/// JSON that may be shown on a terminal: whatever a terminal would act on is written
/// as `\u`, which means the same. It can stand in strings only.
fn harmless(json: &str, out: &mut String) {
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
}

/// Controls, separators, marks that change the direction of writing or cannot be seen.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// Milliseconds are enough.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
