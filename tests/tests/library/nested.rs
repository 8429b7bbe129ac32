//! Jobs that submit jobs: depth, slots that are lent, who goes first.
//!
//! Where the rows of the Jobserver are proved:
//!
//! | row | where |
//! |---|---|
//! | J1 J9 | here, `rows.rs` (W14), `dispatch/slots.rs` |
//! | J2 J7 J39 | `rows.rs` (W18) |
//! | J3 J4 J13 J14 | `handles.rs`; for guests `waiting.rs`, `nested_limits.rs` |
//! | J5 J6 | here, `places.rs`, `nested_limits.rs`, `dispatch/{kin,live}.rs` |
//! | J8 J28 J31 | `callbacks.rs`, `dispatcher_tests.rs`, and every test that asks for free slots |
//! | J10 J12 | `handles.rs`; for guests `waiting.rs` |
//! | J11 J33 | `cancelling.rs`, `pausing.rs`, `meetings.rs`, `task_scheduling.rs` |
//! | J15 J16 J17 J30 | `handles.rs`, `attempts.rs`, `task_outcomes.rs` |
//! | J18 J19 J20 | `callbacks.rs` |
//! | J21 J27 J34 | `handles.rs`, `parallel.rs` |
//! | J22 | `gates.rs`, `dispatch/gatekeeper_tests.rs` |
//! | J23 J29 J40 | `task_options.rs` (M37), `rows.rs` (W1 W2 W13); for guests `waiting.rs` |
//! | J24 | `serving.rs`, `pipeline.rs` |
//! | J25 J38 | `nested_ends.rs`, `nested_restarts.rs`, `middles.rs` |
//! | J26 J32 J35 | `map.rs`, `chunk.rs`, `executor.rs`, `host/cli/tests/command_line/map.rs` |
//! | J36 | `tests/sources.rs` |
//! | J37 | `host/cli/tests/command_line/make.rs` |

use super::nest::{
    Journal, answers, answers_of, busy, busy_without_slot, expect_free_slots, expect_nothing_left,
    host, nest, occupied, refused, start, steps, submit, submit_with, wait_for_update, watched,
};
use serde_json::json;
use wodehost::task::Happened;
use wodehost::{Host, HostWorker};
use wodehost_tests::{data, load, once, soon, value};

/// What a job of `worker` leaves.
fn left(host: &Host, worker: &str, job: &str) -> String {
    let outcome = soon(host.submit(worker, [value(job)]).unwrap());
    assert!(outcome.is_success(), "{outcome:?}");
    data(&outcome)
}

// J5: any depth works with one slot.
#[test]
fn a_chain_is_as_deep_as_it_may_be_on_one_slot() {
    assert_eq!(left(&host(1, [once(load("chain"))]), "chain", "64"), "64");
}

// J5 J11
#[test]
fn a_tree_is_waited_for_in_any_order() {
    for slots in [1, 4] {
        assert_eq!(
            left(&host(slots, [once(load("tree"))]), "tree", "[4, 4]"),
            "341"
        );
    }
}

// J5: the hostile case of parents that wait on every slot.
#[test]
fn parents_that_wait_on_every_slot_do_not_lock_up() {
    for slots in [1, 2, 4] {
        let host = host(slots, [once(load("chain")), nest()]);
        let jobs: Vec<_> = (0..12)
            .map(|_| host.submit("chain", [value("8")]).unwrap())
            .collect();
        for job in jobs {
            assert_eq!(data(&soon(job)), "8");
        }
        expect_nothing_left(&host, slots);
    }
}

// J5 M35: a worker's bound counts attempts that run, not those that wait.
#[test]
fn a_bounded_worker_that_submits_to_itself_does_not_lock_up() {
    for slots in [1, 3] {
        let chain = once(load("chain")).running_max(1);
        let host = host(slots, [chain, nest()]);
        let jobs: Vec<_> = (0..3)
            .map(|_| host.submit("chain", [value("20")]).unwrap())
            .collect();
        for job in jobs {
            assert_eq!(data(&soon(job)), "20");
        }
        expect_nothing_left(&host, slots);
    }
}

// J5: with one slot, somebody else runs while a parent waits, and it comes back.
#[test]
fn a_parent_that_waits_lends_its_slot_and_gets_one_back() {
    let host = host(1, [nest(), busy(), once(load("noop"))]);
    let blocker = busy_without_slot(&host);
    let waits = json!([
        submit("busy", json!([["return", 5]])),
        ["update", 1],
        ["wait", 0]
    ]);
    let (parent, mut events) = watched(&host, &waits);
    wait_for_update(&mut events);
    for _ in 0..3 {
        assert!(soon(host.submit("noop", []).unwrap()).is_success());
    }
    assert!(!parent.done());
    blocker.cancel();
    assert_eq!(answers_of(&soon(parent))[2]["data"], 5);
    expect_nothing_left(&host, 1);
}

