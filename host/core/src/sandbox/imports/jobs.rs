//! `jobs`: this host takes no nested jobs yet and answers `closed`.

use crate::sandbox::contract;
use crate::sandbox::contract::jobs::{Dispatch, Outcome, SubmitError};
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;
use wasmtime::component::Resource;

/// A nested job's handle. There is none as long as every submit is `closed`, so
/// the functions on it cannot be reached.
#[expect(
    unreachable_pub,
    reason = "generated code names it in a public signature"
)]
pub enum NestedJob {}

/// A handle that this host never gave.
#[derive(Debug, thiserror::Error)]
#[error("there is no such job")]
pub(crate) struct NoSuchJob;

impl contract::jobs::HostJob for GuestState {
    fn id(&mut self, _: Resource<NestedJob>) -> wasmtime::Result<String> {
        Err(NoSuchJob.into())
    }

    fn done(&mut self, _: Resource<NestedJob>) -> wasmtime::Result<bool> {
        Err(NoSuchJob.into())
    }

    fn wait(
        &mut self,
        _: Resource<NestedJob>,
        _: Option<u64>,
    ) -> wasmtime::Result<Option<Outcome>> {
        Err(NoSuchJob.into())
    }

    fn cancel(&mut self, _: Resource<NestedJob>, _: Option<u64>) -> wasmtime::Result<()> {
        Err(NoSuchJob.into())
    }

    fn pause(&mut self, _: Resource<NestedJob>) -> wasmtime::Result<()> {
        Err(NoSuchJob.into())
    }

    fn resume(&mut self, _: Resource<NestedJob>) -> wasmtime::Result<()> {
        Err(NoSuchJob.into())
    }

    fn drop(&mut self, _: Resource<NestedJob>) -> wasmtime::Result<()> {
        Err(NoSuchJob.into())
    }
}

impl contract::jobs::Host for GuestState {
    fn submit(
        &mut self,
        _what: Dispatch,
        _timeout_ms: Option<u64>,
    ) -> wasmtime::Result<Result<Resource<NestedJob>, SubmitError>> {
        self.meter.count(Interface::Jobs)?;
        Ok(Err(SubmitError::Closed))
    }

    fn wait_any(
        &mut self,
        _: Vec<Resource<NestedJob>>,
        _: Option<u64>,
    ) -> wasmtime::Result<Option<u32>> {
        self.meter.count(Interface::Jobs)?;
        Ok(None)
    }
}
