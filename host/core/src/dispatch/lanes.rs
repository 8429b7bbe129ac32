//! The jobs that wait for a slot, in the order in which they get one: those that are
//! nested deepest, then by priority, then by submission; a worker that runs as many
//! attempts as it may lets others pass.
//!
//! Invariants:
//! - a lane holds its jobs in the order of their numbers;
//! - no more attempts and stages of a bounded worker run than its bound;
//! - a job is held back only while its worker is full, and each is moved there once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What the machine knows of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The order of submission.
    pub(crate) number: u64,
    /// The size of its value.
    pub(crate) bytes: u64,
    /// What most jobs do not have: a million of them may wait, and each is moved under
    /// the machine's lock.
    pub(crate) special: Option<Box<Special>>,
}

/// What sets a job apart from most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Special {
    /// Higher goes first; most have 0.
    pub(crate) priority: i32,
    /// Its worker's place among those with a bound of their own.
    pub(crate) bounded: Option<u32>,
    /// Its attempts are over; something else of it needs a slot.
    pub(crate) comes_again: bool,
    /// It can be stopped together with others of the name.
    pub(crate) group: Option<Arc<str>>,
    /// How deep it is nested; 0 = no other job submitted it.
    pub(crate) depth: u16,
    /// It runs without a slot.
    pub(crate) slotless: bool,
}

impl Facts {
    pub(crate) fn priority(&self) -> i32 {
        self.special.as_ref().map_or(0, |special| special.priority)
    }

    pub(crate) fn bounded(&self) -> Option<u32> {
        self.special.as_ref()?.bounded
    }

    pub(crate) fn comes_again(&self) -> bool {
        self.special
            .as_ref()
            .is_some_and(|special| special.comes_again)
    }

    pub(crate) fn group(&self) -> Option<&Arc<str>> {
        self.special.as_ref()?.group.as_ref()
    }

    pub(crate) fn depth(&self) -> u16 {
        self.special.as_ref().map_or(0, |special| special.depth)
    }

    pub(crate) fn is_slotless(&self) -> bool {
        self.special
            .as_ref()
            .is_some_and(|special| special.slotless)
    }

    /// Where it stands among others; the smallest is first.
    pub(crate) fn rank(&self) -> Rank {
        let precedence = (Reverse(self.depth()), Reverse(self.priority()));
        (precedence, self.number)
    }
}

/// A job that waits.
#[derive(Debug)]
pub(crate) struct Waiting<P> {
    pub(crate) facts: Facts,
    pub(crate) payload: P,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Lanes<P> {
    /// Not nested and of priority 0, as nearly all jobs are.
    normal: Lane<P>,
    others: BTreeMap<Precedence, Lane<P>>,
    workers: Vec<Bounded<P>>,
    /// All that wait.
    count: usize,
}

/// Jobs of one depth and priority; `None` = it was taken out from the middle.
#[derive(Debug)]
struct Lane<P>(VecDeque<(u64, Option<Waiting<P>>)>);

/// A worker that may run only so many attempts at a time.
#[derive(Debug)]
struct Bounded<P> {
    running_max: u32,
    /// Attempts that run, and stages of it that do.
    running: u32,
    /// Stages that wait for one of these to end. They go first: they hold a slot.
    awaited: u32,
    held_back: BTreeMap<Rank, Waiting<P>>,
}

impl<P> Bounded<P> {
    /// Whether another attempt may start.
    fn has_place(&self) -> bool {
        self.running + self.awaited < self.running_max
    }
}

/// Depth and priority; the smallest goes first.
type Precedence = (Reverse<u16>, Reverse<i32>);

/// That of most jobs.
const NORMAL: Precedence = (Reverse(0), Reverse(0));

/// What decides who is next; the smallest is.
pub(crate) type Rank = (Precedence, u64);

/// Who may be next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    /// Everybody.
    All,
    /// Only jobs that others submitted.
    Nested,
}

impl Whom {
    fn is(self, rank: Rank) -> bool {
        self == Whom::All || rank.0.0 != Reverse(0)
    }
}

