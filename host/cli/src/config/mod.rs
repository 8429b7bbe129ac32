//! Configuration: layers from the weakest to the strongest, and the source of
//! every value.
//!
//! Built-in defaults, `wodehost.toml`, the environment, flags. The user's own file
//! ([`user`]) is not one of these: it decides about looks only, so that the same
//! command does the same for everybody.

mod addressee;
mod board;
mod bounds;
mod file;
mod gates;
mod jobs;
mod keys;
mod layer;
mod locate;
mod places;
mod plain;
mod profile;
mod roster;
mod schema;
mod show;
mod source;
mod user;
mod written;

pub(crate) use board::{BoardMode, SummaryMode};
pub(crate) use bounds::{BOUNDS, Bound, BoundInfo};
pub(crate) use file::{Count, read as read_strictly, read_config};
pub(crate) use gates::{GateChoice, PickedGate};
pub(crate) use keys::{ENV_CONFIG, ENV_TOOLS, KEYS};
pub(crate) use layer::{CacheChoice, Layer, Reference};
pub(crate) use locate::{cache_folder, user_file};
pub(crate) use roster::{Picked, Spec, Wanted, find, pick, pick_job, pick_one};
pub(crate) use schema::schema;
pub use show::shown_configuration;
pub(crate) use show::{as_json, as_toml};
pub(crate) use source::{Source, Sourced};
pub(crate) use user::{Look, User};

use crate::error::{Error, in_words};
use crate::halt::Halt;
use crate::make_pool::Jobserver;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wodehost::Limit;

/// The defaults, as a commented file.
pub(crate) const DEFAULTS: &str = include_str!("defaults.toml");

/// The file that is looked for.
pub(crate) const FILE: &str = "wodehost.toml";

/// How many attempts may be in memory besides those on slots: the producer, the
/// consumer, and stores that are on their way out. Places cost address space only.
const LIVE_EXTRA: u32 = 256;

/// How long running jobs may go on after the first Ctrl-C.
const GRACE_NANOS: u64 = 10_000_000_000;

/// All layers together.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The file that was read.
    pub(crate) path: Option<PathBuf>,
    /// Variables that look like ours but are not.
    pub(crate) unknown_vars: Vec<String>,
    file: Layer,
    env: Layer,
    flags: Layer,
}

impl Config {
    /// Puts layers together.
    pub(crate) fn new(path: Option<PathBuf>, file: Layer, env: Layer, flags: Layer) -> Config {
        Config {
            path,
            unknown_vars: Vec::new(),
            file,
            env,
            flags,
        }
    }

