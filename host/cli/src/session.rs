//! What a command needs to run anything: the configuration with its flags, an
//! engine whose pools fit the plugins, and the plugins, loaded.

use crate::args::Globals;
use crate::compile_child;
use crate::config::{Bound, Config, Layer, Spec};
use crate::error::{Error, Kind, nearest, without_number};
use crate::flags::{CacheFlags, LimitFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::jq;
use crate::make_pool::{self, Inherited, Jobserver, MakePool};
use crate::printer::Printer;
use crate::shown;
use std::future::Future;
use wodehost::limits::LIMITS;
use wodehost::plugin::Cache;
use wodehost::task::JobOption;
use wodehost::{
    EngineConfig, Gate, Host, HostBuilder, HostWorker, Limits, Plugin, Runtime, RuntimeConfig,
    RuntimeError,
};

/// Reads the configuration and tells what is odd about it.
pub(crate) fn configure(
    globals: &Globals,
    slots: &SlotFlags,
    cache: &CacheFlags,
    limits: &LimitFlags,
    job: &JobFlags,
) -> Result<Config, Error> {
    let flags = Layer::of_flags(slots, cache, limits, job);
    let config = Config::load(globals.config.as_deref(), flags)?;
    config.check()?;
    for name in &config.unknown_vars {
        let known = crate::config::KEYS.iter().filter_map(|k| k.env.as_deref());
        let near =
            nearest(name, known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        globals.printer().warning(&format!(
            "the variable {} means nothing here{near}",
            shown::text(name)
        ));
    }
    Ok(config)
}

/// What an engine is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// As many attempts as the configuration says, with pools for them.
    Many,
    /// None or a few, one at a time: without pools, and with one thread.
    Few,
}

impl Runs {
    /// What one job takes, as far as that can be known before anything is loaded. Pools take a
    /// millisecond to make, as long as twenty attempts without them.
    pub(crate) fn of_one_job(config: &Config, specs: &[Spec]) -> Runs {
        let has_items = |spec: &Spec| {
            let mut options = spec.job.iter().map(|(option, _)| option);
            options.any(|option| matches!(option, JobOption::Parallel | JobOption::Items))
        };
        let known = config.cache().value.and_then(|path| Cache::open(path).ok());
        let Some(cache) = known else {
            return Runs::Many;
        };
        let may_be_many = |spec: &Spec| has_items(spec) || cache.may_submit(&spec.path);
        if specs.iter().any(may_be_many) {
            Runs::Many
        } else {
            Runs::Few
        }
    }
}

/// An engine for some plugins.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) runtime: Runtime,
    printer: Printer,
}

impl Session {
    /// Makes the engine: its pools fit the largest limits that any plugin has.
    pub(crate) fn start(
        config: &Config,
        specs: &[Spec],
        runs: Runs,
        printer: Printer,
    ) -> Result<Session, Error> {
        for spec in specs {
            for name in spec.grants().1 {
                printer.warning(&format!(
                    "plugin `{}` may see the variable {name}, which is not set",
                    shown::text(&spec.name)
                ));
            }
        }
        let with = |cache| {
            Runtime::new(RuntimeConfig {
                engine: engine(config, specs, runs),
                threads: (runs == Runs::Few).then_some(1),
                cache,
                compiler: compile_child::compiler(config),
                component_bytes_max: config.bound(Bound::ComponentSize).value,
            })
        };
        let runtime = match with(config.cache().value) {
            // Nobody asked for this folder, so nothing is lost but time.
            Err(error @ RuntimeError::Cache { .. }) if !config.cache_is_named() => {
                printer.warning(&format!(
                    "{}; plugins are compiled each time (`--no-cache` or `--cache DIR` ends this warning)",
                    shown::text(&without_number(&error.to_string()))
                ));
                with(None)?
            }
            runtime => runtime?,
        };
        // It ends with the process: the system takes back at once what would take half a
        // millisecond piece by piece.
        std::mem::forget(runtime.clone());
        Ok(Session { runtime, printer })
    }

    /// Loads plugins, in order.
    pub(crate) fn load_all(&self, specs: &[Spec]) -> Result<Vec<Plugin>, Error> {
        specs.iter().map(|spec| self.load(spec)).collect()
    }

    /// Loads a plugin; takes from milliseconds to some seconds.
    pub(crate) fn load(&self, spec: &Spec) -> Result<Plugin, Error> {
        self.runtime
            .load(spec.source())
            .map_err(|e| Error::plugin(&spec.name, &spec.path, &e))
    }
}

