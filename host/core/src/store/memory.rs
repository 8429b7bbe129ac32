//! The ledger in memory: what is kept as long as the process lives.
//!
//! The writer and its readers share one [`Records`](records::Records) behind a lock, which is held for a
//! whole batch: nobody sees half of one. It owns no rule; those are in [`records`].

mod index;
mod reading;
mod records;

use super::{Answer, Reader, Store, StoreError, Write};
use crate::job::HostId;
use records::Records;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps records of jobs as long as it, one of its readers or another writer is there.
#[derive(Debug)]
pub struct MemoryStore {
    shared: Shared,
}

#[derive(Debug, Clone)]
struct Shared(Arc<Mutex<Records>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryStore {
    /// An empty one, with an id of its own.
    #[must_use]
    pub fn new() -> MemoryStore {
        let records = Records::new(HostId::draw());
        MemoryStore {
            shared: Shared(Arc::new(Mutex::new(records))),
        }
    }

    /// Another writer of the same store, as after a crash of the host that had it.
    #[must_use]
    pub fn again(&self) -> MemoryStore {
        MemoryStore {
            shared: self.shared.clone(),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::new()
    }
}

impl Store for MemoryStore {
    fn id(&self) -> HostId {
        self.shared.lock().id()
    }

    fn commit(&mut self, batch: &[Write]) -> Result<Vec<Answer>, StoreError> {
        let mut records = self.shared.lock();
        Ok(batch.iter().map(|write| records.apply(write)).collect())
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(self.shared.clone()))
    }

    fn retain(&mut self, before_ms: u64, most: u64) -> Result<u64, StoreError> {
        Ok(self.shared.lock().retain(before_ms, most))
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        // What is dropped is given back at once.
        Ok(())
    }
}
