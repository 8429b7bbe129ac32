//! A host that runs untrusted jobs as WebAssembly components.

mod dispatch;
mod host;
mod job;
pub mod limits;
pub mod plugin;
pub mod sandbox;
pub mod task;
pub mod units;
pub mod value;

pub use dispatch::{HighWater, ProducerError, Tally, Undelivered};
pub use host::{
    Deliver, Host, HostBuilder, JobHandle, Serve, ServeReport, Stop, SubmitError, default_slots,
};
pub use job::{HostId, JobId};
pub use limits::{Limit, Limits};
pub use plugin::{Grants, Plugin, PluginError, PluginSource};
pub use sandbox::{EngineConfig, Receipt, Runtime, RuntimeConfig, RuntimeError};
pub use task::{Outcome, Reason, Status};
pub use value::Value;
