//! Everything that is known of one job, as lines: limits, carried state, log, stdout,
//! stderr. Escaped.

use super::table::Target;
use super::words::{bar, doing, escaped, fitted, said, seconds, width};
use wodehost::board::{Detail, LogLine, Progress, Use};

/// Lines of a guest's output that are shown.
const OUTPUT_LINES_MAX: usize = 20;

/// A line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// What the lines below it are.
    Head(&'static str),
    /// A line.
    Text(String),
}

/// Makes the sheet of a job. `is_live` = the detail is of now.
pub(crate) fn sheet(target: &Target, detail: Option<&Detail>, is_live: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some(detail) = detail else {
        lines.push(about(target));
        let why = if is_live {
            "asking …"
        } else {
            "no attempt of it is live: it waits, or it is over"
        };
        lines.push(Line::Text(why.to_owned()));
        return lines;
    };
    lines.push(about(target));
    facts(&mut lines, detail);
    if !is_live {
        let note = "no attempt of it is live any more; this is what was seen last";
        lines.push(Line::Text(note.to_owned()));
    }
    limits(&mut lines, &detail.used);
    if !detail.state.is_empty() {
        lines.push(Line::Head("Carried state"));
        lines.push(Line::Text(escaped(&detail.state)));
    }
    log(&mut lines, &detail.log);
    output(&mut lines, "stdout", &detail.stdout);
    output(&mut lines, "stderr", &detail.stderr);
    lines
}

fn about(target: &Target) -> Line {
    Line::Text(match target {
        Target::Job { id, worker, .. } => format!("job {} of {worker}", escaped(id)),
        Target::Group(group) => format!("group {}", escaped(group)),
        Target::Nothing(what) => what.clone(),
    })
}

fn facts(lines: &mut Vec<Line>, detail: &Detail) {
    let line = &detail.line;
    let slot = line
        .slot
        .map_or_else(|| "no slot".to_owned(), |s| format!("slot {s}"));
    let left = detail
        .retries_left
        .map_or_else(|| "without end".to_owned(), |left| left.to_string());
    lines.push(Line::Text(format!(
        "attempt {}, retries left: {left}; {} for {}; {slot}, depth {}",
        line.attempt,
        doing(line.standing),
        seconds(line.running_ms),
        line.depth
    )));
    if let Some(group) = &line.group {
        lines.push(Line::Text(format!("group {}", escaped(group))));
    }
    let text = said(&line.said);
    if !text.is_empty() {
        lines.push(Line::Text(text));
    }
}

fn limits(lines: &mut Vec<Line>, used: &[Use]) {
    if used.is_empty() {
        return;
    }
    lines.push(Line::Head("Limits"));
    let names: Vec<String> = used.iter().map(|used| escaped(&used.limit)).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    for (name, used) in names.iter().zip(used) {
        let progress = Progress {
            done: u64::from(used.percent),
            total: 100,
        };
        lines.push(Line::Text(format!(
            "{} {} {}",
            fitted(name, widest, false),
            bar(progress),
            escaped(&used.amount)
        )));
    }
}

fn log(lines: &mut Vec<Line>, log: &[LogLine]) {
    if log.is_empty() {
        return;
    }
    lines.push(Line::Head("Log"));
    let line = |line: &LogLine| {
        let level = fitted(&escaped(&line.level), 5, false);
        Line::Text(format!("{level} {}", escaped(&line.text)))
    };
    lines.extend(log.iter().map(line));
}

fn output(lines: &mut Vec<Line>, name: &'static str, text: &str) {
    if text.is_empty() {
        return;
    }
    lines.push(Line::Head(name));
    let all: Vec<&str> = text.lines().collect();
    let last = &all[all.len().saturating_sub(OUTPUT_LINES_MAX)..];
    lines.extend(last.iter().map(|line| Line::Text(escaped(line))));
}
