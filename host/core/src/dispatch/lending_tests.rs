//! What happens to parents and children, one case at a time. Random trees are in
//! [`super::super::tree_tests`].

use super::*;
use crate::dispatch::dispatcher::Capacity;
use crate::dispatch::dispatcher::tests::{
    SMALL, closed, ended, facts, machine, refused, started, submitted,
};
use crate::dispatch::events::Event;
use crate::dispatch::slots::SlotId;

const LIMITS: TreeLimits = TreeLimits {
    depth: 8,
    jobs: 100,
};

const PARENT: LoopId = LoopId(0);

/// A machine on whose first loop job 1 runs.
fn with_parent(slots: usize, live: usize) -> Dispatcher<u64> {
    let mut machine = machine(slots, live);
    let actions = machine.handle(submitted(1, 0));
    assert_eq!(started(&actions), Some((1, PARENT)));
    machine
}

/// The job on a loop submits another one.
fn submit(machine: &mut Dispatcher<u64>, at: LoopId, number: u64) -> Actions<u64> {
    let depth = machine.adopt(at, number..number + 1, LIMITS);
    machine.handle(submitted(number, depth.expect("the tree is small")))
}

fn wait(machine: &mut Dispatcher<u64>, at: LoopId, children: &[u64]) -> Actions<u64> {
    let (waited, actions) = machine.wait(at, children);
    assert_eq!(waited, Waited::Lent);
    actions
}

fn pause(machine: &mut Dispatcher<u64>, numbers: Range<u64>) {
    machine.handle(Event::Pause(Target::Numbers(numbers)));
}

fn goes_on(mut actions: Actions<u64>) -> Vec<(LoopId, Option<SlotId>)> {
    actions.take_rest().map_or(Vec::new(), |rest| rest.go_on)
}

// J5: any depth works with one slot.
#[test]
fn a_slot_is_lent_downwards_and_comes_back_deepest_first() {
    let mut machine = with_parent(1, 4);
    submit(&mut machine, PARENT, 2);
    let actions = wait(&mut machine, PARENT, &[2]);
    let (child, at) = started(&actions).expect("the child has the slot");
    assert_eq!(child, 2);
    submit(&mut machine, at, 3);
    let (_, below) = started(&wait(&mut machine, at, &[3])).expect("the grandchild has it");
    machine.handle(submitted(4, 0));
    assert_eq!(
        goes_on(machine.handle(ended(below))),
        [(at, Some(SlotId(0)))]
    );
    let actions = machine.handle(ended(at));
    assert_eq!(goes_on(actions), [(PARENT, Some(SlotId(0)))]);
    assert_eq!(started(&machine.handle(ended(PARENT))), Some((4, PARENT)));
}

// J11: a parent that has waited as long as it said does not wait for its queue.
#[test]
fn who_has_waited_long_enough_goes_before_who_is_queued() {
    for is_late in [true, false] {
        let mut machine = with_parent(1, 4);
        (2..5).for_each(|child| {
            submit(&mut machine, PARENT, child);
        });
        let (first, at) = started(&wait(&mut machine, PARENT, &[2, 4])).expect("it starts");
        assert_eq!(first, 2);
        if is_late {
            machine.handle(Event::Back { at: PARENT });
        }
        let actions = machine.handle(ended(at));
        let next = started(&actions).map(|(number, _)| number);
        assert_eq!(next, if is_late { None } else { Some(3) });
        assert_eq!(goes_on(actions).is_empty(), !is_late);
    }
}

// J11: it has no slot to give back, and the loop forgets its pause with the next one.
#[test]
fn who_is_paused_on_the_way_back_is_given_no_slot() {
    let mut machine = with_parent(1, 4);
    submit(&mut machine, PARENT, 2);
    let (_, at) = started(&wait(&mut machine, PARENT, &[2])).expect("it starts");
    machine.handle(Event::Back { at: PARENT });
    pause(&mut machine, 1..2);
    assert_eq!(goes_on(machine.handle(ended(at))), []);
    machine.handle(Event::StandsStill { at: PARENT });
    let actions = machine.handle(Event::Resume(Target::Numbers(1..2)));
    assert_eq!(goes_on(actions), [(PARENT, Some(SlotId(0)))]);
}

// J5 J11: a child that finds no place while every live attempt waits hears of it, also
// where one of these is an item that the waiting parent paused.
#[test]
fn an_item_that_its_parent_paused_keeps_nobody_waiting_for_a_place() {
    let mut machine = with_parent(1, 2);
    let depth = machine
        .adopt(PARENT, 2..4, LIMITS)
        .expect("the tree is small");
    machine.handle(Event::Opened {
        number: 2,
        bytes: 1,
    });
    machine.handle(submitted(3, depth));
    // The item starts while its parent waits, which is then back.
    let (item, at) = started(&wait(&mut machine, PARENT, &[2])).expect("it starts");
    assert_eq!(item, 3);
    machine.handle(Event::Back { at: PARENT });
    machine.paused_by_parent(2, true);
    pause(&mut machine, 2..4);
    machine.handle(Event::StandsStill { at });
    assert!(machine.is_running(PARENT));
    submit(&mut machine, PARENT, 4);
    let actions = wait(&mut machine, PARENT, &[4]);
    assert_eq!(refused(actions), [(4, Why::NoPlace)]);
    assert_eq!(
        goes_on(machine.handle(closed(4))),
        [(PARENT, Some(SlotId(0)))]
    );
}

