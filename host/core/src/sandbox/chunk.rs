//! Attempts of several jobs, one after the other in one store.
//!
//! Each has fuel, keepalive, counters and a receipt of its own; the deadline of an attempt
//! holds for those together that share a store. A store is kept only behind a job that
//! returned a result: after every other end the next job gets a fresh one.

use super::attempt::{
    AttemptEnd, AttemptOrder, Watch, attempt_state, bounds, call_run, finish, read, refuel, set_up,
    state, store,
};
use super::ending::{Ending, Phase};
use super::guard::{Bounds, Guard, Silence};
use super::receipt::Receipt;
use super::state::{GuestState, Role};
use super::stdio::Captured;
use crate::task::Reason;
use std::pin::pin;
use std::sync::PoisonError;
use wasmtime::Store;
use wasmtime::component::Instance;

/// See the module. All jobs are for one worker and have the same options.
#[derive(Default)]
pub(crate) struct ChunkSession(Option<Kept>);

/// A store with an instance that was set up.
struct Kept {
    store: Store<GuestState>,
    instance: Option<Instance>,
    /// When it was made, on the pulse's clock, and how long attempts had stood still.
    began: u64,
    stood_still: u64,
}

impl ChunkSession {
    /// Runs an attempt of the next job.
    pub(crate) async fn run(&mut self, order: AttemptOrder<'_>, watch: &mut Watch) -> AttemptEnd {
        let mut receipt = Receipt {
            bytes_in: order.value.len() as u64,
            ..Receipt::default()
        };
        let mut kept = match self.opened(&order, watch) {
            Ok(kept) => kept,
            Err(error) => return AttemptEnd::internal(&error, order.data.clone(), receipt),
        };
        let ending = call(&order, &mut kept, watch, &mut receipt).await;
        if ending.reason != Reason::Returned || kept.instance.is_none() {
            return finish(kept.store, ending, receipt);
        }
        let left = kept.store.get_fuel().ok();
        let end = read(kept.store.data_mut(), left, ending, receipt);
        self.0 = Some(kept);
        end
    }

    /// The store, ready for the next job.
    fn opened(&mut self, order: &AttemptOrder<'_>, watch: &Watch) -> wasmtime::Result<Kept> {
        let Some(mut kept) = self.0.take() else {
            return Ok(Kept {
                store: store(order.plugin.engine(), state(order, watch))?,
                instance: None,
                began: watch.pulse.now(),
                stood_still: watch.pulse.stood_still_nanos(),
            });
        };
        let left = kept.store.get_fuel().ok();
        let state = kept.store.data_mut();
        state.begin_again(Role::Attempt(attempt_state(order, watch)), left);
        if let Some(captured) = &state.captured {
            *captured.lock().unwrap_or_else(PoisonError::into_inner) = Captured::default();
        }
        refuel(&mut kept.store)?;
        Ok(kept)
    }
}

async fn call(
    order: &AttemptOrder<'_>,
    kept: &mut Kept,
    watch: &mut Watch,
    receipt: &mut Receipt,
) -> Ending {
    let mut phase = if kept.instance.is_some() {
        Phase::Run
    } else {
        Phase::Instantiate
    };
    let pulse = &watch.pulse;
    let began = pulse.now();
    let bounds = Bounds {
        since: Some(kept.began + (pulse.stood_still_nanos() - kept.stood_still)),
        ..bounds(
            order.plugin.profile(),
            &order.options.limits,
            Silence::Always,
        )
    };
    let verdict = {
        let Kept {
            store, instance, ..
        } = &mut *kept;
        let call = pin!(async {
            let entered = match *instance {
                Some(instance) => instance,
                None => match set_up(order, store, &mut phase).await? {
                    Ok(made) => *instance.insert(made),
                    Err(problem) => return Ok(Err(problem)),
                },
            };
            call_run(order, store, &entered).await
        });
        let sleep = watch.sleep.as_mut();
        Guard::new(call, pulse, sleep, bounds, &mut receipt.guest_nanos).await
    };
    receipt.time(pulse, began);
    match Ending::of_verdict(verdict, phase, kept.store.data()) {
        Ok(returned) => Ending::of_returned(returned, kept.store.data()),
        Err(ending) => ending,
    }
}
