//! What a store carries besides the guest: who it is, its counters, its WASI.

use super::attempt::Watch;
use super::checkpoint::Checkpoint;
use super::determined::Determined;
use super::giving_way::Seen;
use super::guard::Silence;
use super::meter::{Interface, Meter};
use super::nesting::Nesting;
use super::pulse::Pulse;
use super::stdio::Captured;
use super::virtual_clock::TimeUp;
use super::wasi::{self, Surroundings};
use crate::board::{Line, Printed};
use crate::job::JobId;
use crate::limits::Limit;
use crate::plugin::{Grants, Plugin};
use crate::task::{EventSender, JobOptions, Recorded};
use crate::value::{Value, ValueError, ValueErrorKind};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The data of a store.
pub(crate) struct GuestState {
    pub(crate) plugin: Plugin,
    pub(crate) meter: Meter,
    pub(crate) pulse: Arc<Pulse>,
    /// What it writes on the board.
    pub(crate) line: Arc<Line>,
    pub(crate) role: Role,
    /// The clock's ticks that it has given way for.
    pub(super) seen: Seen,
    /// There where attempts are deterministic.
    pub(crate) determined: Option<Box<Determined>>,
    /// Made on the guest's first WASI call.
    wasi: Option<Box<WasiCtx>>,
    pub(super) table: ResourceTable,
    /// There is something in it only when `wasi` was made.
    pub(crate) captured: Option<Arc<Mutex<Captured>>>,
}

/// What the store is for.
pub(crate) enum Role {
    /// One attempt of a job.
    Attempt(AttemptState),
    /// A producer, a consumer or a gate.
    Resident(ResidentState),
}

/// The attempt that a store runs.
pub(crate) struct AttemptState {
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
    /// What its writes have to name, where there is a store.
    pub(crate) fence: u32,
    /// What the guest called itself; `None` = `<job>/<attempt>`.
    pub(crate) name: Option<String>,
    /// What it begins with where attempts are deterministic.
    pub(crate) recorded: Option<Recorded>,
    /// The carried state.
    pub(crate) data: Value,
    /// What the job was told.
    pub(crate) options: Arc<JobOptions>,
    /// How many restarts are left; `None` = without end.
    pub(crate) retries_left: Option<u32>,
    /// Who listens, if anybody does.
    pub(crate) events: Option<EventSender>,
    /// Whether what it emits is for the consumer of a run.
    pub(crate) is_for_consumer: bool,
    /// How many values were emitted.
    pub(crate) emitted: u64,
    /// Whoever dispatches.
    pub(crate) nesting: Arc<dyn Nesting>,
    /// Whether it may submit jobs.
    pub(crate) may_submit: bool,
    /// How many jobs it submitted.
    pub(crate) submitted: u32,
}

/// The producer, consumer or gate that a store runs.
pub(crate) struct ResidentState {
    pub(crate) host_name: Arc<str>,
    pub(crate) silence: Silence,
    /// How many stores it had before.
    pub(crate) stores_before: u64,
    pub(crate) checkpoint: Checkpoint,
}

/// A function of the task interface was called by a plugin that runs no task.
#[derive(Debug, thiserror::Error)]
#[error("the task interface is for workers only")]
pub(crate) struct NoTask;

impl GuestState {
    pub(crate) fn new(plugin: Plugin, meter: Meter, watch: &Watch, role: Role) -> GuestState {
        let mut table = ResourceTable::new();
        table.set_max_capacity(meter.limits.size(Limit::Handles));
        let determined = determined(&plugin, &role, &meter);
        let seen = Seen::until_now(plugin.ticks());
        GuestState {
            plugin,
            determined,
            meter,
            pulse: watch.pulse.clone(),
            line: watch.line.clone(),
            role,
            seen,
            wasi: None,
            table,
            captured: None,
        }
    }

    /// The store is used for another attempt.
    /// `left` is the fuel that is left.
    pub(crate) fn begin_again(&mut self, role: Role, left: Option<u64>) {
        let used = left.map_or(0, |left| self.meter.window(left));
        self.role = role;
        self.meter.new_job();
        self.seen = Seen::until_now(self.plugin.ticks());
        if self.determined.is_some() {
            let before = std::mem::replace(
                &mut self.determined,
                determined(&self.plugin, &self.role, &self.meter),
            );
            if let (Some(before), Some(now)) = (before, &mut self.determined) {
                now.clock.shares_deadline_with(&before.clock, used);
            }
            // Its random numbers are those of the attempt before.
            self.wasi = None;
        }
    }

    /// Another call of the store begins.
    pub(crate) fn begin_call(&mut self, left: Option<u64>, shares_deadline: bool) {
        let used = left.map_or(0, |left| self.meter.window(left));
        self.meter.new_call();
        self.seen = Seen::until_now(self.plugin.ticks());
        if let Some(determined) = &mut self.determined {
            determined.clock.call(used, shares_deadline);
        }
    }

    /// The fuel that the store is to be filled with now.
    pub(crate) fn filling(&mut self) -> u64 {
        let fuel = match &self.determined {
            None => self.meter.limits.get(Limit::Fuel),
            Some(determined) => determined.clock.room(0),
        };
        self.meter.filled = fuel;
        fuel
    }

