//! The borrower with a pool that is a counter.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// A pool whose slots are numbers of a counter.
#[derive(Default)]
struct Counter {
    state: Mutex<State>,
    changed: Condvar,
    /// How often it was asked.
    asked: AtomicUsize,
}

#[derive(Default)]
struct State {
    free: usize,
    woken: bool,
    hurried: bool,
    gone: bool,
}

/// A slot of it.
struct Held(Arc<Counter>);

/// As the borrower gets it.
struct Pool(Arc<Counter>);

impl Counter {
    fn of(free: usize) -> Arc<Counter> {
        let counter = Arc::<Counter>::default();
        counter.change(|state| state.free = free);
        counter
    }

    fn change(&self, f: impl FnOnce(&mut State)) {
        f(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    fn free(&self) -> usize {
        self.state.lock().unwrap().free
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.change(|state| state.free += 1);
    }
}

impl SlotPool for Pool {
    fn take(&self, at_most: Duration) -> Result<Option<SlotToken>, SlotPoolError> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let nothing =
            |state: &mut State| state.free == 0 && !state.woken && !state.hurried && !state.gone;
        let state = self.0.state.lock().unwrap();
        let waited = self.0.changed.wait_timeout_while(state, at_most, nothing);
        let mut state = waited.unwrap().0;
        state.woken = false;
        if state.gone {
            return Err(SlotPoolError::new("nobody is there"));
        }
        if state.free == 0 {
            return Ok(None);
        }
        state.free -= 1;
        Ok(Some(SlotToken::new(Held(self.0.clone()))))
    }

    fn wake(&self) {
        self.0.change(|state| state.woken = true);
    }
}

/// A borrower of a pool, and what it hands on.
fn borrower(counter: &Arc<Counter>) -> (Borrower, Receiver<SlotToken>, Receiver<String>) {
    let (hand_on, tokens) = channel();
    let (tell, gone) = channel();
    let borrower = Borrower::start(
        Arc::new(Pool(counter.clone())),
        move |token| drop(hand_on.send(token)),
        move |error| drop(tell.send(error.to_string())),
    );
    (borrower.unwrap(), tokens, gone)
}

/// Waits until something is so.
fn until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LONG, "should have come long ago");
        std::thread::yield_now();
    }
}

// J37
#[test]
fn as_many_slots_are_taken_as_are_wanted() {
    let counter = Counter::of(5);
    let (borrower, tokens, _gone) = borrower(&counter);
    borrower.want(2);
    let taken = [
        tokens.recv_timeout(LONG).unwrap(),
        tokens.recv_timeout(LONG).unwrap(),
    ];
    drop(borrower);
    assert!(tokens.recv().is_err(), "two were wanted");
    assert_eq!(counter.free(), 3);
    drop(taken);
    assert_eq!(counter.free(), 5);
}

// J37
#[test]
fn a_slot_that_is_given_back_elsewhere_is_taken_then() {
    let counter = Counter::of(0);
    let (borrower, tokens, _gone) = borrower(&counter);
    borrower.want(1);
    until(|| counter.asked() > 0);
    counter.change(|state| state.free = 1);
    tokens.recv_timeout(LONG).unwrap();
}

// J37
#[test]
fn nothing_is_asked_while_nothing_is_wanted() {
    let counter = Counter::of(0);
    // A pool that never waits: whoever asks it in a loop asks often.
    counter.change(|state| state.hurried = true);
    let (borrower, _tokens, _gone) = borrower(&counter);
    borrower.want(1);
    until(|| counter.asked() > 10);
    borrower.want(0);
    let asked = counter.asked();
    (0..1000).for_each(|_| std::thread::yield_now());
    assert!(counter.asked() <= asked + 1, "it may have been on its way");
}

// J37
#[test]
fn a_slot_that_nobody_wants_any_more_goes_back() {
    let counter = Counter::of(0);
    let (borrower, tokens, _gone) = borrower(&counter);
    borrower.want(1);
    until(|| counter.asked() > 0);
    // The wish ends as it would if the slot had come between.
    *borrower.shared.lock() = Wish::Slots(0);
    counter.change(|state| state.free = 1);
    until(|| counter.free() == 1);
    drop(borrower);
    assert!(tokens.recv().is_err());
    assert_eq!(counter.free(), 1);
}

// J37
#[test]
fn a_drop_ends_the_thread_while_it_waits_for_a_slot() {
    let counter = Counter::of(0);
    let (borrower, tokens, _gone) = borrower(&counter);
    borrower.want(1);
    until(|| counter.asked() > 0);
    drop(borrower);
    // The thread owned the sender.
    let left = tokens.recv_timeout(Duration::ZERO);
    assert!(matches!(left, Err(RecvTimeoutError::Disconnected)));
}

// J37
#[test]
fn a_borrower_that_its_own_callback_drops_ends_too() {
    let counter = Counter::of(1);
    let own = Arc::new(Mutex::new(None::<Borrower>));
    let (tell, ended) = channel();
    let place = own.clone();
    let borrower = Borrower::start(
        Arc::new(Pool(counter.clone())),
        move |token| {
            drop(token);
            drop(place.lock().unwrap().take());
            tell.send(()).unwrap();
        },
        |_| (),
    );
    let mut place = own.lock().unwrap();
    place.insert(borrower.unwrap()).want(1);
    drop(place);
    ended.recv_timeout(LONG).unwrap();
    until(|| counter.free() == 1 && ended.try_recv().is_err());
}

// J37
#[test]
fn a_pool_that_is_gone_is_told_once_and_not_asked_again() {
    let counter = Counter::of(0);
    let (borrower, tokens, gone) = borrower(&counter);
    counter.change(|state| state.gone = true);
    borrower.want(2);
    let told = gone.recv_timeout(LONG).unwrap();
    assert_eq!(told, "the pool of slots is gone: nobody is there");
    assert!(tokens.recv().is_err(), "the thread has ended");
    borrower.want(3);
    drop(borrower);
    assert_eq!(counter.asked(), 1);
    assert!(gone.recv().is_err());
}
