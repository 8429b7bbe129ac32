//! The sandbox: one engine, a fresh store for every attempt, every limit set.
//!
//! It knows nothing of queues, retries or who asked; see [`crate::dispatch`].

#[cfg(feature = "bench")]
mod alone;
mod attempt;
mod checkpoint;
mod chunk;
mod contract;
mod determined;
mod ending;
mod engine;
mod giving_back;
mod giving_way;
mod guard;
mod imports;
mod machine_memory;
mod memory_total;
mod meter;
mod nesting;
mod panics;
mod processors;
mod profile;
mod pulse;
mod receipt;
mod resident;
mod room;
mod runtime;
mod session;
mod stage;
mod state;
mod stdio;
mod ticker;
mod virtual_clock;
mod wasi;

#[cfg(feature = "bench")]
pub use alone::Attempts;
pub(crate) use attempt::{AttemptEnd, AttemptOrder, Watch, run};
pub(crate) use chunk::ChunkSession;
pub(crate) use contract::types::{Dispatch, SubmitError as NestedError};
pub(crate) use ending::{Ending, error_text};
#[cfg(test)]
pub(crate) use engine::without_pools;
pub use engine::{EngineConfig, engine_with_default_pool};
pub(crate) use engine::{FEATURES, engine};
pub use imports::GUEST_LOG;
pub use machine_memory::default_memory_total;
pub(crate) use memory_total::MemoryTotal;
pub use meter::Interface;
pub(crate) use nesting::{Answer, Asked, Emitted, Nested, Nesting, Nobody};
pub use panics::panic_is_caught;
pub(crate) use processors::processors;
pub use profile::Profile;
pub(crate) use pulse::{Cause, Pulse};
pub use receipt::Receipt;
pub(crate) use resident::Resident;
pub(crate) use room::Room;
pub use runtime::{Runtime, RuntimeConfig, RuntimeError};
pub(crate) use stage::{StageOf, StageSession};
pub(crate) use state::{GuestState, is_too_large};
pub(crate) use ticker::Ticks;
