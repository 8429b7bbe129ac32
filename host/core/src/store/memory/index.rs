//! A job as it is kept in memory, and where it is found by something else than its number.

use crate::store::{ChildName, Done, Entry, Key, PastAttempt, Refused, SessionId, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A job.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) entry: Entry,
    pub(super) past: Vec<PastAttempt>,
    /// Whether it has the name that it came with among its parent's children.
    pub(super) has_name: bool,
}

/// Where jobs are found by something else than their numbers.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By stream and key.
    pub(super) keys: BTreeMap<(Arc<str>, Key), u64>,
    /// By parent and name.
    pub(super) names: BTreeMap<(u64, ChildName), u64>,
    /// Parents and their children, those without a name of their own among them.
    pub(super) children: BTreeSet<(u64, u64)>,
    /// What may be claimed next, by stream.
    pub(super) queue: BTreeMap<Arc<str>, BTreeSet<u64>>,
    /// What is not done.
    pub(super) open: BTreeSet<u64>,
    /// By stream, moment of the end, and number.
    pub(super) undelivered: BTreeMap<Arc<str>, BTreeSet<(u64, u64)>>,
}

impl Index {
    pub(super) fn insert(&mut self, held: &Held) {
        let job = &held.entry.job;
        if let Some(key) = &job.key {
            self.keys
                .insert((job.stream.clone(), key.clone()), job.number);
        }
        if let Some(parent) = &job.parent {
            self.children.insert((parent.number, job.number));
            if held.has_name {
                self.names
                    .insert((parent.number, parent.name.clone()), job.number);
            }
        }
        match &held.entry.state {
            State::Queued => {
                self.open.insert(job.number);
                if held.is_next() {
                    let queue = self.queue.entry(job.stream.clone()).or_default();
                    queue.insert(job.number);
                }
            }
            State::Claimed(_) => {
                self.open.insert(job.number);
            }
            State::Done(done) if !done.is_delivered => {
                let waiting = self.undelivered.entry(job.stream.clone()).or_default();
                waiting.insert((done.ended_ms, job.number));
            }
            State::Done(_) => {}
        }
    }

    pub(super) fn remove(&mut self, held: &Held) {
        let job = &held.entry.job;
        if let Some(key) = &job.key {
            self.keys.remove(&(job.stream.clone(), key.clone()));
        }
        if let Some(parent) = &job.parent {
            self.children.remove(&(parent.number, job.number));
            if held.has_name {
                self.names.remove(&(parent.number, parent.name.clone()));
            }
        }
        self.open.remove(&job.number);
        if let Some(queue) = self.queue.get_mut(&job.stream) {
            queue.remove(&job.number);
        }
        if let State::Done(done) = &held.entry.state
            && let Some(waiting) = self.undelivered.get_mut(&job.stream)
        {
            waiting.remove(&(done.ended_ms, job.number));
        }
    }

    /// A job's children, by number.
    pub(super) fn children_of(&self, parent: u64) -> Vec<u64> {
        let children = self.children.range((parent, 0)..=(parent, u64::MAX));
        children.map(|(_, child)| *child).collect()
    }
}

impl Held {
    /// Whether it is among those that are claimed without being named.
    fn is_next(&self) -> bool {
        let entry = &self.entry;
        entry.state == State::Queued && entry.job.parent.is_none() && !entry.is_suspect
    }

    /// Whether it is claimed with just this fence.
    pub(super) fn is_claimed(&self, fence: u32) -> Result<SessionId, Refused> {
        match &self.entry.state {
            State::Claimed(session) if self.entry.fence == fence => Ok(*session),
            State::Claimed(_) | State::Queued => Err(Refused::Fenced),
            State::Done(_) => Err(Refused::Over),
        }
    }

    pub(super) fn is_queued(&self) -> Result<(), Refused> {
        match &self.entry.state {
            State::Queued => Ok(()),
            State::Claimed(_) => Err(Refused::Fenced),
            State::Done(_) => Err(Refused::Over),
        }
    }

    pub(super) fn is_done(&self) -> Result<&Done, Refused> {
        self.entry.done().ok_or(Refused::Over)
    }
}
