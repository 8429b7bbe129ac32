//! Rows M5, M6 and M12: how long an attempt may be silent, how much it may compute, and
//! what counts as a sign of life.

use super::grants::writer;
use super::tasks::{end, one_slot, scripted};
use wodehost::{HostWorker, Limit, Outcome};
use wodehost_tests::{limits, load, load_with, soon, told, value};

/// The outcome of a job for `script` under limits of its own, with one attempt.
fn limited(changes: &[(Limit, &str)], attempts: &str) -> Outcome {
    let script = load_with("script", limits(changes));
    let host = one_slot(told(script, r#"{"retries": 0}"#));
    soon(host.submit("script", [value(attempts)]).unwrap())
}

fn expect(outcome: &Outcome, reason: &str) {
    assert_eq!(end(outcome), (reason.to_owned(), 1), "{outcome:?}");
}

// M5 M6: computing and waiting are both silence.
#[test]
fn a_guest_that_computes_or_waits_too_long_is_silent() {
    for steps in [r#"[["spin"]]"#, r#"[[{"sleep": 60000}]]"#] {
        expect(&limited(&[(Limit::Keepalive, "0.25")], steps), "silent");
    }
}

// M5 M6
#[test]
fn a_keepalive_of_nothing_lets_no_guest_wait() {
    let nothing = &[(Limit::Keepalive, "0")];
    expect(&limited(nothing, r#"[[{"sleep": 1}]]"#), "silent");
    // It helps nobody to say something before.
    expect(
        &limited(nothing, r#"[["keepalive", {"sleep": 1}]]"#),
        "silent",
    );
    expect(&limited(nothing, r#"[["spin"]]"#), "silent");
    // Whoever ends before the first tick of the clock is heard; when that is, is luck.
    let host = one_slot(
        HostWorker::from(load_with("noop", limits(nothing))).options(wodehost_tests::options(
            r#"{"retries": "inf", "keepalive": 0}"#,
        )),
    );
    assert!(soon(host.submit("noop", []).unwrap()).is_success());
}

// M5: five seconds of silence are fine where there is no keepalive at all.
#[test]
fn without_a_keepalive_only_the_deadline_ends_a_silent_guest() {
    let none = [(Limit::Keepalive, "inf"), (Limit::Deadline, "5.5s")];
    expect(&limited(&none, r#"[[{"sleep": 60000}]]"#), "deadline");
}

// M5 M12: emitted values and log lines are no sign of life.
#[test]
fn who_only_talks_is_silent() {
    expect(
        &limited(&[(Limit::Keepalive, "300ms")], r#"[["chatter"]]"#),
        "silent",
    );
}

// M5 M12: each wait alone is short enough, all together are not.
#[test]
fn a_keepalive_and_a_new_state_are_signs_of_life() {
    let wait = r#"{"sleep": 300}"#;
    let steps = |between: &str| {
        let steps = [wait; 5].join(&format!(", {between}, "));
        format!("[[{steps}]]")
    };
    let patience = &[(Limit::Keepalive, "1s")];
    for sign in [r#""keepalive""#, r#"{"update": 1}"#] {
        expect(&limited(patience, &steps(sign)), "returned");
    }
    for none in [
        r#"{"emit": 1}"#,
        r#"{"refused": 300000}"#,
        r#"{"print": "x"}"#,
    ] {
        expect(&limited(patience, &steps(none)), "silent");
    }
}

// M5 M12: the same calls that start the keepalive anew fill up the fuel, and no others.
#[test]
fn fuel_is_filled_up_by_signs_of_life_alone() {
    let burn = r#"{"burn": 300000}"#;
    let steps = |between: &str| {
        let steps = [burn; 20].join(&format!(", {between}, "));
        format!("[[{steps}]]")
    };
    let fuel = &[(Limit::Fuel, "10M")];
    for sign in [r#""keepalive""#, r#"{"update": 1}"#] {
        let outcome = limited(fuel, &steps(sign));
        expect(&outcome, "returned");
        assert!(
            outcome.receipts.latest().unwrap().fuel > 10_000_000,
            "{outcome:?}"
        );
    }
    for none in [r#"{"emit": 1}"#, r#"{"refused": 300000}"#] {
        expect(&limited(fuel, &steps(none)), "out-of-fuel");
    }
}

// M5: `inf` is no budget.
#[test]
fn without_a_fuel_budget_the_same_guest_computes_on() {
    let none = &[(Limit::Fuel, "inf")];
    expect(&limited(none, r#"[[{"burn": 3000000}]]"#), "returned");
    expect(
        &limited(&[(Limit::Fuel, "10M")], r#"[[{"burn": 3000000}]]"#),
        "out-of-fuel",
    );
}

// M5: however often it says keepalive.
#[test]
fn the_deadline_of_an_attempt_stands_above_keepalive_and_fuel() {
    let signs = r#"{"sleep": 150}, "keepalive", "#.repeat(40);
    let steps = format!(r#"[["note", {signs} "note"]]"#);
    let outcome = scripted(
        r#"{"retries": 1, "deadline": "500ms", "keepalive": "5s"}"#,
        &steps,
    );
    // Each attempt has its own.
    assert_eq!(end(&outcome), ("deadline".to_owned(), 2), "{outcome:?}");
    assert!(outcome.is_timeout());
    assert_eq!(outcome.data.elements().unwrap().count(), 2);
}

// M6: a restart has a keepalive and fuel of its own.
#[test]
fn every_attempt_starts_its_keepalive_and_fuel_anew() {
    let steps = r#"[[{"sleep": 400}, "restart"]]"#;
    let outcome = scripted(r#"{"retries": 3, "keepalive": "1s"}"#, steps);
    assert_eq!(end(&outcome), ("restart-asked".to_owned(), 4));
    let steps = r#"[[{"burn": 300000}, "restart"]]"#;
    let outcome = scripted(r#"{"retries": 9, "fuel": "10M"}"#, steps);
    assert_eq!(end(&outcome), ("restart-asked".to_owned(), 10));
}

// M12: the limit is on the state's bytes, not on values.
#[test]
fn the_limit_on_the_state_can_be_set() {
    let small = &[(Limit::State, "100")];
    expect(
        &limited(small, r#"[[{"refused": 200}, {"update": "fits"}]]"#),
        "returned",
    );
    let host = one_slot(told(load("big_state"), r#"{"state": 100}"#));
    let text = |bytes: &str| {
        let outcome = soon(host.submit("big_state", [value(bytes)]).unwrap());
        outcome.data.as_str().unwrap().to_owned()
    };
    assert_eq!(text("98"), "taken", "two bytes say how long it is");
    assert!(text("99").contains("limit 100"), "{}", text("99"));
}

// M9, limits table: a cap names itself.
#[test]
fn a_guest_that_keeps_too_many_handles_ends_as_handle_limit() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x"), "x").unwrap();
    let guest = writer("leak_handles", folder.path(), "{}");
    let host = one_slot(told(guest, r#"{"retries": 5, "handles": 64}"#));
    let outcome = soon(host.submit("leak_handles", [value(r#""/out/x""#)]).unwrap());
    assert_eq!(end(&outcome), ("handle-limit".to_owned(), 1), "{outcome:?}");
}
