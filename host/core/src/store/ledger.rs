//! The thread that writes: what has queued up is committed as one batch, so that one wait for
//! the disk serves many jobs.
//!
//! Whoever hands in writes goes on at once, and says what is to be done when they are kept.
//! Batches are committed in the order in which writes came, so that what is kept is always
//! everything up to some moment. The queue has no bound of its own: a job has a handful of
//! writes, and how many jobs there are is bounded before it.

use super::error::{Fault, StoreError};
use super::read::Reader;
use super::write::{Answer, Refused, Write};
use super::{Retention, Store};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;

/// The tracing target of what happens to a store.
pub(crate) const TARGET: &str = "wodehost::store";

/// Dropping looks through what there is: not more often than this.
const UPKEEP_EVERY: Duration = Duration::from_mins(1);

/// After so long a full disk is tried again.
const FULL_PAUSE: Duration = Duration::from_millis(250);

/// See the module. `T` says what is to be done when a write is kept.
pub(crate) struct Ledger<T> {
    shared: Arc<Shared<T>>,
    /// None when it is closed.
    reader: Mutex<Option<Box<dyn Reader>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared<T> {
    queue: Mutex<Queue<T>>,
    /// There is something to write, or an end.
    wake: Condvar,
    /// How many groups were written.
    written: AtomicU64,
}

struct Queue<T> {
    writes: Vec<Write>,
    groups: Vec<Group<T>>,
    /// How many groups came.
    came: u64,
    is_closing: bool,
    /// The thread has ended.
    is_closed: bool,
    /// Why nothing is written any more.
    broken: Option<StoreError>,
}

/// Writes that came together.
struct Group<T> {
    writes: usize,
    then: Then<T>,
}

enum Then<T> {
    Nothing,
    Do(T),
    Tell(Tell),
}

/// Hands answers to whoever waits for them.
type Tell = Box<dyn FnOnce(Vec<Answer>) + Send>;

/// When jobs are dropped that are not kept for ever.
#[derive(Debug)]
pub(crate) struct Upkeep {
    retention: Retention,
    every: Duration,
    /// None before the first time.
    latest: Option<Instant>,
}

impl Upkeep {
    /// Once a minute.
    pub(crate) fn new(retention: Retention) -> Upkeep {
        Upkeep {
            retention,
            every: UPKEEP_EVERY,
            latest: None,
        }
    }

    /// What is to be kept, if it is time to look: what ended at this moment or later, in
    /// milliseconds since 1970, and how much of it.
    fn is_due(&mut self) -> Option<(u64, u64)> {
        if self
            .latest
            .is_some_and(|latest| latest.elapsed() < self.every)
        {
            return None;
        }
        self.latest = Some(Instant::now());
        let Retention { age, jobs } = self.retention;
        let before = age.and_then(|age| SystemTime::now().checked_sub(age));
        let before = before.and_then(|before| before.duration_since(UNIX_EPOCH).ok());
        let before_ms = before.map_or(0, |before| before.as_millis() as u64);
        Some((before_ms, jobs.unwrap_or(u64::MAX)))
    }
}

/// What is done with what was kept, on the writer's thread.
pub(crate) trait Kept<T>: Send {
    /// These were kept, in this order.
    fn kept(&mut self, what: &mut Vec<T>);

    /// All of a batch is done.
    fn is_through(&mut self);

    /// This was not: the store refused it.
    fn refused(&mut self, what: T, why: Refused);

