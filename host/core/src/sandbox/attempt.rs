//! One attempt: one run of a worker in one fresh store.
//!
//! It knows nothing of retries, queues or consumers. Start, instantiation,
//! `cabi_realloc` and `post-return` are guest code too, so every limit is set
//! before the instance is made. A store is never entered again after its call.

use super::ending::{Ending, Phase, Returned};
use super::giving_back;
use super::giving_way;
use super::guard::{Bounds, Guard, Silence};
use super::meter::Meter;
use super::nesting::Nesting;
use super::profile::Profile;
use super::pulse::Pulse;
use super::receipt::{Peaks, Receipt};
use super::state::{AttemptState, GuestState, Role};
use super::stdio::Captured;
use crate::board::Line;
use crate::job::JobId;
use crate::limits::{Limit, Limits};
use crate::plugin::{Plugin, WorkerExports};
use crate::task::{EventSender, JobOptions, Reason, Recorded};
use crate::value::{Value, escape_for_people};
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::time::Sleep;
use wasmtime::component::Instance;
use wasmtime::{Engine, Store};

/// The smallest budget for bytes that one host call may copy out of a guest.
const HOSTCALL_BYTES_MIN: usize = 16 << 20;

/// The least patience with a deterministic attempt.
const PATIENCE_MIN: Duration = Duration::from_mins(10);

/// What an outcome shows of a guest's stdout, and of its stderr.
const STDIO_BYTES_SHOWN: usize = 2 << 10;

/// What an attempt is asked to do.
pub(crate) struct AttemptOrder<'a> {
    pub(crate) plugin: &'a Plugin,
    pub(crate) worker: &'a WorkerExports,
    pub(crate) options: &'a Arc<JobOptions>,
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
    /// What its writes have to name, where there is a store.
    pub(crate) fence: u32,
    pub(crate) retries_left: Option<u32>,
    /// What it begins with where attempts are deterministic.
    pub(crate) recorded: Option<Recorded>,
    pub(crate) value: &'a Value,
    /// The carried state.
    pub(crate) data: Value,
    pub(crate) events: Option<EventSender>,
    /// Whether what it emits is for the consumer of a run.
    pub(crate) is_for_consumer: bool,
    /// Whether it may submit jobs.
    pub(crate) may_submit: bool,
}

/// What an attempt leaves; its store is gone.
#[derive(Debug)]
pub(crate) struct AttemptEnd {
    pub(crate) ending: Ending,
    /// The carried state at the end.
    pub(crate) state: Value,
    pub(crate) stdout: Option<String>,
    pub(crate) stderr: Option<String>,
    /// The end of what it logged.
    pub(crate) log: Option<String>,
    pub(crate) receipt: Receipt,
}

impl AttemptEnd {
    /// The end of an attempt that never reached its guest, by our own fault.
    pub(crate) fn internal(
        error: &impl std::fmt::Display,
        state: Value,
        receipt: Receipt,
    ) -> AttemptEnd {
        AttemptEnd {
            ending: Ending::new(Reason::Internal, error.to_string()),
            state,
            stdout: None,
            stderr: None,
            log: None,
            receipt,
        }
    }
}

/// What a loop keeps from one attempt to the next, so that an attempt does not
/// allocate it: the pulse, the line on the board, the timer, the way to whoever dispatches.
pub(crate) struct Watch {
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) line: Arc<Line>,
    /// The number of what the loop runs: a job's, or a chunk's.
    pub(crate) place: u64,
    pub(crate) nesting: Arc<dyn Nesting>,
    pub(crate) sleep: Pin<Box<Sleep>>,
}

impl Watch {
    /// Needs a tokio runtime around it.
    pub(crate) fn with(pulse: Arc<Pulse>, line: Arc<Line>, nesting: Arc<dyn Nesting>) -> Watch {
        Watch {
            pulse,
            line,
            place: 0,
            nesting,
            sleep: Box::pin(tokio::time::sleep_until(tokio::time::Instant::now())),
        }
    }
}

/// Makes a store with every limit set.
pub(crate) fn store(engine: &Engine, state: GuestState) -> wasmtime::Result<Store<GuestState>> {
    let limits = &state.meter.limits;
    let handles = limits.size(Limit::Handles);
    let bytes = limits.size(Limit::Value).saturating_add(1 << 20);
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    refuel(&mut store)?;
    store.set_hostcall_fuel(bytes.max(HOSTCALL_BYTES_MIN));
    store.set_max_component_handles(handles);
    let fuel = store.get_fuel().is_ok();
    giving_way::set_up(&mut store, fuel)?;
    Ok(store)
}

