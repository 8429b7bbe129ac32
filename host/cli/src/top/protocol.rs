//! What `top` and the command that runs say to each other: lines of JSON. `jobs` speaks it, too, where
//! a host has the store that it is to change.
//!
//! The command says hello; from then on `top` asks and gets one line for each question, in
//! order.
//!
//! | `top` says | the command answers |
//! |---|---|
//! | | `{"wodehost-top":1,"pid":4711,"command":"map","version":"0.1.0"}` |
//! | `{"ask":"look","queue":200}` | `{"look":{"uptime_ms":1234,"snapshot":{…}}}` |
//! | `{"ask":"detail","job":"k3f9ax-17"}` | `{"detail":{…}}`, `{"detail":null}` when it is not live |
//! | `{"ask":"pause","job":"k3f9ax-17"}`, also `resume`, `cancel` | `{"asked":true}` |
//! | `{"ask":"cancel-group","group":"nightly"}` | `{"asked":true}` |
//! | `{"ask":"change","store":"k3f9ax","jobs":[17],"change":"cancel"}`, also `"drop"`, `{"retry":{"resets_state":false}}` | `{"changed":["done"]}` |
//! | anything else | `{"error":"…"}` |
//!
//! A question that is longer than [`ASK_BYTES_MAX`] is answered with an error, and the
//! connection ends: what comes after it cannot be understood. Whoever does not know the
//! number in the hello hangs up.

use serde::{Deserialize, Serialize};
use wodehost::board::{Detail, Snapshot};
use wodehost::store::{Change, Changed};

/// The version of the protocol.
pub(crate) const PROTOCOL: u32 = 1;

/// The longest question, its line break included.
pub(crate) const ASK_BYTES_MAX: usize = 4 << 10;

/// The longest answer that is read. Some 10,000 lines with a text of 1 KiB each.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Jobs that wait, at most, in a look.
pub(crate) const QUEUE_MAX: usize = 1000;

/// Jobs, at most, that are changed by one question: their numbers have room in it.
pub(crate) const CHANGED_MAX: usize = 150;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// The version of the protocol.
    #[serde(rename = "wodehost-top")]
    pub(crate) protocol: u32,
    /// The process.
    pub(crate) pid: u32,
    /// `run`, `map` or `call`.
    pub(crate) command: String,
    /// The version of the program.
    pub(crate) version: String,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub(crate) enum Ask {
    /// What is going on?
    Look {
        /// How many of the jobs that wait.
        queue: usize,
    },
    /// More about a job.
    Detail {
        /// Its id.
        job: String,
    },
    /// Let a job stand still.
    Pause {
        /// Its id.
        job: String,
    },
    /// Let a job go on.
    Resume {
        /// Its id.
        job: String,
    },
    /// End a job.
    Cancel {
        /// Its id.
        job: String,
    },
    /// End the jobs of a group.
    CancelGroup {
        /// Its name.
        group: String,
    },
    /// Do this to recorded jobs.
    Change {
        /// The first part of their ids.
        store: String,
        /// Their numbers.
        jobs: Vec<u64>,
        /// What.
        change: Change,
    },
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// What is going on.
    Look(Box<Look>),
    /// More about a job; none when it has no live attempt.
    Detail(Option<Box<Detail>>),
    /// It was asked for; the next look shows what came of it.
    Asked(bool),
    /// What came of it, for each of the jobs.
    Changed(Vec<Changed>),
    /// Why there is no answer.
    Error(String),
}

/// What is going on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Look {
    /// How long the command has been running.
    pub(crate) uptime_ms: u64,
    /// What its host is doing.
    pub(crate) snapshot: Snapshot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_answers_read_as_the_module_says() {
        let asked = |text: &str| serde_json::from_str::<Ask>(text).ok();
        assert_eq!(
            asked(r#"{"ask":"look","queue":200}"#),
            Some(Ask::Look { queue: 200 })
        );
        assert_eq!(
            asked(r#"{"ask":"cancel-group","group":"nightly"}"#),
            Some(Ask::CancelGroup {
                group: "nightly".to_owned()
            })
        );
        let numbers = vec![u64::MAX; CHANGED_MAX];
        let store = "k3f9ax".to_owned();
        for (change, said) in [
            (Change::Cancel, r#""cancel""#),
            (Change::Drop, r#""drop""#),
            (
                Change::Retry { resets_state: true },
                r#"{"retry":{"resets_state":true}}"#,
            ),
        ] {
            let ask = Ask::Change {
                store: store.clone(),
                jobs: numbers.clone(),
                change,
            };
            let text = serde_json::to_string(&ask).expect("written");
            assert!(text.len() < ASK_BYTES_MAX, "{}", text.len());
            assert!(text.ends_with(&format!(r#""change":{said}}}"#)), "{text}");
            assert_eq!(asked(&text), Some(ask));
        }
        for wrong in ["", "{}", "[]", r#"{"ask":"look"}"#, r#"{"ask":"stop"}"#] {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
        let said = |answer: &Answer| serde_json::to_string(answer).expect("written");
        assert_eq!(said(&Answer::Asked(true)), r#"{"asked":true}"#);
        assert_eq!(said(&Answer::Detail(None)), r#"{"detail":null}"#);
        let changed = Answer::Changed(vec![Changed::Done, Changed::NotOver]);
        assert_eq!(said(&changed), r#"{"changed":["done","not-over"]}"#);
        let look = said(&Answer::Look(Box::default()));
        assert!(look.starts_with(r#"{"look":{"uptime_ms":0,"snapshot":{"#));
        let hello = Hello {
            protocol: PROTOCOL,
            pid: 4711,
            command: "map".to_owned(),
            version: "0.1.0".to_owned(),
        };
        assert_eq!(
            serde_json::to_string(&hello).expect("written"),
            r#"{"wodehost-top":1,"pid":4711,"command":"map","version":"0.1.0"}"#
        );
    }
}
