//! A host that runs untrusted jobs as WebAssembly components.
//!
//! A *plugin* is a component that exports `run` (a worker), `next` (a producer),
//! `consume` (a consumer) or `admit` (a gate). A *job* is one [`Value`] for one worker; each attempt at
//! it runs in a fresh sandbox under [`Limits`] that are all on by default, and
//! leaves an [`Outcome`] that says how it ended and what it used.
//!
//! ```
//! use wodehost::{Host, PluginSource, Runtime, RuntimeConfig, Value};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let guests = std::env::var("WODEHOST_GUESTS")
//! #     .unwrap_or("../../target/wasm32-wasip2/guest".into());
//! # let path = format!("{guests}/double.wasm");
//! // Engine, threads, ticker: made once, shared by all hosts.
//! let runtime = Runtime::new(RuntimeConfig::default())?;
//! // Nothing is granted: no files, no network, no environment.
//! let double = runtime.load(PluginSource::file(path))?;
//! let host = Host::builder(&runtime).worker(double).build()?;
//!
//! let outcome = host.submit("double", [Value::of(&21)?])?.await;
//! assert!(outcome.is_success());
//! assert_eq!(outcome.data.to::<i64>()?, 42);
//!
//! let outcome = host.submit("double", [Value::of("a text")?])?.await;
//! assert_eq!(outcome.reason.to_string(), "error");
//! # Ok(()) })
//! # }
//! ```
//!
//! [`Host::serve`] runs a producer's jobs and hands their outcomes to a consumer.
//!
//! The library prints nothing, reads no environment and knows no home directory;
//! what it has to tell goes through `tracing`. It runs on Linux; x86-64 is what the
//! engine's makers fuzz and fix first.

#[cfg(feature = "bench")]
pub mod bench;
pub mod board;
mod dispatch;
mod executor;
mod gate;
mod handle;
mod host;
mod job;
pub mod limits;
mod map;
pub mod plugin;
mod replay;
mod roster;
pub mod sandbox;
mod slot_pool;
pub mod store;
mod submit;
pub mod task;
pub mod units;
pub mod value;

pub use dispatch::{
    CallbackRaised, HighWater, Observer, OnOutcome, ProducerError, Recording, Recovered,
    Undelivered,
};
pub use executor::{Executor, Shutdown};
pub use gate::{BUILT_IN_GATES, Gate, GateError};
pub use handle::{JobHandle, ResultError, task_return_value};
pub use host::{
    Deliver, Host, HostBuilder, HostError, HostWorker, Serve, ServeError, ServeReport, Stop,
    default_slots,
};
pub use job::{HostId, JobId, NoJobId};
pub use limits::{Limit, Limits};
pub use map::{Map, MapError, default_buffer};
pub use plugin::{Grants, Plugin, PluginError, PluginSource};
pub use replay::{Replay, ReplayError, Replayed, Variables, Was};
pub use sandbox::{
    EngineConfig, Profile, Receipt, Runtime, RuntimeConfig, RuntimeError, default_memory_total,
};
pub use slot_pool::{SlotPool, SlotPoolError, SlotToken};
pub use submit::{Blocked, Job, SubmitError};
pub use task::{JobEvent, JobEvents, JobOptions, Outcome, Reason, Status, Tally};
pub use value::Value;

/// The page's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/tasks.md")]
struct TasksPage;

/// The page's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/nested.md")]
struct NestedPage;

/// The page's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/watching.md")]
struct WatchingPage;
