//! `task`: the attempt that is running.
//!
//! `keepalive` and `update-data` refill the fuel, which needs the store, and `emit` may
//! have to wait; they are bound by hand. `success`, `failure` and `restart` end the attempt by an error
//! of our own type that the attempt gets back by downcast.

use super::BoundByHand;
use crate::limits::Limit;
use crate::sandbox::contract;
use crate::sandbox::meter::Interface;
use crate::sandbox::nesting::Emitted;
use crate::sandbox::pulse::Pulse;
use crate::sandbox::state::{AttemptState, GuestState, is_too_large};
use crate::task::{Happened, JobEvent};
use crate::value::{Value, ValueError};
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

/// How a guest ended its own attempt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskEnd {
    #[error("declared success")]
    Success(Option<Value>),
    #[error("declared failure")]
    Failure(Option<Value>),
    #[error("declared an end with a value that was not taken: {0}")]
    BadValue(ValueError),
    #[error("declared an end with a value that is too large: {0}")]
    ValueTooLarge(ValueError),
    #[error("asked for a restart")]
    Restart,
}

/// Binds the functions that have to reach the store; shadowing must be allowed.
pub(crate) fn bind_by_hand(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut task = linker.instance("wodehost:plugin/task@0.1.0")?;
    task.func_wrap(
        "keepalive",
        |mut store: StoreContextMut<'_, GuestState>, (): ()| {
            store.data_mut().meter.count(Interface::Task)?;
            sign_of_life(&mut store)
        },
    )?;
    task.func_wrap_async(
        "update-data",
        |mut store: StoreContextMut<'_, GuestState>, (bytes,): (Vec<u8>,)| {
            Box::new(async move { Ok((update_data(&mut store, bytes).await?,)) })
        },
    )?;
    task.func_wrap_async(
        "emit",
        |mut store: StoreContextMut<'_, GuestState>, (bytes,): (Vec<u8>,)| {
            Box::new(async move { Ok((emit(store.data_mut(), bytes).await?,)) })
        },
    )
}

/// Takes a new carried state. Where there is a store, the guest goes on when it is kept.
async fn update_data(
    store: &mut StoreContextMut<'_, GuestState>,
    bytes: Vec<u8>,
) -> wasmtime::Result<Result<(), String>> {
    let state = store.data_mut();
    state.meter.count(Interface::Task)?;
    let value = match state.check(bytes, Limit::State) {
        Err(error) => return Ok(Err(error.to_string())),
        Ok(value) => value,
    };
    state.line.state(&value);
    let attempt = state.attempt()?;
    if let Some(events) = &attempt.events {
        events.mention(attempt.event(Happened::State(value.clone())));
    }
    attempt.data = value.clone();
    let (job, fence, nesting) = (attempt.job, attempt.fence, attempt.nesting.clone());
    if let Some(kept) = nesting.keep(job, fence, value) {
        let pulse = state.pulse.clone();
        pulse.hold();
        let kept = kept.await;
        pulse.release();
        if let Err(why) = kept {
            return Ok(Err(why));
        }
    }
    sign_of_life(store)?;
    Ok(Ok(()))
}

