//! How an input's value ended: as a job, or refused before it became one.

use crate::input::{Place, Refusal};
use wodehost::value::{OUTCOME_KEY, escape_for_people};
use wodehost::{Outcome, Reason, Status, Value};

/// Characters of a line of stderr that are shown.
const STDERR_CHARS_MAX: usize = 200;

/// See the module.
#[derive(Debug)]
pub(crate) enum Finished {
    /// A job ended.
    Job(Box<Outcome>),
    /// The input was no value that a job could have.
    Refused {
        /// Where in the input.
        place: Place,
        /// The worker it was meant for.
        worker: String,
        /// Why.
        refusal: Refusal,
    },
}

impl Finished {
    /// How it ended.
    pub(crate) fn status(&self) -> Status {
        match self {
            Finished::Job(outcome) => outcome.status,
            Finished::Refused { .. } => Status::Failure,
        }
    }

    /// Why.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Finished::Job(outcome) => outcome.reason,
            Finished::Refused { refusal, .. } => refusal.reason,
        }
    }

    /// The worker.
    pub(crate) fn worker(&self) -> &str {
        match self {
            Finished::Job(outcome) => &outcome.worker,
            Finished::Refused { worker, .. } => worker,
        }
    }

    /// The sentence for people, if there is one.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            Finished::Job(outcome) => message(outcome),
            Finished::Refused { refusal, .. } => Some(refusal.message.clone()),
        }
    }

    /// The last lines that the guest wrote to stderr.
    pub(crate) fn stderr(&self) -> &str {
        match self {
            Finished::Job(outcome) => outcome.stderr.as_deref().unwrap_or_default(),
            Finished::Refused { .. } => "",
        }
    }

    /// The whole outcome. What was refused has the shape of one, so that a reader
    /// needs to know only one; its id is the place in the input.
    pub(crate) fn outcome(&self) -> Value {
        match self {
            Finished::Job(outcome) => outcome.to_value(),
            Finished::Refused {
                place,
                worker,
                refusal,
            } => Value::map([
                ("id", Value::from(place.to_string())),
                ("worker", Value::from(worker.as_str())),
                ("status", Value::from(Status::Failure.as_str())),
                ("reason", Value::from(refusal.reason.to_string())),
                ("data", Value::nil()),
                ("attempts", Value::from(0_u64)),
                ("message", Value::from(refusal.message.as_str())),
            ]),
        }
    }

    /// Whether the result looks like an emitted value.
    pub(crate) fn looks_emitted(&self) -> bool {
        match self {
            Finished::Job(outcome) => outcome.data.is_emit(),
            Finished::Refused { .. } => false,
        }
    }

    /// What `map` writes for it: the result, or in place of one the outcome, which
    /// says to what in the input it belongs.
    pub(crate) fn record(&self, place: Place, always_outcome: bool) -> Value {
        match self {
            // A result that looks like an outcome is not to be taken for one.
            Finished::Job(outcome)
                if outcome.is_success() && !always_outcome && !outcome.data.is_outcome() =>
            {
                outcome.data.clone()
            }
            Finished::Job(_) | Finished::Refused { .. } => {
                Value::map([(OUTCOME_KEY, with_place(&self.outcome(), place))])
            }
        }
    }
}

/// The sentence of an outcome; where there is none, the error value. Data that a
/// job only carried along is no message.
pub(crate) fn message(outcome: &Outcome) -> Option<String> {
    let is_said = matches!(outcome.reason, Reason::Error | Reason::Declared);
    let value = || is_said.then(|| outcome.data.to_string());
    outcome.message.clone().or_else(value)
}

/// Lines of a guest's trace that are shown.
const TRACE_LINES_MAX: usize = 20;

/// Where it failed, as the guest tells it: the `causes` and the `trace` of its error value, as
/// SDKs write them, and the functions that it trapped in.
pub(crate) fn trace(outcome: &Outcome) -> Vec<String> {
    let mut lines = if is_said(outcome) {
        trace_of(&outcome.data)
    } else {
        Vec::new()
    };
    let functions = outcome.backtrace.iter().take(TRACE_LINES_MAX);
    lines
        .extend(functions.map(|name| format!("at: {}", escape_for_people(name, STDERR_CHARS_MAX))));
    lines
}

