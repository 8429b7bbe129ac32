//! Attempts with nothing around them, for whoever measures what one costs: no queue, no slot,
//! no outcome.

use super::attempt::{AttemptOrder, Watch, run};
use super::nesting::Nobody;
use super::pulse::Pulse;
use crate::job::JobId;
use crate::plugin::{Plugin, PluginError, WorkerExports};
use crate::task::JobOptions;
use crate::value::Value;
use std::sync::Arc;

/// Makes attempts of a worker one after the other, as a loop of the host does: with one pulse,
/// one line and one timer for all of them, and a store for each.
pub struct Attempts {
    plugin: Plugin,
    worker: WorkerExports,
    options: Arc<JobOptions>,
    watch: Watch,
}

impl Attempts {
    /// Of this worker, with its own limits. Needs a tokio runtime with timers around it.
    pub fn of(plugin: Plugin) -> Result<Attempts, PluginError> {
        let worker = plugin.worker()?.clone();
        let options = JobOptions::of_limits(plugin.limits().clone());
        Ok(Attempts {
            plugin,
            worker,
            options: Arc::new(options),
            watch: Watch::with(Arc::new(Pulse::new()), Arc::default(), Arc::new(Nobody)),
        })
    }

    /// Makes one: a fresh store with every limit, an instance, the call, and the store is
    /// gone. What the worker returned; nothing where it did not.
    pub async fn make(&mut self, value: &Value) -> Option<Value> {
        let order = AttemptOrder {
            plugin: &self.plugin,
            worker: &self.worker,
            options: &self.options,
            job: JobId::NONE,
            attempt: 1,
            fence: 0,
            retries_left: Some(0),
            recorded: None,
            value,
            data: Value::empty_map(),
            events: None,
            is_for_consumer: false,
            may_submit: true,
        };
        let ending = run(order, &mut self.watch).await.ending;
        ending.data.filter(|_| ending.status.is_success())
    }
}

impl std::fmt::Debug for Attempts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempts").finish_non_exhaustive()
    }
}
