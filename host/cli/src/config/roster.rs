//! From what a user names (`scale`, `scale.wasm`, `scale=build/scale.wasm`) to a
//! plugin with everything that holds for it.

use super::Config;
use super::addressee::Addressees;
use super::gates::{self, GateChoice, PickedGate};
use super::jobs::{self, JobLayer, worker_of};
use super::layer::{PluginLayer, Reference};
use super::source::{Source, Sourced};
use crate::error::{Error, did_you_mean, nearest};
use crate::flags::PluginFlags;
use std::path::{Path, PathBuf};
use wodehost::limits::LIMITS;
use wodehost::plugin::Folder;
use wodehost::task::JobOption;
use wodehost::value::ScanLimits;
use wodehost::{Gate, Grants, JobOptions, Limits, Plugin, PluginSource, Value};

/// A plugin with everything that holds for it.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Grants, with their sources.
    pub(crate) says: PluginLayer,
    /// Every limit, in the order of the table.
    pub(crate) limits: Vec<Sourced<u64>>,
    /// What holds for its jobs, where it has some.
    pub(crate) job: JobLayer,
    /// What the plugins are called that stages of its jobs name.
    named: Vec<(JobOption, String)>,
    /// What the workers are called that it may submit jobs to.
    submits: Vec<String>,
    /// Whether it was named, and not only by what another one may do.
    pub(crate) is_named: bool,
}

/// A plugin that is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) reference: Reference,
    /// Whether it gets jobs: then `[job]` and the flags of jobs hold for it.
    pub(crate) has_jobs: bool,
}

/// Plugins that were named.
#[derive(Debug)]
pub(crate) struct Picked {
    /// Each once.
    pub(crate) specs: Vec<Spec>,
    /// For each reference the place of its plugin.
    pub(crate) places: Vec<usize>,
    /// How many of the plugins are more than gates; they come first.
    pub(crate) before_gates: usize,
    /// The gates, in the order in which they are asked.
    pub(crate) gates: Vec<PickedGate>,
}

impl Picked {
    /// The plugins that get jobs, where nobody but workers was wanted; `plugins` are
    /// loaded, in the order of `specs`.
    pub(crate) fn workers<'a>(
        &'a self,
        plugins: &'a [Plugin],
    ) -> impl Iterator<Item = (&'a Spec, &'a Plugin)> {
        self.specs.iter().zip(plugins).take(self.before_gates)
    }

    /// The gates as the library has them.
    pub(crate) fn gates(&self, plugins: &[Plugin]) -> impl Iterator<Item = Gate> {
        self.gates.iter().map(|gate| gate.of_library(plugins))
    }
}

/// Finds the plugins that are wanted, those that stages of their jobs name, and gates,
/// and gives each what the flags say. A plugin that is named twice comes once.
pub(crate) fn pick(
    config: &Config,
    flags: &PluginFlags,
    wanted: &[Wanted],
    gates: &Sourced<Vec<GateChoice>>,
) -> Result<Picked, Error> {
    let mut specs: Vec<Spec> = Vec::new();
    let mut places = Vec::new();
    for one in wanted {
        let place = add(config, &mut specs, &one.reference)?;
        specs[place].is_named = true;
        if one.has_jobs {
            // The options of the table that was named hold, whatever it is called here.
            let table = split_name(&one.reference.text, &one.reference.base).1;
            specs[place].job = config.job_of(table);
        }
        places.push(place);
    }
    for place in 0..specs.len() {
        let mut named = Vec::new();
        for (option, value) in specs[place].job.clone() {
            if let Some(text) = worker_of(option, &value.value) {
                let stage = add(config, &mut specs, &Reference::argument(&text))
                    .map_err(|error| jobs::of_option(option, &value.source, error))?;
                named.push((option, specs[stage].name.clone()));
            }
        }
        specs[place].named = named;
    }
    let mut addressees = Addressees {
        flags,
        specs: &mut specs,
    };
    addressees.allow_submits()?;
    add_submits(config, &mut specs)?;
    let before_gates = specs.len();
    let gates = gates::pick(config, &mut specs, gates)?;
    Addressees {
        flags,
        specs: &mut specs,
    }
    .apply()?;
    specs.iter().try_for_each(Spec::check)?;
    Ok(Picked {
        specs,
        places,
        before_gates,
        gates,
    })
}

