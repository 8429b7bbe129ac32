//! The clocks and `random` of the contract, and the clocks of WASI. Their steps are those
//! of the standard profile.

use super::{Store, determined, nanos, now, pass, used};
use crate::sandbox::imports::random::checked;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;
use crate::sandbox::virtual_clock::Waiting;
use wasmtime::component::Linker;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;

const MILLISECOND: u64 = 1_000_000;

/// What the monotonic clock shows at first: 0 is what Go's runtime takes for a broken clock.
const BEGIN: u64 = MILLISECOND;

pub(super) fn bind(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut clock = linker.instance("wodehost:plugin/clock@0.1.0")?;
    clock.func_wrap("sleep", |mut store: Store<'_>, (ms,): (u64,)| {
        let left = store.get_fuel().ok();
        let state = store.data_mut();
        state.meter.count(Interface::Clock)?;
        state.tell_use(left);
        pass(&mut store, nanos(ms), Waiting::Asleep)
    })?;
    clock.func_wrap("now-ms", |mut store: Store<'_>, (): ()| {
        store.data_mut().meter.count(Interface::Clock)?;
        Ok((since_1970(&mut store)?,))
    })?;
    let mut random = linker.instance("wodehost:plugin/random@0.1.0")?;
    random.func_wrap("bytes", |mut store: Store<'_>, (n,): (u32,)| {
        let state = store.data_mut();
        state.meter.count(Interface::Random)?;
        let mut bytes = vec![0; checked(n)?];
        determined(state)?.random(&mut bytes);
        Ok((bytes,))
    })?;
    bind_wasi(linker)
}

fn bind_wasi(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut wall = linker.instance("wasi:clocks/wall-clock@0.2.12")?;
    wall.func_wrap("now", |mut store: Store<'_>, (): ()| {
        store.data_mut().meter.count(Interface::Wasi)?;
        let millis = since_1970(&mut store)?;
        Ok((Datetime {
            seconds: millis / 1000,
            nanoseconds: (millis % 1000) as u32 * MILLISECOND as u32,
        },))
    })?;
    let mut monotonic = linker.instance("wasi:clocks/monotonic-clock@0.2.12")?;
    monotonic.func_wrap("now", |mut store: Store<'_>, (): ()| {
        store.data_mut().meter.count(Interface::Wasi)?;
        let now = now(&mut store)?;
        Ok(((now - now % MILLISECOND).saturating_add(BEGIN),))
    })?;
    monotonic.func_wrap(
        "subscribe-instant",
        |mut store: Store<'_>, (when,): (u64,)| {
            store.data_mut().meter.count(Interface::Wasi)?;
            let when = when.saturating_sub(BEGIN);
            Ok((super::poll::timer(store.data_mut(), when)?,))
        },
    )?;
    monotonic.func_wrap(
        "subscribe-duration",
        |mut store: Store<'_>, (nanos,): (u64,)| {
            store.data_mut().meter.count(Interface::Wasi)?;
            let when = now(&mut store)?.saturating_add(nanos);
            Ok((super::poll::timer(store.data_mut(), when)?,))
        },
    )
}

/// Milliseconds since 1970.
fn since_1970(store: &mut Store<'_>) -> wasmtime::Result<u64> {
    let used = used(store)?;
    let nanos = determined(store.data_mut())?.since_1970(used);
    Ok(u64::try_from(nanos / u128::from(MILLISECOND)).unwrap_or(u64::MAX))
}
