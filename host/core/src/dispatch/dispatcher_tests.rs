//! Drives the machine with random events and checks its invariants after each.

use super::*;
use crate::dispatch::lanes::Special;
use proptest::prelude::*;

const SMALL: HighWater = HighWater {
    jobs: 6,
    bytes: 100,
};

/// How many attempts the two bounded workers may run.
const RUNNING_MAX: [u32; 2] = [1, 2];

/// What a test can make happen; slots and counts are taken modulo what there is.
#[derive(Debug, Clone, Copy)]
enum Step {
    Submit {
        bytes: u64,
        priority: i32,
        bounded: Option<u32>,
        group: Option<usize>,
    },
    /// A job without a slot of its own, whose stages then need one.
    Again {
        bytes: u64,
    },
    End {
        which: usize,
        outcome: Option<u64>,
    },
    Delay {
        which: usize,
    },
    Due {
        which: usize,
    },
    /// A stage of a bounded worker begins to wait for a place.
    Wait {
        worker: u32,
    },
    /// One that waits asks once more, or gives up, and waits no longer.
    Enter {
        which: usize,
        gives_up: bool,
    },
    /// A stage is over.
    Leave {
        which: usize,
    },
    /// The attempts of a running job are over; its stages come.
    AttemptsOver {
        which: usize,
    },
    Cancel {
        which: usize,
    },
    CancelGroup {
        group: usize,
    },
    Settle {
        bytes: u64,
    },
    Deliver {
        count: usize,
    },
    Stop {
        cancel: bool,
    },
}

const GROUPS: [&str; 2] = ["day", "night"];

fn step() -> impl Strategy<Value = Step> {
    let bounded = proptest::option::of(0..2u32);
    let group = proptest::option::of(0..2usize);
    prop_oneof![
        12 => (0..40u64, -1..2i32, bounded, group).prop_map(|(bytes, priority, bounded, group)| {
            Step::Submit { bytes, priority, bounded, group }
        }),
        2 => (0..40u64).prop_map(|bytes| Step::Again { bytes }),
        10 => (any::<usize>(), proptest::option::of(0..40u64))
            .prop_map(|(which, outcome)| Step::End { which, outcome }),
        3 => any::<usize>().prop_map(|which| Step::Delay { which }),
        3 => any::<usize>().prop_map(|which| Step::Due { which }),
        2 => (0..2u32).prop_map(|worker| Step::Wait { worker }),
        3 => (any::<usize>(), any::<bool>())
            .prop_map(|(which, gives_up)| Step::Enter { which, gives_up }),
        2 => any::<usize>().prop_map(|which| Step::Leave { which }),
        1 => any::<usize>().prop_map(|which| Step::AttemptsOver { which }),
        2 => any::<usize>().prop_map(|which| Step::Cancel { which }),
        1 => (0..2usize).prop_map(|group| Step::CancelGroup { group }),
        1 => (0..40u64).prop_map(|bytes| Step::Settle { bytes }),
        6 => (1..4usize).prop_map(|count| Step::Deliver { count }),
        1 => any::<bool>().prop_map(|cancel| Step::Stop { cancel }),
    ]
}

/// The machine with a plain copy of what it should know.
struct Harness {
    machine: Dispatcher<Facts>,
    next: u64,
    running: Vec<(SlotId, Facts)>,
    waiting: Vec<Facts>,
    delayed: Vec<Facts>,
    /// The workers of stages that wait, and of those that run.
    awaited: Vec<u32>,
    entered: Vec<u32>,
    undelivered: Vec<u64>,
    gone: u64,
    cancelled_slots: usize,
}

fn some(all: &mut Vec<Facts>, which: usize) -> Option<Facts> {
    (!all.is_empty()).then(|| all.remove(which % all.len()))
}

impl Harness {
    fn new(slots: usize) -> Harness {
        Harness {
            machine: Dispatcher::new(slots, &RUNNING_MAX, SMALL),
            next: 0,
            running: Vec::new(),
            waiting: Vec::new(),
            delayed: Vec::new(),
            awaited: Vec::new(),
            entered: Vec::new(),
            undelivered: Vec::new(),
            gone: 0,
            cancelled_slots: 0,
        }
    }

