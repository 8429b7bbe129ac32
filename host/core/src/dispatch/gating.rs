//! The gates of a host, asked on behalf of its machine: who asks, and who asks again.

use super::gatekeeper::{Asked, Gatekeeper};
use super::hub::Hub;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// The tracing target of gates.
const TARGET: &str = "wodehost::gate";

/// The gates of a host. Dropping it ends the asking.
#[derive(Debug)]
pub(crate) struct Gating {
    wanted: Arc<Notify>,
    /// The gate that is asked first.
    first: Arc<str>,
    /// Which gate holds jobs back now.
    shut: Arc<Mutex<Option<Arc<str>>>>,
    task: AbortHandle,
}

impl Gating {
    /// Begins to ask for a host; guests are asked where guests run.
    pub(super) fn start(
        hub: Weak<Hub>,
        keeper: Gatekeeper,
        guests: &tokio::runtime::Handle,
    ) -> Gating {
        let first = keeper.first();
        let wanted = Arc::new(Notify::new());
        let shut = Arc::default();
        let task = guests.spawn(ask(hub, keeper, wanted.clone(), Arc::clone(&shut)));
        Gating {
            wanted,
            first,
            shut,
            task: task.abort_handle(),
        }
    }

    /// A job could start.
    pub(super) fn want(&self) {
        self.wanted.notify_one();
    }

    /// The gate that is asked first.
    pub(super) fn first(&self) -> Arc<str> {
        self.first.clone()
    }

    /// Which gate holds jobs back now.
    pub(super) fn shut(&self) -> Option<Arc<str>> {
        self.shut
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Gating {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn ask(
    hub: Weak<Hub>,
    mut keeper: Gatekeeper,
    wanted: Arc<Notify>,
    shut: Arc<Mutex<Option<Arc<str>>>>,
) {
    let set = |gate: Option<Arc<str>>| {
        let mut shut = shut.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *shut, gate)
    };
    loop {
        wanted.notified().await;
        while let Asked::Wait { gate, pause } = keeper.ask(Instant::now()).await {
            let Some(hub) = hub.upgrade() else {
                return;
            };
            if set(Some(gate.clone())).as_ref() != Some(&gate) {
                tracing::info!(target: TARGET, "the gate `{gate}` holds jobs back");
                hub.tell_held(&gate);
            }
            drop(hub);
            tokio::time::sleep(pause).await;
        }
        let Some(hub) = hub.upgrade() else {
            return;
        };
        if let Some(gate) = set(None) {
            tracing::info!(target: TARGET, "the gate `{gate}` lets a job start");
        }
        hub.admit_one();
    }
}
