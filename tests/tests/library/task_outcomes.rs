//! Rows M4, M10, M13 to M15, M17, M19 to M22, M32 to M34 and M44: what a job leaves, and
//! how its guest declares it.

use super::tasks::{expect_end, scripted};
use wodehost::task::Retries;
use wodehost::{Outcome, Status, task_return_value};
use wodehost_tests::{call, data, host_of, load, soon, value};

// M13 M14
#[test]
fn a_declared_end_has_its_value_or_the_carried_state() {
    let table = [
        (r#"{"success": 7}"#, Status::Success, "7"),
        (r#"{"success": null}"#, Status::Success, r#""state""#),
        (r#"{"failure": [1]}"#, Status::Failure, "[1]"),
        (r#"{"failure": null}"#, Status::Failure, r#""state""#),
    ];
    for (step, status, left) in table {
        // Nothing behind it runs: no update, no trap, no other declaration.
        let behind = r#"{"update": "not reached"}, {"success": 1}, {"failure": 2}, "trap""#;
        let steps = format!(r#"[[{{"update": "state"}}, {{"print": "said"}}, {step}, {behind}]]"#);
        let outcome = scripted("{}", &steps);
        expect_end(&outcome, "declared", 1);
        assert_eq!((outcome.status, &*data(&outcome)), (status, left));
        assert_eq!(outcome.stdout.as_deref(), Some("said"), "it is flushed");
    }
}

// M13 M14
#[test]
fn a_declared_value_that_is_no_value_ends_the_attempt_as_what_it_is() {
    for kind in [
        "truncated",
        "trailing",
        "c1",
        "deep",
        "dup",
        "utf8",
        "empty",
    ] {
        let outcome = call(load("declare_raw"), &format!(r#""{kind}""#));
        assert_eq!(outcome.reason.to_string(), "bad-value", "{kind}");
        assert_eq!(data(&outcome), "{}", "the carried state is left");
    }
    let steps = |bytes| format!(r#"[[{{"update": 1}}, {{"large": {bytes}}}]]"#);
    let options = r#"{"retries": 3, "value": 1000}"#;
    // Three bytes say how long it is.
    assert!(scripted(options, &steps(997)).is_success());
    let outcome = scripted(options, &steps(998));
    expect_end(&outcome, "value-too-large", 1);
    assert_eq!((outcome.is_failure(), &*data(&outcome)), (true, "1"));
}

// M15 M44
#[test]
fn what_is_returned_is_the_data_of_a_success() {
    let outcome = scripted("{}", r#"[[{"update": "state"}, {"return": {"a": [1]}}]]"#);
    expect_end(&outcome, "returned", 1);
    assert_eq!(
        (outcome.is_success(), &*data(&outcome)),
        (true, r#"{"a":[1]}"#)
    );
    // A value that looks like an error or an outcome is a value.
    let odd = r#"{"$outcome": {"status": "failure"}}"#;
    let outcome = call(load("echo"), odd);
    assert!(outcome.is_success());
    assert_eq!(data(&outcome), odd.replace(' ', ""));
}

// M10: the error value is the data, until a later attempt does better.
#[test]
fn a_returned_error_is_the_data_of_a_failure() {
    let outcome = scripted(
        r#"{"retries": 1}"#,
        r#"[[{"update": 1}, {"error": {"x": 2}}]]"#,
    );
    expect_end(&outcome, "error", 2);
    assert_eq!(
        (outcome.is_failure(), &*data(&outcome)),
        (true, r#"{"x":2}"#)
    );
    let outcome = scripted("{}", r#"[[{"update": 1}, {"error": 2}], []]"#);
    assert_eq!(
        data(&outcome),
        "1",
        "the next attempt gets the state, not the error"
    );
}

// M17
#[test]
fn a_guest_knows_its_task() {
    let host = host_of("about");
    let job = host.job("about").unwrap().with(|options| {
        options.retry.retries = Retries::Of(7);
        options.group = Some("night".into());
    });
    let outcome = soon(job.submit().unwrap());
    let id = outcome.id.to_string();
    let about = |key| outcome.data.get(key).unwrap().to_json();
    assert_eq!(about("id"), format!("{id:?}"));
    assert_eq!(about("name"), format!("\"{id}/1\""));
    assert_eq!(about("group"), r#""night""#);
    assert_eq!(
        (about("attempt"), about("retries_left")),
        ("1".into(), "7".into())
    );
    assert_eq!(
        (about("data"), about("stopping")),
        ("{}".into(), "false".into())
    );
    let outcome = soon(host.submit("about", []).unwrap());
    assert_eq!(outcome.data.get("group").unwrap().as_str(), Some(""));
}

// M19 M20 M21 M22 M33
#[test]
fn an_outcome_is_plain_data_that_can_be_made_by_hand() {
    let outcome = Outcome::success(value("[1]"));
    assert_eq!(
        (outcome.status, data(&outcome)),
        (Status::Success, "[1]".to_owned())
    );
    assert_eq!((outcome.attempts, outcome.receipts.len()), (0, 0));
    let handle = task_return_value(value(r#""x""#));
    handle.cancel();
    assert_eq!(handle.id(), outcome.id);
    let outcome = soon(handle);
    assert!(outcome.is_success());
    assert_eq!(data(&outcome), r#""x""#);
    let words = [
        (Status::Unspecified, "unspecified"),
        (Status::Success, "success"),
        (Status::Failure, "failure"),
        (Status::Timeout, "timeout"),
        (Status::Mixed, "mixed"),
        (Status::Rejected, "rejected"),
        (Status::Cancelled, "cancelled"),
    ];
    for (status, word) in words {
        assert_eq!(status.to_string(), word);
        let mut outcome = outcome.clone();
        outcome.status = status;
        let is = [
            outcome.is_success(),
            outcome.is_failure(),
            outcome.is_timeout(),
            outcome.is_mixed(),
            outcome.is_rejected(),
            outcome.is_cancelled(),
        ];
        let expected = words[1..].iter().map(|(other, _)| *other == status);
        assert_eq!(is.to_vec(), expected.collect::<Vec<_>>());
        assert_eq!(
            outcome.to_value().get("status").unwrap().as_str(),
            Some(word)
        );
    }
}

// M19 M33
#[test]
fn an_outcome_as_a_value_has_the_keys_of_the_contract() {
    let steps = r#"[[{"update": 1}, {"panic": "oh dear"}]]"#;
    let outcome = scripted(r#"{"retries": 1}"#, steps);
    let whole = outcome.to_value();
    let mut keys: Vec<String> = whole
        .entries()
        .unwrap()
        .map(|(key, _)| key.as_str().unwrap().to_owned())
        .collect();
    keys.sort();
    let expected = [
        "attempts", "data", "earlier", "id", "message", "reason", "receipts", "status", "stderr",
        "worker",
    ];
    assert_eq!(keys, expected);
    let text = |key| whole.get(key).unwrap().to_json();
    assert_eq!(text("id"), format!("\"{}\"", outcome.id));
    assert_eq!(
        (text("worker"), text("attempts")),
        (r#""script""#.into(), "2".into())
    );
    assert_eq!(text("reason"), r#""trap:unreachable""#);
    assert_eq!(
        (text("status"), text("data")),
        (r#""failure""#.into(), "1".into())
    );
    assert_eq!(
        whole.get("receipts").unwrap().elements().unwrap().count(),
        2
    );
}

// M4 M32 M34: no argument is nil, one is itself, more are an array.
#[test]
fn a_handle_gives_the_outcome_and_its_data() {
    let host = host_of("echo");
    for (arguments, job) in [
        (vec![], "null"),
        (vec!["[1]"], "[1]"),
        (vec!["1", "[2]"], "[1,[2]]"),
    ] {
        let arguments = arguments.into_iter().map(value);
        let handle = host.submit("echo", arguments).unwrap();
        let id = handle.id();
        let outcome = soon(handle);
        assert_eq!((data(&outcome), outcome.id), (job.to_owned(), id));
    }
}
