//! A `Runtime` owns what hosts share: the engine, its ticker, the threads.
//!
//! Its threads, all of them: one ticker; the guest threads, on which plugins run;
//! one control thread, so that a grace period ends on time while guests spin. It
//! may be dropped inside async code. A host adds one thread for callbacks once there is
//! one, and one that borrows slots where it is given a pool of them.

use super::engine::{EngineConfig, engine};
use super::imports::linker;
use super::machine_memory::default_memory_total;
use super::memory_total::MemoryTotal;
use super::processors::processors;
use super::profile::Profile;
use super::room::Room;
use super::state::GuestState;
use super::ticker::{Ticker, Ticks};
use crate::plugin::{
    COMPONENT_BYTES_MAX, Cache, CodeKind, Compiler, Loader, Plugin, PluginError, PluginSource,
};
use std::path::PathBuf;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::Linker;

/// How a runtime is made.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// The engine and its pools.
    pub engine: EngineConfig,
    /// Threads for guests; `None` = one for each usable CPU.
    pub threads: Option<usize>,
    /// Where compiled plugins are kept; `None` = nowhere.
    pub cache: Option<PathBuf>,
    /// How plugins that are not kept there are compiled.
    pub compiler: Compiler,
    /// The largest component, bytes.
    pub component_bytes_max: u64,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        RuntimeConfig {
            engine: EngineConfig::default(),
            threads: None,
            cache: None,
            compiler: Compiler::default(),
            component_bytes_max: COMPONENT_BYTES_MAX,
        }
    }
}

/// Why a runtime was not made.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The engine cannot be made: usually the pools do not fit into the address space.
    #[error("the engine cannot be made: {0}")]
    Engine(String),
    /// Deterministic jobs need fuel: it is their clock.
    #[error("deterministic jobs need fuel, which is their clock")]
    NoFuel,
    /// Threads cannot be started.
    #[error("threads cannot be started: {0}")]
    Threads(std::io::Error),
    /// The cache's folder cannot be made or used.
    #[error("the cache in {path} cannot be used: {error}", path = path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

/// What hosts share; cheap to clone. See the module.
#[derive(Clone)]
pub struct Runtime(Arc<RuntimeInner>);

struct RuntimeInner {
    engine: Engine,
    /// Attempts that may be live at the same time.
    live: u32,
    memory_total: Arc<MemoryTotal>,
    ticks: Ticks,
    linker: Linker<GuestState>,
    cache: Option<Cache>,
    compiler: Compiler,
    component_bytes_max: u64,
    /// What the engine asks of code.
    code: CodeKind,
    profile: Profile,
    /// What a component may need, where no pool bounds it.
    room: Option<Room>,
    guests: Option<tokio::runtime::Runtime>,
    control: Option<tokio::runtime::Runtime>,
    /// Ends when it is dropped.
    _ticker: Ticker,
}

impl Runtime {
    /// Makes a runtime.
    pub fn new(config: RuntimeConfig) -> Result<Runtime, RuntimeError> {
        let EngineConfig { profile, fuel, .. } = config.engine;
        if profile.recorded().is_some() && !fuel {
            return Err(RuntimeError::NoFuel);
        }
        let room = (!config.engine.has_pools()).then(|| Room::of(&config.engine));
        let of_engine = |e: wasmtime::Error| RuntimeError::Engine(format!("{e:#}"));
        let engine = engine(&config.engine).map_err(of_engine)?;
        let linker = linker(&engine, profile).map_err(of_engine)?;
        let cache = match config.cache {
            None => None,
            Some(path) => {
                let failed = |error| RuntimeError::Cache {
                    path: path.clone(),
                    error,
                };
                Some(Cache::open(&path).map_err(failed)?)
            }
        };
        let threads = config.threads.unwrap_or_else(processors);
        let control = threads_named("control", 1)?;
        let ticks = Ticks::default();
        let ticker = Ticker::start(&engine, &ticks, control.handle());
        let ticker = ticker.map_err(RuntimeError::Threads)?;
        Ok(Runtime(Arc::new(RuntimeInner {
            engine,
            live: config.engine.live,
            memory_total: Arc::new(MemoryTotal::new(
                config.engine.memory_total.or_else(default_memory_total),
                config.engine.live,
            )),
            ticks,
            linker,
            cache,
            compiler: config.compiler,
            component_bytes_max: config.component_bytes_max,
            code: CodeKind {
                fuel,
                one_nan: profile.has_one_nan(),
            },
            profile,
            room,
            guests: Some(threads_named("guest", threads)?),
            control: Some(control),
            _ticker: ticker,
        })))
    }

    /// Loads a plugin: from the cache, or by compiling it, which takes from some
    /// milliseconds to some seconds. Blocks the thread.
    pub fn load(&self, source: PluginSource) -> Result<Plugin, PluginError> {
        self.0.loader().load(source)
    }

    /// Compiles the smallest component that there is, past the cache: an error says why
    /// no plugin could be compiled.
    pub fn try_compiler(&self) -> Result<(), PluginError> {
        self.0.loader().try_compiler()
    }

    /// Loads plugins later, for something that the runtime's own threads hold and that
    /// therefore must not hold the runtime.
    pub(crate) fn loader(&self) -> impl Fn(PluginSource) -> Result<Plugin, String> + use<> {
        let inner = Arc::downgrade(&self.0);
        move |source| match inner.upgrade() {
            Some(inner) => Runtime(inner).load(source).map_err(|e| e.to_string()),
            None => Err("the runtime is gone".to_owned()),
        }
    }

    /// The engine; for what a benchmark or test does beside the host.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// How its attempts run.
    pub(crate) fn profile(&self) -> Profile {
        self.0.profile
    }

    /// For how many live attempts its pools have room.
    pub(crate) fn live(&self) -> u32 {
        self.0.live
    }

    /// Where guests run.
    pub(crate) fn guests(&self) -> &tokio::runtime::Handle {
        handle(self.0.guests.as_ref())
    }

    /// Where timers run that guests must not delay.
    pub(crate) fn control(&self) -> &tokio::runtime::Handle {
        handle(self.0.control.as_ref())
    }
}

impl RuntimeInner {
    /// What plugins are loaded with.
    fn loader(&self) -> Loader<'_> {
        Loader {
            engine: &self.engine,
            code: self.code,
            profile: self.profile,
            room: self.room,
            linker: &self.linker,
            cache: self.cache.as_ref(),
            compiler: &self.compiler,
            memory_total: &self.memory_total,
            ticks: &self.ticks,
            bytes_max: self.component_bytes_max,
        }
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

#[expect(clippy::expect_used, reason = "taken out in `drop` only")]
fn handle(runtime: Option<&tokio::runtime::Runtime>) -> &tokio::runtime::Handle {
    runtime.expect("lives as long as the runtime").handle()
}

impl Drop for RuntimeInner {
    fn drop(&mut self) {
        // The ordinary drop of a tokio runtime blocks, which panics in async code.
        for runtime in [self.guests.take(), self.control.take()]
            .into_iter()
            .flatten()
        {
            runtime.shutdown_background();
        }
    }
}

fn threads_named(name: &str, threads: usize) -> Result<tokio::runtime::Runtime, RuntimeError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .thread_name(format!("wodehost-{name}"))
        .enable_all()
        .build()
        .map_err(RuntimeError::Threads)
}
