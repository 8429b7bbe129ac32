//! What deterministic attempts are given instead: time that passes with fuel and waiting,
//! random numbers from a seed, nested jobs that end when their own clocks say.
//!
//! All of it needs the store, because the clock reads the fuel; so it is bound by hand, over
//! what is bound for everybody. The other profiles have none of it in their linkers.
//!
//! WASI's interfaces are named with the version that `wasmtime-wasi` binds: another one would
//! stand beside it, and the machine's clock would be seen. A test looks.

mod clocks;
mod jobs;
mod poll;

use crate::sandbox::determined::Determined;
use crate::sandbox::state::GuestState;
use crate::sandbox::virtual_clock::Waiting;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

pub(crate) use poll::Dial;

/// The store of a deterministic attempt.
type Store<'a> = StoreContextMut<'a, GuestState>;

/// A store of this linker that is none of such an attempt.
#[derive(Debug, thiserror::Error)]
#[error("this store has no virtual clock")]
struct NoClock;

/// Binds all of it; shadowing must be allowed.
pub(super) fn bind(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    clocks::bind(linker)?;
    jobs::bind(linker)?;
    poll::bind(linker)
}

fn determined(state: &mut GuestState) -> Result<&mut Determined, NoClock> {
    state.determined.as_deref_mut().ok_or(NoClock)
}

/// The fuel that was used of this window.
fn used(store: &mut Store<'_>) -> wasmtime::Result<u64> {
    let left = store.get_fuel()?;
    Ok(store.data().meter.window(left))
}

/// Nanoseconds since the attempt began.
fn now(store: &mut Store<'_>) -> wasmtime::Result<u64> {
    let used = used(store)?;
    Ok(determined(store.data_mut())?.clock.now(used))
}

/// Lets time pass. The error is the end of the attempt: its time was up before.
fn pass(store: &mut Store<'_>, nanos: u64, waiting: Waiting) -> wasmtime::Result<()> {
    let used = used(store)?;
    let clock = &mut determined(store.data_mut())?.clock;
    clock.pass(nanos, used, waiting)?;
    let room = clock.room(used);
    store.data_mut().meter.filled = used.saturating_add(room);
    store.set_fuel(room)
}

fn nanos(millis: u64) -> u64 {
    millis.saturating_mul(1_000_000)
}
