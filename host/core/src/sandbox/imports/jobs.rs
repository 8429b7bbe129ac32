//! `jobs`: nested jobs, by way of whoever dispatches.
//!
//! While an attempt waits, its silence stands still and its slot is lent.

use crate::limits::Limit;
use crate::sandbox::contract;
use crate::sandbox::contract::jobs::{Dispatch, Outcome, SubmitError};
use crate::sandbox::contract::types::Status as GivenStatus;
use crate::sandbox::meter::Interface;
use crate::sandbox::nesting::{Asked, Nested, Nesting};
use crate::sandbox::state::{GuestState, Role};
use crate::task::{self, Status};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::Resource;

/// A nested job's handle; it keeps the outcome for as long as the guest keeps it.
#[expect(
    unreachable_pub,
    reason = "generated code names it in a public signature"
)]
#[derive(Debug, Clone)]
pub struct NestedJob {
    pub(super) nested: Nested,
    /// When it was submitted, on the virtual clock where there is one.
    pub(super) since: u64,
}

impl GuestState {
    pub(super) fn nested(&self, job: &Resource<NestedJob>) -> wasmtime::Result<&NestedJob> {
        Ok(self.table.get(job)?)
    }

    pub(super) fn nesting(&mut self) -> wasmtime::Result<Arc<dyn Nesting>> {
        Ok(self.attempt()?.nesting.clone())
    }

    /// Waits until one of some jobs is over; which, if one is.
    pub(super) async fn wait_for(
        &mut self,
        jobs: &[Nested],
        timeout_ms: Option<u64>,
    ) -> wasmtime::Result<Option<usize>> {
        let over = || jobs.iter().position(|job| job.outcome.get().is_some());
        let at_most = timeout_ms.map(Duration::from_millis);
        if over().is_some() || at_most == Some(Duration::ZERO) {
            return Ok(over());
        }
        let numbers: Vec<u64> = jobs.iter().map(|job| job.id.number).collect();
        let nesting = self.nesting()?;
        self.tell_use(None);
        let pulse = self.pulse.clone();
        pulse.hold();
        nesting.wait(&numbers, at_most).await;
        pulse.release();
        Ok(over())
    }

    /// Submits a job at a moment of the virtual clock, where there is one.
    pub(super) async fn submit_at(
        &mut self,
        dispatch: Dispatch,
        timeout_ms: Option<u64>,
        since: u64,
    ) -> wasmtime::Result<Result<Resource<NestedJob>, SubmitError>> {
        self.meter.count(Interface::Jobs)?;
        let most = self.meter.limits.get(Limit::Children);
        let Role::Attempt(attempt) = &mut self.role else {
            return Ok(Err(SubmitError::Closed));
        };
        if !attempt.may_submit {
            let what = "to submit from a stage, a chunk or `finally`";
            return Ok(Err(SubmitError::NotPermitted(what.to_owned())));
        }
        if u64::from(attempt.submitted) >= most {
            let key = Limit::Children.info().key;
            return Ok(Err(SubmitError::Limit(key.to_owned())));
        }
        let ordinal = u64::from(attempt.submitted).to_le_bytes();
        let recorded = self.determined.as_ref().map(|own| {
            let child = own.recorded.derived("child", &ordinal);
            child.later(since)
        });
        let nesting = attempt.nesting.clone();
        let options = attempt.options.clone();
        let asked = Asked {
            parent: attempt.job,
            plugin: &self.plugin,
            options: &options,
            ordinal: attempt.submitted,
            recorded,
            dispatch,
            timeout: timeout_ms.map(Duration::from_millis),
        };
        // It may be for a start that it waits, or for a store.
        let pulse = self.pulse.clone();
        pulse.hold();
        let nested = nesting.submit(asked).await;
        pulse.release();
        Ok(match nested {
            Ok(nested) => {
                // One that was refused is not counted: a later attempt would find others
                // in its place.
                self.attempt()?.submitted += 1;
                Ok(self.table.push(NestedJob { nested, since })?)
            }
            Err(error) => Err(error),
        })
    }
}

