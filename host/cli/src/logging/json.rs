//! `--log-json`: everything on stderr as a JSON object a line, for programs that read it.
//!
//! | key | what it is |
//! |---|---|
//! | `time` | when, UTC, as RFC 3339 |
//! | `level` | `error`, `warn`, `info`, `debug`, `trace` |
//! | `target` | the part that says it: `wodehost::guest` for lines of plugins |
//! | `plugin`, `name`, `job`, `attempt` | whose line it is, where it is a plugin's |
//! | `message` | the text; of a plugin, with control characters escaped |
//! | `causes`, `hints` | of an error, lists of texts |
//! | `failed`, `worker`, `status`, `reason`, `hint` | of a job that did not succeed; `failed` is its id or line |
//! | others | what belongs to the message: `path`, `error` … |

use super::Fields;
use crate::output::{Finished, hint};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

/// The target of what the command line itself says.
const TARGET: &str = "wodehost";

/// Whether stderr is for programs.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// From now on stderr is for programs.
pub(crate) fn turn_on() {
    IS_ON.store(true, Ordering::Relaxed);
}

/// Whether stderr is for programs.
pub(crate) fn is_on() -> bool {
    IS_ON.load(Ordering::Relaxed)
}

/// Something that the command line itself says, without colours.
pub(crate) fn said(level: &str, text: &str) -> String {
    let text = anstream::adapter::strip_str(text).to_string();
    line(level, TARGET, [("message", text.into())])
}

/// A job that did not succeed; `of` is what it is called: its id, or its line.
pub(crate) fn failure(of: &str, finished: &Finished) -> String {
    let reason = finished.reason();
    let stderr = finished.stderr();
    let message = finished.message().unwrap_or_else(|| reason.to_string());
    let mut entries: Vec<(&str, Value)> = vec![
        ("message", message.into()),
        ("failed", of.into()),
        ("worker", finished.worker().into()),
        ("status", finished.status().as_str().into()),
        ("reason", reason.to_string().into()),
    ];
    entries.extend(hint(reason, stderr).map(|hint| ("hint", hint.into())));
    line("warn", TARGET, entries)
}

/// An error of the command line.
pub(crate) fn error(message: &str, causes: &[String], hints: &[String]) -> String {
    let lists = [("causes", causes), ("hints", hints)];
    let lists = lists.into_iter().filter(|(_, texts)| !texts.is_empty());
    let lists = lists.map(|(key, texts)| (key, texts.into()));
    line(
        "error",
        TARGET,
        [("message", message.into())].into_iter().chain(lists),
    )
}

/// A line of the log.
pub(super) fn event(level: &str, target: &str, fields: Fields) -> String {
    let Fields {
        message,
        plugin,
        name,
        job,
        attempt,
        rest,
    } = fields;
    let whose = [("plugin", plugin), ("name", name), ("job", job)];
    let whose = whose.into_iter().filter(|(_, text)| !text.is_empty());
    let mut entries: Vec<(&str, Value)> = whose.map(|(k, v)| (k, v.into())).collect();
    if let Some(attempt) = attempt {
        entries.push(("attempt", attempt.into()));
    }
    entries.push(("message", message.into()));
    entries.extend(rest.into_iter().map(|(key, text)| (key, text.into())));
    line(level, target, entries)
}

/// A line with what is given.
fn line<'a>(
    level: &str,
    target: &str,
    entries: impl IntoIterator<Item = (&'a str, Value)>,
) -> String {
    let mut time = String::new();
    // Writing into a string cannot fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut time));
    let head = [
        ("time", time.into()),
        ("level", level.into()),
        ("target", target.into()),
    ];
    let entries = head.into_iter().chain(entries);
    let object: Map<String, Value> = entries.map(|(k, v)| (k.to_owned(), v)).collect();
    let mut text = String::new();
    let _ = writeln!(text, "{}", Value::Object(object));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_plugin_says_whose_it_is() {
        let fields = Fields {
            message: "odd\\n\"colours\"".into(),
            plugin: "scale".into(),
            name: "k3f9ax-17/2".into(),
            job: "k3f9ax-17".into(),
            attempt: Some(2),
            rest: vec![("error", "\u{1b}[2J".into())],
        };
        let text = event("warn", "wodehost::guest", fields);
        assert!(text.ends_with("}\n") && !text.contains('\u{1b}'));
        let mut read: Map<String, Value> = serde_json::from_str(&text).expect("JSON");
        let time = read.remove("time").expect("a time");
        let time = time.as_str().expect("a text");
        assert!(time.ends_with('Z') && time.contains('T'), "{time}");
        assert_eq!(
            Value::Object(read),
            serde_json::json!({
                "level": "warn", "target": "wodehost::guest", "plugin": "scale",
                "name": "k3f9ax-17/2", "job": "k3f9ax-17", "attempt": 2,
                "message": "odd\\n\"colours\"", "error": "\u{1b}[2J"
            })
        );
    }

    #[test]
    fn what_belongs_to_nobody_has_no_such_keys() {
        let fields = Fields {
            message: "all is well".into(),
            ..Fields::default()
        };
        let text = event("info", TARGET, fields);
        assert!(!text.contains("plugin") && !text.contains("attempt"));
    }
}
