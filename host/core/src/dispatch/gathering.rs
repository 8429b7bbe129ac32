//! A parallel job: it has no slot and no attempt of its own, and is over when all its
//! items are.

use super::admission::Refusal;
use super::order::Order;
use crate::limits::Limit;
use crate::task::{
    Outcome, Reason, Status, parallel_data, parallel_message, parallel_reason, parallel_status,
};
use crate::value::Value;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// See the module.
pub(crate) struct Gathering {
    /// The numbers of the job itself and of its items.
    pub(crate) numbers: Range<u64>,
    group: Option<Arc<str>>,
    /// Whether what its items emit is for the consumer of a run.
    pub(super) is_for_consumer: bool,
    /// Somebody stopped it as a whole.
    is_cancelled: AtomicBool,
    /// Set while the first item to start is live.
    has_started: AtomicBool,
    gathered: Mutex<Gathered>,
}

struct Gathered {
    /// The job itself, until its items are over.
    order: Option<Order>,
    items: Vec<Option<Outcome>>,
    left: usize,
    /// Of the items' data together.
    bytes: usize,
    /// The most that they may be; what comes later is not kept.
    bytes_max: usize,
}

impl Gathering {
    /// A parallel job of so many items, at least one.
    pub(crate) fn new(order: Order, items: usize) -> Gathering {
        let first = order.id.number;
        Gathering {
            numbers: first..first + 1 + items as u64,
            group: order.options.group.clone(),
            is_for_consumer: order.is_for_consumer(),
            is_cancelled: AtomicBool::new(false),
            has_started: AtomicBool::new(false),
            gathered: Mutex::new(Gathered {
                bytes_max: order.options.limits.size(Limit::Value),
                order: Some(order),
                items: vec![None; items],
                left: items,
                bytes: 0,
            }),
        }
    }

    /// The items that are still to end will be cancelled.
    pub(crate) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    /// One of its items has started.
    pub(crate) fn started(&self) {
        self.has_started.store(true, Ordering::Release);
    }

    pub(crate) fn has_started(&self) -> bool {
        self.has_started.load(Ordering::Acquire)
    }

    /// Whether it belongs to a group.
    pub(crate) fn is_of(&self, group: &str) -> bool {
        self.group.as_deref() == Some(group)
    }

    /// Takes the outcome of an item; the last one gives the job and its outcome.
    /// `is_stopping`: the host is, so that cancelled items cancel the whole.
    pub(crate) fn take(
        &self,
        index: usize,
        mut outcome: Outcome,
        is_stopping: bool,
    ) -> Option<(Order, Outcome)> {
        let (order, items, bytes) = {
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            gathered.bytes = gathered.bytes.saturating_add(outcome.data.len());
            if gathered.bytes > gathered.bytes_max {
                outcome.data = Value::nil();
            }
            gathered.items[index] = Some(outcome);
            gathered.left -= 1;
            if gathered.left > 0 {
                return None;
            }
            let items = std::mem::take(&mut gathered.items);
            (gathered.order.take()?, items, gathered.bytes)
        };
        let items: Vec<Outcome> = items.into_iter().flatten().collect();
        let is_cancelled =
            self.is_cancelled() || (is_stopping && items.iter().any(Outcome::is_cancelled));
        let mut outcome = gathered_outcome(&order, items, is_cancelled);
        check_data(&order, &mut outcome, bytes);
        Some((order, outcome))
    }
}

/// What the items left together is a value like any other: of no more bytes and no
/// deeper.
fn check_data(order: &Order, outcome: &mut Outcome, bytes: usize) {
    let limits = order.options.limits.scan(Limit::Value);
    let refusal = if bytes > limits.bytes_max {
        let unit = Limit::Value.info().unit;
        let message = format!(
            "the data of the items have {} together; limit {}",
            unit.about(bytes as u64),
            unit.about(limits.bytes_max as u64)
        );
        Refusal::new(Reason::ValueTooLarge, message)
    } else if let Err(error) = outcome.data.within(&limits) {
        Refusal::of_value(&error, "what the items left together")
    } else {
        return;
    };
    outcome.data = Value::nil();
    if matches!(outcome.status, Status::Success | Status::Mixed) {
        outcome.status = Status::Failure;
        outcome.reason = refusal.reason;
        outcome.message = Some(refusal.message);
    }
}

/// The outcome of a parallel job whose items are over.
pub(crate) fn gathered_outcome(order: &Order, items: Vec<Outcome>, is_cancelled: bool) -> Outcome {
    let statuses = items.iter().map(|item| item.status);
    let (status, reason) = if is_cancelled {
        (Status::Cancelled, Reason::Cancelled)
    } else {
        let status = parallel_status(statuses);
        (status, parallel_reason(status))
    };
    let worker = order.plugin.shared_name().clone();
    Outcome {
        status,
        data: parallel_data(&items, order.options.spread.items),
        attempts: items.iter().map(|item| item.attempts).sum(),
        message: parallel_message(&items),
        items,
        ..Outcome::without_attempt(order.id, worker, reason, None)
    }
}
