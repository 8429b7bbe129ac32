//! `host`: who is asking, and what it was configured with.

use crate::sandbox::contract;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;

impl contract::host::Host for GuestState {
    fn name(&mut self) -> wasmtime::Result<String> {
        self.meter.count(Interface::Host)?;
        Ok(GuestState::name(self))
    }

    fn config(&mut self) -> wasmtime::Result<Vec<u8>> {
        self.meter.count(Interface::Host)?;
        Ok(self.plugin.config().as_bytes().to_vec())
    }

    fn env(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.meter.count(Interface::Host)?;
        Ok(GuestState::env(self, &name))
    }
}
