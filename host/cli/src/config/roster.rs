//! From what a user names (`scale`, `scale.wasm`, `scale=build/scale.wasm`) to a
//! plugin with everything that holds for it.

use super::Config;
use super::layer::{PluginLayer, Reference};
use super::plain;
use super::source::{Source, Sourced};
use crate::error::{Error, did_you_mean, nearest};
use crate::flags::PluginFlags;
use std::path::{Path, PathBuf};
use wodehost::limits::LIMITS;
use wodehost::plugin::{Folder, NetRule};
use wodehost::value::ScanLimits;
use wodehost::{Grants, Limits, PluginSource, Value};

/// A plugin with everything that holds for it.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Grants, with their sources.
    pub(crate) says: PluginLayer,
    /// Every limit, in the order of the table.
    pub(crate) limits: Vec<Sourced<u64>>,
}

/// Plugins that were named.
#[derive(Debug)]
pub(crate) struct Picked {
    /// Each once.
    pub(crate) specs: Vec<Spec>,
    /// For each reference the place of its plugin.
    pub(crate) places: Vec<usize>,
}

/// Finds the plugins that are named, and gives each what the flags say. A plugin
/// that is named twice comes once.
pub(crate) fn pick(
    config: &Config,
    flags: &PluginFlags,
    references: &[Reference],
) -> Result<Picked, Error> {
    let mut specs: Vec<Spec> = Vec::new();
    let mut places = Vec::new();
    for reference in references {
        let spec = find(config, reference)?;
        let place = match specs.iter().position(|s| s.name == spec.name) {
            None => {
                specs.push(spec);
                specs.len() - 1
            }
            Some(place) if specs[place].path == spec.path => place,
            Some(place) => {
                let (one, other) = (specs[place].path.display(), spec.path.display());
                return Err(
                    Error::usage(format!("two plugins are called `{}`", spec.name))
                        .because(format!("{one} and {other}"))
                        .hint("give one another name: `NAME=FILE`"),
                );
            }
        };
        places.push(place);
    }
    let mut flags = Flags {
        flags,
        specs: &mut specs,
    };
    flags.apply()?;
    specs.iter().try_for_each(Spec::check)?;
    Ok(Picked { specs, places })
}

/// Finds the one plugin that a command is about.
pub(crate) fn pick_one(
    config: &Config,
    flags: &PluginFlags,
    text: &str,
) -> Result<Vec<Spec>, Error> {
    let reference = Reference::argument(text);
    Ok(pick(config, flags, &[reference])?.specs)
}

