//! Watches over one guest call: silence, total time, cancellation.
//!
//! The guard polls the call and looks at the clock whenever the call gives way:
//! at every tick while the guest computes, and by a timer while it sits in
//! a host call. Dropping the call's future is what ends it. Fuel is not the
//! guard's business; the engine traps by itself.

use super::panics::caught;
use super::pulse::Pulse;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::time::{Instant, Sleep};

/// Slices of fuel that a guest uses up before others have a turn though the clock has not
/// ticked: more than there are in a tick. What else wakes itself while it is polled may need that turn.
const SLICES_AT_ONCE: u32 = 4096;

/// Which time counts as silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// All of it: a worker must not sleep past its keepalive either.
    Always,
    /// Only time spent computing: a producer may wait as long as it likes.
    Computing,
}

/// When a call is ended; nanoseconds, `None` = never.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) silence: Silence,
    pub(crate) keepalive: Option<u64>,
    pub(crate) deadline: Option<u64>,
    /// When the deadline began to run, on the pulse's clock; `None` = with the call.
    pub(crate) since: Option<u64>,
}

/// How a guarded call ended.
#[derive(Debug)]
pub(crate) enum Verdict<T> {
    /// The call came back by itself.
    Done(T),
    /// No sign of life within the keepalive.
    Silent,
    /// It took longer than an attempt may.
    Deadline,
    /// Someone cancelled it.
    Cancelled,
    /// A fault of ours: something in a host call panicked, and said this.
    Panicked(String),
}

/// See the module.
pub(crate) struct Guard<'a, F> {
    pub(crate) call: Pin<&'a mut F>,
    pub(crate) pulse: &'a Arc<Pulse>,
    /// A timer that its owner uses again for the next call.
    pub(crate) sleep: Pin<&'a mut Sleep>,
    pub(crate) bounds: Bounds,
    /// When the deadline began to run, on the pulse's clock.
    pub(crate) began: u64,
    /// How long attempts had stood still by then.
    pub(crate) stood_still: u64,
    /// When the call began, until it is polled for the first time: a look at the clock
    /// costs as much as a small part of a small call.
    pub(crate) entered: Option<u64>,
    /// Time spent inside the guest or its host calls, not waiting.
    pub(crate) guest_nanos: &'a mut u64,
    /// The latest sign of life, and `guest_nanos` then, for [`Silence::Computing`].
    pub(crate) computed_at_sign: (u64, u64),
}

impl<'a, F> Guard<'a, F> {
    pub(crate) fn new(
        call: Pin<&'a mut F>,
        pulse: &'a Arc<Pulse>,
        sleep: Pin<&'a mut Sleep>,
        bounds: Bounds,
        guest_nanos: &'a mut u64,
    ) -> Self {
        let began = pulse.now();
        pulse.begin(began);
        // A store that lives long brings along what its earlier calls computed.
        let computed_at_sign = (began, *guest_nanos);
        Guard {
            call,
            pulse,
            sleep,
            bounds,
            began: bounds.since.unwrap_or(began),
            stood_still: pulse.stood_still_nanos(),
            entered: Some(began),
            guest_nanos,
            computed_at_sign,
        }
    }

    /// How long the silence is, and when it will be too long, on the pulse's clock.
    fn silence(&mut self, now: u64) -> (u64, Option<u64>) {
        if self.pulse.is_held() {
            return (0, None);
        }
        let sign = self.pulse.last_sign();
        match self.bounds.silence {
            Silence::Always => (
                now.saturating_sub(sign),
                self.bounds.keepalive.map(|k| sign.saturating_add(k)),
            ),
            Silence::Computing => {
                if self.computed_at_sign.0 != sign {
                    self.computed_at_sign = (sign, *self.guest_nanos);
                }
                (*self.guest_nanos - self.computed_at_sign.1, None)
            }
        }
    }

    /// When it will have taken too long, on the pulse's clock.
    fn end(&self) -> Option<u64> {
        let stood_still = self.pulse.stood_still_nanos() - self.stood_still;
        let began = self.began + stood_still;
        self.bounds.deadline.map(|d| began.saturating_add(d))
    }

    /// What the clock says about a call that gave way.
    fn judge<T>(&mut self, now: u64) -> Result<Option<u64>, Verdict<T>> {
        if self.pulse.is_cancelled() {
            return Err(Verdict::Cancelled);
        }
        let end = self.end();
        if end.is_some_and(|end| now >= end) {
            return Err(Verdict::Deadline);
        }
        let (silent_for, silent_at) = self.silence(now);
        let is_silent = self.bounds.keepalive.is_some_and(|k| silent_for >= k);
        if is_silent && !self.pulse.is_held() {
            return Err(Verdict::Silent);
        }
        Ok(match (end, silent_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        })
    }
}