/// Fills the fuel up, where the engine has fuel at all.
pub(crate) fn refuel(store: &mut Store<GuestState>) -> wasmtime::Result<()> {
    if store.get_fuel().is_ok() {
        let fuel = store.data_mut().filling();
        store.set_fuel(fuel)?;
    }
    Ok(())
}

/// What the store of an attempt carries.
pub(super) fn state(order: &AttemptOrder<'_>, watch: &Watch) -> GuestState {
    let role = Role::Attempt(attempt_state(order, watch));
    let meter = Meter::new(order.options.limits.clone());
    GuestState::new(order.plugin.clone(), meter, watch, role)
}

pub(super) fn attempt_state(order: &AttemptOrder<'_>, watch: &Watch) -> AttemptState {
    AttemptState {
        job: order.job,
        attempt: order.attempt,
        fence: order.fence,
        recorded: order.recorded,
        name: None,
        data: order.data.clone(),
        options: order.options.clone(),
        retries_left: order.retries_left,
        events: order.events.clone(),
        is_for_consumer: order.is_for_consumer,
        emitted: 0,
        nesting: watch.nesting.clone(),
        may_submit: order.may_submit,
        submitted: 0,
    }
}

/// Runs one attempt.
pub(crate) async fn run(order: AttemptOrder<'_>, watch: &mut Watch) -> AttemptEnd {
    let state = state(&order, watch);
    let mut receipt = Receipt {
        bytes_in: order.value.len() as u64,
        ..Receipt::default()
    };
    match store(order.plugin.engine(), state) {
        Ok(mut store) => {
            let ending = call(&order, &mut store, watch, &mut receipt).await;
            finish(store, ending, receipt)
        }
        Err(error) => AttemptEnd::internal(&error, order.data.clone(), receipt),
    }
}

async fn call(
    order: &AttemptOrder<'_>,
    store: &mut Store<GuestState>,
    watch: &mut Watch,
    receipt: &mut Receipt,
) -> Ending {
    let mut phase = Phase::Instantiate;
    let began = watch.pulse.now();
    let verdict = {
        let limits = &order.options.limits;
        let bounds = bounds(order.plugin.profile(), limits, Silence::Always);
        let call = pin!(enter(order, store, &mut phase));
        let sleep = watch.sleep.as_mut();
        Guard::new(call, &watch.pulse, sleep, bounds, &mut receipt.guest_nanos).await
    };
    receipt.time(&watch.pulse, began);
    match Ending::of_verdict(verdict, phase, store.data()) {
        Ok(returned) => Ending::of_returned(returned, store.data()),
        Err(ending) => ending,
    }
}

/// Everything of the attempt that is guest code.
async fn enter(
    order: &AttemptOrder<'_>,
    store: &mut Store<GuestState>,
    phase: &mut Phase,
) -> wasmtime::Result<Returned> {
    match set_up(order, store, phase).await? {
        Ok(instance) => call_run(order, store, &instance).await,
        Err(problem) => Ok(Err(problem)),
    }
}

/// Makes the instance and sets it up; the inner error is what `set-up` gave.
pub(super) async fn set_up(
    order: &AttemptOrder<'_>,
    store: &mut Store<GuestState>,
    phase: &mut Phase,
) -> wasmtime::Result<Result<Instance, Vec<u8>>> {
    let instance = order.plugin.pre().instantiate_async(&mut *store).await?;
    if let Some(set_up) = &order.worker.set_up {
        *phase = Phase::SetUp;
        let set_up = instance.get_typed_func::<(), (Result<(), Vec<u8>>,)>(&mut *store, set_up)?;
        if let (Err(problem),) = set_up.call_async(&mut *store, ()).await? {
            return Ok(Err(problem));
        }
    }
    *phase = Phase::Run;
    Ok(Ok(instance))
}

pub(super) async fn call_run(
    order: &AttemptOrder<'_>,
    store: &mut Store<GuestState>,
    instance: &Instance,
) -> wasmtime::Result<Returned> {
    let run = instance.get_typed_func::<(&[u8],), (Returned,)>(&mut *store, &order.worker.run)?;
    let (returned,) = run
        .call_async(&mut *store, (order.value.as_bytes(),))
        .await?;
    Ok(returned)
}

