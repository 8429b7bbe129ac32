//! A job for each of a stream of items, no more of them in memory than fit a buffer.

use crate::handle::JobHandle;
use crate::host::Host;
use crate::roster::Roster;
use crate::submit::{Job, SubmitError};
use crate::task::{JobOptions, Outcome};
use crate::value::Value;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use tokio::task::AbortHandle;

/// Items in flight for each slot, unless told otherwise: enough that no slot waits, few
/// enough that large values stay harmless.
const BUFFER_PER_SLOT: usize = 64;

/// The most that it is by itself.
const BUFFER_MAX: usize = 4096;

/// How many items a [`Map`] has in flight at most unless told otherwise: 64 for each slot,
/// and no more than 4096.
#[must_use]
pub fn default_buffer(slots: u32) -> usize {
    (slots as usize)
        .saturating_mul(BUFFER_PER_SLOT)
        .min(BUFFER_MAX)
}

/// A job for each of a stream of items; see [`Host::map`].
///
/// It is lazy: items are taken while somebody waits for the [`next`](Map::next) outcome,
/// on that thread, and never more than the [`buffer`](Map::buffer) ahead of the outcomes that
/// were given back. Dropping it cancels the jobs in flight.
///
/// ```
/// # use std::time::Duration;
/// # use wodehost::{Host, PluginSource, Runtime, RuntimeConfig, Value};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let guests = std::env::var("WODEHOST_GUESTS")
/// #     .unwrap_or("../../target/wasm32-wasip2/guest".into());
/// # let runtime = Runtime::new(RuntimeConfig::default())?;
/// # let double = runtime.load(PluginSource::file(format!("{guests}/double.wasm")))?;
/// # let host = Host::builder(&runtime).worker(double).build()?;
/// let numbers = (1..).map(Value::from); // without end
/// let mut doubled = host.map("double", numbers)?.deadline(Duration::from_secs(60));
/// for n in 1..=1000 {
///     let outcome = doubled.next().await.expect("there are always more")?;
///     assert_eq!(outcome.data.to::<i64>()?, n * 2);
/// }
/// # Ok(()) })
/// # }
/// ```
#[must_use = "a map does nothing until its outcomes are asked for"]
pub struct Map<I> {
    host: Host,
    worker: Arc<str>,
    /// That of the executor whose jobs they are.
    roster: Option<Arc<Roster>>,
    options: Option<Arc<JobOptions>>,
    /// Whether they were looked at.
    are_checked: bool,
    /// None when there are no more.
    items: Option<I>,
    /// None = the default.
    buffer: Option<usize>,
    chunk: usize,
    began: Instant,
    deadline: Option<Duration>,
    timer: Option<AbortHandle>,
    flight: Arc<Flight>,
    order: Order,
    /// The number of the item whose outcome was given back last.
    item: u64,
    /// Why items were not submitted; told behind the outcomes of those before.
    error: Option<MapError>,
}

/// Why there is no outcome of an item, and of none behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// It had not ended when the deadline was over; it was cancelled, if it was submitted.
    #[error("it has not ended before the deadline")]
    Blocked,
    /// It was not taken.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// In which order outcomes are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// That of the items.
    Input,
    /// That in which the jobs end.
    Completion,
}

impl<I: Iterator<Item = Value>> Map<I> {
    pub(crate) fn new(
        host: &Host,
        worker: &str,
        items: I,
        roster: Option<Arc<Roster>>,
    ) -> Result<Map<I>, SubmitError> {
        host.job(worker).map(drop)?;
        Ok(Map::of(host, worker.into(), items, roster))
    }

    /// The same for a worker that is known.
    pub(crate) fn of(
        host: &Host,
        worker: Arc<str>,
        items: I,
        roster: Option<Arc<Roster>>,
    ) -> Map<I> {
        Map {
            host: host.clone(),
            worker,
            roster,
            options: None,
            are_checked: false,
            items: Some(items),
            buffer: None,
            chunk: 1,
            began: Instant::now(),
            deadline: None,
            timer: None,
            flight: Arc::default(),
            order: Order::Input,
            item: 0,
            error: None,
        }
    }

    /// So many items, at least one, are in flight at most: submitted, and their outcomes
    /// not given back. Default: [`default_buffer`], and at least two chunks for each slot.
    pub fn buffer(mut self, items: usize) -> Self {
        self.buffer = Some(items.max(1));
        self
    }

