//! From a submitted job to a delivered outcome: slots, queue, producer, consumer.

mod delivery;
mod dispatcher;
mod hub;
mod order;
mod pump;
mod slot;
mod tally;

pub(crate) use delivery::{Delivered, Taker, deliver};
pub use delivery::{OnOutcome, Undelivered};
pub use dispatcher::HighWater;
pub(crate) use dispatcher::{SlotId, Stopping};
pub(crate) use hub::Hub;
pub use hub::Observer;
pub(crate) use order::{Order, Sink, never_started};
pub use pump::ProducerError;
pub(crate) use pump::{Pump, value_reason};
pub(crate) use slot::run_slot;
pub use tally::Tally;
