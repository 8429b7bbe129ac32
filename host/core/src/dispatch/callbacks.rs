//! The thread on which a host calls callbacks, one after the other, so that one of them
//! may block: wait for another job, submit, register.

use super::completion::Completion;
use crate::job::JobId;
use crate::task::Outcome;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::thread::ThreadId;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a callback fails with.
type Failure = Box<dyn Error + Send + Sync>;

/// What a callback gives back.
type Called = Result<(), Failure>;

/// What is called when a job is over.
pub(crate) struct Callback(pub(crate) Box<dyn FnOnce(&Outcome) -> Called + Send>);

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

/// A callback that failed; the job itself may have ended well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("callback {number} of job {job} failed: {message}")]
pub struct CallbackRaised {
    /// The job.
    pub job: JobId,
    /// Its number among the callbacks of the job, from 1, in order of registration.
    pub number: u64,
    /// Its error, or what it panicked with.
    pub message: String,
}

/// See the module. The thread begins with the first callback and ends with the host.
#[derive(Debug)]
pub(crate) struct Callbacks {
    control: tokio::runtime::Handle,
    queue: Mutex<Option<Sender<Call>>>,
    thread: OnceLock<ThreadId>,
    state: Mutex<State>,
    /// Nothing is left to be called.
    idle: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Registered and not called. A job leaves the machine before its callbacks are handed
    /// on, so that counting them then would be too late for a shutdown.
    pending: u64,
    raised: Vec<CallbackRaised>,
}

struct Call {
    completion: Arc<Completion>,
    number: u64,
    callback: Callback,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What they guard is changed in one step each.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Callbacks {
    pub(crate) fn new(control: tokio::runtime::Handle) -> Callbacks {
        Callbacks {
            control,
            queue: Mutex::default(),
            thread: OnceLock::new(),
            state: Mutex::default(),
            idle: Notify::new(),
        }
    }

    /// A timer that any executor can wait for.
    pub(super) fn timer(&self, at_most: Duration) -> Timer {
        // Made on the control thread: here may be no timer that it could belong to.
        Timer(self.control.spawn(async move {
            tokio::time::sleep(at_most).await;
        }))
    }

    /// Whether this is the thread that calls callbacks.
    pub(super) fn is_this_thread(&self) -> bool {
        self.thread.get() == Some(&std::thread::current().id())
    }

    /// Counts a callback that is registered; from now on a shutdown waits for it.
    pub(super) fn expect(&self) {
        lock(&self.state).pending += 1;
    }

    /// Calls a callback when its turn comes; it is counted already.
    pub(super) fn call(
        self: &Arc<Self>,
        completion: Arc<Completion>,
        number: u64,
        callback: Callback,
    ) {
        let call = Call {
            completion,
            number,
            callback,
        };
        let mut queue = lock(&self.queue);
        let sender = match &*queue {
            Some(sender) => sender,
            None => match self.start() {
                Ok(sender) => queue.insert(sender),
                Err(error) => {
                    drop(queue);
                    let message = format!("it was not called: {error}");
                    return self.done(&call.completion, number, Some(message));
                }
            },
        };
        if let Err(unsent) = sender.send(call) {
            drop(queue);
            let message = "it was not called".to_owned();
            self.done(&unsent.0.completion, number, Some(message));
        }
    }

    fn start(self: &Arc<Self>) -> std::io::Result<Sender<Call>> {
        let (sender, calls) = channel::<Call>();
        let callbacks = Arc::downgrade(self);
        let thread = std::thread::Builder::new()
            .name("wodehost-callbacks".to_owned())
            .spawn(move || {
                for call in calls {
                    let Call {
                        completion,
                        number,
                        callback,
                    } = call;
                    let raised = raised(&completion, callback);
                    if let Some(callbacks) = callbacks.upgrade() {
                        callbacks.done(&completion, number, raised);
                    }
                }
            })?;
        let _ = self.thread.set(thread.thread().id());
        Ok(sender)
    }

    fn done(&self, completion: &Completion, number: u64, raised: Option<String>) {
        let job = completion.id;
        let mut state = lock(&self.state);
        state.pending -= 1;
        state.raised.extend(raised.map(|message| CallbackRaised {
            job,
            number,
            message,
        }));
        let is_idle = state.pending == 0;
        drop(state);
        completion.was_called();
        if is_idle {
            self.idle.notify_waiters();
        }
    }

    /// The first failure among a job's callbacks that nobody has heard of.
    pub(super) fn raised_by(&self, job: JobId) -> Option<CallbackRaised> {
        let raised = &mut lock(&self.state).raised;
        let place = raised.iter().position(|raised| raised.job == job)?;
        Some(raised.remove(place))
    }

    /// Waits until every callback was called; the failures that nobody has heard of.
    pub(crate) async fn drain(&self) -> Vec<CallbackRaised> {
        loop {
            // Made before the question, so that no wake-up in between is missed.
            let idle = self.idle.notified();
            {
                let mut state = lock(&self.state);
                if state.pending == 0 || self.is_this_thread() {
                    return std::mem::take(&mut state.raised);
                }
            }
            idle.await;
        }
    }
}

/// A time that passes on the control thread, unless it is dropped before.
pub(super) struct Timer(JoinHandle<()>);

impl Timer {
    /// Whether it is over.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls the callback of a job that no host knows; its failure goes to the log.
pub(super) fn call_here(completion: &Completion, number: u64, callback: Callback) {
    if let Some(message) = raised(completion, callback) {
        let raised = CallbackRaised {
            job: completion.id,
            number,
            message,
        };
        tracing::warn!(target: "wodehost::task", "{raised}");
    }
    completion.was_called();
}

/// Calls a callback: what it raised.
fn raised(completion: &Completion, callback: Callback) -> Option<String> {
    let outcome = completion.outcome()?;
    match catch_unwind(AssertUnwindSafe(|| (callback.0)(&outcome))) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(format!("it panicked: {}", words_of(&*panic))),
    }
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}
