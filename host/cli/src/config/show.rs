//! The configuration that applies, each value with its source: as TOML with
//! comments, or as JSON.

use super::Config;
use super::bounds::{BOUNDS, BoundInfo};
use super::file::read_config;
use super::jobs::JobLayer;
use super::layer::{Layer, PluginLayer, Reference};
use super::source::{Source, Sourced};
use crate::error::Error;
use serde::Serialize;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::Path;
use wodehost::limits::LIMITS;
use wodehost::plugin::{Folder, NetRule};
use wodehost::task::{OPTIONS, OptionShape};
use wodehost::units::Unit;
use wodehost::{Limit, Value};

/// One line: a key of a table, its value as TOML, and its source.
struct Row {
    table: Vec<String>,
    key: String,
    value: toml::Value,
    source: Source,
}

/// The column at which sources stand, unless a value is longer.
const SOURCE_COLUMN: usize = 34;

/// The configuration as TOML.
pub(crate) fn as_toml(config: &Config) -> String {
    let mut text = String::new();
    let mut table: &[String] = &[];
    for row in &rows(config) {
        if row.table != table {
            table = &row.table;
            let names: Vec<String> = table.iter().map(|name| bare(name)).collect();
            let _ = writeln!(text, "\n[{}]", names.join("."));
        }
        let line = format!("{} = {}", bare(&row.key), row.value);
        let _ = writeln!(text, "{line:<SOURCE_COLUMN$}  # {}", row.source);
    }
    text
}

/// What `wodehost config show` prints for a file of this name and text, or the error that
/// every command ends with for it, without colours. Environment and flags say nothing; what
/// depends on the machine, such as the default of `slots`, is that of this one.
pub fn shown_configuration(name: &str, text: &str) -> Result<String, String> {
    let plain = |error: Error| anstream::adapter::strip_str(&error.render()).to_string();
    let (file, places) = read_config(name, text).map_err(plain)?;
    let file = Layer::of_file(file, &places, Path::new("")).map_err(plain)?;
    let config = Config::new(Some(name.into()), file, Layer::default(), Layer::default());
    config.check().map_err(plain)?;
    Ok(as_toml(&config))
}

/// The configuration for programs.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    schema: u32,
    /// The file that was read.
    file: Option<String>,
    values: Vec<ShownValue>,
}

#[derive(Debug, Serialize)]
struct ShownValue {
    /// The names on the way to it; a plugin's name may hold a dot.
    path: Vec<String>,
    value: toml::Value,
    source: String,
}

/// The configuration as JSON: for each key its value and its source.
pub(crate) fn as_json(config: &Config) -> Shown {
    let shown = |mut row: Row| {
        row.table.push(row.key);
        ShownValue {
            path: row.table,
            value: row.value,
            source: row.source.to_string(),
        }
    };
    Shown {
        schema: 1,
        file: config.path.as_ref().map(|p| p.display().to_string()),
        values: rows(config).into_iter().map(shown).collect(),
    }
}

/// A key as TOML writes it: quoted when it must be.
fn bare(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(plain) {
        key.to_owned()
    } else {
        toml::Value::String(key.to_owned()).to_string()
    }
}

