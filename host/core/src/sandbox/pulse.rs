//! The signs of life of one attempt, shared between the guest's host calls and
//! the guard that watches over the call.
//!
//! A loop owns one pulse and uses it for attempt after attempt, so that an
//! attempt allocates nothing for being watched.

use crate::task::Reason;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Wake, Waker};
use std::time::Instant;

/// See the module.
#[derive(Debug)]
pub(crate) struct Pulse {
    /// Times are nanoseconds since this moment.
    base: Instant,
    /// When the guest last gave a sign of life.
    last_sign: AtomicU64,
    /// The longest time between two signs of the call.
    longest_silence: AtomicU64,
    /// The clock ticked: the guest was computing when it gave way.
    computing: AtomicBool,
    /// Others have had their turn since the guest was last asked about it.
    had_turns: AtomicBool,
    /// Whether the call is being polled: [`IDLE`], [`POLLED`] or [`WOKEN`].
    polled: AtomicU8,
    /// Someone wants the attempt to end now: a [`Cause`], or [`NOT_CANCELLED`].
    cancelled: AtomicU8,
    /// Someone wants the attempt to come to its end by itself.
    asked: AtomicBool,
    /// Someone wants the attempt to stand still.
    paused: AtomicBool,
    /// Nanoseconds that the attempt stood still.
    stood_still: AtomicU64,
    /// The host holds the guest up, since when; [`FREE`] = it does not.
    held_since: AtomicU64,
    /// Who polls the attempt, so that a cancel is noticed in a host call too.
    waker: Mutex<Option<Waker>>,
}

/// The call is not being polled: who wakes it wakes the one who polls it.
const IDLE: u8 = 0;
/// The call is being polled.
const POLLED: u8 = 1;
/// The call is being polled, and was woken meanwhile.
const WOKEN: u8 = 2;

/// No moment at all.
const FREE: u64 = u64::MAX;

/// Why an attempt was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cause {
    /// Somebody stopped its job.
    Cancelled = 1,
    /// The job that submitted its job ended.
    ParentEnded = 2,
}

const NOT_CANCELLED: u8 = 0;

impl Cause {
    pub(crate) fn reason(self) -> Reason {
        match self {
            Cause::Cancelled => Reason::Cancelled,
            Cause::ParentEnded => Reason::ParentEnded,
        }
    }
}

impl Pulse {
    pub(crate) fn new() -> Pulse {
        Pulse {
            base: Instant::now(),
            last_sign: AtomicU64::new(0),
            longest_silence: AtomicU64::new(0),
            computing: AtomicBool::new(false),
            had_turns: AtomicBool::new(false),
            polled: AtomicU8::new(IDLE),
            cancelled: AtomicU8::new(NOT_CANCELLED),
            asked: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            stood_still: AtomicU64::new(0),
            held_since: AtomicU64::new(FREE),
            waker: Mutex::new(None),
        }
    }

    /// Nanoseconds since this pulse was made.
    pub(crate) fn now(&self) -> u64 {
        self.base.elapsed().as_nanos() as u64
    }

    /// The moment `nanos` on this pulse's clock.
    pub(crate) fn instant(&self, nanos: u64) -> Instant {
        self.base + std::time::Duration::from_nanos(nanos)
    }

    /// Begins a new call: alive now. A cancel that came before holds.
    pub(crate) fn begin(&self, now: u64) {
        self.last_sign.store(now, Ordering::Relaxed);
        self.longest_silence.store(0, Ordering::Relaxed);
        self.computing.store(false, Ordering::Relaxed);
        self.held_since.store(FREE, Ordering::Relaxed);
    }

    /// The host holds the guest up: its silence stands still until [`Pulse::release`].
    pub(crate) fn hold(&self) {
        self.held_since.store(self.now(), Ordering::Relaxed);
    }

    /// The guest may go on.
    pub(crate) fn release(&self) {
        let since = self.held_since.swap(FREE, Ordering::Relaxed);
        let held = self.now().saturating_sub(since);
        self.last_sign.fetch_add(held, Ordering::Relaxed);
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held_since.load(Ordering::Relaxed) != FREE
    }

    /// Forgets what was asked of the attempt before; when new work is handed out, under
    /// the lock that cancels.
    pub(crate) fn clear(&self) {
        self.cancelled.store(NOT_CANCELLED, Ordering::Release);
        self.asked.store(false, Ordering::Relaxed);
        self.paused.store(false, Ordering::Relaxed);
    }

