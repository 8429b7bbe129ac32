//! What a hub writes into a store, and what it does when that is kept.

use super::Hub;
use crate::dispatch::completion::STAYS;
use crate::dispatch::delivery::Taken;
use crate::dispatch::events::{Event, Stopping, Target, Why};
use crate::dispatch::gathering::Gathering;
use crate::dispatch::live::LoopId;
use crate::dispatch::order::{Delivery, Order, Sink};
use crate::dispatch::recorder::{After, Cursor, Draft, Past, Recorder};
use crate::job::JobId;
use crate::sandbox::{AttemptEnd, Resident};
use crate::store::{StoreError, TARGET};
use crate::task::{Happened, Outcome, Reason};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Hub {
    /// Writes a job that has come in.
    pub(in crate::dispatch) fn record(&self, order: &Order, draft: Draft) {
        if let Some(recorder) = &self.recorder {
            recorder.submit_job(recorder.new_job(order, draft), None);
        }
    }

    /// Takes a new job in. Where there is a store it starts when it is kept.
    pub(in crate::dispatch) fn submit_new(&self, order: Order, bounded: Option<u32>, draft: Draft) {
        let Some(recorder) = &self.recorder else {
            return self.submit(order, bounded);
        };
        let number = order.id.number;
        let job = recorder.new_job(&order, draft);
        self.postpone(order, bounded);
        recorder.submit_job(job, Some(After::Due(number)));
    }

    /// Takes a job in that was written; it starts when that is kept.
    pub(in crate::dispatch) fn submit_kept(&self, order: Order, bounded: Option<u32>) {
        let Some(recorder) = &self.recorder else {
            return self.submit(order, bounded);
        };
        let number = order.id.number;
        self.postpone(order, bounded);
        recorder.then(After::Due(number));
    }

    fn postpone(&self, order: Order, bounded: Option<u32>) {
        let (facts, payload) = (order.facts(bounded), order);
        self.handle(Event::Postponed { facts, payload }, None);
    }

    /// The store has a job like this one already, whose outcome comes or has come.
    pub(in crate::dispatch) fn is_known(&self, number: u64) {
        let target = Target::Numbers(number..number + 1);
        let why = Why::Withdrawn;
        let gently = false;
        let cancel = Event::Cancel {
            target,
            why,
            gently,
        };
        self.handle(cancel, None);
    }

    /// Notes that an attempt of a job starts on a loop.
    pub(in crate::dispatch) fn mark(&self, at: LoopId, order: &Order) {
        if let Some(recorder) = &self.recorder {
            recorder.mark(at.0, order);
        }
    }

    /// Keeps what the next attempt of a job needs of the one that ended, `pause` before it.
    pub(in crate::dispatch) fn carry(&self, order: &mut Order, end: AttemptEnd, pause: Duration) {
        let Some(recorder) = &self.recorder else {
            return order.carry(end, pause);
        };
        let past = Past::note(order);
        order.carry(end, pause);
        recorder.again(order, past);
    }

    /// Whether a job that ends so is not over, but goes on with the next host that opens the
    /// store.
    pub(super) fn is_interrupted(&self, outcome: &Outcome) -> bool {
        self.is_stopping() && outcome.is_cancelled()
    }

    /// Lets go of a job that is not over.
    pub(super) fn interrupt(
        &self,
        recorder: &Recorder,
        mut order: Order,
        mut outcome: Outcome,
        leave: impl FnOnce(&Hub),
    ) {
        self.forgets(&mut order);
        recorder.release(&order);
        if matches!(order.sink, Sink::Consumer | Sink::Handle(_)) {
            recorder.interrupted.fetch_add(1, Ordering::Relaxed);
        }
        let bytes = (order.value.len() + outcome.data.len()) as u64;
        outcome.reason = Reason::Interrupted;
        outcome.message = Some(STAYS.to_owned());
        leave(self);
        match order.sink {
            Sink::Chunk(_) => {}
            // Nobody gets it, but it was counted as if.
            Sink::Consumer => self.delivered(1, bytes),
            Sink::Handle(promise) => promise.keep(outcome),
            Sink::Child(crib) => crib.take(outcome),
            Sink::Item(item) => self.gather_in(*item, outcome),
        }
    }

    /// A job is over and off the machine; whoever is to have the outcome gets it when it is
    /// kept.
    pub(super) fn hand_over_kept(&self, recorder: &Recorder, mut order: Order, outcome: Outcome) {
        self.forgets(&mut order);
        let write = recorder.end_of(&order, &outcome);
        let over = Box::new((order, outcome));
        recorder.ledger.write([write], Some(After::Over(over)));
    }

    /// What a job held is free.
    fn forgets(&self, order: &mut Order) {
        if let Some(more) = &mut order.more {
            more.key = None;
            if more.is_recovered {
                // The machine knows of none where it submitted nothing again.
                self.remove_families(&[order.id.number]);
            }
        }
    }

    /// The job may start: it is kept.
    pub(in crate::dispatch) fn is_due(&self, number: u64) {
        self.handle(Event::Due { number }, None);
    }

    /// The outcome of a job is kept.
    pub(in crate::dispatch) fn is_kept(&self, order: Order, outcome: Outcome) {
        let (status, reason) = (outcome.status, outcome.reason);
        order.tell(|| Happened::Finished { status, reason });
        self.note(&outcome);
        match order.sink {
            Sink::Handle(promise) => promise.keep(outcome),
            Sink::Consumer => self.deliver(Delivery::Outcome {
                job: order.value,
                outcome,
            }),
            // These did not wait for it.
            Sink::Item(_) | Sink::Child(_) | Sink::Chunk(_) => {}
        }
    }

    /// Something was given to the consumer.
    pub(in crate::dispatch) fn is_taken(&self, delivery: &Delivery, taken: Taken) {
        let (Some(recorder), Taken::Now(cursor)) = (&self.recorder, taken) else {
            return;
        };
        match (delivery, cursor) {
            (Delivery::Outcome { outcome, .. }, cursor) => recorder.taken(outcome.id, cursor),
            (Delivery::Emitted(_), Some(cursor)) => recorder.saved(cursor),
            (Delivery::Emitted(_), None) => {}
        }
    }

    /// The outcome of a job was not taken by the store: nobody is to have it.
    pub(in crate::dispatch) fn is_refused(&self, order: &Order, outcome: &Outcome) {
        if matches!(order.sink, Sink::Consumer) {
            self.delivered(1, (order.value.len() + outcome.data.len()) as u64);
        }
    }

    /// Begins: keeps the components of the workers, and holds the keys of jobs that are not over.
    pub(crate) fn begin_recording(&self) -> Result<(), StoreError> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        recorder.hold(&self.singletons)?;
        let mut plugins = self.workers.values().map(|worker| &worker.plugin);
        plugins.try_for_each(|plugin| recorder.keep_plugin(plugin))
    }

    /// Somebody took an outcome.
    pub(crate) fn acknowledge(&self, job: JobId) {
        if let Some(recorder) = &self.recorder {
            recorder.acknowledged(job);
        }
    }

    /// A producer or consumer goes on from what an earlier host kept.
    pub(crate) fn restore(&self, role: &str, resident: &Resident) -> Result<(), StoreError> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        let name = Cursor::name(role, resident.plugin().name());
        match recorder.ledger.read(|reader| reader.cursor(&name))? {
            Some(saved) => resident.restore(saved),
            None if role == "producer" && self.found.is_some_and(|found| found.has_jobs()) => {
                tracing::warn!(target: TARGET, plugin = resident.plugin().name(),
                    "the producer has saved no checkpoint and begins from its start; \
                     what it gives again is done again");
            }
            None => {}
        }
        Ok(())
    }

    /// Waits until everything is kept.
    pub(crate) async fn until_kept(&self) -> Result<(), StoreError> {
        match &self.recorder {
            None => Ok(()),
            Some(recorder) => recorder.until_kept().await,
        }
    }

    /// What runs is not to blame for the end of the process.
    pub(crate) fn forget_marks(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.forget_marks();
        }
    }

    /// How many jobs a stop has left in the store.
    pub(crate) fn interrupted(&self) -> u64 {
        let recorder = self.recorder.as_ref();
        recorder.map_or(0, |recorder| recorder.interrupted.load(Ordering::Relaxed))
    }

    /// Why nothing is kept any more.
    pub(crate) fn store_error(&self) -> Option<StoreError> {
        self.recorder.as_ref()?.ledger.error()
    }

    /// Something was kept: whoever waits until everything is may look.
    pub(in crate::dispatch) fn ledger_moved(&self) {
        self.idle_wake.notify_waiters();
        self.consumer_wake.notify_one();
    }

    /// Nothing is kept any more: what runs has no purpose.
    pub(in crate::dispatch) fn store_broke(&self) {
        self.stop(Stopping::Cancelling);
        self.idle_wake.notify_waiters();
    }

    /// Whether something waits until it is kept.
    pub(super) fn is_writing(&self) -> bool {
        let Some(recorder) = &self.recorder else {
            return false;
        };
        recorder.ledger.error().is_none() && !recorder.ledger.is_idle()
    }

    /// An item of a parallel job is over.
    pub(super) fn gather_in(&self, (gathering, index): (Arc<Gathering>, usize), outcome: Outcome) {
        if let Some((order, outcome)) = gathering.take(index, outcome, self.is_stopping()) {
            self.gathered(&gathering, order, outcome);
        }
    }
}
