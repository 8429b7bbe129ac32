//! The end of a job, as those see it who hold its handle.
//!
//! The dispatcher keeps a [`Promise`]; when it is kept, whoever waits is woken and the
//! callbacks are called, in the order of their registration, on the callbacks' thread.

use super::callbacks::{Callback, CallbackRaised, Callbacks};
use crate::job::JobId;
use crate::task::{Outcome, Reason};
use std::future::poll_fn;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// See the module.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) id: JobId,
    pub(crate) worker: Arc<str>,
    /// The numbers of its chunk and of all jobs in it.
    chunk: Option<Box<Range<u64>>>,
    /// None for a job that was over before anybody could wait for it.
    callbacks: Option<Arc<Callbacks>>,
    /// Somebody waits for the start.
    awaits_start: AtomicBool,
    /// Set while its first attempt is live.
    has_started: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

/// Small: a million jobs may wait for which nobody waits yet.
#[derive(Debug, Default)]
struct State {
    outcome: Option<Box<Outcome>>,
    interest: Option<Box<Interest>>,
}

/// Who wants to hear of it.
#[derive(Debug, Default)]
struct Interest {
    waker: Option<Waker>,
    /// Besides the first one.
    more_wakers: Vec<Waker>,
    /// Callbacks that wait for the end, or for those before them to be handed on.
    registered: Vec<(u64, Callback)>,
    /// Somebody hands callbacks on; nobody else does meanwhile, so that they keep their
    /// order.
    is_handing_on: bool,
    /// How many were registered.
    count: u64,
    /// How many have not been called yet.
    pending: u64,
}

impl State {
    fn interest(&mut self) -> &mut Interest {
        self.interest.get_or_insert_default()
    }

    /// Whether a registered callback has not been called yet.
    fn has_pending(&self) -> bool {
        self.interest
            .as_ref()
            .is_some_and(|interest| interest.pending > 0)
    }
}

impl Interest {
    /// Wakes this one at the next change.
    fn watch(&mut self, waker: &Waker) {
        let mut known = self.waker.iter().chain(&self.more_wakers);
        if known.any(|known| known.will_wake(waker)) {
            return;
        }
        match &mut self.waker {
            None => self.waker = Some(waker.clone()),
            Some(_) => self.more_wakers.push(waker.clone()),
        }
    }
}

/// How far something is that somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    Start,
    End,
    /// The end, and that the callbacks which were registered have been called.
    Called,
}

