//! The contract's imports, served: one file an interface.
//!
//! Every call is counted. What has to reach the store itself (refilling fuel, reading it)
//! is bound by hand in [`task`] and [`clock`], because generated functions see the data only.
//! Deterministic attempts get some of them otherwise, see [`virtual_time`].

mod board;
mod checkpoint;
mod clock;
mod host;
pub(super) mod jobs;
mod log;
pub use log::GUEST_LOG;
mod random;
pub(super) mod task;
mod virtual_time;

pub(super) use virtual_time::Dial;

use super::contract;
use super::profile::Profile;
use super::state::GuestState;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

/// A linker with everything that any plugin may import.
pub(crate) fn linker(engine: &Engine, profile: Profile) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    contract::Imports::add_to_linker::<_, HasSelf<GuestState>>(&mut linker, |state| state)?;
    linker.allow_shadowing(true);
    task::bind_by_hand(&mut linker)?;
    clock::bind_by_hand(&mut linker)?;
    if profile.recorded().is_some() {
        virtual_time::bind(&mut linker)?;
    }
    linker.allow_shadowing(false);
    Ok(linker)
}

/// The generated body of a function that is shadowed; never called.
#[derive(Debug, thiserror::Error)]
#[error("this function is bound by hand")]
struct BoundByHand;

impl contract::types::Host for GuestState {}
