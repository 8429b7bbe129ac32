//! A worker's calls.

use super::{Done, Problem, flush};
use crate::Failure;
use crate::value::{Raw, ToValue};

/// One call of `run`: decode, work and encode are in `work`.
pub fn run(work: impl FnOnce() -> Result<Raw, Failure>) -> Result<Vec<u8>, Problem> {
    let answer = work();
    flush();
    answer
        .map(|Raw(bytes)| bytes)
        .map_err(|failure| failure.value().0.clone())
}

/// Encodes what a worker returned.
pub fn reply<T: ToValue>(result: T) -> Result<Raw, Failure> {
    result.into_value()
}

/// Encodes what a worker returned that can fail.
pub fn reply_or_fail<T: ToValue, E: Into<Failure>>(result: Result<T, E>) -> Result<Raw, Failure> {
    result.map_err(Into::into)?.into_value()
}

/// One call of `set-up`.
pub fn set_up(prepare: impl FnOnce() -> Result<(), Failure>) -> Result<(), Problem> {
    end(prepare())
}

/// The end of a call that gives nothing back.
pub(super) fn end(answer: impl Done) -> Result<(), Problem> {
    flush();
    answer.done().map_err(|failure| failure.value().0.clone())
}
