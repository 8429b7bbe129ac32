//! Who runs next, on which thread, and who is told of it.

use super::*;
use std::future::poll_fn;
use std::sync::atomic::AtomicU32;
use tokio::sync::Notify;

/// A scheduler that counts how often it is to poll a task.
#[derive(Default)]
struct Wakes(AtomicU32);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A task, and what its scheduler has heard of it.
struct Task {
    runner: Option<Pin<Box<Runner>>>,
    wakes: Arc<Wakes>,
}

impl Task {
    fn new(run: impl Future<Output = ()> + Send + 'static) -> Task {
        Task {
            runner: Some(Box::pin(Runner::new(run))),
            wakes: Arc::default(),
        }
    }

    /// Polls it; whether it is over.
    fn poll(&mut self) -> bool {
        let waker = Waker::from(self.wakes.clone());
        let runner = self.runner.as_mut().unwrap();
        runner
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
    }

    fn wakes(&self) -> u32 {
        self.wakes.0.load(Ordering::SeqCst)
    }
}

/// Counts how often a loop was woken.
#[derive(Default)]
struct Waiting {
    bell: Notify,
    times: AtomicU32,
}

impl Waiting {
    /// A task that waits to be woken again and again, and has begun to.
    fn task() -> (Task, Arc<Waiting>) {
        let waiting = Arc::new(Waiting::default());
        let its = waiting.clone();
        let mut task = Task::new(async move {
            loop {
                its.bell.notified().await;
                its.times.fetch_add(1, Ordering::SeqCst);
            }
        });
        assert!(!task.poll());
        (task, waiting)
    }

    fn ring(&self) {
        self.bell.notify_one();
    }

    fn times(&self) -> u32 {
        self.times.load(Ordering::SeqCst)
    }
}

/// Runs something as a leg, which waits then; however long that takes, its turn is not over.
fn as_leg(what: impl FnOnce() + Send + 'static) {
    PLACE.with(|place| place.turn.set(Duration::MAX));
    let mut what = Some(what);
    let mut task = Task::new(poll_fn(move |_| {
        if let Some(what) = what.take() {
            what();
        }
        Poll::Pending
    }));
    assert!(!task.poll());
    assert_eq!(task.wakes(), 0);
}

#[test]
fn what_is_handed_over_runs_at_once_past_the_scheduler() {
    let (task, waiting) = Waiting::task();
    let its = waiting.clone();
    as_leg(move || hand_over(|| its.ring()));
    assert_eq!((task.wakes(), waiting.times()), (0, 1));
}

#[test]
fn what_is_only_woken_is_for_the_scheduler() {
    let (mut task, waiting) = Waiting::task();
    let its = waiting.clone();
    as_leg(move || {
        hand_over(|| ());
        its.ring();
    });
    assert_eq!((task.wakes(), waiting.times()), (1, 0));
    task.poll();
    assert_eq!(waiting.times(), 1);
    // Nor is there a leg here that could hand over.
    hand_over(|| waiting.ring());
    assert_eq!((task.wakes(), waiting.times()), (2, 1));
}

#[test]
fn whoever_goes_on_keeps_nobody_waiting() {
    let (task, waiting) = Waiting::task();
    let its = waiting.clone();
    as_leg(move || {
        hand_over(|| its.ring());
        goes_on();
    });
    assert_eq!((task.wakes(), waiting.times()), (1, 0));
}

#[test]
fn only_one_is_handed_over_at_a_time() {
    let (first, one) = Waiting::task();
    let (second, other) = Waiting::task();
    let (its, others) = (one.clone(), other.clone());
    as_leg(move || {
        hand_over(|| {
            its.ring();
            others.ring();
        });
    });
    assert_eq!((first.wakes(), one.times()), (0, 1));
    assert_eq!((second.wakes(), other.times()), (1, 0));
}

#[test]
fn a_turn_comes_to_its_end() {
    let (task, waiting) = Waiting::task();
    let its = waiting.clone();
    assert!(!turn_is_over());
    as_leg(move || {
        assert!(!turn_is_over());
        PLACE.with(|place| place.turn.set(TURN));
        while !turn_is_over() {
            std::hint::spin_loop();
        }
        hand_over(|| its.ring());
    });
    assert_eq!((task.wakes(), waiting.times()), (1, 0));
    assert!(!turn_is_over());
}

