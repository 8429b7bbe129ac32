//! What is asked of jobs from outside: to end, to stand still, to go on.

use super::{Hub, lock};
use crate::dispatch::completion::{Awaited, Completion};
use crate::dispatch::events::{Event, Target, Why};
use crate::dispatch::gathering::Gathering;
use crate::dispatch::live::LoopId;
use crate::job::JobId;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

impl Hub {
    /// What a cancel or a pause of a job means: besides the job itself its items, where it
    /// is parallel; the whole chunk, where it is in one.
    pub(super) fn meant_by(&self, job: &Completion) -> Range<u64> {
        let chunk = job.chunk().cloned();
        chunk.unwrap_or_else(|| self.numbers_of(job.id.number))
    }

    /// A job's number, or those of a parallel one with its items.
    pub(super) fn numbers_of(&self, number: u64) -> Range<u64> {
        let gatherings = lock(&self.gatherings);
        let gathering = gatherings.get(&number);
        gathering.map_or(number..number + 1, |g| g.numbers.clone())
    }

    /// Ends a job, or a parallel job with its items.
    pub(crate) fn cancel_job(&self, number: u64, why: Why) {
        if let Some(gathering) = lock(&self.gatherings).get(&number) {
            gathering.cancel();
        }
        self.cancel_numbers(self.numbers_of(number), why);
    }

    pub(super) fn cancel_numbers(&self, numbers: Range<u64>, why: Why) {
        let event = Event::Cancel {
            target: Target::Numbers(numbers),
            why,
            gently: false,
        };
        self.handle(event, None);
    }

    /// Ends a job that has not started, or a parallel job of which no item has; others are
    /// left as they are.
    pub(crate) fn cancel_pending(&self, job: &Completion) {
        let gathering = lock(&self.gatherings).get(&job.id.number).cloned();
        let target = Target::Numbers(self.meant_by(job));
        let mut machine = lock(&self.machine);
        // Whoever starts says so while it is live: what is neither live nor has said so
        // has not started, and cannot while we have the machine.
        let has_started = |gathering: &Arc<Gathering>| gathering.has_started();
        if machine.is_live(&target)
            || job.is(Awaited::Start)
            || gathering.as_ref().is_some_and(has_started)
        {
            return;
        }
        if let Some(gathering) = gathering {
            gathering.cancel();
        }
        let actions = machine.handle(Event::Cancel {
            target,
            why: Why::Cancelled,
            gently: false,
        });
        self.act(machine, actions, None);
    }

    /// Tells the running attempts of a job to come to their end; if there are none, it ends.
    pub(crate) fn ask_to_end(&self, job: &Completion) {
        self.ask_numbers(self.meant_by(job));
    }

    pub(super) fn ask_numbers(&self, numbers: Range<u64>) {
        let event = Event::Cancel {
            target: Target::Numbers(numbers),
            why: Why::Cancelled,
            gently: true,
        };
        self.handle(event, None);
    }

    /// Does something later, on the control thread, unless it is aborted before.
    pub(crate) fn later(
        &self,
        after: Duration,
        what: impl FnOnce() + Send + 'static,
    ) -> AbortHandle {
        let task = self.control.spawn(async move {
            tokio::time::sleep(after).await;
            what();
        });
        task.abort_handle()
    }

    /// Does something with the hub later, if it is still there.
    pub(crate) fn act_later(&self, after: Duration, what: impl FnOnce(&Hub) + Send + 'static) {
        let hub = self.me.clone();
        self.later(after, move || {
            if let Some(hub) = hub.upgrade() {
                what(&hub);
            }
        });
    }

    /// Ends a job after a grace, in which those of its attempts that run are told.
    pub(crate) fn cancel_after(&self, number: u64, grace: Option<Duration>) {
        self.end_after(self.numbers_of(number), grace, move |hub| {
            hub.cancel_job(number, Why::Cancelled);
        });
    }

    /// The same for whoever holds its handle.
    pub(crate) fn cancel(&self, job: &Completion, grace: Option<Duration>) {
        let Some(chunk) = job.chunk().cloned() else {
            return self.cancel_after(job.id.number, grace);
        };
        self.end_after(chunk.clone(), grace, move |hub| {
            hub.cancel_numbers(chunk, Why::Cancelled);
        });
    }

    pub(super) fn end_after(
        &self,
        numbers: Range<u64>,
        grace: Option<Duration>,
        cancel: impl FnOnce(&Hub) + Send + 'static,
    ) {
        let Some(grace) = grace.filter(|grace| !grace.is_zero()) else {
            return cancel(self);
        };
        self.ask_numbers(numbers);
        self.act_later(grace, cancel);
    }

    /// Lets a job stand still, or go on, for whoever holds its handle.
    pub(crate) fn pause(&self, job: &Completion, is_paused: bool) {
        self.pause_numbers(self.meant_by(job), is_paused);
    }

    /// The same for whoever knows its id.
    pub(crate) fn pause_job(&self, job: JobId, is_paused: bool) {
        if job.host == self.id {
            self.pause_numbers(self.numbers_behind(job), is_paused);
        }
    }

    /// Ends a job for whoever knows its id.
    pub(crate) fn cancel_by_id(&self, job: JobId) {
        if job.host != self.id {
            return;
        }
        let numbers = self.numbers_behind(job);
        if numbers.start == job.number {
            return self.cancel_job(job.number, Why::Cancelled);
        }
        self.cancel_numbers(numbers, Why::Cancelled);
    }

    pub(super) fn pause_numbers(&self, numbers: Range<u64>, is_paused: bool) {
        let target = Target::Numbers(numbers);
        let event = if is_paused {
            Event::Pause(target)
        } else {
            Event::Resume(target)
        };
        self.handle(event, None);
    }

    /// Takes back a job that has not started: whether it had not.
    pub(crate) fn withdraw(&self, number: u64) -> bool {
        let mut machine = lock(&self.machine);
        let actions = machine.handle(Event::Withdraw { number });
        let is_withdrawn = actions.withdraws();
        self.act(machine, actions, None);
        is_withdrawn
    }

    /// Ends the jobs of a group.
    pub(crate) fn cancel_group(&self, group: &str) {
        for gathering in lock(&self.gatherings).values() {
            if gathering.is_of(group) {
                gathering.cancel();
            }
        }
        let event = Event::Cancel {
            target: Target::Group(group.into()),
            why: Why::Cancelled,
            gently: false,
        };
        self.handle(event, None);
    }

    /// Keeps every cancel of the job on a loop from what comes after it; false when the
    /// host is gone, which nothing is kept from.
    pub(crate) fn shield(&self, at: LoopId) -> bool {
        let mut machine = lock(&self.machine);
        let may_run = machine.shield(at);
        if may_run {
            self.desk(at).pulse.clear();
        }
        may_run
    }
}
