//! A guest that only computes: with fuel, with epochs instead, and with neither.

use crate::guests::Guests;
use std::error::Error;
use std::time::{Duration, Instant};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};
use wodehost::{EngineConfig, Host, Limit, Limits, PluginSource, Runtime, RuntimeConfig, Value};

/// Computes for so many rounds in one job of a host; how long it took.
pub(crate) fn metered(
    guests: &Guests,
    fuel: bool,
    rounds: u64,
) -> Result<Duration, Box<dyn Error>> {
    let runtime = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            fuel,
            ..EngineConfig::default()
        },
        ..RuntimeConfig::default()
    })?;
    let mut limits = Limits::default();
    for limit in [Limit::Keepalive, Limit::Deadline, Limit::Fuel] {
        limits.set(limit, wodehost::units::INFINITE);
    }
    let source = PluginSource::file(guests.example("compute")).limits(limits);
    let worker = runtime.load(source)?;
    let host = Host::builder(&runtime).slots(1).worker(worker).build()?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let began = Instant::now();
    let outcome = control.block_on(host.submit("compute", [Value::from(rounds)])?);
    let took = began.elapsed();
    if !outcome.is_success() {
        return Err(format!("the job did not go well: {outcome:?}").into());
    }
    Ok(took)
}

/// The same guest in an engine that meters nothing.
pub(crate) fn unmetered(guests: &Guests, rounds: u64) -> Result<Duration, Box<dyn Error>> {
    let engine = Engine::new(Config::new().gc_support(false))?;
    let component = Component::from_file(&engine, guests.example("compute"))?;
    let mut linker = Linker::<()>::new(&engine);
    linker.define_unknown_imports_as_traps(&component)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &component)?;
    let run =
        instance.get_typed_func::<(&[u8],), (Result<Vec<u8>, Vec<u8>>,)>(&mut store, "run")?;
    let job = Value::from(rounds);
    let began = Instant::now();
    let (answer,) = run.call(&mut store, (job.as_bytes(),))?;
    let took = began.elapsed();
    answer.map_err(|_| "the worker failed")?;
    Ok(took)
}
