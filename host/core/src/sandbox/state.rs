//! What a store carries besides the guest: who it is, its counters, its WASI.

use super::checkpoint::Checkpoint;
use super::meter::{Interface, Meter};
use super::pulse::Pulse;
use super::stdio::Captured;
use super::wasi;
use crate::job::JobId;
use crate::limits::Limit;
use crate::plugin::Plugin;
use crate::value::{Value, ValueError, ValueErrorKind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The data of a store.
pub(crate) struct GuestState {
    pub(crate) plugin: Plugin,
    pub(crate) meter: Meter,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) role: Role,
    /// Whether the guest has a progress bar.
    pub(crate) has_progress: bool,
    /// Made on the guest's first WASI call.
    wasi: Option<Box<WasiCtx>>,
    table: ResourceTable,
    /// There is something in it only when `wasi` was made.
    pub(crate) captured: Option<Arc<Mutex<Captured>>>,
}

/// What the store is for.
pub(crate) enum Role {
    /// One attempt of a job.
    Attempt(AttemptState),
    /// A producer or a consumer.
    Resident(ResidentState),
}

/// The attempt that a store runs.
pub(crate) struct AttemptState {
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
    /// What the guest called itself; `None` = `<job>/<attempt>`.
    pub(crate) name: Option<String>,
    /// The carried state.
    pub(crate) data: Value,
    /// Set while a shutdown's grace runs.
    pub(crate) stopping: Arc<AtomicBool>,
}

/// The producer or consumer that a store runs.
pub(crate) struct ResidentState {
    pub(crate) host_name: Arc<str>,
    pub(crate) checkpoint: Checkpoint,
}

/// A function of the task interface was called by a plugin that runs no task.
#[derive(Debug, thiserror::Error)]
#[error("the task interface is for workers only")]
pub(crate) struct NoTask;

impl GuestState {
    pub(crate) fn new(plugin: Plugin, meter: Meter, pulse: Arc<Pulse>, role: Role) -> GuestState {
        let mut table = ResourceTable::new();
        table.set_max_capacity(meter.limits.size(Limit::Handles));
        GuestState {
            plugin,
            meter,
            pulse,
            role,
            has_progress: false,
            wasi: None,
            table,
            captured: None,
        }
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

    /// Whether a shutdown's grace runs.
    pub(crate) fn is_stopping(&self) -> bool {
        match &self.role {
            Role::Attempt(attempt) => attempt.stopping.load(Ordering::Relaxed),
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

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        // WASI's functions cannot be counted one by one, but each asks for its
        // context once; too many of them end the attempt at the next epoch tick.
        self.meter.count_unchecked(Interface::Wasi);
        let captured = self.captured.get_or_insert_default();
        let ctx = self.wasi.get_or_insert_with(|| {
            // A quarter for each stream, see `Meter::keep_log`.
            let stream_bytes_max = self.meter.limits.size(Limit::Log) / 4;
            Box::new(wasi::context(
                self.plugin.grants(),
                captured,
                stream_bytes_max,
            ))
        });
        WasiCtxView {
            ctx,
            table: &mut self.table,
        }
    }
}
