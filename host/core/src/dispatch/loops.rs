//! A loop: takes a job, goes its course, hands in the end, takes the next.
//!
//! A host has as many as attempts may be live; each begins when it is first needed. One
//! whose attempt waits or stands still holds no slot, and others run meanwhile.

use super::course::{Course, pursue};
use super::hub::{Desk, Hub};
use super::live::LoopId;
use super::nest::Nest;
use super::relay;
use crate::sandbox::{Pulse, Watch};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a loop that always finds work keeps its thread before it lets the
/// producer, the consumer and other loops have it. A yield costs about 1 µs.
pub(super) const TURN: Duration = Duration::from_micros(200);

/// Runs jobs until the host is gone.
pub(super) async fn run_loop(hub: Arc<Hub>, desk: Arc<Desk>, at: LoopId) {
    let mut watch = Watch::with(desk.pulse.clone(), desk.line.clone(), desk.nest.clone());
    let mut next = None;
    loop {
        let mut order = match next.take() {
            Some(order) => order,
            None => match hub.wait_for_job(&desk).await {
                Some(order) => order,
                None => return,
            },
        };
        let course = {
            let course = std::pin::pin!(pursue(&hub, &mut order, at, &desk.nest, &mut watch));
            let hub = &*hub;
            Pausable {
                course,
                hub,
                nest: &desk.nest,
                pulse: &desk.pulse,
                still_since: None,
            }
            .await
        };
        next = match course {
            Course::Over(outcome) => relay::hand_over(|| hub.end(at, order, outcome)),
            Course::Later(pause) => hub.delay(at, order, pause),
            Course::Again => hub.requeue(at, order, false),
            Course::Afterwards(outcome) => {
                order.more().over = Some(outcome);
                hub.requeue(at, order, true)
            }
        };
        if next.is_some() {
            relay::goes_on();
        }
        // Whoever finds no work waits, which is as good.
        if relay::turn_is_over() && (next.is_some() || desk.has_job()) {
            tokio::task::yield_now().await;
        }
    }
}

/// The course of a job, which is not polled while the job is to stand still.
struct Pausable<'a, F> {
    course: Pin<&'a mut F>,
    hub: &'a Hub,
    nest: &'a Nest,
    pulse: &'a Pulse,
    /// Since when it stands still, on the pulse's clock.
    still_since: Option<u64>,
}

impl<F: Future> Future for Pausable<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let (pulse, still_since) = (this.pulse, this.still_since);
        // Before the question, so that no wake-up in between is missed: what is polled below
        // looks for a cancel only.
        pulse.watch(cx.waker());
        if (pulse.is_paused() || still_since.is_some()) && !pulse.is_cancelled() {
            if pulse.is_paused() {
                this.still_since.get_or_insert_with(|| pulse.now());
                // Each time: it may have been let go on and paused anew since the last look.
                this.hub.stands_still(this.nest);
            }
            if pulse.is_paused() && !pulse.is_cancelled() {
                return Poll::Pending;
            }
        }
        if let Some(since) = this.still_since.take() {
            pulse.stood_still(pulse.now() - since);
        }
        this.course.as_mut().poll(cx)
    }
}

impl Nest {
    /// Whether its attempt has no slot.
    pub(super) fn is_lent(&self) -> bool {
        self.is_lent.load(Ordering::Acquire)
    }

    /// The number of the slot that its attempt has, as people see it.
    pub(super) fn slot(&self) -> Option<u32> {
        match self.slot.load(Ordering::Relaxed) {
            0 => None,
            slot => Some(slot),
        }
    }
}
