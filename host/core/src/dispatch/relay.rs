//! Loops hand over to each other on their thread, past the scheduler.
//!
//! A loop whose job waits for another job starts that on another loop, and is woken by it
//! later: at each moment only one of the two has anything to do. A scheduler cannot know
//! that. Tokio's runs what is woken next on the same thread three times in a row; what is
//! woken then is for whoever is idle, so that a chain of jobs went to and fro between two
//! processors, with a system call for each time, and made fewer jobs a second than on one.
//!
//! So each loop is a *leg*: a future with a waker of its own. The task that the scheduler
//! knows for it runs the leg and then, one after the other, whatever was handed over on the
//! way, for a [`TURN`] at most. All else that wakes a leg wakes its own task.
//!
//! | a leg is  | woken                                  | run           | waits            | ends or panics   | its task is gone |
//! |-----------|----------------------------------------|---------------|------------------|------------------|------------------|
//! | idle      | due: handed over, or its task is woken | nothing to do |                  |                  | over, is dropped |
//! | due       | due                                    | running       |                  |                  | over, is dropped |
//! | running   | woken                                  |               | idle             | over, is dropped | over             |
//! | woken     | woken                                  |               | due: its task is | over, is dropped | over             |
//! | over      | over                                   | nothing to do | over, is dropped | over, is dropped | over             |

use super::loops::TURN;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

type Run = Pin<Box<dyn Future<Output = ()> + Send>>;

const IDLE: u8 = 0;
const DUE: u8 = 1;
const RUNNING: u8 = 2;
const WOKEN: u8 = 3;
const OVER: u8 = 4;

/// A future that can be run by other tasks than its own. See the module.
struct Leg {
    state: AtomicU8,
    /// Only whoever made the leg running or over has it, and then at once.
    run: Mutex<Option<Run>>,
    /// Wakes its own task; for a task it is always the same one.
    task: OnceLock<Waker>,
}

/// The task that the scheduler knows of a leg.
pub(super) struct Runner {
    leg: Arc<Leg>,
}

/// Where the thread is.
struct Place {
    /// Since when it runs legs; `None` = it does not.
    began: Cell<Option<Instant>>,
    /// How long it may run them; tests do without the clock.
    turn: Cell<Duration>,
    /// Whether what the leg does now is the last that it does before it waits.
    hands_over: Cell<bool>,
    /// The leg that comes next.
    next: RefCell<Option<Arc<Leg>>>,
}

thread_local! {
    static PLACE: Place = const {
        Place {
            began: Cell::new(None),
            turn: Cell::new(TURN),
            hands_over: Cell::new(false),
            next: RefCell::new(None),
        }
    };
}

/// Does what is probably the last before the leg that runs waits: the first leg that it wakes
/// is run next on this thread. If it does not wait after all, it calls [`goes_on`].
pub(super) fn hand_over<T>(last: impl FnOnce() -> T) -> T {
    /// The end of it, also by a panic.
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            PLACE.with(|place| place.hands_over.set(false));
        }
    }
    PLACE.with(|place| place.hands_over.set(place.began.get().is_some()));
    let _done = Done;
    last()
}

/// The leg that runs goes on: what it handed over is for whoever is idle.
pub(super) fn goes_on() {
    if let Some(next) = PLACE.with(|place| place.next.take()) {
        next.wake_task();
    }
}

/// Whether the leg that runs and those before it have had the thread for long enough.
pub(super) fn turn_is_over() -> bool {
    PLACE.with(Place::turn_is_over)
}

impl Place {
    fn turn_is_over(&self) -> bool {
        let began = self.began.get();
        began.is_some_and(|began| began.elapsed() > self.turn.get())
    }

    /// Takes what is handed over, if anything is.
    fn takes(&self, leg: &Arc<Leg>) -> bool {
        let takes = self.hands_over.get() && self.next.borrow().is_none();
        if takes {
            self.next.replace(Some(Arc::clone(leg)));
        }
        takes
    }
}

impl Leg {
    /// Runs it, if it is due, until it waits or is over.
    fn run(self: &Arc<Self>) {
        if !self.goes_from(DUE, RUNNING) {
            return;
        }
        let mut run = self.its_run();
        let waker = Waker::from(Arc::clone(self));
        let mut context = Context::from_waker(&waker);
        let polled = run.as_mut().map(|run| {
            // It must not take the task that runs it along; the panic is told by the hook.
            catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(&mut context)))
        });
        drop(run);
        match polled {
            Some(Ok(Poll::Pending)) => {
                if self.goes_from(RUNNING, IDLE) {
                    return;
                }
                if self.goes_from(WOKEN, DUE) {
                    return self.wake_task();
                }
            }
            Some(Ok(Poll::Ready(())) | Err(_)) | None => {}
        }
        self.state.store(OVER, Ordering::SeqCst);
        drop(self.its_run().take());
        self.wake_task();
    }

    fn goes_from(&self, from: u8, to: u8) -> bool {
        let ordering = Ordering::SeqCst;
        self.state
            .compare_exchange(from, to, ordering, ordering)
            .is_ok()
    }

    fn its_run(&self) -> MutexGuard<'_, Option<Run>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.state.load(Ordering::SeqCst) == OVER
    }

    fn wake_task(&self) {
        if let Some(task) = self.task.get() {
            task.wake_by_ref();
        }
    }
}

impl Wake for Leg {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let woken = |is| match is {
            IDLE => Some(DUE),
            // Whoever runs it will see it.
            RUNNING => Some(WOKEN),
            _ => None,
        };
        let ordering = Ordering::SeqCst;
        if self.state.fetch_update(ordering, ordering, woken) != Ok(IDLE) {
            return;
        }
        let is_next = PLACE.try_with(|place| place.takes(self));
        if !is_next.unwrap_or(false) {
            self.wake_task();
        }
    }
}

impl Runner {
    /// The task for a leg that does so.
    pub(super) fn new(run: impl Future<Output = ()> + Send + 'static) -> Runner {
        let leg = Arc::new(Leg {
            state: AtomicU8::new(DUE),
            run: Mutex::new(Some(Box::pin(run))),
            task: OnceLock::new(),
        });
        Runner { leg }
    }
}

impl Future for Runner {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.leg.task.get_or_init(|| cx.waker().clone());
        PLACE.with(|place| {
            place.began.set(Some(Instant::now()));
            self.leg.run();
            while let Some(next) = place.next.take() {
                if place.turn_is_over() {
                    next.wake_task();
                    break;
                }
                next.run();
            }
            place.began.set(None);
        });
        if self.leg.is_over() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let was = self.leg.state.swap(OVER, Ordering::SeqCst);
        // Else whoever runs it drops it.
        if was != RUNNING && was != WOKEN {
            drop(self.leg.its_run().take());
        }
    }
}

#[cfg(test)]
#[path = "relay_tests.rs"]
mod tests;
