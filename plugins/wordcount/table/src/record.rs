//! What the table knows of one piece of a text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wodehost_guest::Outcome;

/// What of the job is read; the text is passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    pub(crate) file: String,
    pub(crate) piece: u32,
}

/// One line of the journal.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Record {
    pub(crate) file: String,
    pub(crate) piece: u32,
    pub(crate) end: End,
}

/// How it went.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    Counted(Counted),
    /// The sentence for people.
    Failed(String),
}

/// What the worker returns.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Counted {
    pub(crate) words: BTreeMap<String, u64>,
    /// Places where bytes are no UTF-8.
    pub(crate) invalid: u64,
}

/// What the worker says when it fails.
#[derive(Debug, Deserialize)]
struct Report {
    message: String,
}

impl Record {
    /// The record for an outcome.
    pub(crate) fn new(job: Job, outcome: &Outcome) -> Self {
        let end = if outcome.is_success() {
            match outcome.data() {
                Ok(counted) => End::Counted(counted),
                Err(problem) => End::Failed(problem.message().to_owned()),
            }
        } else {
            // The data of other ends is not the worker's last word.
            let spoke = matches!(outcome.reason.as_str(), "declared" | "error");
            let report = outcome.data().ok().filter(|_| spoke);
            let message = report.map(|Report { message }| message);
            End::Failed(explain(
                &job.file,
                &outcome.reason,
                message.or_else(|| outcome.message.clone()),
            ))
        };
        Self {
            file: job.file,
            piece: job.piece,
            end,
        }
    }
}

/// The message, or the host's reason where there is none.
fn explain(file: &str, reason: &str, message: Option<String>) -> String {
    let message = message.unwrap_or_else(|| reason.to_owned());
    // The file's name stands before it already.
    message
        .strip_prefix(file)
        .and_then(|rest| rest.strip_prefix(": "))
        .unwrap_or(&message)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_does_not_repeat_the_file() {
        let message = |text: &str| Some(text.to_owned());
        assert_eq!(explain("a", "error", message("a: gone")), "gone");
        assert_eq!(explain("a", "silent", message("no sign")), "no sign");
        assert_eq!(explain("a", "out-of-fuel", None), "out-of-fuel");
    }
}
