//! Keys of which each belongs to one unfinished job at most.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The keys in use.
#[derive(Debug, Default, Clone)]
pub(crate) struct Singletons(Arc<Mutex<HashSet<Arc<str>>>>);

/// A key in use; dropping it frees it, however its job ends.
#[derive(Debug)]
pub(crate) struct SingletonKey {
    key: Arc<str>,
    all: Singletons,
}

impl Singletons {
    /// Takes a key; `None` = it is in use.
    pub(crate) fn take(&self, key: &Arc<str>) -> Option<SingletonKey> {
        let is_new = self.with(|keys| keys.insert(key.clone()));
        is_new.then(|| SingletonKey {
            key: key.clone(),
            all: self.clone(),
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut HashSet<Arc<str>>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for SingletonKey {
    fn drop(&mut self) {
        self.all.with(|keys| keys.remove(&self.key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // M36
    #[test]
    fn a_key_is_free_again_when_its_job_is_gone() {
        let all = Singletons::default();
        let (night, day): (Arc<str>, Arc<str>) = ("night".into(), "day".into());
        let first = all.take(&night).expect("free");
        assert!(all.take(&night).is_none());
        assert!(all.take(&day).is_some());
        drop(first);
        assert!(all.take(&night).is_some());
    }
}
