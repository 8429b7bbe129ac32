//! `board`: the line of an attempt, a producer or a consumer. Whether anybody looks at it
//! makes no difference to the guest.

use crate::board;
use crate::sandbox::contract;
use crate::sandbox::contract::board::Look;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;

impl contract::board::Host for GuestState {
    fn say(&mut self, text: String) -> wasmtime::Result<()> {
        self.meter.count(Interface::Board)?;
        self.line.say(text);
        Ok(())
    }

    fn set_look(&mut self, look: Look) -> wasmtime::Result<()> {
        self.meter.count(Interface::Board)?;
        self.line.look(match look {
            Look::Normal => board::Look::Normal,
            Look::Success => board::Look::Success,
            Look::Warning => board::Look::Warning,
            Look::Error => board::Look::Error,
        });
        Ok(())
    }

    fn pin(&mut self, on: bool) -> wasmtime::Result<()> {
        self.meter.count(Interface::Board)?;
        self.line.pin(on);
        Ok(())
    }

    fn start(&mut self, total: u64) -> wasmtime::Result<()> {
        self.meter.count(Interface::Board)?;
        self.line.start(total);
        Ok(())
    }

    fn tick(&mut self, n: u64) -> wasmtime::Result<Result<(), String>> {
        self.meter.count(Interface::Board)?;
        Ok(if self.line.tick(n) {
            Ok(())
        } else {
            Err("`tick` before `start`".to_owned())
        })
    }

    fn complete(&mut self) -> wasmtime::Result<()> {
        self.meter.count(Interface::Board)?;
        self.line.complete();
        Ok(())
    }

    fn clear(&mut self) -> wasmtime::Result<()> {
        self.meter.count(Interface::Board)?;
        self.line.wipe();
        Ok(())
    }
}