/// Passes a value on to whoever listens. Where they are slow the guest is held up.
async fn emit(state: &mut GuestState, bytes: Vec<u8>) -> wasmtime::Result<Result<(), String>> {
    state.meter.count(Interface::Task)?;
    let value = match state.check(bytes, Limit::Value) {
        Ok(value) => value,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let most = state.meter.limits.get(Limit::Emits);
    let pulse = state.pulse.clone();
    let attempt = GuestState::attempt(state)?;
    if attempt.emitted >= most {
        let most = Limit::Emits.info().unit.about(most);
        return Ok(Err(format!(
            "no more than {most} values are taken of one attempt"
        )));
    }
    attempt.emitted += 1;
    let seq = attempt.emitted;
    if attempt.is_for_consumer {
        attempt.hand_on(value.clone(), &pulse).await;
    }
    if let Some(events) = &attempt.events {
        if !events.has_room() {
            pulse.hold();
            events.room().await;
            pulse.release();
        }
        events.tell(attempt.event(Happened::Emitted { seq, value }));
    }
    Ok(Ok(()))
}

impl AttemptState {
    /// Hands the value that was emitted last on to the consumer. While that is behind, the
    /// guest is held up; whoever cancels it drops this.
    async fn hand_on(&self, value: Value, pulse: &Pulse) {
        let mut emitted = Emitted {
            job: self.job,
            attempt: self.attempt,
            seq: self.emitted,
            value,
        };
        while let Err(back) = self.nesting.hand_on(emitted) {
            emitted = back;
            pulse.hold();
            self.nesting.room().await;
            pulse.release();
        }
    }

    fn event(&self, what: Happened) -> JobEvent {
        JobEvent {
            job: self.job,
            attempt: self.attempt,
            what,
        }
    }
}

/// Starts the keepalive anew and fills the fuel up again.
fn sign_of_life(store: &mut StoreContextMut<'_, GuestState>) -> wasmtime::Result<()> {
    // Without fuel in the engine there is nothing to refill.
    if let Ok(left) = store.get_fuel() {
        let state = store.data_mut();
        let meter = &mut state.meter;
        let used = meter.window(left);
        meter.fuel_before_refill = meter.fuel_before_refill.saturating_add(used);
        meter.fuel_peak_window = meter.fuel_peak_window.max(used);
        if let Some(determined) = &mut state.determined {
            determined.clock.sign(used);
        }
        let fuel = state.filling();
        store.set_fuel(fuel)?;
    }
    store.data().pulse.sign();
    Ok(())
}

impl GuestState {
    fn end_value(&self, value: Option<Vec<u8>>) -> Result<Option<Value>, TaskEnd> {
        let checked = value
            .map(|bytes| self.check(bytes, Limit::Value))
            .transpose();
        checked.map_err(|error| {
            if is_too_large(&error) {
                TaskEnd::ValueTooLarge(error)
            } else {
                TaskEnd::BadValue(error)
            }
        })
    }
}

impl contract::task::Host for GuestState {
    fn id(&mut self) -> wasmtime::Result<String> {
        self.meter.count(Interface::Task)?;
        Ok(self.attempt()?.job.to_string())
    }

    fn group(&mut self) -> wasmtime::Result<String> {
        self.meter.count(Interface::Task)?;
        let group = &GuestState::attempt(self)?.options.group;
        Ok(group.as_deref().unwrap_or_default().to_owned())
    }

    fn attempt(&mut self) -> wasmtime::Result<u32> {
        self.meter.count(Interface::Task)?;
        Ok(GuestState::attempt(self)?.attempt)
    }

    fn retries_left(&mut self) -> wasmtime::Result<Option<u32>> {
        self.meter.count(Interface::Task)?;
        Ok(GuestState::attempt(self)?.retries_left)
    }

    fn set_name(&mut self, name: String) -> wasmtime::Result<()> {
        self.meter.count(Interface::Task)?;
        let line_bytes_max = self.meter.limits.size(Limit::LogLine);
        let mut name = name;
        name.truncate(name.floor_char_boundary(line_bytes_max));
        GuestState::attempt(self)?.name = Some(name.clone());
        self.line.name(name);
        Ok(())
    }

    fn data(&mut self) -> wasmtime::Result<Vec<u8>> {
        self.meter.count(Interface::Task)?;
        Ok(GuestState::attempt(self)?.data.as_bytes().to_vec())
    }

    fn update_data(&mut self, _: Vec<u8>) -> wasmtime::Result<Result<(), String>> {
        Err(BoundByHand.into())
    }

    fn keepalive(&mut self) -> wasmtime::Result<()> {
        Err(BoundByHand.into())
    }

    fn emit(&mut self, _: Vec<u8>) -> wasmtime::Result<Result<(), String>> {
        Err(BoundByHand.into())
    }

    fn success(&mut self, v: Option<Vec<u8>>) -> wasmtime::Result<()> {
        self.meter.count(Interface::Task)?;
        Err(TaskEnd::Success(self.end_value(v)?).into())
    }

    fn failure(&mut self, v: Option<Vec<u8>>) -> wasmtime::Result<()> {
        self.meter.count(Interface::Task)?;
        Err(TaskEnd::Failure(self.end_value(v)?).into())
    }

    fn restart(&mut self) -> wasmtime::Result<()> {
        self.meter.count(Interface::Task)?;
        Err(TaskEnd::Restart.into())
    }

    fn stopping(&mut self) -> wasmtime::Result<bool> {
        self.meter.count(Interface::Task)?;
        Ok(self.is_stopping())
    }
}
