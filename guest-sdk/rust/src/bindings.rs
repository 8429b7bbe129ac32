//! What `build.rs` makes of `wit/`, and nothing else.
//!
//! The imports are generated once, in [`imports`]; each set of exports is a
//! module of its own and shares their types. The description of an export goes
//! into a component only where its `export_…!` macro is expanded, so a worker
//! does not carry the exports of a consumer. Imports that are not called are
//! left out by the linker.
//!
//! `set-up`, `on-emit` and `finish` are worlds of one function each: a plugin
//! then exports what it has, and the host is spared calls into empty defaults.
//!
//! Hidden from the documentation: the macros and the tests of the host need
//! it, plugins do not.

#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "generated; the canonical ABI passes raw pointers"
)]

/// The imports of every world.
pub mod imports {
    include!(concat!(env!("OUT_DIR"), "/imports.rs"));
}

pub use imports::wodehost::plugin as wit;

/// `run`, of world `worker`.
pub mod worker {
    include!(concat!(env!("OUT_DIR"), "/worker.rs"));
}

/// `set-up`, of world `worker-full`.
pub mod set_up {
    include!(concat!(env!("OUT_DIR"), "/set_up.rs"));
}

/// `next`, of world `producer`.
pub mod producer {
    include!(concat!(env!("OUT_DIR"), "/producer.rs"));
}

/// `consume`, of world `consumer`.
pub mod consumer {
    include!(concat!(env!("OUT_DIR"), "/consumer.rs"));
}

/// `admit`, of world `gate`.
pub mod gate {
    include!(concat!(env!("OUT_DIR"), "/gate.rs"));
}

/// `on-emit`, of world `consumer-full`.
pub mod on_emit {
    include!(concat!(env!("OUT_DIR"), "/on_emit.rs"));
}

/// `finish`, of world `consumer-full`.
pub mod finish {
    include!(concat!(env!("OUT_DIR"), "/finish.rs"));
}
