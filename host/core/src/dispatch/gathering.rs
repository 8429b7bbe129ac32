//! A parallel job: it has no slot and no attempt of its own, and is over when all its
//! items are.

use super::order::Order;
use crate::task::{
    Outcome, Reason, Status, parallel_data, parallel_message, parallel_reason, parallel_status,
};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// See the module.
pub(crate) struct Gathering {
    /// The numbers of the job itself and of its items.
    pub(crate) numbers: Range<u64>,
    /// Somebody stopped it as a whole.
    is_cancelled: AtomicBool,
    gathered: Mutex<Gathered>,
}

struct Gathered {
    /// The job itself, until its items are over.
    order: Option<Order>,
    items: Vec<Option<Outcome>>,
    left: usize,
}

impl Gathering {
    /// A parallel job of so many items, at least one.
    pub(crate) fn new(order: Order, items: usize) -> Gathering {
        let first = order.id.number;
        Gathering {
            numbers: first..first + 1 + items as u64,
            is_cancelled: AtomicBool::new(false),
            gathered: Mutex::new(Gathered {
                order: Some(order),
                items: vec![None; items],
                left: items,
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

    /// Whether it belongs to a group.
    pub(crate) fn is_of(&self, group: &str) -> bool {
        let gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        let order = gathered.order.as_ref();
        order.is_some_and(|order| order.options.group.as_deref() == Some(group))
    }

    /// Takes the outcome of an item; the last one gives the job and its outcome.
    /// `is_stopping`: the host is, so that cancelled items cancel the whole.
    pub(crate) fn take(
        &self,
        index: usize,
        outcome: Outcome,
        is_stopping: bool,
    ) -> Option<(Order, Outcome)> {
        let (order, items) = {
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            gathered.items[index] = Some(outcome);
            gathered.left -= 1;
            if gathered.left > 0 {
                return None;
            }
            (gathered.order.take()?, std::mem::take(&mut gathered.items))
        };
        let items: Vec<Outcome> = items.into_iter().flatten().collect();
        let is_cancelled =
            self.is_cancelled() || (is_stopping && items.iter().any(Outcome::is_cancelled));
        let outcome = gathered_outcome(&order, items, is_cancelled);
        Some((order, outcome))
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
