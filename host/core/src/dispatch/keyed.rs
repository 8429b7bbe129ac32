//! Jobs with a key that are not over: whoever submits one again gets the same.

use super::completion::{Awaited, Completion};
use crate::store::Key;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Keyed(Mutex<Known>);

/// What is known of them.
#[derive(Debug, Default)]
pub(crate) struct Known {
    jobs: HashMap<Key, Weak<Completion>>,
    /// With more than so many, those that are over are forgotten.
    room: usize,
}

/// The least that `room` is.
const ROOM_MIN: usize = 1024;

impl Keyed {
    /// Nobody else looks or adds meanwhile.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Known> {
        // It is changed in one step each.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The job with this key that somebody still has the handle of.
    pub(crate) fn find(&self, key: &Key) -> Option<Arc<Completion>> {
        self.jobs.get(key)?.upgrade()
    }

    pub(crate) fn add(&mut self, key: Key, job: &Arc<Completion>) {
        if self.jobs.len() >= self.room {
            self.jobs
                .retain(|_, job| job.upgrade().is_some_and(|job| !job.is(Awaited::End)));
            self.room = (self.jobs.len() * 2).max(ROOM_MIN);
        }
        self.jobs.insert(key, Arc::downgrade(job));
    }
}
