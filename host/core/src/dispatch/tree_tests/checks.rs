//! What has to hold after every event.

use super::harness::{Harness, SMALL};
use super::model::{Job, Place, RUNNING_MAX, Seat};
use crate::dispatch::events::Stopping;
use crate::dispatch::live::Standing;
use crate::dispatch::slots::SlotId;

fn sorted<T: Ord>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.into_iter().collect();
    all.sort_unstable();
    all
}

impl Harness {
    pub(super) fn check(&self) {
        self.check_slots();
        self.check_live();
        self.check_places();
        self.check_trees();
        self.check_load();
        for (job, seat) in self.model.live() {
            self.check_seat(job, seat);
        }
        for job in self.model.jobs.values() {
            self.check_orphan(job);
        }
    }

    /// A slot is free, not borrowed, or held by one attempt that runs.
    fn check_slots(&self) {
        let (machine, model) = (&self.machine, &self.model);
        let free = sorted(machine.slots.free().iter().copied());
        assert!(free.iter().eq(&model.free), "free slots: {free:?}");
        assert_eq!(machine.slots.absent(), model.absent.len());
        let held = machine.places.iter().filter_map(|(_, live)| live.slot);
        let all = sorted(held.chain(free).chain(model.absent.iter().copied()));
        let every: Vec<SlotId> = (0..all.len()).map(SlotId).collect();
        assert_eq!((all, every.len()), (every, self.slots), "no slot is lost");
    }

    /// Every live attempt has a loop of its own, and there are not too many.
    fn check_live(&self) {
        let (machine, model) = (&self.machine, &self.model);
        assert_eq!(machine.places.count(), model.live().count());
        assert!(machine.places.count() <= model.live_max);
        for (job, seat) in model.live() {
            let live = machine.places.get(seat.at).expect("it has its loop");
            let (facts, due) = (&live.facts, job.facts());
            assert_eq!((facts.rank(), facts.bytes), (due.rank(), due.bytes));
            assert_eq!(facts.bounded(), due.bounded());
            assert_eq!(facts.comes_again(), due.comes_again());
            assert_eq!(facts.is_slotless(), due.is_slotless());
            assert_eq!(
                (live.slot, live.standing, &live.awaited),
                (seat.slot, seat.standing, &seat.awaited)
            );
            assert_eq!(
                (live.is_paused, live.is_cancelled, live.is_shielded),
                (seat.is_paused, seat.is_cancelled, seat.is_shielded)
            );
        }
        for (worker, max) in RUNNING_MAX.iter().enumerate() {
            let (runs, _) = model.crowd(worker);
            assert!(runs <= *max, "a worker runs no more than it may");
        }
    }

    /// Every job is in one place, the same for the machine and the model.
    fn check_places(&self) {
        let (machine, model) = (&self.machine, &self.model);
        let those = |place: &Place| {
            let jobs = model.jobs.values().filter(|job| job.place == *place);
            jobs.map(|job| job.number).collect::<Vec<u64>>()
        };
        let queued = machine.queue.in_order().map(|waiting| waiting.facts.number);
        assert_eq!(sorted(queued), those(&Place::Queued));
        assert_eq!(
            sorted(machine.delayed.keys().copied()),
            those(&Place::Delayed)
        );
        assert_eq!(
            sorted(machine.paused.keys().copied()),
            those(&Place::Paused)
        );
        assert_eq!(
            sorted(machine.displaced.iter().copied()),
            sorted(model.displaced.iter().copied())
        );
        let returning = machine.returning.iter().map(|(rank, _)| rank.1);
        let returns = model
            .live()
            .filter(|(job, _)| job.stands(Standing::Returning));
        assert_eq!(
            sorted(returning),
            sorted(returns.map(|(job, _)| job.number))
        );
        if machine.stopping() == Stopping::Closing {
            assert!(machine.queue.in_order().next().is_none());
        }
    }

    /// Trees know the jobs that have relatives and are not over.
    fn check_trees(&self) {
        let (machine, model) = (&self.machine, &self.model);
        let kin = model.jobs.values().filter(|job| job.root.is_some());
        let kin: Vec<&Job> = kin.collect();
        let numbers = kin.iter().map(|job| job.number);
        assert!(numbers.eq(sorted(machine.trees.numbers())));
        for job in kin {
            let known = machine.trees.get(job.number).expect("it is known");
            assert_eq!(known.children, job.children);
            assert_eq!(known.paused_by_parent, job.paused_by_parent);
            let waiters = known.waiters.iter().chain(&known.start_waiter);
            let waits = model
                .live()
                .filter(|(_, seat)| seat.awaited.contains(&job.number));
            assert_eq!(
                sorted(waiters.copied()),
                sorted(waits.map(|(_, seat)| seat.at)),
                "who waits for it is known, and nobody else"
            );
        }
    }

    fn check_load(&self) {
        let (machine, model) = (&self.machine, &self.model);
        let load = machine.load;
        assert_eq!((load.jobs, load.bytes), (model.load_jobs, model.load_bytes));
        assert_eq!(
            load.jobs as usize,
            model.jobs.len() + model.undelivered.len(),
            "what is counted is there"
        );
        assert_eq!(machine.is_idle(), load.jobs == 0);
        let low = load.jobs <= SMALL.jobs / 2 && load.bytes <= SMALL.bytes / 2;
        assert!(!low || !machine.is_held(), "nobody is held at low load");
        // The mark is looked at when something is added; an outcome larger than its job
        // may pass it without a new job, and the next one added then holds the producer.
        let over = load.jobs >= SMALL.jobs;
        assert!(!over || machine.is_held(), "somebody is held at high load");
    }

    /// An attempt holds a slot while it runs, and has a way forward when it does not.
    fn check_seat(&self, job: &Job, seat: &Seat) {
        let holds = seat.standing == Standing::Running && !job.slotless;
        assert_eq!(seat.slot.is_some(), holds, "who runs holds a slot");
        let is_deaf = seat.is_paused && !seat.told_pause;
        assert!(!is_deaf, "the loop of a paused attempt was told");
        let is_held_up = !seat.is_paused && seat.told_pause;
        assert!(
            !is_held_up || seat.standing == Standing::Returning,
            "who is not paused goes on"
        );
        let jobs = &self.model.jobs;
        match seat.standing {
            Standing::Waiting => {
                let comes = |number: &u64| seat.timed.is_some() || !jobs[number].paused_by_parent;
                assert!(seat.awaited.iter().all(|number| jobs.contains_key(number)));
                assert!(seat.awaited.iter().any(comes), "what it waits for comes");
            }
            Standing::Still => assert!(seat.is_paused && !seat.is_afterwards),
            Standing::Running | Standing::Returning => assert!(seat.awaited.is_empty()),
        }
    }

    /// What is left of a parent whose attempts are over comes to its end.
    fn check_orphan(&self, job: &Job) {
        let has_attempts = |parent: &Job| {
            let seat = parent.seat();
            !parent.comes_again && !seat.is_some_and(|seat| seat.is_afterwards)
        };
        let Some(parent) = job.parent else {
            return;
        };
        if job.comes_again || self.model.jobs.get(&parent).is_some_and(has_attempts) {
            return;
        }
        match &job.place {
            Place::Queued | Place::Delayed | Place::Paused => {
                panic!("job {} outlives its parent", job.number)
            }
            Place::Live(seat) => assert!(seat.told_cancel || seat.is_shielded),
            Place::Gathering | Place::Unanswered(_) => {}
        }
    }
}
