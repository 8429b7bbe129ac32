//! How jobs leave the hub: what comes after their attempts, and who gets the outcome.

use super::{Hub, cause, lock};
use crate::dispatch::course::{NOT_RUN, TARGET, cut_off};
use crate::dispatch::events::{Event, Stopping, Why};
use crate::dispatch::gathering::Gathering;
use crate::dispatch::live::LoopId;
use crate::dispatch::order::{Delivery, Order, Sink};
use crate::task::{Happened, Outcome, Reason};
use std::time::Duration;

impl Hub {
    /// The job on a loop is over: its slot is free before anybody hears of the
    /// outcome. Gives back the loop's next job.
    pub(crate) fn end(&self, at: LoopId, order: Order, outcome: Outcome) -> Option<Order> {
        let outcome_bytes = counted_bytes(&order, &outcome);
        let mut next = None;
        self.hand_over(order, outcome, |hub| {
            let event = Event::Ended { at, outcome_bytes };
            next = hub.handle(event, Some(at));
        });
        next
    }

    /// The job on a loop, which has no slot any more, needs another one. Gives back the
    /// loop's next job.
    pub(in crate::dispatch) fn requeue(
        &self,
        at: LoopId,
        order: Order,
        comes_again: bool,
    ) -> Option<Order> {
        let event = Event::Requeued {
            at,
            comes_again,
            payload: order,
        };
        self.handle(event, Some(at))
    }

    /// The job on a loop comes back after a pause. Gives back the loop's next job.
    pub(crate) fn delay(&self, at: LoopId, order: Order, pause: Duration) -> Option<Order> {
        let number = order.id.number;
        let event = Event::Delayed { at, payload: order };
        let next = self.handle(event, Some(at));
        self.is_due_after(pause, number);
        next
    }

    fn is_due_after(&self, pause: Duration, number: u64) {
        self.act_later(pause, move |hub| {
            hub.handle(Event::Due { number }, None);
        });
    }

    /// Ends a job that has no slot and is counted: now, or when what comes after its
    /// attempts has had one.
    pub(crate) fn conclude(&self, mut order: Order, mut outcome: Outcome) {
        let stopping = lock(&self.machine).stopping();
        if stopping >= Stopping::Cancelling && order.wants_stages(&outcome) {
            cut_off(&mut outcome);
        }
        let wants_slot = order.wants_stages(&outcome) || order.options.finally.is_some();
        if wants_slot && stopping < Stopping::Closing {
            let facts = order.facts_again();
            order.more().over = Some(outcome);
            let payload = order;
            self.handle(Event::Again { facts, payload }, None);
            return;
        }
        outcome.finally_error = order.options.finally.as_ref().map(|_| NOT_RUN.to_owned());
        self.close_counted(order, outcome);
    }

    /// Ends a job that has no slot and is counted.
    pub(super) fn close_counted(&self, order: Order, outcome: Outcome) {
        let event = Event::Closed {
            number: order.id.number,
            bytes: order.value.len() as u64,
            outcome_bytes: counted_bytes(&order, &outcome),
        };
        self.hand_over(order, outcome, |hub| {
            hub.handle(event, None);
        });
    }

    /// Hands an outcome to whoever is to have it. In between `leave` takes the job off
    /// the machine: a singleton's key is free before, everything else comes after.
    pub(super) fn hand_over(&self, mut order: Order, outcome: Outcome, leave: impl FnOnce(&Hub)) {
        if let Some(recorder) = &self.recorder
            && !matches!(order.sink, Sink::Chunk(_))
        {
            if self.is_interrupted(&outcome) {
                return self.interrupt(recorder, order, outcome, leave);
            }
            if matches!(order.sink, Sink::Consumer | Sink::Handle(_)) {
                leave(self);
                return self.hand_over_kept(recorder, order, outcome);
            }
            recorder.finish(&order, &outcome);
        }
        if let Some(more) = &mut order.more {
            more.key = None;
        }
        let (status, reason) = (outcome.status, outcome.reason);
        order.tell(|| Happened::Finished { status, reason });
        match order.sink {
            // It is noted as a part of the job that it belongs to.
            // A chunk has none; its jobs have theirs.
            Sink::Item(_) | Sink::Chunk(_) => {}
            Sink::Child(crib) => {
                let (job, worker) = (outcome.id, &*outcome.worker);
                tracing::debug!(target: TARGET, %job, worker, reason = %outcome.reason,
                    "ended; a job submitted it");
                // The machine lets its parent go on, who will look for it.
                crib.take(outcome);
                return leave(self);
            }
            Sink::Consumer | Sink::Handle(_) => self.note(&outcome),
        }
        leave(self);
        match order.sink {
            Sink::Child(_) | Sink::Chunk(_) => {}
            Sink::Handle(promise) => promise.keep(outcome),
            Sink::Consumer => self.deliver(Delivery::Outcome {
                job: order.value,
                outcome,
            }),
            Sink::Item(item) => self.gather_in(*item, outcome),
        }
    }