impl<P> Default for Lane<P> {
    fn default() -> Self {
        Lane(VecDeque::new())
    }
}

impl<P> Lane<P> {
    fn push(&mut self, waiting: Waiting<P>) {
        let number = waiting.facts.number;
        let is_last = self.0.back().is_none_or(|(last, _)| *last < number);
        let entry = (number, Some(waiting));
        if is_last {
            return self.0.push_back(entry);
        }
        // A job that comes back, or two that were numbered and submitted crosswise.
        let place = self.0.partition_point(|(other, _)| *other < number);
        match self.0.get_mut(place) {
            Some(gone) if gone.0 == number => *gone = entry,
            Some(_) | None => self.0.insert(place, entry),
        }
    }

    /// The number of the first job.
    fn first(&mut self) -> Option<u64> {
        while let Some((number, waiting)) = self.0.front() {
            if waiting.is_some() {
                return Some(*number);
            }
            self.0.pop_front();
        }
        None
    }

    /// What is known of the first job, once [`Lane::first`] has found it.
    fn front(&self) -> Option<&Facts> {
        self.0.front()?.1.as_ref().map(|waiting| &waiting.facts)
    }

    fn pop(&mut self) -> Option<Waiting<P>> {
        self.first()?;
        self.0.pop_front()?.1
    }

    fn take(&mut self, number: u64) -> Option<Waiting<P>> {
        let place = self.0.binary_search_by_key(&number, |(n, _)| *n).ok()?;
        self.0[place].1.take()
    }

    fn take_where(&mut self, wanted: impl Fn(&Facts) -> bool, taken: &mut Vec<Waiting<P>>) {
        for (_, entry) in &mut self.0 {
            taken.extend(entry.take_if(|waiting| wanted(&waiting.facts)));
        }
        self.first();
    }

    fn jobs(&self) -> impl Iterator<Item = &Waiting<P>> {
        self.0.iter().filter_map(|(_, waiting)| waiting.as_ref())
    }
}

impl<P> Lanes<P> {
    /// Lanes for a host whose bounded workers may run so many attempts each.
    pub(crate) fn new(running_max: &[u32]) -> Lanes<P> {
        let worker = |max: &u32| Bounded {
            running_max: *max,
            running: 0,
            awaited: 0,
            held_back: BTreeMap::new(),
        };
        Lanes {
            normal: Lane::default(),
            others: BTreeMap::new(),
            workers: running_max.iter().map(worker).collect(),
            count: 0,
        }
    }

    pub(crate) fn push(&mut self, waiting: Waiting<P>) {
        self.count += 1;
        match waiting.facts.rank().0 {
            NORMAL => self.normal.push(waiting),
            other => self.others.entry(other).or_default().push(waiting),
        }
    }

    /// Takes the job that is next, and counts it as running.
    pub(crate) fn pop(&mut self, whom: Whom) -> Option<Waiting<P>> {
        let rank = self.first(whom)?;
        let waiting = self.pop_ranked(rank)?;
        self.count -= 1;
        self.goes_on(&waiting.facts);
        Some(waiting)
    }

    /// The attempt of a job that was popped is over. Says whether a stage waits for that.
    pub(crate) fn ended(&mut self, facts: &Facts) -> bool {
        facts.bounded().is_some_and(|worker| self.leave(worker))
    }

    /// A stage of a bounded worker wants to run: whether it may, and is counted.
    pub(crate) fn enter(&mut self, worker: u32) -> bool {
        let worker = &mut self.workers[worker as usize];
        let may_run = worker.running < worker.running_max;
        worker.running += u32::from(may_run);
        may_run
    }

    /// A stage that entered is over. Says whether another one waits for that.
    pub(crate) fn leave(&mut self, worker: u32) -> bool {
        let worker = &mut self.workers[worker as usize];
        worker.running -= 1;
        worker.awaited > 0
    }

    /// A stage begins to wait for a place, or waits no more.
    pub(crate) fn wait(&mut self, worker: u32, waits: bool) {
        let awaited = &mut self.workers[worker as usize].awaited;
        *awaited = if waits { *awaited + 1 } else { *awaited - 1 };
    }

