//! The reading side: values become jobs, in order, as fast as the window allows.

use super::window::Window;
use crate::error::Error;
use crate::input::{Place, Record, Refusal};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedSender;
use wodehost::{Host, JobHandle, SubmitError};

/// What the writing side gets for a value.
#[derive(Debug)]
pub(crate) enum Entry {
    /// It became a job.
    Job(Place, JobHandle),
    /// It could not become one.
    Refused(Place, Refusal),
    /// The input cannot be read on.
    Broken(Error),
}

/// The door between both sides. Once it is closed nothing comes through, and
/// everything that was submitted has come through.
///
/// The channel behind it has no bound of its own: the window is its bound.
#[derive(Debug)]
pub(crate) struct Gate(Mutex<Option<UnboundedSender<Entry>>>);

impl Gate {
    /// An open door.
    pub(crate) fn new(sender: UnboundedSender<Entry>) -> Gate {
        Gate(Mutex::new(Some(sender)))
    }

    /// Closes the door for good.
    pub(crate) fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Makes an entry and lets it through, in one step; false when the door is closed.
    fn pass(&self, make: impl FnOnce() -> Option<Entry>) -> bool {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*sender {
            None => false,
            Some(sender) => make().is_some_and(|entry| sender.send(entry).is_ok()),
        }
    }
}

/// Reads until the input, the door or the window ends. Blocks.
pub(crate) fn feed(
    records: impl Iterator<Item = Result<Record, Error>>,
    host: &Host,
    worker: &str,
    window: &Window,
    gate: &Gate,
) {
    let mut places = 0;
    let mut records = records;
    loop {
        if places == 0 {
            places = window.take();
            if places == 0 {
                break;
            }
        }
        let Some(record) = records.next() else {
            break;
        };
        places -= 1;
        let is_last = record.is_err();
        if !gate.pass(|| entry(record, host, worker)) || is_last {
            break;
        }
    }
    gate.close();
}

/// Submits a record's value; `None` when the host takes no more.
fn entry(record: Result<Record, Error>, host: &Host, worker: &str) -> Option<Entry> {
    let Record { place, value } = match record {
        Ok(record) => record,
        Err(error) => return Some(Entry::Broken(error)),
    };
    match value {
        Err(refusal) => Some(Entry::Refused(place, refusal)),
        Ok(value) => match host.submit(worker, [value]) {
            Ok(handle) => Some(Entry::Job(place, handle)),
            Err(SubmitError::Closed) => None,
            Err(
                error @ (SubmitError::UnknownWorker(_)
                | SubmitError::Options(_)
                | SubmitError::Blocked(_)),
            ) => Some(Entry::Broken(error.into())),
        },
    }
}