impl contract::jobs::HostJob for GuestState {
    fn id(&mut self, job: Resource<NestedJob>) -> wasmtime::Result<String> {
        self.meter.count(Interface::Jobs)?;
        Ok(self.nested(&job)?.nested.id.to_string())
    }

    fn done(&mut self, job: Resource<NestedJob>) -> wasmtime::Result<bool> {
        self.meter.count(Interface::Jobs)?;
        Ok(self.nested(&job)?.nested.outcome.get().is_some())
    }

    async fn wait(
        &mut self,
        job: Resource<NestedJob>,
        timeout_ms: Option<u64>,
    ) -> wasmtime::Result<Option<Outcome>> {
        self.meter.count(Interface::Jobs)?;
        let job = self.nested(&job)?.nested.clone();
        self.wait_for(std::slice::from_ref(&job), timeout_ms)
            .await?;
        Ok(job.outcome.get().map(given))
    }

    fn cancel(&mut self, job: Resource<NestedJob>, grace_ms: Option<u64>) -> wasmtime::Result<()> {
        self.meter.count(Interface::Jobs)?;
        let number = self.nested(&job)?.nested.id.number;
        let grace = grace_ms.map(Duration::from_millis);
        self.nesting()?.cancel(number, grace);
        Ok(())
    }

    fn pause(&mut self, job: Resource<NestedJob>) -> wasmtime::Result<()> {
        self.meter.count(Interface::Jobs)?;
        let number = self.nested(&job)?.nested.id.number;
        self.nesting()?.pause(number, true);
        Ok(())
    }

    fn resume(&mut self, job: Resource<NestedJob>) -> wasmtime::Result<()> {
        self.meter.count(Interface::Jobs)?;
        let number = self.nested(&job)?.nested.id.number;
        self.nesting()?.pause(number, false);
        Ok(())
    }

    fn drop(&mut self, job: Resource<NestedJob>) -> wasmtime::Result<()> {
        self.meter.count(Interface::Jobs)?;
        self.table.delete(job)?;
        Ok(())
    }
}

impl contract::jobs::Host for GuestState {
    async fn submit(
        &mut self,
        dispatch: Dispatch,
        timeout_ms: Option<u64>,
    ) -> wasmtime::Result<Result<Resource<NestedJob>, SubmitError>> {
        self.submit_at(dispatch, timeout_ms, 0).await
    }

    async fn wait_any(
        &mut self,
        jobs: Vec<Resource<NestedJob>>,
        timeout_ms: Option<u64>,
    ) -> wasmtime::Result<Option<u32>> {
        self.meter.count(Interface::Jobs)?;
        let jobs: wasmtime::Result<Vec<Nested>> = jobs
            .iter()
            .map(|job| Ok(self.nested(job)?.nested.clone()))
            .collect();
        let over = self.wait_for(&jobs?, timeout_ms).await?;
        Ok(over.map(|index| u32::try_from(index).unwrap_or(u32::MAX)))
    }
}

/// An outcome as the contract has it.
pub(super) fn given(outcome: &task::Outcome) -> Outcome {
    Outcome {
        id: outcome.id.to_string(),
        worker: outcome.worker.to_string(),
        status: given_status(outcome.status),
        reason: outcome.reason.to_string(),
        data: outcome.data.as_bytes().to_vec(),
        attempts: outcome.attempts,
        message: outcome.message.clone(),
        more: outcome.more().as_bytes().to_vec(),
    }
}

fn given_status(status: Status) -> GivenStatus {
    match status {
        Status::Unspecified => GivenStatus::Unspecified,
        Status::Success => GivenStatus::Success,
        Status::Failure => GivenStatus::Failure,
        Status::Timeout => GivenStatus::Timeout,
        Status::Mixed => GivenStatus::Mixed,
        Status::Rejected => GivenStatus::Rejected,
        Status::Cancelled => GivenStatus::Cancelled,
    }
}
