//! Nested jobs, as their parent sees them: each starts at the parent's now and takes as
//! long as its own clock says, however long it waits for a slot.
//!
//! Before the parent is told anything of a job, the job is run to its end; the parent
//! learns of the end when its own clock has come there.

use super::{Store, determined, nanos, now, pass};
use crate::sandbox::contract::jobs::{Dispatch, Outcome};
use crate::sandbox::imports::jobs::{NestedJob, given};
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;
use crate::sandbox::virtual_clock::Waiting;
use crate::task;
use wasmtime::component::{Linker, Resource};

pub(super) fn bind(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut jobs = linker.instance("wodehost:plugin/jobs@0.1.0")?;
    jobs.func_wrap_async(
        "submit",
        |mut store: Store<'_>, (dispatch, _): (Dispatch, Option<u64>)| {
            Box::new(async move {
                // It starts at once by the clock, so no timeout is ever over.
                let now = now(&mut store)?;
                Ok((store.data_mut().submit_at(dispatch, None, now).await?,))
            })
        },
    )?;
    jobs.func_wrap_async(
        "wait-any",
        |mut store: Store<'_>, (jobs, timeout): (Vec<Resource<NestedJob>>, Option<u64>)| {
            Box::new(async move {
                let first = wait(&mut store, &jobs, timeout).await?;
                Ok((first.map(|place| u32::try_from(place).unwrap_or(u32::MAX)),))
            })
        },
    )?;
    jobs.func_wrap_async(
        "[method]job.wait",
        |mut store: Store<'_>, (job, timeout): (Resource<NestedJob>, Option<u64>)| {
            Box::new(async move {
                let job = std::slice::from_ref(&job);
                let over = wait(&mut store, job, timeout).await?.is_some();
                let nested = store.data().nested(&job[0])?;
                let outcome = nested.nested.outcome.get().filter(|_| over);
                Ok((outcome.map(given) as Option<Outcome>,))
            })
        },
    )?;
    jobs.func_wrap_async(
        "[method]job.done",
        |mut store: Store<'_>, (job,): (Resource<NestedJob>,)| {
            Box::new(async move {
                store.data_mut().meter.count(Interface::Jobs)?;
                let end = end(&mut store, &job).await?;
                let now = now(&mut store)?;
                Ok((end.is_some_and(|end| end <= now),))
            })
        },
    )?;
    jobs.func_wrap(
        "[method]job.cancel",
        |mut store: Store<'_>, (job, _): (Resource<NestedJob>, Option<u64>)| {
            // A grace would run by the machine's clock.
            store.data_mut().cancel(&job)
        },
    )?;
    for (name, is_paused) in [("[method]job.pause", true), ("[method]job.resume", false)] {
        jobs.func_wrap(
            name,
            move |mut store: Store<'_>, (job,): (Resource<NestedJob>,)| {
                store.data_mut().pause(&job, is_paused)
            },
        )?;
    }
    Ok(())
}

impl GuestState {
    fn cancel(&mut self, job: &Resource<NestedJob>) -> wasmtime::Result<()> {
        self.meter.count(Interface::Jobs)?;
        let number = self.nested(job)?.nested.id.number;
        self.nesting()?.cancel(number, None);
        Ok(())
    }

    fn pause(&mut self, job: &Resource<NestedJob>, is_paused: bool) -> wasmtime::Result<()> {
        self.meter.count(Interface::Jobs)?;
        let number = self.nested(job)?.nested.id.number;
        let paused = &mut determined(self)?.paused;
        if is_paused {
            paused.insert(number);
        } else {
            paused.remove(&number);
        }
        self.nesting()?.pause(number, is_paused);
        Ok(())
    }
}

/// Waits until the first of some jobs is over; which, if one is in time.
async fn wait(
    store: &mut Store<'_>,
    jobs: &[Resource<NestedJob>],
    timeout_ms: Option<u64>,
) -> wasmtime::Result<Option<usize>> {
    store.data_mut().meter.count(Interface::Jobs)?;
    let mut first: Option<(u64, usize)> = None;
    for (place, job) in jobs.iter().enumerate() {
        if let Some(end) = end(store, job).await? {
            let this = (end, place);
            first = Some(first.map_or(this, |first| first.min(this)));
        }
    }
    let now = now(store)?;
    let until = timeout_ms.map(|ms| now.saturating_add(nanos(ms)));
    let in_time = first.filter(|(end, _)| until.is_none_or(|until| *end <= until));
    let moment = in_time.map(|(end, _)| end).or(until).unwrap_or(now);
    pass(store, moment.saturating_sub(now), Waiting::Held)?;
    Ok(in_time.map(|(_, place)| place))
}

/// When a job is over, by the parent's clock; none = it never will be as it is.
async fn end(store: &mut Store<'_>, job: &Resource<NestedJob>) -> wasmtime::Result<Option<u64>> {
    let state = store.data_mut();
    let NestedJob { nested, since } = state.nested(job)?.clone();
    if nested.outcome.get().is_none() && !determined(state)?.paused.contains(&nested.id.number) {
        state.wait_for(std::slice::from_ref(&nested), None).await?;
    }
    let outcome = nested.outcome.get();
    Ok(outcome.map(|outcome| since.saturating_add(duration(outcome))))
}

/// How long a job took, by its own clock; a parallel one as long as the longest of its
/// items.
fn duration(outcome: &task::Outcome) -> u64 {
    let own: u64 = outcome
        .receipts
        .iter()
        .map(|receipt| receipt.wall_nanos)
        .sum();
    let items = outcome.items.iter().map(duration);
    own.max(items.max().unwrap_or(0))
}
