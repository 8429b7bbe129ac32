//! Where stages, items and cancels meet: what an earlier version of the host got wrong.

use super::parallel::{done, host, job};
use super::pipeline::failed_in;
use std::time::{Duration, Instant};
use wodehost::task::Happened;
use wodehost::{Host, HostWorker, JobHandle, Limit, Status, Value};
use wodehost_tests::{block_on, data, limits, load, load_with, options, quick, soon, told};

// M25 M31: a parallel job that was refused has no data, so that no stage may run, as
// none does for one that is not parallel.
#[test]
fn stages_do_not_run_on_a_job_that_was_refused() {
    let folder = tempfile::tempdir().unwrap();
    let record = super::grants::writer("record", folder.path(), r#"{"file": "/out/r"}"#);
    let host = host(1, [load("echo").into(), record.into()]);
    for parallel in ["false", "true"] {
        let said = format!(
            r#"{{"unwrap": true, "parallel": {parallel}, "post": "record", "pipeline-on": "any"}}"#
        );
        let outcome = done(&host, "echo", "[5]", &said);
        assert_eq!(outcome.reason.to_string(), "bad-options");
        assert!(
            !folder.path().join("r").exists(),
            "parallel: {parallel}: the stage ran"
        );
    }
}

// M27 W1: as for the job itself.
#[test]
fn an_answer_of_a_stage_that_is_too_large_is_called_so() {
    let act = load_with("act", limits(&[(Limit::Value, "1kB")]));
    let host = host(1, [load("echo").into(), act.into()]);
    let said = r#"{"post": "act"}"#;
    let outcome = done(&host, "echo", r#"[{"do": "long", "n": 2000}]"#, said);
    let message = failed_in(&outcome, "post");
    assert!(message.starts_with("value-too-large: "), "{message}");
}

// M27 M10: some languages raise without a value; as for the job itself that is an error.
#[test]
fn a_stage_that_raises_without_a_value_is_an_error() {
    let host = host(1, [load("echo").into(), load("act").into()]);
    let alone = done(&host, "act", r#"[{"do": "raise"}]"#, r#"{"retries": 0}"#);
    assert_eq!(alone.reason.to_string(), "error");
    let outcome = done(&host, "echo", r#"[{"do": "raise"}]"#, r#"{"post": "act"}"#);
    let message = failed_in(&outcome, "post");
    assert!(message.starts_with("error"), "{message}");
}

// M23 W1: no value is deeper than 64, so neither are the data of a parallel job.
#[test]
fn the_data_of_items_together_are_a_value_that_others_can_have() {
    let host = host(2, [load("act").into(), load("echo").into()]);
    let alone = done(&host, "act", r#"[{"do": "deep", "n": 64}]"#, "{}");
    let deepest = if alone.is_success() { 64 } else { 63 };
    let item = format!(r#"[{{"do": "deep", "n": {deepest}}}]"#);
    assert!(done(&host, "act", &item, "{}").is_success());
    let outcome = done(&host, "act", &item, r#"{"parallel": true}"#);
    let checked = Value::check(
        outcome.data.as_bytes().to_vec(),
        &wodehost::value::ScanLimits::default(),
    );
    assert!(checked.is_ok(), "{checked:?}: {:?}", outcome.status);
}

// M23 W1: nor larger than the limit for values.
#[test]
fn the_data_of_items_together_keep_to_the_limit_for_values() {
    let host = host(2, [load("act").into()]);
    let long = r#"{"do": "long", "n": 600000}"#;
    let outcome = done(
        &host,
        "act",
        &format!("[{long}, {long}]"),
        r#"{"parallel": true}"#,
    );
    assert!(outcome.data.len() <= 1 << 20, "{}", outcome.data.len());
}

// M35 M27: a stage is an attempt of its worker.
#[test]
fn stages_keep_to_the_bound_of_their_worker() {
    let act = HostWorker::from(load("act")).running_max(1);
    let host = host(4, [load("echo").into(), act]);
    let began = Instant::now();
    let handles: Vec<_> = (0..4)
        .map(|_| {
            let arguments = r#"[{"do": "sleep", "n": 200}]"#;
            let said = r#"{"post": "act"}"#;
            job(&host, "echo", arguments, said).submit().unwrap()
        })
        .collect();
    for handle in handles {
        assert!(soon(handle).is_success());
    }
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(800),
        "more than one at a time: {took:?}"
    );
}

// M27: what holds for a worker's attempts holds for its stages.
#[test]
fn a_stage_has_the_limits_that_its_worker_has_in_the_host() {
    let act = told(load("act"), r#"{"keepalive": "300ms"}"#);
    let host = host(1, [load("echo").into(), act]);
    let arguments = r#"[{"do": "sleep", "n": 1500}]"#;
    let outcome = done(&host, "echo", arguments, r#"{"post": "act"}"#);
    let message = failed_in(&outcome, "post");
    assert!(message.contains("silent"), "{message}");
}

// M30: the deadline of the op's attempt does not run while keys are computed, before
// there is a store for the op.
#[test]
fn a_sort_op_has_its_own_deadline() {
    let before = load_with("before", limits(&[(Limit::Deadline, "3s")]));
    let host = host(1, [load("echo").into(), load("act").into(), before.into()]);
    let mut elements: Vec<Value> = (0..200_u64).map(|n| Value::from(n * 7919 % 211)).collect();
    let slow = wodehost_tests::value(r#"{"do": "sleep", "n": 300, "value": 5}"#);
    elements.extend(vec![slow; 12]);
    let said = r#"{"sort-key": "act", "sort-cache-keys": true, "sort-op": "before"}"#;
    let job = host.job("echo").unwrap().argument(Value::array(&elements));
    let outcome = soon(job.options(options(said)).submit().unwrap());
    assert_eq!(outcome.status, Status::Success, "{:?}", outcome.message);
}

// M39: whoever stops a job does not mean its `finally`, whenever that is.
#[test]
fn a_cancel_while_finally_runs_does_not_reach_it() {
    let forever = load_with("sleep_forever", quick());
    let host = host(1, [load("echo").into(), forever.into()]);
    let mut job = job(&host, "echo", "[5]", r#"{"finally": "sleep_forever"}"#);
    let mut events = job.events();
    let handle = job.submit().unwrap();
    soon(async { while !matches!(events.next().await.unwrap().what, Happened::Started { .. }) {} });
    std::thread::sleep(Duration::from_millis(100));
    handle.cancel();
    let outcome = soon(handle);
    assert_eq!(data(&outcome), "5");
    let error = outcome.finally_error.unwrap();
    assert!(error.starts_with("silent"), "{error}");
}

/// Whether a cancelled job ends, waiting far longer than it may take.
fn ends(handle: JobHandle) -> bool {
    let waiting = async { tokio::time::timeout(Duration::from_secs(5), handle).await };
    block_on(waiting).is_ok()
}

/// Lets a moment pass that is shorter than any timer.
fn moment(micros: u64) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// Cancels a parallel job in the moment in which its last item is over.
fn cancelled_between(cancel: impl Fn(&Host, &JobHandle)) {
    let forever = load_with("sleep_forever", limits(&[(Limit::Keepalive, "inf")]));
    let host = host(2, [load("noop").into(), forever.into()]);
    for n in 0..3000 {
        let said = r#"{"parallel": true, "post": "sleep_forever", "group": "g"}"#;
        let mut job = job(&host, "noop", "[1]", said);
        let mut events = job.events();
        let handle = job.submit().unwrap();
        soon(async {
            let is_over = |what: &Happened| matches!(what, Happened::Finished { .. });
            while !is_over(&events.next().await.unwrap().what) {}
        });
        moment(n % 30);
        cancel(&host, &handle);
        assert!(ends(handle), "the cancel was lost at try {n}");
    }
}

// M23 J11: a cancel between the end of the last item and the first stage is lost. A race:
// a few hundred tries meet it nearly always.
#[test]
fn a_cancel_on_the_way_from_the_items_to_the_stages_is_heard() {
    cancelled_between(|_, handle| handle.cancel());
}

// M2 M23: and so is that of a group.
#[test]
fn a_stop_of_the_group_on_the_way_from_the_items_to_the_stages_is_heard() {
    cancelled_between(|host, _| host.cancel_group("g"));
}

// M23 J11: a cancel between the end of an attempt and the pause before the next one is
// lost. A race: some thousand tries meet it nearly always.
#[test]
fn a_cancel_on_the_way_to_a_pause_is_heard() {
    let host = host(2, [load("fail").into()]);
    for n in 0..1000 {
        let said = r#"{"retries": "inf", "backoff": "1ms"}"#;
        let handle = job(&host, "fail", "[1]", said).submit().unwrap();
        moment(n * 7919 % 3000);
        handle.cancel();
        assert!(ends(handle), "the cancel was lost at try {n}");
    }
}

// M23: one argument of a megabyte is hundreds of thousands of items, each with its order
// and its outcome; nothing bounds them, and the high-water mark looks too late.
#[test]
fn an_array_of_a_megabyte_is_not_taken_for_a_million_items() {
    let host = host(1, [load("noop").into()]);
    let job = host.job("noop").unwrap();
    let job = job.argument(Value::array(&vec![Value::nil(); 900_000]));
    let job = job.options(options(r#"{"parallel": true, "unwrap": true}"#));
    let handle = job.submit().unwrap();
    handle.cancel();
    let outcome = soon(handle);
    assert_eq!(outcome.items.len(), 0, "{}", outcome.reason);
}

// M35: a job may have its own worker as a stage, however few may run; and a sort may have
// two bounded workers, in either order.
#[test]
fn bounded_workers_as_stages_never_lock_up() {
    let bounded = |name| HostWorker::from(load(name)).running_max(1);
    let host = host(4, [bounded("echo"), bounded("before"), load("noop").into()]);
    let table = [
        r#"{"post": "echo", "finally": "echo"}"#,
        r#"{"sort-key": "echo", "sort-op": "before"}"#,
        r#"{"sort-key": "echo", "sort-op": "before", "parallel": true}"#,
        r#"{"pre": "echo", "sort-op": "before", "post": "echo"}"#,
    ];
    let handles: Vec<_> = (0..40)
        .map(|n| {
            let said = table[n % table.len()];
            job(&host, "echo", "[3, 1, 2]", said).submit().unwrap()
        })
        .collect();
    for handle in handles {
        let outcome = soon(handle);
        assert_eq!(outcome.status, Status::Success, "{:?}", outcome.message);
    }
}
