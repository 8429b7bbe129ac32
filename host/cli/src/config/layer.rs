//! One layer of configuration: what a file, the environment or the flags say, each
//! value with its source. What a layer does not say is not there.

use super::board::BoardLayer;
use super::bounds::BoundLayer;
use super::file::Count;
use super::gates::GateChoice;
use super::jobs::{self, JobLayer};
use super::keys::limit_env;
use super::profile::{ProfileLayer, ProfileName};
use super::source::{Source, Sourced};
use crate::error::Error;
use crate::flags::{CacheFlags, LimitFlags, LimitText, SlotFlags};
use crate::halt::Halt;
use crate::job_flags::JobFlags;
use crate::make_pool::Jobserver;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use wodehost::limits::LIMITS;
use wodehost::plugin::{Folder, NetRule};
use wodehost::units::Unit;
use wodehost::value::escape_for_people;
use wodehost::{Limit, Value};

/// Where compiled plugins are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CacheChoice {
    /// In the user's cache folder.
    Auto,
    /// Nowhere.
    Off,
    /// In this folder.
    Folder(PathBuf),
}

/// A plugin as `[run]` or a flag names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// A name, a file, or `NAME=` and one of both.
    pub(crate) text: String,
    /// The folder that a relative file begins at.
    pub(crate) base: PathBuf,
}

impl Reference {
    /// A plugin as an argument or flag names it.
    pub(crate) fn argument(text: &str) -> Reference {
        Reference {
            text: text.to_owned(),
            base: PathBuf::new(),
        }
    }
}

/// Limits that a layer sets.
pub(crate) type LimitLayer = HashMap<Limit, Sourced<u64>>;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    pub(crate) slots: Option<Sourced<Count>>,
    pub(crate) live: Option<Sourced<Count>>,
    pub(crate) cache: Option<Sourced<CacheChoice>>,
    /// Bytes; none = as many as the library thinks fit.
    pub(crate) memory_total: Option<Sourced<Option<u64>>>,
    /// Nanoseconds.
    pub(crate) grace: Option<Sourced<u64>>,
    pub(crate) gates: Option<Sourced<Vec<GateChoice>>>,
    pub(crate) jobserver: Option<Sourced<Jobserver>>,
    pub(crate) board: BoardLayer,
    pub(crate) bounds: BoundLayer,
    pub(crate) profile: ProfileLayer,
    /// Whether fuel is compiled in.
    pub(crate) metered: Option<Sourced<bool>>,
    pub(crate) limits: LimitLayer,
    pub(crate) job: JobLayer,
    pub(crate) producer: Option<Sourced<Reference>>,
    pub(crate) workers: Option<Sourced<Vec<Reference>>>,
    pub(crate) consumer: Option<Sourced<Reference>>,
    pub(crate) halt: Option<Sourced<Halt>>,
    pub(crate) plugins: BTreeMap<String, PluginLayer>,
}

/// What a layer says about a plugin.
#[derive(Debug, Default, Clone)]
pub(crate) struct PluginLayer {
    pub(crate) path: Option<Sourced<PathBuf>>,
    pub(crate) read: Vec<Sourced<Folder>>,
    pub(crate) write: Vec<Sourced<Folder>>,
    pub(crate) env: Vec<Sourced<String>>,
    pub(crate) net: Vec<Sourced<NetRule>>,
    /// Workers that it may submit jobs to: names or files.
    pub(crate) submit: Vec<Sourced<String>>,
    /// How many of its attempts may run at the same time.
    pub(crate) running_max: Option<Sourced<u32>>,
    pub(crate) limits: LimitLayer,
    pub(crate) job: JobLayer,
    /// Top-level keys of its own configuration.
    pub(crate) config: Vec<(String, Sourced<Value>)>,
}

impl CacheChoice {
    /// What a text says; a relative folder begins at `base`.
    pub(crate) fn of(text: &str, base: &Path) -> CacheChoice {
        match text {
            "auto" => CacheChoice::Auto,
            "off" => CacheChoice::Off,
            folder => CacheChoice::Folder(base.join(folder)),
        }
    }
}

/// What a text says of the memory of all live attempts.
pub(super) fn memory_total(text: &str) -> Result<Option<u64>, String> {
    if text == "auto" {
        return Ok(None);
    }
    crate::flags::memory_total(text).map(Some)
}

