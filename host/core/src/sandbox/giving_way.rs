//! How a guest gives way while it is in the middle of a call.
//!
//! With fuel, the engine leaves the guest after each slice of fuel, and whenever it is left,
//! for that or for a function of the host, a hook looks whether the clock has ticked
//! meanwhile: if so, others have their turn. Without fuel, epochs do that. Checking both fuel and
//! epochs in each loop would cost a guest that computes another third of its speed (see docs/performance.md).

use super::state::GuestState;
use super::ticker::Ticks;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasmtime::{CallHook, CallHookHandler, Result, Store, StoreContextMut, UpdateDeadline};

/// So much fuel is used before the engine leaves the guest; some 25 µs where it only computes,
/// and milliseconds where each instruction waits for memory. To come back takes 0.1 µs.
const SLICE: u64 = 50_000;

/// Has the guests of a store give way; `fuel` = it has fuel.
pub(super) fn set_up(store: &mut Store<GuestState>, fuel: bool) -> Result<()> {
    if fuel {
        store.fuel_async_yield_interval(Some(SLICE))?;
        store.call_hook_async(Hook);
        return Ok(());
    }
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        let state = store.data();
        state.meter.check_host_calls()?;
        state.gives_way(None);
        let give_way = Box::pin(tokio::task::yield_now());
        Ok(UpdateDeadline::YieldCustom(1, give_way))
    });
    Ok(())
}

/// The ticks that a store has seen.
#[derive(Debug)]
pub(super) struct Seen(u64);

impl Seen {
    pub(super) fn until_now(ticks: &Ticks) -> Seen {
        Seen(ticks.count())
    }

    /// Whether there was one since the last time.
    fn is_behind(&mut self, ticks: &Ticks) -> bool {
        let count = ticks.count();
        std::mem::replace(&mut self.0, count) != count
    }
}

/// Looks whenever the engine goes from a guest to the host, be it for a call or for the end of a
/// slice, and back.
struct Hook;

/// What a look at a call comes to. Nearly always it is nothing, which takes no allocation.
type Look<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

impl CallHookHandler<GuestState> for Hook {
    // Written out: an async function would allocate its future each time.
    fn handle_call_event<'a, 'b, 'c>(
        &'a self,
        mut store: StoreContextMut<'b, GuestState>,
        event: CallHook,
    ) -> Look<'c>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        match event {
            CallHook::CallingHost => {
                let state = store.data_mut();
                if !state.seen.is_behind(state.plugin.ticks()) {
                    return Box::pin(Nothing);
                }
                let left = store.get_fuel().ok();
                store.data().gives_way(left);
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    Ok(())
                })
            }
            CallHook::ReturningFromHost => {
                let state = store.data_mut();
                if state.pulse.take_had_turns() {
                    // It waited or gave way: others had their turn, and its own begins now.
                    state.seen = Seen::until_now(state.plugin.ticks());
                }
                // WASI's functions cannot give back an error of ours.
                match state.meter.check_host_calls() {
                    Ok(()) => Box::pin(Nothing),
                    Err(error) => Box::pin(std::future::ready(Err(error.into()))),
                }
            }
            CallHook::CallingWasm | CallHook::ReturningFromWasm => Box::pin(Nothing),
        }
    }
}

/// A future without a size, so that a box of it allocates nothing.
struct Nothing;

impl Future for Nothing {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}
