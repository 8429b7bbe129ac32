//! What the tests of nested jobs share: hosts for the guest `nest`, its steps, and a
//! journal that shows outside of the sandbox which jobs ran.

use super::grants::writer;
use super::task_events::{listened, wait_for, wait_for_start};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tempfile::TempDir;
use wodehost::task::Happened;
use wodehost::{
    Grants, Host, HostBuilder, HostWorker, JobEvents, JobHandle, Limit, Outcome, Plugin,
    PluginSource, SubmitError,
};
use wodehost_tests::{guest, limits, once, runtime, soon, told, value};

/// Milliseconds that nothing in these tests takes.
pub(crate) const LONG: u64 = 150_000;

/// The guest `nest` by any name. It may submit to every worker of these tests, compute
/// and be silent for as long as it likes.
pub(crate) fn nest_called(name: &str) -> Plugin {
    let others = [
        "again",
        "about",
        "busy",
        "echo",
        "fail",
        "nest",
        "noop",
        "record",
        "stop_when_asked",
    ];
    let patient = limits(&[
        (Limit::Keepalive, "inf"),
        (Limit::Deadline, "inf"),
        (Limit::Fuel, "inf"),
    ]);
    let grants = Grants {
        submit: others.map(str::to_owned).to_vec(),
        ..Grants::none()
    };
    let source = PluginSource::file(guest("nest")).name(name);
    runtime()
        .load(source.grants(grants).limits(patient))
        .unwrap()
}

/// `nest`, whose jobs have one attempt.
pub(crate) fn nest() -> HostWorker {
    once(nest_called("nest"))
}

/// `nest` once more: as `busy` no more than one attempt of it runs.
pub(crate) fn busy() -> HostWorker {
    once(nest_called("busy")).running_max(1)
}

