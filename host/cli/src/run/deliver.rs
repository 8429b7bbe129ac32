//! Outcomes of a run without a consumer: a JSON text a line on stdout.
//!
//! The host calls back on a guest's thread, which must not wait for a slow reader
//! of our output. So a thread of its own writes, and what waits for it is bounded:
//! when that is full, the run is held back.

use crate::error::{Error, Kind, in_words};
use crate::halt::Halt;
use crate::output::{Encoding, Failures, Finished, Records};
use crate::printer::Printer;
use crate::signals::Stopper;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;
use wodehost::{Deliver, Outcome, Reason, Status};

/// Outcomes that may wait for the writer.
const WAITING_MAX: usize = 1024;

/// The writer of a run's outcomes.
pub(crate) struct Delivery {
    thread: JoinHandle<Result<u64, Error>>,
}

/// What the writer is told.
pub(crate) struct Telling {
    pub(crate) printer: Printer,
    pub(crate) verbose: u8,
    pub(crate) halt: Halt,
    pub(crate) stopper: Arc<Stopper>,
}

/// Starts the writer.
pub(crate) fn deliver_to_stdout(telling: Telling) -> Result<(Deliver, Delivery), Error> {
    let (sender, outcomes) = sync_channel::<Box<Outcome>>(WAITING_MAX);
    let thread = std::thread::Builder::new()
        .name("wodehost-writer".to_owned())
        .spawn(move || {
            let mut writer = Writer {
                records: Records::new(Encoding::Jsonl),
                failures: Failures::new(telling.verbose),
                telling,
                failed: 0,
                internal: 0,
                halted: false,
            };
            let written = writer.run(&outcomes);
            if written.is_err() {
                // Nobody is there for the outcomes.
                writer.telling.stopper.abandon();
            }
            written.and_then(|()| writer.records.finish())?;
            Ok(writer.internal)
        })
        .map_err(|e| {
            Error::new(Kind::Internal, "threads cannot be started").because(in_words(&e))
        })?;
    let deliver = Deliver::Function(Box::new(move |_, outcome| {
        // The writer has gone when the output cannot be written; the run is being
        // stopped then.
        let _ = sender.send(Box::new(outcome.clone()));
    }));
    Ok((deliver, Delivery { thread }))
}

impl Delivery {
    /// Waits until everything is written; gives how many outcomes were our fault.
    pub(crate) fn end(self) -> Result<u64, Error> {
        self.thread
            .join()
            .unwrap_or_else(|_| Err(Error::new(Kind::Internal, "the writer's thread ended")))
    }
}

struct Writer {
    records: Records,
    failures: Failures,
    telling: Telling,
    failed: u64,
    internal: u64,
    halted: bool,
}

impl Writer {
    fn run(&mut self, outcomes: &Receiver<Box<Outcome>>) -> Result<(), Error> {
        loop {
            let next = match self.records.due() {
                None => outcomes.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => outcomes.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match next {
                Ok(outcome) => self.take(outcome)?,
                Err(RecvTimeoutError::Timeout) => self.records.flush()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn take(&mut self, outcome: Box<Outcome>) -> Result<(), Error> {
        self.records.put(&outcome.to_value())?;
        if outcome.is_success() {
            return Ok(());
        }
        self.internal += u64::from(outcome.reason == Reason::Internal);
        self.failed += u64::from(outcome.status != Status::Cancelled);
        let id = outcome.id.to_string();
        if let Some(lines) = self.failures.lines(&id, &Finished::Job(outcome)) {
            self.telling.printer.note(&lines);
        }
        if let Some(act) = self.telling.halt.after(self.failed)
            && !self.halted
        {
            self.halted = true;
            let failed = self.failed;
            self.telling
                .printer
                .note(&format!("stopping: {failed} failed (--halt)"));
            self.telling.stopper.halt(act);
        }
        Ok(())
    }
}