// J11 M39: what comes after the attempts of a cancelled job is not paused with it.
#[test]
fn a_cancel_ends_a_pause() {
    for stopping in [Stopping::Cancelling, Stopping::Closing] {
        let mut machine = with_parent(1, 2);
        pause(&mut machine, 1..2);
        machine.handle(Event::StandsStill { at: PARENT });
        machine.handle(Event::Stop(stopping));
        let actions = machine.handle(Event::Requeued {
            at: PARENT,
            comes_again: true,
            payload: 1,
        });
        if stopping == Stopping::Closing {
            assert_eq!(refused(actions), [(1, Why::Cancelled)]);
        } else {
            assert_eq!(started(&actions), Some((1, PARENT)));
        }
    }
}

// J3: what has started is not withdrawn, even if it waits for its next attempt.
#[test]
fn what_has_started_is_not_withdrawn() {
    let mut machine = with_parent(1, 4);
    submit(&mut machine, PARENT, 2);
    let (waited, actions) = machine.wait_for_start(PARENT, 2);
    assert_eq!(waited, Waited::Lent);
    let (_, at) = started(&actions).expect("it starts");
    // Deeper jobs have the slot, so that neither of them goes on.
    submit(&mut machine, at, 3);
    let (_, below) = started(&wait(&mut machine, at, &[3])).expect("it starts");
    machine.handle(Event::Requeued {
        at,
        comes_again: false,
        payload: 2,
    });
    let actions = machine.handle(Event::Withdraw { number: 2 });
    assert!(!actions.withdraws());
    assert_eq!(started(&machine.handle(ended(below))).map(|s| s.0), Some(2));
}

// J38: between a parent's attempts its children go on; they may have the places that the
// next one needs.
#[test]
fn what_a_parent_paused_goes_on_between_its_attempts() {
    let at = PARENT;
    let requeued = Event::Requeued {
        at,
        comes_again: false,
        payload: 1,
    };
    for next in [requeued, Event::Delayed { at, payload: 1 }] {
        let mut machine = with_parent(1, 2);
        submit(&mut machine, PARENT, 2);
        let (_, at) = started(&wait(&mut machine, PARENT, &[2])).expect("it starts");
        machine.handle(Event::Back { at: PARENT });
        machine.paused_by_parent(2, true);
        pause(&mut machine, 2..3);
        machine.handle(Event::StandsStill { at });
        machine.handle(next);
        machine.handle(Event::Due { number: 1 });
        assert!(machine.is_running(at));
        assert_eq!(started(&machine.handle(ended(at))).map(|s| s.0), Some(1));
    }
}

// J11 M35: stages keep their slots, which others with places and without slots wait for.
#[test]
fn what_comes_after_the_attempts_does_not_stand_still() {
    let mut machine = with_parent(1, 2);
    pause(&mut machine, 1..2);
    let mut actions = machine.handle(Event::AttemptsOver { at: PARENT });
    let unpaused = actions.take_rest().map(|rest| rest.unpause);
    assert_eq!(unpaused, Some(vec![PARENT]));
    pause(&mut machine, 1..2);
    machine.handle(Event::StandsStill { at: PARENT });
    assert!(machine.is_running(PARENT));
}

// J38: a job that was stopped between its attempts comes again without its children.
#[test]
fn what_comes_after_the_attempts_comes_without_children() {
    let mut machine = with_parent(2, 3);
    let (_, at) = started(&submit(&mut machine, PARENT, 2)).expect("it starts");
    machine.handle(Event::Delayed {
        at: PARENT,
        payload: 1,
    });
    machine.handle(Event::Cancel {
        target: Target::Numbers(1..2),
        why: Why::Cancelled,
        gently: false,
    });
    let mut facts = facts(1, 0);
    facts.special.get_or_insert_default().comes_again = true;
    let mut actions = machine.handle(Event::Again { facts, payload: 1 });
    let cancelled = actions.take_rest().map(|rest| rest.cancel);
    assert_eq!(cancelled, Some(vec![(at, Why::ParentEnded)]));
}

// J22 J37: a slot that was borrowed for a job is not given back while the gates are asked.
#[test]
fn a_borrowed_slot_waits_for_the_gates() {
    let mut machine: Dispatcher<u64> = Dispatcher::new(Capacity {
        slots: 2,
        is_borrowing: true,
        live: 4,
        running_max: &[],
        high_water: SMALL,
        is_gated: true,
    });
    machine.handle(submitted(1, 0));
    machine.handle(Event::Admitted);
    let mut actions = machine.handle(submitted(2, 0));
    let rest = actions.take_rest().expect("a slot is wanted");
    assert_eq!((rest.slots_wanted, rest.ask_gates), (Some(1), false));
    let mut actions = machine.handle(Event::SlotCame);
    let rest = actions.take_rest().expect("the gates are asked");
    assert_eq!((rest.slots_back, rest.ask_gates), (0, true));
    let actions = machine.handle(Event::Admitted);
    assert_eq!(started(&actions), Some((2, LoopId(1))));
    let mut actions = machine.handle(ended(LoopId(1)));
    assert_eq!(actions.take_rest().map(|rest| rest.slots_back), Some(1));
}

// J6 J37: a slot is not borrowed for who would find no place with it.
#[test]
fn no_slot_is_wanted_while_every_place_is_taken() {
    let mut machine: Dispatcher<u64> = Dispatcher::new(Capacity {
        slots: 2,
        is_borrowing: true,
        live: 2,
        running_max: &[],
        high_water: SMALL,
        is_gated: false,
    });
    let mut slotless = facts(1, 0);
    slotless.special.get_or_insert_default().slotless = true;
    machine.handle(Event::Submitted {
        facts: slotless,
        payload: 1,
    });
    machine.handle(submitted(2, 0));
    let mut actions = machine.handle(submitted(3, 1));
    let wanted = actions.take_rest().map(|rest| rest.slots_wanted);
    assert_eq!(wanted, Some(Some(0)));
}