    fn facts(&mut self, bytes: u64) -> Facts {
        self.next += 1;
        Facts {
            number: self.next,
            bytes,
            special: None,
        }
    }

    fn take(&mut self, step: Step) {
        let Some(event) = self.event(step) else {
            return;
        };
        self.handle(event);
    }

    fn event(&mut self, step: Step) -> Option<Event<Facts>> {
        Some(match step {
            Step::Submit {
                bytes,
                priority,
                bounded,
                group,
            } => {
                let special = Special {
                    priority,
                    bounded,
                    comes_again: false,
                    group: group.map(|group| GROUPS[group].into()),
                };
                let facts = Facts {
                    special: (special != Special::default()).then(|| Box::new(special)),
                    ..self.facts(bytes)
                };
                self.waiting.push(facts.clone());
                let payload = facts.clone();
                Event::Submitted { facts, payload }
            }
            Step::Again { bytes } => {
                let special = Special {
                    comes_again: true,
                    ..Special::default()
                };
                let facts = Facts {
                    special: Some(Box::new(special)),
                    ..self.facts(bytes)
                };
                self.machine.handle(Event::Opened { bytes });
                self.waiting.push(facts.clone());
                let payload = facts.clone();
                Event::Again { facts, payload }
            }
            Step::End { which, outcome } => {
                let (slot, _) = self.off_its_slot(which)?;
                self.undelivered.extend(outcome);
                self.gone += 1;
                Event::Ended {
                    slot,
                    outcome_bytes: outcome,
                }
            }
            Step::Delay { which } => {
                let (slot, facts) = self.off_its_slot(which)?;
                self.delayed.push(facts.clone());
                Event::Delayed {
                    slot,
                    payload: facts,
                }
            }
            Step::Due { which } => {
                let facts = some(&mut self.delayed, which)?;
                let number = facts.number;
                self.waiting.push(facts);
                Event::Due { number }
            }
            stage @ (Step::Wait { .. }
            | Step::Enter { .. }
            | Step::Leave { .. }
            | Step::AttemptsOver { .. }) => {
                return self.stage_event(stage);
            }
            Step::Cancel { which } => {
                let number = which as u64 % (self.next + 1);
                Event::Cancel(Target::Numbers(number..number + 1 + which as u64 % 2))
            }
            Step::CancelGroup { group } => Event::Cancel(Target::Group(GROUPS[group].into())),
            Step::Settle { bytes } => {
                self.machine.handle(Event::Opened { bytes });
                self.undelivered.push(bytes);
                Event::Closed {
                    bytes,
                    outcome_bytes: Some(bytes),
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
        })
    }

    /// What stages of bounded workers make happen.
    fn stage_event(&mut self, step: Step) -> Option<Event<Facts>> {
        if let Step::Wait { worker } = step {
            self.awaited.push(worker);
            let waits = true;
            return Some(Event::Waits { worker, waits });
        }
        if let Step::Enter { which, gives_up } = step {
            let waiting = self.awaited.len();
            let worker = (waiting > 0).then(|| self.awaited.remove(which % waiting))?;
            if !gives_up {
                let may_run = self.places(worker) < RUNNING_MAX[worker as usize] as usize;
                assert_eq!(self.machine.enter(worker), may_run);
                self.entered.extend(may_run.then_some(worker));
            }
            let waits = false;
            return Some(Event::Waits { worker, waits });
        }
        let worker = if let Step::Leave { which } = step {
            let running = self.entered.len();
            (running > 0).then(|| self.entered.remove(which % running))?
        } else if let Step::AttemptsOver { which } = step {
            let running = self.running.len();
            let (slot, facts) = self.running.get_mut(which % running.max(1))?;
            let worker = facts.special.as_mut()?.bounded.take()?;
            assert_eq!(self.machine.attempts_over(*slot), Some(worker));
            worker
        } else {
            return None;
        };
        Some(Event::Left { worker })
    }

    fn off_its_slot(&mut self, which: usize) -> Option<(SlotId, Facts)> {
        let running = self.running.len();
        (running > 0).then(|| self.running.remove(which % running))
    }

    fn handle(&mut self, event: Event<Facts>) {
        let meant = if let Event::Cancel(target) = &event {
            Some(target.clone())
        } else {
            None
        };
        let actions = self.machine.handle(event);
        for refused in actions.refused {
            let before = self.waiting.len() + self.delayed.len();
            self.waiting.retain(|facts| facts.number != refused.number);
            self.delayed.retain(|facts| facts.number != refused.number);
            let after = self.waiting.len() + self.delayed.len();
            assert_eq!(after + 1, before, "only what was waiting is refused, once");
            assert!(!self.machine.is_idle(), "a refused job is not forgotten");
            self.gone += 1;
            self.undelivered.push(1);
            self.machine.handle(Event::Closed {
                bytes: refused.bytes,
                outcome_bytes: Some(1),
            });
        }
        if let Some(target) = meant {
            self.check_cancel(&target, &actions.cancel);
        }
        self.cancelled_slots += actions.cancel.len();
        if let Some(start) = actions.start {
            self.started(start);
        }
    }

    /// Nobody who is meant waits any more, and everybody who runs is told.
    fn check_cancel(&self, target: &Target, slots: &[SlotId]) {
        let is_meant = |facts: &Facts| match target {
            Target::Numbers(numbers) => numbers.contains(&facts.number),
            Target::Group(group) => facts.group() == Some(group),
        };
        assert!(!self.waiting.iter().chain(&self.delayed).any(is_meant));
        let mut told: Vec<SlotId> = slots.to_vec();
        let mut meant: Vec<SlotId> = self
            .running
            .iter()
            .filter(|(_, facts)| is_meant(facts))
            .map(|(slot, _)| *slot)
            .collect();
        told.sort();
        meant.sort();
        assert_eq!(told, meant);
    }

    fn started(&mut self, start: Start<Facts>) {
        let facts = start.payload;
        let rank = |facts: &Facts| (std::cmp::Reverse(facts.priority()), facts.number);
        let first = self.waiting.iter().filter(|facts| self.may_run(facts));
        assert_eq!(
            first.min_by_key(|facts| rank(facts)),
            Some(&facts),
            "jobs start by priority and then in order of submission"
        );
        self.waiting.retain(|other| other.number != facts.number);
        assert!(
            self.running.iter().all(|(slot, _)| *slot != start.slot),
            "a slot runs one job"
        );
        self.running.push((start.slot, facts));
    }

    fn may_run(&self, facts: &Facts) -> bool {
        facts.bounded().is_none_or(|worker| {
            let waiting = self.awaited.iter().filter(|other| **other == worker);
            self.places(worker) + waiting.count() < RUNNING_MAX[worker as usize] as usize
        })
    }

    /// Places of a bounded worker that are taken.
    fn places(&self, worker: u32) -> usize {
        let attempts = self.running.iter().map(|(_, facts)| facts.bounded());
        let attempts = attempts.filter(|bounded| *bounded == Some(worker));
        let stages = self.entered.iter().filter(|other| **other == worker);
        attempts.count() + stages.count()
    }

    fn check(&self) {
        let machine = &self.machine;
        assert_eq!(machine.queue.jobs().count(), self.waiting.len());
        assert_eq!(machine.delayed.len(), self.delayed.len());
        assert_eq!(
            machine.free.len() + self.running.len(),
            machine.slots.len(),
            "a slot is free or used"
        );
        assert!(
            machine.free.is_empty() || !machine.queue.has_next(),
            "no slot is free while a job waits that may run"
        );
        let held = self.waiting.len() + self.running.len() + self.delayed.len();
        assert_eq!(
            machine.load.jobs as usize,
            held + self.undelivered.len(),
            "what is counted is there"
        );
        assert_eq!(held as u64 + self.gone, self.next, "no job is lost");
        if machine.stopping == Stopping::Closing {
            assert!(self.waiting.is_empty());
        }
        if machine.stopping > Stopping::Open {
            assert!(self.delayed.is_empty());
            assert!(self.waiting.iter().all(Facts::comes_again));
        }
        let low = machine.load.jobs <= SMALL.jobs / 2 && machine.load.bytes <= SMALL.bytes / 2;
        assert!(!low || !machine.held, "nobody is held at low load");
        // The mark is looked at when something is added; an outcome larger than its job
        // may pass it without a new job, and the next one added then holds the producer.
        let over = machine.load.jobs >= SMALL.jobs;
        assert!(!over || machine.held, "somebody is held at high load");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // J8 M35: slots, priorities, bounds, delays, cancels, stops, in any order.
    #[test]
    fn invariants_hold_after_every_event(slots in 1usize..5, steps in proptest::collection::vec(step(), 1..200)) {
        let mut harness = Harness::new(slots);
        for step in steps {
            harness.take(step);
            harness.check();
        }
        // Whatever happened, there is a way to the end.
        harness.handle(Event::Stop(Stopping::Closing));
        while !harness.entered.is_empty() {
            harness.take(Step::Leave { which: 0 });
            harness.check();
        }
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

fn plain(bytes: u64) -> Step {
    Step::Submit {
        bytes,
        priority: 0,
        bounded: None,
        group: None,
    }
}

#[test]
fn a_drain_refuses_the_queue_and_lets_running_jobs_finish() {
    let mut harness = Harness::new(1);
    harness.take(plain(1));
    harness.take(plain(1));
    let actions = harness.machine.handle(Event::Stop(Stopping::Draining));
    assert_eq!(actions.refused.len(), 1);
    assert_eq!(actions.refused[0].number, 2);
    assert!(actions.cancel.is_empty());
    let actions = harness.machine.handle(Event::Stop(Stopping::Cancelling));
    assert_eq!(actions.cancel, [SlotId(0)]);
    // A stop never goes back.
    harness.machine.handle(Event::Stop(Stopping::Draining));
    assert_eq!(harness.machine.stopping(), Stopping::Cancelling);
}

#[test]
fn what_comes_after_the_attempts_may_still_have_a_slot_in_a_drain() {
    let mut harness = Harness::new(1);
    harness.take(plain(1));
    harness.take(Step::Again { bytes: 1 });
    harness.take(Step::Stop { cancel: false });
    assert_eq!(harness.waiting.len(), 1);
    let which = 0;
    harness.take(Step::End {
        which,
        outcome: None,
    });
    assert_eq!(harness.running.len(), 1);
    harness.check();
    // Also after a cancel, but not when the host is gone.
    harness.take(Step::Stop { cancel: true });
    harness.take(Step::Again { bytes: 1 });
    assert_eq!(harness.waiting.len(), 1);
    harness.handle(Event::Stop(Stopping::Closing));
    harness.take(Step::Again { bytes: 1 });
    assert_eq!(harness.waiting.len(), 0);
    harness.check();
}

// M2
#[test]
fn a_cancel_on_the_way_to_a_pause_is_heard() {
    let mut harness = Harness::new(1);
    harness.take(plain(1));
    harness.handle(Event::Cancel(Target::Numbers(1..2)));
    assert_eq!(harness.cancelled_slots, 1);
    harness.take(Step::Delay { which: 0 });
    harness.check();
    assert_eq!((harness.delayed.len(), harness.gone), (0, 1));
}

// M39
#[test]
fn what_is_shielded_hears_the_end_of_the_host_only() {
    let mut machine: Dispatcher<u64> = Dispatcher::new(1, &[], SMALL);
    let facts = Harness::new(1).facts(1);
    machine.handle(Event::Submitted { facts, payload: 1 });
    assert!(machine.shield(SlotId(0)));
    let actions = machine.handle(Event::Cancel(Target::Numbers(1..2)));
    assert!(actions.cancel.is_empty());
    let actions = machine.handle(Event::Stop(Stopping::Cancelling));
    assert!(actions.cancel.is_empty());
    let actions = machine.handle(Event::Stop(Stopping::Closing));
    assert_eq!(actions.cancel, [SlotId(0)]);
    assert!(!machine.shield(SlotId(0)));
}

#[test]
fn the_producer_is_held_at_the_mark_and_let_go_at_half_of_it() {
    let mut harness = Harness::new(1);
    for _ in 0..SMALL.jobs {
        assert!(!harness.machine.is_held());
        harness.take(plain(1));
    }
    assert!(harness.machine.is_held());
    let mut resumed_at = None;
    for ended in 1..=SMALL.jobs {
        let actions = harness.machine.handle(Event::Ended {
            slot: SlotId(0),
            outcome_bytes: None,
        });
        if actions.resume_producer {
            resumed_at = Some(ended);
        }
    }
    assert_eq!(resumed_at, Some(SMALL.jobs / 2));
}
