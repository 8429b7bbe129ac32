//! The pipeline of a job, and what it is compared with: three times what native Rust
//! takes for the same, and what the guests take when nothing is around them.

use crate::bare;
use crate::guests::Guests;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::time::{Duration, Instant};
use wasmtime::Engine;
use wodehost::task::{Builtin, Stage};
use wodehost::{Host, Limit, Limits, Plugin, PluginSource, Runtime, Value};

/// An element of the data.
#[derive(Clone, Serialize, Deserialize)]
struct Element {
    score: i64,
    name: String,
}

/// Elements in no order.
fn elements(count: u64) -> Vec<Element> {
    let mut state: u64 = 42;
    let mut element = |n| {
        // A linear congruential generator with Knuth's multiplier: any order will do.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        Element {
            score: (state >> 40).cast_signed(),
            name: format!("element {n}"),
        }
    };
    (0..count).map(&mut element).collect()
}

/// Runs the stages on `count` elements in the host; how long it took.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    count: u64,
) -> Result<Duration, Box<dyn Error>> {
    let load = |name: &str| -> Result<Plugin, Box<dyn Error>> {
        let mut limits = Limits::default();
        limits.set(Limit::Value, 64 << 20);
        let source = PluginSource::file(guests.example(name)).limits(limits);
        Ok(runtime.load(source)?)
    };
    let host = Host::builder(runtime)
        .slots(1)
        .worker(load("echo")?)
        .worker(load("even_score")?)
        .worker(load("score")?)
        .worker(load("half")?)
        .build()?;
    let data = Value::of(&elements(count))?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let stage = |name: &str| Some(Stage::Worker(name.into()));
    let job = host.job("echo")?.argument(data).with(|options| {
        options.pipeline.filter = stage("even_score");
        options.pipeline.sort_key = stage("score");
        options.pipeline.sort_cache_keys = true;
        options.pipeline.sort_op = Some(Stage::Builtin(Builtin::Less));
        options.pipeline.post = stage("half");
    });
    let began = Instant::now();
    let outcome = control.block_on(job.submit()?);
    let elapsed = began.elapsed();
    let left = outcome.data.elements().map_or(0, Iterator::count) as u64;
    if !outcome.is_success() || left == 0 || left > count / 2 {
        return Err(format!("the pipeline did not go well: {:?}", outcome.message).into());
    }
    Ok(elapsed)
}

/// The same natively, three times, and the calls of the guests alone.
pub(crate) fn peer(
    engine: &Engine,
    guests: &Guests,
    count: u64,
) -> Result<Duration, Box<dyn Error>> {
    let data = Value::of(&elements(count))?;
    let began = Instant::now();
    let mut all: Vec<Element> = data.to()?;
    all.retain(|element| element.score % 2 == 0);
    all.sort_by_key(|element| element.score);
    let kept = all.clone();
    all.truncate(all.len().div_ceil(2));
    let written = Value::of(&all)?;
    let native = began.elapsed();
    std::hint::black_box(written);
    let each: Vec<Value> = data.elements().into_iter().flatten().collect();
    let whole = Value::of(&kept)?;
    let kept: Vec<Value> = whole.elements().into_iter().flatten().collect();
    let mut guests_alone = Duration::ZERO;
    for (name, values) in [
        ("echo", std::slice::from_ref(&data)),
        ("even_score", &each),
        ("score", &kept),
        ("half", std::slice::from_ref(&whole)),
    ] {
        guests_alone += bare::feed(engine, &guests.example(name), values)?;
    }
    Ok(3 * native + guests_alone)
}