    /// A job in a chunk is over; the chunk has the slot.
    pub(in crate::dispatch) fn over_in_chunk(&self, job: Order, outcome: Outcome) {
        self.hand_over(job, outcome, |_| {});
    }

    /// A job in a chunk is to be tried again after a pause, as a job of its own.
    pub(in crate::dispatch) fn leave_chunk(&self, job: Order, pause: Duration) {
        let worker = self.workers.get(job.plugin.shared_name());
        let facts = job.facts(worker.and_then(|worker| worker.bounded));
        let (number, payload) = (job.id.number, job);
        if pause.is_zero() {
            self.handle(Event::Submitted { facts, payload }, None);
            return;
        }
        self.handle(Event::Postponed { facts, payload }, None);
        self.is_due_after(pause, number);
    }

    /// The items of a parallel job are over.
    pub(super) fn gathered(&self, gathering: &Gathering, order: Order, outcome: Outcome) {
        let number = gathering.numbers.start;
        let was_cancelled = outcome.is_cancelled();
        self.conclude(order, outcome);
        lock(&self.gatherings).remove(&number);
        // A cancel that came in between found neither items nor the job itself.
        if gathering.is_cancelled() && !was_cancelled {
            self.cancel_job(number, Why::Cancelled);
        }
    }

    /// Ends a job that a stop or a cancel caught without a slot.
    pub(super) fn refuse(&self, mut order: Order, why: Why) {
        if let Sink::Chunk(chunk) = &mut order.sink {
            for mut job in chunk.take() {
                let outcome = job.stopped(cause(why).reason());
                self.over_in_chunk(job, outcome);
            }
            let outcome = order.stopped(cause(why).reason());
            return self.close_counted(order, outcome);
        }
        let over = order.more.as_mut().and_then(|more| more.over.take());
        let mut outcome = match over {
            None => order.stopped(cause(why).reason()),
            Some(mut outcome) => {
                if order.wants_stages(&outcome) {
                    cut_off(&mut outcome);
                }
                outcome
            }
        };
        match why {
            Why::Cancelled | Why::ParentEnded => self.conclude(order, outcome),
            // Nobody knows of it any more.
            Why::Withdrawn => {
                if let Some(recorder) = &self.recorder {
                    recorder.withdraw(&order);
                }
                let (number, bytes) = (order.id.number, order.value.len() as u64);
                let outcome_bytes = None;
                let event = Event::Closed {
                    number,
                    bytes,
                    outcome_bytes,
                };
                self.handle(event, None);
            }
            Why::NoPlace => {
                outcome.reason = Reason::NestedLimit;
                outcome.status = outcome.reason.status();
                outcome.message = Some(format!(
                    "there was no place for it: all {} live attempts wait for jobs; limit `live`",
                    self.desks.len()
                ));
                let finally = order.options.finally.as_ref();
                outcome.finally_error = finally.map(|_| NO_PLACE.to_owned());
                self.close_counted(order, outcome);
            }
        }
    }
}

/// What an outcome counts until it is delivered; `None` = nobody counts its delivery.
fn counted_bytes(order: &Order, outcome: &Outcome) -> Option<u64> {
    matches!(order.sink, Sink::Consumer).then(|| (order.value.len() + outcome.data.len()) as u64)
}

/// Why a `finally` did not run for want of a place.
const NO_PLACE: &str = "it was not run: there was no place for it";