    /// What is up on the virtual clock, if anything is, when all fuel is used.
    pub(crate) fn time_up(&self) -> Option<TimeUp> {
        let determined = self.determined.as_ref()?;
        determined.clock.time_up(self.meter.filled)
    }

    /// The attempt, or the trap that a producer gets for asking.
    pub(crate) fn attempt(&mut self) -> Result<&mut AttemptState, NoTask> {
        match &mut self.role {
            Role::Attempt(attempt) => Ok(attempt),
            Role::Resident(_) => Err(NoTask),
        }
    }

    /// The process-name.
    pub(crate) fn name(&self) -> String {
        match &self.role {
            Role::Attempt(attempt) => match &attempt.name {
                Some(name) => name.clone(),
                None => format!("{}/{}", attempt.job, attempt.attempt),
            },
            Role::Resident(resident) => resident.host_name.to_string(),
        }
    }

    /// The value of a variable: the job's, else one that was granted.
    pub(crate) fn env(&self, name: &str) -> Option<String> {
        let all = environment(self.plugin.grants(), &self.role);
        let found = all.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_owned())
    }

    /// The guest gives way while it computes; `left` is the fuel that is left.
    pub(super) fn gives_way(&self, left: Option<u64>) {
        self.pulse.gives_way();
        self.tell_use(left);
    }

    /// Tells the board how much is used of the limits; `left` is the fuel that is left.
    pub(crate) fn tell_use(&self, left: Option<u64>) {
        let Role::Attempt(attempt) = &self.role else {
            return;
        };
        let meter = &self.meter;
        let window = left.map(|left| meter.window(left));
        self.line.used([
            (Limit::Memory, Some(meter.memory.peak)),
            (Limit::Tables, Some(meter.tables.peak)),
            (Limit::Fuel, window),
            (Limit::HostCalls, Some(meter.host_calls_total())),
            (Limit::Log, Some(meter.log_kept_bytes)),
            (Limit::Emits, Some(attempt.emitted)),
        ]);
    }

    /// Whether a shutdown's grace runs.
    pub(crate) fn is_stopping(&self) -> bool {
        match &self.role {
            Role::Attempt(attempt) => attempt.nesting.is_stopping() || self.pulse.is_asked(),
            Role::Resident(_) => false,
        }
    }

    /// Checks a value that the guest hands over, against one of the size limits.
    pub(crate) fn check(&self, bytes: Vec<u8>, limit: Limit) -> Result<Value, ValueError> {
        let limits = self.meter.limits.scan(limit);
        Value::check(bytes, &limits)
    }
}

/// Whether a value failed for its size rather than its form.
pub(crate) fn is_too_large(error: &ValueError) -> bool {
    matches!(error.kind, ValueErrorKind::TooLarge { .. })
}

impl ResourceLimiter for GuestState {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.plugin.memory_total();
        Ok(self.meter.grow_memory((current, desired), maximum, total))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.meter.memory_did_not_grow();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.meter.grow_table((current, desired), maximum))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.meter.table_did_not_grow();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.meter.limits.size(Limit::Instances)
    }
}

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        // WASI's functions cannot be counted one by one, but each asks for its
        // context once; too many of them end the attempt when the function comes back, and
        // without fuel at the next tick of the epoch.
        self.meter.count_unchecked(Interface::Wasi);
        let GuestState {
            plugin,
            meter,
            role,
            line,
            determined,
            wasi,
            table,
            captured,
            ..
        } = self;
        let captured = captured.get_or_insert_with(|| {
            let captured = Arc::default();
            line.prints(Arc::clone(&captured) as Arc<dyn Printed>);
            captured
        });
        let ctx = wasi.get_or_insert_with(|| {
            let environment = environment(plugin.grants(), role);
            // A quarter for each stream, see `Meter::keep_log`.
            let stream_bytes_max = meter.limits.size(Limit::Log) / 4;
            let grants = plugin.grants();
            Box::new(wasi::context(
                grants,
                &environment,
                captured,
                stream_bytes_max,
                &Surroundings {
                    clock_step: plugin.profile().clock_step(),
                    recorded: determined.as_ref().map(|determined| determined.recorded),
                },
            ))
        });
        WasiCtxView { ctx, table }
    }
}

/// What a store has besides under a deterministic profile.
fn determined(plugin: &Plugin, role: &Role, meter: &Meter) -> Option<Box<Determined>> {
    let host = plugin.profile().recorded()?;
    let (recorded, silence) = match role {
        Role::Attempt(attempt) => (attempt.recorded.unwrap_or(host), Silence::Always),
        Role::Resident(resident) => {
            let name = host.derived("resident", plugin.name().as_bytes());
            let stores = resident.stores_before.to_le_bytes();
            (name.derived("store", &stores), resident.silence)
        }
    };
    let determined = Determined::new(recorded, &meter.limits, silence);
    Some(Box::new(determined))
}

/// All variables that the guest sees: those that were granted, and the job's on top.
fn environment<'a>(grants: &'a Grants, role: &'a Role) -> BTreeMap<&'a str, &'a str> {
    let granted = grants.env.iter();
    let mut all: BTreeMap<&str, &str> = granted
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    if let Role::Attempt(attempt) = role {
        for (name, value) in attempt.options.env.iter() {
            match value {
                Some(value) => all.insert(name, value),
                None => all.remove(name),
            };
        }
    }
    all
}
