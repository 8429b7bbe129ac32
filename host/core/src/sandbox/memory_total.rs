//! The memory of all live attempts together.
//!
//! Most attempts are small and pay nothing: each has a share that is not counted, so that
//! all places together cannot take more than an eighth of what there is. What an attempt
//! grows beyond its share is taken from the rest, and given back when its store is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The part of the whole that shares are made of.
const SHARES_PART: u64 = 8;

/// See the module.
#[derive(Debug)]
pub(crate) struct MemoryTotal {
    /// As it was set, for messages.
    pub(crate) max: u64,
    /// What an attempt may have uncounted.
    share: u64,
    left: AtomicU64,
}

/// What one attempt has taken beyond its share; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Taken {
    total: Arc<MemoryTotal>,
    bytes: u64,
}

impl MemoryTotal {
    /// So many bytes for so many live attempts; none = as much as there is room for.
    pub(crate) fn new(max: Option<u64>, live: u32) -> MemoryTotal {
        let max = max.unwrap_or(u64::MAX);
        let shares = max / SHARES_PART;
        MemoryTotal {
            max,
            share: shares / u64::from(live.max(1)),
            left: AtomicU64::new(max - shares),
        }
    }

    /// An attempt has `bytes` in all: whether there is room for that. `taken` is what it
    /// took so far.
    pub(crate) fn has_room(self: &Arc<Self>, bytes: u64, taken: &mut Option<Taken>) -> bool {
        let wanted = bytes.saturating_sub(self.share);
        let has = taken.as_ref().map_or(0, |taken| taken.bytes);
        if wanted <= has {
            return true;
        }
        let more = wanted - has;
        let took = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(more)
            });
        if took.is_err() {
            return false;
        }
        let taken = taken.get_or_insert_with(|| Taken {
            total: self.clone(),
            bytes: 0,
        });
        taken.bytes = wanted;
        true
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.total.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // J5: the memory of live attempts together.
    #[test]
    fn what_is_beyond_the_shares_is_taken_and_given_back() {
        // 100 bytes for shares, 25 for each of four; 700 for all.
        let total = Arc::new(MemoryTotal::new(Some(800), 4));
        let (mut one, mut other, mut small) = (None, None, None);
        assert!(total.has_room(25, &mut small) && small.is_none());
        assert!(total.has_room(425, &mut one));
        assert!(!total.has_room(326, &mut other) && other.is_none());
        assert!(total.has_room(325, &mut other));
        // What one has already is not taken twice.
        assert!(total.has_room(300, &mut one));
        assert!(!total.has_room(426, &mut one));
        drop(other);
        assert!(total.has_room(725, &mut one));
        drop(one);
        assert_eq!(total.left.load(Ordering::Relaxed), 700);
    }
}
