//! The live attempts: those that hold a store, whether they run, wait or stand still.
//!
//! Each has a place, and with it one of the loops that carry attempts. Places are kept
//! for nested jobs: a job that nobody waits for does not take the last ones.

use super::lanes::{Facts, Rank, Whom};
use super::slots::SlotId;
use std::cmp::Reverse;

/// A place for a live attempt, and the loop that carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LoopId(pub(crate) usize);

/// What a live attempt is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It runs, on a slot unless its job needs none.
    Running,
    /// It waits for other jobs; its slot is lent.
    Waiting,
    /// What it waited for has come; it waits for a slot.
    Returning,
    /// It is paused and not polled; its slot is lent.
    Still,
}

/// A live attempt.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each may be true whatever the others are"
)]
pub(super) struct Live {
    pub(super) facts: Facts,
    pub(super) slot: Option<SlotId>,
    pub(super) standing: Standing,
    /// The jobs that it waits for.
    pub(super) awaited: Vec<u64>,
    /// It was cancelled, and may not have heard it yet.
    pub(super) is_cancelled: bool,
    /// What runs now is not meant when the job is cancelled.
    pub(super) is_shielded: bool,
    /// It has waited as long as it said, and goes before all that waits for a slot.
    pub(super) is_late: bool,
    /// It is to stand still.
    pub(super) is_paused: bool,
    /// What runs is not an attempt any more: it has its slot to the end.
    pub(super) is_afterwards: bool,
}

impl Live {
    /// Where it stands among those who wait for a slot.
    pub(super) fn turn(&self) -> Rank {
        let mut turn = self.facts.rank();
        if self.is_late {
            turn.0.0 = Reverse(u16::MAX);
        }
        turn
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Places {
    taken: Vec<Option<Live>>,
    /// Those that were used and are free; the last one is used next, it is warm.
    spare: Vec<LoopId>,
    count: usize,
    /// Attempts that run or want to.
    active: usize,
    max: usize,
    /// The most for jobs that are not nested.
    outer_max: usize,
}

impl Places {
    /// `max` places for a host with so many slots. Half of those beyond the slots are
    /// kept for nested jobs.
    pub(super) fn new(slots: usize, max: usize) -> Places {
        let max = max.max(slots);
        Places {
            taken: Vec::new(),
            spare: Vec::new(),
            count: 0,
            active: 0,
            max,
            outer_max: slots + (max - slots) / 2,
        }
    }

    /// Who may have a place now.
    pub(super) fn room(&self) -> Option<Whom> {
        if self.count < self.outer_max {
            Some(Whom::All)
        } else if self.count < self.max {
            Some(Whom::Nested)
        } else {
            None
        }
    }

    /// Whether a job may have a place now.
    pub(super) fn has_room(&self, facts: &Facts) -> bool {
        match self.room() {
            Some(Whom::All) => true,
            Some(Whom::Nested) => facts.depth() > 0,
            None => false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.count >= self.max
    }

    /// Whether nobody runs or wants to.
    pub(super) fn is_inactive(&self) -> bool {
        self.active == 0
    }

    /// A job begins to run.
    pub(super) fn take(&mut self, facts: Facts, slot: Option<SlotId>) -> LoopId {
        let live = Live {
            facts,
            slot,
            standing: Standing::Running,
            awaited: Vec::new(),
            is_cancelled: false,
            is_shielded: false,
            is_late: false,
            is_paused: false,
            is_afterwards: false,
        };
        self.count += 1;
        self.active += 1;
        if let Some(at) = self.spare.pop() {
            self.taken[at.0] = Some(live);
            return at;
        }
        self.taken.push(Some(live));
        LoopId(self.taken.len() - 1)
    }

    /// An attempt is over and its store gone.
    pub(super) fn leave(&mut self, at: LoopId) -> Option<Live> {
        let live = self.taken.get_mut(at.0)?.take()?;
        self.spare.push(at);
        self.count -= 1;
        self.active -= usize::from(live.standing.is_active());
        Some(live)
    }

    pub(super) fn get(&self, at: LoopId) -> Option<&Live> {
        self.taken.get(at.0)?.as_ref()
    }

    /// Anything but its standing may be changed.
    pub(super) fn get_mut(&mut self, at: LoopId) -> Option<&mut Live> {
        self.taken.get_mut(at.0)?.as_mut()
    }

    /// Gives an attempt another standing; the one before.
    pub(super) fn stand(&mut self, at: LoopId, standing: Standing) -> Option<Standing> {
        let live = self.taken.get_mut(at.0)?.as_mut()?;
        let before = std::mem::replace(&mut live.standing, standing);
        self.active -= usize::from(before.is_active());
        self.active += usize::from(standing.is_active());
        Some(before)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LoopId, &Live)> {
        let taken = self.taken.iter().enumerate();
        taken.filter_map(|(at, live)| Some((LoopId(at), live.as_ref()?)))
    }

    /// Those of some jobs.
    pub(super) fn of(&self, is_meant: impl Fn(&Facts) -> bool) -> Vec<LoopId> {
        let meant = self.iter().filter(|(_, live)| is_meant(&live.facts));
        meant.map(|(at, _)| at).collect()
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.count
    }
}

impl Standing {
    fn is_active(self) -> bool {
        match self {
            Standing::Running | Standing::Returning => true,
            Standing::Waiting | Standing::Still => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            number: 1,
            bytes: 0,
            special: None,
        }
    }

    // J5: the live cap keeps places for children.
    #[test]
    fn the_last_places_are_kept_for_nested_jobs() {
        let mut places = Places::new(1, 4);
        let mut rooms = Vec::new();
        for _ in 0..4 {
            rooms.push(places.room());
            places.take(facts(), None);
        }
        let (all, nested) = (Some(Whom::All), Some(Whom::Nested));
        assert_eq!(rooms, [all, all, nested, nested]);
        assert_eq!(places.room(), None);
        places.leave(LoopId(2));
        assert_eq!(places.take(facts(), None), LoopId(2));
        // A host has at least a place for each slot.
        assert_eq!(Places::new(4, 1).max, 4);
    }

    #[test]
    fn who_waits_is_not_active() {
        let mut places = Places::new(1, 4);
        let at = places.take(facts(), None);
        for standing in [Standing::Waiting, Standing::Still] {
            places.stand(at, standing);
            assert!(places.is_inactive());
        }
        places.stand(at, Standing::Returning);
        assert!(!places.is_inactive());
        places.leave(at);
        assert!(places.is_inactive());
    }
}
