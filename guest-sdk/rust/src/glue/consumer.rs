//! A consumer's calls.

use super::Problem;
use super::worker::end;
use crate::bindings::wit::types;
use crate::value::{FromValue, read};
use crate::{Emitted, Failure, Outcome};

/// One call of `consume`.
pub fn consume<T: for<'v> FromValue<'v>>(
    job: &[u8],
    outcome: types::Outcome,
    take: impl FnOnce(T, Outcome) -> Result<(), Failure>,
) -> Result<(), Problem> {
    end(read(job, "bad-argument", "the job").and_then(|job| take(job, Outcome::lift(outcome))))
}

/// One call of `on-emit`.
pub fn on_emit(
    job_id: String,
    attempt: u32,
    seq: u64,
    value: Vec<u8>,
    take: impl FnOnce(Emitted) -> Result<(), Failure>,
) -> Result<(), Problem> {
    end(take(Emitted::lift(job_id, attempt, seq, value)))
}

/// One call of `finish`.
pub fn finish(last: impl FnOnce() -> Result<(), Failure>) -> Result<(), Problem> {
    end(last())
}