fn rows(config: &Config) -> Vec<Row> {
    let mut rows = Rows(Vec::new());
    let table: &[&str] = &[];
    let count = |n: Sourced<u32>| Sourced::new(toml::Value::Integer(i64::from(n.value)), n.source);
    rows.put(table, "slots", count(config.slots()));
    rows.put(table, "live", count(config.live()));
    let total = config.memory_total();
    let bytes = total
        .value
        .map_or_else(|| "auto".to_owned(), |bytes| Unit::Bytes.format(bytes));
    rows.put(table, "memory-total", text(bytes, total.source));
    let profile = config.profile_name();
    let name = profile.value.as_str().to_owned();
    rows.put(table, "profile", text(name, profile.source));
    let cache = config.cache();
    let folder = cache
        .value
        .map_or_else(|| "off".to_owned(), |p| p.display().to_string());
    rows.put(table, "cache", text(folder, cache.source));
    for BoundInfo {
        bound, key, unit, ..
    } in &BOUNDS
    {
        let value = config.bound(*bound);
        rows.put(table, key, text(unit.format(value.value), value.source));
    }
    let grace = config.grace_nanos();
    rows.put(
        table,
        "grace",
        text(Unit::Time.format(grace.value), grace.source),
    );
    let gates = config.gates();
    let texts = gates.value.iter().map(|gate| gate.to_string().into());
    let texts = toml::Value::Array(texts.collect());
    rows.put(table, "gates", Sourced::new(texts, gates.source));
    let jobserver = config.jobserver();
    let choice = jobserver.value.as_str().to_owned();
    rows.put(table, "jobserver", text(choice, jobserver.source));
    rows.limits(config);
    rows.job(&["job"], &config.job(), true);
    rows.run(config);
    rows.board(config);
    for (name, plugin) in &config.file.plugins {
        rows.plugin(name, plugin);
    }
    rows.0
}

fn text(text: String, source: Source) -> Sourced<toml::Value> {
    Sourced::new(toml::Value::String(text), source)
}

fn refer(reference: Sourced<Reference>) -> Sourced<toml::Value> {
    text(reference.value.text, reference.source)
}

struct Rows(Vec<Row>);

impl Rows {
    fn put(&mut self, table: &[&str], key: &str, value: Sourced<toml::Value>) {
        self.0.push(Row {
            table: table.iter().map(|name| (*name).to_owned()).collect(),
            key: key.to_owned(),
            value: value.value,
            source: value.source,
        });
    }

    fn limits(&mut self, config: &Config) {
        for info in &LIMITS {
            let limit = config.limit(info.limit);
            let metered = config.metered();
            let value = if info.limit == Limit::Fuel && !metered.value {
                text("off".to_owned(), metered.source)
            } else {
                text(info.unit.format(limit.value), limit.source)
            };
            self.put(&["limits"], info.key, value);
        }
    }

    /// Options of jobs; `all` = those that nobody set, too.
    fn job(&mut self, table: &[&str], job: &JobLayer, all: bool) {
        for info in &OPTIONS {
            let said: Vec<&Sourced<Value>> = job
                .iter()
                .filter(|(option, _)| *option == info.option)
                .map(|(_, value)| value)
                .collect();
            let shown = match (said.last(), info.shape) {
                (None, _) if all && !info.default.is_empty() => {
                    Sourced::default(written(info.default))
                }
                (None, _) => continue,
                (Some(last), OptionShape::Env) => {
                    Sourced::new(variables(&said), last.source.clone())
                }
                // Names, which are texts also where they look like numbers.
                (Some(last), OptionShape::Text | OptionShape::Worker | OptionShape::Stage) => {
                    Sourced::new(as_toml_value(&last.value), last.source.clone())
                }
                (Some(last), _) => {
                    let value = match last.value.as_str() {
                        Some(text) => written(text),
                        None => as_toml_value(&last.value),
                    };
                    Sourced::new(value, last.source.clone())
                }
            };
            self.put(table, info.key, shown);
        }
    }

    fn board(&mut self, config: &Config) {
        let table = &["board"];
        let (mode, summary) = (config.board(), config.summary());
        self.put(
            table,
            "mode",
            text(mode.value.as_str().to_owned(), mode.source),
        );
        let said = summary.value.as_str().to_owned();
        self.put(table, "summary", text(said, summary.source));
        for (key, words) in config.board_texts() {
            self.put(table, key, text(words.value, words.source));
        }
    }

