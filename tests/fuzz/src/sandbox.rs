//! Where components run that nobody knows: one runtime for all inputs, tight limits, and a
//! good job on the same host after each.

use crate::Checked;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use wodehost::{
    EngineConfig, Host, HostError, Limit, Limits, Outcome, Plugin, PluginError, PluginSource,
    Reason, Runtime, RuntimeConfig, Status,
};
use wodehost_tests::corpus::wat::{Worker, assemble};
use wodehost_tests::{limits, once, soon, value};

/// How long an input may take, on a machine that does much else. What the limits allow are
/// two seconds.
const TIME_MAX: Duration = Duration::from_secs(20);

/// What came of a component that was offered as a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It was not loaded, with this code.
    Refused(&'static str),
    /// A job of it ended so.
    Ended(Status, Reason),
}

/// What the host did with a component, and after it.
#[derive(Debug, Clone)]
pub struct Course {
    /// What came of the component.
    pub end: End,
    /// What was said of that, for people.
    pub said: String,
    /// How the good job after it ended.
    pub good: (Status, String),
    /// All of it together.
    pub took: Duration,
}

/// Few places, no cache: most of what is loaded here is seen once.
fn runtime() -> Result<&'static Runtime, String> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        let config = RuntimeConfig {
            engine: EngineConfig {
                live: 16,
                slots: 2,
                ..EngineConfig::default()
            },
            threads: Some(2),
            ..RuntimeConfig::default()
        };
        Runtime::new(config).map_err(|error| error.to_string())
    });
    made.as_ref().map_err(Clone::clone)
}

/// Limits under which nothing takes long.
fn tight() -> Limits {
    limits(&[
        (Limit::Keepalive, "250ms"),
        (Limit::Deadline, "1s"),
        (Limit::Fuel, "3M"),
        (Limit::Memory, "4MiB"),
        (Limit::HostCalls, "10000"),
        (Limit::Depth, "2"),
        (Limit::Children, "4"),
        (Limit::Tree, "8"),
    ])
}

fn load(runtime: &Runtime, name: &str, bytes: Vec<u8>) -> Result<Plugin, PluginError> {
    runtime.load(PluginSource::bytes(name, bytes).limits(tight()))
}

/// Loads the good plugin.
pub(crate) fn good() -> Result<Plugin, String> {
    let good = load(runtime()?, "good", assemble(&Worker::default().text()));
    good.map_err(|error| format!("the good one: {error}"))
}

/// Offers bytes as a plugin and runs a job of it, then one of the good plugin.
pub(crate) fn course(bytes: &[u8], good: &Plugin) -> Result<Course, String> {
    let runtime = runtime()?;
    let began = Instant::now();
    let host_of = |offered: Option<Plugin>| {
        let workers = offered.into_iter().chain([good.clone()]);
        let builder = Host::builder(runtime).slots(1);
        workers
            .fold(builder, |builder, plugin| builder.worker(once(plugin)))
            .build()
    };
    let offered = load(runtime, "offered", bytes.to_vec());
    let hosted = offered
        .map_err(|error| (error.code(), error.to_string()))
        .and_then(|plugin| {
            let host = host_of(Some(plugin));
            host.map_err(|error| (code(&error), error.to_string()))
        });
    let (host, refused) = match hosted {
        Ok(host) => (host, None),
        Err(refused) => {
            let host = host_of(None).map_err(|error| error.to_string())?;
            (host, Some(refused))
        }
    };
    let run = |name: &str| -> Result<Outcome, String> {
        let job = host.submit(name, [value(r#"[1, "two", {"three": null}]"#)]);
        Ok(soon(job.map_err(|error| error.to_string())?))
    };
    let (end, said) = if let Some((code, said)) = refused {
        (End::Refused(code), said)
    } else {
        let outcome = run("offered")?;
        let said = outcome.message.unwrap_or_default();
        (End::Ended(outcome.status, outcome.reason), said)
    };
    let good = run("good")?;
    Ok(Course {
        end,
        said,
        good: (good.status, good.reason.to_string()),
        took: began.elapsed(),
    })
}

/// Why a host was not made with a plugin that was loaded: it is no worker.
fn code(error: &HostError) -> &'static str {
    match error {
        HostError::Plugin { error, .. } => error.code(),
        HostError::Options { .. } => "bad-options",
        HostError::Store(_) => "store",
    }
}

/// What is wrong with how a component was taken.
pub(crate) fn is_well(course: &Course) -> Checked {
    let is_known = match &course.end {
        // What else there is has to do with files, grants and roles.
        End::Refused(code) => matches!(
            *code,
            "bad-component"
                | "component-too-complex"
                | "not-a-component"
                | "unknown-import"
                | "unsupported-feature"
                | "wrong-world"
        ),
        End::Ended(status, reason) => is_known(*status, *reason),
    };
    if !is_known {
        return Err(format!("it ended as {:?}: {}", course.end, course.said));
    }
    if course.good != (Status::Success, "returned".to_owned()) {
        return Err(format!("the good job after it: {:?}", course.good));
    }
    if course.took > TIME_MAX {
        return Err(format!("it took {:?}", course.took));
    }
    Ok(())
}

/// Whether a single attempt may end so.
fn is_known(status: Status, reason: Reason) -> bool {
    match reason {
        Reason::Declared => matches!(status, Status::Success | Status::Failure),
        Reason::Returned
        | Reason::Error
        | Reason::Trap(_)
        | Reason::Exit(_)
        | Reason::Silent
        | Reason::OutOfFuel
        | Reason::Deadline
        | Reason::Limit(_)
        | Reason::BadValue
        | Reason::ValueTooLarge
        | Reason::BadAbi
        | Reason::RestartAsked
        | Reason::NestedLimit => status == reason.status(),
        // These take options, stages, items, a producer, somebody who stops it, or a fault
        // of ours, or a store.
        Reason::BadOptions
        | Reason::UnknownWorker
        | Reason::NotPermitted
        | Reason::Items
        | Reason::Pipeline(_)
        | Reason::Rejected
        | Reason::Internal
        | Reason::Lost
        | Reason::Quarantined
        | Reason::Interrupted
        | Reason::Cancelled
        | Reason::ParentEnded => false,
    }
}
