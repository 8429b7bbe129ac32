//! What attempts ask for on behalf of the jobs that they submit; see [`super::super::nest`].

use super::{Hub, lock};
use crate::dispatch::dispatcher::Dispatcher;
use crate::dispatch::events::{Actions, Event, Stopping};
use crate::dispatch::family::Family;
use crate::dispatch::kin::{TreeLimit, TreeLimits};
use crate::dispatch::lending::Waited;
use crate::dispatch::live::LoopId;
use crate::dispatch::nest::Nest;
use crate::dispatch::order::Order;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Hub {
    /// Lets a job stand still, or go on, for the job that submitted it.
    pub(in crate::dispatch) fn pause_child(&self, number: u64, is_paused: bool) {
        lock(&self.machine).paused_by_parent(number, is_paused);
        self.pause_numbers(self.numbers_of(number), is_paused);
    }

    /// The job on a loop is not polled any more.
    pub(in crate::dispatch) fn stands_still(&self, nest: &Nest) {
        let mut machine = lock(&self.machine);
        let event = Event::StandsStill { at: nest.at };
        let actions = machine.handle(event);
        if !machine.is_running(nest.at) {
            nest.is_lent.store(true, Ordering::Release);
        }
        self.act(machine, actions, None);
    }

    /// The attempt on a loop wants to wait until one of some jobs is over: whether its
    /// slot is lent for that.
    pub(in crate::dispatch) fn wait_for_jobs(&self, nest: &Nest, jobs: &[u64]) -> bool {
        self.lend(nest, |machine| machine.wait(nest.at, jobs))
    }

    /// The same until a job has started.
    pub(in crate::dispatch) fn wait_for_start(&self, nest: &Nest, job: u64) -> bool {
        self.lend(nest, |machine| machine.wait_for_start(nest.at, job))
    }

    pub(super) fn lend(
        &self,
        nest: &Nest,
        wait: impl FnOnce(&mut Dispatcher<Order>) -> (Waited, Actions<Order>),
    ) -> bool {
        let mut machine = lock(&self.machine);
        let (waited, actions) = wait(&mut machine);
        let is_lent = waited == Waited::Lent;
        if is_lent {
            // Before what the machine wants is done: it may have a slot again already.
            nest.is_lent.store(true, Ordering::Release);
        }
        self.act(machine, actions, None);
        is_lent
    }

    /// The attempt on a loop has waited long enough.
    pub(in crate::dispatch) fn back(&self, at: LoopId) {
        self.handle(Event::Back { at }, None);
    }

    /// The job on a loop submits another one: how deep that is nested.
    pub(in crate::dispatch) fn adopt(
        &self,
        at: LoopId,
        numbers: Range<u64>,
        limits: TreeLimits,
    ) -> Result<u16, TreeLimit> {
        lock(&self.machine).adopt(at, numbers, limits)
    }

    /// Whether a child that is submitted now would find no place.
    pub(in crate::dispatch) fn has_no_place(&self) -> bool {
        lock(&self.machine).has_no_place()
    }

    /// What a job has submitted, if anything.
    pub(in crate::dispatch) fn known_family(&self, number: u64) -> Option<Arc<Family>> {
        lock(&self.families).get(&number).cloned()
    }

    /// What a job has submitted; it has.
    pub(in crate::dispatch) fn family(&self, number: u64) -> Arc<Family> {
        lock(&self.families).entry(number).or_default().clone()
    }

    pub(super) fn remove_families(&self, numbers: &[u64]) {
        if !numbers.is_empty() {
            let mut families = lock(&self.families);
            for number in numbers {
                families.remove(number);
            }
        }
    }

    /// Whether everything is being cancelled.
    pub(in crate::dispatch) fn is_cancelling(&self) -> bool {
        self.is_stopping() && lock(&self.machine).stopping() >= Stopping::Cancelling
    }
}
