//! Row M39: the worker that gets the outcome on every end.

use super::grants::writer;
use super::task_events::{listened, wait_for, wait_for_start};
use super::tasks::end;
use std::path::Path;
use std::time::Duration;
use wodehost::task::Happened;
use wodehost::{Host, HostWorker, Outcome, Stop};
use wodehost_tests::{load, load_configured, runtime, serve, soon, told, value};

/// A host with one slot for `script` and `append_job`, which writes a file `f`.
fn finally_host(folder: &Path, worker: &str) -> Host {
    let append = writer("append_job", folder, r#"{"file": "/out/f"}"#);
    Host::builder(runtime())
        .slots(1)
        .worker(told(load("script"), worker))
        .worker(append)
        .worker(load("fail"))
        .worker(load("spin"))
        .build()
        .unwrap()
}

/// What was written: the outcomes, in order.
fn written(folder: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(folder.join("f")).unwrap_or_default();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .map(|line: serde_json::Value| line["$outcome"].clone())
        .collect()
}

const FINALLY: &str =
    r#"{"retries": 1, "keepalive": "500ms", "finally": "append_job", "singleton": "night"}"#;

fn expect_written(folder: &Path, outcome: &Outcome) {
    let written = written(folder).pop().unwrap();
    assert_eq!(written["id"], outcome.id.to_string(), "{outcome:?}");
    assert_eq!(written["reason"], outcome.reason.to_string());
    assert_eq!(written["status"], outcome.status.as_str());
    assert_eq!(written["attempts"], outcome.attempts);
    assert_eq!(written["data"].to_string(), outcome.data.to_json());
    assert_eq!(outcome.finally_error, None);
}

// M39
#[test]
fn finally_gets_the_outcome_of_every_end() {
    let folder = tempfile::tempdir().unwrap();
    let host = finally_host(folder.path(), FINALLY);
    let ends = [
        (r#"[[{"return": [1]}]]"#, "returned", 1),
        (r#"[[{"success": {"a": 1}}]]"#, "declared", 1),
        (r#"[[{"failure": "f"}]]"#, "declared", 1),
        (r#"[[{"error": "e"}]]"#, "error", 2),
        (r#"[[{"update": 1}, "trap"]]"#, "trap:unreachable", 2),
        (r#"[[{"update": 2}, {"sleep": 60000}]]"#, "silent", 2),
        (r#"[["restart"]]"#, "restart-asked", 2),
    ];
    for (n, (job, reason, attempts)) in ends.into_iter().enumerate() {
        let outcome = soon(host.submit("script", [value(job)]).unwrap());
        assert_eq!(end(&outcome), (reason.to_owned(), attempts), "{outcome:?}");
        expect_written(folder.path(), &outcome);
        assert_eq!(written(folder.path()).len(), n + 1, "once for each job");
    }
}

// M39: also when there was no attempt, or somebody stopped it.
#[test]
fn finally_gets_the_outcome_of_jobs_that_were_cancelled_refused_or_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let host = finally_host(folder.path(), FINALLY);
    let (running, mut events) = listened(&host, "script", r#"[[{"update": 3}, "live"], []]"#);
    wait_for(&mut events, |what| matches!(what, Happened::State(_)));
    // Its turn comes when the slot is free.
    let rejected = host.submit("script", [value("[[]]")]).unwrap();
    let other = host.job("script").unwrap().argument(value("[[]]"));
    let other = other.with(|options| options.singleton = None);
    let queued = other.submit().unwrap();
    queued.cancel();
    let bad = host.job("script").unwrap().argument(value("1"));
    let bad = bad.with(|options| {
        options.spread.unwrap = true;
        options.singleton = None;
    });
    let bad = bad.submit().unwrap();
    running.cancel();
    let outcome = soon(running);
    assert_eq!(end(&outcome), ("cancelled".to_owned(), 1));
    assert_eq!(outcome.finally_error, None);
    let mut expected = vec![outcome];
    for (handle, reason) in [
        (rejected, "rejected"),
        (queued, "cancelled"),
        (bad, "bad-options"),
    ] {
        let outcome = soon(handle);
        assert_eq!(end(&outcome), (reason.to_owned(), 0), "{outcome:?}");
        assert_eq!(outcome.finally_error, None);
        expected.push(outcome);
    }
    let written = written(folder.path());
    for outcome in &expected {
        let reason = outcome.reason.to_string();
        let id = outcome.id.to_string();
        let of_it = written.iter().filter(|line| line["id"] == *id);
        let reasons: Vec<_> = of_it.map(|line| line["reason"].clone()).collect();
        assert_eq!(reasons, [reason]);
    }
    assert_eq!(written.len(), 4);
}

// M39: a delayed job as well.
#[test]
fn finally_gets_the_outcome_of_a_job_that_was_cancelled_between_attempts() {
    let folder = tempfile::tempdir().unwrap();
    let patient = r#"{"retries": 1, "backoff": "1h", "finally": "append_job", "group": "night"}"#;
    let host = finally_host(folder.path(), patient);
    let (handle, mut events) = listened(&host, "script", r#"[[{"update": 4}, "trap"]]"#);
    wait_for(&mut events, |what| {
        matches!(what, Happened::Restarted { .. })
    });
    host.cancel_group("night");
    let outcome = soon(handle);
    assert_eq!(end(&outcome), ("cancelled".to_owned(), 1));
    expect_written(folder.path(), &outcome);
}

// M39: what goes wrong in it is told, and changes nothing.
#[test]
fn an_error_in_finally_is_told_and_the_job_stays_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let host = finally_host(folder.path(), "{}");
    let table = [
        ("fail", "[[]]", "returned", "error"),
        ("fail", r#"[[{"failure": 1}]]"#, "declared", "error"),
        ("script", "[[]]", "returned", "error: "),
    ];
    for (finally, job, reason, error) in table {
        let job = host.job("script").unwrap().argument(value(job));
        let job = job.with(|options| options.finally = Some(finally.into()));
        let outcome = soon(job.submit().unwrap());
        assert_eq!(end(&outcome), (reason.to_owned(), 1));
        let told = outcome.finally_error.clone().unwrap();
        assert!(told.starts_with(error), "{told}");
        let value = outcome.to_value().get("finally-error").unwrap();
        assert_eq!(value.as_str(), Some(&*told));
    }
    assert_eq!((host.tally().success, host.tally().failure), (2, 1));
}

// M36 M39: the job is over when its `finally` is.
#[test]
fn a_singleton_keeps_its_key_until_finally_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let config = r#"{"file": "/out/f", "ms": 700}"#;
    let host = Host::builder(runtime())
        .slots(2)
        .worker(told(load("script"), FINALLY))
        .worker(writer("append_job", folder.path(), config))
        .build()
        .unwrap();
    let job = r#"[[{"emit": 1}]]"#;
    let (first, mut events) = listened(&host, "script", job);
    wait_for(&mut events, |what| matches!(what, Happened::Emitted { .. }));
    let second = soon(host.submit("script", [value(job)]).unwrap());
    assert!(second.is_rejected(), "{second:?}");
    assert!(soon(first).is_success());
    assert!(soon(host.submit("script", [value(job)]).unwrap()).is_success());
}

// M2 M39 W17: no stop means what is to come on every end; the end of the host does.
#[test]
fn finally_runs_when_a_host_is_stopped_and_not_when_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let grace = Stop::Drain {
        grace: Duration::from_secs(30),
    };
    let table = [
        (Some(grace), r#"[[{"sleep": 200}]]"#, 2),
        (Some(Stop::Cancel), r#"[["live"]]"#, 4),
        (None, r#"[["live"]]"#, 4),
    ];
    for (stop, job, lines) in table {
        let options = r#"{"retries": 0, "finally": "append_job"}"#;
        let host = finally_host(folder.path(), options);
        let (running, mut events) = listened(&host, "script", job);
        wait_for_start(&mut events);
        let queued = host.submit("script", [value("[[]]")]).unwrap();
        match stop {
            Some(stop) => host.stop(stop),
            None => drop(host),
        }
        for handle in [running, queued] {
            let outcome = soon(handle);
            let told = outcome.finally_error.as_deref().unwrap_or_default();
            assert_eq!(
                told.contains("it was not run"),
                stop.is_none(),
                "{outcome:?}"
            );
        }
        assert_eq!(written(folder.path()).len(), lines);
    }
}

// M39: on every end; who cancels twice means the job both times.
#[test]
fn a_second_cancel_does_not_reach_finally() {
    let folder = tempfile::tempdir().unwrap();
    let config = r#"{"file": "/out/f", "ms": 1000}"#;
    let host = Host::builder(runtime())
        .slots(1)
        .worker(told(
            load("script"),
            r#"{"finally": "append_job", "group": "g"}"#,
        ))
        .worker(writer("append_job", folder.path(), config))
        .build()
        .unwrap();
    let (handle, mut events) = listened(&host, "script", r#"[[{"emit": 1}, "live"]]"#);
    wait_for(&mut events, |what| matches!(what, Happened::Emitted { .. }));
    handle.cancel();
    std::thread::sleep(Duration::from_millis(400));
    handle.cancel();
    host.cancel_group("g");
    let outcome = soon(handle);
    assert_eq!(outcome.finally_error, None);
    assert!(folder.path().join("f").exists());
}

// M39 M43: what a user said of the `finally` worker's jobs holds for it there, too.
#[test]
fn finally_runs_under_the_options_of_its_worker() {
    let host = Host::builder(runtime())
        .slots(1)
        .worker(told(load("script"), r#"{"finally": "spin"}"#))
        .worker(told(load("spin"), r#"{"keepalive": "250ms"}"#))
        .build()
        .unwrap();
    let outcome = soon(host.submit("script", [value("[[]]")]).unwrap());
    let error = outcome.finally_error.unwrap();
    assert!(error.contains("250 ms"), "{error}");
}

// M39: on every end, also where the producer's options for the job are wrong.
#[test]
fn finally_of_a_worker_gets_a_job_whose_own_options_are_bad() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::builder(runtime())
        .slots(1)
        .worker(told(load("noop"), r#"{"finally": "append_job"}"#))
        .worker(writer("append_job", folder.path(), r#"{"file": "/out/f"}"#))
        .build()
        .unwrap();
    let config = r#"{"n": 1, "worker": "noop", "options": {"retrys": 1}}"#;
    let (_, outcomes) = serve(&host, load_configured("producer_options", config));
    assert_eq!(outcomes[0].1.reason.to_string(), "bad-options");
    assert!(folder.path().join("f").exists());
}

// M35 M39: also as a `finally` a worker runs no more attempts than it may.
#[test]
fn a_finally_counts_against_its_workers_bound() {
    let folder = tempfile::tempdir().unwrap();
    let config = r#"{"file": "/out/f", "ms": 400}"#;
    let append = HostWorker::from(writer("append_job", folder.path(), config)).running_max(1);
    let host = Host::builder(runtime())
        .slots(4)
        .worker(told(load("noop"), r#"{"finally": "append_job"}"#))
        .worker(append)
        .build()
        .unwrap();
    let began = std::time::Instant::now();
    let jobs: Vec<_> = (0..4).map(|_| host.submit("noop", []).unwrap()).collect();
    for job in jobs {
        assert!(soon(job).finally_error.is_none());
    }
    assert!(began.elapsed() >= Duration::from_millis(1600));
}
