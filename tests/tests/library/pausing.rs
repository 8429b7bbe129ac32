//! Paused jobs: others have their slot, their time stands still, and they go on.

use super::nest::{
    Journal, answers_of, busy, busy_without_slot, expect_nothing_left, host, nest, nest_called,
    occupied, start, steps, submit, wait_for_update, watched,
};
use serde_json::{Value as Json, json};
use wodehost::{Host, JobHandle};
use wodehost_tests::{load, once, options, soon, told, value};

/// Runs a job to its end on a slot that has to be free for it, after who comes back.
fn another_runs(host: &Host) {
    for _ in 0..3 {
        assert!(soon(host.submit("noop", []).unwrap()).is_success());
    }
}

/// A host with one slot.
fn one_slot() -> Host {
    host(1, [nest(), busy(), once(load("noop"))])
}

/// Pauses a job, lets others have the slot, and lets it go on.
fn paused_meanwhile(host: &Host, job: &JobHandle) {
    job.pause();
    job.pause();
    another_runs(host);
    assert!(!job.done());
    job.resume();
    job.resume();
}

// J11 J33: while it computes, and while it sleeps.
#[test]
fn a_running_job_that_is_paused_leaves_its_slot_to_others() {
    let host = one_slot();
    for step in ["spin-ms", "sleep"] {
        // Its own clock goes on, so that it may be over as soon as it is let go on.
        let (job, mut events) = watched(&host, &json!([["update", 1], [step, 1000], ["data"]]));
        wait_for_update(&mut events);
        paused_meanwhile(&host, &job);
        assert_eq!(answers_of(&soon(job))[2], 1, "{step}");
    }
    // As often as one likes, and for ever until somebody ends it.
    let (job, mut events) = watched(&host, &json!([["update", 1], ["spin"]]));
    wait_for_update(&mut events);
    for _ in 0..20 {
        paused_meanwhile(&host, &job);
    }
    job.cancel();
    assert!(soon(job).is_cancelled());
    expect_nothing_left(&host, 1);
}

// J11 J33
#[test]
fn a_queued_job_that_is_paused_is_passed_by_others_and_runs_when_it_goes_on() {
    let journal = Journal::new();
    let host = host(1, [nest(), journal.worker(), once(load("noop"))]);
    let slot = occupied(&host, "nest");
    let record = |text: &str| host.submit("record", [value(text)]).unwrap();
    let (first, second) = (record("1"), record("2"));
    first.pause();
    slot.cancel();
    assert!(soon(second).is_success());
    another_runs(&host);
    assert!(!first.done());
    first.resume();
    assert!(soon(first).is_success());
    assert_eq!(journal.entries(), ["2", "1"]);
    expect_nothing_left(&host, 1);
}

// J11 J33: what it waited for is over, and it does not go on.
#[test]
fn a_parent_that_waits_stands_still_when_it_is_paused() {
    let host = one_slot();
    let blocker = busy_without_slot(&host);
    let (parent, mut events) = watched(
        &host,
        &json!([
            submit("busy", json!([])),
            ["update", 1],
            ["wait", 0, 3_600_000]
        ]),
    );
    wait_for_update(&mut events);
    parent.pause();
    blocker.cancel();
    assert!(soon(blocker).is_cancelled());
    // Its child goes before these, and it would go before them, too.
    another_runs(&host);
    assert!(!parent.done());
    parent.resume();
    assert_eq!(answers_of(&soon(parent))[2]["status"], "success");
    expect_nothing_left(&host, 1);
}

