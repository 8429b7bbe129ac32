//! Outcomes inside a value, replaced by their data.
//!
//! A job whose value was made by other jobs hands on arrays of their outcomes;
//! who only wants the results asks for them flat. What is left of a value is
//! found in one pass and copied as the bytes it was written in: nothing is
//! decoded, and no header changes, because an array keeps its number of items.
//! The wording of an outcome is not decided here, see [`OUTCOME_KEY`].
//!
//! [`OUTCOME_KEY`]: super::OUTCOME_KEY

use std::ops::Range;

use super::Value;
use super::format::{self, Kind};
use super::inspect::is_outcome;
use super::stack::Stack;

/// The field of an outcome that takes its place.
const DATA_KEY: &str = "data";

impl Value {
    /// This value with each outcome in it replaced by the outcome's data.
    ///
    /// An outcome is a map with [`OUTCOME_KEY`](super::OUTCOME_KEY) as its only
    /// key and a map with `data` behind it; one that lacks `data` stays as it
    /// is. They are found in arrays and in the data of outcomes, at any depth,
    /// and the value may be one itself. Other maps are left alone, whatever
    /// they hold. So no outcome is left where this looks, and flattening again
    /// changes nothing.
    ///
    /// The result shares the bytes of this value when it is one piece of them,
    /// as it is without any outcome.
    ///
    /// ```
    /// # use wodehost::value::{Value, OUTCOME_KEY};
    /// let outcome = |data| Value::map([(OUTCOME_KEY, Value::map([("data", data)]))]);
    /// let value = Value::array(&[outcome("a".into()), outcome(Value::array(&[outcome("b".into())]))]);
    /// assert_eq!(value.flatten().to_string(), r#"["a",["b"]]"#);
    /// ```
    #[must_use]
    pub fn flatten(&self) -> Self {
        let bytes = self.as_bytes();
        let runs = kept_runs(bytes);
        if let [run] = runs.as_slice() {
            return Self(self.0.slice(run.clone()));
        }
        let mut out = Vec::with_capacity(runs.iter().map(Range::len).sum());
        for run in runs {
            out.extend_from_slice(&bytes[run]);
        }
        Self::trusted(out)
    }
}

/// The data of an outcome, by its place.
struct Data {
    start: usize,
    /// Keys and values that follow it in the outcome.
    values_behind: u64,
}

/// An outcome whose data is being walked, and what to do after it.
#[derive(Clone, Copy, Default)]
struct Outcome {
    /// See [`Data::values_behind`].
    values_behind: u64,
    /// Values still to come in the arrays around the outcome.
    remaining: u64,
}

/// What stays of a checked value: runs of its bytes, in order, none empty.
///
/// Takes time linear in the bytes however deep outcomes are in each other:
/// their ends are not looked for, but met. A run takes 16 bytes of memory, and an
/// outcome, which has at least 17, ends at most two of them.
fn kept_runs(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut outcomes = Stack::<Outcome, 8>::new();
    let mut run_start = 0;
    let mut pos = 0;
    // An open array needs no place on the stack: its items and those of the
    // arrays around it come one after the other, and it has no trailer.
    let mut remaining = 1_u64;
    loop {
        if remaining == 0 {
            push_run(&mut runs, run_start..pos);
            let Some(outcome) = outcomes.pop() else {
                return runs;
            };
            pos = (0..outcome.values_behind).fold(pos, |pos, _| format::skip(bytes, pos));
            run_start = pos;
            remaining = outcome.remaining;
            continue;
        }
        remaining -= 1;
        match format::head(&bytes[pos..]) {
            Ok(head) if head.kind == Kind::Array => {
                pos += head.header;
                remaining = remaining.saturating_add(head.body);
            }
            Ok(head) if head.kind == Kind::Map => {
                let Some(data) = data_of_outcome(bytes, pos) else {
                    pos = format::skip(bytes, pos);
                    continue;
                };
                push_run(&mut runs, run_start..pos);
                pos = data.start;
                run_start = pos;
                let values_behind = data.values_behind;
                outcomes.push(Outcome {
                    values_behind,
                    remaining,
                });
                remaining = 1;
            }
            Ok(_) | Err(_) => pos = format::skip(bytes, pos),
        }
    }
}

fn push_run(runs: &mut Vec<Range<usize>>, run: Range<usize>) {
    if !run.is_empty() {
        runs.push(run);
    }
}

/// The data of the outcome that the map at `start` is; `None` when it is none or has no data.
fn data_of_outcome(bytes: &[u8], start: usize) -> Option<Data> {
    let map = bytes.get(start..)?;
    if !is_outcome(map) {
        return None;
    }
    let fields_start = format::skip(bytes, start + format::head(map).ok()?.header);
    let fields = format::head(bytes.get(fields_start..)?).ok()?;
    if fields.kind != Kind::Map {
        return None;
    }
    let mut key_start = fields_start + fields.header;
    for entries_behind in (0..fields.body / 2).rev() {
        let start = format::skip(bytes, key_start);
        if format::text(&bytes[key_start..start]) == Some(DATA_KEY) {
            let values_behind = 2 * entries_behind;
            return Some(Data {
                start,
                values_behind,
            });
        }
        key_start = format::skip(bytes, start);
    }
    None
}

#[cfg(test)]
mod tests;
