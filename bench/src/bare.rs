//! The bare loop: what wasmtime does with no host around it.
//!
//! Each thread has a live producer and a live consumer; for each job it calls
//! `next`, makes a fresh store with the limits set, instantiates, calls `run`,
//! drops the store, and calls `consume`. Imports that these guests do not call are
//! traps; `host.config` is served.

use crate::guests::Guests;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentType, Instance, InstancePre, Lift, Linker, Lower,
    TypedFunc,
};
use wasmtime::{Engine, ResourceLimiter, Result, Store, StoreContextMut};
use wodehost::Value;

/// The contract's `dispatch`.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Dispatch {
    #[expect(dead_code, reason = "there is one worker")]
    worker: String,
    args: Vec<Vec<u8>>,
    #[expect(dead_code, reason = "no options are given")]
    options: Option<Vec<u8>>,
}

/// The contract's `status`; every job of this bench succeeds.
#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "the enum has to have all cases")]
enum Status {
    #[component(name = "unspecified")]
    Unspecified,
    #[component(name = "success")]
    Success,
    #[component(name = "failure")]
    Failure,
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "mixed")]
    Mixed,
    #[component(name = "rejected")]
    Rejected,
    #[component(name = "cancelled")]
    Cancelled,
}

/// The contract's `outcome`.
#[derive(ComponentType, Lower)]
#[component(record)]
struct Outcome<'a> {
    id: &'a str,
    worker: &'a str,
    status: Status,
    reason: &'a str,
    data: &'a [u8],
    attempts: u32,
    message: Option<&'a str>,
    more: &'a [u8],
}

/// The data of a store: its limiter, and the configuration it serves.
struct State {
    memory_bytes_max: usize,
    config: Vec<u8>,
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        Ok(desired <= self.memory_bytes_max)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        Ok(desired <= 200_000)
    }
}

/// What all threads share.
struct Loaded {
    engine: Engine,
    worker: (InstancePre<State>, ComponentExportIndex),
    producer: (InstancePre<State>, ComponentExportIndex),
    consumer: (InstancePre<State>, ComponentExportIndex),
}

/// Which part of the loop is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// `next`, the attempt, `consume`.
    Whole,
    /// The attempt alone: store, instance, call, drop.
    Attempt,
}

/// Runs `jobs` jobs on `threads` threads; how long it took.
pub(crate) fn run(
    engine: &Engine,
    guests: &Guests,
    part: Part,
    threads: usize,
    jobs: u64,
) -> Result<Duration> {
    let loaded = Loaded {
        engine: engine.clone(),
        worker: load(engine, &guests.worker(), "run")?,
        producer: load(engine, &guests.producer(), "next")?,
        consumer: load(engine, &guests.consumer(), "consume")?,
    };
    let left = AtomicU64::new(jobs);
    let began = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| thread(&loaded, part, &left)))
            .collect();
        threads.into_iter().try_for_each(|thread| {
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err(wasmtime::Error::msg("a thread panicked")))
        })
    })?;
    Ok(began.elapsed())
}

/// Feeds values to a worker in one live store, one after the other; how long it took.
pub(crate) fn feed(engine: &Engine, worker: &Path, values: &[Value]) -> Result<Duration> {
    let (pre, index) = load(engine, worker, "run")?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let began = Instant::now();
        let mut store = store(engine, Vec::new())?;
        let instance = pre.instantiate_async(&mut store).await?;
        for value in values {
            store.set_fuel(10_000_000_000)?;
            let run = instance
                .get_typed_func::<(&[u8],), (Result<Vec<u8>, Vec<u8>>,)>(&mut store, index)?;
            let (answer,) = run.call_async(&mut store, (value.as_bytes(),)).await?;
            answer.map_err(|_| wasmtime::Error::msg("the worker failed"))?;
        }
        Ok(began.elapsed())
    })
}

fn load(
    engine: &Engine,
    path: &Path,
    export: &str,
) -> Result<(InstancePre<State>, ComponentExportIndex)> {
    let component = Component::from_file(engine, path)?;
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(&component)?;
    linker.allow_shadowing(true);
    linker
        .instance("wodehost:plugin/host@0.1.0")?
        .func_wrap("config", |store: StoreContextMut<'_, State>, (): ()| {
            Ok((store.data().config.clone(),))
        })?;
    let index = component
        .get_export_index(None, export)
        .ok_or_else(|| wasmtime::Error::msg(format!("no export `{export}`")))?;
    Ok((linker.instantiate_pre(&component)?, index))
}

fn store(engine: &Engine, config: Vec<u8>) -> Result<Store<State>> {
    let state = State {
        memory_bytes_max: 128 << 20,
        config,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    store.set_fuel(10_000_000_000)?;
    store.set_hostcall_fuel(64 << 20);
    store.set_max_component_handles(4096);
    store.fuel_async_yield_interval(Some(50_000))?;
    Ok(store)
}

type Next = TypedFunc<(), (Result<Option<Dispatch>, Vec<u8>>,)>;

async fn live(
    loaded: &Loaded,
    (pre, _): &(InstancePre<State>, ComponentExportIndex),
) -> Result<(Store<State>, Instance)> {
    let config = Value::from_json(r#"{"n": 1000000000000, "worker": "double"}"#)
        .map_err(|e| wasmtime::Error::msg(e.to_string()))?;
    let mut store = store(&loaded.engine, config.as_bytes().to_vec())?;
    let instance = pre.instantiate_async(&mut store).await?;
    Ok((store, instance))
}

fn thread(loaded: &Loaded, part: Part, left: &AtomicU64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let (mut producer, instance) = live(loaded, &loaded.producer).await?;
        let next: Next = instance.get_typed_func(&mut producer, loaded.producer.1)?;
        let (mut consumer, taker) = live(loaded, &loaded.consumer).await?;
        let more = [0x80];
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
            .is_ok()
        {
            if part == Part::Attempt {
                attempt(loaded, &[7]).await?;
                continue;
            }
            producer.set_fuel(10_000_000_000)?;
            let (answer,) = next.call_async(&mut producer, ()).await?;
            let Ok(Some(dispatch)) = answer else {
                return Err(wasmtime::Error::msg("the producer ended"));
            };
            let job = dispatch.args.first().map_or(&[][..], Vec::as_slice);
            let data = attempt(loaded, job).await?;
            let outcome = Outcome {
                id: "000000-1",
                worker: "double",
                status: Status::Success,
                reason: "returned",
                data: &data,
                attempts: 1,
                message: None,
                more: &more,
            };
            consumer.set_fuel(10_000_000_000)?;
            let consume = taker.get_typed_func::<(&[u8], Outcome<'_>), (Result<(), Vec<u8>>,)>(
                &mut consumer,
                &loaded.consumer.1,
            )?;
            let (answer,) = consume.call_async(&mut consumer, (job, outcome)).await?;
            answer.map_err(|_| wasmtime::Error::msg("the consumer failed"))?;
        }
        Ok(())
    })
}

async fn attempt(loaded: &Loaded, job: &[u8]) -> Result<Vec<u8>> {
    let (pre, index) = &loaded.worker;
    let mut store = store(&loaded.engine, Vec::new())?;
    let instance = pre.instantiate_async(&mut store).await?;
    let run =
        instance.get_typed_func::<(&[u8],), (Result<Vec<u8>, Vec<u8>>,)>(&mut store, index)?;
    let (answer,) = run.call_async(&mut store, (job,)).await?;
    answer.map_err(|_| wasmtime::Error::msg("the worker failed"))
}
