//! What a guest that logs without end does to the others: small jobs on three slots, while a
//! job on the fourth computes, or logs a gigabyte again and again.

use crate::guests::Guests;
use std::error::Error;
use std::time::{Duration, Instant};
use wodehost::{Host, HostWorker, JobHandle, JobOptions, Limit, PluginSource, Runtime, Value};

/// Jobs that wait for a slot at the same time.
const AHEAD: usize = 256;

/// Lines of a flood, 8 KiB each: a gigabyte.
const LINES: u64 = 131_072;

/// Runs `jobs` jobs beside a job that floods, or one that only computes; how long they took.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    floods: bool,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    let double = runtime.load(PluginSource::file(guests.worker()))?;
    let loud = if floods { "log_flood" } else { "spin" };
    let mut limits = wodehost::Limits::default();
    for limit in [Limit::Keepalive, Limit::Deadline, Limit::Fuel] {
        limits.set(limit, wodehost::units::INFINITE);
    }
    let plugin = PluginSource::file(guests.example(loud)).limits(limits.clone());
    let plugin = runtime.load(plugin)?;
    let options = JobOptions::of_limits(limits.into());
    let host = Host::builder(runtime)
        .slots(4)
        .worker(double)
        .worker(HostWorker::from(plugin).options(options).running_max(1))
        .build()?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let told = Value::from_json(&format!(r#"{{"lines": {LINES}, "bytes": 8192}}"#))?;
    let flood = || host.submit(loud, [told.clone()]);
    // One that ends is followed by the next one.
    let mut noise: Vec<JobHandle> = (0..2).map(|_| flood()).collect::<Result<_, _>>()?;
    let began = Instant::now();
    let mut waiting = std::collections::VecDeque::new();
    control.block_on(async {
        for number in 0..jobs {
            if waiting.len() == AHEAD
                && let Some(job) = waiting.pop_front()
            {
                succeeded(job).await?;
            }
            waiting.push_back(host.submit("double", [Value::from(number)])?);
            if noise[0].done() {
                noise.remove(0);
                noise.push(flood()?);
            }
        }
        for job in waiting {
            succeeded(job).await?;
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    let elapsed = began.elapsed();
    noise.iter().for_each(JobHandle::cancel);
    Ok(elapsed)
}

/// Waits for a job, which has to succeed.
pub(crate) async fn succeeded(job: JobHandle) -> Result<(), Box<dyn Error>> {
    let outcome = job.await;
    if !outcome.is_success() {
        return Err(format!("a job did not go well: {outcome:?}").into());
    }
    Ok(())
}
