//! Producer → workers → consumer: what is refused, backpressure, checkpoints.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wodehost::{Deliver, HighWater, Host, Serve};
use wodehost_tests::{
    data, host_of, load, load_configured, once, runtime, serve, serve_to, soon, told,
};

#[test]
fn a_dispatch_to_nobody_is_a_failed_job_that_names_the_workers() {
    let (report, outcomes) = serve(&host_of("double"), load("producer_unknown"));
    let (job, outcome) = &outcomes[0];
    assert_eq!(job.as_str(), Some("a job"));
    assert_eq!(outcome.reason.to_string(), "unknown-worker");
    assert_eq!(outcome.attempts, 0);
    let message = outcome.message.as_deref().unwrap();
    assert_eq!(message, "no worker is called `nobody`; there is double");
    assert_eq!(report.tally.failure, 1);
}

#[test]
fn a_malformed_argument_is_a_failed_job() {
    for (kind, part) in [
        ("truncated", "cut off"),
        ("c1", "0xc1"),
        ("utf8", "not UTF-8"),
    ] {
        let config = format!(r#"{{"worker": "double", "kind": "{kind}"}}"#);
        let (_, outcomes) = serve(
            &host_of("double"),
            load_configured("producer_bad_value", &config),
        );
        let outcome = &outcomes[0].1;
        assert_eq!(outcome.reason.to_string(), "bad-value");
        let message = outcome.message.as_deref().unwrap();
        assert!(
            message.starts_with("argument 1 was not taken") && message.contains(part),
            "{message}"
        );
    }
}

#[test]
fn options_of_a_dispatch_tighten_the_limits() {
    let config =
        r#"{"n": 2, "worker": "spin", "options": {"keepalive": "100ms", "memory": "1GiB"}}"#;
    let (report, outcomes) = serve(
        &host_of("spin"),
        load_configured("producer_options", config),
    );
    assert_eq!(report.tally.timeout, 2);
    let message = outcomes[0].1.message.as_deref().unwrap();
    assert_eq!(message, "no sign of life for 100 ms");
}

#[test]
fn an_unknown_option_is_named() {
    let config = r#"{"n": 1, "worker": "double", "options": {"keepalife": 1}}"#;
    let (_, outcomes) = serve(
        &host_of("double"),
        load_configured("producer_options", config),
    );
    let outcome = &outcomes[0].1;
    assert_eq!(outcome.reason.to_string(), "bad-options");
    let message = outcome.message.as_deref().unwrap();
    assert_eq!(
        message,
        "there is no option `keepalife`; did you mean `keepalive`?"
    );
}

#[test]
fn a_producer_never_runs_far_ahead_of_a_slow_taker() {
    let taken = Arc::new(AtomicU64::new(0));
    let seen = taken.clone();
    let host = Host::builder(runtime())
        .slots(2)
        .worker(load("double"))
        .high_water(HighWater {
            jobs: 20,
            bytes: 1 << 20,
        })
        .build()
        .unwrap();
    let host = Arc::new(host);
    let (tally_of, most) = (Arc::downgrade(&host), Arc::new(AtomicU64::new(0)));
    let ahead = most.clone();
    let deliver = Deliver::Function(Box::new(move |_, _| {
        let taken = seen.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(host) = tally_of.upgrade() {
            ahead.fetch_max(
                host.tally().total().saturating_sub(taken),
                Ordering::Relaxed,
            );
        }
        std::thread::sleep(std::time::Duration::from_micros(200));
    }));
    let producer = load_configured("count_to", r#"{"n": 500, "worker": "double"}"#);
    soon(host.serve(Serve { producer, deliver })).unwrap();
    assert_eq!(taken.load(Ordering::Relaxed), 500);
    let ahead = most.load(Ordering::Relaxed);
    assert!(ahead <= 20, "{ahead} outcomes waited; the mark is 20");
}

#[test]
fn a_consumer_keeps_its_checkpoint_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let consumer = super::grants::writer(
        "consumer_checkpoint",
        folder.path(),
        r#"{"file": "/out/count"}"#,
    );
    let producer = load_configured("count_to", r#"{"n": 12, "worker": "double"}"#);
    let report = serve_to(&host_of("double"), producer, consumer);
    assert!(report.finish_error.is_none(), "{report:?}");
    assert_eq!(
        std::fs::read_to_string(folder.path().join("count")).unwrap(),
        "12"
    );
}

#[test]
fn a_consumer_s_own_error_loses_nothing() {
    let consumer = load_configured("consumer_error", r"{}");
    let producer = load_configured("count_to", r#"{"n": 6, "worker": "double"}"#);
    let report = serve_to(&host_of("double"), producer, consumer);
    assert_eq!((report.tally.success, report.undelivered_count), (6, 0));
}

#[test]
fn one_component_may_play_every_part() {
    let all = load_configured("all_roles", r#"{"n": 5}"#);
    assert_eq!(all.roles(), ["worker", "producer", "consumer"]);
    let host = Host::builder(runtime())
        .worker(all.clone())
        .build()
        .unwrap();
    let report = serve_to(&host, all.clone(), all);
    assert_eq!(report.tally.success, 5);
    assert!(report.finish_error.is_none());
}

#[test]
fn a_hundred_thousand_jobs_all_come_back() {
    let sum = Arc::new(AtomicU64::new(0));
    let seen = sum.clone();
    let producer = load_configured("count_to", r#"{"n": 100000, "worker": "double"}"#);
    let deliver = Deliver::Function(Box::new(move |_, outcome| {
        seen.fetch_add(outcome.data.as_u64().unwrap(), Ordering::Relaxed);
    }));
    let host = host_of("double");
    let report = soon(host.serve(Serve { producer, deliver })).unwrap();
    assert_eq!(report.tally.success, 100_000);
    assert_eq!(sum.load(Ordering::Relaxed), 99_999 * 100_000);
}

#[test]
fn a_run_ends_although_jobs_are_submitted_besides() {
    let host = Host::builder(runtime())
        .slots(2)
        .worker(load("double"))
        .worker(load("sleep"))
        .build()
        .unwrap();
    let besides = host
        .submit("sleep", [wodehost_tests::value("400")])
        .unwrap();
    let (report, outcomes) = serve(
        &host,
        load_configured("count_to", r#"{"n": 3, "worker": "double"}"#),
    );
    assert_eq!((outcomes.len(), report.tally.success), (3, 4));
    assert!(soon(besides).is_success());
    let (report, _) = serve(
        &host,
        load_configured("count_to", r#"{"n": 2, "worker": "double"}"#),
    );
    assert_eq!(report.tally.success, 2, "a run counts its own time");
}

#[test]
fn set_up_runs_before_run_in_the_same_store() {
    let host = host_of("set_up");
    assert_eq!(data(&soon(host.submit("set_up", []).unwrap())), "1");
    for (how, reason) in [("fail", "error"), ("trap", "trap:unreachable")] {
        let worker = load_configured("set_up", &format!(r#"{{"set_up": "{how}"}}"#));
        let host = Host::builder(runtime()).worker(worker).build().unwrap();
        let outcome = soon(host.submit("set_up", []).unwrap());
        assert_eq!(outcome.reason.to_string(), reason);
    }
}

// J38: a producer borrows no grants of workers that are there for others.
#[test]
fn a_producer_names_the_workers_of_the_run_only() {
    let host = Host::builder(runtime())
        .worker(once(load("double")))
        .worker(once(load("echo")).reserved())
        .worker(told(load("noop"), r#"{"finally": "echo"}"#))
        .build()
        .unwrap();
    let jobs = r#"{"jobs": [
        {"worker": "echo", "args": [1]},
        {"worker": "double", "args": [1], "options": {"finally": "echo"}},
        {"worker": "double", "args": [1], "options": {"filter": "echo"}},
        {"worker": "noop", "args": [1], "options": {"retries": 0}},
        {"worker": "double", "args": [1]}
    ]}"#;
    let (_, mut outcomes) = serve(&host, load_configured("dispatches", jobs));
    // There are fewer than ten, so that their ids are in order as texts.
    outcomes.sort_by_key(|(_, outcome)| outcome.id.to_string());
    let reasons = outcomes
        .iter()
        .map(|(_, outcome)| outcome.reason.to_string());
    let wanted = [
        "not-permitted",
        "not-permitted",
        "not-permitted",
        "returned",
        "returned",
    ];
    assert_eq!(reasons.collect::<Vec<_>>(), wanted);
    assert_eq!(
        outcomes[0].1.message.as_deref(),
        Some("`echo` is not one of the run's workers")
    );
}
