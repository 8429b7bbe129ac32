//! How a job with stages ends: a stage that fails, is silent, is cancelled or does not
//! run at all (row M31).

use super::parallel::{done, host, job};
use super::pipeline::{failed_in, run};
use std::time::Duration;
use wodehost::task::Happened;
use wodehost::{Limit, Outcome, Reason, Status};
use wodehost_tests::{data, limits, load, load_with, quick, soon};

// M27 M31
#[test]
fn a_filter_that_answers_no_boolean_fails_and_names_the_element() {
    let said = r#"{"filter": "act"}"#;
    for (third, kind) in [
        ("5", "int"),
        (r#""true""#, "str"),
        ("null", "nil"),
        ("[true]", "array"),
    ] {
        let outcome = run(&format!("[true, false, {third}]"), said);
        let message = failed_in(&outcome, "filter");
        assert!(message.starts_with("element 3: "), "{message}");
        assert!(message.contains("true or false"), "{message}");
        assert!(message.contains(kind), "{message}");
    }
}

// M31
#[test]
fn only_an_array_is_filtered_or_sorted() {
    for given in ["5", r#"{"a": [1]}"#, "null", r#""text""#] {
        let message = failed_in(&run(given, r#"{"filter": "act"}"#), "filter");
        assert!(message.contains("array"), "{message}");
        for said in [r#"{"sort-op": "<"}"#, r#"{"sort-key": "act"}"#] {
            let message = failed_in(&run(given, said), "sort");
            assert!(message.contains("array"), "{message}");
        }
    }
    // What a stage before made of them counts.
    let said = r#"{"pre": "list", "sort-op": "<"}"#;
    assert_eq!(data(&run("5", said)), "[5]");
}

/// Runs each stage over one element that says what happens, behind one that is well.
fn each_stage(what: &str) -> Vec<(&'static str, Outcome)> {
    let given = format!(r#"[true, {{"do": {what}}}]"#);
    let cached = r#"{"sort-key": "act", "sort-cache-keys": true}"#;
    let mut outcomes = vec![
        ("filter", run(&given, r#"{"filter": "act"}"#)),
        ("sort", run(&given, cached)),
        ("sort", run(&given, r#"{"sort-key": "act"}"#)),
    ];
    let given = format!(r#"{{"do": {what}}}"#);
    for (stage, said) in [("pre", r#"{"pre": "act"}"#), ("post", r#"{"post": "act"}"#)] {
        outcomes.push((stage, run(&given, said)));
    }
    outcomes
}

// M31
#[test]
fn a_stage_that_ends_badly_is_the_end_of_the_stages() {
    let table = [
        (r#""trap""#, "trap:unreachable: "),
        (r#""error", "value": "no paper""#, "error: no paper"),
        (
            r#""error", "value": {"message": "no ink"}"#,
            "error: no ink",
        ),
        (r#""failure", "value": "enough""#, "declared: enough"),
        (r#""failure""#, "declared"),
        (r#""restart""#, "restart-asked: "),
        (r#""exit", "n": 1"#, "exit:1: "),
        (r#""exit", "n": 0"#, "exit:0: "),
        (r#""bad""#, "bad-value: "),
        (r#""deep", "n": 100"#, "bad-value: "),
    ];
    for (what, wanted) in table {
        for (stage, outcome) in each_stage(what) {
            let message = failed_in(&outcome, stage);
            assert!(message.contains(wanted), "{stage}, {what}: {message}");
            assert_eq!(outcome.attempts, 1, "the job itself is not tried again");
        }
    }
}

// M31
#[test]
fn the_message_names_the_element_that_a_stage_ended_over() {
    let message = failed_in(
        &run(
            r#"[true, false, {"do": "trap"}, {"do": "trap"}]"#,
            r#"{"filter": "act"}"#,
        ),
        "filter",
    );
    assert!(
        message.starts_with("element 3: trap:unreachable"),
        "{message}"
    );
}

// M31
#[test]
fn a_stage_that_says_nothing_is_silent_and_one_that_burns_too_much_is_out_of_fuel() {
    let cases = [
        (quick(), r#"{"do": "spin"}"#, "silent: "),
        (quick(), r#"{"do": "sleep", "n": 600000}"#, "silent: "),
        (
            limits(&[(Limit::Fuel, "5M")]),
            r#"{"do": "spin"}"#,
            "out-of-fuel: ",
        ),
    ];
    for (limits, element, wanted) in cases {
        let act = load_with("act", limits);
        let host = host(1, [load("echo").into(), act.into()]);
        for (key, stage) in [("filter", "filter"), ("sort-key", "sort")] {
            let given = format!("[[true, {element}]]");
            let said = format!(r#"{{"{key}": "act"}}"#);
            let message = failed_in(&done(&host, "echo", &given, &said), stage);
            assert!(message.contains(wanted), "{message}");
        }
    }
}

// M31
#[test]
fn a_failed_stage_leaves_the_data_as_the_last_good_one_made_them() {
    let given = r#"[{"$outcome": {"data": true}}, {"do": "trap"}]"#;
    let outcome = run(
        given,
        r#"{"flatten": true, "filter": "act", "post": "list"}"#,
    );
    failed_in(&outcome, "filter");
    assert_eq!(
        data(&outcome),
        r#"[true,{"do":"trap"}]"#,
        "post did not run"
    );
}

// M31
#[test]
fn stages_run_after_a_success_and_otherwise_only_when_told() {
    let act = load_with("act", quick());
    let host = host(1, [act.into(), load("echo").into()]);
    let error = r#"[{"do": "error", "value": [1]}]"#;
    let said = r#"{"post": "list", "retries": 0}"#;
    assert_eq!(data(&done(&host, "act", error, said)), "[1]");
    let said = r#"{"post": "list", "pipeline-on": "any", "retries": 0}"#;
    let outcome = done(&host, "act", error, said);
    assert_eq!(data(&outcome), "[[1]]");
    assert_eq!(
        (outcome.status, outcome.reason),
        (Status::Failure, Reason::Error)
    );
    assert_eq!(
        data(&done(&host, "act", "[1]", said)),
        "[1]",
        "a success too"
    );
}

// M31
#[test]
fn a_failing_stage_hides_neither_a_timeout_nor_a_failure() {
    let host = host(1, [load("act").into(), load("unreachable").into()]);
    let said = r#"{"post": "unreachable", "pipeline-on": "any", "retries": 0,
        "keepalive": "300ms"}"#;
    for (job, status, reason) in [
        (r#"[{"do": "spin"}]"#, Status::Timeout, "silent"),
        (
            r#"[{"do": "error", "value": "no"}]"#,
            Status::Failure,
            "error",
        ),
        (r#"[{"do": "failure"}]"#, Status::Failure, "declared"),
        ("[1]", Status::Failure, "pipeline:post"),
    ] {
        let outcome = done(&host, "act", job, said);
        assert_eq!(outcome.status, status, "{outcome:?}");
        assert_eq!(outcome.reason.to_string(), reason);
        let message = outcome.message.unwrap();
        assert!(message.contains("trap:unreachable"), "{message}");
    }
    let outcome = done(&host, "act", r#"[{"do": "spin"}]"#, said);
    let message = outcome.message.unwrap();
    assert!(message.contains("no sign of life"), "{message}");
    assert!(message.contains("the stage post failed"), "{message}");
}

// M24 M31
#[test]
fn stages_run_after_mixed_and_not_after_all_failed() {
    let workers = ["act", "sum", "half"].map(|name| load(name).into());
    let host = host(2, workers);
    let said = r#"{"parallel": true, "retries": 0, "post": "list"}"#;
    let mixed = r#"[4, {"do": "error", "value": 5}, 6]"#;
    let outcome = done(&host, "act", mixed, said);
    assert_eq!(
        (outcome.status, data(&outcome).as_str()),
        (Status::Mixed, "[[4,5,6]]")
    );
    let bad = r#"[{"do": "error", "value": 4}]"#;
    let outcome = done(&host, "act", bad, said);
    assert_eq!(
        (outcome.status, data(&outcome).as_str()),
        (Status::Failure, "[4]")
    );
    let said = r#"{"parallel": true, "retries": 0, "post": "sum", "pipeline-on": "any"}"#;
    let outcome = done(&host, "act", bad, said);
    assert_eq!(
        (outcome.reason, data(&outcome).as_str()),
        (Reason::Items, "4")
    );
    // A stage that fails makes a failure of mixed.
    let said = r#"{"parallel": true, "retries": 0, "post": "act", "pre": "half",
        "filter": "act"}"#;
    failed_in(&done(&host, "act", mixed, said), "filter");
}

// M31
#[test]
fn stages_do_not_run_on_what_was_cancelled_or_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let record = super::grants::writer("record", folder.path(), r#"{"file": "/out/r"}"#);
    let forever = load_with("sleep_forever", limits(&[(Limit::Keepalive, "inf")]));
    let host = host(1, [forever.into(), record.into()]);
    let said = r#"{"pre": "record", "post": "record", "pipeline-on": "any",
        "singleton": "one", "parallel": true}"#;
    let mut first = job(&host, "sleep_forever", "[1, 2]", said);
    let mut events = first.events();
    let first = first.submit().unwrap();
    assert_eq!(
        done(&host, "sleep_forever", "[1]", said).status,
        Status::Rejected
    );
    soon(async { while !matches!(events.next().await.unwrap().what, Happened::Started { .. }) {} });
    first.cancel();
    assert_eq!(soon(first).status, Status::Cancelled);
    assert!(!folder.path().join("r").exists());
}

// M31
#[test]
fn a_cancel_reaches_a_stage() {
    let endless = limits(&[(Limit::Keepalive, "inf"), (Limit::Fuel, "inf")]);
    let workers = [load("echo"), load_with("act", endless)];
    let host = host(1, workers.map(Into::into));
    for element in [r#"{"do": "spin"}"#, r#"{"do": "sleep", "n": 600000}"#] {
        for (arguments, said) in [
            (format!("[[true, {element}]]"), r#"{"filter": "act"}"#),
            (format!("[[true, {element}]]"), r#"{"sort-key": "act"}"#),
            (
                format!("[[true, {element}]]"),
                r#"{"sort-key": "act", "sort-cache-keys": true}"#,
            ),
            (
                format!("[{element}]"),
                r#"{"post": "act", "pipeline-on": "any"}"#,
            ),
            (
                format!("[true, {element}]"),
                r#"{"filter": "act", "parallel": true}"#,
            ),
        ] {
            let mut job = job(&host, "echo", &arguments, said);
            let mut events = job.events();
            let handle = job.submit().unwrap();
            soon(async {
                while !matches!(events.next().await.unwrap().what, Happened::Started { .. }) {}
            });
            // Wherever it is by then, it ends; most likely in its stage.
            std::thread::sleep(Duration::from_millis(200));
            handle.cancel();
            let outcome = soon(handle);
            assert_eq!(outcome.status, Status::Cancelled, "{outcome:?}");
            assert_eq!(outcome.reason, Reason::Cancelled);
        }
        let after = done(&host, "echo", "[3]", "{}");
        assert_eq!(data(&after), "3", "the slot goes on");
    }
}

// M31
#[test]
fn stopping_the_host_ends_a_stage_that_spins() {
    let act = load_with(
        "act",
        limits(&[(Limit::Keepalive, "inf"), (Limit::Fuel, "inf")]),
    );
    let host = host(1, [load("echo").into(), act.into()]);
    let said = r#"{"post": "act", "finally": "echo"}"#;
    let running = job(&host, "echo", r#"[{"do": "spin"}]"#, said);
    let running = running.submit().unwrap();
    let queued = job(&host, "echo", r#"[{"do": "spin"}]"#, said);
    let queued = queued.submit().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    host.stop(wodehost::Stop::Cancel);
    for handle in [running, queued] {
        let outcome = soon(handle);
        assert_eq!(outcome.status, Status::Cancelled, "{outcome:?}");
        // A stop means the stages and not what is to come on every end.
        assert_eq!(outcome.finally_error, None);
    }
}

// M31 W17
#[test]
fn a_drain_lets_the_stages_of_what_runs_come() {
    let host = host(2, ["sleep", "double"].map(|name| load(name).into()));
    let said = r#"{"post": "list", "finally": "sleep"}"#;
    let mut alone = job(&host, "sleep", "[500]", said);
    let mut events = alone.events();
    let alone = alone.submit().unwrap();
    let said = r#"{"parallel": true, "post": "list"}"#;
    let spread = job(&host, "sleep", "[500]", said).submit().unwrap();
    let late = job(&host, "sleep", "[500, 500]", said).submit().unwrap();
    soon(async { while !matches!(events.next().await.unwrap().what, Happened::Started { .. }) {} });
    let grace = Duration::from_secs(30);
    host.stop(wodehost::Stop::Drain { grace });
    let alone = soon(alone);
    assert_eq!(
        (alone.status, data(&alone).as_str()),
        (Status::Success, "[500]")
    );
    // It took the outcome for a time to sleep, which is how we see that it ran.
    assert!(alone.finally_error.unwrap().starts_with("error: "));
    assert_eq!(data(&soon(spread)), "[[500]]");
    assert_eq!(soon(late).status, Status::Cancelled);
}
