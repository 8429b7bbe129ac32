//! What a run is doing, in words, and texts cut to a width.
//!
//! Whatever comes from guests is escaped here.

use super::protocol::{Hello, Look};
use ratatui::text::Span;
use wodehost::Tally;
use wodehost::board::{
    LineNow, Look as LineLook, Progress, ResidentNow, ResidentStanding, Said, Snapshot, Standing,
};
use wodehost::units::grouped;
use wodehost::value::escape_for_people;

/// Characters of a text that are shown.
const TEXT_CHARS_MAX: usize = 1000;

/// Columns of a bar.
const BAR_CHARS: u32 = 10;

/// From when on it is told how long a call of a producer or consumer has been running.
const CALL_MS: u64 = 1000;

/// A text of a guest, on one line.
pub(crate) fn escaped(text: &str) -> String {
    escape_for_people(text, TEXT_CHARS_MAX)
}

/// A time in whole seconds, for people.
pub(crate) fn seconds(ms: u64) -> String {
    let seconds = ms / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s:02}s"),
        (h, m, _) if h < 100 => format!("{h}h{m:02}m"),
        (h, ..) => format!("{}d", h / 24),
    }
}

/// What a live attempt is doing.
pub(crate) fn doing(standing: Standing) -> String {
    match standing {
        Standing::Running => "running".to_owned(),
        Standing::WaitsForJobs(1) => "waits: 1 job".to_owned(),
        Standing::WaitsForJobs(jobs) => format!("waits: {} jobs", grouped(u64::from(jobs))),
        Standing::WaitsForSlot => "waits: slot".to_owned(),
        Standing::Paused => "paused".to_owned(),
        Standing::Afterwards => "afterwards".to_owned(),
    }
}

/// A bar with its percent.
pub(crate) fn bar(progress: Progress) -> String {
    let full = progress.of(BAR_CHARS) as usize;
    let rest = BAR_CHARS as usize - full;
    let percent = progress.percent();
    format!("[{}{}] {percent:>3}%", "#".repeat(full), ".".repeat(rest))
}

/// What a guest wrote on its line. Colour is never all that tells how it looks.
pub(crate) fn said(said: &Said) -> String {
    let mut parts = Vec::new();
    if let Some(name) = said.name.as_deref().filter(|name| !name.is_empty()) {
        parts.push(format!("{}:", escaped(name)));
    }
    match said.look {
        LineLook::Normal => (),
        LineLook::Success => parts.push("ok:".to_owned()),
        LineLook::Warning => parts.push("warning:".to_owned()),
        LineLook::Error => parts.push("error:".to_owned()),
    }
    parts.extend(said.progress.map(bar));
    if !said.text.is_empty() {
        parts.push(escaped(&said.text));
    }
    // Where there is little room, the text is worth more than the steps.
    if let Some(Progress { done, total }) = said.progress {
        parts.push(format!("({}/{})", grouped(done), grouped(total)));
    }
    parts.join(" ")
}

/// Which run it is.
pub(crate) fn title(hello: &Hello, look: &Look) -> String {
    let host = match look.snapshot.host.as_str() {
        // The command line calls its hosts by its commands.
        host if host == hello.command || host.is_empty() => String::new(),
        host => format!("  host {}", escaped(host)),
    };
    format!(
        "wodehost {}  pid {}{host}  up {}",
        escaped(&hello.command),
        hello.pid,
        seconds(look.uptime_ms)
    )
}