    fn run(&mut self, config: &Config) {
        let table = &["run"];
        if let Some(producer) = config.producer() {
            self.put(table, "producer", refer(producer));
        }
        if let Some(workers) = config.workers() {
            let names = workers
                .value
                .into_iter()
                .map(|w| toml::Value::String(w.text));
            let names = toml::Value::Array(names.collect());
            self.put(table, "workers", Sourced::new(names, workers.source));
        }
        if let Some(consumer) = config.consumer() {
            self.put(table, "consumer", refer(consumer));
        }
        let halt = config.halt();
        self.put(table, "halt", text(halt.value.to_string(), halt.source));
    }

    fn plugin(&mut self, name: &str, plugin: &PluginLayer) {
        let table = &["plugins", name];
        if let Some(path) = &plugin.path {
            let path = text(path.value.display().to_string(), path.source.clone());
            self.put(table, "path", path);
        }
        if let Some(count) = &plugin.running_max {
            let value = toml::Value::Integer(i64::from(count.value));
            self.put(
                table,
                "max-running",
                Sourced::new(value, count.source.clone()),
            );
        }
        let allow = &["plugins", name, "allow"];
        self.list(allow, "read", &plugin.read, folder_text);
        self.list(allow, "write", &plugin.write, folder_text);
        self.list(allow, "env", &plugin.env, Clone::clone);
        self.list(allow, "net", &plugin.net, rule_text);
        self.list(allow, "submit", &plugin.submit, Clone::clone);
        for info in &LIMITS {
            if let Some(limit) = plugin.limits.get(&info.limit) {
                let value = text(info.unit.format(limit.value), limit.source.clone());
                self.put(&["plugins", name, "limits"], info.key, value);
            }
        }
        self.job(&["plugins", name, "job"], &plugin.job, false);
        for (key, value) in &plugin.config {
            let row = Sourced::new(as_toml_value(&value.value), value.source.clone());
            self.put(&["plugins", name, "config"], key, row);
        }
    }

    fn list<T>(&mut self, table: &[&str], key: &str, all: &[Sourced<T>], show: fn(&T) -> String) {
        if let Some(first) = all.first() {
            let texts = all.iter().map(|one| toml::Value::String(show(&one.value)));
            let value = toml::Value::Array(texts.collect());
            self.put(table, key, Sourced::new(value, first.source.clone()));
        }
    }
}

/// A text as the file would have it: numbers, truths and tables without quotes.
fn written(text: &str) -> toml::Value {
    match text {
        "true" | "false" => toml::Value::Boolean(text == "true"),
        "{}" => toml::Value::Table(toml::Table::new()),
        text => text.parse().map_or_else(
            |_| toml::Value::String(text.to_owned()),
            toml::Value::Integer,
        ),
    }
}

/// All variables of all layers; `false` = it is hidden.
fn variables(said: &[&Sourced<Value>]) -> toml::Value {
    let mut all = toml::Table::new();
    for (name, value) in said
        .iter()
        .filter_map(|value| value.value.entries())
        .flatten()
    {
        let shown = match value.as_str() {
            Some(text) => toml::Value::String(text.to_owned()),
            None => toml::Value::Boolean(false),
        };
        all.insert(name.as_str().unwrap_or_default().to_owned(), shown);
    }
    toml::Value::Table(all)
}

/// What is in the file is TOML, so it can be written as that again.
fn as_toml_value(value: &Value) -> toml::Value {
    let shown = toml::Value::try_from(value.to::<Json>().unwrap_or(Json::Null));
    shown.unwrap_or_else(|_| toml::Value::String(value.to_json()))
}

fn folder_text(folder: &Folder) -> String {
    format!("{}::{}", folder.host.display(), folder.guest)
}

fn rule_text(rule: &NetRule) -> String {
    let port = rule.port.map_or_else(|| "*".to_owned(), |p| p.to_string());
    if rule.ip.is_ipv6() {
        format!("[{}]:{port}", rule.ip)
    } else {
        format!("{}:{port}", rule.ip)
    }
}
