//! Permits: the right to run one attempt now, each with a number that stays.
//!
//! They are the host's own, or all but the first are borrowed from a pool that several
//! programs share; then the table says how many more it would like to have.

/// The right to run one attempt now; numbered from 0 inside, shown from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SlotId(pub(crate) usize);

impl SlotId {
    /// The number that people see.
    pub(crate) fn shown(self) -> u32 {
        u32::try_from(self.0 + 1).unwrap_or(u32::MAX)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Slots {
    /// Free ones; that which was freed last is used next, its memory is warm.
    free: Vec<SlotId>,
    /// Those that were not borrowed yet, the smallest last. Empty when all are own.
    absent: Vec<SlotId>,
    /// Whether all but the first are borrowed.
    is_borrowing: bool,
}

impl Slots {
    pub(super) fn own(count: usize) -> Slots {
        Slots {
            free: (0..count).rev().map(SlotId).collect(),
            absent: Vec::new(),
            is_borrowing: false,
        }
    }

    /// One of its own, and up to `count` in all.
    pub(super) fn borrowing(count: usize) -> Slots {
        Slots {
            free: vec![SlotId(0)],
            absent: (1..count).rev().map(SlotId).collect(),
            is_borrowing: true,
        }
    }

    pub(super) fn has_free(&self) -> bool {
        !self.free.is_empty()
    }

    pub(super) fn take(&mut self) -> Option<SlotId> {
        self.free.pop()
    }

    pub(super) fn give_back(&mut self, slot: SlotId) {
        self.free.push(slot);
    }

    /// How many more could be borrowed.
    pub(super) fn absent(&self) -> usize {
        self.absent.len()
    }

    /// One was borrowed; false = there is no place for it.
    pub(super) fn came(&mut self) -> bool {
        let Some(slot) = self.absent.pop() else {
            return false;
        };
        self.free.push(slot);
        true
    }

    /// The pool is gone: they are all own from now on.
    pub(super) fn all_own(&mut self) {
        self.is_borrowing = false;
        self.free.append(&mut self.absent);
    }

    /// Whether a free one is borrowed.
    pub(super) fn has_borrowed(&self) -> bool {
        self.is_borrowing && self.free.iter().any(|slot| slot.0 != 0)
    }

    /// Takes out the borrowed ones of those that are free, all but the first `kept` of the
    /// free ones: how many go back.
    pub(super) fn surplus(&mut self, kept: usize) -> usize {
        if !self.has_borrowed() {
            return 0;
        }
        self.free.sort_unstable();
        // The own one stays in any case, and is the first where it is free.
        let own = usize::from(self.free[0].0 == 0);
        let back = self.free.split_off(kept.max(own).min(self.free.len()));
        self.absent.extend(&back);
        self.absent.sort_unstable_by(|a, b| b.cmp(a));
        back.len()
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> &[SlotId] {
        &self.free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // J37
    #[test]
    fn borrowed_slots_come_and_go_and_the_first_stays() {
        let mut slots = Slots::borrowing(3);
        assert_eq!((slots.free(), slots.absent()), (&[SlotId(0)][..], 2));
        assert!(slots.came() && slots.came() && !slots.came());
        assert_eq!(slots.take(), Some(SlotId(2)));
        assert_eq!(slots.surplus(0), 1);
        assert_eq!((slots.free(), slots.absent()), (&[SlotId(0)][..], 1));
        slots.give_back(SlotId(2));
        assert_eq!(slots.surplus(0), 1);
        assert!(slots.came());
        assert_eq!(slots.take(), Some(SlotId(1)), "the smallest number first");
        slots.give_back(SlotId(1));
        assert!(slots.came());
        assert_eq!(slots.surplus(2), 1, "so many are kept");
        slots.take();
        slots.all_own();
        assert_eq!((slots.surplus(0), slots.absent()), (0, 0));
        assert_eq!(slots.free().len(), 2);
    }
}
