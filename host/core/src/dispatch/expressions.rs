//! Looks at the jq expressions of stages before a job has done its work for them.

use super::hub::{Hub, Worker};
use crate::job::JobId;
use crate::sandbox::{Nobody, Pulse, StageOf, StageSession, Watch};
use crate::task::{OptionsError, Stage};
use std::sync::Arc;

/// Compiles the expressions in the options of every worker; the error names the worker.
/// Runs where guests do.
pub(crate) async fn check_expressions(hub: Arc<Hub>) -> Result<(), (String, OptionsError)> {
    let mut watch = Watch::with(Arc::new(Pulse::new()), Arc::default(), Arc::new(Nobody));
    for worker in hub.workers.values() {
        for (key, stage) in worker.options.pipeline.stages() {
            if let Stage::Jq(expression) = stage {
                let checked = check(&hub, worker, (key, expression), &mut watch).await;
                let name = worker.plugin.name().to_owned();
                checked.map_err(|why| (name, OptionsError::Wrong { key, why }))?;
            }
        }
    }
    Ok(())
}

async fn check(
    hub: &Hub,
    worker: &Worker,
    (key, expression): (&'static str, &str),
    watch: &mut Watch,
) -> Result<(), String> {
    let jq = hub.jq.plugin(expression)?;
    let exports = jq.worker().cloned().map_err(|error| error.to_string())?;
    let of = StageOf {
        job: JobId::NONE,
        key,
        options: worker.options.clone(),
        recorded: None,
    };
    let limits = jq.limits().clone();
    let mut session = StageSession::new(jq, limits, exports, of);
    let prepared = session.prepare(watch).await;
    prepared.map_err(|ending| match ending.message {
        Some(message) => message,
        None => ending.reason.to_string(),
    })
}
