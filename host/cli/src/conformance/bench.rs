//! A plugin under test: loaded under the name that its own submits use, in a host of its own.

use super::Found;
use super::expect::{self, data};
use crate::error::{Error, Kind};
use crate::session::Session;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime as Tokio;
use wodehost::{
    Host, HostWorker, Job, JobOptions, Limit, Limits, Outcome, Plugin, PluginSource, Runtime, Value,
};

/// The worker's name.
pub(super) const WORKER: &str = "conformance";

/// What the plugin is configured with: whether it reads it is one of the checks.
const CONFIG: &str = r#"{"answer": 42, "list": ["a", 1.5]}"#;

/// The longest that any single check may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// See the module.
pub(super) struct Bench {
    tokio: Tokio,
    runtime: Runtime,
    path: PathBuf,
    pub(super) plugin: Plugin,
    pub(super) host: Host,
    described: Result<Description, String>,
}

/// What the plugin says of itself.
struct Description {
    language: String,
    lacks: BTreeSet<String>,
}

impl Bench {
    /// Loads the plugin and asks what it is.
    pub(super) fn new(session: &Session, path: &Path) -> Result<Bench, Error> {
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let tokio = tokio.map_err(|error| {
            Error::new(Kind::Internal, "threads cannot be started").because(error.to_string())
        })?;
        let runtime = session.runtime.clone();
        let plugin = load(&runtime, path, Value::from_json(CONFIG).unwrap_or_default())?;
        let mut bench = Bench {
            host: host(&runtime, &plugin)?,
            tokio,
            runtime,
            path: path.to_owned(),
            plugin,
            described: Err("it is no worker".to_owned()),
        };
        if bench.plugin.roles().contains(&"worker") {
            bench.described = describe(&bench.ask(&request("describe")));
        }
        Ok(bench)
    }

    /// Whether the plugin answers requests; the error says why it is thought not to.
    pub(super) fn described(&self) -> Result<(), String> {
        self.described.as_ref().map(|_| ()).map_err(String::clone)
    }

    /// The language that the plugin says it is written in.
    pub(super) fn language(&self) -> &str {
        let described = self.described.as_ref();
        described.map_or("the plugin", |described| described.language.as_str())
    }

    /// Whether the plugin says that it cannot do this.
    pub(super) fn lacks(&self, request: &str) -> bool {
        let described = self.described.as_ref();
        described.is_ok_and(|described| described.lacks.contains(request))
    }

    /// A job of the plugin, with one attempt.
    pub(super) fn job(&self, job: &Value) -> Result<Job<'_>, String> {
        let job_of_host = self.host.job(WORKER).map_err(|error| error.to_string())?;
        Ok(job_of_host.argument(job.clone()))
    }

    /// Runs a job in one attempt.
    pub(super) fn ask(&self, job: &Value) -> Result<Outcome, String> {
        self.ask_with(job, "{}")
    }

    /// The same with options, written as a job's section of `wodehost.toml` in JSON.
    pub(super) fn ask_with(&self, job: &Value, options: &str) -> Result<Outcome, String> {
        let options = self.options(options)?;
        let handle = self.job(job)?.options(options).submit();
        let handle = handle.map_err(|error| error.to_string())?;
        self.wait(handle)
    }

    /// The options of a job; one attempt where they do not say more.
    pub(super) fn options(&self, json: &str) -> Result<JobOptions, String> {
        let mut options = JobOptions::of_limits(Arc::new(self.plugin.limits().as_ref().clone()));
        let said = Value::from_json(json).map_err(|error| error.to_string())?;
        if said.get("retries").is_none() {
            options.retry.retries = wodehost::task::Retries::Of(0);
        }
        options.tighten(&said).map_err(|error| error.to_string())?;
        Ok(options)
    }

    /// Waits for something, but not for ever.
    pub(super) fn wait<F: IntoFuture>(&self, what: F) -> Result<F::Output, String> {
        let what = what.into_future();
        self.tokio
            .block_on(async { tokio::time::timeout(PATIENCE, what).await })
            .map_err(|_| format!("it took longer than {} s", PATIENCE.as_secs()))
    }

    /// The plugin once more, with another configuration.
    pub(super) fn configured(&self, config: Value) -> Result<Plugin, String> {
        load(&self.runtime, &self.path, config).map_err(|error| error.one_line())
    }

    /// A host of its own for this plugin.
    pub(super) fn host_of(&self, plugin: &Plugin) -> Result<Host, String> {
        host(&self.runtime, plugin).map_err(|error| error.one_line())
    }
}

/// `{"do": what}`.
pub(super) fn request(what: &str) -> Value {
    Value::map([("do", Value::from(what))])
}

/// `{"do": what, "with": with}`.
pub(super) fn request_with(what: &str, with: impl Into<Value>) -> Value {
    Value::map([("do", Value::from(what)), ("with", with.into())])
}

fn load(runtime: &Runtime, path: &Path, config: Value) -> Result<Plugin, Error> {
    // Time is what the checks are about that set less.
    let mut limits = Limits::default();
    limits.set(Limit::Fuel, u64::MAX);
    let source = PluginSource::file(path)
        .name(WORKER)
        .limits(limits)
        .config(config);
    runtime
        .load(source)
        .map_err(|error| Error::plugin(WORKER, path, &error))
}

fn host(runtime: &Runtime, plugin: &Plugin) -> Result<Host, Error> {
    let mut host = Host::builder(runtime).slots(2);
    if plugin.roles().contains(&"worker") {
        host = host.worker(HostWorker::from(plugin.clone()));
    }
    host.build().map_err(|error| Error::host(&error))
}

fn describe(outcome: &Result<Outcome, String>) -> Result<Description, String> {
    let outcome = outcome.as_ref().map_err(String::clone)?;
    let because = |why: &str| format!("its answer to the request `describe` {why}");
    if !outcome.is_success() {
        return Err(because(&format!(
            "is a {} ({})",
            outcome.status, outcome.reason
        )));
    }
    let answer = &outcome.data;
    let is_version = answer
        .get("conformance")
        .and_then(|version| version.as_u64())
        == Some(1);
    let language = answer
        .get("language")
        .and_then(|language| language.as_str().map(str::to_owned));
    let lacks = answer
        .get("lacks")
        .and_then(|lacks| lacks.to::<BTreeSet<String>>().ok());
    match (is_version, language, lacks) {
        (true, Some(language), Some(lacks)) => Ok(Description { language, lacks }),
        _ => Err(because(&format!("is {}", expect::shown(answer)))),
    }
}

impl Bench {
    /// Asks, and expects this answer.
    pub(super) fn expect(&self, job: &Value, answer: &Value) -> Found {
        data(&self.ask(job)?, answer)
    }
}
