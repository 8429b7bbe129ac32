//! How jobs end, and what they send before.

use std::fmt;

use crate::Failure;
use crate::bindings::wit::types;
use crate::jobs::JobError;
use crate::value::{FromValue, Raw, read};

/// How a job ended. A stable reason string stands next to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The job has not ended, or nobody said how.
    Unspecified,
    /// It returned a value, or declared success.
    Success,
    /// It returned an error, trapped, broke a limit, or declared failure.
    Failure,
    /// It was silent too long, ran out of fuel, or ran out of time.
    Timeout,
    /// The items of a parallel job ended in different ways.
    Mixed,
    /// It was refused: another job with the same singleton key is unfinished.
    Rejected,
    /// It was stopped before its end.
    Cancelled,
}

impl Status {
    /// The name as the contract and the command line write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Timeout => "timeout",
            Self::Mixed => "mixed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a finished job leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The job's id, unique for this host.
    pub id: String,
    /// The name of the worker that the job was for.
    pub worker: String,
    /// How it ended.
    pub status: Status,
    /// Why, as a stable string: `returned`, `silent`, `trap:unreachable` …
    pub reason: String,
    /// How many attempts were started; of a parallel job those of its items.
    pub attempts: u32,
    /// The sentence for people, where there is one.
    pub message: Option<String>,
    data: Raw,
    more: Raw,
}

impl Outcome {
    /// The result on success; the error value, or the last carried state,
    /// otherwise. [`Raw`] as `T` gives it as it is.
    pub fn data<'v, T: FromValue<'v>>(&'v self) -> Result<T, Failure> {
        read(&self.data.0, "bad-value", "the outcome's data")
    }

    /// The result if the job succeeded; an error that has the whole outcome
    /// otherwise, or if the result cannot be read as a `T`.
    pub fn into_result<T: for<'v> FromValue<'v>>(self) -> Result<T, JobError> {
        if !self.is_success() {
            return Err(JobError::ended(self));
        }
        self.data()
            .map_err(|problem| JobError::unreadable(self, &problem))
    }

    /// Whatever else is known, as a map: `receipts`, `stderr`, `backtrace`. Read it
    /// into a struct with `Option` fields and skip keys that are not known.
    pub fn more<'v, T: FromValue<'v>>(&'v self) -> Result<T, Failure> {
        read(&self.more.0, "bad-value", "the outcome's further facts")
    }

    /// Whether the job succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == Status::Success
    }

    /// Whether the job failed: an error, a trap, a broken limit.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.status == Status::Failure
    }

    /// Whether the job was silent too long or ran out of fuel or time.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.status == Status::Timeout
    }

    /// Whether the items of a parallel job ended in different ways, some well.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.status == Status::Mixed
    }

    /// Whether the job was refused because of its singleton key.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.status == Status::Rejected
    }

    /// Whether the job was stopped before its end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.status == Status::Cancelled
    }

    pub(crate) fn lift(outcome: types::Outcome) -> Self {
        Self {
            id: outcome.id,
            worker: outcome.worker,
            status: lift_status(outcome.status),
            reason: outcome.reason,
            attempts: outcome.attempts,
            message: outcome.message,
            data: Raw(outcome.data),
            more: Raw(outcome.more),
        }
    }
}

fn lift_status(status: types::Status) -> Status {
    match status {
        types::Status::Unspecified => Status::Unspecified,
        types::Status::Success => Status::Success,
        types::Status::Failure => Status::Failure,
        types::Status::Timeout => Status::Timeout,
        types::Status::Mixed => Status::Mixed,
        types::Status::Rejected => Status::Rejected,
        types::Status::Cancelled => Status::Cancelled,
    }
}

/// A value that a job sent while it ran, as a consumer's `on_emit` takes it. Those of an
/// attempt that was restarted come, too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Emitted {
    /// The id of the job that sent it.
    pub job_id: String,
    /// The attempt that sent it, from 1.
    pub attempt: u32,
    /// Where it stands among the values of that job.
    pub seq: u64,
    data: Raw,
}

impl Emitted {
    /// The value. [`Raw`] as `T` gives it as it is.
    pub fn data<'v, T: FromValue<'v>>(&'v self) -> Result<T, Failure> {
        read(&self.data.0, "bad-value", "the emitted value")
    }

    pub(crate) fn lift(job_id: String, attempt: u32, seq: u64, data: Vec<u8>) -> Self {
        Self {
            job_id,
            attempt,
            seq,
            data: Raw(data),
        }
    }
}