#[test]
fn who_is_woken_while_it_runs_is_run_again() {
    let mut runs = 0;
    let mut task = Task::new(poll_fn(move |cx| {
        runs += 1;
        cx.waker().wake_by_ref();
        cx.waker().wake_by_ref();
        if runs == 3 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }));
    assert!(!task.poll());
    assert_eq!(task.wakes(), 1);
    assert!(!task.poll());
    assert_eq!(task.wakes(), 2);
    assert!(task.poll());
}

#[test]
fn a_task_that_is_polled_without_need_runs_nothing() {
    let (mut task, waiting) = Waiting::task();
    assert!(!task.poll());
    assert_eq!(waiting.times(), 0);
}

#[test]
fn who_ends_elsewhere_tells_its_task() {
    let bell = Arc::new(Notify::new());
    for panics in [false, true] {
        let its = bell.clone();
        let mut task = Task::new(async move {
            its.notified().await;
            if panics {
                std::panic::resume_unwind(Box::new("on purpose"));
            }
        });
        assert!(!task.poll());
        let its = bell.clone();
        as_leg(move || hand_over(|| its.notify_one()));
        assert_eq!(task.wakes(), 1);
        assert!(task.poll());
    }
}

#[test]
fn after_a_panic_nothing_is_handed_over_any_more() {
    let (task, waiting) = Waiting::task();
    let panics = || std::panic::resume_unwind(Box::new("on purpose"));
    let mut ends = Task::new(async move { hand_over(panics) });
    assert!(ends.poll());
    waiting.ring();
    assert_eq!((task.wakes(), waiting.times()), (1, 0));
}

/// Waits for ever, and holds something; as loops do, it lets others keep its waker.
async fn holds(held: Arc<()>, kept: Arc<OnceLock<Waker>>) {
    poll_fn(|cx| {
        kept.get_or_init(|| cx.waker().clone());
        Poll::<()>::Pending
    })
    .await;
    drop(held);
}

#[test]
fn with_its_task_a_leg_is_gone() {
    let (held, kept) = (Arc::new(()), Arc::default());
    let mut task = Task::new(holds(held.clone(), Arc::clone(&kept)));
    assert!(!task.poll());
    assert_eq!(Arc::strong_count(&held), 2);
    drop(task);
    assert_eq!(Arc::strong_count(&held), 1);
    kept.get().unwrap().wake_by_ref();
}

#[test]
fn a_leg_that_runs_elsewhere_is_gone_when_it_waits() {
    let (held, kept, bell) = (Arc::new(()), Arc::default(), Arc::new(Notify::new()));
    let (its, its_kept, rung) = (held.clone(), Arc::clone(&kept), bell.clone());
    let own: Arc<Mutex<Option<Task>>> = Arc::default();
    let owner = own.clone();
    let mut task = Task::new(async move {
        rung.notified().await;
        drop(owner.lock().unwrap().take());
        assert_eq!(Arc::strong_count(&its), 2);
        holds(its, its_kept).await;
    });
    assert!(!task.poll());
    *own.lock().unwrap() = Some(task);
    as_leg(move || hand_over(|| bell.notify_one()));
    assert!(own.lock().unwrap().is_none());
    assert_eq!(Arc::strong_count(&held), 1);
    kept.get().unwrap().wake_by_ref();
}

/// Takes its time before it waits, so that it is woken meanwhile.
async fn dawdling<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    poll_fn(|cx| {
        let polled = future.as_mut().poll(cx);
        (0..500).for_each(|_| std::hint::spin_loop());
        polled
    })
    .await
}

/// Loops that pass tokens on to each other, in every way there is, lose none.
#[test]
fn no_wake_is_lost_between_threads() {
    const LOOPS: usize = 2;
    const HOPS: u32 = 10_000;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .build()
        .unwrap();
    let tokens: Arc<[Notify]> = (0..LOOPS).map(|_| Notify::new()).collect();
    let (left, done) = (Arc::new(AtomicU32::new(HOPS)), Arc::new(Notify::new()));
    for at in 0..LOOPS {
        let (tokens, left, done) = (tokens.clone(), left.clone(), done.clone());
        runtime.spawn(Runner::new(async move {
            for hop in at.. {
                dawdling(tokens[at].notified()).await;
                if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                    return done.notify_one();
                }
                let next = || tokens[(at + 1) % LOOPS].notify_one();
                match hop % 5 {
                    0 => next(),
                    1 => {
                        hand_over(next);
                        goes_on();
                    }
                    2 => {
                        hand_over(next);
                        tokio::task::yield_now().await;
                    }
                    _ => hand_over(next),
                }
            }
        }));
    }
    tokens[0].notify_one();
    runtime.block_on(done.notified());
    assert_eq!(left.load(Ordering::SeqCst), 0);
}
