//! How long it takes from a cancel to a free slot: of a guest that computes, one that
//! sleeps, one that waits for another job.

use crate::guests::Guests;
use std::error::Error;
use std::time::{Duration, Instant};
use wodehost::task::Happened;
use wodehost::{Grants, Host, PluginSource, Runtime, Value};

/// A tick of the epoch, within which a computing guest gives way (4-architecture: 5 ms),
/// twice; what dropping a store costs is a small part of that.
pub(crate) const REACH: Duration = Duration::from_millis(10);

/// Cancels of each kind.
const TIMES: usize = 20;

/// What is cancelled.
pub(crate) const KINDS: [&str; 3] = ["computing", "sleeping", "waiting"];

/// The median and the longest time of cancels of one kind.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    kind: &str,
) -> Result<(Duration, Duration), Box<dyn Error>> {
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
            while let Some(event) = events.next().await {
                if matches!(event.what, Happened::Started { .. }) {
                    break;
                }
            }
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
    times.sort();
    Ok((times[TIMES / 2], times[TIMES - 1]))
}