// J11 J33 M5: others take longer than it may be silent or run at all.
#[test]
fn keepalive_and_deadline_stand_still_while_a_job_is_paused() {
    let host = host(1, [nest(), told(load("sleep"), r#"{"keepalive": "60s"}"#)]);
    for said in [r#"{"keepalive": "1500ms"}"#, r#"{"deadline": "1500ms"}"#] {
        for step in ["spin-ms", "sleep"] {
            let taken = json!([["update", 1], [step, 500], ["data"]]);
            let job = host.job("nest").unwrap();
            let mut job = job
                .argument(value(&taken.to_string()))
                .options(options(said));
            let mut events = job.events();
            let job = job.with(|options| options.retry.retries = wodehost::task::Retries::Of(0));
            let job = job.submit().unwrap();
            wait_for_update(&mut events);
            job.pause();
            assert!(soon(host.submit("sleep", [value("2000")]).unwrap()).is_success());
            job.resume();
            let outcome = soon(job);
            assert!(outcome.is_success(), "{said} {step}: {outcome:?}");
        }
    }
    expect_nothing_left(&host, 1);
}

// M5 J5: and while it waits for its child, the keepalive alone.
#[test]
fn who_waits_for_a_child_is_not_silent_but_has_a_deadline() {
    let host = host(1, [nest(), busy()]);
    let blocker = busy_without_slot(&host);
    let waits = json!([submit("busy", json!([])), ["wait", 0]]);
    let with = |said: &str| {
        let job = host
            .job("nest")
            .unwrap()
            .argument(value(&waits.to_string()));
        job.options(options(said)).submit().unwrap()
    };
    let silent = with(r#"{"keepalive": "1s", "retries": 0}"#);
    // It is over one second after the other has begun to wait.
    let dead = soon(with(r#"{"deadline": "1500ms", "retries": 0}"#));
    assert_eq!(dead.reason.to_string(), "deadline");
    assert!(!silent.done());
    blocker.cancel();
    assert!(soon(silent).is_success());
    expect_nothing_left(&host, 1);
}

// J11: a paused job ends like any other.
#[test]
fn a_paused_job_is_cancelled_wherever_it_is() {
    let host = one_slot();
    let slot = busy_without_slot(&host);
    let states = [
        json!([["update", 1], ["spin"]]),
        json!([["update", 1], ["sleep", 3_600_000]]),
        json!([submit("busy", json!([])), ["update", 1], ["wait", 0]]),
    ];
    for state in states {
        for grace in [None, Some(std::time::Duration::from_millis(1))] {
            let (job, mut events) = watched(&host, &state);
            wait_for_update(&mut events);
            let queued = steps(&host, &json!([["spin"]]));
            queued.pause();
            job.pause();
            another_runs(&host);
            job.cancel_after(grace);
            queued.cancel_after(grace);
            assert!(soon(job).is_cancelled() && soon(queued).is_cancelled());
        }
    }
    slot.cancel();
    expect_nothing_left(&host, 1);
}

/// Children that a parent pauses: how each is submitted.
fn children() -> [Json; 4] {
    let computes = json!([["spin-ms", 300], ["return", 5]]);
    let sleeps = json!([["sleep", 300], ["return", 5]]);
    let waits = json!([submit("nest", computes.clone()), ["wait", 0], ["return", 5]]);
    [
        submit("nest", computes.clone()),
        start("nest", computes),
        start("nest", sleeps),
        start("nest", waits),
    ]
}

// J11 J33: it knows that it would wait for itself.
#[test]
fn waiting_for_a_job_that_one_paused_oneself_answers_none_at_once() {
    for slots in [1, 2] {
        let host = host(slots, [nest(), once(load("echo"))]);
        for child in children() {
            let taken = json!([
                child,
                ["pause", 0],
                ["wait", 0],
                ["wait-any", [0]],
                // Another one has the slot, and any of them may be it.
                submit("echo", 1),
                ["wait-any", [0, 1]],
                ["wait", 0, 3_600_000],
                ["resume", 0],
                ["wait", 0],
            ]);
            let answers = answers_of(&soon(steps(&host, &taken)));
            // It may have been over before it was paused.
            if answers[2].is_null() {
                assert_eq!(answers[3..4], [Json::Null], "{answers:?}");
                assert_eq!((&answers[5], &answers[6]), (&json!(1), &Json::Null));
            }
            assert_eq!(answers[8]["data"], 5, "{answers:?}");
        }
        expect_nothing_left(&host, slots);
    }
}

// J11: it is not over before it was paused when it cannot be.
#[test]
fn a_child_that_its_parent_paused_stands_still() {
    let host = host(2, [nest(), once(load("echo"))]);
    let taken = json!([
        start("nest", json!([["spin"]])),
        submit("nest", json!([["spin"]])),
        ["pause", 0],
        ["pause", 1],
        ["wait-any", [0, 1]],
        // Two slots, for two that are not paused.
        start("echo", 1),
        ["wait", 2],
        ["cancel", 0],
        ["wait", 0],
        ["done", 1],
    ]);
    let answers = answers_of(&soon(steps(&host, &taken)));
    assert_eq!((&answers[4], &answers[9]), (&Json::Null, &json!(false)));
    assert_eq!(answers[8]["status"], "cancelled");
    expect_nothing_left(&host, 2);
}

// J33 M23: a parallel job with all its items.
#[test]
fn a_parallel_job_is_paused_with_its_items() {
    let host = host(2, [nest(), once(load("noop"))]);
    let item = r#"[["sleep", 200], ["return", 3]]"#;
    let job = host
        .job("nest")
        .unwrap()
        .arguments((0..6).map(|_| value(item)));
    let job = job
        .options(options(r#"{"parallel": true}"#))
        .submit()
        .unwrap();
    job.pause();
    another_runs(&host);
    assert!(!job.done());
    job.resume();
    assert_eq!(soon(job).data.to_json(), "[3,3,3,3,3,3]");
    expect_nothing_left(&host, 2);
}

// J11 M9: between two attempts, too.
#[test]
fn a_job_that_is_paused_between_two_attempts_goes_on() {
    let again = told(nest_called("nest"), r#"{"retries": 1, "backoff": "1ms"}"#);
    let host = host(1, [again, once(load("noop"))]);
    let taken = json!([["only-attempt", 1, [["update", 1], ["trap"]]], ["attempt"]]);
    for _ in 0..50 {
        let (job, mut events) = watched(&host, &taken);
        wait_for_update(&mut events);
        job.pause();
        another_runs(&host);
        job.resume();
        assert_eq!(answers_of(&soon(job))[1], 2);
    }
    soon(host.shutdown(None)).unwrap();
}
