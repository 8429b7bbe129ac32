//! Rows M7 to M12, M14, M16, M18, M40 and M43: attempts, and restarts with carried state.

use wodehost::task::Retries;
use wodehost::{Host, HostWorker, JobOptions, Outcome, Status, Value};
use wodehost_tests::{call, data, load, options, runtime, soon, told, value};

/// A host with one slot and one worker.
pub(crate) fn one_slot(worker: impl Into<HostWorker>) -> Host {
    let host = Host::builder(runtime()).slots(1).worker(worker);
    host.build().unwrap()
}

/// The outcome of a job for the guest `script`, see there, with these options.
pub(crate) fn scripted(options: &str, attempts: &str) -> Outcome {
    let host = one_slot(told(load("script"), options));
    soon(host.submit("script", [value(attempts)]).unwrap())
}

/// How a job ended: its reason, and after how many attempts.
pub(crate) fn end(outcome: &Outcome) -> (String, u32) {
    (outcome.reason.to_string(), outcome.attempts)
}

pub(crate) fn expect_end(outcome: &Outcome, reason: &str, attempts: u32) {
    assert_eq!(end(outcome), (reason.to_owned(), attempts), "{outcome:?}");
    assert_eq!(outcome.receipts.len(), attempts as usize);
}

/// What the step `note` left: attempt number and restarts left, one for each.
fn notes(outcome: &Outcome) -> Vec<(u64, Option<u64>)> {
    let notes = outcome.data.elements().unwrap();
    let number = |note: &Value, key| note.get(key).unwrap().as_u64();
    notes
        .map(|note| (number(&note, "attempt").unwrap(), number(&note, "left")))
        .collect()
}

// M7 M8 M9 M11 M12 M43: a hundred items, silence, a hundred more: ten times.
#[test]
fn a_thousand_items_are_each_processed_once_although_the_guest_hangs_ten_times() {
    let options = r#"{"retries": "inf", "keepalive": "500ms"}"#;
    let host = one_slot(told(load("thousand"), options));
    let items: Vec<u64> = (0..1000).collect();
    let outcome = soon(
        host.submit("thousand", [Value::of(&items).unwrap()])
            .unwrap(),
    );
    assert!(outcome.is_success(), "{outcome:?}");
    let processed = outcome.data.get("processed").unwrap();
    let squares: Vec<u64> = items.iter().map(|item| item * item).collect();
    assert_eq!(processed.to::<Vec<u64>>().unwrap(), squares);
    // The tenth attempt hangs behind the last item; the eleventh finds nothing to do.
    expect_end(&outcome, "returned", 11);
}

