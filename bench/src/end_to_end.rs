//! The whole host in memory: producer → slots → consumer, as users run it.

use crate::guests::Guests;
use std::error::Error;
use std::time::Duration;
use wodehost::{Deliver, Host, Plugin, PluginSource, Runtime, Serve, Value};

/// Runs `jobs` jobs on `slots` slots; how long it took.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    slots: u32,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    let worker = runtime.load(PluginSource::file(guests.worker()))?;
    let host = Host::builder(runtime).slots(slots).worker(worker).build()?;
    serve(&host, runtime, guests, jobs)
}

/// Has a host run so many jobs of the producer, whose outcomes go to the consumer.
pub(crate) fn serve(
    host: &Host,
    runtime: &Runtime,
    guests: &Guests,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    let [producer, consumer] = ends(runtime, guests, jobs)?;
    serve_of(host, producer, consumer, jobs)
}

/// A producer of so many jobs, and a consumer.
pub(crate) fn ends(
    runtime: &Runtime,
    guests: &Guests,
    jobs: u64,
) -> Result<[Plugin; 2], Box<dyn Error>> {
    let config = Value::from_json(&format!(r#"{{"n": {jobs}, "worker": "double"}}"#))?;
    let producer = PluginSource::file(guests.producer()).config(config);
    let consumer = PluginSource::file(guests.consumer());
    Ok([runtime.load(producer)?, runtime.load(consumer)?])
}

/// The same with a producer of so many jobs, and a consumer.
pub(crate) fn serve_of(
    host: &Host,
    producer: Plugin,
    consumer: Plugin,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let report = control.block_on(host.serve(Serve {
        producer,
        deliver: Deliver::Consumer(consumer),
    }))?;
    if report.tally.success != jobs || report.undelivered_count > 0 {
        return Err(format!("not all jobs went well: {report:?}").into());
    }
    Ok(report.elapsed)
}