/// The causes and the trace of an error value.
pub(crate) fn trace_of(error: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let causes = error.get("causes");
    let causes = causes
        .as_ref()
        .and_then(Value::elements)
        .into_iter()
        .flatten();
    for cause in causes.take(TRACE_LINES_MAX) {
        let text = cause
            .as_str()
            .map_or_else(|| cause.to_json(), str::to_owned);
        lines.push(format!(
            "cause: {}",
            escape_for_people(&text, STDERR_CHARS_MAX)
        ));
    }
    let trace = error.get("trace");
    let trace = trace.as_ref().and_then(Value::as_str).unwrap_or_default();
    let trace = trace.replace('\t', "  ");
    let trace = last_lines(&trace, TRACE_LINES_MAX);
    lines.extend(trace.iter().map(|line| format!("trace: {line}")));
    lines
}

/// Whether the data are what the guest said was wrong.
fn is_said(outcome: &Outcome) -> bool {
    matches!(outcome.reason, Reason::Error | Reason::Declared) && !outcome.is_success()
}

/// The stable code of an error value, where it has one that can be shown.
pub(crate) fn code(outcome: &Outcome) -> Option<String> {
    let code = is_said(outcome).then(|| outcome.data.get("code"))??;
    let code = code.as_str().filter(|code| !code.is_empty())?;
    Some(escape_for_people(code, 60))
}

/// What to do about a reason. A hint that sends people to stderr is none where
/// there is nothing on it.
pub(crate) fn hint(reason: Reason, stderr: &str) -> Option<&'static str> {
    reason.hint().filter(|hint| helps(hint, stderr))
}

fn helps(hint: &str, stderr: &str) -> bool {
    !stderr.trim().is_empty() || !hint.contains("stderr")
}

/// What Rust adds to each panic; a guest's user cannot follow it.
const BACKTRACE_NOTE: &str = "note: run with `RUST_BACKTRACE=1`";

/// How runtimes begin the line that says why they gave up; what follows may be long.
const REASONS: [&str; 2] = ["panic: ", "fatal error: "];

/// The last lines of what a guest wrote, safe to show; with the one that says why it gave up,
/// should that be further above.
pub(crate) fn last_lines(text: &str, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with(BACKTRACE_NOTE))
        .collect();
    let first = lines.len().saturating_sub(lines_max);
    let why = |line: &&str| REASONS.iter().any(|begin| line.starts_with(begin));
    let above = lines[..first].iter().copied().find(why);
    lines.drain(..first);
    if let (Some(above), Some(top)) = (above, lines.first_mut()) {
        *top = above;
    }
    lines
        .iter()
        .map(|line| escape_for_people(line, STDERR_CHARS_MAX))
        .collect()
}

/// An outcome with the place in the input.
fn with_place(outcome: &Value, place: Place) -> Value {
    let entries: Vec<(Value, Value)> = outcome.entries().into_iter().flatten().collect();
    let fields = entries
        .iter()
        .filter_map(|(key, value)| Some((key.as_str()?, value.clone())));
    Value::map(fields.chain([of_place(place)]))
}

/// The field that says where in the input something belongs.
pub(super) fn of_place(place: Place) -> (&'static str, Value) {
    match place {
        Place::Line(number) => ("line", Value::from(number)),
        Place::Item(number) => ("item", Value::from(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_line_looks_like_an_outcome() {
        let refused = Finished::Refused {
            place: Place::Line(3),
            worker: "double".into(),
            refusal: Refusal {
                reason: Reason::BadValue,
                message: "a value expected, at line 3, column 1 ($)".into(),
            },
        };
        assert_eq!(
            refused.record(Place::Line(3), false).to_json(),
            r#"{"$outcome":{"id":"line 3","worker":"double","status":"failure","reason":"bad-value","data":null,"attempts":0,"message":"a value expected, at line 3, column 1 ($)","line":3}}"#
        );
        assert!(refused.record(Place::Line(3), false).is_outcome());
    }

    #[test]
    fn of_a_guests_stderr_the_end_is_shown_escaped() {
        let text =
            "1\n2\n3\n4\n5\n\n\u{1b}[31mred\nnote: run with `RUST_BACKTRACE=1` environment\n";
        assert_eq!(last_lines(text, 2), ["5", "\\x1b[31mred"]);
        assert!(last_lines("", 5).is_empty());
    }

    #[test]
    fn the_line_that_says_why_is_among_the_last() {
        let text = "starting\npanic: no way\n\na\nb\nc\n";
        assert_eq!(last_lines(text, 3), ["panic: no way", "b", "c"]);
        assert_eq!(last_lines(text, 2), ["panic: no way", "c"]);
        assert_eq!(last_lines("a\nb\nc", 2), ["b", "c"]);
    }

    #[test]
    fn nobody_is_sent_to_an_empty_stderr() {
        assert!(helps("its stderr says why", "oh dear"));
        assert!(!helps("its stderr says why", "\n"));
        assert!(helps("split the job", ""));
    }
}
