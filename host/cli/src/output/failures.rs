//! A line on stderr for each job that failed, the first twenty; hints once.

use super::{Finished, hint, last_lines};
use crate::error::HINT;
use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use wodehost::Status;
use wodehost::value::escape_for_people;

/// How many are shown.
const SHOWN_MAX: u64 = 20;

/// Characters of a message that are shown.
const MESSAGE_CHARS_MAX: usize = 300;

/// Remembers what was said.
#[derive(Debug)]
pub(crate) struct Failures {
    shown_max: u64,
    seen: u64,
    /// Hints that were given.
    hints: Vec<&'static str>,
}

impl Failures {
    /// Shows the first twenty, or all where the user wants to hear more.
    pub(crate) fn new(verbose: u8) -> Failures {
        Failures {
            shown_max: if verbose > 0 { u64::MAX } else { SHOWN_MAX },
            seen: 0,
            hints: Vec::new(),
        }
    }

    /// What is to be said of a job that ended; `job` is how it is called. Nothing
    /// for a success, and for what a stop cancelled: that is counted at the end.
    pub(crate) fn lines(&mut self, job: &str, finished: &Finished) -> Option<String> {
        let (word, style) = look(finished.status())?;
        self.seen += 1;
        if self.seen > self.shown_max {
            return (self.seen == self.shown_max + 1)
                .then(|| "… more failures are only counted; -v shows all".to_owned());
        }
        let worker = escape_for_people(finished.worker(), 40);
        let reason = finished.reason();
        let mut text = format!("{style}{word:<8}{style:#} {job} {worker} {reason}");
        if let Some(message) = finished.message() {
            let message = escape_for_people(&message, MESSAGE_CHARS_MAX);
            let _ = write!(text, ": {message}");
        }
        for line in last_lines(finished.stderr(), 1) {
            let _ = write!(text, "\n  stderr: {line}");
        }
        if let Some(hint) = hint(reason, finished.stderr())
            && !self.hints.contains(&hint)
        {
            self.hints.push(hint);
            let _ = write!(text, "\n{HINT}hint:{HINT:#} {hint}");
        }
        Some(text)
    }
}

fn look(status: Status) -> Option<(&'static str, Style)> {
    let red = AnsiColor::Red.on_default().bold();
    let yellow = AnsiColor::Yellow.on_default().bold();
    match status {
        Status::Failure => Some(("failed", red)),
        Status::Timeout => Some(("timeout", yellow)),
        Status::Mixed => Some(("mixed", yellow)),
        Status::Rejected => Some(("rejected", yellow)),
        Status::Success | Status::Cancelled | Status::Unspecified => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Place, Refusal};
    use wodehost::Reason;

    fn refused(line: u64, reason: Reason, message: &str) -> Finished {
        Finished::Refused {
            place: Place::Line(line),
            worker: "scale".into(),
            refusal: Refusal {
                reason,
                message: message.into(),
            },
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_failure_is_a_line_and_its_hint_comes_once() {
        let mut failures = Failures::new(0);
        let large = refused(7, Reason::ValueTooLarge, "it has \u{1b}[31m2 MiB");
        let first = failures.lines("line 7", &large).expect("said");
        assert_eq!(
            plain(&first),
            "failed   line 7 scale value-too-large: it has \\x1b[31m2 MiB\nhint: pass less at a time, or raise `--value`"
        );
        let second = failures.lines("line 8", &large).expect("said");
        assert!(!second.contains("hint:"));
    }

    #[test]
    fn many_failures_are_counted_only() {
        let said = |verbose| {
            let mut failures = Failures::new(verbose);
            let all =
                (0..100).filter_map(|n| failures.lines("x", &refused(n, Reason::BadValue, "no")));
            all.collect::<Vec<_>>()
        };
        assert_eq!(said(0).len(), 21);
        assert_eq!(
            said(0)[20],
            "… more failures are only counted; -v shows all"
        );
        assert_eq!(said(1).len(), 100);
    }
}
