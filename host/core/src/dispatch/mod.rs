//! From a submitted job to a delivered outcome: slots, queue, producer, consumer.

mod admission;
mod borrowing;
mod callbacks;
mod chunk;
mod completion;
mod conditions;
mod course;
mod delivery;
mod dispatcher;
mod emits;
mod events;
mod expressions;
mod family;
mod gatekeeper;
mod gathering;
mod gating;
mod hub;
mod jq;
mod keyed;
mod kin;
mod lanes;
mod lending;
mod live;
mod look;
mod loops;
mod nest;
mod order;
mod place;
mod pump;
mod recorder;
mod recovery;
mod relay;
mod seat;
mod singleton;
mod slots;
mod sorting;
mod stages;
mod tally;
#[cfg(test)]
mod tree_tests;
#[cfg(feature = "bench")]
mod turns;

pub(crate) use admission::{ChunkSubmission, Submission};
pub(crate) use callbacks::Callback;
pub use callbacks::CallbackRaised;
pub(crate) use chunk::check_chunk;
pub(crate) use completion::{Awaited, Completion, Promise};
pub(crate) use delivery::{Delivered, Taker, deliver};
pub use delivery::{OnOutcome, Undelivered};
pub use events::HighWater;
pub(crate) use events::Stopping;
pub(crate) use expressions::check_expressions;
pub(crate) use gatekeeper::Gatekeeper;
pub use hub::Observer;
pub(crate) use hub::{Hub, HubParts, Worker, Workers};
pub(crate) use jq::Jq;
pub(crate) use order::Sink;
pub use pump::ProducerError;
pub(crate) use pump::Pump;
pub(crate) use recorder::{Draft, Recorder};
pub(crate) use recovery::outcome_of;
pub use recovery::{Recording, Recovered};
pub(crate) use seat::{Seat, Seats};
#[cfg(feature = "bench")]
pub use turns::Turns;
