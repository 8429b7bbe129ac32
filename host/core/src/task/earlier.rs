//! What the attempts before a job's last one left.

use super::status::Reason;
use crate::value::Value;

/// How many of them an outcome keeps: a job with retries without end has any number.
pub const EARLIER_MAX: usize = 10;

/// An attempt after which there was another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its number, from 1.
    pub attempt: u32,
    /// Why it ended.
    pub reason: Reason,
    /// The sentence for people; text in it that came from the guest is escaped.
    pub message: Option<String>,
    /// The end of what it wrote to stdout; as it came, not escaped.
    pub stdout: Option<String>,
    /// The end of what it wrote to stderr; as it came, not escaped.
    pub stderr: Option<String>,
    /// The end of what it logged, a line each; as it came, not escaped.
    pub log: Option<String>,
}

impl Earlier {
    /// Adds an attempt to those that an outcome keeps.
    pub(crate) fn keep(kept: &mut Vec<Earlier>, latest: Earlier) {
        if kept.len() == EARLIER_MAX {
            kept.remove(0);
        }
        kept.push(latest);
    }

    /// It as a map, with the keys that outcomes show.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let texts = [
            ("message", &self.message),
            ("stdout", &self.stdout),
            ("stderr", &self.stderr),
            ("log", &self.log),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(key, text)| Some((key, Value::from(text.as_deref()?))));
        let facts = [
            ("attempt", Value::from(self.attempt)),
            ("reason", Value::from(self.reason.to_string())),
        ];
        Value::map(facts.into_iter().chain(texts))
    }
}
