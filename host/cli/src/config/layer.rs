//! One layer of configuration: what a file, the environment or the flags say, each
//! value with its source. What a layer does not say is not there.

use super::file::{Count, File, Plugin, Quantity};
use super::keys::limit_env;
use super::places::Places;
use super::plain;
use super::source::{Source, Sourced};
use crate::error::Error;
use crate::flags::{CacheFlags, LimitFlags, LimitText, SlotFlags, limit_error};
use crate::halt::Halt;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use wodehost::limits::LIMITS;
use wodehost::plugin::{Folder, NetRule};
use wodehost::task::nearest_limit;
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
    /// Nanoseconds.
    pub(crate) grace: Option<Sourced<u64>>,
    /// Whether fuel is compiled in.
    pub(crate) metered: Option<Sourced<bool>>,
    pub(crate) limits: LimitLayer,
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
    pub(crate) limits: LimitLayer,
    /// Top-level keys of its own configuration.
    pub(crate) config: Vec<(String, Sourced<Value>)>,
}

impl CacheChoice {
    fn of(text: &str, base: &Path) -> CacheChoice {
        match text {
            "auto" => CacheChoice::Auto,
            "off" => CacheChoice::Off,
            folder => CacheChoice::Folder(base.join(folder)),
        }
    }
}

impl Layer {
    /// What the flags say.
    pub(crate) fn of_flags(slots: &SlotFlags, cache: &CacheFlags, limits: &LimitFlags) -> Layer {
        let count = |value: Option<u32>, flag| {
            value.map(|count| Sourced::new(Count::Of(count), Source::Flag(flag)))
        };
        let mut layer = Layer {
            slots: count(slots.slots, "--slots"),
            live: count(slots.live, "--live"),
            grace: slots
                .grace
                .map(|nanos| Sourced::new(nanos, Source::Flag("--grace"))),
            ..Layer::default()
        };
        if let Some(folder) = &cache.cache {
            let choice = CacheChoice::Folder(folder.clone());
            layer.cache = Some(Sourced::new(choice, Source::Flag("--cache")));
        } else if cache.no_cache {
            layer.cache = Some(Sourced::new(CacheChoice::Off, Source::Flag("--no-cache")));
        }
        for (limit, text) in &limits.given {
            let flag = Source::Flag(flag_name(*limit));
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
                "WODEHOST_GRACE" => {
                    let nanos = Unit::Time.parse(text).map_err(|e| wrong(e.to_string()))?;
                    layer.grace = Some(Sourced::new(nanos, source));
                }
                super::keys::ENV_CONFIG => (),
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

    /// What `wodehost.toml` says; `base` is its folder.
    pub(crate) fn of_file(file: File, places: &Places, base: &Path) -> Result<Layer, Error> {
        let reader = FileReader { places, base };
        let mut layer = Layer {
            slots: file.slots.map(|c| reader.sourced(c, &["slots"])),
            live: file.live.map(|c| reader.sourced(c, &["live"])),
            cache: file
                .cache
                .map(|text| reader.sourced(CacheChoice::of(&text, base), &["cache"])),
            producer: reader.reference(file.run.producer, "producer"),
            workers: file.run.workers.map(|texts| {
                let all = texts.into_iter().map(|text| reader.refer(text)).collect();
                reader.sourced(all, &["run", "workers"])
            }),
            consumer: reader.reference(file.run.consumer, "consumer"),
            halt: file
                .run
                .halt
                .map(|halt| reader.sourced(halt, &["run", "halt"])),
            ..Layer::default()
        };
        if let Some(grace) = &file.grace {
            let nanos = match grace {
                Quantity::Text(text) => Unit::Time.parse(text),
                Quantity::Number(number) => Unit::Time.from_number(*number),
            };
            let nanos = nanos.map_err(|e| reader.wrong(&["grace"], e.to_string()))?;
            layer.grace = Some(reader.sourced(nanos, &["grace"]));
        }
        let off = Quantity::Text("off".to_owned());
        let mut limits = file.limits;
        if limits.get("fuel") == Some(&off) {
            limits.remove("fuel");
            layer.metered = Some(reader.sourced(false, &["limits", "fuel"]));
        }
        layer.limits = reader.limits(&limits, &["limits"])?;
        for (name, plugin) in file.plugins {
            let plugin = reader.plugin(&name, plugin)?;
            layer.plugins.insert(name, plugin);
        }
        Ok(layer)
    }
}

/// The flag of a limit, with its dashes.
fn flag_name(limit: Limit) -> &'static str {
    match limit {
        Limit::Memory => "--memory",
        Limit::Tables => "--tables",
        Limit::Instances => "--instances",
        Limit::Fuel => "--fuel",
        Limit::Keepalive => "--keepalive",
        Limit::Deadline => "--deadline",
        Limit::Value => "--value",
        Limit::State => "--state",
        Limit::Log => "--log",
        Limit::LogLine => "--log-line",
        Limit::HostCalls => "--host-calls",
        Limit::Handles => "--handles",
    }
}

/// Turns what a file says into values with places.
struct FileReader<'a> {
    places: &'a Places,
    base: &'a Path,
}

