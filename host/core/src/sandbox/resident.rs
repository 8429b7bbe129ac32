//! A producer, consumer or gate: a plugin that lives in one store from call to call.
//!
//! After a trap the store is dropped and the next call gets a new one, with the
//! checkpoint that was committed last.

use super::attempt::{Watch, bounds};
use super::checkpoint::Checkpoint;
use super::contract::types::Dispatch;
use super::ending::Ending;
use super::guard::{Bounds, Silence};
use super::nesting::{Emitted, Nobody};
use super::pulse::Pulse;
use super::session::Session;
use super::state::{ResidentState, Role};
use crate::board::Line;
use crate::limits::Limit;
use crate::plugin::{Plugin, PluginError};
use crate::task::{Outcome, Reason, Status};
use crate::value::Value;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, ComponentType, Lift, Lower};

/// What a call of a resident's function leaves when the guest came back: `ok`, or
/// the guest's error value.
pub(crate) type Answer<T> = Result<T, Value>;

/// See the module.
pub(crate) struct Resident {
    session: Session,
    host_name: Arc<str>,
    checkpoint: Checkpoint,
    watch: Watch,
    silence: Silence,
    /// How many stores it had.
    stores: u64,
}

/// The contract's `outcome`, borrowed. The order of fields is the record's.
#[derive(ComponentType, Lower)]
#[component(record)]
struct LoweredOutcome<'a> {
    id: &'a str,
    worker: &'a str,
    status: LoweredStatus,
    reason: &'a str,
    data: &'a [u8],
    attempts: u32,
    message: Option<&'a str>,
    more: &'a [u8],
}

/// The contract's `status`. The order of cases is the enum's.
#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
enum LoweredStatus {
    #[component(name = "unspecified")]
    Unspecified,
    #[component(name = "success")]
    Success,
    #[component(name = "failure")]
    Failure,
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "mixed")]
    Mixed,
    #[component(name = "rejected")]
    Rejected,
    #[component(name = "cancelled")]
    Cancelled,
}

impl From<Status> for LoweredStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Unspecified => LoweredStatus::Unspecified,
            Status::Success => LoweredStatus::Success,
            Status::Failure => LoweredStatus::Failure,
            Status::Timeout => LoweredStatus::Timeout,
            Status::Mixed => LoweredStatus::Mixed,
            Status::Rejected => LoweredStatus::Rejected,
            Status::Cancelled => LoweredStatus::Cancelled,
        }
    }
}

impl Resident {
    /// A producer: it may wait as long as it likes, but not compute.
    pub(crate) fn producer(plugin: Plugin, host_name: Arc<str>) -> Result<Resident, PluginError> {
        plugin.producer()?;
        Ok(Self::new(plugin, host_name, Silence::Computing))
    }

    /// A consumer: its keepalive is a plain deadline for each call.
    pub(crate) fn consumer(plugin: Plugin, host_name: Arc<str>) -> Result<Resident, PluginError> {
        plugin.consumer()?;
        Ok(Self::new(plugin, host_name, Silence::Always))
    }

    /// A gate: its keepalive is a plain deadline for each call.
    pub(crate) fn gate(plugin: Plugin, host_name: Arc<str>) -> Result<Resident, PluginError> {
        plugin.gate()?;
        Ok(Self::new(plugin, host_name, Silence::Always))
    }

    fn new(plugin: Plugin, host_name: Arc<str>, silence: Silence) -> Resident {
        let limits = plugin.limits().clone();
        Resident {
            session: Session::new(plugin, limits),
            host_name,
            checkpoint: Checkpoint::default(),
            watch: Watch::with(Arc::new(Pulse::new()), Arc::default(), Arc::new(Nobody)),
            silence,
            stores: 0,
        }
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        self.session.plugin()
    }

    /// To cancel a call from elsewhere.
    pub(crate) fn pulse(&self) -> Arc<Pulse> {
        self.watch.pulse.clone()
    }

    /// What it writes on the board.
    pub(crate) fn line(&self) -> Arc<Line> {
        self.watch.line.clone()
    }

    /// What the last step saved counts from now on; it is given back to be kept.
    pub(crate) fn commit(&self) -> Option<Value> {
        self.checkpoint.commit()
    }

    /// It goes on from what it saved with an earlier host.
    pub(crate) fn restore(&self, saved: Value) {
        self.checkpoint.restore(saved);
    }

    /// Asks a producer for the next dispatch; `None` = there is no more.
    pub(crate) async fn next(&mut self) -> Result<Answer<Option<Dispatch>>, Ending> {
        let index = role(self.plugin().producer())?;
        let call = self.call::<_, (Result<Option<Dispatch>, Vec<u8>>,)>(index, ());
        let (answer,) = call.await?;
        Ok(self.checked(answer))
    }