    /// The rank of the first of all that may be next. Those before it whose workers are
    /// full are held back.
    pub(crate) fn first(&mut self, whom: Whom) -> Option<Rank> {
        let lane = loop {
            let Some(rank) = self.first_in_lanes() else {
                break None;
            };
            let lane = self.lane(rank.0)?;
            let bounded = lane.front().and_then(Facts::bounded);
            match bounded.map(|worker| worker as usize) {
                Some(worker) if !self.workers[worker].has_place() => {
                    let waiting = self.lane(rank.0)?.pop()?;
                    self.workers[worker].held_back.insert(rank, waiting);
                }
                Some(_) | None => break Some(rank),
            }
        };
        let may_run = self.workers.iter().filter(|worker| worker.has_place());
        let held_back = may_run
            .filter_map(|worker| worker.held_back.first_key_value())
            .map(|(rank, _)| *rank);
        lane.into_iter()
            .chain(held_back)
            .min()
            .filter(|rank| whom.is(*rank))
    }

    /// The job that is next, which stays where it is.
    pub(crate) fn peek(&mut self, whom: Whom) -> Option<&P> {
        let rank = self.first(whom)?;
        let mut workers = self.workers.iter();
        if let Some(waiting) = workers.find_map(|worker| worker.held_back.get(&rank)) {
            return Some(&waiting.payload);
        }
        let lane = match rank.0 {
            NORMAL => &self.normal,
            other => self.others.get(&other)?,
        };
        Some(&lane.0.front()?.1.as_ref()?.payload)
    }

    fn lane(&mut self, precedence: Precedence) -> Option<&mut Lane<P>> {
        if precedence == NORMAL {
            return Some(&mut self.normal);
        }
        self.others.get_mut(&precedence)
    }

    fn pop_ranked(&mut self, rank: Rank) -> Option<Waiting<P>> {
        let mut workers = self.workers.iter_mut();
        let held_back = workers.find_map(|worker| worker.held_back.remove(&rank));
        match held_back {
            None => self.lane(rank.0)?.pop(),
            held_back => held_back,
        }
    }

    /// The rank of the first job in a lane; empty lanes are dropped.
    fn first_in_lanes(&mut self) -> Option<Rank> {
        let normal = self.normal.first().map(|number| (NORMAL, number));
        while let Some(mut entry) = self.others.first_entry() {
            let precedence = *entry.key();
            if normal.is_some() && precedence > NORMAL {
                break;
            }
            match entry.get_mut().first() {
                Some(number) => return Some((precedence, number)),
                None => entry.remove(),
            };
        }
        normal
    }

    /// Takes a job out, wherever it waits.
    pub(crate) fn take(&mut self, number: u64) -> Option<Waiting<P>> {
        let taken = self.find(number)?;
        self.count -= 1;
        Some(taken)
    }

    fn find(&mut self, number: u64) -> Option<Waiting<P>> {
        let mut lanes = std::iter::once(&mut self.normal).chain(self.others.values_mut());
        if let Some(waiting) = lanes.find_map(|lane| lane.take(number)) {
            return Some(waiting);
        }
        let mut held_back = self.workers.iter_mut().map(|worker| &mut worker.held_back);
        held_back.find_map(|jobs| {
            let rank = *jobs.keys().find(|(_, other)| *other == number)?;
            jobs.remove(&rank)
        })
    }

    /// Takes all jobs out of which `wanted` is true.
    pub(crate) fn take_where(&mut self, wanted: impl Fn(&Facts) -> bool) -> Vec<Waiting<P>> {
        let mut taken = Vec::new();
        for lane in std::iter::once(&mut self.normal).chain(self.others.values_mut()) {
            lane.take_where(&wanted, &mut taken);
        }
        for worker in &mut self.workers {
            let jobs = worker
                .held_back
                .extract_if(.., |_, waiting| wanted(&waiting.facts));
            taken.extend(jobs.map(|(_, waiting)| waiting));
        }
        self.count -= taken.len();
        taken.sort_unstable_by_key(|waiting| waiting.facts.number);
        taken
    }