    /// Reads all layers; `flag` is `--config`.
    pub(crate) fn load(flag: Option<&Path>, flags: Layer) -> Result<Config, Error> {
        let folder = PathBuf::new();
        let vars: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("WODEHOST_"))
            .collect();
        let (env, unknown_vars) = Layer::of_env(&vars, &folder)?;
        let named = flag.map(Path::to_owned).or_else(|| {
            let (_, value) = vars.iter().find(|(name, _)| name == ENV_CONFIG)?;
            Some(PathBuf::from(value))
        });
        let path = named.clone().unwrap_or_else(|| PathBuf::from(FILE));
        let (file, path) = match std::fs::read_to_string(&path) {
            Ok(text) => {
                let name = path.display().to_string();
                let (file, places) = read_config(&name, &text)?;
                let base = path.parent().unwrap_or(&folder);
                (Layer::of_file(file, &places, base)?, Some(path))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
                (Layer::default(), None)
            }
            Err(e) => {
                let name = path.display();
                return Err(Error::config(format!("{name} cannot be read")).because(in_words(&e)));
            }
        };
        Ok(Config {
            unknown_vars,
            ..Config::new(path, file, env, flags)
        })
    }

    /// The strongest layer that says something.
    fn strongest<T: Clone>(
        &self,
        of: impl Fn(&Layer) -> Option<&Sourced<T>>,
    ) -> Option<Sourced<T>> {
        [&self.flags, &self.env, &self.file]
            .into_iter()
            .find_map(of)
            .cloned()
    }

    fn count(&self, of: impl Fn(&Layer) -> Option<&Sourced<Count>>, auto: u32) -> Sourced<u32> {
        match self.strongest(of) {
            None => Sourced::default(auto),
            Some(Sourced { value, source }) => match value {
                Count::Auto => Sourced::new(auto, source),
                Count::Of(count) => Sourced::new(count, source),
            },
        }
    }

    /// Attempts that run at the same time.
    pub(crate) fn slots(&self) -> Sourced<u32> {
        self.count(|l| l.slots.as_ref(), wodehost::default_slots())
    }

    /// Attempts that may be in memory at the same time.
    pub(crate) fn live(&self) -> Sourced<u32> {
        let slots = self.slots().value;
        self.count(|l| l.live.as_ref(), slots.saturating_add(LIVE_EXTRA))
    }

    /// Whether what it says fits together.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (slots, live) = (self.slots(), self.live());
        if live.value >= slots.value {
            return self.check_profile();
        }
        let message = format!(
            "live is {} ({}), fewer than the {} slots ({})",
            live.value, live.source, slots.value, slots.source
        );
        Err(Error::usage(message).hint("every slot needs a place; give more, or fewer `--slots`"))
    }

    /// Memory of all live attempts together, bytes; none = as much as the library thinks
    /// fit.
    pub(crate) fn memory_total(&self) -> Sourced<Option<u64>> {
        self.strongest(|l| l.memory_total.as_ref())
            .unwrap_or(Sourced::default(None))
    }

    /// Where compiled plugins are kept.
    pub(crate) fn cache(&self) -> Sourced<Option<PathBuf>> {
        match self.strongest(|l| l.cache.as_ref()) {
            None => Sourced::default(cache_folder()),
            Some(Sourced { value, source }) => {
                let folder = match value {
                    CacheChoice::Auto => cache_folder(),
                    CacheChoice::Off => None,
                    CacheChoice::Folder(folder) => Some(folder),
                };
                Sourced::new(folder, source)
            }
        }
    }

    /// Whether somebody named the cache's folder.
    pub(crate) fn cache_is_named(&self) -> bool {
        let choice = self.strongest(|l| l.cache.as_ref());
        matches!(
            choice,
            Some(Sourced {
                value: CacheChoice::Folder(_),
                ..
            })
        )
    }

    /// How long running jobs may go on after the first Ctrl-C, nanoseconds.
    pub(crate) fn grace_nanos(&self) -> Sourced<u64> {
        self.strongest(|l| l.grace.as_ref())
            .unwrap_or(Sourced::default(GRACE_NANOS))
    }

    /// The same as a time.
    pub(crate) fn grace(&self) -> Duration {
        Duration::from_nanos(self.grace_nanos().value)
    }

    /// Whether slots come from a jobserver.
    pub(crate) fn jobserver(&self) -> Sourced<Jobserver> {
        self.strongest(|l| l.jobserver.as_ref())
            .unwrap_or(Sourced::default(Jobserver::Auto))
    }

    /// Whether fuel is compiled in.
    pub(crate) fn metered(&self) -> Sourced<bool> {
        let says = |layer: &Layer| {
            // A budget that is given means that there is to be one.
            let budget = layer.limits.get(&Limit::Fuel);
            let metered = budget.map(|fuel| Sourced::new(true, fuel.source.clone()));
            layer.metered.clone().or(metered)
        };
        [&self.flags, &self.env, &self.file]
            .into_iter()
            .find_map(says)
            .unwrap_or(Sourced::default(true))
    }

    /// A limit for plugins that have none of their own.
    pub(crate) fn limit(&self, limit: Limit) -> Sourced<u64> {
        self.strongest(|l| l.limits.get(&limit))
            .unwrap_or(Sourced::default(limit.info().default))
    }

    /// A limit for a plugin: flags and environment, which are meant for this one
    /// command, beat what the file says of the plugin.
    pub(crate) fn limit_of(&self, plugin: &str, limit: Limit) -> Sourced<u64> {
        let own = self
            .file
            .plugins
            .get(plugin)
            .and_then(|p| p.limits.get(&limit));
        [&self.flags, &self.env]
            .into_iter()
            .find_map(|layer| layer.limits.get(&limit))
            .or(own)
            .cloned()
            .unwrap_or_else(|| self.limit(limit))
    }

    /// The producer that `[run]` names.
    pub(crate) fn producer(&self) -> Option<Sourced<Reference>> {
        self.file.producer.clone()
    }

    /// The workers that `[run]` names.
    pub(crate) fn workers(&self) -> Option<Sourced<Vec<Reference>>> {
        self.file.workers.clone()
    }

    /// The consumer that `[run]` names.
    pub(crate) fn consumer(&self) -> Option<Sourced<Reference>> {
        self.file.consumer.clone()
    }

    /// The rule that `[run]` names.
    pub(crate) fn halt(&self) -> Sourced<Halt> {
        self.file
            .halt
            .clone()
            .unwrap_or(Sourced::default(Halt::Never))
    }

    /// The names of `[plugins.NAME]`.
    pub(crate) fn plugin_names(&self) -> Vec<&str> {
        self.file.plugins.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests;