impl Completion {
    pub(crate) fn new(id: JobId, worker: Arc<str>, callbacks: Arc<Callbacks>) -> Completion {
        Completion {
            id,
            worker,
            chunk: None,
            callbacks: Some(callbacks),
            awaits_start: AtomicBool::new(false),
            has_started: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// The same for a job in a chunk.
    pub(crate) fn in_chunk(mut self, numbers: Range<u64>) -> Completion {
        self.chunk = Some(Box::new(numbers));
        self
    }

    /// The numbers of all that is cancelled with it, where it is in a chunk.
    pub(super) fn chunk(&self) -> Option<&Range<u64>> {
        self.chunk.as_deref()
    }

    /// That of a job which is over.
    pub(crate) fn of(outcome: Outcome) -> Completion {
        Completion {
            id: outcome.id,
            worker: outcome.worker.clone(),
            chunk: None,
            callbacks: None,
            awaits_start: AtomicBool::new(false),
            has_started: AtomicBool::new(false),
            state: Mutex::new(State {
                outcome: Some(Box::new(outcome)),
                ..State::default()
            }),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // It is changed in one step each.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.state().outcome.as_deref().cloned()
    }

    pub(crate) fn is(&self, awaited: Awaited) -> bool {
        self.is_there(&self.state(), self.reachable(awaited))
    }

    fn is_there(&self, state: &State, awaited: Awaited) -> bool {
        match awaited {
            Awaited::Start => self.has_started.load(Ordering::Acquire) || state.outcome.is_some(),
            Awaited::End => state.outcome.is_some(),
            Awaited::Called => state.outcome.is_some() && !state.has_pending(),
        }
    }

    /// A callback cannot wait for itself.
    fn reachable(&self, awaited: Awaited) -> Awaited {
        match &self.callbacks {
            Some(callbacks) if awaited == Awaited::Called && callbacks.is_this_thread() => {
                Awaited::End
            }
            Some(_) | None => awaited,
        }
    }

    /// Waits on this thread: whether it came in time.
    pub(crate) fn block(&self, awaited: Awaited, at_most: Option<Duration>) -> bool {
        let awaited = self.reachable(awaited);
        // One that is too far away for the clock is none.
        let deadline = at_most.and_then(|at_most| Instant::now().checked_add(at_most));
        let mut state = self.state();
        while !self.is_there(&state, awaited) {
            let waited = match deadline {
                None => self.changed.wait(state).map_err(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    let waited = self.changed.wait_timeout(state, left);
                    waited
                        .map(|(state, _)| state)
                        .map_err(|poisoned| poisoned.into_inner().0)
                }
            };
            state = waited.unwrap_or_else(|state| state);
        }
        true
    }

    /// Waits: whether it came in time.
    pub(crate) async fn wait(&self, awaited: Awaited, at_most: Option<Duration>) -> bool {
        let awaited = self.reachable(awaited);
        let is_there = |cx: &mut Context<'_>| self.watched(awaited, cx).is_some();
        let (Some(at_most), Some(callbacks)) = (at_most, &self.callbacks) else {
            poll_fn(|cx| {
                if is_there(cx) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            return true;
        };
        if at_most.is_zero() {
            return self.is_there(&self.state(), awaited);
        }
        // The host's own timer, so that any executor will do.
        let mut timer = callbacks.timer(at_most);
        poll_fn(|cx| {
            if is_there(cx) {
                return Poll::Ready(true);
            }
            timer.poll(cx).map(|()| false)
        })
        .await
    }

    /// Looks for what is awaited; where it is not there, the waker hears of the next change.
    fn watched(&self, awaited: Awaited, cx: &Context<'_>) -> Option<MutexGuard<'_, State>> {
        let mut state = self.state();
        if self.is_there(&state, awaited) {
            return Some(state);
        }
        state.interest().watch(cx.waker());
        None
    }

    pub(crate) fn poll_outcome(&self, cx: &Context<'_>) -> Poll<Outcome> {
        let state = self.watched(Awaited::End, cx);
        match state.and_then(|state| state.outcome.as_deref().cloned()) {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        }
    }

    /// Registers a callback; its number.
    pub(crate) fn when_done(self: &Arc<Self>, callback: Callback) -> u64 {
        if let Some(callbacks) = &self.callbacks {
            callbacks.expect();
        }
        let mut state = self.state();
        let interest = state.interest();
        interest.count += 1;
        interest.pending += 1;
        let number = interest.count;
        interest.registered.push((number, callback));
        drop(state);
        self.hand_on();
        number
    }

    /// Hands the callbacks on, if the job is over.
    fn hand_on(self: &Arc<Self>) {
        let mut state = self.state();
        if state.outcome.is_none() {
            return;
        }
        let mut interest = match &mut state.interest {
            Some(interest) if !interest.is_handing_on => interest,
            Some(_) | None => return,
        };
        interest.is_handing_on = true;
        while !interest.registered.is_empty() {
            let registered = std::mem::take(&mut interest.registered);
            drop(state);
            for (number, callback) in registered {
                self.call(number, callback);
            }
            state = self.state();
            interest = state.interest.get_or_insert_default();
        }
        interest.is_handing_on = false;
    }

    fn call(self: &Arc<Self>, number: u64, callback: Callback) {
        match &self.callbacks {
            Some(callbacks) => callbacks.call(self.clone(), number, callback),
            // There is no host whose thread it could be.
            None => super::callbacks::call_here(self, number, callback),
        }
    }

    /// A callback has been called.
    pub(super) fn was_called(&self) {
        self.state().interest().pending -= 1;
        self.tell();
    }

    /// What callbacks of this job have raised and nobody has heard of; each once.
    pub(crate) fn raised(&self) -> Option<CallbackRaised> {
        self.callbacks.as_ref()?.raised_by(self.id)
    }

    /// Somebody wants to know of the start.
    pub(crate) fn await_start(&self) {
        self.awaits_start.store(true, Ordering::Relaxed);
    }

    fn tell(&self) {
        let wakers = self.state().interest.as_mut().map(|interest| {
            let more = std::mem::take(&mut interest.more_wakers);
            (interest.waker.take(), more)
        });
        // Nobody is woken under the lock.
        let (first, more) = wakers.unwrap_or_default();
        first.into_iter().chain(more).for_each(Waker::wake);
        self.changed.notify_all();
    }
}

/// What became of a job that its host could not end.
pub(super) const STAYS: &str = "its host was stopped; it stays in the store";

/// The dispatcher's side; dropped without being kept, it says that the host is gone.
#[derive(Debug)]
pub(crate) struct Promise {
    completion: Option<Arc<Completion>>,
    /// The job stays in a store.
    is_recorded: bool,
}
impl Promise {
    pub(crate) fn new(completion: Arc<Completion>) -> Promise {
        Promise {
            completion: Some(completion),
            is_recorded: false,
        }
    }

    /// Whether the job stays in a store when the host is gone.
    pub(crate) fn recorded(mut self, is_recorded: bool) -> Promise {
        self.is_recorded = is_recorded;
        self
    }

    /// The job has started.
    pub(super) fn started(&self) {
        if let Some(completion) = &self.completion {
            completion.has_started.store(true, Ordering::Release);
            if completion.awaits_start.load(Ordering::Relaxed) {
                completion.tell();
            }
        }
    }

    /// The job is over.
    pub(super) fn keep(mut self, outcome: Outcome) {
        if let Some(completion) = self.completion.take() {
            keep(&completion, outcome);
        }
    }
}

fn keep(completion: &Arc<Completion>, outcome: Outcome) {
    completion.state().outcome = Some(Box::new(outcome));
    completion.tell();
    completion.hand_on();
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(completion) = self.completion.take() {
            let (reason, message) = if self.is_recorded {
                (Reason::Interrupted, STAYS)
            } else {
                (Reason::Cancelled, "the host was closed")
            };
            let (id, worker) = (completion.id, completion.worker.clone());
            let message = Some(message.to_owned());
            let outcome = Outcome::without_attempt(id, worker, reason, message);
            keep(&completion, outcome);
        }
    }
}
