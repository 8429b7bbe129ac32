//! What stands in place of a job's result when there is none.

use std::fmt;

use super::SubmitError;
use crate::outcome::{Outcome, Status};
use crate::value::FromValue;
use crate::{Failure, Raw};

/// Why there is no result of a job.
///
/// | what happened | status | reason |
/// |---|---|---|
/// | it ended without success | the outcome's | the outcome's: `error`, `trap:unreachable`, `silent` … |
/// | it succeeded, and its data are not of the wanted type | `Success` | `bad-value` |
/// | it was not submitted | `Unspecified` | the [`SubmitError`]'s name: `limit`, `not-permitted` … |
/// | it is waited for and paused by this very attempt | `Unspecified` | `paused` |
///
/// `?` turns it into a [`Failure`] whose code is the reason. Like `Failure` it is
/// not a [`std::error::Error`] itself, which is what leaves it the code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobError {
    /// How the job ended.
    pub status: Status,
    /// Why there is no result, as a stable string.
    pub reason: String,
    /// The sentence for people, where there is one.
    pub message: Option<String>,
    /// Boxed, for results with a small value beside it.
    outcome: Option<Box<Outcome>>,
}

impl JobError {
    /// All that the job left; none if it was not submitted or has not ended.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_deref()
    }

    /// The error value that the job left, or its last carried state; nil if
    /// there is no outcome.
    pub fn data<T: for<'v> FromValue<'v>>(&self) -> Result<T, Failure> {
        match &self.outcome {
            Some(outcome) => outcome.data(),
            None => Raw::nil().read(),
        }
    }

    /// Of a job that ended in another way than with success.
    pub(crate) fn ended(outcome: Outcome) -> Self {
        Self {
            status: outcome.status,
            reason: outcome.reason.clone(),
            message: outcome.message.clone(),
            outcome: Some(Box::new(outcome)),
        }
    }

    /// Of a job whose data are something else than was wanted.
    pub(crate) fn unreadable(outcome: Outcome, problem: &Failure) -> Self {
        Self {
            reason: BAD_VALUE.to_owned(),
            message: Some(problem.message().to_owned()),
            ..Self::ended(outcome)
        }
    }

    /// Of a job whose argument cannot be written.
    pub(super) fn unwritable(problem: &Failure) -> Self {
        Self::without_outcome(BAD_VALUE, problem.message().to_owned())
    }

    /// Of a job that nothing but the caller itself could let go on.
    pub(super) fn paused() -> Self {
        let message = "it is paused by the job that waits for it; resume it before";
        Self::without_outcome("paused", message.to_owned())
    }

    fn without_outcome(reason: &str, message: String) -> Self {
        Self {
            status: Status::Unspecified,
            reason: reason.to_owned(),
            message: Some(message),
            outcome: None,
        }
    }
}

const BAD_VALUE: &str = "bad-value";

impl From<SubmitError> for JobError {
    fn from(refused: SubmitError) -> Self {
        Self::without_outcome(refused.name(), refused.to_string())
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::code(&error.reason, &error)
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Some(outcome) => {
                let Outcome { id, worker, .. } = outcome.as_ref();
                write!(f, "job {id} of `{worker}` gave no result: {}", self.reason)?;
            }
            None => write!(f, "a job gave no result: {}", self.reason)?,
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}
