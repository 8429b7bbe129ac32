//! The tokens that this process holds, all in one place, so that every way out of the
//! process can give them back.
//!
//! | phase | tokens |
//! |---|---|
//! | early | none are taken: a signal would still end the process without asking us |
//! | open | are taken and given back |
//! | closed | all were given back, and none are taken any more |

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// See the module. `T` gives itself back when it is dropped.
pub(super) struct Purse<T: 'static> {
    held: Mutex<Held<T>>,
    opened: Condvar,
}

struct Held<T> {
    phase: Phase,
    tokens: BTreeMap<u64, T>,
    next: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Early,
    Open,
    Closed,
}

/// One token in a purse; dropping it gives the token back, unless that was done.
pub(super) struct Coin<T: 'static> {
    purse: &'static Purse<T>,
    number: u64,
}

/// What came of an attempt to take a token.
pub(super) enum Taken<T: 'static> {
    Coin(Coin<T>),
    /// There is none now.
    Nothing,
    /// The purse takes none.
    Shut,
}

impl<T> Purse<T> {
    /// An early one.
    pub(super) const fn new() -> Purse<T> {
        Purse {
            held: Mutex::new(Held {
                phase: Phase::Early,
                tokens: BTreeMap::new(),
                next: 0,
            }),
            opened: Condvar::new(),
        }
    }

    /// From now on tokens may be taken, unless it is closed.
    pub(super) fn open(&self) {
        let mut held = self.lock();
        if held.phase == Phase::Early {
            held.phase = Phase::Open;
            self.opened.notify_all();
        }
    }

    /// Waits for it to be open; false = it was not in time.
    pub(super) fn wait_until_open(&self, at_most: Duration) -> bool {
        let is_shut = |held: &mut Held<T>| held.phase != Phase::Open;
        let waited = self
            .opened
            .wait_timeout_while(self.lock(), at_most, is_shut);
        let (held, _) = waited.unwrap_or_else(PoisonError::into_inner);
        held.phase == Phase::Open
    }

    /// Takes a token with `take`, which must not block: the purse is locked, so that no
    /// token can be on its way when it is closed.
    pub(super) fn take<E>(
        &'static self,
        take: impl FnOnce() -> Result<Option<T>, E>,
    ) -> Result<Taken<T>, E> {
        let mut held = self.lock();
        if held.phase != Phase::Open {
            return Ok(Taken::Shut);
        }
        let Some(token) = take()? else {
            return Ok(Taken::Nothing);
        };
        let number = held.next;
        held.next += 1;
        held.tokens.insert(number, token);
        Ok(Taken::Coin(Coin {
            purse: self,
            number,
        }))
    }

    /// Gives all tokens back and takes none any more.
    pub(super) fn close(&self) {
        let mut held = self.lock();
        held.phase = Phase::Closed;
        held.tokens.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Coin<T> {
    fn drop(&mut self) {
        self.purse.lock().tokens.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Tokens are handles of a counter.
    fn take(purse: &'static Purse<Arc<()>>, pool: &Arc<()>) -> Taken<Arc<()>> {
        let taken = purse.take(|| Ok::<_, ()>(Some(pool.clone())));
        taken.expect("it cannot fail")
    }

    fn purse() -> (&'static Purse<Arc<()>>, Arc<()>) {
        (Box::leak(Box::new(Purse::new())), Arc::new(()))
    }

    // J37
    #[test]
    fn nothing_is_taken_before_it_is_open_and_after_it_was_closed() {
        let (purse, pool) = purse();
        assert!(matches!(take(purse, &pool), Taken::Shut));
        assert!(!purse.wait_until_open(Duration::ZERO));
        purse.open();
        assert!(purse.wait_until_open(Duration::ZERO));
        assert!(matches!(take(purse, &pool), Taken::Coin(_)));
        purse.close();
        purse.open();
        assert!(matches!(take(purse, &pool), Taken::Shut));
    }

    // J37
    #[test]
    fn a_token_goes_back_when_it_is_dropped_or_all_do_when_it_is_closed() {
        let (purse, pool) = purse();
        purse.open();
        let coins = [take(purse, &pool), take(purse, &pool), take(purse, &pool)];
        assert_eq!(Arc::strong_count(&pool), 4);
        let [first, second, third] = coins;
        drop(second);
        assert_eq!(Arc::strong_count(&pool), 3);
        purse.close();
        assert_eq!(Arc::strong_count(&pool), 1);
        // They were given back once.
        drop((first, third));
        assert_eq!(Arc::strong_count(&pool), 1);
    }

    // J37
    #[test]
    fn a_pool_that_has_none_gives_none() {
        let (purse, _) = purse();
        purse.open();
        let taken = purse.take(|| Ok::<_, ()>(None));
        assert!(matches!(taken, Ok(Taken::Nothing)));
        assert_eq!(purse.take(|| Err("gone")).err(), Some("gone"));
    }
}
