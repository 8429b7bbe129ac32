//! From a submitted job to a delivered outcome: slots, queue, producer, consumer.

mod admission;
mod course;
mod delivery;
mod dispatcher;
mod events;
mod expressions;
mod family;
mod gathering;
mod hub;
mod jq;
mod kin;
mod lanes;
mod lending;
mod live;
mod loops;
mod nest;
mod order;
mod place;
mod pump;
mod singleton;
mod slots;
mod sorting;
mod stages;
mod tally;
#[cfg(test)]
mod tree_tests;

pub(crate) use admission::Submission;
pub(crate) use delivery::{Delivered, Taker, deliver};
pub use delivery::{OnOutcome, Undelivered};
pub use events::HighWater;
pub(crate) use events::{Stopping, Why};
pub(crate) use expressions::check_expressions;
pub use hub::Observer;
pub(crate) use hub::{Hub, HubParts, Worker, Workers};
pub(crate) use jq::Jq;
pub(crate) use order::Sink;
pub use pump::ProducerError;
pub(crate) use pump::Pump;
pub use tally::Tally;
