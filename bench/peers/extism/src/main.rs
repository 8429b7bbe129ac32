//! Extism as a peer: the plugin is compiled once, and each job has a new instance of it.
//!
//! `extism-double JOBS WORKERS` prints `{"jobs": N, "seconds": S}`, the time from the first job to
//! the last result on so many threads. Extism's defaults are left as they are: interruption by
//! epochs is on, and there is no limit of fuel, memory or time. Its cache of compiled code is off,
//! because it would be in the home directory.

use extism::{CompiledPlugin, Plugin, PluginBuilder};
use std::error::Error;
use std::thread;
use std::time::Instant;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .map(|argument| argument.parse())
        .collect::<Result<_, _>>()?;
    let [jobs, workers] = numbers[..] else {
        return Err("usage: extism-double JOBS WORKERS".into());
    };
    let plugin = &PluginBuilder::new(include_str!("../double.wat"))
        .with_cache_disabled()
        .compile()?;
    // The first one starts the thread of Extism's timer.
    job(plugin, 0)?;
    let began = Instant::now();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|first| scope.spawn(move || share(plugin, first, jobs, workers)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
    })?;
    let seconds = began.elapsed().as_secs_f64();
    println!(r#"{{"jobs": {jobs}, "seconds": {seconds}}}"#);
    Ok(())
}

/// The jobs of one thread.
fn share(plugin: &CompiledPlugin, first: u64, jobs: u64, workers: u64) -> Result<(), Failure> {
    let mut number = first;
    while number < jobs {
        job(plugin, number)?;
        number += workers;
    }
    Ok(())
}

/// Doubles a number in an instance of its own.
fn job(plugin: &CompiledPlugin, number: u64) -> Result<(), Failure> {
    let mut instance = Plugin::new_from_compiled(plugin)?;
    let result: &[u8] = instance.call("double", &number.to_le_bytes()[..])?;
    if result == (2 * number).to_le_bytes() {
        return Ok(());
    }
    Err(format!("{number} was doubled to {result:?}").into())
}
