//! What a producer or consumer saved, and the part of it that is committed.
//!
//! `save` only notes the value; it counts once the dispatch that follows, or the
//! delivery being taken, went through. A store that is made anew after a trap
//! therefore starts where the last finished step ended.

use crate::value::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// The checkpoint of one producer or consumer, shared by the stores it has had.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checkpoint(Arc<Mutex<Saved>>);

#[derive(Debug, Default)]
struct Saved {
    committed: Option<Value>,
    pending: Option<Value>,
}

impl Checkpoint {
    /// What was saved last in this store, or committed by an earlier one.
    pub(crate) fn load(&self) -> Option<Value> {
        self.with(|s| s.pending.clone().or_else(|| s.committed.clone()))
    }

    pub(crate) fn save(&self, value: Value) {
        self.with(|s| s.pending = Some(value));
    }

    /// The step went through: what was saved in it.
    pub(crate) fn commit(&self) -> Option<Value> {
        self.with(|s| {
            let saved = s.pending.take();
            if let Some(value) = &saved {
                s.committed = Some(value.clone());
            }
            saved
        })
    }

    /// An earlier host has left this.
    pub(crate) fn restore(&self, value: Value) {
        self.with(|s| s.committed = Some(value));
    }

    /// The step did not go through.
    pub(crate) fn roll_back(&self) {
        self.with(|s| s.pending = None);
    }

    fn with<T>(&self, f: impl FnOnce(&mut Saved) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_finished_step_counts() {
        let checkpoint = Checkpoint::default();
        let (one, two) = (Value::nil(), Value::empty_map());
        assert!(checkpoint.load().is_none());
        checkpoint.save(one.clone());
        assert_eq!(checkpoint.commit(), Some(one.clone()));
        assert_eq!(checkpoint.commit(), None);
        checkpoint.save(two.clone());
        assert_eq!(checkpoint.load(), Some(two.clone()));
        checkpoint.roll_back();
        assert_eq!(checkpoint.load(), Some(one));
        checkpoint.restore(two.clone());
        assert_eq!(checkpoint.load(), Some(two));
    }
}
