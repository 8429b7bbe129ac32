//! A job on its way to a slot, and how it becomes an outcome.

use crate::job::JobId;
use crate::limits::Limits;
use crate::plugin::Plugin;
use crate::sandbox::AttemptEnd;
use crate::task::{Outcome, Reason};
use crate::value::Value;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A job on its way to a slot.
pub(crate) struct Order {
    pub(crate) id: JobId,
    pub(crate) plugin: Plugin,
    pub(crate) value: Value,
    pub(crate) limits: Arc<Limits>,
    pub(crate) sink: Sink,
}

/// Who gets the outcome.
pub(crate) enum Sink {
    /// The consumer of the run.
    Consumer,
    /// Whoever holds the job's handle, if anybody still does.
    Handle(oneshot::Sender<Outcome>),
}

/// An outcome on its way to the consumer, with the value that the job was given.
pub(crate) struct Delivery {
    pub(crate) job: Value,
    pub(crate) outcome: Outcome,
}

impl Delivery {
    /// What it counts against the high-water mark.
    pub(crate) fn bytes(&self) -> u64 {
        (self.job.len() + self.outcome.data.len()) as u64
    }
}

impl Order {
    /// The outcome of a job whose attempt ended.
    pub(crate) fn outcome(&self, end: AttemptEnd) -> Outcome {
        let ending = end.ending;
        Outcome {
            id: self.id,
            worker: self.plugin.shared_name().clone(),
            status: ending.status,
            reason: ending.reason,
            // Without a value of its own the last carried state stands.
            data: ending.data.unwrap_or(end.state),
            attempts: 1,
            message: ending.message,
            stdout: end.stdout,
            stderr: end.stderr,
            backtrace: ending.backtrace,
            receipt: Some(end.receipt),
        }
    }
}

/// The outcome of a job that no attempt was started for.
pub(crate) fn never_started(
    id: JobId,
    worker: Arc<str>,
    reason: Reason,
    message: Option<String>,
) -> Outcome {
    Outcome {
        id,
        worker,
        status: reason.status(),
        reason,
        data: Value::nil(),
        attempts: 0,
        message,
        stdout: None,
        stderr: None,
        backtrace: Vec::new(),
        receipt: None,
    }
}
