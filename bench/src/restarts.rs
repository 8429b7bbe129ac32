//! Attempts of a worker that asks for restarts and carries a count along: the same
//! number of attempts as jobs of one attempt each, and as few jobs of many attempts.

use crate::guests::Guests;
use std::error::Error;
use std::time::{Duration, Instant};
use wodehost::task::Retries;
use wodehost::{Host, PluginSource, Runtime, Value};

/// Runs `attempts` attempts on one slot, each job restarted `restarts` times; how
/// long it took.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    restarts: u32,
    attempts: u64,
) -> Result<Duration, Box<dyn Error>> {
    let worker = runtime.load(PluginSource::file(guests.example("again")))?;
    let host = Host::builder(runtime).slots(1).worker(worker).build()?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let jobs = attempts / u64::from(restarts + 1);
    let began = Instant::now();
    let handles = (0..jobs).map(|_| {
        let job = host.job("again")?.argument(Value::from(restarts));
        let job = job.with(|options| options.retry.retries = Retries::Unlimited);
        job.submit()
    });
    let handles: Vec<_> = handles.collect::<Result<_, _>>()?;
    control.block_on(async {
        for handle in handles {
            let outcome = handle.await;
            if outcome.attempts != restarts + 1 || !outcome.is_success() {
                return Err(format!("a job did not go well: {outcome:?}").into());
            }
        }
        Ok(began.elapsed())
    })
}