// J3 J5: and so while it waits for a start.
#[test]
fn a_parent_that_waits_for_a_start_lends_its_slot() {
    let host = host(1, [nest(), busy(), once(load("noop"))]);
    let blocker = busy_without_slot(&host);
    let (parent, mut events) = watched(&host, &json!([["update", 1], start("busy", json!([]))]));
    wait_for_update(&mut events);
    assert!(soon(host.submit("noop", []).unwrap()).is_success());
    assert!(!parent.done());
    blocker.cancel();
    assert!(soon(parent).is_success());
    // A child that starts takes the slot that its parent lent, though that one never waits.
    let started = answers(
        &host,
        &json!([start("nest", json!([["return", 1]])), ["wait", 0]]),
    );
    assert_eq!(started[1]["data"], 1);
    expect_nothing_left(&host, 1);
}

// M35 J5: the deepest first; who comes back before who has not started.
#[test]
fn children_go_before_jobs_not_yet_started_and_the_deepest_first() {
    let journal = Journal::new();
    let host = host(1, [nest(), journal.worker()]);
    let slot = occupied(&host, "nest");
    let one = json!([
        submit("record", "grandchild"),
        ["wait", 0],
        submit("record", "the first child is back"),
        ["wait", 1],
    ]);
    let parent = steps(
        &host,
        &json!([
            submit("nest", one),
            submit("record", "the second child"),
            ["wait", 0],
            ["wait", 1],
            submit("record", "the parent is back"),
            ["wait", 2],
        ]),
    );
    let later = host.submit("record", [value(r#""a later job""#)]).unwrap();
    slot.cancel();
    assert!(soon(parent).is_success() && soon(later).is_success());
    let expected = [
        "grandchild",
        "the first child is back",
        "the second child",
        "the parent is back",
        "a later job",
    ];
    assert_eq!(journal.entries(), expected);
}

// J6
#[test]
fn a_job_that_consumes_nothing_runs_although_every_slot_is_taken() {
    let host = host(1, [nest()]);
    let slot = occupied(&host, "nest");
    let mut job = host.job("nest").unwrap().argument(value("[]"));
    let mut events = job.events();
    let job = job.with(|options| options.slotless = true).submit();
    assert!(soon(job.unwrap()).is_success());
    let slots = soon(async {
        let mut slots = Vec::new();
        while let Some(event) = events.next().await {
            if let Happened::Started { slot } = event.what {
                slots.push(slot);
            }
        }
        slots
    });
    assert_eq!(slots, [None]);
    slot.cancel();
    assert!(soon(slot).is_cancelled());
    expect_nothing_left(&host, 1);
}

// J6: a guest only tightens, and no slot is more than one.
#[test]
fn a_guest_may_ask_for_no_slot_only_where_the_worker_may_go_without() {
    let free = |worker: &str| {
        let mut options = wodehost_tests::options(r#"{"retries": 0}"#);
        options.slotless = true;
        HostWorker::from(load(worker)).options(options)
    };
    let host = host(1, [nest(), free("echo"), once(load("noop"))]);
    let slot = occupied(&host, "nest");
    let nothing = json!({"consume": 0});
    let asks = json!([
        submit_with("echo", json!(1), nothing.clone()),
        ["wait", 0],
        submit("echo", 2),
        ["wait", 1],
        ["submit", "noop", [], nothing, 30],
        ["submit", "echo", [3], {"consume": 1}, 30],
    ]);
    let job = host.job("nest").unwrap();
    let job = job.argument(value(&asks.to_string()));
    let job = job.with(|options| options.slotless = true).submit();
    let answers = answers_of(&soon(job.unwrap()));
    assert_eq!(
        (&answers[1]["data"], &answers[3]["data"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(refused(&answers[4]), ("no-slot", ""));
    assert_eq!(refused(&answers[5]), ("no-slot", ""));
    slot.cancel();
    expect_free_slots(&host, 1);
}

// J1 J9: the numbers are 1 to N, each taken once, however often they are given back.
#[test]
fn slots_have_numbers_that_stay() {
    let host = host(5, [nest()]);
    for _ in 0..5 {
        expect_free_slots(&host, 5);
    }
}
