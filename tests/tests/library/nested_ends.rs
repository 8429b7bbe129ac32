//! Structured ends: with a job ends everything that it submitted, and every slot is free.

use super::nest::{
    Journal, LONG, again, busy, expect_nothing_left, host, nest, start_with, steps, submit,
    submit_with, wait_for_update,
};
use serde_json::{Value as Json, json};
use wodehost::{Host, JobEvents, JobHandle, Outcome};
use wodehost_tests::{load, once, options, soon, value};

/// Slots that the family below takes, so that its running ones run.
const SLOTS: u32 = 6;

/// The steps of a parent with children in every state; each writes down how it ended.
fn family(last: &[Json]) -> Json {
    let finally = json!({"finally": "record"});
    let rests = json!([["sleep", 3_600_000]]);
    let below = json!([
        start_with("nest", rests.clone(), finally.clone()),
        ["wait", 0]
    ]);
    let restless = json!([submit("record", "a child was here"), ["wait", 0], ["trap"]]);
    let mut steps = vec![
        // It runs, and the next one of its worker waits.
        start_with("busy", json!([["spin"]]), finally.clone()),
        submit_with("busy", json!([]), finally.clone()),
        // It pauses between two attempts.
        submit_with(
            "again",
            restless,
            json!({"backoff": "1h", "finally": "record"}),
        ),
        // It is paused.
        start_with("nest", rests.clone(), finally.clone()),
        json!(["pause", 3]),
        // It has items.
        json!(["submit", "nest", [rests, [["spin"]]], {"parallel": true, "finally": "record"}, LONG]),
        // It waits for one of its own.
        start_with("nest", below, finally),
        json!(["wait", 2, 50]),
        // Nobody knows of it any more.
        json!(["drop", 5]),
        json!(["update", 1]),
    ];
    steps.extend_from_slice(last);
    Json::Array(steps)
}

fn host_of_families(journal: &Journal) -> Host {
    host(SLOTS, [nest(), busy(), again(), journal.worker()])
}

fn started(host: &Host, last: &[Json], said: &str) -> (JobHandle, JobEvents) {
    let job = host.job("nest").unwrap();
    let mut job = job.argument(value(&family(last).to_string()));
    let mut own = options(said);
    own.retry.retries = wodehost::task::Retries::Of(0);
    job = job.options(own);
    let mut events = job.events();
    let parent = job.submit().unwrap();
    wait_for_update(&mut events);
    (parent, events)
}

/// How a parent ended, when everything below it has.
fn ended(last: &[Json], said: &str, end: impl FnOnce(&Host, &JobHandle)) -> Outcome {
    let journal = Journal::new();
    let host = host_of_families(&journal);
    let (parent, _events) = started(&host, last, said);
    end(&host, &parent);
    let outcome = soon(parent);
    expect_nothing_left(&host, SLOTS);
    let reasons = journal.reasons();
    assert_eq!(reasons.len(), 7, "{:?}", journal.entries());
    // The parallel one is cancelled because its items are.
    let own = reasons
        .iter()
        .filter(|reason| *reason == "parent-ended")
        .count();
    assert!(own >= 6, "{reasons:?}");
    assert!(
        reasons
            .iter()
            .all(|reason| reason == "parent-ended" || reason == "cancelled")
    );
    outcome
}

const NOTHING: fn(&Host, &JobHandle) = |_, _| {};

// J25 J38
#[test]
fn a_parent_that_returns_ends_its_children() {
    assert!(ended(&[], "{}", NOTHING).is_success());
}

// J38
#[test]
fn a_parent_that_fails_ends_its_children() {
    let outcome = ended(&[json!(["fail", 5])], "{}", NOTHING);
    assert_eq!(outcome.reason.to_string(), "error");
}

// J38
#[test]
fn a_parent_that_traps_for_the_last_time_ends_its_children() {
    let outcome = ended(&[json!(["trap"])], "{}", NOTHING);
    assert_eq!(outcome.reason.to_string(), "trap:unreachable");
}

// J38
#[test]
fn a_parent_that_asks_for_a_restart_and_has_none_left_ends_its_children() {
    let outcome = ended(&[json!(["restart"])], "{}", NOTHING);
    assert_eq!(outcome.reason.to_string(), "restart-asked");
}

// J38
#[test]
fn a_parent_that_is_silent_too_long_ends_its_children() {
    for last in [json!(["sleep", 3_600_000]), json!(["spin"])] {
        let outcome = ended(&[last], r#"{"keepalive": "3s"}"#, NOTHING);
        assert!(outcome.is_timeout(), "{outcome:?}");
    }
}

// J38: while it waits for them.
#[test]
fn a_parent_whose_deadline_comes_while_it_waits_ends_its_children() {
    let outcome = ended(&[json!(["wait", 0])], r#"{"deadline": "5s"}"#, NOTHING);
    assert_eq!(outcome.reason.to_string(), "deadline");
}

// J11 J38: while it waits, computes, sleeps.
#[test]
fn a_parent_that_is_cancelled_ends_its_children() {
    for last in [
        json!(["wait", 0]),
        json!(["spin"]),
        json!(["sleep", 3_600_000]),
    ] {
        let outcome = ended(&[last], "{}", |_, parent| parent.cancel());
        assert!(outcome.is_cancelled());
    }
}

// J11 J33 J38: and while it is paused.
#[test]
fn a_parent_that_is_cancelled_while_it_stands_still_ends_its_children() {
    for last in [json!(["wait", 0]), json!(["spin"])] {
        let outcome = ended(&[last], "{}", |_, parent| {
            parent.pause();
            parent.cancel();
        });
        assert!(outcome.is_cancelled());
    }
}

// J25: guests live and die with their host.
#[test]
fn a_host_that_is_dropped_ends_its_families() {
    let journal = Journal::new();
    let host = host_of_families(&journal);
    let (parent, _events) = started(&host, &[json!(["wait", 0])], "{}");
    drop(host);
    assert!(soon(parent).is_cancelled());
}

// J38 M31 M39: children are gone before the stages of their parent and its `finally`.
#[test]
fn children_end_before_what_comes_after_the_attempts_of_their_parent() {
    let spins = submit("nest", json!([["spin"]]));
    // On one slot it does not begin.
    let table = [
        (1, json!([spins.clone()])),
        (2, json!([spins, ["wait", 0, 20]])),
    ];
    for (slots, taken) in table {
        let journal = Journal::new();
        let host = host(slots, [nest(), journal.worker(), once(load("echo"))]);
        let job = host
            .job("nest")
            .unwrap()
            .argument(value(&taken.to_string()));
        let said = r#"{"post": "echo", "finally": "record", "retries": 0}"#;
        let outcome = soon(job.options(options(said)).submit().unwrap());
        assert!(outcome.is_success(), "{outcome:?}");
        assert_eq!(journal.reasons(), ["returned"]);
        expect_nothing_left(&host, slots);
    }
}

// J38: children whose parent ended before they began never run.
#[test]
fn what_was_submitted_last_never_runs() {
    let journal = Journal::new();
    let host = host(1, [nest(), journal.worker()]);
    for _ in 0..50 {
        let parent = steps(
            &host,
            &json!([submit("record", "too late"), submit("nest", json!([]))]),
        );
        assert!(soon(parent).is_success());
    }
    expect_nothing_left(&host, 1);
    assert!(journal.entries().is_empty());
}