/// How jobs ended; only what there is, but always how many succeeded.
pub(crate) fn ended(tally: &Tally) -> String {
    let others = [
        (tally.failure, "failed"),
        (tally.timeout, "timed out"),
        (tally.mixed, "mixed"),
        (tally.rejected, "rejected"),
        (tally.cancelled, "cancelled"),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let all = [(tally.success, "succeeded")].into_iter().chain(others);
    let all: Vec<String> = all
        .map(|(n, word)| format!("{} {word}", grouped(n)))
        .collect();
    all.join(", ")
}

/// What runs and what waits.
pub(crate) fn at_work(snapshot: &Snapshot) -> String {
    let busy = snapshot.lines.iter().filter(|line| line.slot.is_some());
    let mut parts = vec![format!("slots {}/{}", busy.count(), snapshot.slots)];
    parts.push(format!("live {}", grouped(snapshot.lines.len() as u64)));
    let queue = &snapshot.queue;
    let full = if queue.is_full { " (full)" } else { "" };
    parts.push(format!("queued {}{full}", grouped(queue.queued)));
    for (count, word) in [(queue.delayed, "delayed"), (queue.paused, "paused")] {
        if count > 0 {
            parts.push(format!("{word} {}", grouped(count)));
        }
    }
    if let Some(gate) = &snapshot.gate {
        parts.push(format!("gate holds: {}", escaped(gate)));
    }
    if snapshot.is_stopping {
        parts.push("STOPPING".to_owned());
    }
    parts.join("  ")
}

/// What producer and consumer are doing; empty where there is neither.
pub(crate) fn residents(snapshot: &Snapshot) -> String {
    let producer = snapshot.producer.iter().map(|p| resident("producer", p));
    let consumer = snapshot.consumer.iter().map(|c| resident("consumer", c));
    producer.chain(consumer).collect::<Vec<_>>().join("  ")
}

fn resident(role: &str, resident: &ResidentNow) -> String {
    let doing = match resident.standing {
        ResidentStanding::Working => "working".to_owned(),
        ResidentStanding::WorkingFor(ms) if ms < CALL_MS => "working".to_owned(),
        ResidentStanding::WorkingFor(ms) => format!("working {}", seconds(ms)),
        ResidentStanding::Waiting => "waiting".to_owned(),
        ResidentStanding::QueueFull => "queue full".to_owned(),
        ResidentStanding::Done => "done".to_owned(),
    };
    let text = match said(&resident.said) {
        text if text.is_empty() => text,
        text => format!(" {text}"),
    };
    let count = grouped(resident.count);
    format!(
        "{role} {}: {count}, {doing}{text}",
        escaped(&resident.plugin)
    )
}

/// A run in one line, to choose it.
pub(crate) fn choice(hello: &Hello, look: &Look) -> String {
    let mut workers: Vec<&str> = look
        .snapshot
        .lines
        .iter()
        .map(|line: &LineNow| line.worker.as_str())
        .collect();
    workers.sort_unstable();
    workers.dedup();
    let workers = match workers.as_slice() {
        [] => String::new(),
        some => format!("  {}", escaped(&some.join(", "))),
    };
    let (title, ended) = (title(hello, look), ended(&look.snapshot.tally));
    format!("{title}  {ended}{workers}")
}

/// Jobs in a second.
pub(crate) fn rate(per_second: f64) -> String {
    if per_second < 10.0 {
        format!("{per_second:.1}/s")
    } else {
        format!("{}/s", grouped(per_second.round() as u64))
    }
}

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// A text in exactly so many columns, cut or filled up.
pub(crate) fn fitted(text: &str, columns: usize, is_right: bool) -> String {
    let has = width(text);
    if has <= columns {
        let fill = " ".repeat(columns - has);
        return if is_right {
            format!("{fill}{text}")
        } else {
            format!("{text}{fill}")
        };
    }
    let Some(room) = columns.checked_sub(1) else {
        return String::new();
    };
    let (mut cut, mut used) = (String::new(), 0);
    for letter in text.chars() {
        let wide = width(letter.encode_utf8(&mut [0; 4]));
        if used + wide > room {
            break;
        }
        used += wide;
        cut.push(letter);
    }
    format!("{cut}…{}", " ".repeat(room - used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_width_that_they_are_given() {
        assert_eq!(fitted("abc", 5, false), "abc  ");
        assert_eq!(fitted("abc", 5, true), "  abc");
        assert_eq!(fitted("abcdef", 4, true), "abc…");
        assert_eq!(fitted("abc", 0, false), "");
        // Each takes two columns: one does not fit any more.
        assert_eq!(fitted("日本語", 4, false), "日… ");
        for columns in 0..9 {
            assert_eq!(width(&fitted("a日本e\u{301}語z", columns, false)), columns);
        }
    }

    #[test]
    fn times_are_short() {
        let of = |s: u64| seconds(s * 1000);
        assert_eq!([of(0), of(59), of(60)], ["0s", "59s", "1m00s"]);
        assert_eq!([of(3_600), of(400 * 3600)], ["1h00m", "16d"]);
        assert!(seconds(u64::MAX).ends_with('d'));
    }

    // A12
    #[test]
    fn a_look_is_told_in_words() {
        let mut line = Said {
            text: "odd\u{1b}[31m".to_owned(),
            look: LineLook::Warning,
            ..Said::default()
        };
        assert_eq!(said(&line), "warning: odd\\x1b[31m");
        line.progress = Some(Progress { done: 1, total: 2 });
        line.name = Some("me\n".to_owned());
        assert_eq!(
            said(&line),
            "me\\n: warning: [#####.....]  50% odd\\x1b[31m (1/2)"
        );
    }

    #[test]
    fn only_ways_to_end_that_there_were_are_told() {
        let mut tally = Tally::default();
        assert_eq!(ended(&tally), "0 succeeded");
        (tally.success, tally.timeout) = (1234, 2);
        assert_eq!(ended(&tally), "1,234 succeeded, 2 timed out");
    }
}
