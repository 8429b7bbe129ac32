//! What the end-to-end tests share: where the built plugins are, one runtime a
//! process, and a run of a producer with its outcomes collected.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "tests stop at the first thing that goes wrong"
)]

pub mod bodies;
pub mod bombs;
pub mod corpus;
mod token_pool;

pub use token_pool::TokenPool;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use wodehost::{
    Deliver, EngineConfig, Host, HostWorker, JobOptions, Limit, Limits, Outcome, Plugin,
    PluginSource, Profile, Runtime, RuntimeConfig, Serve, ServeReport, Value,
};

/// Where `cargo xtask plugins` puts the built components.
pub fn guests() -> PathBuf {
    std::env::var_os("WODEHOST_GUESTS").map_or_else(
        || workspace().join("target/wasm32-wasip2/guest"),
        PathBuf::from,
    )
}

/// The root of the repository.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The component called `name`: a test guest, or a plugin.
pub fn guest(name: &str) -> PathBuf {
    let folder = guests();
    let example = folder.join("examples").join(format!("{name}.wasm"));
    let plugin = folder.join(format!("{name}.wasm"));
    if example.exists() { example } else { plugin }
}

/// Compiled plugins are kept here from run to run.
pub fn cache() -> PathBuf {
    workspace().join("target/test-cache")
}

/// One runtime for all tests of a process.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut limits = Limits::default();
        limits.set(Limit::Memory, 256 << 20);
        Runtime::new(RuntimeConfig {
            engine: EngineConfig {
                live: 200,
                slots: 8,
                limits,
                ..EngineConfig::default()
            },
            cache: Some(cache()),
            ..RuntimeConfig::default()
        })
        .unwrap()
    })
}

/// A runtime of another profile, with the same limits for its pools.
pub fn runtime_of(profile: Profile) -> Runtime {
    let mut limits = Limits::default();
    limits.set(Limit::Memory, 256 << 20);
    Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            live: 40,
            slots: 2,
            limits,
            profile,
            ..EngineConfig::default()
        },
        cache: Some(cache()),
        ..RuntimeConfig::default()
    })
    .unwrap()
}

/// Limits under which a test ends soon: a quarter of a second of silence.
pub fn quick() -> Limits {
    let mut limits = Limits::default();
    limits.set(Limit::Keepalive, 250_000_000);
    limits.set(Limit::Deadline, 1_000_000_000);
    limits
}

/// The limits with one changed, as a flag would change it.
pub fn limits(changes: &[(Limit, &str)]) -> Limits {
    let mut limits = Limits::default();
    for (limit, text) in changes {
        limits.set(*limit, limit.parse(text).unwrap());
    }
    limits
}

/// Loads a guest with nothing granted.
pub fn load(name: &str) -> Plugin {
    runtime().load(PluginSource::file(guest(name))).unwrap()
}

/// Loads a guest under limits of its own.
pub fn load_with(name: &str, limits: Limits) -> Plugin {
    let source = PluginSource::file(guest(name)).limits(limits);
    runtime().load(source).unwrap()
}

/// Loads a guest with a configuration.
pub fn load_configured(name: &str, json: &str) -> Plugin {
    let source = PluginSource::file(guest(name)).config(value(json));
    runtime().load(source).unwrap()
}

/// A value from JSON.
pub fn value(json: &str) -> Value {
    Value::from_json(json).unwrap()
}

/// Waits for a future on a thread of its own.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

/// Waits for a future, but no longer than any test may take.
pub fn soon<F: Future>(future: F) -> F::Output {
    block_on(async {
        tokio::time::timeout(Duration::from_mins(3), future)
            .await
            .expect("should have ended long ago")
    })
}

/// A host with one worker, with nothing granted, whose jobs have one attempt.
pub fn host_of(worker: &str) -> Host {
    Host::builder(runtime())
        .worker(once(load(worker)))
        .build()
        .unwrap()
}

/// A worker whose jobs have one attempt.
pub fn once(plugin: Plugin) -> HostWorker {
    told(plugin, r#"{"retries": 0}"#)
}

/// A worker whose jobs have these options.
pub fn told(plugin: Plugin, options: &str) -> HostWorker {
    let limits = plugin.limits().clone();
    HostWorker::from(plugin).options(options_of(limits, options))
}

/// Options from JSON, as a job's section in `wodehost.toml` would have them.
pub fn options(json: &str) -> JobOptions {
    options_of(Arc::default(), json)
}

fn options_of(limits: Arc<Limits>, json: &str) -> JobOptions {
    let mut options = JobOptions::of_limits(limits);
    options.tighten(&value(json)).unwrap();
    options
}

/// Runs one job of a plugin in a host of its own, with one attempt.
pub fn call(plugin: Plugin, job: &str) -> Outcome {
    call_value(plugin, value(job))
}

/// The same with a value that JSON cannot say.
pub fn call_value(plugin: Plugin, job: Value) -> Outcome {
    let name = plugin.name().to_owned();
    let host = Host::builder(runtime())
        .slots(1)
        .worker(once(plugin))
        .build();
    soon(host.unwrap().submit(&name, [job]).unwrap())
}

/// The JSON of an outcome's data.
pub fn data(outcome: &Outcome) -> String {
    outcome.data.to_json()
}

/// A run with every outcome collected: job and outcome, in the order of delivery.
pub fn serve(host: &Host, producer: Plugin) -> (ServeReport, Vec<(Value, Outcome)>) {
    let collected = Arc::new(Mutex::new(Vec::new()));
    let sink = collected.clone();
    let deliver = Deliver::Function(Box::new(move |job, outcome| {
        sink.lock().unwrap().push((job.clone(), outcome.clone()));
    }));
    let report = soon(host.serve(Serve { producer, deliver })).unwrap();
    let collected = std::mem::take(&mut *collected.lock().unwrap());
    (report, collected)
}

/// A run with a consumer plugin.
pub fn serve_to(host: &Host, producer: Plugin, consumer: Plugin) -> ServeReport {
    let deliver = Deliver::Consumer(consumer);
    soon(host.serve(Serve { producer, deliver })).unwrap()
}
