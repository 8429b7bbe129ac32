//! `board`: there is no board yet; the calls are counted and show nothing. What a
//! call answers is as it will be with one.

use crate::sandbox::contract;
use crate::sandbox::contract::board::Look;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;

impl contract::board::Host for GuestState {
    fn say(&mut self, _text: String) -> wasmtime::Result<()> {
        Ok(self.meter.count(Interface::Board)?)
    }

    fn set_look(&mut self, _look: Look) -> wasmtime::Result<()> {
        Ok(self.meter.count(Interface::Board)?)
    }

    fn pin(&mut self, _on: bool) -> wasmtime::Result<()> {
        Ok(self.meter.count(Interface::Board)?)
    }

    fn start(&mut self, _total: u64) -> wasmtime::Result<()> {
        self.has_progress = true;
        Ok(self.meter.count(Interface::Board)?)
    }

    fn tick(&mut self, _n: u64) -> wasmtime::Result<Result<(), String>> {
        self.meter.count(Interface::Board)?;
        Ok(if self.has_progress {
            Ok(())
        } else {
            Err("`tick` before `start`".to_owned())
        })
    }

    fn complete(&mut self) -> wasmtime::Result<()> {
        Ok(self.meter.count(Interface::Board)?)
    }

    fn clear(&mut self) -> wasmtime::Result<()> {
        self.has_progress = false;
        Ok(self.meter.count(Interface::Board)?)
    }
}
