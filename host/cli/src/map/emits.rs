//! The writing side with `--emits`: values are written as jobs emit them, outcomes in
//! their order.
//!
//! All jobs have one stream of events, whose bound holds for all of them together, and it
//! is read whatever the next outcome in the order is. Were it not, a job that nobody listens
//! to yet would be held in the slot that the next outcome needs. So a value of a later line
//! may come before the result of an earlier one; those of one job come in order and, as the
//! stream says when a job is over, before its result.

use super::collect::{Collector, Order, ready_or_flushed};
use super::feed::{Entry, Gate};
use crate::error::{Error, Kind};
use crate::input::Place;
use crate::output::{Emitted, Finished};
use std::collections::BTreeMap;
use std::sync::Arc;
use wodehost::task::Happened;
use wodehost::{JobEvent, JobEvents, JobHandle};

/// See the module.
pub(crate) struct Hearing {
    events: JobEvents,
    gate: Arc<Gate>,
    order: Order,
    /// Jobs that are not over, by their numbers.
    open: BTreeMap<u64, Open>,
    /// The number of the latest job that has come.
    latest: u64,
    /// How many entries came.
    came: u64,
    /// What ended before its turn, by the place in the order.
    ended: BTreeMap<u64, (Place, Finished)>,
    /// How many were written.
    written: u64,
}

/// A job that is not over.
struct Open {
    /// Its place in the order.
    index: u64,
    place: Place,
    handle: JobHandle,
}

/// What happens next.
enum Next {
    Came(Option<Entry>),
    Told(Option<JobEvent>),
}

impl Hearing {
    /// Nothing heard yet of the jobs that come through this door.
    pub(crate) fn new(events: JobEvents, gate: Arc<Gate>, order: Order) -> Hearing {
        Hearing {
            events,
            gate,
            order,
            open: BTreeMap::new(),
            latest: 0,
            came: 0,
            ended: BTreeMap::new(),
            written: 0,
        }
    }

    /// Collects until the input has ended and every job is over.
    pub(super) async fn collect(mut self, collector: &mut Collector) -> Result<(), Error> {
        let (mut has_ended, mut is_silent) = (false, false);
        loop {
            if has_ended && self.open.is_empty() {
                return Ok(());
            }
            if has_ended && is_silent {
                return Err(Error::new(Kind::Internal, "a job's outcome was lost"));
            }
            let next = {
                let (entries, events) = (&mut collector.entries, &mut self.events);
                let next = async {
                    tokio::select! {
                        biased;
                        entry = entries.recv(), if !has_ended => Next::Came(entry),
                        event = events.next(), if !is_silent => Next::Told(event),
                    }
                };
                ready_or_flushed(&mut collector.records, next).await?
            };
            match next {
                Next::Came(None) => has_ended = true,
                Next::Came(Some(entry)) => self.came(entry, collector)?,
                Next::Told(None) => is_silent = true,
                Next::Told(Some(event)) => self.told(event, collector).await?,
            }
        }
    }

    fn came(&mut self, entry: Entry, collector: &mut Collector) -> Result<(), Error> {
        let index = self.came;
        match entry {
            Entry::Broken(error) => {
                collector.broken = Some(error);
                Ok(())
            }
            Entry::Refused(place, refusal) => {
                self.came += 1;
                let refused = collector.refused(place, refusal);
                self.over(index, place, refused, collector)
            }
            Entry::Job(place, handle) => {
                self.came += 1;
                self.latest = handle.id().number();
                let open = Open {
                    index,
                    place,
                    handle,
                };
                self.open.insert(self.latest, open);
                Ok(())
            }
        }
    }

    async fn told(&mut self, event: JobEvent, collector: &mut Collector) -> Result<(), Error> {
        let number = event.job.number();
        if number > self.latest {
            // A job may be heard of before it has come through the door.
            self.gate.settle();
            while let Ok(entry) = collector.entries.try_recv() {
                self.came(entry, collector)?;
            }
        }
        match event.what {
            Happened::Emitted { seq, value } => {
                // Items of a parallel job have the numbers behind its own.
                let Some((job, open)) = self.open.range(..=number).next_back() else {
                    return Ok(());
                };
                let emitted = Emitted {
                    place: open.place,
                    part: number - job,
                    attempt: event.attempt,
                    seq,
                    value,
                };
                collector.records.put(&emitted.record())
            }
            Happened::Finished { .. } => {
                let Some(Open {
                    index,
                    place,
                    handle,
                }) = self.open.remove(&number)
                else {
                    return Ok(());
                };
                // It is told right before the handle has it.
                let finished = Finished::Job(Box::new(handle.await));
                self.over(index, place, finished, collector)
            }
            Happened::Queued
            | Happened::Held { .. }
            | Happened::Started { .. }
            | Happened::State(_)
            | Happened::Restarted { .. } => Ok(()),
        }
    }

    /// Writes what is over, in its turn.
    fn over(
        &mut self,
        index: u64,
        place: Place,
        finished: Finished,
        collector: &mut Collector,
    ) -> Result<(), Error> {
        match self.order {
            Order::Completion => collector.finished(place, &finished),
            Order::Input => {
                self.ended.insert(index, (place, finished));
                while let Some((place, finished)) = self.ended.remove(&self.written) {
                    self.written += 1;
                    collector.finished(place, &finished)?;
                }
                Ok(())
            }
        }
    }
}