/// The bounds that the limits set for one call.
pub(crate) fn bounds(profile: Profile, limits: &Limits, silence: Silence) -> Bounds {
    let nanos = |duration: Option<Duration>| duration.map(|d| d.as_nanos() as u64);
    let (keepalive, deadline) = match profile {
        Profile::Standard | Profile::Paranoid => {
            (limits.time(Limit::Keepalive), limits.time(Limit::Deadline))
        }
        // They run on the virtual clock.
        Profile::Deterministic(_) => (None, patience(limits)),
    };
    Bounds {
        silence,
        keepalive: nanos(keepalive),
        deadline: nanos(deadline),
        since: None,
    }
}

/// How long a deterministic attempt may take by the machine's clock. It is there for what
/// no fuel is counted for; an attempt that it ends may end otherwise the next time.
pub(super) fn patience(limits: &Limits) -> Option<Duration> {
    let deadline = limits.time(Limit::Deadline)?;
    Some(deadline.saturating_mul(10).max(PATIENCE_MIN))
}

/// Reads the meters and drops the store.
pub(super) fn finish(store: Store<GuestState>, ending: Ending, receipt: Receipt) -> AttemptEnd {
    let left = store.get_fuel().ok();
    let mut state = giving_back::in_turn(|| store.into_data());
    read(&mut state, left, ending, receipt)
}

/// Reads the meters; `left` is the fuel that is left.
pub(super) fn read(
    state: &mut GuestState,
    left: Option<u64>,
    mut ending: Ending,
    mut receipt: Receipt,
) -> AttemptEnd {
    let window = left.map_or(0, |left| state.meter.window(left));
    receipt.fuel = state.meter.fuel_before_refill.saturating_add(window);
    if let Some(determined) = &state.determined {
        receipt.wall_nanos = determined.clock.now(window);
        receipt.silent_nanos = determined.clock.longest_silence(window);
        receipt.guest_nanos = receipt.fuel;
    }
    receipt.bytes_out = ending.data.as_ref().map_or(0, |data| data.len() as u64);
    let (mut stdout, mut stderr) = (None, None);
    if let Some(captured) = &state.captured {
        let captured = captured.lock().unwrap_or_else(PoisonError::into_inner);
        count_stdio(&captured, &mut receipt);
        state.pass_on_stdio(&captured);
        stdout = captured.stdout.end(STDIO_BYTES_SHOWN);
        stderr = captured.stderr.end(STDIO_BYTES_SHOWN);
    }
    if ending.reason == Reason::Error && ending.message.is_none() {
        // An exception that left no value: what it printed is all there is.
        ending.message = stderr
            .as_deref()
            .map(|text| escape_for_people(text.trim(), 1000));
    }
    receipt.count(&state.meter);
    let state_after = match &state.role {
        Role::Attempt(attempt) => {
            receipt.emitted = attempt.emitted;
            receipt.submitted = attempt.submitted.into();
            attempt.data.clone()
        }
        Role::Resident(_) => Value::empty_map(),
    };
    let peaks = Peaks {
        fuel_window: state.meter.fuel_peak_window.max(window),
        state_bytes: state_after.len() as u64,
        reached: ending.reason.limit(),
    };
    receipt.find_nearest(&state.meter, &peaks);
    // Without a line there is nothing to look for.
    let has_logged = state.meter.log_kept_bytes > 0;
    let log = has_logged.then(|| state.line.log_tail()).flatten();
    AttemptEnd {
        ending,
        state: state_after,
        stdout,
        stderr,
        log,
        receipt,
    }
}

fn count_stdio(captured: &Captured, receipt: &mut Receipt) {
    for tail in [&captured.stdout, &captured.stderr] {
        receipt.log_kept_bytes += tail.kept_bytes();
        receipt.log_dropped_bytes += tail.written_bytes - tail.kept_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Recorded;

    #[test]
    fn by_the_machines_clock_a_deterministic_attempt_has_ten_times_its_deadline() {
        let patience = |nanos| {
            let mut limits = Limits::default();
            limits.set(Limit::Deadline, nanos);
            let profile = Profile::Deterministic(Recorded::DEFAULT);
            let bounds = bounds(profile, &limits, Silence::Always);
            assert_eq!(bounds.keepalive, None);
            bounds.deadline.map(Duration::from_nanos)
        };
        let minute = 60_000_000_000;
        assert_eq!(patience(15 * minute), Some(Duration::from_mins(150)));
        assert_eq!(patience(1), Some(PATIENCE_MIN));
        assert_eq!(patience(crate::units::INFINITE), None);
        let limits = Limits::default();
        let standard = bounds(Profile::Paranoid, &limits, Silence::Always);
        assert_eq!(standard.keepalive, Some(limits.get(Limit::Keepalive)));
    }
}