    /// Makes chunks of so many jobs, and of no more than the buffer holds, which run one
    /// after the other in one store: faster for small jobs, which are then not isolated
    /// from each other; see [`Host::submit_chunk`]. Default: 1.
    pub fn chunk(mut self, items: usize) -> Self {
        self.chunk = items.max(1);
        self
    }

    /// Gives back outcomes in the order in which the jobs end; [`Map::item`] tells to which
    /// item each belongs.
    pub fn unordered(mut self) -> Self {
        self.order = Order::Completion;
        self
    }

    /// What has not ended so long after the call of `map` is cancelled, and no more is
    /// submitted.
    pub fn deadline(mut self, after: Duration) -> Self {
        self.deadline = Some(after);
        self
    }

    /// Takes these options for the jobs instead of the worker's.
    pub fn options(mut self, options: impl Into<Arc<JobOptions>>) -> Self {
        self.options = Some(options.into());
        self.are_checked = false;
        self
    }

    /// The next outcome; none when there are no more. Whoever stops waiting for it loses
    /// nothing and may ask again, on any executor.
    ///
    /// # Errors
    ///
    /// [`MapError::Blocked`] in place of the first outcome that is missing because the
    /// deadline was over, where outcomes come in the order in which jobs end behind all
    /// others; [`MapError::Submit`] in place of the first item that was not taken. It is
    /// the last that comes.
    pub async fn next(&mut self) -> Option<Result<Outcome, MapError>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The number of the item, from 0, whose outcome was given back last.
    #[must_use]
    pub fn item(&self) -> u64 {
        self.item
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Outcome, MapError>>> {
        self.look_at_the_clock();
        self.fill();
        match self.flight.poll(self.order, cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some((item, outcome))) => {
                self.item = item;
                Poll::Ready(Some(Ok(outcome)))
            }
            Poll::Ready(None) => Poll::Ready(self.last().map(Err)),
        }
    }

    /// Starts the timer; when the time is over, everything is cut off.
    fn look_at_the_clock(&mut self) {
        let Some(deadline) = self.deadline else {
            return;
        };
        let left = deadline.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            self.flight.cut(self.order);
        } else if self.timer.is_none() {
            let (flight, order) = (Arc::downgrade(&self.flight), self.order);
            let cut = move || {
                if let Some(flight) = flight.upgrade() {
                    flight.cut(order);
                }
            };
            self.timer = Some(self.host.hub().later(left, cut));
        }
    }

    /// Submits as much as there is room for, in whole chunks.
    fn fill(&mut self) {
        let slots = self.host.hub().slots;
        let buffer = self.buffer.unwrap_or_else(|| {
            let slots_said = u32::try_from(slots).unwrap_or(u32::MAX);
            let chunks = slots.saturating_mul(2).saturating_mul(self.chunk);
            match self.chunk {
                1 => default_buffer(slots_said),
                _ => default_buffer(slots_said).max(chunks),
            }
        });
        let chunk = self.chunk.min(buffer);
        while self.flight.has_room(chunk, buffer) {
            let Some(items) = &mut self.items else {
                return;
            };
            let taken: Vec<Value> = items.take(chunk).collect();
            if taken.len() < chunk {
                self.items = None;
            }
            if taken.is_empty() {
                return;
            }
            match self.submit(taken) {
                Ok(jobs) => {
                    for job in jobs {
                        self.flight.add(job, self.order);
                    }
                }
                Err(error) => {
                    self.error = Some(error.into());
                    self.items = None;
                }
            }
        }
    }

    fn submit(&mut self, mut items: Vec<Value>) -> Result<Vec<JobHandle>, SubmitError> {
        let job = self.host.job(&self.worker)?;
        let mut job: Job<'_> = job.of(self.roster.as_deref());
        if let Some(options) = &self.options {
            job = job.checked_options(options.clone());
            if !self.are_checked {
                job.check()?;
                self.are_checked = true;
            }
        }
        match items.pop() {
            Some(only) if self.chunk == 1 => Ok(vec![job.argument(only).submit()?]),
            last => {
                items.extend(last);
                job.submit_chunk(items)
            }
        }
    }

    /// What comes behind the outcomes, once.
    fn last(&mut self) -> Option<MapError> {
        // An item that nobody takes any more is missing, too.
        let is_missing = self.flight.takes_missing() || {
            let item = self.items.as_mut().and_then(Iterator::next);
            item.is_some()
        };
        self.items = None;
        let error = self.error.take();
        if is_missing {
            return Some(MapError::Blocked);
        }
        error
    }
}

