//! Has something done to jobs of a store: by the host that has it, where there is one, and
//! otherwise here, with the lock.

use super::looking::{now_ms, store_error};
use crate::error::{Error, in_words};
use crate::session::block_on;
use crate::top::client::find;
use crate::top::folder::{folders, our_uid, places};
use crate::top::protocol::CHANGED_MAX;
use std::path::Path;
use std::time::{Duration, Instant};
use wodehost::HostId;
use wodehost::store::{Change, Changed, Fault, SqliteStore, Store, StoreError, change};

/// Jobs that are changed in one transaction.
const AT_ONCE: usize = 1000;

/// How long is waited for whoever has the store and does not answer: such as one that begins or
/// ends.
const WAIT_MAX: Duration = Duration::from_secs(3);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Something that is to be done to jobs.
pub(crate) struct Changing<'a> {
    pub(crate) path: &'a Path,
    /// The first part of the jobs' ids.
    pub(crate) store: HostId,
    pub(crate) numbers: &'a [u64],
    pub(crate) change: Change,
}

impl Changing<'_> {
    /// Has it done; what came of each job.
    pub(crate) fn carry_out(&self) -> Result<Vec<Changed>, Error> {
        let mut changed = Vec::with_capacity(self.numbers.len());
        let end = Instant::now() + WAIT_MAX;
        while changed.len() < self.numbers.len() {
            match SqliteStore::open(self.path) {
                Ok(mut store) => self.alone(&mut store, &mut changed)?,
                Err(error) if error.fault == Fault::InUse => {
                    // Whoever ends in the middle of it leaves the rest to us.
                    let asked = self.by_host(&mut changed);
                    if Instant::now() > end {
                        asked?;
                        return Err(no_answer(&error));
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(store_error(&error)),
            }
        }
        Ok(changed)
    }

    /// What is left to be done, so many at a time.
    fn left(&self, changed: &[Changed], at_once: usize) -> impl Iterator<Item = &[u64]> {
        self.numbers[changed.len()..].chunks(at_once)
    }

    /// Nobody else has it.
    fn alone(&self, store: &mut SqliteStore, changed: &mut Vec<Changed>) -> Result<(), Error> {
        if store.id() != self.store {
            return Err(Error::usage(
                "the store is another one than it was a moment ago",
            ));
        }
        for numbers in self.left(&changed.clone(), AT_ONCE) {
            let done = change(store, numbers, self.change, now_ms(), &is_taken);
            changed.extend(done.map_err(|e| store_error(&e))?);
        }
        Ok(())
    }

    /// Asks the host that has it.
    fn by_host(&self, changed: &mut Vec<Changed>) -> Result<(), Error> {
        let Some(pid) = SqliteStore::last_user(self.path) else {
            return Ok(());
        };
        block_on(async {
            let wanted = pid.to_string();
            let runs = find(places(&folders(), our_uid()), Some(&wanted)).await;
            if let Some((_, error)) = runs.silent.first() {
                return Err(not_done(pid, error));
            }
            for mut link in runs.links {
                for numbers in self.left(&changed.clone(), CHANGED_MAX) {
                    let done = link.change(self.store, numbers, self.change).await;
                    changed.extend(done.map_err(|error| not_done(pid, &error))?);
                }
            }
            Ok(())
        })
    }
}

/// Whether nobody has to take the outcomes of jobs of a stream: `map` finds them by their lines.
fn is_taken(stream: &str) -> bool {
    stream.starts_with("map/")
}

fn not_done(pid: u32, error: &std::io::Error) -> Error {
    Error::new(
        crate::error::Kind::Store,
        format!("process {pid} has the store, and did not do it"),
    )
    .because(in_words(error))
}

fn no_answer(error: &StoreError) -> Error {
    Error::store(error).only_hint("wait until it has ended")
}
