//! What the machine does for nested jobs: a parent that waits lends its slot and gets one
//! back, what is paused stands still, what is left of a parent that ended is cancelled.
//!
//! | standing  | waits            | awaited one is over | waited long enough | paused | stands still       | resumed   | ended        |
//! |-----------|------------------|---------------------|--------------------|--------|--------------------|-----------|--------------|
//! | running   | waiting, slot lent | –                 | –                  | –      | still, slot lent   | –         | slot free    |
//! | waiting   | –                | returning, or still where it is paused | the same | – | –               | –         | forgotten    |
//! | returning | –                | –                   | –                  | still  | –                  | –         | forgotten    |
//! | still     | –                | –                   | –                  | –      | –                  | returning | forgotten    |
//!
//! Who returns runs again as soon as it is given a slot.

use super::dispatcher::Dispatcher;
use super::events::{Actions, Stopping, Target, Why};
use super::kin::{TreeLimit, TreeLimits};
use super::lanes::{Waiting, Whom};
use super::live::{LoopId, Standing};
use std::ops::Range;

/// What came of a wish to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    /// There is nothing to wait for: one of them is over, or none of them will be before
    /// whoever asks lets it go on.
    Not,
    /// The slot is lent; the action `go_on` tells when there is one again.
    Lent,
}

impl<P> Dispatcher<P> {
    /// The job on a loop submits another one, which has these numbers: how deep that one
    /// is nested. It must then be submitted, opened or closed.
    pub(crate) fn adopt(
        &mut self,
        at: LoopId,
        numbers: Range<u64>,
        limits: TreeLimits,
    ) -> Result<u16, TreeLimit> {
        let Some(live) = self.places.get(at) else {
            return Err(TreeLimit::Depth);
        };
        let (parent, depth) = (live.facts.number, live.facts.depth());
        self.trees.adopt(parent, depth, numbers, limits)
    }

    /// Whether the attempt on a loop has what it needs to run.
    pub(crate) fn is_running(&self, at: LoopId) -> bool {
        let live = self.places.get(at);
        live.is_some_and(|live| live.standing == Standing::Running)
    }

    /// Whether a child that is submitted now would find no place, because every other
    /// live attempt waits.
    pub(crate) fn has_no_place(&self) -> bool {
        let is_other_active = |(_, live): (LoopId, &super::live::Live)| match live.standing {
            Standing::Running | Standing::Returning => true,
            Standing::Waiting | Standing::Still => false,
        };
        self.places.is_full() && self.places.iter().filter(|l| is_other_active(*l)).count() <= 1
    }

    /// The attempt on a loop waits until one of its children is over.
    pub(crate) fn wait(&mut self, at: LoopId, children: &[u64]) -> (Waited, Actions<P>) {
        let is_over = |child: &u64| self.trees.get(*child).is_none();
        let is_stuck = |child: &u64| self.trees.get(*child).is_some_and(|k| k.paused_by_parent);
        if children.iter().any(is_over) || children.iter().all(is_stuck) {
            return (Waited::Not, Actions::none());
        }
        for child in children {
            if let Some(kin) = self.trees.get_mut(*child) {
                kin.waiters.push(at);
            }
        }
        self.lend(at, children)
    }

    /// The attempt on a loop waits until a child has started.
    pub(crate) fn wait_for_start(&mut self, at: LoopId, child: u64) -> (Waited, Actions<P>) {
        match self.trees.get_mut(child) {
            Some(kin) if !kin.has_started => kin.start_waiter = Some(at),
            Some(_) | None => return (Waited::Not, Actions::none()),
        }
        self.lend(at, &[child])
    }

    fn lend(&mut self, at: LoopId, awaited: &[u64]) -> (Waited, Actions<P>) {
        let mut actions = Actions::none();
        if let Some(live) = self.places.get_mut(at) {
            live.awaited = awaited.to_vec();
        }
        self.step_aside(at, Standing::Waiting, &mut actions);
        self.settle(&mut actions);
        (Waited::Lent, actions)
    }

    /// A running attempt gives back its slot and its worker's place.
    fn step_aside(&mut self, at: LoopId, standing: Standing, actions: &mut Actions<P>) {
        self.places.stand(at, standing);
        if let Some(live) = self.places.get_mut(at) {
            if let Some(slot) = live.slot.take() {
                self.slots.give_back(slot);
            }
            actions.wake_stages |= self.queue.ended(&live.facts);
        }
    }

    /// An attempt has a slot again, or needs none.
    pub(super) fn goes_on(&mut self, at: LoopId, actions: &mut Actions<P>) {
        self.places.stand(at, Standing::Running);
        if let Some(live) = self.places.get_mut(at) {
            live.is_late = false;
            if !live.facts.is_slotless() {
                live.slot = self.slots.take();
            }
            self.queue.goes_on(&live.facts);
            let slot = live.slot;
            actions.rest().go_on.push((at, slot));
        }
    }

