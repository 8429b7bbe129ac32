//! A slot's loop: takes a job, goes its course, hands in the end, takes the next.

use super::course::{Course, pursue};
use super::dispatcher::SlotId;
use super::hub::Hub;
use crate::sandbox::Watch;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a loop that always finds work keeps its thread before it lets the
/// producer, the consumer and other slots have it. A yield costs about 1 µs.
pub(super) const TURN: Duration = Duration::from_micros(200);

/// Runs the jobs of one slot until the host is gone.
pub(crate) async fn run_slot(hub: Arc<Hub>, slot: SlotId) {
    let mut watch = Watch::with(hub.desk(slot).pulse.clone());
    let mut next = None;
    let mut turn = Instant::now();
    loop {
        let mut order = match next.take() {
            Some(order) => order,
            None => match hub.wait_for_job(slot).await {
                Some(order) => order,
                None => return,
            },
        };
        next = match pursue(&hub, &mut order, slot, &mut watch).await {
            Course::Over(outcome) => hub.end(slot, order, outcome),
            Course::Later(pause) => hub.delay(slot, order, pause),
        };
        if turn.elapsed() > TURN {
            tokio::task::yield_now().await;
            turn = Instant::now();
        }
    }
}
