//! Cancelled jobs and families: what becomes of the job, of its slot, and of the others.

use super::nest::{
    Journal, LONG, again, answers, answers_of, busy, busy_without_slot, expect_nothing_left, host,
    nest, start, start_with, steps, submit, until, wait_for_update, watched,
};
use serde_json::{Value as Json, json};
use std::time::Duration;
use wodehost::{Host, Reason, Status, Stop};
use wodehost_tests::{load, once, soon};

/// What a job may be doing when it is cancelled: the worker, and its steps.
fn states() -> [(&'static str, Json); 4] {
    [
        ("nest", json!([["spin"]])),
        ("nest", json!([["sleep", 3_600_000]])),
        (
            "nest",
            json!([submit("nest", json!([["sleep", 3_600_000]])), ["wait", 0]]),
        ),
        ("nest", json!([submit("busy", json!([])), ["wait", 0]])),
    ]
}

fn expect_cancelled(answer: &Json) {
    let end = (&answer["status"], &answer["reason"]);
    assert_eq!(end, (&json!("cancelled"), &json!("cancelled")), "{answer}");
}

// J11 J33 J8: from a parent. There is a slot for it to come back to.
#[test]
fn a_parent_cancels_a_child_whatever_it_does() {
    let host = host(2, [nest(), busy(), once(load("echo"))]);
    let blocker = busy_without_slot(&host);
    for (worker, its) in states() {
        let taken = json!([
            start(worker, its),
            ["cancel", 0],
            ["cancel", 0],
            ["wait", 0],
            // The slot is free for another one.
            submit("echo", 1),
            ["wait", 1],
            // What is over stays what it is.
            ["cancel", 1],
            ["cancel", 0, 10],
            ["wait", 1],
        ]);
        let answers = answers(&host, &taken);
        expect_cancelled(&answers[3]);
        assert_eq!(answers[3]["attempts"], 1);
        assert_eq!(answers[5], answers[8]);
        assert_eq!(answers[8]["data"], 1);
    }
    // One that has not started.
    let taken = json!([
        submit("busy", json!([])),
        submit("busy", json!([])),
        ["cancel", 0],
        ["cancel", 1],
        ["wait", 0],
        ["wait", 1]
    ]);
    for end in &answers(&host, &taken)[4..] {
        expect_cancelled(end);
        assert_eq!(end["attempts"], 0);
    }
    blocker.cancel();
    expect_nothing_left(&host, 2);
}

// J11 J33 J38: from the program, with its family; also while it waits for its slot.
#[test]
fn a_program_cancels_a_parent_and_so_its_family() {
    let journal = Journal::new();
    let host = host(2, [nest(), busy(), journal.worker()]);
    let finally = json!({"finally": "record"});
    for (worker, its) in states() {
        let before = journal.reasons().len();
        let family = json!([
            start_with(worker, its, finally.clone()),
            ["update", 1],
            ["wait", 0],
        ]);
        let blocker = busy_without_slot(&host);
        let (parent, mut events) = watched(&host, &family);
        wait_for_update(&mut events);
        parent.cancel();
        let outcome = soon(parent);
        assert_eq!(
            (outcome.status, outcome.reason),
            (Status::Cancelled, Reason::Cancelled)
        );
        until(|| journal.reasons().len() > before);
        blocker.cancel();
        assert!(soon(blocker).is_cancelled());
    }
    assert_eq!(journal.reasons(), ["parent-ended"; 4]);
    expect_nothing_left(&host, 2);
}

// J11: with a grace the guest sees it, and what it returns counts.
#[test]
fn a_child_that_gets_a_grace_may_come_to_its_end() {
    let host = host(2, [nest(), busy(), once(load("stop_when_asked"))]);
    let taken = json!([
        ["submit", "stop_when_asked", [], null, LONG],
        ["cancel", 0, 600_000],
        ["wait", 0],
        // It has not started: there is nothing to come to an end.
        start("busy", json!([["sleep", 3_600_000]])),
        submit("busy", json!([])),
        ["cancel", 2, 600_000],
        ["wait", 2],
        // A grace that is over, and none.
        ["cancel", 1, 10],
        ["wait", 1],
        start("nest", json!([["spin"]])),
        ["cancel", 3, 0],
        ["wait", 3],
    ]);
    let answers = answers(&host, &taken);
    assert_eq!(answers[2]["status"], "success", "{}", answers[2]);
    assert!(answers[2]["data"]["turns"].is_u64());
    for end in [6, 8, 11] {
        expect_cancelled(&answers[end]);
    }
    expect_nothing_left(&host, 2);
}

// J11 M9: one that was told to end is not started again; it sees so when it comes back.
#[test]
fn a_grace_is_seen_by_who_waits_and_no_attempt_follows() {
    let host = host(2, [nest(), busy(), again()]);
    let blocked = |last: Json| json!([submit("busy", json!([])), ["wait", 0], last]);
    let taken = json!([
        start("busy", json!([["sleep", 3_600_000]])),
        start("again", blocked(json!(["trap"]))),
        start("again", blocked(json!(["stopping"]))),
        start(
            "again",
            json!([["only-attempt", 1, [["trap"]]], ["return", 4]])
        ),
        ["cancel", 1, 600_000],
        ["cancel", 2, 600_000],
        ["cancel", 0],
        ["wait", 1],
        ["wait", 2],
        ["wait", 3],
        ["stopping"],
    ]);
    let answers = answers(&host, &taken);
    let (trapped, asked) = (&answers[7], &answers[8]);
    assert_eq!(
        (&trapped["reason"], &trapped["attempts"]),
        (&json!("cancelled"), &json!(1))
    );
    assert_eq!(
        (&asked["status"], &asked["data"][2]),
        (&json!("success"), &json!(true))
    );
    // Nobody told this one, nor the parent.
    assert_eq!(
        (&answers[9]["data"], &answers[9]["attempts"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(answers[10], false);
    expect_nothing_left(&host, 2);
}

// J11: the same from the program, for a parent that waits.
#[test]
fn a_program_gives_a_grace_to_a_parent_that_waits() {
    let host = host(1, [nest(), busy()]);
    let blocker = busy_without_slot(&host);
    let waits = json!([
        submit("busy", json!([])),
        ["update", 1],
        ["wait", 0],
        ["stopping"]
    ]);
    let (parent, mut events) = watched(&host, &waits);
    wait_for_update(&mut events);
    parent.cancel_after(Duration::from_millis(LONG));
    assert!(!parent.done());
    blocker.cancel();
    assert_eq!(answers_of(&soon(parent))[3], true);
    let (parent, mut events) = watched(&host, &json!([["update", 1], ["spin"]]));
    wait_for_update(&mut events);
    parent.cancel_after(Duration::from_millis(10));
    assert!(soon(parent).is_cancelled());
    let queued = steps(&host, &json!([]));
    queued.cancel_after(None);
    soon(queued);
    expect_nothing_left(&host, 1);
}

/// A parent with a child and a grandchild, which writes down how it ended.
fn three_generations(group: Json) -> Json {
    let finally = json!({"finally": "record"});
    let grandchild = start_with("nest", json!([["sleep", 3_600_000]]), finally);
    let child = json!([grandchild, submit("record", "it runs"), ["wait", 0]]);
    json!([start_with("nest", child, group), ["update", 1], ["wait", 0]])
}

fn grouped(host: &Host, group: &str, family: &Json) -> (wodehost::JobHandle, wodehost::JobEvents) {
    let job = host.job("nest").unwrap();
    let job = job.argument(wodehost_tests::value(&family.to_string()));
    let mut job = job.with(|options| options.group = Some(group.into()));
    let events = job.events();
    (job.submit().unwrap(), events)
}

// M2 J38: children belong to the group of their parent, unless they have their own.
#[test]
fn children_are_in_the_group_of_their_parent_and_end_with_it() {
    let journal = Journal::new();
    let host = host(4, [nest(), journal.worker(), once(load("about"))]);
    let asks = json!([
        ["submit", "about", []],
        ["wait", 0],
        ["submit", "about", [], {"group": "own"}],
        ["wait", 1],
        submit("nest", json!([["submit", "about", []], ["wait", 0]])),
        ["wait", 2],
    ]);
    let (asked, _) = grouped(&host, "night", &asks);
    let answers = answers_of(&soon(asked));
    assert_eq!(answers[1]["data"]["group"], "night");
    assert_eq!(answers[3]["data"]["group"], "own");
    assert_eq!(answers[5]["data"][1]["data"]["group"], "night");

    let families: Vec<_> = [
        ("night", json!(null)),
        ("day", json!(null)),
        ("day", json!({"group": "night"})),
    ]
    .into_iter()
    .map(|(group, own)| {
        let (parent, _) = grouped(&host, group, &three_generations(own));
        parent
    })
    .collect();
    journal.wait_for("it runs", 3);
    host.cancel_group("night");
    let [night, day, mixed] = families.try_into().unwrap();
    assert!(soon(night).is_cancelled());
    // Only the child was of the group; its parent is told how it ended.
    expect_cancelled(&answers_of(&soon(mixed))[2]);
    assert!(!day.done());
    day.cancel();
    assert!(soon(day).is_cancelled());
    expect_nothing_left(&host, 4);
    assert_eq!(journal.reasons().len(), 3, "{:?}", journal.entries());
}

// W17 J38: what a running job submits belongs to it.
#[test]
fn a_drain_lets_families_come_to_their_end() {
    let host = host(1, [nest(), busy()]);
    let blocker = busy_without_slot(&host);
    let family = json!([
        submit("busy", json!([["return", 1]])),
        ["update", 1],
        ["wait", 0],
        submit(
            "nest",
            json!([submit("nest", json!([["return", 2]])), ["wait", 0]])
        ),
        ["wait", 1],
        ["stopping"],
    ]);
    let (parent, mut events) = watched(&host, &family);
    wait_for_update(&mut events);
    let queued = steps(&host, &json!([]));
    host.stop(Stop::Drain {
        grace: Duration::from_millis(LONG),
    });
    blocker.cancel();
    let answers = answers_of(&soon(parent));
    assert_eq!(answers[4]["data"][1]["data"], 2);
    assert_eq!(answers[5], true);
    let queued = soon(queued);
    assert!(queued.is_cancelled() || queued.is_success(), "{queued:?}");
    soon(host.shutdown(None)).unwrap();
}

// W17 J38
#[test]
fn a_stop_ends_families_wherever_they_are() {
    for slots in [1, 3] {
        let journal = Journal::new();
        let host = host(slots, [nest(), journal.worker(), once(load("tree"))]);
        let family = three_generations(json!(null));
        let parents: Vec<_> = (0..4).map(|_| steps(&host, &family)).collect();
        let tree = host
            .submit("tree", [wodehost_tests::value("[5, 5]")])
            .unwrap();
        host.stop(Stop::Cancel);
        for parent in parents {
            let outcome = soon(parent);
            // One that is at its end already may still tell of its child.
            let is_at_end = || answers_of(&outcome)[2]["status"] == "cancelled";
            assert!(outcome.is_cancelled() || is_at_end(), "{outcome:?}");
        }
        soon(tree);
        soon(host.shutdown(None)).unwrap();
    }
}