impl Layer {
    /// What the flags say.
    pub(crate) fn of_flags(
        slots: &SlotFlags,
        cache: &CacheFlags,
        limits: &LimitFlags,
        job: &JobFlags,
    ) -> Layer {
        let count =
            |value: Option<Count>, flag| value.map(|count| Sourced::new(count, Source::Flag(flag)));
        let mut layer = Layer {
            slots: count(slots.slots, "slots"),
            live: count(slots.live, "live"),
            memory_total: slots
                .memory_total
                .map(|bytes| Sourced::new(Some(bytes), Source::Flag("memory-total"))),
            grace: slots
                .grace
                .map(|nanos| Sourced::new(nanos, Source::Flag("grace"))),
            jobserver: slots
                .jobserver
                .map(|choice| Sourced::new(choice, Source::Flag("jobserver"))),
            job: jobs::of_flags(job),
            board: BoardLayer::of_flags(&slots.board),
            bounds: BoundLayer::of_flags(slots.bounds.given().chain(cache.bounds.given())),
            profile: ProfileLayer::of_flags(&cache.profile),
            ..Layer::default()
        };
        if !slots.gates.is_empty() {
            let gates = slots.gates.clone();
            layer.gates = Some(Sourced::new(gates, Source::Flag("gate")));
        }
        if let Some(folder) = &cache.cache {
            let choice = match folder.to_str() {
                Some(text) => CacheChoice::of(text, Path::new("")),
                None => CacheChoice::Folder(folder.clone()),
            };
            layer.cache = Some(Sourced::new(choice, Source::Flag("cache")));
        } else if cache.no_cache {
            layer.cache = Some(Sourced::new(CacheChoice::Off, Source::Flag("no-cache")));
        }
        for (limit, text) in &limits.given {
            let flag = Source::Flag(limit.info().key);
            layer.put_limit(*limit, *text, flag);
        }
        layer
    }

    /// What the environment says, and the variables that look like ours but are not.
    pub(crate) fn of_env(
        vars: &[(String, String)],
        base: &Path,
    ) -> Result<(Layer, Vec<String>), Error> {
        let mut layer = Layer::default();
        let mut unknown = Vec::new();
        for (name, text) in vars {
            let source = Source::Env(name.clone());
            let wrong = |why: String| {
                Error::config(format!("the variable {name} cannot be used"))
                    .because(escape_for_people(&why, 300))
            };
            let count = |text: &str| Count::parse(text).map_err(wrong);
            match name.as_str() {
                "WODEHOST_SLOTS" => layer.slots = Some(Sourced::new(count(text)?, source)),
                "WODEHOST_LIVE" => layer.live = Some(Sourced::new(count(text)?, source)),
                "WODEHOST_CACHE" => {
                    layer.cache = Some(Sourced::new(CacheChoice::of(text, base), source));
                }
                "WODEHOST_MEMORY_TOTAL" => {
                    let total = memory_total(text).map_err(wrong)?;
                    layer.memory_total = Some(Sourced::new(total, source));
                }
                "WODEHOST_GRACE" => {
                    let nanos = Unit::Time.parse(text).map_err(|e| wrong(e.to_string()))?;
                    layer.grace = Some(Sourced::new(nanos, source));
                }
                "WODEHOST_JOBSERVER" => {
                    let choice = Jobserver::parse(text).map_err(wrong)?;
                    layer.jobserver = Some(Sourced::new(choice, source));
                }
                "WODEHOST_PROFILE" => {
                    let name = ProfileName::parse(text).map_err(wrong)?;
                    layer.profile.name = Some(Sourced::new(name, source));
                }
                super::keys::ENV_CONFIG | super::keys::ENV_TOOLS => (),
                name if layer.board.take_env(name, text).map_err(wrong)? => (),
                name if layer.bounds.take_env(name, text).map_err(wrong)? => (),
                name => match LIMITS.iter().find(|info| limit_env(info.limit) == name) {
                    Some(info) => {
                        let text = LimitText::parse(info.limit, text).map_err(wrong)?;
                        layer.put_limit(info.limit, text, source);
                    }
                    None => unknown.push(name.to_owned()),
                },
            }
        }
        Ok((layer, unknown))
    }

    fn put_limit(&mut self, limit: Limit, text: LimitText, source: Source) {
        match text {
            LimitText::Value(value) => {
                self.limits.insert(limit, Sourced::new(value, source));
            }
            LimitText::Off => self.metered = Some(Sourced::new(false, source)),
        }
    }
}