/// Begins a host for these workers, behind these gates. It shares its slots with the
/// make around us, if there is one.
pub(crate) fn host<'a>(
    session: &Session,
    config: &Config,
    workers: impl IntoIterator<Item = (&'a Spec, &'a Plugin)>,
    gates: impl IntoIterator<Item = Gate>,
) -> Result<HostBuilder, Error> {
    let builder = lone_host(session, config, workers)?;
    let builder = gates.into_iter().fold(builder, HostBuilder::gate);
    Ok(match slot_pool(config, session.printer) {
        Some(pool) => builder.slot_pool(pool),
        None => builder,
    })
}

/// Where slots come from besides our own one; none = all are our own.
fn slot_pool(config: &Config, printer: Printer) -> Option<&'static MakePool> {
    let slots = config.slots().value;
    if slots == 1 || config.jobserver().value == Jobserver::Off {
        return None;
    }
    match make_pool::inherited() {
        Inherited::Nothing => None,
        Inherited::Pool(pool) => {
            tracing::info!("one slot is our own, the others come from make's jobserver");
            Some(pool)
        }
        Inherited::Lost(lost) => {
            printer.warning(&format!(
                "{}; all {slots} slots are our own ({})",
                shown::text(&lost.what()),
                lost.fix()
            ));
            None
        }
    }
}

/// Begins a host whose slots are all its own.
fn lone_host<'a>(
    session: &Session,
    config: &Config,
    workers: impl IntoIterator<Item = (&'a Spec, &'a Plugin)>,
) -> Result<HostBuilder, Error> {
    let mut builder = Host::builder(&session.runtime)
        .slots(config.slots().value)
        .live(config.live().value)
        .high_water(config.high_water());
    let jq = jq::source(config)?;
    for (spec, plugin) in workers {
        if spec.uses_jq() && jq.is_none() {
            return Err(Error::usage("there is no jq plugin for the expression").hint(jq::HINT));
        }
        let mut worker = HostWorker::from(plugin.clone()).options(spec.options()?);
        if !spec.is_named {
            worker = worker.reserved();
        }
        if let Some(count) = &spec.says.running_max {
            worker = worker.running_max(count.value);
        }
        builder = builder.worker(worker);
    }
    Ok(match jq {
        Some(source) => builder.jq(source),
        None => builder,
    })
}

/// Checks the jq expressions of stages before anything runs.
pub(crate) fn check_expressions<'a>(
    session: &Session,
    config: &Config,
    workers: impl IntoIterator<Item = (&'a Spec, &'a Plugin)>,
) -> Result<(), Error> {
    let workers: Vec<_> = workers.into_iter().collect();
    if !workers.iter().any(|(spec, _)| spec.uses_jq()) {
        return Ok(());
    }
    let host = lone_host(session, config, workers)?.slots(1).build();
    let host = host.map_err(|error| Error::host(&error))?;
    block_on(async {
        let checked = host.check_expressions().await;
        checked.map_err(|error| Error::host(&error))
    })
}

fn engine(config: &Config, specs: &[Spec], runs: Runs) -> EngineConfig {
    let mut largest = Limits::default();
    for info in &LIMITS {
        let of_plugins = specs.iter().map(|s| s.limits().get(info.limit)).max();
        largest.set(info.limit, of_plugins.unwrap_or(info.default));
    }
    EngineConfig {
        live: config.live().value,
        memory_total: config.memory_total().value,
        slots: config.slots().value,
        limits: largest,
        wasm_stack_bytes: config.bound(Bound::WasmStack).value as u32,
        fuel: config.metered().value,
        pooling: runs == Runs::Many,
        profile: config.profile(),
    }
}

/// Runs a future of the command line; guests have threads of their own. The one
/// extra thread is for signals, so that they are heard while output blocks.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("wodehost-signals")
        .enable_all()
        .build()
        .map_err(|e| {
            Error::new(Kind::Internal, "threads cannot be started").because(e.to_string())
        })?;
    let result = runtime.block_on(future);
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::pick_one;
    use crate::flags::{LimitText, PluginFlags};
    use wodehost::Limit;

    #[test]
    fn pools_fit_the_largest_plugin() {
        let given = vec![
            (Limit::Memory, LimitText::Value(1 << 30)),
            (Limit::Fuel, LimitText::Off),
        ];
        let flags = Layer::of_flags(
            &SlotFlags::default(),
            &CacheFlags::default(),
            &LimitFlags { given },
            &JobFlags::default(),
        );
        let config = Config::new(None, Layer::default(), Layer::default(), flags);
        let specs = pick_one(&config, &PluginFlags::default(), "x.wasm").expect("a file");
        let engine = engine(&config, &specs, Runs::Many);
        assert_eq!(engine.limits.get(Limit::Memory), 1 << 30);
        assert!(!engine.fuel);
        assert!(engine.live > engine.slots);
    }
}
