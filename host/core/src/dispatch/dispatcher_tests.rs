//! Drives the machine with random events and checks its invariants after each.

use super::*;
use proptest::prelude::*;

const SMALL: HighWater = HighWater {
    jobs: 6,
    bytes: 100,
};

/// What a test can make happen; slots and counts are taken modulo what there is.
#[derive(Debug, Clone, Copy)]
enum Step {
    Submit { bytes: u64 },
    End { which: usize, outcome: Option<u64> },
    Settle { bytes: u64 },
    Deliver { count: usize },
    Stop { cancel: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..40u64).prop_map(|bytes| Step::Submit { bytes }),
        8 => (any::<usize>(), proptest::option::of(0..40u64))
            .prop_map(|(which, outcome)| Step::End { which, outcome }),
        1 => (0..40u64).prop_map(|bytes| Step::Settle { bytes }),
        6 => (1..4usize).prop_map(|count| Step::Deliver { count }),
        1 => any::<bool>().prop_map(|cancel| Step::Stop { cancel }),
    ]
}

/// The machine with a plain copy of what it should know.
struct Harness {
    machine: Dispatcher<u64>,
    next: u64,
    running: Vec<(SlotId, u64)>,
    waiting: VecDeque<u64>,
    undelivered: Vec<u64>,
    gone: Vec<u64>,
}

impl Harness {
    fn new(slots: usize) -> Harness {
        Harness {
            machine: Dispatcher::new(slots, SMALL),
            next: 0,
            running: Vec::new(),
            waiting: VecDeque::new(),
            undelivered: Vec::new(),
            gone: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) {
        let event = match step {
            Step::Submit { bytes } => {
                self.next += 1;
                self.waiting.push_back(self.next);
                Event::Submitted {
                    bytes,
                    payload: self.next,
                }
            }
            Step::End { which, outcome } => {
                if self.running.is_empty() {
                    return;
                }
                let (slot, job) = self.running.remove(which % self.running.len());
                self.undelivered.extend(outcome);
                self.gone.push(job);
                Event::Ended {
                    slot,
                    outcome_bytes: outcome,
                }
            }
            Step::Settle { bytes } => {
                self.undelivered.push(bytes);
                Event::Settled {
                    outcome_bytes: bytes,
                }
            }
            Step::Deliver { count } => {
                let count = count.min(self.undelivered.len());
                let bytes = self.undelivered.drain(..count).sum();
                Event::Delivered {
                    outcomes: count as u64,
                    bytes,
                }
            }
            Step::Stop { cancel: true } => Event::Stop(Stopping::Cancelling),
            Step::Stop { cancel: false } => Event::Stop(Stopping::Draining),
        };
        let actions = self.machine.handle(event);
        for (bytes, refused) in actions.refused {
            let place = self.waiting.iter().position(|w| *w == refused);
            assert!(place.is_some(), "only what was waiting is refused");
            assert!(!self.machine.is_idle(), "a refused job is not forgotten");
            self.waiting.retain(|w| *w != refused);
            self.gone.push(refused);
            self.undelivered.push(1);
            self.machine.handle(Event::Refused {
                bytes,
                outcome_bytes: Some(1),
            });
        }
        if let Some(start) = actions.start {
            assert_eq!(
                self.waiting.pop_front(),
                Some(start.payload),
                "jobs start in order of submission"
            );
            assert!(
                self.running.iter().all(|(slot, _)| *slot != start.slot),
                "a slot runs one job"
            );
            self.running.push((start.slot, start.payload));
        }
    }

    fn check(&self) {
        let machine = &self.machine;
        assert_eq!(machine.queue.len(), self.waiting.len());
        assert_eq!(
            machine.free.len() + self.running.len(),
            machine.slots.len(),
            "a slot is free or used"
        );
        assert!(
            machine.free.is_empty() || machine.queue.is_empty(),
            "no slot is free while a job is queued"
        );
        assert_eq!(
            machine.load.jobs as usize,
            self.waiting.len() + self.running.len() + self.undelivered.len()
        );
        assert_eq!(
            (self.waiting.len() + self.running.len() + self.gone.len()) as u64,
            self.next,
            "no job is lost"
        );
        if machine.stopping > Stopping::Open {
            assert!(machine.queue.is_empty());
        }
        let over = machine.load.jobs >= SMALL.jobs || machine.load.bytes >= SMALL.bytes;
        let low = machine.load.jobs <= SMALL.jobs / 2 && machine.load.bytes <= SMALL.bytes / 2;
        assert!(!low || !machine.held, "nobody is held at low load");
        assert!(!over || machine.held || machine.load.jobs == 0 || !over_by_adding(machine));
    }
}

/// The mark is looked at when something is added; an outcome larger than its job
/// may pass it without a new job, and the next one added then holds the producer.
fn over_by_adding(machine: &Dispatcher<u64>) -> bool {
    machine.load.jobs >= SMALL.jobs
}

proptest! {
    #[test]
    fn invariants_hold_after_every_event(slots in 1usize..5, steps in proptest::collection::vec(step(), 1..200)) {
        let mut harness = Harness::new(slots);
        for step in steps {
            harness.take(step);
            harness.check();
        }
        // Whatever happened, there is a way to the end.
        harness.take(Step::Stop { cancel: true });
        while !harness.running.is_empty() {
            harness.take(Step::End { which: 0, outcome: None });
            harness.check();
        }
        harness.take(Step::Deliver { count: usize::MAX });
        prop_assert!(harness.machine.is_idle());
        prop_assert_eq!(harness.machine.load, Load::default());
        prop_assert!(!harness.machine.is_held());
    }
}

#[test]
fn a_drain_refuses_the_queue_and_lets_running_jobs_finish() {
    let mut harness = Harness::new(1);
    harness.take(Step::Submit { bytes: 1 });
    harness.take(Step::Submit { bytes: 1 });
    let actions = harness.machine.handle(Event::Stop(Stopping::Draining));
    assert_eq!(actions.refused, [(1, 2)]);
    assert!(!actions.cancel_running);
    let actions = harness.machine.handle(Event::Stop(Stopping::Cancelling));
    assert!(actions.cancel_running);
    // A stop never goes back.
    harness.machine.handle(Event::Stop(Stopping::Draining));
    assert_eq!(harness.machine.stopping(), Stopping::Cancelling);
}

#[test]
fn the_producer_is_held_at_the_mark_and_let_go_at_half_of_it() {
    let mut machine: Dispatcher<u64> = Dispatcher::new(1, SMALL);
    for payload in 0..SMALL.jobs {
        assert!(!machine.is_held());
        machine.handle(Event::Submitted { bytes: 1, payload });
    }
    assert!(machine.is_held());
    let mut resumed_at = None;
    for ended in 1..=SMALL.jobs {
        let actions = machine.handle(Event::Ended {
            slot: SlotId(0),
            outcome_bytes: None,
        });
        if actions.resume_producer {
            resumed_at = Some(ended);
        }
    }
    assert_eq!(resumed_at, Some(SMALL.jobs / 2));
}
