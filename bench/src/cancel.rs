//! How long it takes from a cancel, or from a limit that is hit, to a free slot: of a guest that
//! computes, one that sleeps, one that waits for another job.

use crate::guests::Guests;
use std::error::Error;
use std::time::{Duration, Instant};
use wodehost::task::{Happened, Retries};
use wodehost::{Grants, Host, JobEvents, Limit, Limits, PluginSource, Runtime, Status, Value};

/// A tick, within which a computing guest gives way (4-architecture: 5 ms),
/// twice; what dropping a store costs is a small part of that.
pub(crate) const REACH: Duration = Duration::from_millis(10);

/// Cancels of each kind.
const TIMES: usize = 20;

/// What is cancelled.
pub(crate) const KINDS: [&str; 3] = ["computing", "sleeping", "waiting"];

/// The limit that a silent guest hits.
const KEEPALIVE: Duration = Duration::from_millis(50);

/// How long it took from the end of a silent guest's keepalive to the end of its job.
pub(crate) fn limit(runtime: &Runtime, guests: &Guests) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut limits = Limits::default();
    limits.set(Limit::Keepalive, Limit::Keepalive.parse("50ms")?);
    let spin = PluginSource::file(guests.example("spin")).limits(limits);
    let host = Host::builder(runtime)
        .slots(1)
        .worker(runtime.load(spin)?)
        .build()?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let mut job = host.job("spin")?.argument(Value::nil());
        job = job.with(|options| options.retry.retries = Retries::Of(0));
        let mut events = job.events();
        let handle = job.submit()?;
        let (took, outcome) = control.block_on(async {
            started(&mut events).await;
            let began = Instant::now();
            let outcome = handle.await;
            (began.elapsed(), outcome)
        });
        if outcome.status != Status::Timeout || outcome.attempts != 1 {
            return Err(format!("a job did not time out: {outcome:?}").into());
        }
        times.push(took.saturating_sub(KEEPALIVE));
    }
    Ok(times)
}

/// Waits until an attempt begins.
async fn started(events: &mut JobEvents) {
    while let Some(event) = events.next().await {
        if matches!(event.what, Happened::Started { .. }) {
            return;
        }
    }
}

/// How long cancels of one kind took.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    kind: &str,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let load = |name: &str, submit: &[&str]| {
        let grants = Grants {
            submit: submit.iter().map(|name| (*name).to_owned()).collect(),
            ..Grants::none()
        };
        runtime.load(PluginSource::file(guests.example(name)).grants(grants))
    };
    let host = Host::builder(runtime)
        .slots(1)
        .worker(load("spin", &[])?)
        .worker(load("sleep_forever", &[])?)
        .worker(load("waiter", &["sleep_forever"])?)
        .build()?;
    let (worker, argument) = match kind {
        "computing" => ("spin", Value::nil()),
        "sleeping" => ("sleep_forever", Value::nil()),
        _ => {
            let name = Value::from("sleep_forever");
            ("waiter", Value::arguments(vec![name, Value::nil()]))
        }
    };
    let control = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let mut job = host.job(worker)?.argument(argument.clone());
        let mut events = job.events();
        let handle = job.submit()?;
        let elapsed = control.block_on(async {
            started(&mut events).await;
            // Let it come to what it is to be cancelled in.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let began = Instant::now();
            handle.cancel();
            let outcome = handle.await;
            (began.elapsed(), outcome)
        });
        if !elapsed.1.is_cancelled() {
            return Err(format!("a job was not cancelled: {:?}", elapsed.1).into());
        }
        times.push(elapsed.0);
    }
    Ok(times)
}
