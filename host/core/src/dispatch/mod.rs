//! From a submitted job to a delivered outcome: slots, queue, producer, consumer.

mod admission;
#[cfg_attr(not(test), expect(dead_code, reason = "the hub borrows no slots yet"))]
mod borrowing;
mod course;
mod delivery;
mod dispatcher;
mod expressions;
mod gathering;
mod hub;
mod jq;
mod lanes;
mod order;
mod place;
mod pump;
mod singleton;
mod slot;
mod sorting;
mod stages;
mod tally;

pub(crate) use admission::Submission;
pub(crate) use delivery::{Delivered, Taker, deliver};
pub use delivery::{OnOutcome, Undelivered};
pub use dispatcher::HighWater;
pub(crate) use dispatcher::{SlotId, Stopping};
pub(crate) use expressions::check_expressions;
pub use hub::Observer;
pub(crate) use hub::{Hub, HubParts, Worker, Workers};
pub(crate) use jq::Jq;
pub(crate) use order::Sink;
pub use pump::ProducerError;
pub(crate) use pump::Pump;
pub(crate) use slot::run_slot;
pub use tally::Tally;