/// `nest` once more: as `again` its jobs have four attempts.
pub(crate) fn again() -> HostWorker {
    told(nest_called("again"), r#"{"retries": 3}"#)
}

/// A host of so many slots.
pub(crate) fn host(slots: u32, workers: impl IntoIterator<Item = HostWorker>) -> Host {
    let builder = Host::builder(runtime()).slots(slots);
    let builder = workers.into_iter().fold(builder, HostBuilder::worker);
    builder.build().unwrap()
}

/// A step that submits a job.
pub(crate) fn submit(worker: &str, argument: impl Into<Json>) -> Json {
    submit_with(worker, argument, Json::Null)
}

/// The same with options.
pub(crate) fn submit_with(
    worker: &str,
    argument: impl Into<Json>,
    options: impl Into<Json>,
) -> Json {
    json!(["submit", worker, [argument.into()], options.into()])
}

/// A step that submits a job and waits until it has started.
pub(crate) fn start(worker: &str, argument: impl Into<Json>) -> Json {
    start_with(worker, argument, Json::Null)
}

/// The same with options.
pub(crate) fn start_with(
    worker: &str,
    argument: impl Into<Json>,
    options: impl Into<Json>,
) -> Json {
    json!(["submit", worker, [argument.into()], options.into(), LONG])
}

/// Submits a job of `nest` that takes these steps.
pub(crate) fn steps(host: &Host, steps: &Json) -> JobHandle {
    host.submit("nest", [value(&steps.to_string())]).unwrap()
}

/// The same, with its events.
pub(crate) fn watched(host: &Host, steps: &Json) -> (JobHandle, JobEvents) {
    listened(host, "nest", &steps.to_string())
}

/// What each step of a job of `nest` answered.
pub(crate) fn answers(host: &Host, taken: &Json) -> Vec<Json> {
    answers_of(&soon(steps(host, taken)))
}

/// What each step answered.
pub(crate) fn answers_of(outcome: &Outcome) -> Vec<Json> {
    assert!(outcome.is_success(), "{outcome:?}");
    serde_json::from_str(&outcome.data.to_json()).unwrap()
}

/// Why a submit was refused: the error, and what belongs to it.
pub(crate) fn refused(answer: &Json) -> (&str, &str) {
    let text = |key| answer[key].as_str().unwrap_or_default();
    (text("error"), text("what"))
}

/// Waits until a guest has taken the step `update`.
pub(crate) fn wait_for_update(events: &mut JobEvents) {
    wait_for(events, |what| matches!(what, Happened::State(_)));
}

/// Takes the slot of the host's `nest` or `busy` until it is cancelled.
pub(crate) fn occupied(host: &Host, worker: &str) -> JobHandle {
    let (job, mut events) = listened(host, worker, r#"[["sleep", 3600000]]"#);
    wait_for_start(&mut events);
    job
}

/// Takes the only attempt of `busy` until it is cancelled, and no slot.
pub(crate) fn busy_without_slot(host: &Host) -> JobHandle {
    let job = host.job("busy").unwrap();
    let job = job.argument(value(r#"[["sleep", 3600000]]"#));
    let mut job = job.with(|options| options.slotless = true);
    let mut events = job.events();
    let job = job.submit().unwrap();
    wait_for_start(&mut events);
    job
}

/// Waits until something is so that comes to be by itself.
pub(crate) fn until(is_so: impl Fn() -> bool) {
    soon(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}

/// Checks that each of a host's slots takes a job, all at the same time.
pub(crate) fn expect_free_slots(host: &Host, slots: u32) {
    let (mut jobs, mut taken) = (Vec::new(), BTreeSet::new());
    for _ in 0..slots {
        let (job, mut events) = listened(host, "nest", r#"[["sleep", 3600000]]"#);
        let slot = soon(async {
            loop {
                if let Happened::Started { slot } = events.next().await.unwrap().what {
                    return slot.unwrap();
                }
            }
        });
        taken.insert(slot);
        jobs.push(job);
    }
    assert_eq!(taken, (1..=slots).collect());
    for job in jobs {
        job.cancel();
        assert!(soon(job).is_cancelled());
    }
}

/// Checks that nothing is left in a host: each slot is free, no job is unfinished.
pub(crate) fn expect_nothing_left(host: &Host, slots: u32) {
    expect_free_slots(host, slots);
    soon(host.shutdown(None)).unwrap();
    let refused = host.submit("nest", []).unwrap_err();
    assert_eq!(refused, SubmitError::Closed);
}

/// What jobs of the worker `record` wrote down, in the order in which they ran.
pub(crate) struct Journal(TempDir);

impl Journal {
    pub(crate) fn new() -> Journal {
        Journal(tempfile::tempdir().unwrap())
    }

    /// The worker `record`, which writes down its job. Two at once would write over each
    /// other.
    pub(crate) fn worker(&self) -> HostWorker {
        let record = writer("record", self.0.path(), r#"{"file": "/out/journal"}"#);
        once(record).running_max(1)
    }

    /// The jobs as JSON.
    pub(crate) fn entries(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.0.path().join("journal")).unwrap_or_default();
        let entries = text.lines().map(|line| line.split_once(' ').unwrap().1);
        entries
            .map(|entry| entry.trim_matches('"').to_owned())
            .collect()
    }

    /// Waits until there is this entry, so many times.
    pub(crate) fn wait_for(&self, wanted: &str, times: usize) {
        until(|| {
            let entries = self.entries();
            entries.iter().filter(|entry| *entry == wanted).count() == times
        });
    }

    /// The reasons of the outcomes that it got as a `finally` worker, in order.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let reason = |entry: String| {
            let outcome: Json = serde_json::from_str(&entry).ok()?;
            Some(outcome["$outcome"]["reason"].as_str()?.to_owned())
        };
        let mut reasons: Vec<String> = self.entries().into_iter().filter_map(reason).collect();
        reasons.sort_unstable();
        reasons
    }
}
