//! A slot's loop: takes a job, runs its attempt, hands in the end, takes the next.

use super::dispatcher::SlotId;
use super::hub::Hub;
use super::order::Order;
use crate::sandbox::{AttemptEnd, AttemptOrder, Receipt, Watch, run};
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
        let order = match next.take() {
            Some(order) => order,
            None => match hub.wait_for_job(slot).await {
                Some(order) => order,
                None => return,
            },
        };
        let end = attempt(&hub, &order, &mut watch).await;
        let outcome = order.outcome(end);
        next = hub.end(slot, order, outcome);
        if turn.elapsed() > TURN {
            tokio::task::yield_now().await;
            turn = Instant::now();
        }
    }
}

async fn attempt(hub: &Hub, order: &Order, watch: &mut Watch) -> AttemptEnd {
    let worker = match order.plugin.worker() {
        Ok(worker) => worker,
        // Workers are checked when the host is built.
        Err(error) => return AttemptEnd::internal(&error, Receipt::default()),
    };
    let attempt = AttemptOrder {
        plugin: &order.plugin,
        worker,
        limits: order.limits.clone(),
        job: order.id,
        attempt: 1,
        value: &order.value,
        stopping: hub.stopping.clone(),
    };
    run(attempt, watch).await
}