    /// Whether a bounded worker, or one without a bound, may run one more attempt.
    pub(crate) fn has_place(&self, facts: &Facts) -> bool {
        facts
            .bounded()
            .is_none_or(|worker| self.workers[worker as usize].has_place())
    }

    /// The attempt of a job goes on: it has its place among its worker's again.
    pub(crate) fn goes_on(&mut self, facts: &Facts) {
        if let Some(worker) = facts.bounded() {
            self.workers[worker as usize].running += 1;
        }
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// All jobs that wait, in their order; those last whose workers are full.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &Waiting<P>> {
        let before = self.others.range(..NORMAL).map(|(_, lane)| lane);
        let behind = self.others.range(NORMAL..).map(|(_, lane)| lane);
        let lanes = before.chain(std::iter::once(&self.normal)).chain(behind);
        let workers = self.workers.iter();
        let held_back = workers.flat_map(|worker| worker.held_back.values());
        lanes.flat_map(Lane::jobs).chain(held_back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(number: u64, priority: i32, bounded: Option<u32>) -> Facts {
        Facts {
            number,
            bytes: 1,
            special: Some(Box::new(Special {
                priority,
                bounded,
                ..Special::default()
            })),
        }
    }

    fn lanes(running_max: &[u32], jobs: &[(u64, i32, Option<u32>)]) -> Lanes<u64> {
        let mut lanes = Lanes::new(running_max);
        for (number, priority, bounded) in jobs {
            lanes.push(Waiting {
                facts: facts(*number, *priority, *bounded),
                payload: *number,
            });
        }
        lanes
    }

    /// Jobs of several priorities, not all in the order of their numbers.
    const MIXED: [(u64, i32, Option<u32>); 6] = [
        (1, 0, None),
        (2, -1, None),
        (3, 5, None),
        (5, 0, None),
        (4, 0, None),
        (6, 5, None),
    ];

    // What waits is shown in the order in which it will start.
    #[test]
    fn jobs_are_seen_in_the_order_in_which_they_start() {
        let mut lanes = lanes(&[], &MIXED);
        let seen: Vec<u64> = lanes.in_order().map(|waiting| waiting.payload).collect();
        assert_eq!(lanes.len(), seen.len());
        assert_eq!(seen, drained(&mut lanes));
        assert_eq!(lanes.len(), 0);
    }

    fn drained(lanes: &mut Lanes<u64>) -> Vec<u64> {
        std::iter::from_fn(|| lanes.pop(Whom::All).map(|waiting| waiting.payload)).collect()
    }

    // M35
    #[test]
    fn higher_priorities_go_first_and_equals_by_number() {
        assert_eq!(drained(&mut lanes(&[], &MIXED)), [3, 6, 1, 4, 5, 2]);
    }

    // M35
    #[test]
    fn a_full_worker_lets_others_pass_and_goes_first_when_it_may() {
        let mut lanes = lanes(
            &[1],
            &[(1, 0, Some(0)), (2, 0, Some(0)), (3, 0, None), (4, 0, None)],
        );
        let first = lanes.pop(Whom::All).expect("a job");
        assert_eq!(
            (first.payload, lanes.pop(Whom::All).map(|w| w.payload)),
            (1, Some(3))
        );
        lanes.ended(&first.facts);
        assert_eq!(drained(&mut lanes), [2, 4]);
    }

    #[test]
    fn a_job_can_be_taken_out_wherever_it_waits_and_come_back() {
        let mut lanes = lanes(
            &[0],
            &[(1, 0, None), (2, 3, None), (3, 0, Some(0)), (4, 0, None)],
        );
        assert!(lanes.take(9).is_none());
        let one = lanes.take(1).expect("it waits");
        assert_eq!(drained(&mut lanes), [2, 4]);
        assert_eq!(lanes.take(3).expect("held back").payload, 3);
        lanes.push(one);
        assert!(lanes.take(1).is_some());
        assert_eq!((lanes.in_order().count(), lanes.len()), (0, 0));
    }
}
