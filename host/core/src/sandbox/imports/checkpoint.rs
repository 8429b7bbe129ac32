//! `checkpoint`: what a producer or consumer goes on from.

use crate::limits::Limit;
use crate::sandbox::contract;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::{GuestState, Role};

/// The checkpoint was asked for by a plugin that has none.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint interface is for producers and consumers only")]
pub(crate) struct NoCheckpoint;

impl contract::checkpoint::Host for GuestState {
    fn load(&mut self) -> wasmtime::Result<Option<Vec<u8>>> {
        self.meter.count(Interface::Checkpoint)?;
        match &self.role {
            Role::Resident(resident) => {
                let saved = resident.checkpoint.load();
                Ok(saved.map(|value| value.as_bytes().to_vec()))
            }
            Role::Attempt(_) => Err(NoCheckpoint.into()),
        }
    }

    fn save(&mut self, v: Vec<u8>) -> wasmtime::Result<Result<(), String>> {
        self.meter.count(Interface::Checkpoint)?;
        let checked = self.check(v, Limit::State);
        match (&self.role, checked) {
            (Role::Attempt(_), _) => Err(NoCheckpoint.into()),
            (Role::Resident(_), Err(error)) => Ok(Err(error.to_string())),
            (Role::Resident(resident), Ok(value)) => {
                resident.checkpoint.save(value);
                Ok(Ok(()))
            }
        }
    }
}