impl<F: Future> Guard<'_, F> {
    /// Polls the call, and again after each slice of fuel that is over before the clock ticks.
    fn poll_slices(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(self.pulse));
        let mut of_pulse = Context::from_waker(&waker);
        for _ in 0..SLICES_AT_ONCE {
            self.pulse.watch(cx.waker());
            self.pulse.begin_poll();
            let polled = self.call.as_mut().poll(&mut of_pulse);
            let is_woken = self.pulse.end_poll();
            if polled.is_ready() || !is_woken {
                return polled;
            }
            if self.pulse.is_computing() || self.pulse.is_cancelled() {
                break;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<F: Future> Future for Guard<'_, F> {
    type Output = Verdict<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.pulse.others_had_turns();
        loop {
            if this.pulse.is_cancelled() {
                // It may have stood still, and has no slot: its guest is not entered.
                return Poll::Ready(Verdict::Cancelled);
            }
            let began = this.entered.take();
            let entered = began.unwrap_or_else(|| this.pulse.now());
            // Whoever waited for a job with the same deadline would go on with its end.
            if began.is_none() && this.end().is_some_and(|end| entered >= end) {
                return Poll::Ready(Verdict::Deadline);
            }
            let polled = caught(|| this.poll_slices(cx));
            let now = this.pulse.now();
            *this.guest_nanos += now - entered;
            match polled {
                Ok(Poll::Pending) => {}
                Ok(Poll::Ready(output)) => return Poll::Ready(Verdict::Done(output)),
                // What panicked is not polled again.
                Err(said) => {
                    this.pulse.end_poll();
                    return Poll::Ready(Verdict::Panicked(said));
                }
            }
            let next = match this.judge(now) {
                Ok(next) => next,
                Err(verdict) => return Poll::Ready(verdict),
            };
            // A computing guest asks to be polled again by itself.
            if this.pulse.take_computing() {
                return Poll::Pending;
            }
            let Some(next) = next else {
                return Poll::Pending;
            };
            let next = Instant::from_std(this.pulse.instant(next));
            if this.sleep.deadline() != next {
                this.sleep.as_mut().reset(next);
            }
            if this.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(future)
    }

    /// Has a call guarded, by a timer and with a time of the guest of its own.
    fn watched<F: Future, T>(
        pulse: &Arc<Pulse>,
        bounds: Bounds,
        call: F,
        with: impl AsyncFnOnce(&mut Guard<'_, F>) -> T,
    ) -> T {
        block_on(async {
            let sleep = std::pin::pin!(tokio::time::sleep_until(Instant::now()));
            let (call, mut guest_nanos) = (std::pin::pin!(call), 0);
            with(&mut Guard::new(
                call,
                pulse,
                sleep,
                bounds,
                &mut guest_nanos,
            ))
            .await
        })
    }

    /// Guards a call that gives way `times` times while it computes.
    fn guarded(bounds: Bounds, computed_before: u64, times: u32) -> Verdict<()> {
        block_on(async {
            let pulse = Arc::new(Pulse::new());
            let sleep = std::pin::pin!(tokio::time::sleep_until(Instant::now()));
            let mut guest_nanos = computed_before;
            let call = std::pin::pin!(async {
                for _ in 0..times {
                    pulse.gives_way();
                    tokio::task::yield_now().await;
                }
            });
            Guard::new(call, &pulse, sleep, bounds, &mut guest_nanos).await
        })
    }

    fn bounds(silence: Silence, keepalive: u64, deadline: Option<u64>) -> Bounds {
        Bounds {
            silence,
            keepalive: Some(keepalive),
            deadline,
            since: None,
        }
    }

    // W11
    #[test]
    fn what_earlier_calls_computed_is_no_silence_of_this_one() {
        let bounds = bounds(Silence::Computing, SECOND, None);
        assert!(matches!(
            guarded(bounds, 100 * SECOND, 3),
            Verdict::Done(())
        ));
    }

    #[test]
    fn nothing_is_silence_enough_for_no_keepalive() {
        for silence in [Silence::Always, Silence::Computing] {
            let bounds = bounds(silence, 0, None);
            assert!(matches!(guarded(bounds, 0, 3), Verdict::Silent));
        }
        // A call that never gives way is done before anybody looks at the clock.
        let bounds = bounds(Silence::Always, 0, None);
        assert!(matches!(guarded(bounds, 0, 0), Verdict::Done(())));
    }

    /// Polls a guard once.
    async fn once<F: Future>(guard: &mut Guard<'_, F>) -> Poll<Verdict<F::Output>> {
        std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *guard).poll(cx))).await
    }

    /// Polls once a call that wakes itself so many times while it is polled, and then waits; how
    /// often it was polled.
    fn polled_once(wakes: u32, cancelled: bool) -> u32 {
        let pulse = Arc::new(Pulse::new());
        if cancelled {
            pulse.cancel(super::super::pulse::Cause::Cancelled);
        }
        let mut polls = 0;
        let call = std::future::poll_fn(|cx| {
            polls += 1;
            if polls <= wakes {
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        });
        let bounds = bounds(Silence::Always, SECOND, None);
        watched(&pulse, bounds, call, async |guard| {
            assert_eq!(once(guard).await.is_ready(), cancelled);
        });
        polls
    }

    #[test]
    fn who_wakes_itself_is_polled_at_once_but_not_for_ever() {
        assert_eq!(polled_once(0, false), 1);
        assert_eq!(polled_once(3, false), 4);
        assert_eq!(polled_once(u32::MAX, false), SLICES_AT_ONCE);
        assert_eq!(polled_once(3, true), 0);
    }

    #[test]
    fn others_have_had_their_turn_once_the_guard_is_polled_again() {
        let pulse = Arc::new(Pulse::new());
        let mut had_turns = Vec::new();
        let call = std::future::poll_fn(|cx| {
            had_turns.push(pulse.take_had_turns());
            // Each second poll is one in place.
            if had_turns.len() % 2 == 1 {
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        });
        let bounds = bounds(Silence::Always, SECOND * 1000, None);
        watched(&pulse, bounds, call, async |guard| {
            for _ in 0..2 {
                assert!(once(guard).await.is_pending());
            }
        });
        assert_eq!(had_turns, [true, false, true, false]);
    }

    #[test]
    fn after_the_deadline_nothing_goes_on() {
        let pulse = Arc::new(Pulse::new());
        let mut polls = 0;
        let call = std::future::poll_fn(|_| {
            polls += 1;
            if polls == 1 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let bounds = bounds(Silence::Always, SECOND * 1000, Some(1_000_000));
        watched(&pulse, bounds, call, async |guard| {
            if once(guard).await.is_pending() {
                let end = guard.end().unwrap();
                while pulse.now() < end {
                    std::hint::spin_loop();
                }
                assert!(matches!(guard.await, Verdict::Deadline));
            }
        });
        assert_eq!(polls, 1);
    }

    #[test]
    fn who_is_woken_while_nobody_polls_is_polled_again() {
        let mut polls = 0;
        let call = std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 3 {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            std::thread::spawn(move || waker.wake());
            Poll::Pending
        });
        let bounds = bounds(Silence::Always, SECOND * 1000, None);
        let verdict = watched(&Arc::new(Pulse::new()), bounds, call, async |guard| {
            guard.await
        });
        assert!(matches!(verdict, Verdict::Done(())));
    }

    #[test]
    fn who_waits_within_the_call_for_a_cancel_is_woken_by_others_too() {
        waits_within_the_call(&Arc::new(Pulse::new()));
    }

    #[test]
    fn after_a_panic_the_next_call_is_woken() {
        let pulse = Arc::new(Pulse::new());
        let call = std::future::poll_fn(|_| -> Poll<()> {
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        let bounds = bounds(Silence::Always, SECOND, None);
        let verdict = watched(&pulse, bounds, call, async |guard| guard.await);
        assert!(matches!(verdict, Verdict::Panicked(_)), "{verdict:?}");
        waits_within_the_call(&pulse);
    }

    fn waits_within_the_call(pulse: &Arc<Pulse>) {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let bounds = bounds(Silence::Always, SECOND * 1000, None);
        watched(pulse, bounds, pulse.or_cancelled(receiver), async |guard| {
            assert!(once(guard).await.is_pending());
            std::thread::spawn(move || sender.send(()));
            assert!(matches!(guard.await, Verdict::Done(Some(Ok(())))));
        });
    }

    // M6
    #[test]
    fn who_is_held_up_is_not_silent_but_the_deadline_goes_on() {
        for (deadline, ended) in [(None, "Done(())"), (Some(0), "Deadline")] {
            let pulse = Arc::new(Pulse::new());
            let call = async {
                pulse.hold();
                tokio::task::yield_now().await;
                pulse.release();
            };
            let bounds = bounds(Silence::Always, 0, deadline);
            let verdict = watched(&pulse, bounds, call, async |guard| guard.await);
            assert_eq!(format!("{verdict:?}"), ended);
        }
    }

    #[test]
    fn a_deadline_holds_whatever_the_keepalive() {
        let bounds = bounds(Silence::Always, SECOND, Some(0));
        assert!(matches!(guarded(bounds, 0, 3), Verdict::Deadline));
    }
}
