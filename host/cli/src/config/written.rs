//! The layer that `wodehost.toml` is: each value checked, with its line.

use super::board::BoardLayer;
use super::bounds::BoundLayer;
use super::file::{Count, File, Plugin, Quantity};
use super::gates::GateChoice;
use super::jobs::{self, JobLayer};
use super::layer::{CacheChoice, Layer, LimitLayer, PluginLayer, Reference, memory_total};
use super::places::Places;
use super::plain;
use super::profile::ProfileLayer;
use super::source::{Source, Sourced};
use crate::error::{Error, did_you_mean};
use crate::flags::limit_error;
use crate::job_flags::checked;
use std::collections::BTreeMap;
use std::path::Path;
use wodehost::Limit;
use wodehost::plugin::{Folder, NetRule};
use wodehost::task::{JobOption, nearest_option};
use wodehost::units::Unit;
use wodehost::value::escape_for_people;

impl Layer {
    /// What `wodehost.toml` says; `base` is its folder.
    pub(crate) fn of_file(file: File, places: &Places, base: &Path) -> Result<Layer, Error> {
        let reader = FileReader { places, base };
        let bounds = BoundLayer::of_file(&file, |key| reader.source(&[key]))
            .map_err(|(key, why)| reader.wrong(&[key], why))?;
        let mut layer = Layer {
            bounds,
            slots: file.slots.map(|c| reader.sourced(c, &["slots"])),
            live: file.live.map(|c| reader.sourced(c, &["live"])),
            cache: file
                .cache
                .map(|text| reader.sourced(CacheChoice::of(&text, base), &["cache"])),
            profile: ProfileLayer::of(file.profile.map(|name| reader.sourced(name, &["profile"]))),
            jobserver: file.jobserver.map(|j| reader.sourced(j, &["jobserver"])),
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
        if let Some(total) = &file.memory_total {
            let total = memory_total(&total.text());
            let total = total.map_err(|why| reader.wrong(&["memory-total"], why))?;
            layer.memory_total = Some(reader.sourced(total, &["memory-total"]));
        }
        if let Some(texts) = &file.gates {
            let gate = |text: &String| GateChoice::of(text, base);
            let gates: Result<Vec<GateChoice>, String> = texts.iter().map(gate).collect();
            let gates = gates.map_err(|why| reader.wrong(&["gates"], why))?;
            layer.gates = Some(reader.sourced(gates, &["gates"]));
        }
        layer.board = BoardLayer::of_file(file.board, |key| reader.source(&["board", key]))
            .map_err(|(key, why)| reader.wrong(&["board", key], why))?;
        let off = Quantity::Text("off".to_owned());
        let mut limits = file.limits;
        if limits.get("fuel") == Some(&off) {
            limits.remove("fuel");
            layer.metered = Some(reader.sourced(false, &["limits", "fuel"]));
        }
        layer.limits = reader.limits(&limits, &["limits"])?;
        layer.job = reader.job(&file.job, &["job"])?;
        for (name, plugin) in file.plugins {
            let plugin = reader.plugin(&name, plugin)?;
            layer.plugins.insert(name, plugin);
        }
        Ok(layer)
    }
}

/// Turns what a file says into values with places.
struct FileReader<'a> {
    places: &'a Places,
    base: &'a Path,
}

impl FileReader<'_> {
    fn source(&self, path: &[&str]) -> Source {
        Source::File {
            file: self.places.file.clone(),
            line: self.places.line_at(path),
        }
    }

    fn sourced<T>(&self, value: T, path: &[&str]) -> Sourced<T> {
        Sourced::new(value, self.source(path))
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
                return Err(self.unknown(&path));
            };
            let value = match quantity {
                Quantity::Text(text) => limit.parse(text),
                Quantity::Number(number) => limit.from_number(*number),
            };
            let value = value.map_err(|e| self.wrong(&path, limit_error(&e)))?;
            layer.insert(limit, self.sourced(value, &path));
        }
        Ok(layer)
    }

    fn unknown(&self, path: &[&str]) -> Error {
        let key = escape_for_people(&path.join("."), 100);
        let (file, line) = (&self.places.file, self.places.line_at(path));
        let near = nearest_option(path.last().copied().unwrap_or_default());
        Error::config(format!("{file}:{line}: there is no key `{key}`")).hint_if(did_you_mean(near))
    }

    /// An unknown key of a job's section, which may be known elsewhere.
    fn unknown_option(&self, path: &[&str], key: &str) -> Error {
        let error = self.unknown(path);
        if Limit::by_key(key).is_some() {
            let table = if path.len() > 2 {
                "plugins.NAME.limits"
            } else {
                "limits"
            };
            error.only_hint(format!("it is a limit: write it below [{table}]"))
        } else if key == "max-running" {
            error.only_hint("it belongs to a worker: `plugins.NAME.max-running`")
        } else {
            error
        }
    }

    fn job(&self, job: &toml::Table, table: &[&str]) -> Result<JobLayer, Error> {
        let mut layer = JobLayer::new();
        for (key, value) in job {
            let path: Vec<&str> = table.iter().copied().chain([key.as_str()]).collect();
            let option = JobOption::by_key(key).ok_or_else(|| self.unknown_option(&path, key))?;
            let value = checked(option, plain::of_toml(value));
            let value = value.map_err(|why| self.wrong(&path, why))?;
            let value = jobs::from_folder(option, value, self.base);
            layer.push((option, self.sourced(value, &path)));
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
        let worker = |text: String| {
            Sourced::new(
                super::roster::from_folder(text, self.base),
                place(&["allow", "submit"]),
            )
        };
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
            submit: plugin.allow.submit.into_iter().map(worker).collect(),
            running_max: plugin.running_max.and_then(|count| match count {
                Count::Auto => None,
                Count::Of(count) => Some(Sourced::new(count, place(&["max-running"]))),
            }),
            limits: self.limits(&plugin.limits, &["plugins", name, "limits"])?,
            job: self.job(&plugin.job, &["plugins", name, "job"])?,
            config: plugin.config.into_iter().map(setting).collect(),
        })
    }
}
