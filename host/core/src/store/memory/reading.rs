//! What a store in memory is asked.

use super::Shared;
use super::index::Held;
use super::records::Records;
use crate::job::HostId;
use crate::plugin::Digest;
use crate::store::{
    Entry, Filter, Key, Listed, Page, PastAttempt, Reader, Session, SessionId, Standing, State,
    StoreError, Summary,
};
use crate::value::Value;
use std::ops::Bound;
use std::sync::Arc;

impl Reader for Shared {
    fn id(&self) -> HostId {
        self.lock().id()
    }

    fn next_number(&mut self) -> Result<u64, StoreError> {
        Ok(self.lock().next_number)
    }

    fn find(&mut self, number: u64) -> Result<Option<Entry>, StoreError> {
        Ok(self.lock().entry(number))
    }

    fn find_key(&mut self, stream: &str, key: &Key) -> Result<Option<Entry>, StoreError> {
        let records = self.lock();
        let number = records.index.keys.get(&(stream.into(), key.clone()));
        Ok(number.and_then(|number| records.entry(*number)))
    }

    fn children(&mut self, parent: u64) -> Result<Vec<Entry>, StoreError> {
        let records = self.lock();
        let children = records
            .index
            .children
            .range((parent, 0)..=(parent, u64::MAX));
        let children = children.filter_map(|(_, child)| records.jobs.get(child));
        let named = children.filter(|held| held.has_name);
        Ok(named.map(|held| held.entry.clone()).collect())
    }

    fn past(&mut self, number: u64) -> Result<Vec<PastAttempt>, StoreError> {
        let records = self.lock();
        let held = records.jobs.get(&number);
        Ok(held.map(|held| held.past.clone()).unwrap_or_default())
    }

    fn claimed_by_others(&mut self, than: SessionId) -> Result<Vec<Entry>, StoreError> {
        Ok(self.lock().open(|entry| match entry.state {
            State::Claimed(session) => session != than,
            State::Queued | State::Done(_) => false,
        }))
    }

    fn suspects(&mut self) -> Result<Vec<Entry>, StoreError> {
        let records = self.lock();
        Ok(records.open(|entry| entry.is_suspect && entry.state == State::Queued))
    }

    fn singletons(&mut self) -> Result<Vec<(u64, Arc<str>)>, StoreError> {
        let open = self.lock().open(|entry| entry.job.singleton.is_some());
        let keys = open.into_iter().map(|entry| entry.job);
        Ok(keys
            .filter_map(|job| Some((job.number, job.singleton?)))
            .collect())
    }

    fn undelivered(
        &mut self,
        stream: &str,
        after: Option<(u64, u64)>,
        most: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let records = self.lock();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let waiting = records.index.undelivered.get(stream);
        let waiting = waiting.map(|waiting| waiting.range((from, Bound::Unbounded)));
        let waiting = waiting.into_iter().flatten().take(most);
        Ok(waiting
            .filter_map(|(_, number)| records.entry(*number))
            .collect())
    }

    fn cursor(&mut self, name: &str) -> Result<Option<Value>, StoreError> {
        Ok(self.lock().cursors.get(name).cloned())
    }

    fn conditions(&mut self, digest: Digest) -> Result<Option<Value>, StoreError> {
        Ok(self.lock().conditions.get(&digest).cloned())
    }

    fn plugin(&mut self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let records = self.lock();
        Ok(records.plugins.get(&digest).map(|bytes| bytes.to_vec()))
    }

    fn session(&mut self) -> Result<Option<(SessionId, Session)>, StoreError> {
        let records = self.lock();
        let latest = records.sessions.last_key_value();
        Ok(latest.map(|(id, session)| (*id, session.clone())))
    }

    fn list(&mut self, filter: &Filter, page: Page) -> Result<Vec<Listed>, StoreError> {
        let records = self.lock();
        let jobs = records.jobs.range(..page.below).rev().map(|(_, held)| held);
        let jobs = jobs.filter(|held| fits(filter, &held.entry));
        Ok(jobs.take(page.most).map(listed).collect())
    }

    fn summary(&mut self, stream: Option<&str>) -> Result<Summary, StoreError> {
        let records = self.lock();
        let mut summary = Summary::default();
        let jobs = records.jobs.values().map(|held| &held.entry);
        for entry in jobs.filter(|entry| stream.is_none_or(|stream| *entry.job.stream == *stream)) {
            match &entry.state {
                State::Queued => summary.queued += 1,
                State::Claimed(_) => summary.claimed += 1,
                State::Done(done) => {
                    summary.done += 1;
                    summary.dead += u64::from(!done.outcome.is_success());
                    summary.undelivered += u64::from(!done.is_delivered);
                }
            }
        }
        Ok(summary)
    }
}

impl Records {
    fn entry(&self, number: u64) -> Option<Entry> {
        Some(self.jobs.get(&number)?.entry.clone())
    }

    /// Those that are not done and fit, by number.
    fn open(&self, fits: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let open = self.index.open.iter();
        let open = open.filter_map(|number| Some(&self.jobs.get(number)?.entry));
        open.filter(|entry| fits(entry)).cloned().collect()
    }
}

fn standing(entry: &Entry) -> Standing {
    match &entry.state {
        State::Queued => Standing::Queued,
        State::Claimed(_) => Standing::Claimed,
        State::Done(done) if done.is_delivered => Standing::Done,
        State::Done(_) => Standing::Undelivered,
    }
}

fn fits(filter: &Filter, entry: &Entry) -> bool {
    let job = &entry.job;
    let outcome = entry.done().map(|done| &done.outcome);
    let is = |text: &Option<String>, what: Option<&str>| text.is_none() || text.as_deref() == what;
    let has_status = outcome.is_some_and(|outcome| filter.statuses.contains(&outcome.status));
    let has_reason = |wanted: &String| {
        outcome.is_some_and(|outcome| {
            let reason = outcome.reason.to_string();
            match wanted.strip_suffix('*') {
                Some(begin) => reason.starts_with(begin),
                None => reason == *wanted,
            }
        })
    };
    (filter.states.is_empty() || filter.states.contains(&standing(entry)))
        && (filter.statuses.is_empty() || has_status)
        && filter.reason.as_ref().is_none_or(has_reason)
        && is(&filter.worker, Some(&job.worker))
        && is(&filter.stream, Some(&job.stream))
        && is(&filter.group, job.group.as_deref())
        && filter
            .since_ms
            .is_none_or(|since| job.submitted_ms >= since)
        && filter
            .before_ms
            .is_none_or(|before| job.submitted_ms < before)
        && filter.parent == job.parent.as_ref().map(|parent| parent.number)
}

fn listed(held: &Held) -> Listed {
    let entry = &held.entry;
    let job = &entry.job;
    let done = entry.done();
    Listed {
        number: job.number,
        worker: job.worker.clone(),
        stream: job.stream.clone(),
        key: job.key.clone(),
        standing: standing(entry),
        ended: done.map(|done| (done.outcome.status, done.outcome.reason.to_string())),
        attempts: entry.attempts,
        submitted_ms: job.submitted_ms,
        ended_ms: done.map(|done| done.ended_ms),
        value_bytes: job.value.len() as u64,
    }
}
