//! `clock`: time without WASI.

use crate::sandbox::contract;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;
use crate::sandbox::wasi::now_ms;
use std::time::Duration;

impl contract::clock::Host for GuestState {
    async fn sleep(&mut self, ms: u64) -> wasmtime::Result<()> {
        self.meter.count(Interface::Clock)?;
        // The guard ends a sleep that outlasts the keepalive or the deadline.
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok(())
    }

    fn now_ms(&mut self) -> wasmtime::Result<u64> {
        self.meter.count(Interface::Clock)?;
        Ok(now_ms())
    }
}