/// Finds the workers that those which were named may submit jobs to, and so on.
fn add_submits(config: &Config, specs: &mut Vec<Spec>) -> Result<(), Error> {
    let mut place = 0;
    while place < specs.len() {
        for text in specs[place].says.submit.clone() {
            let known = specs.len();
            let found = add(config, specs, &Reference::argument(&text.value));
            let found = found.map_err(|error| jobs::of_grant(&text.source, error))?;
            if found == known {
                let table = split_name(&text.value, Path::new("")).1;
                specs[found].job = config.job_of(table);
            }
            let name = specs[found].name.clone();
            specs[place].submits.push(name);
        }
        place += 1;
    }
    Ok(())
}

/// Finds a plugin: its place among those that were found.
pub(super) fn add(
    config: &Config,
    specs: &mut Vec<Spec>,
    reference: &Reference,
) -> Result<usize, Error> {
    let spec = find(config, reference)?;
    match specs.iter().position(|s| s.name == spec.name) {
        None => {
            specs.push(spec);
            Ok(specs.len() - 1)
        }
        Some(place) if is_same_file(&specs[place].path, &spec.path) => Ok(place),
        Some(place) => {
            let (one, other) = (specs[place].path.display(), spec.path.display());
            Err(
                Error::usage(format!("two plugins are called `{}`", spec.name))
                    .because(format!("{one} and {other}"))
                    .hint("give one another name: `NAME=FILE`"),
            )
        }
    }
}

/// Whether two paths, however they are spelt, name one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| real(other) == Some(one))
}

/// Finds the one plugin that a command is about, and behind it those that stages of its
/// jobs name.
pub(crate) fn pick_one(
    config: &Config,
    flags: &PluginFlags,
    text: &str,
) -> Result<Vec<Spec>, Error> {
    let nothing = Sourced::default(Vec::new());
    Ok(pick(config, flags, &[worker(text)], &nothing)?.specs)
}

/// The same for a command that runs jobs: with the gates that are asked before they start.
pub(crate) fn pick_job(config: &Config, flags: &PluginFlags, text: &str) -> Result<Picked, Error> {
    pick(config, flags, &[worker(text)], &config.gates())
}

fn worker(text: &str) -> Wanted {
    Wanted {
        reference: Reference::argument(text),
        has_jobs: true,
    }
}

/// The name and the rest of `NAME=REST`, unless the whole is a file.
pub(crate) fn split_name<'t>(text: &'t str, base: &Path) -> (Option<&'t str>, &'t str) {
    match text.split_once('=') {
        Some((name, rest)) if is_name(name) && !base.join(text).exists() => (Some(name), rest),
        Some(_) | None => (None, text),
    }
}

/// Whether a text can be a plugin's name in front of `=`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// Finds a plugin by a name or a file.
pub(crate) fn find(config: &Config, reference: &Reference) -> Result<Spec, Error> {
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
        job: JobLayer::new(),
        named: Vec::new(),
        submits: Vec::new(),
        is_named: false,
    })
}

/// A plugin as a file names it: a relative file begins at the configuration's folder.
pub(super) fn from_folder(text: String, base: &Path) -> String {
    if is_file(&text, base) && !base.as_os_str().is_empty() {
        base.join(text).to_string_lossy().into_owned()
    } else {
        text
    }
}

/// Whether a text is meant as a file: it looks like one, or there is one.
pub(super) fn is_file(text: &str, base: &Path) -> bool {
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

    /// The options of its jobs.
    pub(crate) fn options(&self) -> Result<JobOptions, Error> {
        jobs::options(self.limits(), &self.job, &self.named)
    }

    /// Whether a stage of its jobs is a jq expression.
    pub(crate) fn uses_jq(&self) -> bool {
        let mut texts = self
            .job
            .iter()
            .filter_map(|(_, value)| value.value.as_str());
        texts.any(|text| text.starts_with("jq:"))
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
            submit: self.submits.clone(),
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
