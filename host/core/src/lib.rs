//! A host that runs untrusted jobs as WebAssembly components.

pub mod job;
pub mod limits;
pub mod plugin;
pub mod sandbox;
pub mod task;
pub mod units;
pub mod value;