    /// An attempt has waited as long as it said: what it waits for is often behind it in
    /// the queue, so that it would wait for all of that too.
    pub(super) fn is_late(&mut self, at: LoopId) {
        if let Some(live) = self.places.get_mut(at)
            && live.standing == Standing::Waiting
        {
            live.is_late = true;
        }
        self.back(at);
    }

    /// An attempt waits no longer.
    pub(super) fn back(&mut self, at: LoopId) {
        let Some(live) = self.places.get_mut(at) else {
            return;
        };
        if live.standing != Standing::Waiting {
            return;
        }
        let awaited = std::mem::take(&mut live.awaited);
        let rank = live.turn();
        let standing = if live.is_paused {
            Standing::Still
        } else {
            self.returning.insert((rank, at));
            Standing::Returning
        };
        self.places.stand(at, standing);
        self.waits_no_more(at, &awaited);
    }

    pub(super) fn waits_no_more(&mut self, at: LoopId, awaited: &[u64]) {
        for child in awaited {
            if let Some(kin) = self.trees.get_mut(*child) {
                kin.waiters.retain(|waiter| *waiter != at);
                kin.start_waiter.take_if(|waiter| *waiter == at);
            }
        }
    }

    /// A job has started, or needs no slot to start.
    pub(super) fn started(&mut self, number: u64) {
        let Some(kin) = self.trees.get_mut(number) else {
            return;
        };
        kin.has_started = true;
        if let Some(waiter) = kin.start_waiter.take() {
            self.back(waiter);
        }
    }

    /// A job is over: whoever waits for it returns, and what it submitted is cancelled.
    pub(super) fn over(&mut self, number: u64, actions: &mut Actions<P>) {
        let Some(kin) = self.trees.over(number) else {
            return;
        };
        for waiter in kin.waiters.into_iter().chain(kin.start_waiter) {
            self.back(waiter);
        }
        if kin.had_children {
            actions.rest().families.push(number);
        }
        for child in kin.children {
            self.orphan(child, actions);
        }
    }

    fn orphan(&mut self, child: u64, actions: &mut Actions<P>) {
        let Some(kin) = self.trees.get(child) else {
            return;
        };
        let numbers = kin.numbers.clone();
        if numbers.end - numbers.start > 1 {
            actions.rest().orphans.push(child);
        }
        self.cancel(&Target::Numbers(numbers), Why::ParentEnded, false, actions);
    }

    /// The attempts of a job are over: it is none of its worker's any more, what it
    /// submitted is cancelled, and a pause comes too late.
    pub(super) fn attempts_over(&mut self, at: LoopId, actions: &mut Actions<P>) {
        let Some(live) = self.places.get_mut(at) else {
            return;
        };
        let number = live.facts.number;
        live.is_afterwards = true;
        if std::mem::take(&mut live.is_paused) {
            actions.rest().unpause.push(at);
        }
        let special = live.facts.special.as_mut();
        if let Some(worker) = special.and_then(|special| special.bounded.take()) {
            actions.wake_stages |= self.queue.leave(worker);
        }
        self.orphans_of(number, actions);
    }

    /// What a job submitted is cancelled.
    pub(super) fn orphans_of(&mut self, number: u64, actions: &mut Actions<P>) {
        let children = self.trees.get(number).map(|kin| kin.children.clone());
        for child in children.into_iter().flatten() {
            self.orphan(child, actions);
        }
    }

    /// An attempt is over and the next one has to wait: what it paused goes on meanwhile.
    /// Nobody else would let it, and it may have the place that the next attempt needs.
    pub(super) fn children_go_on(&mut self, number: u64, actions: &mut Actions<P>) {
        let children = self.trees.get(number).map(|kin| kin.children.clone());
        for child in children.into_iter().flatten() {
            if let Some(kin) = self.trees.get_mut(child)
                && std::mem::take(&mut kin.paused_by_parent)
            {
                let numbers = kin.numbers.clone();
                self.resume(&Target::Numbers(numbers), actions);
            }
        }
    }

    /// A job whose attempt ended without a slot queues for another one.
    pub(super) fn requeued(
        &mut self,
        at: LoopId,
        comes_again: bool,
        payload: P,
        actions: &mut Actions<P>,
    ) {
        let Some(live) = self.leave(at, actions) else {
            return;
        };
        let mut facts = live.facts;
        let is_cancelled = live.is_cancelled || self.stopping >= Stopping::Cancelling;
        if comes_again {
            let special = facts.special.get_or_insert_default();
            special.comes_again = true;
            special.bounded = None;
            self.orphans_of(facts.number, actions);
        } else if is_cancelled {
            return actions.refuse(payload, Why::Cancelled);
        } else {
            self.children_go_on(facts.number, actions);
        }
        let waiting = Waiting { facts, payload };
        // A cancel ends a pause: nobody lets go on what is over.
        if live.is_paused && !is_cancelled {
            self.paused.insert(waiting.facts.number, waiting);
        } else {
            self.queue_again(waiting, actions);
        }
    }

