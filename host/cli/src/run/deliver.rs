//! Outcomes of a run without a consumer: a JSON text a line on stdout.
//!
//! The host calls back on a guest's thread, which must not wait for a slow reader
//! of our output. So a thread of its own writes, and what waits for it is bounded:
//! when that is full, the run is held back.

use crate::error::{Error, Kind, in_words};
use crate::output::{Encoding, Records};
use crate::signals::Stopper;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;
use wodehost::{Deliver, Host, JobId, Outcome};

/// Outcomes that may wait for the writer.
const WAITING_MAX: usize = 1024;

/// The writer of a run's outcomes.
pub(crate) struct Delivery {
    thread: JoinHandle<Result<(), Error>>,
}

/// Starts the writer. The host hears of each outcome when it is written.
pub(crate) fn deliver_to_stdout(
    stopper: Arc<Stopper>,
    host: Host,
) -> Result<(Deliver, Delivery), Error> {
    let (sender, outcomes) = sync_channel::<Box<Outcome>>(WAITING_MAX);
    let thread = std::thread::Builder::new()
        .name("wodehost-writer".to_owned())
        .spawn(move || {
            let mut writer = Writer {
                records: Records::new(Encoding::Jsonl),
                gathered: Vec::new(),
                host,
            };
            let written = writer.write(&outcomes);
            if written.is_err() {
                // Nobody is there for the outcomes.
                stopper.abandon();
            }
            written
        })
        .map_err(|e| {
            Error::new(Kind::Internal, "threads cannot be started").because(in_words(&e))
        })?;
    let deliver = Deliver::Later(Box::new(move |_, outcome| {
        // The writer has gone when the output cannot be written; the run is being
        // stopped then.
        let _ = sender.send(Box::new(outcome.clone()));
    }));
    Ok((deliver, Delivery { thread }))
}

impl Delivery {
    /// Waits until everything is written.
    pub(crate) fn end(self) -> Result<(), Error> {
        self.thread
            .join()
            .unwrap_or_else(|_| Err(Error::new(Kind::Internal, "the writer's thread ended")))
    }
}

/// Writes outcomes.
struct Writer {
    records: Records,
    /// What was not said to be written yet.
    gathered: Vec<JobId>,
    host: Host,
}

impl Writer {
    fn write(&mut self, outcomes: &Receiver<Box<Outcome>>) -> Result<(), Error> {
        loop {
            let next = match self.records.due() {
                None => outcomes.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => outcomes.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match next {
                Ok(outcome) => {
                    self.gathered.push(outcome.id);
                    self.records.put(&outcome.to_value())?;
                    if self.gathered.len() >= WAITING_MAX {
                        self.flush()?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.flush()?,
                Err(RecvTimeoutError::Disconnected) => return self.flush(),
            }
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.records.flush()?;
        for id in self.gathered.drain(..) {
            self.host.acknowledge(id);
        }
        Ok(())
    }
}
