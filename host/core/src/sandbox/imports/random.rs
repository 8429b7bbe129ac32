//! `random`: bytes from the system's generator.

use crate::sandbox::contract;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;
use crate::sandbox::wasi::RANDOM_BYTES_MAX;

/// The guest asked for more random bytes than one call gives.
#[derive(Debug, thiserror::Error)]
#[error("asked for {asked} random bytes at once; limit {RANDOM_BYTES_MAX}")]
pub(crate) struct TooMuchRandom {
    asked: u32,
}

/// How many bytes are given, if not too many were asked for.
pub(super) fn checked(asked: u32) -> Result<usize, TooMuchRandom> {
    if u64::from(asked) > RANDOM_BYTES_MAX {
        return Err(TooMuchRandom { asked });
    }
    Ok(asked as usize)
}

impl contract::random::Host for GuestState {
    fn bytes(&mut self, n: u32) -> wasmtime::Result<Vec<u8>> {
        self.meter.count(Interface::Random)?;
        let mut bytes = vec![0; checked(n)?];
        getrandom::fill(&mut bytes).map_err(|e| wasmtime::Error::msg(e.to_string()))?;
        Ok(bytes)
    }
}
