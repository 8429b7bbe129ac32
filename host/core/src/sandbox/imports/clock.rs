//! `clock`: time without WASI. `sleep` is bound by hand: it tells how much fuel was used
//! so far, which needs the store.

use super::BoundByHand;
use crate::sandbox::contract;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;
use crate::sandbox::wasi::now_ms;
use std::time::Duration;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

/// Binds `sleep`; shadowing must be allowed.
pub(crate) fn bind_by_hand(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut clock = linker.instance("wodehost:plugin/clock@0.1.0")?;
    clock.func_wrap_async(
        "sleep",
        |mut store: StoreContextMut<'_, GuestState>, (ms,): (u64,)| {
            Box::new(async move {
                let left = store.get_fuel().ok();
                let state = store.data_mut();
                state.meter.count(Interface::Clock)?;
                state.tell_use(left);
                // The guard ends a sleep that outlasts the keepalive or the deadline.
                tokio::time::sleep(Duration::from_millis(ms)).await;
                Ok(())
            })
        },
    )
}

impl contract::clock::Host for GuestState {
    async fn sleep(&mut self, _: u64) -> wasmtime::Result<()> {
        Err(BoundByHand.into())
    }

    fn now_ms(&mut self) -> wasmtime::Result<u64> {
        self.meter.count(Interface::Clock)?;
        Ok(now_ms(self.plugin.profile().clock_step()))
    }
}
