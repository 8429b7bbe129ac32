//! A pool of slots that several programs share, and what a host asks of it.
//!
//! Programs that work side by side, such as the recipes of one `make -j8`, agree on how
//! much runs at the same time over all of them. A host has one slot by itself and
//! takes every further one out of the pool. Where the pool is, and what a slot of it
//! looks like, is the program's own business: nothing here opens a file or reads the
//! environment.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// A pool of slots that several programs share.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
/// use std::time::Duration;
/// use wodehost::{SlotPool, SlotPoolError, SlotToken};
///
/// struct Pool(Arc<AtomicUsize>);
/// struct Held(Arc<AtomicUsize>);
///
/// impl SlotPool for Pool {
///     fn take(&self, _at_most: Duration) -> Result<Option<SlotToken>, SlotPoolError> {
///         let taken = self.0.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
///         Ok(taken.ok().map(|_| SlotToken::new(Held(self.0.clone()))))
///     }
/// }
///
/// impl Drop for Held {
///     fn drop(&mut self) {
///         self.0.fetch_add(1, SeqCst);
///     }
/// }
///
/// let left = Arc::new(AtomicUsize::new(1));
/// let pool = Pool(left.clone());
/// let token = pool.take(Duration::ZERO)?;
/// assert!(pool.take(Duration::ZERO)?.is_none());
/// drop(token);
/// assert_eq!(left.load(SeqCst), 1);
/// # Ok::<(), SlotPoolError>(())
/// ```
pub trait SlotPool: Send + Sync + 'static {
    /// Takes a slot, waiting no longer than `at_most`; none when there was none in
    /// time. A host calls it on a thread that may block, one call at a time.
    ///
    /// # Errors
    ///
    /// When the pool is gone: it is not asked again.
    fn take(&self, at_most: Duration) -> Result<Option<SlotToken>, SlotPoolError>;

    /// Makes a [`take`](SlotPool::take) that waits come back with none, and the next
    /// one if none waits: the slot is not wanted any more. A pool that does not know
    /// how to do it lets the host wait for the end of `at_most`.
    fn wake(&self) {}
}

/// A slot taken out of a pool; dropping it gives it back.
pub struct SlotToken {
    /// Its drop does the giving back.
    _held: Box<dyn Send + Sync>,
}

/// Why a pool gives no slots any more.
#[derive(Debug, thiserror::Error)]
#[error("the pool of slots is gone: {0}")]
pub struct SlotPoolError(#[source] Box<dyn Error + Send + Sync>);

impl SlotToken {
    /// A token that gives its slot back when `held` is dropped.
    pub fn new(held: impl Send + Sync + 'static) -> SlotToken {
        SlotToken {
            _held: Box::new(held),
        }
    }
}

impl SlotPoolError {
    /// A pool that is gone because of `why`.
    pub fn new(why: impl Into<Box<dyn Error + Send + Sync>>) -> SlotPoolError {
        SlotPoolError(why.into())
    }
}

impl fmt::Debug for SlotToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotToken").finish_non_exhaustive()
    }
}