// M7 M8 M9
#[test]
fn a_job_is_restarted_as_often_as_it_was_told() {
    for retries in [0_u32, 1, 2, 5] {
        let outcome = scripted(
            &format!(r#"{{"retries": {retries}}}"#),
            r#"[["note", "trap"]]"#,
        );
        expect_end(&outcome, "trap:unreachable", retries + 1);
        assert_eq!(outcome.status, Status::Failure);
        let left = (0..=retries).map(|used| {
            let (attempt, left) = (u64::from(used) + 1, u64::from(retries - used));
            (attempt, Some(left))
        });
        assert_eq!(notes(&outcome), left.collect::<Vec<_>>());
    }
}

// M7 M8 M17
#[test]
fn retries_without_end_go_on_until_the_job_is_done() {
    let host = one_slot(told(load("state"), r#"{"retries": "inf"}"#));
    let outcome = soon(host.submit("state", [value("50")]).unwrap());
    expect_end(&outcome, "returned", 51);
    assert_eq!(data(&outcome), r#"{"count":51}"#);
    let outcome = scripted(r#"{"retries": "inf"}"#, r#"[["note", "trap"], ["note"]]"#);
    assert_eq!(notes(&outcome), [(1, None), (2, None)]);
}

// M7: three restarts when nobody says.
#[test]
fn a_job_has_four_attempts_by_default() {
    assert_eq!(JobOptions::default().retry.retries.count(), Some(3));
    let outcome = scripted("{}", r#"[["note", {"error": "no"}]]"#);
    expect_end(&outcome, "error", 4);
    assert_eq!(
        notes(&scripted("{}", r#"[["note", "trap"]]"#)),
        [(1, Some(3)), (2, Some(2)), (3, Some(1)), (4, Some(0))],
        "a state that changes makes another attempt worth while"
    );
}

// M7 M9: its arguments come back byte for byte, however they are encoded.
#[test]
fn every_attempt_gets_the_same_job() {
    // `[["note", "trap"]]`, with all heads wider than they need be.
    let wide = b"\xdd\0\0\0\x01\xdc\0\x02\xd9\x04note\xda\0\x04trap";
    let limits = wodehost::value::ScanLimits::default();
    let job = Value::check(wide.to_vec(), &limits).unwrap();
    let host = one_slot(told(load("script"), r#"{"retries": 2}"#));
    let outcome = soon(host.submit("script", [job]).unwrap());
    let jobs: Vec<Value> = outcome.data.elements().unwrap().collect();
    assert_eq!(jobs.len(), 3);
    for note in jobs {
        assert_eq!(note.get("job").unwrap().as_bin(), Some(&wide[..]));
    }
}

// M9 M14: silence, fuel, deadline, traps, errors and exits are tried again.
#[test]
fn each_kind_of_end_is_tried_again_when_it_is_to_be() {
    let table = [
        (
            r#"["spin"]"#,
            r#""keepalive": "250ms""#,
            "silent",
            "timeout",
        ),
        (
            r#"["spin"]"#,
            r#""fuel": 1000000"#,
            "out-of-fuel",
            "timeout",
        ),
        (
            r#"[{"sleep": 60000}]"#,
            r#""deadline": "250ms""#,
            "deadline",
            "timeout",
        ),
        (
            r#"["trap"]"#,
            r#""priority": 0"#,
            "trap:unreachable",
            "trap",
        ),
        (r#"[{"error": 1}]"#, r#""priority": 0"#, "error", "error"),
    ];
    for (steps, limit, reason, class) in table {
        for on in ["timeout", "trap", "error", "none", "timeout,trap,error"] {
            let options = format!(r#"{{"retries": 1, "retry-on": "{on}", {limit}}}"#);
            let outcome = scripted(&options, &format!("[{steps}]"));
            let attempts = if on.contains(class) { 2 } else { 1 };
            assert_eq!(end(&outcome), (reason.to_owned(), attempts), "on {on}");
        }
    }
}

// M9: leaving with a code and no result is an error, whatever the code.
#[test]
fn an_exit_without_a_result_is_tried_again_as_an_error() {
    for (on, attempts) in [("error", 3), ("timeout,trap", 1)] {
        let options = format!(r#"{{"retries": 2, "retry-on": "{on}"}}"#);
        let host = one_slot(told(load("exit"), &options));
        let outcome = soon(host.submit("exit", [value("0")]).unwrap());
        assert_eq!(end(&outcome), ("exit:0".to_owned(), attempts));
    }
}

// M9: whoever asks for a restart gets it, whatever the job is retried on.
#[test]
fn a_restart_that_is_asked_for_needs_no_retry_on() {
    let options = r#"{"retries": 2, "retry-on": "none"}"#;
    let outcome = scripted(options, r#"[["restart"], ["restart"], []]"#);
    expect_end(&outcome, "returned", 3);
}

// M7 M9
#[test]
fn the_same_trap_twice_with_the_same_state_is_final_unless_a_number_was_given() {
    let table = [
        ("{}", r#"[["trap"]]"#, 2),
        // The state was changed once, before the first trap.
        ("{}", r#"[[{"update": 1}, "trap"], ["trap"]]"#, 2),
        // It is changed to what it is.
        ("{}", r#"[[{"update": 1}, "trap"]]"#, 2),
        (r#"{"retries": 3}"#, r#"[["trap"]]"#, 4),
        (r#"{"retries": 1}"#, r#"[["trap"]]"#, 2),
        // Each attempt gets on a little.
        ("{}", r#"[["note", "trap"]]"#, 4),
        // Something else happened in between.
        (
            "{}",
            r#"[["trap"], [{"error": 1}], ["trap"], [{"error": 2}]]"#,
            4,
        ),
        // The same error twice is no trap.
        ("{}", r#"[[{"error": 1}]]"#, 4),
        ("{}", r#"[["restart"]]"#, 4),
    ];
    for (options, attempts, expected) in table {
        let outcome = scripted(options, attempts);
        assert_eq!(outcome.attempts, expected, "{attempts} {outcome:?}");
    }
    let outcome = scripted("{}", r#"[["trap"]]"#);
    let message = outcome.message.unwrap();
    assert!(
        message.contains("the same trap twice with the same state"),
        "{message}"
    );
}

// M9 M14
#[test]
fn what_no_other_attempt_can_mend_is_final() {
    let table = [
        (
            "declare",
            "{}",
            r#"{"how": "failure", "value": 1}"#,
            "declared",
        ),
        ("declare", "{}", r#"{"how": "failure"}"#, "declared"),
        ("bad_value", "{}", r#""c1""#, "bad-value"),
        ("big_value", "{}", "2000000", "value-too-large"),
        ("declare_raw", "{}", r#""trailing""#, "bad-value"),
        ("random_huge", "{}", "1073741824", "bad-abi"),
        (
            "call_forever",
            r#"{"host-calls": 1000}"#,
            "null",
            "host-call-limit",
        ),
    ];
    for (guest, limits, job, reason) in table {
        let mut options = options(limits);
        options.retry.retries = Retries::Of(5);
        let host = one_slot(HostWorker::from(load(guest)).options(options));
        let outcome = soon(host.submit(guest, [value(job)]).unwrap());
        assert_eq!(end(&outcome), (reason.to_owned(), 1), "{guest}");
    }
}

// M11 M12 M18
#[test]
fn the_carried_state_is_an_empty_map_and_then_what_the_guest_said_last() {
    assert_eq!(data(&scripted("{}", "[[]]")), "{}");
    let steps = r#"[[{"update": 1}, {"update": [2, "b"]}, "trap"], []]"#;
    let outcome = scripted(r#"{"retries": 1}"#, steps);
    assert_eq!(
        data(&outcome),
        r#"[2,"b"]"#,
        "it outlives a trap right behind"
    );
    let outcome = scripted(r#"{"retries": 0}"#, r#"[[{"update": 1}, "trap"]]"#);
    assert_eq!(data(&outcome), "1");
}

// M12: what is refused replaces nothing, and the guest goes on.
#[test]
fn a_state_that_is_too_large_or_malformed_is_answered_and_not_taken() {
    let steps = r#"[[{"update": "kept"}, {"refused": 300000}, "trap"], [{"refused": 300000}]]"#;
    let outcome = scripted(r#"{"retries": 1}"#, steps);
    expect_end(&outcome, "returned", 2);
    assert_eq!(data(&outcome), r#""kept""#);
    for kind in [
        "truncated",
        "trailing",
        "c1",
        "deep",
        "dup",
        "utf8",
        "empty",
    ] {
        let outcome = call(load("bad_state"), &format!(r#""{kind}""#));
        assert_ne!(data(&outcome), r#""taken""#, "{kind}");
    }
}

// M16
#[test]
fn a_timeout_after_the_last_retry_leaves_the_last_carried_state() {
    let steps = r#"[[{"update": "first"}, "spin"], [{"update": "last"}, {"sleep": 60000}]]"#;
    let outcome = scripted(r#"{"retries": 1, "keepalive": "400ms"}"#, steps);
    expect_end(&outcome, "silent", 2);
    assert!(outcome.is_timeout());
    assert_eq!(data(&outcome), r#""last""#);
    // An attempt that says nothing new leaves what there was.
    let steps = r#"[[{"update": "first"}, "spin"], ["spin"]]"#;
    let outcome = scripted(r#"{"retries": 1, "keepalive": "400ms"}"#, steps);
    assert_eq!(data(&outcome), r#""first""#);
}

// M40
#[test]
fn a_restart_uses_up_a_retry_and_fails_when_none_is_left() {
    let host = one_slot(told(load("state_restart"), r#"{"retries": 3}"#));
    let outcome = soon(host.submit("state_restart", []).unwrap());
    expect_end(&outcome, "restart-asked", 4);
    assert!(outcome.is_failure());
    assert_eq!(data(&outcome), r#"{"attempt":4}"#);
    let outcome = scripted(
        r#"{"retries": 1}"#,
        r#"[[{"update": 5}, "restart", {"update": 6}], []]"#,
    );
    expect_end(&outcome, "returned", 2);
    assert_eq!(data(&outcome), "5");
    // One restart was asked for, so that the trap is the last.
    let outcome = scripted(r#"{"retries": 1}"#, r#"[["restart"], ["trap"]]"#);
    expect_end(&outcome, "trap:unreachable", 2);
}

// M9: traps at two places are not the same trap, also in a plugin without names.
#[test]
fn traps_at_two_places_are_two_traps() {
    let outcome = scripted("{}", r#"[["trap"], ["fall"], ["trap"], ["fall"]]"#);
    assert_eq!(outcome.attempts, 4, "{outcome:?}");
}
