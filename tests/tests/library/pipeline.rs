//! What is done with a job's data: flatten > filter > pre > sort > post (rows M26 to
//! M28). Sorting and ends have files of their own.

use super::parallel::{done, host, job};
use wodehost::value::ScanLimits;
use wodehost::{Host, Limit, Outcome, Reason, Status, SubmitError, Value};
use wodehost_tests::{
    data, limits, load, load_configured, load_with, options, runtime, serve, soon,
};

/// Runs `echo` on one argument in one slot, with a guest called `act` beside it.
pub(crate) fn run(argument: &str, said: &str) -> Outcome {
    let host = host(1, [load("echo").into(), load("act").into()]);
    done(&host, "echo", &format!("[{argument}]"), said)
}

/// What the outcome of a job with a failed stage looks like, and what it says.
pub(crate) fn failed_in(outcome: &Outcome, stage: &str) -> String {
    let reason = format!("pipeline:{stage}");
    assert_eq!(outcome.reason.to_string(), reason, "{outcome:?}");
    assert_eq!(outcome.status, Status::Failure);
    outcome.message.clone().unwrap()
}

// M26
#[test]
fn outcomes_are_replaced_by_their_data_through_arrays_at_any_depth() {
    let said = r#"{"flatten": true}"#;
    let table = [
        (r#"{"$outcome": {"data": 5, "status": "failure"}}"#, "5"),
        (r#"[1, {"$outcome": {"id": "x", "data": [2]}}]"#, "[1,[2]]"),
        (
            r#"[[[{"$outcome": {"data": [{"$outcome": {"data": "in"}}]}}]]]"#,
            r#"[[[["in"]]]]"#,
        ),
        (
            r#"{"$outcome": {"data": {"$outcome": {"data": {"$outcome": {"data": 3}}}}}}"#,
            "3",
        ),
        // Not through maps, and nothing but outcomes.
        (
            r#"{"a": {"$outcome": {"data": 5}}}"#,
            r#"{"a":{"$outcome":{"data":5}}}"#,
        ),
        ("7", "7"),
        ("[]", "[]"),
    ];
    for (given, wanted) in table {
        let outcome = run(given, said);
        assert!(outcome.is_success(), "{given}: {outcome:?}");
        assert_eq!(data(&outcome), wanted, "{given}");
    }
    // What only looks like one stays; JSON cannot say it.
    let inner = Value::map([("data", Value::from(5_u64))]);
    let host = host(1, [load("echo").into()]);
    for like in [
        Value::map([("$outcome", inner.clone()), ("b", Value::nil())]),
        Value::map([("$outcome", Value::from(5_u64))]),
        Value::map([("$outcome", Value::map([("status", Value::nil())]))]),
        Value::map([("$Outcome", inner)]),
    ] {
        let given = Value::array(&[like]);
        let job = host.job("echo").unwrap().argument(given.clone());
        let job = job.options(options(said));
        assert_eq!(soon(job.submit().unwrap()).data, given);
    }
}

// M26
#[test]
fn the_outcomes_of_items_are_flattened_too() {
    let host = host(2, [load("act").into()]);
    let said = r#"{"parallel": true, "items": true, "flatten": true, "retries": 0}"#;
    let nested = r#"[1, {"x": [{"$outcome": {"data": 2}}]}, [{"$outcome": {"data": 3}}],
        {"do": "failure", "value": "no"}]"#;
    let outcome = done(&host, "act", nested, said);
    assert_eq!(outcome.status, Status::Mixed, "{outcome:?}");
    assert_eq!(
        data(&outcome),
        r#"[1,{"x":[{"$outcome":{"data":2}}]},[3],"no"]"#
    );
    assert_eq!(outcome.items.len(), 4, "who wants them still has them");
}

// M27
#[test]
fn a_filter_keeps_what_it_answers_true_for() {
    let host = host(1, [load("echo").into(), load("over").into()]);
    let of = |argument: &str| done(&host, "echo", argument, r#"{"filter": "over"}"#);
    assert_eq!(data(&of("[[5, 11, 10, 12.5, 30]]")), "[11,12.5,30]");
    assert_eq!(data(&of("[[1, 2]]")), "[]");
    assert_eq!(data(&of("[[]]")), "[]");
    let builtin = done(
        &host,
        "echo",
        "[[true, false, true]]",
        r#"{"filter": "identity"}"#,
    );
    assert_eq!(data(&builtin), "[true,true]");
}

// M27 W2
#[test]
fn elements_go_through_a_filter_and_a_sort_byte_for_byte() {
    let elements: [&[u8]; 9] = [
        b"\xcf\x00\x00\x00\x00\x00\x00\x00\x01", // a small number in nine bytes
        b"\xca\x7f\xc0\x00\x01",                 // f32 NaN with a payload
        b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x07", // and f64
        b"\xcb\x80\x00\x00\x00\x00\x00\x00\x00", // -0.0
        b"\xc7\x03\x05abc",
        b"\xd6\xff\x00\x00\x00\x01",
        b"\xda\x00\x02hi",         // a short text with a long header
        b"\x82\xa1b\x01\xa1a\x02", // a map keeps its order
        b"\xdc\x00\x01\xc0",       // an array of one with a long header
    ];
    let check = |bytes: &[u8]| Value::check(bytes.to_vec(), &ScanLimits::default()).unwrap();
    let given = Value::array(&elements.map(check));
    let host = host(
        1,
        [
            load("echo").into(),
            load("noop").into(),
            load_configured("before_mad", r#"{"answers": "always"}"#).into(),
            load("act").into(),
        ],
    );
    let of = |said: &str| {
        let job = host.job("echo").unwrap().argument(given.clone());
        soon(job.options(options(said)).submit().unwrap())
    };
    // Every answer is true, so that everything stays; then everything is turned round.
    let said = r#"{"filter": "before_mad", "sort-op": "before_mad", "pre": "identity"}"#;
    let outcome = of(said);
    assert!(outcome.is_success(), "{outcome:?}");
    let mut reversed = elements;
    reversed.reverse();
    assert_eq!(outcome.data, Value::array(&reversed.map(check)));
    // Stages for the whole and keys see the same bytes.
    assert_eq!(of(r#"{"pre": "act", "post": "echo"}"#).data, given);
    let said = r#"{"sort-key": "noop", "sort-op": "before_mad", "sort-cache-keys": true}"#;
    assert_eq!(of(said).data, Value::array(&reversed.map(check)));
}

// M28
#[test]
fn pre_and_post_get_the_whole() {
    let host = host(
        1,
        [
            load("echo").into(),
            load("half").into(),
            load("sum").into(),
            load("double").into(),
        ],
    );
    let of = |argument: &str, said: &str| data(&done(&host, "echo", argument, said));
    assert_eq!(of("[[1, 2, 3, 4, 5]]", r#"{"pre": "half"}"#), "[1,2,3]");
    assert_eq!(of("[[1, 2, 3, 4, 5]]", r#"{"post": "sum"}"#), "15");
    assert_eq!(of("[[1, 2, 3]]", r#"{"pre": "half", "post": "sum"}"#), "3");
    assert_eq!(of("[21]", r#"{"post": "double"}"#), "42", "no array needed");
    assert_eq!(of("[4]", r#"{"pre": "list", "post": "list"}"#), "[[4]]");
    assert_eq!(of("[4]", r#"{"pre": "identity"}"#), "4");
}

// M26 M27 M28 M29 M30
#[test]
fn the_stages_run_in_their_order() {
    // Not in the order in which they are written.
    let said = r#"{"post": "sum", "sort-op": ">", "pre": "half", "filter": "over",
        "flatten": true}"#;
    let workers = || ["echo", "over", "half", "sum"].map(|name| load(name).into());
    let host = host(1, workers());
    let given = r#"[[5, {"$outcome": {"data": 20}}, 11, 30, 7, 40]]"#;
    // [5,20,11,30,7,40] > [20,11,30,40] > [20,11] > [20,11]: sorted first it were [40,30].
    assert_eq!(data(&done(&host, "echo", given, said)), "31");
    let said = r#"{"sort-op": ">", "pre": "half", "filter": "over", "flatten": true}"#;
    assert_eq!(data(&done(&host, "echo", given, said)), "[20,11]");
    let said = r#"{"sort-op": ">", "post": "half", "filter": "over", "flatten": true}"#;
    assert_eq!(data(&done(&host, "echo", given, said)), "[40,30]");
}

// M23 M26 M27 M28 M30 M39
#[test]
fn a_parallel_job_has_its_stages_and_its_finally_in_one_slot() {
    let folder = tempfile::tempdir().unwrap();
    let record = super::grants::writer("record", folder.path(), r#"{"file": "/out/r"}"#);
    let names = ["act", "over", "half"];
    let workers = names.map(|name| load(name).into()).into_iter();
    let host = host(1, workers.chain([record.into()]));
    let said = r#"{"parallel": true, "items": true, "flatten": true, "filter": "over",
        "pre": "half", "sort-op": "<", "post": "list", "finally": "record", "retries": 0}"#;
    let outcome = done(&host, "act", "[30, 1, 20, 11, 12, 40]", said);
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(data(&outcome), "[[11,20,30]]");
    assert!(outcome.finally_error.is_none());
    let text = std::fs::read_to_string(folder.path().join("r")).unwrap();
    assert_eq!(
        text.lines().count(),
        1,
        "once for the job, not for its items"
    );
    assert!(text.starts_with(r#"1 {"$outcome":"#), "{text}");
    assert!(text.contains(r#""data":[[11,20,30]]"#), "{text}");
}

// M31 M39
#[test]
fn finally_sees_what_the_stages_made_of_the_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let record = super::grants::writer("record", folder.path(), r#"{"file": "/out/r"}"#);
    let workers = [load("echo").into(), load("act").into(), record.into()];
    let host = host(1, workers);
    let said = r#"{"filter": "act", "finally": "record"}"#;
    failed_in(
        &done(&host, "echo", r#"[[{"do": "trap"}]]"#, said),
        "filter",
    );
    let text = std::fs::read_to_string(folder.path().join("r")).unwrap();
    assert!(text.contains(r#""reason":"pipeline:filter""#), "{text}");
}

// M27
#[test]
fn stages_that_are_not_there_are_refused_by_their_names() {
    let host = host(1, [load("echo").into()]);
    let keys = ["filter", "pre", "sort-key", "sort-op", "post", "finally"];
    for key in keys {
        let said = format!(r#"{{"{key}": "nobody"}}"#);
        let error = job(&host, "echo", "[1]", &said).submit().unwrap_err();
        assert!(matches!(error, SubmitError::Options(_)));
        let text = error.to_string();
        assert!(text.starts_with(&format!("{key}: ")), "{text}");
        assert!(text.contains("`nobody`") && text.contains("echo"), "{text}");
    }
    let error = job(&host, "echo", "[1]", r#"{"post": "jq:."}"#).submit();
    let text = error.unwrap_err().to_string();
    assert_eq!(text, "post: this host has no jq plugin");
    assert_eq!(host.tally().total(), 0, "no job has come of them");
    // A worker's own options are looked at when the host is built.
    let worker = wodehost_tests::told(load("echo"), r#"{"pre": "nobody"}"#);
    let built = Host::builder(runtime()).worker(worker).build();
    let text = built.unwrap_err().to_string();
    assert!(text.contains("echo") && text.contains("pre: "), "{text}");
}

// M27
#[test]
fn a_producer_gets_bad_options_for_a_stage_that_is_not_there() {
    let producer = load_configured(
        "dispatches",
        r#"{"jobs": [
            {"worker": "echo", "args": [1], "options": {"filter": "nobody"}},
            {"worker": "echo", "args": [1], "options": {"filter": "<"}},
            {"worker": "echo", "args": [1], "options": {"sort-op": "list"}},
            {"worker": "echo", "args": [1], "options": {"post": "jq:"}},
            {"worker": "echo", "args": [1], "options": {"pre": 5}},
            {"worker": "echo", "args": [1], "options": {"sort-cache-keys": true}},
            {"worker": "echo", "args": [1], "options": {"pipeline-on": "any"}},
            {"worker": "echo", "args": [1], "options": {"pipeline-on": "never"}}]}"#,
    );
    let (report, outcomes) = serve(&host(2, [load("echo").into()]), producer);
    assert_eq!((report.tally.failure, outcomes.len()), (8, 8));
    let keys = [
        "filter",
        "filter",
        "sort-op",
        "post",
        "pre",
        "sort-cache-keys",
        "pipeline-on",
        "pipeline-on",
    ];
    for ((_, outcome), key) in outcomes.iter().zip(keys) {
        assert_eq!((outcome.reason, outcome.attempts), (Reason::BadOptions, 0));
        let message = outcome.message.as_deref().unwrap_or_default();
        assert!(message.starts_with(&format!("{key}: ")), "{message}");
    }
}

// M27 M28
#[test]
fn a_stage_is_one_store_for_all_its_elements() {
    let is = |n: u64| format!(r#"{{"do": "is", "n": {n}}}"#);
    let elements: Vec<String> = (1..=200).map(is).collect();
    let outcome = run(&format!("[{}]", elements.join(",")), r#"{"filter": "act"}"#);
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(outcome.data.elements().unwrap().count(), 200);
    // Another stage, and another job, has a store of its own.
    let host = host(1, ["echo", "act"].map(|name| load(name).into()));
    for _ in 0..2 {
        let said = r#"{"filter": "act", "post": "list"}"#;
        let given = format!("[[{}, {}]]", is(1), is(2));
        let outcome = done(&host, "echo", &given, said);
        assert_eq!(
            data(&outcome),
            format!("[[{},{}]]", is(1), is(2)).replace(' ', "")
        );
        let said = r#"{"pre": "act", "post": "act"}"#;
        let nested = r#"[{"do": "value", "value": {"do": "count"}}]"#;
        assert_eq!(data(&done(&host, "echo", nested, said)), "1");
    }
}

// M27
#[test]
fn an_element_that_declares_its_end_gets_its_value_and_the_next_one_a_fresh_store() {
    let is = |n: u64| format!(r#"{{"do": "is", "n": {n}}}"#);
    let yes = r#"{"do": "success", "value": true}"#;
    let no = r#"{"do": "success", "value": false}"#;
    let elements = [
        &is(1),
        &is(2),
        yes,
        &is(1),
        no,
        &is(1),
        &is(2),
        yes,
        yes,
        &is(1),
    ];
    let outcome = run(&format!("[{}]", elements.join(",")), r#"{"filter": "act"}"#);
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(outcome.data.elements().unwrap().count(), 9, "all but one");
    let whole = run(r#"{"do": "success", "value": [7]}"#, r#"{"pre": "act"}"#);
    assert_eq!(data(&whole), "[7]");
    // Without a value the carried state counts, as in any attempt.
    let whole = run(r#"{"do": "state", "value": 8}"#, r#"{"pre": "act"}"#);
    assert_eq!(data(&whole), "{}");
}

// M27
#[test]
fn each_element_has_the_fuel_of_a_window() {
    let turns = 200_000;
    let burn = format!(r#"{{"do": "burn", "n": {turns}, "value": true}}"#);
    // One element needs more than half of the limit, and twelve of them fit.
    let spent = done(
        &host(1, [load("act").into()]),
        "act",
        &format!("[{burn}]"),
        "{}",
    );
    let fuel = spent.receipts.latest().unwrap().fuel;
    assert!(fuel > turns, "{fuel}");
    let act = load_with(
        "act",
        limits(&[(Limit::Fuel, &format!("{}", fuel * 3 / 2))]),
    );
    let host = host(1, [load("echo").into(), act.into()]);
    let elements = vec![burn; 12].join(",");
    for said in [
        r#"{"filter": "act"}"#,
        r#"{"sort-key": "act", "sort-op": "act"}"#,
    ] {
        let outcome = done(&host, "echo", &format!("[[{elements}]]"), said);
        if said.contains("filter") {
            assert!(outcome.is_success(), "{outcome:?}");
        } else {
            // The op answers the pair as it is; it is the keys that burned.
            let message = failed_in(&outcome, "sort");
            assert!(message.contains("true or false"), "{message}");
        }
    }
}

// M27
#[test]
fn each_element_has_the_keepalive_anew_and_all_share_the_deadline() {
    let element = r#"{"do": "sleep", "n": 250, "value": true}"#;
    let elements = [element; 8].join(",");
    let given = format!("[[{elements}]]");
    let said = r#"{"filter": "act"}"#;
    let act = load_with("act", limits(&[(Limit::Keepalive, "1s")]));
    let host_of_act = |act: wodehost::Plugin| host(1, [load("echo").into(), act.into()]);
    let outcome = done(&host_of_act(act), "echo", &given, said);
    assert!(
        outcome.is_success(),
        "two seconds, a quarter at a time: {outcome:?}"
    );
    let act = load_with("act", limits(&[(Limit::Deadline, "1s")]));
    let outcome = done(&host_of_act(act), "echo", &given, said);
    let message = failed_in(&outcome, "filter");
    assert!(message.contains("deadline: "), "{message}");
    assert!(!message.starts_with("element 1:"), "{message}");
}

// M27
#[test]
fn a_stage_has_a_name_and_the_environment_of_the_job() {
    let outcome = run(r#"{"do": "name"}"#, r#"{"post": "act"}"#);
    assert_eq!(data(&outcome), format!(r#"["{}",1,0]"#, outcome.id));
    let host = host(1, ["echo", "env_read"].map(|name| load(name).into()));
    let said = r#"{"post": "env_read", "env": {"WHO": "me"}}"#;
    let outcome = done(&host, "echo", r#"["WHO"]"#, said);
    assert!(data(&outcome).contains("me"), "{outcome:?}");
}

// M27 J5
#[test]
fn many_jobs_with_stages_share_one_slot() {
    let names = ["act", "over", "half", "sum", "before"];
    let host = host(1, names.map(|name| load(name).into()));
    let said = r#"{"parallel": true, "filter": "over", "pre": "half", "sort-op": "before",
        "post": "sum", "finally": "act"}"#;
    let handles: Vec<_> = (0..40)
        .map(|n| {
            let arguments = format!("[1, {}, {}, 2]", 30 + n, 20 + n);
            (n, job(&host, "act", &arguments, said).submit().unwrap())
        })
        .collect();
    for (n, handle) in handles {
        let outcome = soon(handle);
        assert_eq!(data(&outcome), (30 + n).to_string(), "{outcome:?}");
        assert!(outcome.finally_error.is_none());
    }
    assert_eq!((host.tally().success, host.tally().total()), (40, 40));
}

// M27 M31 W5
#[test]
fn a_producer_s_jobs_have_stages_and_each_outcome_is_delivered_once() {
    let producer = load_configured(
        "dispatches",
        r#"{"times": 25, "jobs": [
            {"worker": "act", "args": [[3, 1, 2]], "options": {"sort-op": "<"}},
            {"worker": "act", "args": [30, 1, 20],
             "options": {"parallel": true, "filter": "over", "sort-op": "<"}},
            {"worker": "act", "args": [[1, {"do": "trap"}]], "options": {"filter": "act"}}]}"#,
    );
    let host = host(2, ["act", "over"].map(|name| load(name).into()));
    let (report, outcomes) = serve(&host, producer);
    assert_eq!((report.tally.success, report.tally.failure), (50, 25));
    assert_eq!(outcomes.len(), 75);
    for (job, outcome) in outcomes {
        match job.to_json().as_str() {
            "[3,1,2]" => assert_eq!(data(&outcome), "[1,2,3]"),
            "[30,1,20]" => assert_eq!(data(&outcome), "[20,30]"),
            _ => drop(failed_in(&outcome, "filter")),
        }
    }
}

// M27 J24
#[test]
fn a_stage_is_set_up_once_in_its_store() {
    let host_of = |config: &str| {
        let set_up = load_configured("set_up", config);
        host(1, [load("echo").into(), set_up.into()])
    };
    // Each key is how often it was set up.
    let host = host_of("{}");
    let said = r#"{"sort-key": "set_up", "sort-cache-keys": true}"#;
    assert_eq!(data(&done(&host, "echo", "[[3, 1, 2]]", said)), "[3,1,2]");
    let said = r#"{"post": "set_up"}"#;
    assert_eq!(data(&done(&host, "echo", "[5]", said)), "1");
    for (config, wanted) in [
        (r#"{"set_up": "fail"}"#, "error: set-up failed"),
        (r#"{"set_up": "trap"}"#, "trap:unreachable"),
    ] {
        let outcome = done(&host_of(config), "echo", "[5]", said);
        let message = failed_in(&outcome, "post");
        assert!(message.starts_with(wanted), "{message}");
    }
}
