//! Jobs that submit jobs: what one costs that is submitted and waited for inside another,
//! how chains of them grow, and what those hold that wait.

use crate::guests::Guests;
use crate::memory::resident_bytes;
use std::error::Error;
use std::time::{Duration, Instant};
use wodehost::{
    EngineConfig, Host, HostWorker, Limit, Limits, PluginSource, Runtime, RuntimeConfig, Value,
};

/// Jobs that one parent submits, one after the other.
const CHILDREN: u64 = 1000;

/// Jobs that wait at the same time in the row about memory.
const WAITING: u32 = 5000;

/// Jobs that wait before those that are counted.
const FIRST: u32 = 64;

/// Runs `jobs` jobs on one slot that other jobs submit and wait for; how long it took.
/// Their parents are a thousandth of them.
pub(crate) fn children(
    runtime: &Runtime,
    guests: &Guests,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    let parents = jobs / CHILDREN;
    run(runtime, guests, "each", parents, CHILDREN)
}

/// Runs as many jobs of the same worker that nobody else submits.
pub(crate) fn top_level(
    runtime: &Runtime,
    guests: &Guests,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    run(runtime, guests, "each", jobs, 0)
}

/// Runs chains of jobs, each with so many below its first, until there were `jobs` jobs.
pub(crate) fn chains(
    runtime: &Runtime,
    guests: &Guests,
    depth: u64,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    run(runtime, guests, "chain", jobs / (depth + 1), depth)
}

/// Runs `count` jobs of a worker on one slot, each of which is to leave its argument.
fn run(
    runtime: &Runtime,
    guests: &Guests,
    worker: &str,
    count: u64,
    argument: u64,
) -> Result<Duration, Box<dyn Error>> {
    let plugin = runtime.load(PluginSource::file(guests.example(worker)))?;
    let host = Host::builder(runtime).slots(1).worker(plugin).build()?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let argument = Value::from(argument);
    let began = Instant::now();
    let handles = (0..count).map(|_| host.submit(worker, [argument.clone()]));
    let handles: Vec<_> = handles.collect::<Result<_, _>>()?;
    control.block_on(async {
        for handle in handles {
            let outcome = handle.await;
            if outcome.data != argument {
                return Err(format!("a job did not go well: {outcome:?}").into());
            }
        }
        Ok(began.elapsed())
    })
}

/// Memory that each of many jobs holds which wait for another one, in bytes.
pub(crate) fn waiting_bytes(guests: &Guests) -> Result<u64, Box<dyn Error>> {
    // Half of the places are kept for nested jobs.
    let live = 2 * (WAITING + FIRST) + 64;
    let runtime = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            live,
            ..EngineConfig::default()
        },
        ..RuntimeConfig::default()
    })?;
    let load = |name: &str| -> Result<_, Box<dyn Error>> {
        let mut limits = Limits::default();
        limits.set(Limit::Keepalive, wodehost::units::INFINITE);
        let source = PluginSource::file(guests.example(name)).limits(limits);
        Ok(runtime.load(source)?)
    };
    let grants = wodehost::Grants {
        submit: vec!["sleep_forever".to_owned()],
        ..wodehost::Grants::none()
    };
    let waiter = PluginSource::file(guests.example("waiter")).grants(grants);
    let host = Host::builder(&runtime)
        .live(live)
        .worker(runtime.load(waiter)?)
        .worker(HostWorker::from(load("sleep_forever")?).running_max(1))
        .build()?;
    let argument = Value::arguments(vec![Value::from("sleep_forever"), Value::from(0)]);
    let begin = |count: u32| -> Result<(), Box<dyn Error>> {
        let mut last = None;
        for _ in 0..count {
            let mut job = host.job("waiter")?.argument(argument.clone());
            last = Some(job.events());
            job.submit()?;
        }
        // They start in order, and each lends its slot as soon as it waits.
        let control = tokio::runtime::Builder::new_current_thread().build()?;
        control.block_on(async {
            if let Some(mut events) = last {
                while let Some(event) = events.next().await {
                    if matches!(event.what, wodehost::task::Happened::Started { .. }) {
                        return;
                    }
                }
            }
        });
        std::thread::sleep(Duration::from_millis(200));
        Ok(())
    };
    // What the first ones need besides is there before the others are counted.
    begin(FIRST)?;
    let before = resident_bytes()?;
    begin(WAITING)?;
    let after = resident_bytes()?;
    Ok((after - before) / u64::from(WAITING))
}