/// The name and the rest of `NAME=REST`, unless the whole is a file.
pub(crate) fn split_name<'t>(text: &'t str, base: &Path) -> (Option<&'t str>, &'t str) {
    match text.split_once('=') {
        Some((name, rest)) if is_name(name) && !base.join(text).exists() => (Some(name), rest),
        Some(_) | None => (None, text),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

fn find(config: &Config, reference: &Reference) -> Result<Spec, Error> {
    let (name, target) = split_name(&reference.text, &reference.base);
    let known = config.file.plugins.get_key_value(target);
    let (found_name, path, says) = match known {
        Some((key, says)) => {
            let Some(path) = &says.path else {
                return Err(Error::config(format!("[plugins.{key}] has no `path`"))
                    .hint(format!("add `path = \"{key}.wasm\"`")));
            };
            (key.clone(), path.value.clone(), says.clone())
        }
        None if is_file(target, &reference.base) => {
            let path = reference.base.join(target);
            let says = PluginLayer {
                path: Some(Sourced::new(path.clone(), Source::Argument)),
                ..PluginLayer::default()
            };
            (stem(&path), path, says)
        }
        None => return Err(unknown(config, target)),
    };
    let name = name.map_or(found_name, str::to_owned);
    // The limits of the table that was named hold, whatever the plugin is called here.
    let table = known.map_or(name.as_str(), |(key, _)| key.as_str());
    let limits = LIMITS.iter().map(|info| config.limit_of(table, info.limit));
    Ok(Spec {
        limits: limits.collect(),
        name,
        path,
        says,
    })
}

/// Whether a text is meant as a file: it looks like one, or there is one.
fn is_file(text: &str, base: &Path) -> bool {
    text.contains(std::path::is_separator)
        || Path::new(text).extension().is_some()
        || base.join(text).is_file()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(|| "plugin".to_owned(), |s| s.to_string_lossy().into_owned())
}

fn unknown(config: &Config, text: &str) -> Error {
    let names = config.plugin_names();
    let near = nearest(text, names.iter().copied());
    let error = Error::usage(format!("no plugin is called `{text}`"));
    let error = match &config.path {
        Some(path) if names.is_empty() => {
            error.because(format!("{} names no plugin", path.display()))
        }
        Some(path) => error.because(format!("{} has {}", path.display(), names.join(", "))),
        None => error.because("there is no wodehost.toml here that could name one"),
    };
    match near {
        Some(_) => error.hint_if(did_you_mean(near)),
        None => error.hint(format!("a file is written `./{text}` or `{text}.wasm`")),
    }
}

/// Gives flags to the plugins that they are meant for.
struct Flags<'a> {
    flags: &'a PluginFlags,
    specs: &'a mut Vec<Spec>,
}

impl Flags<'_> {
    fn apply(&mut self) -> Result<(), Error> {
        let flags = self.flags;
        for text in &flags.allow_read {
            let (spec, folder) = self.folder("--allow-read", text)?;
            spec.says.read.push(folder);
        }
        for text in &flags.allow_write {
            let (spec, folder) = self.folder("--allow-write", text)?;
            spec.says.write.push(folder);
        }
        for text in &flags.allow_env {
            let (spec, name) = self.meant("--allow-env", text)?;
            let name = Sourced::new(name.to_owned(), Source::Flag("--allow-env"));
            spec.says.env.push(name);
        }
        for text in &flags.allow_net {
            let (spec, rule) = self.meant("--allow-net", text)?;
            let rule =
                NetRule::parse(rule).map_err(|e| Error::usage(format!("--allow-net: {e}")))?;
            spec.says
                .net
                .push(Sourced::new(rule, Source::Flag("--allow-net")));
        }
        flags.set.iter().try_for_each(|text| self.set(text))
    }

    fn folder(
        &mut self,
        flag: &'static str,
        text: &str,
    ) -> Result<(&mut Spec, Sourced<Folder>), Error> {
        let (spec, folder) = self.meant(flag, text)?;
        let folder = Folder::parse(folder, Path::new(""))
            .map_err(|e| Error::usage(format!("{flag}: {e}")))?;
        Ok((spec, Sourced::new(folder, Source::Flag(flag))))
    }

    /// The plugin that `[PLUGIN=]REST` is meant for, and the rest.
    fn meant<'t>(&mut self, flag: &str, text: &'t str) -> Result<(&mut Spec, &'t str), Error> {
        if let Some((name, rest)) = text.split_once('=')
            && let Some(place) = self.specs.iter().position(|s| s.name == name)
        {
            return Ok((&mut self.specs[place], rest));
        }
        if self.specs.len() != 1 {
            return Err(self.whose(flag, text, '='));
        }
        Ok((&mut self.specs[0], text))
    }

    /// A flag that does not say which of several plugins it is meant for.
    fn whose(&self, flag: &str, text: &str, mark: char) -> Error {
        let names: Vec<&str> = self.specs.iter().map(|s| s.name.as_str()).collect();
        let near = text
            .split_once(mark)
            .and_then(|(name, _)| nearest(name, names.iter().copied()));
        Error::usage(format!("`{flag} {text}` does not say for which plugin"))
            .because(format!("the plugins here are {}", names.join(", ")))
            .hint_if(did_you_mean(near))
            .hint(format!(
                "write `{flag} {}{mark}…`",
                names.first().unwrap_or(&"NAME")
            ))
    }

    fn set(&mut self, text: &str) -> Result<(), Error> {
        let (path, value) = plain::assignment(text)?;
        let named = self
            .specs
            .iter()
            .position(|s| Some(&s.name.as_str()) == path.first());
        let (place, path) = match named {
            Some(place) if path.len() > 1 => (place, &path[1..]),
            _ if self.specs.len() == 1 => (0, path.as_slice()),
            _ => return Err(self.whose("--set", text, '.')),
        };
        let spec = &mut self.specs[place];
        let Some((key, rest)) = path.split_first() else {
            return Ok(());
        };
        let source = Source::Flag("--set");
        let config = &mut spec.says.config;
        if let Some((_, old)) = config.iter_mut().find(|(k, _)| k == key) {
            *old = Sourced::new(plain::with(&old.value, rest, value), source);
        } else {
            let value = plain::with(&Value::empty_map(), rest, value);
            config.push(((*key).to_owned(), Sourced::new(value, source)));
        }
        Ok(())
    }
}

impl Spec {
    /// Its own configuration, as it will read it.
    pub(crate) fn config(&self) -> Value {
        let entries = self.says.config.iter();
        Value::map(entries.map(|(key, value)| (key, value.value.clone())))
    }

    /// Its limits without their sources.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        for (info, value) in LIMITS.iter().zip(&self.limits) {
            limits.set(info.limit, value.value);
        }
        limits
    }

    /// What it may reach, with the variables' values as they are now; those that
    /// are not set come by name.
    pub(crate) fn grants(&self) -> (Grants, Vec<String>) {
        let mut unset = Vec::new();
        let mut env = Vec::new();
        for name in &self.says.env {
            match std::env::var(&name.value) {
                Ok(value) => env.push((name.value.clone(), value)),
                Err(_) => unset.push(name.value.clone()),
            }
        }
        let values = |all: &[Sourced<Folder>]| all.iter().map(|s| s.value.clone()).collect();
        let grants = Grants {
            read: values(&self.says.read),
            write: values(&self.says.write),
            env,
            net: self.says.net.iter().map(|s| s.value).collect(),
        };
        (grants, unset)
    }

    /// What the library needs to load it.
    pub(crate) fn source(&self) -> PluginSource {
        PluginSource::file(&self.path)
            .name(&self.name)
            .grants(self.grants().0)
            .limits(self.limits())
            .config(self.config())
    }

    fn check(&self) -> Result<(), Error> {
        self.config().within(&ScanLimits::default()).map_err(|e| {
            Error::config(format!(
                "the configuration of plugin `{}` cannot be used",
                self.name
            ))
            .because(e.to_string())
        })
    }
}
