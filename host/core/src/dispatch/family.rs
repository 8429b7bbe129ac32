//! The jobs that a job has submitted, so that its next attempt finds them again.
//!
//! Each is known by its key or, without one, by its place in the order of submission.
//! What they are asked to do is kept until they are over, what they leave until their parent
//! is; together it may be as much as the parent may have memory.

use crate::job::JobId;
use crate::sandbox::Nested;
use crate::store::{ChildName, Entry};
use crate::task::{Outcome, Reason};
use crate::units::Unit;
use crate::value::Value;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What a child is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Key(Arc<str>),
    /// So many were submitted before it in its attempt.
    Ordinal(u32),
}

/// A child.
#[derive(Debug, Clone)]
pub(super) struct Child {
    pub(super) nested: Nested,
    said: Said,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Family {
    children: Mutex<HashMap<Name, Child>>,
    /// Bytes of what they are asked to do, and of what they left.
    kept_bytes: AtomicU64,
    /// Children that an earlier host had and that are not over; each sleeps until its parent
    /// submits it again.
    asleep: Mutex<HashMap<Name, Entry>>,
}

/// What a child is asked to do, as a hash that nobody can foresee.
pub(super) type Said = [u64; 2];

/// What makes such hashes.
#[derive(Debug, Default)]
pub(super) struct Sayings([RandomState; 2]);

impl Sayings {
    /// Of a worker, the arguments, and the options as they were said.
    pub(super) fn of_job(&self, worker: &str, arguments: &[Value], said: Option<&Value>) -> Said {
        let arguments: Vec<&[u8]> = arguments.iter().map(Value::as_bytes).collect();
        let what = (worker, arguments, said.map(Value::as_bytes));
        [0, 1].map(|i: usize| self.0[i].hash_one(&what))
    }
}

/// What is known of a name.
pub(super) enum Known {
    /// The same job, which runs or has succeeded.
    Same(Nested),
    /// Another one, or one that failed.
    Other(Child),
    Nothing,
}

impl Family {
    pub(super) fn find(&self, name: &Name, said: Said) -> Known {
        match self.children().get(name) {
            None => Known::Nothing,
            Some(child) => {
                let outcome = child.nested.outcome.get();
                if child.said == said && outcome.is_none_or(Outcome::is_success) {
                    Known::Same(child.nested.clone())
                } else {
                    Known::Other(child.clone())
                }
            }
        }
    }

    /// A child that an earlier host had, and how it ended if it has.
    pub(super) fn recall(&self, id: JobId, said: Said, outcome: Option<Outcome>, entry: Entry) {
        let name = match entry.job.parent.as_ref().map(|parent| &parent.name) {
            Some(ChildName::Key(key)) => Name::Key(key.clone()),
            Some(ChildName::Ordinal(ordinal)) => Name::Ordinal(*ordinal),
            Some(ChildName::Item(_)) | None => return,
        };
        let over = OnceLock::new();
        match outcome {
            // It is the only one that is ever set.
            Some(outcome) => drop(over.set(outcome)),
            None => drop(self.asleep().insert(name.clone(), entry)),
        }
        let outcome = Arc::new(over);
        self.add(name, said, Nested { id, outcome });
    }

    /// The child with this name is to go on, if it is asleep.
    pub(super) fn wake(&self, name: &Name) -> Option<Entry> {
        self.asleep().remove(name)
    }

    fn asleep(&self) -> std::sync::MutexGuard<'_, HashMap<Name, Entry>> {
        self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, name: Name, said: Said, nested: Nested) {
        self.children().insert(name, Child { nested, said });
    }

    /// A child is not wanted any more.
    pub(super) fn forget(&self, name: &Name, number: u64) {
        let mut children = self.children();
        if children
            .get(name)
            .is_some_and(|c| c.nested.id.number == number)
        {
            children.remove(name);
        }
    }

    /// Whether a parent that may have `bytes_max` may ask for so many bytes more. Who asks
    /// then says so with [`Family::ask`]; it asks for one job after the other.
    pub(super) fn has_room(&self, bytes: u64, bytes_max: u64) -> bool {
        let kept = self.kept_bytes.load(Ordering::Relaxed);
        kept.saturating_add(bytes) <= bytes_max
    }

    /// A child is asked for so many bytes, until it is over.
    pub(super) fn ask(&self, bytes: u64) {
        self.kept_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Keeps what a child left, if there is room for it; otherwise it has failed.
    pub(super) fn keep(&self, outcome: &mut Outcome, bytes_max: u64) {
        let bytes = outcome.data.len() as u64;
        let kept = self.kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if kept <= bytes_max {
            return;
        }
        self.kept_bytes.fetch_sub(bytes, Ordering::Relaxed);
        outcome.data = Value::nil();
        if outcome.is_success() {
            outcome.reason = Reason::ValueTooLarge;
            outcome.status = outcome.reason.status();
            outcome.message = Some(format!(
                "the jobs of its parent left {} together; limit {}, the parent's memory",
                Unit::Bytes.about(kept),
                Unit::Bytes.about(bytes_max)
            ));
        }
    }

    fn children(&self) -> std::sync::MutexGuard<'_, HashMap<Name, Child>> {
        // It is changed in one step each.
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the outcome of a child goes.
#[derive(Debug)]
pub(crate) struct Crib {
    pub(super) family: Arc<Family>,
    /// The number of the job that submitted it.
    pub(super) parent: u64,
    /// What it is known by there.
    pub(super) name: Name,
    pub(super) nested: Nested,
    /// Bytes of what it is asked to do.
    pub(super) asked_bytes: u64,
    /// The most that the family keeps.
    pub(super) bytes_max: u64,
}

impl Crib {
    pub(super) fn take(&self, mut outcome: Outcome) {
        let asked = self.asked_bytes;
        self.family.kept_bytes.fetch_sub(asked, Ordering::Relaxed);
        self.family.keep(&mut outcome, self.bytes_max);
        // It is the only one that is ever set.
        let _ = self.nested.outcome.set(outcome);
    }
}
