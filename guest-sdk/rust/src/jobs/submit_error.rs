//! Why the host did not take a job.

use std::fmt;

use crate::bindings::wit::types;

/// Why a submit did not give a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitError {
    /// No slot came free within the timeout.
    NoSlot,
    /// The named admission gate held the job back for the whole timeout.
    Gate(String),
    /// A limit on nesting was reached; the string names it: `depth`, `children`,
    /// `tree` or `live`. See [the limits](crate::jobs#limits).
    Limit(String),
    /// The host takes no more jobs.
    Closed,
    /// No worker has this name.
    UnknownWorker(String),
    /// An argument is no valid value; the string says where and why.
    BadValue(String),
    /// The options are not valid; the string says which key and why.
    BadOptions(String),
    /// This plugin may not submit to that worker.
    NotPermitted(String),
}

impl SubmitError {
    /// The name as the contract writes it, for example `no-slot`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoSlot => "no-slot",
            Self::Gate(_) => "gate",
            Self::Limit(_) => "limit",
            Self::Closed => "closed",
            Self::UnknownWorker(_) => "unknown-worker",
            Self::BadValue(_) => "bad-value",
            Self::BadOptions(_) => "bad-options",
            Self::NotPermitted(_) => "not-permitted",
        }
    }

    /// Whether a limit on nesting was reached.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Limit(_))
    }

    pub(super) fn lift(error: types::SubmitError) -> Self {
        match error {
            types::SubmitError::NoSlot => Self::NoSlot,
            types::SubmitError::Gate(gate) => Self::Gate(gate),
            types::SubmitError::Limit(limit) => Self::Limit(limit),
            types::SubmitError::Closed => Self::Closed,
            types::SubmitError::UnknownWorker(worker) => Self::UnknownWorker(worker),
            types::SubmitError::BadValue(why) => Self::BadValue(why),
            types::SubmitError::BadOptions(why) => Self::BadOptions(why),
            types::SubmitError::NotPermitted(what) => Self::NotPermitted(what),
        }
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSlot => f.write_str("no slot came free in time"),
            Self::Gate(gate) => write!(f, "gate `{gate}` held the job back"),
            Self::Limit(limit) => write!(f, "the limit `{limit}` on nested jobs was reached"),
            Self::Closed => f.write_str("the host takes no more jobs"),
            Self::UnknownWorker(worker) => write!(f, "no worker is called `{worker}`"),
            Self::BadValue(why) => write!(f, "an argument is no valid value: {why}"),
            Self::BadOptions(why) => write!(f, "the options are not valid: {why}"),
            Self::NotPermitted(what) => write!(f, "not permitted: {what}"),
        }
    }
}

impl std::error::Error for SubmitError {}
