//! What happens to parents and children, one case at a time. Random trees are in
//! [`super::super::tree_tests`].

use super::*;
use crate::dispatch::dispatcher::tests::{ended, machine, started, submitted};
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
