//! What the machine knows, for whoever looks at it.

use super::dispatcher::Dispatcher;
use super::lanes::{Facts, Waiting};
use super::live::{Live, LoopId, Standing};
use super::slots::SlotId;
use crate::board::{self, QueueNow};
use std::sync::Arc;

/// A live attempt, as the machine knows it.
pub(crate) struct LiveNow {
    pub(crate) at: LoopId,
    pub(crate) slot: Option<u32>,
    /// The job's number.
    pub(crate) number: u64,
    pub(crate) depth: u16,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) standing: board::Standing,
}

impl<P> Dispatcher<P> {
    /// The live attempts: by their slots, then those without.
    pub(crate) fn live_now(&self) -> Vec<LiveNow> {
        let mut lives: Vec<LiveNow> = self.places.iter().map(|(at, live)| now(at, live)).collect();
        lives.sort_by_key(|live| (live.slot.is_none(), live.slot, live.number));
        lives
    }

    /// How much waits, without naming any of it.
    pub(crate) fn queue_now(&self) -> QueueNow {
        QueueNow {
            queued: self.queue.len() as u64,
            delayed: self.delayed.len() as u64,
            paused: self.paused.len() as u64,
            load_jobs: self.load.jobs,
            load_bytes: self.load.bytes,
            is_full: self.is_held(),
            first: Vec::new(),
        }
    }

    /// The first of those that wait, in their order, and then the paused ones.
    pub(crate) fn first_waiting(&self, max: usize) -> impl Iterator<Item = (&Facts, &P, bool)> {
        let queued = self.queue.in_order().map(|waiting| (waiting, false));
        let paused = self.paused.values().map(|waiting| (waiting, true));
        let all = queued.chain(paused).take(max);
        all.map(|(Waiting { facts, payload }, is_paused)| (facts, payload, is_paused))
    }
}

fn now(at: LoopId, live: &Live) -> LiveNow {
    let standing = match live.standing {
        Standing::Running if live.is_afterwards => board::Standing::Afterwards,
        Standing::Running => board::Standing::Running,
        Standing::Waiting => {
            let jobs = u32::try_from(live.awaited.len()).unwrap_or(u32::MAX);
            board::Standing::WaitsForJobs(jobs)
        }
        Standing::Returning => board::Standing::WaitsForSlot,
        Standing::Still => board::Standing::Paused,
    };
    LiveNow {
        at,
        slot: live.slot.map(SlotId::shown),
        number: live.facts.number,
        depth: live.facts.depth(),
        group: live.facts.group().cloned(),
        standing,
    }
}
