//! The ledger: what is known of jobs when the host that ran them is gone.
//!
//! A [`Store`] keeps records of jobs. It takes [`Write`]s in batches, each batch as one
//! transaction, and answers each; what it has answered stays, whatever happens to the
//! process or, where the store is durable, to the machine. It decides nothing: who may
//! write is a matter of *fences*, when jobs run is the host's.
//!
//! # What holds
//!
//! 1. A job that was submitted is there until it is dropped; a number, a key of a stream and a
//!    name among the children of a parent each belong to one job.
//! 2. It is *queued*, *claimed* or *done*. A claim belongs to a session, and has the job's
//!    *fence*, which each claim raises by one. A write of an attempt names the fence: it is
//!    taken while the job is claimed with just that fence, and [refused](Refused) otherwise.
//! 3. A job gets an outcome once: it is done then, and nothing but a retry changes that.
//! 4. A batch is applied as a whole, in order, or not at all; a write in it that is refused
//!    changes nothing, and the others are applied all the same.
//! 5. Carried state, cursors and outcomes come back byte for byte.
//!
//! The same suite shows it of every store: `conformance`.

mod change;
#[cfg(test)]
pub(crate) mod conformance;
mod error;
mod ledger;
mod marks;
mod memory;
mod read;
mod record;
mod sqlite;
mod write;

pub(crate) use change::Batch;
pub use change::{Change, Changed, change};
pub use error::{Fault, StoreError};
pub(crate) use ledger::{Broken, Kept, Ledger, TARGET, Upkeep};
pub(crate) use marks::{Mark, Marks, beside};
pub use memory::MemoryStore;
pub use read::{Filter, Listed, Page, Reader, Standing, Summary};
pub use record::{
    ChildName, Claim, Conditions, Done, Entry, Key, NewJob, Parent, PastAttempt, Session,
    SessionId, State,
};
pub use sqlite::SqliteStore;
pub use write::{Answer, Claims, Expiry, Refused, Write};

use crate::job::HostId;
use std::path::Path;
use std::time::Duration;

/// Which successes a host keeps in its store while it runs; see [`Store::retain`] for those that
/// are kept in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// They are dropped so long after their end; none = never for that.
    pub age: Option<Duration>,
    /// No more than so many; none = any number.
    pub jobs: Option<u64>,
}

/// Keeps records of jobs; see the module.
///
/// There is one that writes at a time; [`Reader`]s see what was committed before each of their
/// calls, and may be used meanwhile on other threads.
pub trait Store: Send {
    /// The first part of the ids of its jobs: drawn when the store was made, and the same ever
    /// after.
    fn id(&self) -> HostId;

    /// Applies a batch of writes as one transaction, and answers each in its place. When it
    /// comes back, all of it is as durable as the store makes it.
    ///
    /// # Errors
    ///
    /// Nothing of the batch was applied. After [`Fault::Full`] the same batch may be tried
    /// again; after any other error the store has to be opened anew.
    fn commit(&mut self, batch: &[Write]) -> Result<Vec<Answer>, StoreError>;

    /// The file that it is kept in, if there is one: what else is known of its jobs stands
    /// beside it.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// A reader of the same store.
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;

    /// Drops what retention does not keep, and gives room back: done and delivered successes
    /// without a key that ended before `before_ms`, and the oldest of them beyond `most`. Jobs
    /// that failed stay until somebody drops them. How many were dropped.
    fn retain(&mut self, before_ms: u64, most: u64) -> Result<u64, StoreError>;

    /// Makes the store as small as what it holds.
    fn compact(&mut self) -> Result<(), StoreError>;
}
