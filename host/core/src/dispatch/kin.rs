//! Who submitted whom: the trees of nested jobs.
//!
//! Only jobs that are part of a tree have an entry, from their submission to their end;
//! a host without nested jobs has an empty table. It knows numbers, not jobs: what is to
//! happen to a relative is the machine's business.

use super::live::LoopId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// How large trees may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TreeLimits {
    /// How deep a job may be nested; a job that nobody submitted has depth 0.
    pub(crate) depth: u64,
    /// How many jobs one tree may have in all, the first included.
    pub(crate) jobs: u64,
}

/// Which of them was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TreeLimit {
    /// The depth.
    Depth,
    /// The number of jobs.
    Jobs,
}

/// A job that has relatives.
#[derive(Debug, Default)]
pub(super) struct Kin {
    /// Who submitted it.
    pub(super) parent: Option<u64>,
    /// The first job of its tree.
    root: u64,
    /// The numbers of the job itself and, where it is parallel, of its items.
    pub(super) numbers: Range<u64>,
    /// Children that are not over.
    pub(super) children: BTreeSet<u64>,
    /// Whether it ever had one.
    pub(super) had_children: bool,
    /// Jobs of the tree so far; counted at its root.
    jobs: u64,
    /// Parents that wait for its end.
    pub(super) waiters: Vec<LoopId>,
    /// The parent that waits for its start.
    pub(super) start_waiter: Option<LoopId>,
    pub(super) has_started: bool,
    /// Its own parent paused it: nobody else may ever let it go on.
    pub(super) paused_by_parent: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Trees {
    jobs: HashMap<u64, Kin>,
    /// Where the numbers of parallel jobs and their items begin and end.
    parallel: BTreeMap<u64, u64>,
}

impl Trees {
    pub(super) fn get(&self, number: u64) -> Option<&Kin> {
        self.jobs.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Kin> {
        if self.jobs.is_empty() {
            return None;
        }
        self.jobs.get_mut(&number)
    }

    /// The parallel job of a tree that a job is an item of.
    fn whole(&self, number: u64) -> Option<u64> {
        let (first, end) = self.parallel.range(..number).next_back()?;
        (number < *end).then_some(*first)
    }

    /// Whether the job that submitted a job, or the parallel one that it is an item of,
    /// paused it and is not over.
    pub(super) fn is_paused_by_parent(&self, number: u64) -> bool {
        let kin = self.get(self.whole(number).unwrap_or(number));
        kin.filter(|kin| kin.paused_by_parent)
            .and_then(|kin| self.get(kin.parent?))
            .is_some()
    }

    /// A job of this depth submits another one, which has these numbers: how deep that
    /// one is.
    pub(super) fn adopt(
        &mut self,
        parent: u64,
        depth: u16,
        numbers: Range<u64>,
        limits: TreeLimits,
    ) -> Result<u16, TreeLimit> {
        if u64::from(depth) >= limits.depth {
            return Err(TreeLimit::Depth);
        }
        let whole = self.whole(parent).and_then(|whole| self.get(whole));
        let root = whole.map_or(parent, |whole| whole.root);
        let root = self.jobs.entry(parent).or_insert_with(|| Kin {
            root,
            jobs: 1,
            numbers: parent..parent + 1,
            has_started: true,
            ..Kin::default()
        });
        let root = root.root;
        let jobs = numbers.end - numbers.start;
        // The root of a tree that is being taken down may be gone already.
        if let Some(root) = self.jobs.get_mut(&root) {
            if root.jobs.saturating_add(jobs) > limits.jobs {
                return Err(TreeLimit::Jobs);
            }
            root.jobs += jobs;
        }
        if let Some(parent) = self.jobs.get_mut(&parent) {
            parent.children.insert(numbers.start);
            parent.had_children = true;
        }
        let number = numbers.start;
        if jobs > 1 {
            self.parallel.insert(number, numbers.end);
        }
        let child = Kin {
            parent: Some(parent),
            root,
            numbers,
            ..Kin::default()
        };
        self.jobs.insert(number, child);
        Ok(depth + 1)
    }

    /// A job is over: its entry, which is gone, so that what depends on it can be done.
    pub(super) fn over(&mut self, number: u64) -> Option<Kin> {
        if self.jobs.is_empty() {
            return None;
        }
        let kin = self.jobs.remove(&number)?;
        self.parallel.remove(&number);
        let parent = kin.parent.and_then(|parent| self.jobs.get_mut(&parent));
        if let Some(parent) = parent {
            parent.children.remove(&number);
        }
        Some(kin)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.parallel.is_empty()
    }

    #[cfg(test)]
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.jobs.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: TreeLimits = TreeLimits { depth: 2, jobs: 4 };

    // J5: limits on depth and tree size.
    #[test]
    fn a_tree_has_a_depth_and_a_size() {
        let mut trees = Trees::default();
        assert_eq!(trees.adopt(1, 0, 2..3, LIMITS), Ok(1));
        assert_eq!(trees.adopt(2, 1, 3..4, LIMITS), Ok(2));
        assert_eq!(trees.adopt(3, 2, 4..5, LIMITS), Err(TreeLimit::Depth));
        assert_eq!(trees.adopt(1, 0, 5..7, LIMITS), Err(TreeLimit::Jobs));
        assert_eq!(trees.adopt(1, 0, 5..6, LIMITS), Ok(1));
        // What is over still counts: a tree does not grow for ever one after the other.
        trees.over(5);
        assert_eq!(trees.adopt(1, 0, 6..7, LIMITS), Err(TreeLimit::Jobs));
        assert_eq!(trees.adopt(9, 0, 10..11, LIMITS), Ok(1));
    }

    // J5: an item belongs to the tree of its parallel job.
    #[test]
    fn what_items_submit_counts_for_the_whole_tree() {
        let mut trees = Trees::default();
        assert_eq!(trees.adopt(1, 0, 2..4, LIMITS), Ok(1));
        assert_eq!(trees.adopt(3, 1, 4..5, LIMITS), Ok(2));
        assert_eq!(trees.adopt(3, 1, 5..6, LIMITS), Err(TreeLimit::Jobs));
        for number in [4, 3, 2, 1] {
            trees.over(number);
        }
        assert!(trees.is_empty());
    }

    #[test]
    fn nothing_is_left_of_a_tree_that_is_over() {
        let mut trees = Trees::default();
        assert_eq!(trees.adopt(1, 0, 2..3, LIMITS), Ok(1));
        assert_eq!(trees.adopt(2, 1, 3..4, LIMITS), Ok(2));
        for number in [3, 2, 1] {
            let kin = trees.over(number).expect("it is there");
            assert!(kin.children.is_empty());
        }
        assert!(trees.is_empty());
    }
}