    /// Tells the attempt that it is to come to its end.
    pub(crate) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether the attempt is to stand still from now on.
    pub(crate) fn pause(&self, is_paused: bool) {
        self.paused.store(is_paused, Ordering::Release);
        self.wake();
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// The attempt stood still for so long: neither its silence nor its deadline ran.
    pub(crate) fn stood_still(&self, nanos: u64) {
        self.last_sign.fetch_add(nanos, Ordering::Relaxed);
        self.stood_still.fetch_add(nanos, Ordering::Relaxed);
        let held = self.held_since.load(Ordering::Relaxed);
        if held != FREE {
            self.held_since.store(held + nanos, Ordering::Relaxed);
        }
    }

    /// How long attempts stood still so far.
    pub(crate) fn stood_still_nanos(&self) -> u64 {
        self.stood_still.load(Ordering::Relaxed)
    }

    /// The guest gave a sign of life.
    pub(crate) fn sign(&self) {
        let now = self.now();
        let silence = self.longest_silence(now);
        self.longest_silence.store(silence, Ordering::Relaxed);
        self.last_sign.store(now, Ordering::Relaxed);
    }

    /// The longest silence of the call until `now`, nanoseconds.
    pub(crate) fn longest_silence(&self, now: u64) -> u64 {
        let longest = self.longest_silence.load(Ordering::Relaxed);
        longest.max(now.saturating_sub(self.last_sign()))
    }

    pub(crate) fn last_sign(&self) -> u64 {
        self.last_sign.load(Ordering::Relaxed)
    }

    /// The guest gives way while it computes.
    pub(crate) fn gives_way(&self) {
        self.computing.store(true, Ordering::Relaxed);
    }

    /// The call is polled after others have had their turn.
    pub(crate) fn others_had_turns(&self) {
        self.had_turns.store(true, Ordering::Relaxed);
    }

    /// Whether others have had their turn since the last question.
    pub(crate) fn take_had_turns(&self) -> bool {
        // A swap each time would cost as much as a small function of the host.
        self.had_turns.load(Ordering::Relaxed) && self.had_turns.swap(false, Ordering::Relaxed)
    }

    /// Whether the guest gave way while computing and nobody has asked for it yet.
    pub(crate) fn is_computing(&self) -> bool {
        self.computing.load(Ordering::Relaxed)
    }

    /// Whether the guest gave way while computing since the last question.
    pub(crate) fn take_computing(&self) -> bool {
        self.computing.swap(false, Ordering::Relaxed)
    }

    /// Asks for the attempt's end and wakes its guard. The first cause counts.
    pub(crate) fn cancel(&self, cause: Cause) {
        let _ = self.cancelled.compare_exchange(
            NOT_CANCELLED,
            cause as u8,
            Ordering::Release,
            Ordering::Relaxed,
        );
        self.wake();
    }

    /// Has the attempt polled once more.
    pub(crate) fn wake(&self) {
        let waker = self
            .waker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits for a future, or until somebody cancels; then the answer is `None`.
    pub(crate) async fn or_cancelled<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            self.watch(cx.waker());
            if self.is_cancelled() {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
        .await
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire) != NOT_CANCELLED
    }

    /// Why it was cancelled; [`Cause::Cancelled`] also where it was not.
    pub(crate) fn cause(&self) -> Cause {
        if self.cancelled.load(Ordering::Acquire) == Cause::ParentEnded as u8 {
            Cause::ParentEnded
        } else {
            Cause::Cancelled
        }
    }

    /// The call is polled from now on, with this pulse for a waker.
    pub(crate) fn begin_poll(&self) {
        self.polled.store(POLLED, Ordering::Release);
    }

    /// The call is no longer polled; whether it was woken meanwhile.
    pub(crate) fn end_poll(&self) -> bool {
        self.polled.swap(IDLE, Ordering::AcqRel) == WOKEN
    }

    /// Remembers who is to be woken by [`Pulse::wake`]. From within the call there is nothing to
    /// remember: its waker is this pulse, and who polls it has been remembered before.
    pub(crate) fn watch(&self, waker: &Waker) {
        if self.polled.load(Ordering::Relaxed) != IDLE {
            return;
        }
        let mut slot = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *slot {
            Some(known) if known.will_wake(waker) => {}
            known => *known = Some(waker.clone()),
        }
    }
}

/// As a waker it keeps to itself that the call was woken while it was polled, as it is after each
/// slice of fuel: whoever polls it then does so again at once, without anybody else having a turn.
impl Wake for Pulse {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Also where it is woken already: the next poll has to see what this one did before.
        let is_polled = |polled| (polled != IDLE).then_some(WOKEN);
        let kept = self
            .polled
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, is_polled);
        if kept.is_err() {
            Pulse::wake(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // M6
    #[test]
    fn silence_stands_still_while_the_host_holds_the_guest_up() {
        let pulse = Pulse::new();
        pulse.begin(pulse.now());
        pulse.sign();
        let silent = || pulse.now() - pulse.last_sign();
        pulse.hold();
        assert!(pulse.is_held());
        let held_until = pulse.now() + 2_000_000;
        while pulse.now() < held_until {
            std::hint::spin_loop();
        }
        assert!(silent() >= 2_000_000);
        pulse.release();
        assert!(!pulse.is_held());
        let last_sign = pulse.last_sign();
        assert!(last_sign >= 2_000_000, "{last_sign}");
    }
}
