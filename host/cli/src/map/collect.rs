//! The writing side: outcomes become records, in the order of the input or in the
//! order in which jobs end.

use super::emits::Hearing;
use super::feed::Entry;
use super::window::Window;
use crate::error::{Error, Kind};
use crate::halt::Halt;
use crate::input::{Place, Refusal};
use crate::output::{Failures, Finished, Records};
use crate::printer::Printer;
use crate::signals::Stopper;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use wodehost::{Outcome, Reason, Status, Tally};

/// The order of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As in the input.
    Input,
    /// As jobs end.
    Completion,
}

/// Collects outcomes and writes them.
pub(crate) struct Collector {
    pub(crate) entries: UnboundedReceiver<Entry>,
    pub(crate) window: Arc<Window>,
    pub(crate) stopper: Arc<Stopper>,
    pub(crate) records: Records,
    pub(crate) failures: Failures,
    pub(crate) printer: Printer,
    pub(crate) worker: String,
    pub(crate) halt: Halt,
    /// Whether successes are written as outcomes too.
    pub(crate) outcomes: bool,
    /// Whether emitted values are written, so that no result is to look like one.
    pub(crate) emits: bool,
    /// A job that is not over left a gap in the output: it ends there.
    pub(crate) is_interrupted: bool,
    pub(crate) counts: Counts,
    /// Why the input could not be read to its end.
    pub(crate) broken: Option<Error>,
}

/// What is counted besides the host's tally.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Input that was refused.
    pub(crate) refused: u64,
    /// Everything that failed, for `--halt`.
    pub(crate) failed: u64,
    /// Outcomes that are our fault.
    pub(crate) internal: u64,
    /// Whether `--halt` has stopped it.
    pub(crate) halted: bool,
    /// How what was written ended.
    pub(crate) tally: Tally,
}

impl Collector {
    /// Collects until the input has ended and every job is written. The input may
    /// have ended badly; what came before is written then.
    pub(crate) async fn run(
        mut self,
        order: Order,
        hearing: Option<Hearing>,
    ) -> Result<Counts, Error> {
        let ended = match (hearing, order) {
            (Some(hearing), _) => hearing.collect(&mut self).await,
            (None, Order::Input) => self.in_order().await,
            (None, Order::Completion) => self.as_they_end().await,
        };
        match ended {
            Ok(()) => {
                self.records.finish()?;
                self.broken.map_or(Ok(self.counts), Err)
            }
            Err(error) => {
                // Nobody is there for the results.
                self.stopper.abandon();
                Err(error)
            }
        }
    }

    async fn in_order(&mut self) -> Result<(), Error> {
        loop {
            let next = ready_or_flushed(&mut self.records, self.entries.recv()).await?;
            match next {
                None => return Ok(()),
                Some(Entry::Job(place, handle)) => {
                    let outcome = ready_or_flushed(&mut self.records, handle).await?;
                    self.finished(place, &Finished::Job(Box::new(outcome)))?;
                }
                Some(other) => self.no_job(other)?,
            }
        }
    }

    async fn as_they_end(&mut self) -> Result<(), Error> {
        let mut running: JoinSet<(Place, Box<Outcome>)> = JoinSet::new();
        let mut has_ended = false;
        loop {
            if has_ended && running.is_empty() {
                return Ok(());
            }
            let event = {
                let (entries, running) = (&mut self.entries, &mut running);
                let next = async {
                    tokio::select! {
                        Some(ended) = running.join_next() => Event::Ended(ended.ok()),
                        entry = entries.recv(), if !has_ended => Event::Came(entry),
                    }
                };
                ready_or_flushed(&mut self.records, next).await?
            };
            match event {
                Event::Ended(Some((place, outcome))) => {
                    self.finished(place, &Finished::Job(outcome))?;
                }
                Event::Ended(None) => {
                    return Err(Error::new(Kind::Internal, "a job's outcome was lost"));
                }
                Event::Came(None) => has_ended = true,
                Event::Came(Some(Entry::Job(place, handle))) => {
                    running.spawn(async move { (place, Box::new(handle.await)) });
                }
                Event::Came(Some(other)) => self.no_job(other)?,
            }
        }
    }

    fn no_job(&mut self, entry: Entry) -> Result<(), Error> {
        match entry {
            Entry::Broken(error) => {
                self.broken = Some(error);
                Ok(())
            }
            Entry::Job(..) => Ok(()),
            Entry::Refused(place, refusal) => {
                let refused = self.refused(place, refusal);
                self.finished(place, &refused)
            }
        }
    }

    /// Counts input that could not become a job.
    pub(super) fn refused(&mut self, place: Place, refusal: Refusal) -> Finished {
        self.counts.refused += 1;
        let worker = self.worker.clone();
        Finished::Refused {
            place,
            worker,
            refusal,
        }
    }

    /// Writes how a value ended, and stops when enough failed.
    pub(super) fn finished(&mut self, place: Place, finished: &Finished) -> Result<(), Error> {
        // It stays in the store; the next run writes it, in its place.
        self.is_interrupted |= finished.reason() == Reason::Interrupted;
        if self.is_interrupted {
            self.window.give_back(place);
            return Ok(());
        }
        self.counts.tally.count(finished.status());
        let is_outcome = self.outcomes || (self.emits && finished.looks_emitted());
        self.records.put(&finished.record(place, is_outcome))?;
        self.window.give_back(place);
        if finished.status() == Status::Success {
            return Ok(());
        }
        if finished.reason() == Reason::Internal {
            self.counts.internal += 1;
        }
        if finished.status() != Status::Cancelled {
            self.counts.failed += 1;
        }
        if self.printer == Printer::Normal
            && let Some(lines) = self.failures.lines(&place.to_string(), finished)
        {
            self.printer.failure(&lines, &place.to_string(), finished);
        }
        if let Some(act) = self.halt.after(self.counts.failed)
            && !self.counts.halted
        {
            self.counts.halted = true;
            self.printer.note(&format!(
                "stopping: {} failed (--halt); no more of the input is read",
                self.counts.failed
            ));
            self.stopper.halt(act);
        }
        Ok(())
    }
}

enum Event {
    Came(Option<Entry>),
    Ended(Option<(Place, Box<Outcome>)>),
}

/// Waits for something; when it takes long, what was gathered is written first.
pub(super) async fn ready_or_flushed<F: Future>(
    records: &mut Records,
    future: F,
) -> Result<F::Output, Error> {
    let mut future = pin!(future);
    let at_once = std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
    if let Poll::Ready(output) = at_once {
        return Ok(output);
    }
    if let Some(due) = records.due() {
        tokio::select! {
            biased;
            output = &mut future => return Ok(output),
            () = tokio::time::sleep_until(due.into()) => records.flush()?,
        }
    }
    Ok(future.await)
}