    /// Hands an outcome to a consumer.
    pub(crate) async fn consume(
        &mut self,
        job: &Value,
        outcome: &Outcome,
    ) -> Result<Answer<()>, Ending> {
        let index = role(self.plugin().consumer())?.consume;
        let (id, reason, more) = (
            outcome.id.to_string(),
            outcome.reason.to_string(),
            outcome.more(),
        );
        let lowered = LoweredOutcome {
            id: &id,
            worker: &outcome.worker,
            status: outcome.status.into(),
            reason: &reason,
            data: outcome.data.as_bytes(),
            attempts: outcome.attempts,
            message: outcome.message.as_deref(),
            more: more.as_bytes(),
        };
        let params = (job.as_bytes(), lowered);
        let (answer,) = self
            .call::<_, (Result<(), Vec<u8>>,)>(index, params)
            .await?;
        Ok(self.checked(answer))
    }

    /// Whether a consumer takes emitted values.
    pub(crate) fn takes_emitted(&self) -> bool {
        let consumer = self.plugin().consumer();
        consumer.is_ok_and(|consumer| consumer.on_emit.is_some())
    }

    /// Hands an emitted value to a consumer. One that takes none has nothing against it.
    pub(crate) async fn on_emit(&mut self, emitted: &Emitted) -> Result<Answer<()>, Ending> {
        let Some(index) = role(self.plugin().consumer())?.on_emit else {
            return Ok(Ok(()));
        };
        let job = emitted.job.to_string();
        let Emitted { attempt, seq, .. } = *emitted;
        let params = (job.as_str(), attempt, seq, emitted.value.as_bytes());
        let (answer,) = self
            .call::<_, (Result<(), Vec<u8>>,)>(index, params)
            .await?;
        Ok(self.checked(answer))
    }

    /// Tells a consumer that no more will come. `None` = it does not want to know.
    pub(crate) async fn finish(&mut self) -> Result<Option<Answer<()>>, Ending> {
        let Some(index) = role(self.plugin().consumer())?.finish else {
            return Ok(None);
        };
        let (answer,) = self.call::<_, (Result<(), Vec<u8>>,)>(index, ()).await?;
        Ok(Some(self.checked(answer)))
    }

    /// Asks a gate; `None` = go, else after how many milliseconds to ask again.
    pub(crate) async fn admit(&mut self) -> Result<Option<u64>, Ending> {
        let index = role(self.plugin().gate())?;
        let (answer,) = self.call::<_, (Option<u64>,)>(index, ()).await?;
        if let Some(ms) = answer {
            self.session.waits(Duration::from_millis(ms));
        }
        Ok(answer)
    }

    /// Checks a guest's error value; one that is none is replaced by what is wrong.
    fn checked<T>(&self, answer: Result<T, Vec<u8>>) -> Answer<T> {
        answer.map_err(|bytes| {
            let limits = self.plugin().limits().scan(Limit::Value);
            Value::check(bytes, &limits).unwrap_or_else(|error| {
                Value::from(format!("an error value that was not taken: {error}"))
            })
        })
    }

    /// Calls an exported function; what was saved counts only if the guest came back.
    async fn call<P, R>(&mut self, index: ComponentExportIndex, params: P) -> Result<R, Ending>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let bounds = self.bounds();
        let called = match self.open(bounds).await {
            Ok(()) => {
                let call = self.session.call(index, params, bounds, &mut self.watch);
                call.await
            }
            Err(ending) => Err(ending),
        };
        called.inspect_err(|_| self.checkpoint.roll_back())
    }

    async fn open(&mut self, bounds: Bounds) -> Result<(), Ending> {
        if self.session.is_open() {
            return Ok(());
        }
        self.watch.line.clear();
        let stores_before = self.stores;
        self.stores += 1;
        let role = Role::Resident(ResidentState {
            host_name: self.host_name.clone(),
            silence: self.silence,
            stores_before,
            checkpoint: self.checkpoint.clone(),
        });
        self.session.open(role, bounds, &mut self.watch).await
    }

    fn bounds(&self) -> Bounds {
        let plugin = self.plugin();
        let mut bounds = bounds(plugin.profile(), plugin.limits(), self.silence);
        if self.silence == Silence::Computing {
            bounds.deadline = None;
        }
        bounds
    }
}

/// The role was checked when the resident was made.
fn role<T: Clone>(found: Result<&T, PluginError>) -> Result<T, Ending> {
    found
        .cloned()
        .map_err(|error| Ending::new(Reason::Internal, error.to_string()))
}