    /// Nothing is written any more.
    fn broke(&mut self, error: &StoreError);
}

/// The store does not write any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store takes nothing any more: {0}")]
pub(crate) struct Broken(pub(crate) StoreError);

impl<T: Send + 'static> Ledger<T> {
    /// Starts the thread.
    pub(crate) fn start(
        store: Box<dyn Store>,
        upkeep: Option<Upkeep>,
        kept: impl Kept<T> + 'static,
    ) -> Result<Ledger<T>, StoreError> {
        let reader = store.reader()?;
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue {
                writes: Vec::new(),
                groups: Vec::new(),
                came: 0,
                is_closing: false,
                is_closed: false,
                broken: None,
            }),
            wake: Condvar::new(),
            written: AtomicU64::new(0),
        });
        let writer = Writer {
            shared: shared.clone(),
            store,
            upkeep,
            kept,
            done: 0,
        };
        let thread = std::thread::Builder::new()
            .name("wodehost-ledger".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| StoreError {
                path: PathBuf::new(),
                fault: Fault::Internal,
                what: format!("threads cannot be started: {error}"),
            })?;
        Ok(Ledger {
            shared,
            reader: Mutex::new(Some(reader)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands in writes that belong together; `then` is done when they are kept.
    pub(crate) fn write(&self, writes: impl IntoIterator<Item = Write>, then: Option<T>) {
        self.put(writes, then.map_or(Then::Nothing, Then::Do));
    }

    /// Hands in writes and waits for the answers, on whatever thread this is.
    pub(crate) fn ask(
        &self,
        writes: impl IntoIterator<Item = Write>,
    ) -> Result<Vec<Answer>, Broken> {
        let (sender, answers) = mpsc::sync_channel(1);
        let tell = move |answers| drop(sender.send(answers));
        self.put(writes, Then::Tell(Box::new(tell)));
        answers.recv().map_err(|_| self.broken())
    }

    /// The same for whoever may not block.
    pub(crate) async fn asked(
        &self,
        writes: impl IntoIterator<Item = Write>,
    ) -> Result<Vec<Answer>, Broken> {
        let (sender, answers) = oneshot::channel();
        let tell = move |answers| drop(sender.send(answers));
        self.put(writes, Then::Tell(Box::new(tell)));
        answers.await.map_err(|_| self.broken())
    }

    fn put(&self, writes: impl IntoIterator<Item = Write>, then: Then<T>) {
        let mut queue = self.shared.queue();
        if queue.broken.is_some() || queue.is_closed {
            // What was to be done is dropped, which says it.
            return;
        }
        let before = queue.writes.len();
        queue.writes.extend(writes);
        let writes = queue.writes.len() - before;
        queue.groups.push(Group { writes, then });
        queue.came += 1;
        let is_first = queue.groups.len() == 1;
        drop(queue);
        if is_first {
            self.shared.wake.notify_one();
        }
    }

    /// Why nothing is written any more.
    pub(crate) fn error(&self) -> Option<StoreError> {
        self.shared.queue().broken.clone()
    }

    fn broken(&self) -> Broken {
        Broken(self.error().unwrap_or_else(closed))
    }

    /// Whether everything that came is kept.
    pub(crate) fn is_idle(&self) -> bool {
        self.shared.queue().came == self.shared.written.load(Ordering::Acquire)
    }

    /// Asks the store, on this thread.
    pub(crate) fn read<R>(
        &self,
        read: impl FnOnce(&mut dyn Reader) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *reader {
            Some(reader) => read(&mut **reader),
            None => Err(closed()),
        }
    }
}

impl<T> Ledger<T> {
    /// Writes what is left and ends. A second call does nothing.
    pub(crate) fn close(&self) {
        // The writer is the last to close the store, and tidies up.
        let reader = self
            .reader
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(reader);
        self.shared.queue().is_closing = true;
        self.shared.wake.notify_one();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // What is done with what was kept may be what closes it.
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

fn closed() -> StoreError {
    StoreError {
        path: PathBuf::new(),
        fault: Fault::Internal,
        what: "it was closed".to_owned(),
    }
}

impl<T> Drop for Ledger<T> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<T> Shared<T> {
    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        // It is changed in one step each.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the thread has.
struct Writer<T, K> {
    shared: Arc<Shared<T>>,
    store: Box<dyn Store>,
    upkeep: Option<Upkeep>,
    kept: K,
    /// How many groups were written.
    done: u64,
}

/// What was taken out of the queue.
struct Batch<T> {
    writes: Vec<Write>,
    groups: Vec<Group<T>>,
}

impl<T, K: Kept<T>> Writer<T, K> {
    fn run(mut self) {
        let mut batch = Batch {
            writes: Vec::new(),
            groups: Vec::new(),
        };
        let mut kept = Vec::new();
        while self.take(&mut batch) {
            match self.commit(&batch.writes) {
                Ok(answers) => self.kept(&mut batch, answers, &mut kept),
                Err(error) => return self.broke(&error),
            }
            if let Err(error) = self.keep_up() {
                return self.broke(&error);
            }
        }
    }

    /// Waits for something to write; false at the end.
    fn take(&self, batch: &mut Batch<T>) -> bool {
        let queue = self.shared.queue();
        let is_quiet = |queue: &mut Queue<T>| queue.groups.is_empty() && !queue.is_closing;
        let mut queue = self
            .shared
            .wake
            .wait_while(queue, is_quiet)
            .unwrap_or_else(PoisonError::into_inner);
        if queue.groups.is_empty() {
            queue.is_closed = true;
            return false;
        }
        // The empty ones take the place of the full ones, so that nothing is allocated.
        batch.writes.clear();
        std::mem::swap(&mut queue.writes, &mut batch.writes);
        std::mem::swap(&mut queue.groups, &mut batch.groups);
        true
    }

    /// Commits a batch, as soon as there is room for it.
    fn commit(&mut self, writes: &[Write]) -> Result<Vec<Answer>, StoreError> {
        let mut was_full = false;
        loop {
            match self.store.commit(writes) {
                Err(error) if error.fault == Fault::Full && !self.shared.queue().is_closing => {
                    if !was_full {
                        was_full = true;
                        tracing::warn!(target: TARGET,
                            "{error}; nothing is accepted or handed on until there is room");
                    }
                    self.pause();
                }
                answers => {
                    if was_full && answers.is_ok() {
                        tracing::warn!(target: TARGET, "the store has room again, it goes on");
                    }
                    return answers;
                }
            }
        }
    }

    /// Drops what is not wanted any more, now and then.
    fn keep_up(&mut self) -> Result<(), StoreError> {
        let Some(upkeep) = &mut self.upkeep else {
            return Ok(());
        };
        let Some((before_ms, most)) = upkeep.is_due() else {
            return Ok(());
        };
        match self.store.retain(before_ms, most) {
            Ok(0) => Ok(()),
            Ok(dropped) => {
                tracing::debug!(target: TARGET, dropped, "jobs that are not kept any longer");
                Ok(())
            }
            // The next time will do; what is to be written waits by itself.
            Err(error) if error.fault == Fault::Full => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Waits a moment, or for the end.
    fn pause(&self) {
        let queue = self.shared.queue();
        let goes_on = |queue: &mut Queue<T>| !queue.is_closing;
        let waited = self
            .shared
            .wake
            .wait_timeout_while(queue, FULL_PAUSE, goes_on);
        drop(waited);
    }

    fn kept(&mut self, batch: &mut Batch<T>, answers: Vec<Answer>, kept: &mut Vec<T>) {
        let mut answers = answers.into_iter();
        self.done += batch.groups.len() as u64;
        for Group { writes, then } in batch.groups.drain(..) {
            let its = answers.by_ref().take(writes);
            match then {
                Then::Nothing => its.for_each(drop),
                Then::Tell(tell) => {
                    let its = its.collect();
                    self.hand_on(kept);
                    tell(its);
                }
                Then::Do(what) => {
                    let refused = its.fold(None, |refused, answer| match answer {
                        Answer::Refused(why) => refused.or(Some(why)),
                        Answer::Done
                        | Answer::Session(_)
                        | Answer::Expired(_)
                        | Answer::Claimed(_) => refused,
                    });
                    match refused {
                        None => kept.push(what),
                        Some(why) => {
                            self.hand_on(kept);
                            self.kept.refused(what, why);
                        }
                    }
                }
            }
        }
        self.hand_on(kept);
        self.shared.written.store(self.done, Ordering::Release);
        self.kept.is_through();
    }

    /// Whoever is told something finds done what came before.
    fn hand_on(&mut self, kept: &mut Vec<T>) {
        if !kept.is_empty() {
            self.kept.kept(kept);
            kept.clear();
        }
    }

    fn broke(&mut self, error: &StoreError) {
        tracing::error!(target: TARGET, "{error}; the host stops");
        let mut queue = self.shared.queue();
        queue.broken = Some(error.clone());
        let left = (
            std::mem::take(&mut queue.writes),
            std::mem::take(&mut queue.groups),
        );
        drop(queue);
        // Whoever waits for an answer hears that there will be none.
        drop(left);
        self.kept.broke(error);
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
