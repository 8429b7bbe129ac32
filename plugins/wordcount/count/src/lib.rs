//! A worker that counts the words of one piece of text.
//!
//! It is granted nothing: the text comes in with the job, the counts go out
//! with the result. Bytes that are no UTF-8 end a word and are counted apart, so
//! that a text in another encoding gives a note and not a failure.

mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wodehost_guest::{Failure, task, worker};

/// What the producer sends.
#[derive(Debug, Deserialize)]
struct Job<'a> {
    /// For messages only.
    file: &'a str,
    /// The piece, UTF-8 or not; nil when the producer could not read it.
    #[serde(default, borrow)]
    text: Option<&'a [u8]>,
    /// Why there is no text.
    #[serde(default)]
    problem: Option<String>,
}

/// What the table gets.
#[derive(Debug, Serialize)]
struct Counted {
    /// How often each word stands there.
    words: BTreeMap<String, u32>,
    /// Places where bytes are no UTF-8.
    invalid: u64,
}

#[worker]
fn count(job: Job<'_>) -> Result<Counted, Failure> {
    let Some(text) = job.text else {
        let why = job.problem.as_deref().unwrap_or("the job has no text");
        // Declared as final: the same job has no text the next time either.
        task::failure(Some(&Failure::code(
            "unreadable",
            format_args!("{}: {why}", job.file),
        )));
    };
    let counts = words::count(text);
    Ok(Counted {
        words: counts.words,
        invalid: counts.invalid,
    })
}
