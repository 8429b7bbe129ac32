//! What the producer and the consumer of a plugin that answers requests have to do.

use super::bench::{Bench, WORKER, request, request_with};
use super::expect::{contains, so};
use super::report::{Checked, Group, Verdict};
use super::vectors;
use super::{Found, expect};
use crate::logging::kept;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::{Arc, Mutex, PoisonError};
use wodehost::{Deliver, Outcome, Plugin, Reason, Serve, ServeReport, Value};

/// A worker that there is not: what it is given is looked at, not done.
const NOBODY: &str = "nobody";

type Named = (&'static str, fn(&Bench) -> Found);

const PRODUCER: [Named; 4] = [
    (
        "each request is dispatched to each worker, in order, byte for byte",
        dispatches,
    ),
    ("options are handed on", |bench| {
        let job = request_with("fail", 1);
        let (_, taken) = run(bench, &[job], &[WORKER], &[])?;
        so(taken[0].1.attempts == 1, || expect::ended(&taken[0].1))
    }),
    ("an error value ends the run", |bench| {
        let error = ended(bench, "fail-at")?;
        let data = error.data.unwrap_or_default();
        expect::equal(&data, &Value::from("as configured"), "the error value")
    }),
    ("an exception ends the run and says where", |bench| {
        let error = ended(bench, "throw-at")?;
        let data = error.data.map(|data| data.to_json()).unwrap_or_default();
        let told = format!("{}\n{data}", error.message);
        contains(&told, "as configured", "what the producer left")
    }),
];

const CONSUMER: [Named; 4] = [
    ("each outcome comes with its job, byte for byte", outcomes),
    ("emitted values come before the outcome", |bench| {
        let values = [Value::from(1), Value::from("two")];
        let (_, lines) = consumed(bench, &[request_with("emit", Value::array(&values))])?;
        let due: Vec<String> = values.iter().map(base64).collect();
        let emitted = lines
            .iter()
            .filter_map(|line| line.strip_prefix("emitted "));
        let emitted: Vec<String> = emitted
            .filter_map(|line| line.split(' ').nth(3))
            .map(str::to_owned)
            .collect();
        let is_before = lines.iter().position(|line| line.starts_with("outcome ")) == Some(2);
        so(emitted == due && is_before, || lines.join("; "))
    }),
    ("an error is counted, and the next outcome comes", |bench| {
        let jobs = [
            request_with("echo", "consumer fails"),
            request_with("echo", 1),
        ];
        let (report, lines) = consumed(bench, &jobs)?;
        so(report.consumer_errors == 1 && count(&lines) == 1, || {
            format!("{} errors; {}", report.consumer_errors, lines.join("; "))
        })
    }),
    ("an exception loses no other outcome", |bench| {
        let jobs = [
            request_with("echo", "consumer throws"),
            request_with("echo", 1),
        ];
        let (report, lines) = consumed(bench, &jobs)?;
        let is_told = report.consumer_errors + report.undelivered_count == 1;
        so(is_told && count(&lines) == 1, || {
            format!(
                "{} errors, {} undelivered; {}",
                report.consumer_errors,
                report.undelivered_count,
                lines.join("; ")
            )
        })
    }),
];

/// Runs the checks of the roles that the plugin has.
pub(super) fn check(bench: &Bench) -> Vec<Group> {
    let has = |role| bench.plugin.roles().contains(&role);
    let mut groups = Vec::new();
    if has("producer") {
        groups.push(group("producer", &PRODUCER, bench));
        // It is what gives the consumer something to do.
        if has("consumer") {
            groups.push(group("consumer", &CONSUMER, bench));
        }
    }
    groups
}

fn group(title: &'static str, checks: &[Named], bench: &Bench) -> Group {
    let checked = checks
        .iter()
        .map(|(name, run)| Checked::new(*name, Verdict::of(run(bench))));
    Group::new(title, checked.collect())
}

fn base64(value: &Value) -> String {
    STANDARD.encode(value.as_bytes())
}

/// The plugin, to produce these jobs for these workers.
fn producer(
    bench: &Bench,
    jobs: &[Value],
    workers: &[&str],
    more: &[(&str, Value)],
) -> Result<Plugin, String> {
    let requests: Vec<Value> = jobs
        .iter()
        .map(|job| Value::from(base64(job).as_str()))
        .collect();
    let workers: Vec<Value> = workers.iter().map(|worker| Value::from(*worker)).collect();
    let config = [
        ("requests", Value::array(&requests)),
        ("workers", Value::array(&workers)),
    ];
    let more = more.iter().map(|(key, value)| (*key, value.clone()));
    bench.configured(Value::map(config.into_iter().chain(more)))
}

/// What was given and how it ended, in the order in which it ended.
type Taken = Vec<(Value, Outcome)>;

/// Runs what the producer says, on one slot, and takes the outcomes.
fn run(
    bench: &Bench,
    jobs: &[Value],
    workers: &[&str],
    more: &[(&str, Value)],
) -> Result<(ServeReport, Taken), String> {
    let producer = producer(bench, jobs, workers, more)?;
    let taken = Arc::new(Mutex::new(Taken::new()));
    let into = taken.clone();
    let deliver = Deliver::Function(Box::new(move |job, outcome| {
        let mut taken = into.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push((job.clone(), outcome.clone()));
    }));
    let report = serve(bench, producer, deliver)?;
    let taken = std::mem::take(&mut *taken.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((report, taken))
}

fn serve(bench: &Bench, producer: Plugin, deliver: Deliver) -> Result<ServeReport, String> {
    let host = bench.host_of(&bench.plugin)?;
    let report = bench.wait(host.serve(Serve { producer, deliver }))?;
    report.map_err(|error| error.to_string())
}

fn dispatches(bench: &Bench) -> Found {
    let jobs: Vec<Value> = vectors::all().map(|vector| vector.value).collect();
    let workers = [NOBODY, "somebody"];
    let (report, taken) = run(bench, &jobs, &workers, &[])?;
    if let Some(error) = report.producer_error {
        return Err(error.message);
    }
    so(taken.len() == jobs.len() * 2, || {
        format!("expected {} jobs, came {}", jobs.len() * 2, taken.len())
    })?;
    let due = jobs
        .iter()
        .flat_map(|job| workers.map(|worker| (job, worker)));
    for ((job, worker), (given, outcome)) in due.zip(&taken) {
        expect::equal(given, job, "the job")?;
        so(
            &*outcome.worker == worker && outcome.reason == Reason::UnknownWorker,
            || expect::ended(outcome),
        )?;
    }
    Ok(())
}

/// How the producer ended that was to end behind one job.
fn ended(bench: &Bench, how: &str) -> Result<wodehost::ProducerError, String> {
    let jobs = [request("data"), request("data")];
    let (report, taken) = run(bench, &jobs, &[WORKER], &[(how, Value::from(1))])?;
    so(taken.len() == 1, || {
        format!("expected one job, came {}", taken.len())
    })?;
    report
        .producer_error
        .ok_or_else(|| "expected an error, came none".to_owned())
}

/// Runs these jobs with the plugin as consumer: what it logged.
fn consumed(bench: &Bench, jobs: &[Value]) -> Result<(ServeReport, Vec<String>), String> {
    let producer = producer(bench, jobs, &[WORKER], &[])?;
    kept::take();
    let deliver = Deliver::Consumer(bench.plugin.clone());
    let report = serve(bench, producer, deliver)?;
    let lines = kept::take();
    let lines: Vec<String> = lines
        .into_iter()
        .filter(|line| {
            ["outcome ", "emitted ", "finished "]
                .iter()
                .any(|begin| line.starts_with(begin))
        })
        .collect();
    let due = format!("finished {}", count(&lines));
    so(lines.last() == Some(&due), || {
        format!("expected `{due}` at the end, came {}", lines.join("; "))
    })?;
    Ok((report, lines))
}

fn count(lines: &[String]) -> usize {
    lines
        .iter()
        .filter(|line| line.starts_with("outcome "))
        .count()
}

fn outcomes(bench: &Bench) -> Found {
    // A line of the log has an end.
    let small = vectors::all().filter(|vector| vector.value.len() < 1024);
    let jobs: Vec<Value> = small
        .map(|vector| request_with("echo", vector.value))
        .collect();
    let (_, mut lines) = consumed(bench, &jobs)?;
    let mut due: Vec<String> = jobs
        .iter()
        .map(|job| {
            let data = expect::field(job, "with");
            format!(
                "outcome {} {WORKER} success returned {}",
                base64(job),
                base64(&data)
            )
        })
        .collect();
    due.push(format!("finished {}", jobs.len()));
    lines.sort();
    due.sort();
    let wrong = due.iter().zip(&lines).find(|(due, line)| due != line);
    let wrong = wrong.map(|(due, line)| format!("expected `{due}`, came `{line}`"));
    so(wrong.is_none() && due.len() == lines.len(), || {
        wrong.unwrap_or_else(|| format!("{} lines", lines.len()))
    })
}
