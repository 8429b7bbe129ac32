//! Plugins in all languages: the conformance plugin of each SDK, loaded from a warm cache,
//! with a job of 100 numbers, and in memory.

use crate::guests::Guests;
use crate::memory::resident_bytes;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wodehost::{EngineConfig, Host, Limit, Limits, PluginSource, Runtime, RuntimeConfig, Value};

/// A language, and what a job of 100 numbers took in it when the toolchains were chosen: a
/// store, an instance, a call, all dropped (wasmtime 48.0.8 with a pool of default settings).
pub(crate) const LANGUAGES: [(&str, Duration); 7] = [
    ("rust", Duration::from_micros(70)),
    ("python", Duration::from_micros(1_700)),
    ("javascript", Duration::from_micros(470)),
    ("typescript", Duration::from_micros(470)),
    ("go", Duration::from_millis(1)),
    ("c", Duration::from_micros(38)),
    ("cpp", Duration::from_micros(99)),
];

/// How old a file has to be for the cache to know it again, which it is for whoever has a warm cache.
const SETTLED: Duration = Duration::from_secs(3);

/// The longest that a load from a warm cache may take.
pub(crate) const LOAD_REACH: Duration = Duration::from_millis(5);

/// A job may take so many times what its language's figure is.
pub(crate) const JOB_REACH: f64 = 1.2;

/// What was found of one language.
pub(crate) struct Found {
    /// Loads from a warm cache.
    pub(crate) loads: Vec<Duration>,
    /// Jobs of 100 floats, in sandboxes of their own, one after the other.
    pub(crate) jobs: Vec<Duration>,
    /// Resident memory of an instance that sleeps, bytes.
    pub(crate) instance: u64,
}

/// The plugin of a language; none where it was not built.
pub(crate) fn component(guests: &Guests, language: &str) -> Option<PathBuf> {
    let path = match language {
        "rust" => guests.plugin("conformance_rust"),
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join(format!(
            "../guest-sdk/{language}/conformance/conformance-{language}.wasm"
        )),
    };
    path.is_file().then_some(path)
}

const WORKER: &str = "conformance";
const LOADS: usize = 20;
const WAITING: u32 = 48;

/// Measures one.
pub(crate) fn run(path: &Path) -> Result<Found, Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("wodehost-bench-{}", std::process::id()));
    let runtime = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            live: 4 * WAITING,
            ..EngineConfig::default()
        },
        cache: Some(folder.clone()),
        ..RuntimeConfig::default()
    })?;
    let mut limits = Limits::default();
    limits.set(Limit::Keepalive, wodehost::units::INFINITE);
    let source = || PluginSource::file(path).name(WORKER).limits(limits.clone());
    let plugin = runtime.load(source())?;
    // What is as young as this is not known again; then it is found whole once.
    std::thread::sleep(SETTLED);
    runtime.load(source())?;
    let mut loads = Vec::new();
    for _ in 0..LOADS {
        let began = Instant::now();
        runtime.load(source())?;
        loads.push(began.elapsed());
    }
    let host = Host::builder(&runtime)
        .slots(1)
        .worker(plugin.clone())
        .build()?;
    let numbers: Vec<Value> = (0..100).map(|n| Value::from(f64::from(n) * 0.5)).collect();
    let job = Value::map([
        ("do", Value::from("echo")),
        ("with", Value::array(&numbers)),
    ]);
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let mut jobs = Vec::new();
    let began = Instant::now();
    while jobs.len() < 100 || began.elapsed() < Duration::from_secs(1) {
        let began = Instant::now();
        let outcome = control.block_on(host.submit(WORKER, [job.clone()])?);
        jobs.push(began.elapsed());
        if !outcome.is_success() {
            return Err(format!("{}: {:?}", path.display(), outcome.message).into());
        }
    }
    drop(host);
    let instance = instance_bytes(&runtime, plugin)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(Found {
        loads,
        jobs,
        instance,
    })
}

/// What each of some instances adds that are asleep at once.
fn instance_bytes(runtime: &Runtime, plugin: wodehost::Plugin) -> Result<u64, Box<dyn Error>> {
    let host = Host::builder(runtime)
        .slots(2 * WAITING)
        .live(3 * WAITING)
        .worker(plugin)
        .build()?;
    let sleep = Value::map([("do", Value::from("sleep")), ("with", Value::from(600_000))]);
    let begin = || -> Result<u64, Box<dyn Error>> {
        let jobs = (0..WAITING).map(|_| host.submit(WORKER, [sleep.clone()]));
        let _running = jobs.collect::<Result<Vec<_>, _>>()?;
        std::thread::sleep(Duration::from_secs(1));
        resident_bytes()
    };
    // What the first ones need besides is there before the others are counted.
    let before = begin()?;
    let after = begin()?;
    host.stop(wodehost::Stop::Cancel);
    Ok(after.saturating_sub(before) / u64::from(WAITING))
}