impl<I> Drop for Map<I> {
    fn drop(&mut self) {
        if let Some(timer) = &self.timer {
            timer.abort();
        }
        self.flight.end();
    }
}

impl<I> fmt::Debug for Map<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("worker", &self.worker)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

/// The jobs in flight.
#[derive(Default)]
struct Flight(Mutex<Jobs>);

#[derive(Default)]
struct Jobs {
    /// Those that were submitted, and whose outcomes were not given back, by the numbers
    /// of their items.
    open: BTreeMap<u64, JobHandle>,
    /// How many there have been.
    count: u64,
    /// Those that have ended, where that order counts.
    ended: VecDeque<u64>,
    /// The deadline is over.
    is_late: bool,
    /// Something was cut off by it.
    has_missing: bool,
    waker: Option<Waker>,
}

impl Flight {
    fn lock(&self) -> MutexGuard<'_, Jobs> {
        // It is changed in one step each.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is room for so many more.
    fn has_room(&self, items: usize, buffer: usize) -> bool {
        let jobs = self.lock();
        !jobs.is_late && jobs.open.len() + items <= buffer
    }

    /// Takes in a job that was submitted.
    fn add(self: &Arc<Self>, mut job: JobHandle, order: Order) {
        let number = {
            let mut jobs = self.lock();
            if jobs.is_late {
                jobs.has_missing = true;
                drop(jobs);
                return job.cancel();
            }
            let number = jobs.count;
            jobs.count += 1;
            jobs.open.insert(number, job.clone());
            number
        };
        if order == Order::Completion {
            // The job is polled this once; its end rings for it.
            let bell = Bell {
                flight: self.clone(),
                number,
            };
            let bell = Arc::new(bell);
            let waker = Waker::from(bell.clone());
            let mut cx = Context::from_waker(&waker);
            if Pin::new(&mut job).poll(&mut cx).is_ready() {
                bell.wake();
            }
        }
    }

    /// The next outcome and the number of its item; none when nothing is in flight.
    fn poll(&self, order: Order, cx: &mut Context<'_>) -> Poll<Option<(u64, Outcome)>> {
        let mut jobs = self.lock();
        let Some((first, _)) = jobs.open.first_key_value() else {
            return Poll::Ready(None);
        };
        let number = match order {
            Order::Input => Some(*first),
            Order::Completion => loop {
                match jobs.ended.pop_front() {
                    // It was cut off meanwhile.
                    Some(number) if !jobs.open.contains_key(&number) => {}
                    number => break number,
                }
            },
        };
        if let Some(number) = number
            && let Some(job) = jobs.open.get_mut(&number)
            && let Poll::Ready(outcome) = Pin::new(job).poll(cx)
        {
            jobs.open.remove(&number);
            return Poll::Ready(Some((number, outcome)));
        }
        jobs.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Cancels what has not ended; in the order of the items also what comes behind.
    fn cut(&self, order: Order) {
        let mut jobs = self.lock();
        if std::mem::replace(&mut jobs.is_late, true) {
            return;
        }
        let missing = match order {
            Order::Input => {
                let mut open = jobs.open.iter();
                let first = open.find(|(_, job)| !job.done()).map(|(number, _)| *number);
                first.map_or_else(BTreeMap::new, |first| jobs.open.split_off(&first))
            }
            Order::Completion => {
                let missing = jobs.open.extract_if(.., |_, job| !job.done());
                missing.collect()
            }
        };
        jobs.has_missing = !missing.is_empty();
        let waker = jobs.waker.take();
        // Their ends ring; nobody listens.
        drop(jobs);
        cancel(missing);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Whether something was cut off; told once.
    fn takes_missing(&self) -> bool {
        std::mem::take(&mut self.lock().has_missing)
    }

    /// Cancels everything.
    fn end(&self) {
        let mut jobs = self.lock();
        jobs.is_late = true;
        let open = std::mem::take(&mut jobs.open);
        drop(jobs);
        cancel(open);
    }
}

/// Cancels jobs, the last first, so that none starts in place of another.
fn cancel(jobs: BTreeMap<u64, JobHandle>) {
    jobs.into_values().rev().for_each(|job| job.cancel());
}

/// Rings when a job has ended.
struct Bell {
    flight: Arc<Flight>,
    number: u64,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut jobs = self.flight.lock();
        jobs.ended.push_back(self.number);
        let waker = jobs.waker.take();
        drop(jobs);
        waker.into_iter().for_each(Waker::wake);
    }
}
