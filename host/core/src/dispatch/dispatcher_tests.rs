//! What stops, cancels and the high-water mark do, one at a time. Random trees are in
//! [`super::super::tree_tests`].

use super::*;
use crate::dispatch::lanes::Special;

pub(in crate::dispatch) const SMALL: HighWater = HighWater {
    jobs: 6,
    bytes: 100,
};

/// A machine with slots of its own and no gates.
pub(in crate::dispatch) fn machine(slots: usize, live: usize) -> Dispatcher<u64> {
    Dispatcher::new(Capacity {
        slots,
        is_borrowing: false,
        live,
        running_max: &[],
        high_water: SMALL,
        is_gated: false,
    })
}

/// A job of one byte.
pub(in crate::dispatch) fn facts(number: u64, depth: u16) -> Facts {
    let special = Special {
        depth,
        ..Special::default()
    };
    Facts {
        number,
        bytes: 1,
        special: (depth > 0).then(|| Box::new(special)),
    }
}

pub(in crate::dispatch) fn submitted(number: u64, depth: u16) -> Event<u64> {
    Event::Submitted {
        facts: facts(number, depth),
        payload: number,
    }
}

fn again(number: u64) -> Event<u64> {
    let mut facts = facts(number, 0);
    facts.special.get_or_insert_default().comes_again = true;
    let payload = number;
    Event::Again { facts, payload }
}

fn cancel(number: u64) -> Event<u64> {
    Event::Cancel {
        target: Target::Numbers(number..number + 1),
        why: Why::Cancelled,
        gently: false,
    }
}

pub(in crate::dispatch) fn ended(at: LoopId) -> Event<u64> {
    let outcome_bytes = None;
    Event::Ended { at, outcome_bytes }
}

pub(in crate::dispatch) fn closed(number: u64) -> Event<u64> {
    Event::Closed {
        number,
        bytes: 1,
        outcome_bytes: None,
    }
}

/// Who was refused.
pub(in crate::dispatch) fn refused(mut actions: Actions<u64>) -> Vec<(u64, Why)> {
    actions.take_rest().map_or(Vec::new(), |rest| rest.refused)
}

fn cancelled(mut actions: Actions<u64>) -> Vec<(LoopId, Why)> {
    actions.take_rest().map_or(Vec::new(), |rest| rest.cancel)
}

/// The job that starts, if one does, and where.
pub(in crate::dispatch) fn started(actions: &Actions<u64>) -> Option<(u64, LoopId)> {
    let start = actions.start.as_ref()?;
    Some((start.payload, start.at))
}

const FIRST: LoopId = LoopId(0);

#[test]
fn a_drain_refuses_the_queue_and_lets_running_jobs_finish() {
    let mut machine = machine(1, 2);
    machine.handle(submitted(1, 0));
    machine.handle(submitted(2, 0));
    let mut actions = machine.handle(Event::Stop(Stopping::Draining));
    let rest = actions.take_rest().expect("something is refused");
    assert_eq!(rest.refused, [(2, Why::Cancelled)]);
    assert!(rest.cancel.is_empty());
    assert!(!machine.is_idle(), "a refused job is not forgotten");
    let actions = machine.handle(Event::Stop(Stopping::Cancelling));
    assert_eq!(cancelled(actions), [(FIRST, Why::Cancelled)]);
    // A stop never goes back.
    machine.handle(Event::Stop(Stopping::Draining));
    assert_eq!(machine.stopping(), Stopping::Cancelling);
    machine.handle(closed(2));
    assert!(machine.handle(ended(FIRST)).idle);
}

#[test]
fn what_comes_after_the_attempts_may_still_have_a_slot_in_a_drain() {
    let mut machine = machine(1, 2);
    machine.handle(submitted(1, 0));
    for number in 2..5 {
        machine.handle(Event::Opened { number, bytes: 1 });
    }
    machine.handle(again(2));
    let actions = machine.handle(Event::Stop(Stopping::Draining));
    assert_eq!(refused(actions), []);
    let actions = machine.handle(ended(FIRST));
    assert_eq!(started(&actions), Some((2, FIRST)));
    // Also after a cancel, but not when the host is gone.
    machine.handle(Event::Stop(Stopping::Cancelling));
    assert_eq!(refused(machine.handle(again(3))), []);
    let actions = machine.handle(Event::Stop(Stopping::Closing));
    assert_eq!(refused(actions), [(3, Why::Cancelled)]);
    assert_eq!(refused(machine.handle(again(4))), [(4, Why::Cancelled)]);
}

// J5: what a running job submits belongs to it.
#[test]
fn a_drain_lets_running_jobs_submit() {
    let mut machine = machine(2, 4);
    machine.handle(submitted(1, 0));
    machine.handle(Event::Stop(Stopping::Draining));
    let actions = machine.handle(submitted(2, 0));
    assert_eq!(refused(actions), [(2, Why::Cancelled)]);
    let actions = machine.handle(submitted(3, 1));
    assert_eq!(started(&actions), Some((3, LoopId(1))));
    machine.handle(Event::Stop(Stopping::Cancelling));
    let actions = machine.handle(submitted(4, 1));
    assert_eq!(refused(actions), [(4, Why::Cancelled)]);
}

// M2
#[test]
fn a_cancel_on_the_way_to_a_pause_is_heard() {
    let mut machine = machine(1, 2);
    machine.handle(submitted(1, 0));
    let actions = machine.handle(cancel(1));
    assert_eq!(cancelled(actions), [(FIRST, Why::Cancelled)]);
    let event = Event::Delayed {
        at: FIRST,
        payload: 1,
    };
    assert_eq!(refused(machine.handle(event)), [(1, Why::Cancelled)]);
    assert!(machine.delayed.is_empty());
}

// M39
#[test]
fn what_is_shielded_hears_the_end_of_the_host_only() {
    let mut machine = machine(1, 2);
    machine.handle(submitted(1, 0));
    assert!(machine.shield(FIRST));
    assert_eq!(cancelled(machine.handle(cancel(1))), []);
    let actions = machine.handle(Event::Stop(Stopping::Cancelling));
    assert_eq!(cancelled(actions), []);
    let actions = machine.handle(Event::Stop(Stopping::Closing));
    assert_eq!(cancelled(actions), [(FIRST, Why::Cancelled)]);
    assert!(!machine.shield(FIRST));
}

#[test]
fn the_producer_is_held_at_the_mark_and_let_go_at_half_of_it() {
    let mut machine = machine(1, 2);
    for number in 1..=SMALL.jobs {
        assert!(!machine.is_held());
        machine.handle(submitted(number, 0));
    }
    assert!(machine.is_held());
    let resumes = |number: &u64| {
        let actions = machine.handle(ended(FIRST));
        assert_eq!(actions.idle, *number == SMALL.jobs);
        actions.resume_producer
    };
    let let_go: Vec<u64> = (1..=SMALL.jobs).filter(resumes).collect();
    assert_eq!(let_go, [SMALL.jobs / 2]);
}

// A3 W12
#[test]
fn emitted_values_hold_the_producer_until_they_are_delivered() {
    let mut machine = machine(1, 1);
    machine.handle(submitted(1, 0));
    let bytes = SMALL.bytes;
    machine.handle(Event::Emitted { bytes });
    assert!(machine.is_held());
    let outcomes = 0;
    let actions = machine.handle(Event::Delivered { outcomes, bytes });
    assert!(actions.resume_producer && !machine.is_held());
    assert!(!machine.is_idle(), "its job is still there");
}