    pub(super) fn pause(&mut self, target: &Target, actions: &mut Actions<P>) {
        for waiting in self.take_waiting(target) {
            self.paused.insert(waiting.facts.number, waiting);
        }
        for at in self.places.of(|facts| target.means(facts)) {
            let Some(live) = self.places.get_mut(at) else {
                continue;
            };
            // A stage that stood still would keep its worker's place without a slot, from
            // those who have a slot and wait for the place.
            if live.is_afterwards || std::mem::replace(&mut live.is_paused, true) {
                continue;
            }
            actions.rest().pause.push(at);
            if live.standing == Standing::Returning {
                // It has no slot, and is not to be given one before it is polled again.
                self.returning.remove(&(live.turn(), at));
                self.places.stand(at, Standing::Still);
            }
        }
    }

    /// An attempt that was to stand still is not polled any more.
    pub(super) fn stands_still(&mut self, at: LoopId, actions: &mut Actions<P>) {
        let Some(live) = self.places.get(at) else {
            return;
        };
        if !live.is_paused {
            // Somebody let it go on in between.
            return actions.rest().unpause.push(at);
        }
        match live.standing {
            Standing::Running => self.step_aside(at, Standing::Still, actions),
            Standing::Waiting | Standing::Returning | Standing::Still => {}
        }
    }

    pub(super) fn resume(&mut self, target: &Target, actions: &mut Actions<P>) {
        self.comes_to_its_end(target);
        let paused = self
            .paused
            .extract_if(|_, waiting| target.means(&waiting.facts));
        paused.for_each(|(_, waiting)| self.queue.push(waiting));
        for at in self.places.of(|facts| target.means(facts)) {
            let Some(live) = self.places.get_mut(at) else {
                continue;
            };
            if !std::mem::take(&mut live.is_paused) {
                continue;
            }
            match live.standing {
                Standing::Still => {
                    let rank = live.turn();
                    self.returning.insert((rank, at));
                    self.places.stand(at, Standing::Returning);
                }
                Standing::Running | Standing::Waiting | Standing::Returning => {
                    actions.rest().unpause.push(at);
                }
            }
        }
    }

    /// A job is let go on, or cancelled: whoever waits for it does not wait in vain, even
    /// if that is its parent, who has paused it.
    pub(super) fn comes_to_its_end(&mut self, target: &Target) {
        if let Target::Numbers(numbers) = target {
            self.paused_by_parent(numbers.start, false);
        }
    }

    /// A parent pauses a child, or lets it go on.
    pub(crate) fn paused_by_parent(&mut self, child: u64, is_paused: bool) {
        if let Some(kin) = self.trees.get_mut(child) {
            kin.paused_by_parent = is_paused;
        }
    }

    pub(super) fn withdraw(&mut self, number: u64, actions: &mut Actions<P>) {
        if self.trees.get(number).is_some_and(|kin| kin.has_started) {
            // It waits for its next attempt.
            return;
        }
        let waiting = self.queue.take(number);
        if let Some(waiting) = waiting.or_else(|| self.paused.remove(&number)) {
            let waiter = self.trees.get(number).and_then(|kin| kin.start_waiter);
            if let Some(live) = waiter.and_then(|at| self.places.get_mut(at)) {
                live.is_late = true;
            }
            actions.refuse(waiting.payload, Why::Withdrawn);
        }
    }

    /// Where every place is taken by an attempt that waits, a nested job that waits for a
    /// place would wait for ever: it is told so.
    pub(super) fn displace(&mut self, actions: &mut Actions<P>) {
        if !self.places.is_inactive() || !self.displaced.is_empty() {
            return;
        }
        let goes_on_by_itself = |(_, live): (LoopId, &super::live::Live)| {
            // Whoever paused it may resume it, unless that was its own parent, who waits.
            live.standing == Standing::Still && !self.trees.is_paused_by_parent(live.facts.number)
        };
        if self.places.iter().any(goes_on_by_itself) {
            return;
        }
        if let Some(waiting) = self.queue.pop(Whom::Nested) {
            actions.wake_stages |= self.queue.ended(&waiting.facts);
            self.displaced.insert(waiting.facts.number);
            actions.refuse(waiting.payload, Why::NoPlace);
        }
    }
}

#[cfg(test)]
#[path = "lending_tests.rs"]
mod tests;