impl FileReader<'_> {
    fn sourced<T>(&self, value: T, path: &[&str]) -> Sourced<T> {
        let source = Source::File {
            file: self.places.file.clone(),
            line: self.places.line_at(path),
        };
        Sourced::new(value, source)
    }

    fn refer(&self, text: String) -> Reference {
        Reference {
            text,
            base: self.base.to_owned(),
        }
    }

    fn reference(&self, text: Option<String>, key: &str) -> Option<Sourced<Reference>> {
        text.map(|text| self.sourced(self.refer(text), &["run", key]))
    }

    fn wrong(&self, path: &[&str], why: impl Into<String>) -> Error {
        let line = self.places.line_at(path);
        let key = escape_for_people(&path.join("."), 100);
        Error::config(format!("{}:{line}: {key} cannot be used", self.places.file))
            .because(escape_for_people(&why.into(), 300))
    }

    fn limits(
        &self,
        limits: &BTreeMap<String, Quantity>,
        table: &[&str],
    ) -> Result<LimitLayer, Error> {
        let mut layer = LimitLayer::new();
        for (key, quantity) in limits {
            let path: Vec<&str> = table.iter().copied().chain([key.as_str()]).collect();
            let Some(limit) = Limit::by_key(key) else {
                let key = escape_for_people(&path.join("."), 100);
                let line = self.places.line_at(&path);
                return Err(Error::config(format!(
                    "{}:{line}: there is no key `{key}`",
                    self.places.file
                ))
                .hint_if(crate::error::did_you_mean(nearest_limit(
                    path.last().copied().unwrap_or_default(),
                ))));
            };
            let value = match quantity {
                Quantity::Text(text) => limit.parse(text),
                Quantity::Number(number) => limit.from_number(*number),
            };
            let value = value.map_err(|e| self.wrong(&path, limit_error(e)))?;
            layer.insert(limit, self.sourced(value, &path));
        }
        Ok(layer)
    }

    fn plugin(&self, name: &str, plugin: Plugin) -> Result<PluginLayer, Error> {
        let at = |keys: &[&str]| -> Vec<String> {
            let table = ["plugins", name];
            table.iter().chain(keys).map(|p| (*p).to_owned()).collect()
        };
        let place = |keys: &[&str]| Source::File {
            file: self.places.file.clone(),
            line: self.places.line(&at(keys)),
        };
        let folders = |texts: &[String], key: &str| -> Result<Vec<Sourced<Folder>>, Error> {
            let read = |text: &String| match Folder::parse(text, self.base) {
                Ok(folder) => Ok(Sourced::new(folder, place(&["allow", key]))),
                Err(e) => Err(self.wrong(&["plugins", name, "allow", key], e.to_string())),
            };
            texts.iter().map(read).collect()
        };
        let rule = |text: &String| match NetRule::parse(text) {
            Ok(rule) => Ok(Sourced::new(rule, place(&["allow", "net"]))),
            Err(e) => Err(self.wrong(&["plugins", name, "allow", "net"], e.to_string())),
        };
        let variable = |name: String| Sourced::new(name, place(&["allow", "env"]));
        let setting = |(key, value): (String, toml::Value)| {
            let source = place(&["config", &key]);
            (key, Sourced::new(plain::of_toml(&value), source))
        };
        Ok(PluginLayer {
            path: plugin
                .path
                .map(|path| Sourced::new(self.base.join(path), place(&["path"]))),
            read: folders(&plugin.allow.read, "read")?,
            write: folders(&plugin.allow.write, "write")?,
            env: plugin.allow.env.into_iter().map(variable).collect(),
            net: plugin
                .allow
                .net
                .iter()
                .map(rule)
                .collect::<Result<_, _>>()?,
            limits: self.limits(&plugin.limits, &["plugins", name, "limits"])?,
            config: plugin.config.into_iter().map(setting).collect(),
        })
    }
}
