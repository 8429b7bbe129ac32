//! What a guest does with the jobs that it submitted: asks, waits, lets go of handles.

use super::nest::{
    Journal, answers, answers_of, busy, busy_without_slot, expect_nothing_left, host, nest, start,
    steps, submit, wait_for_update, watched,
};
use serde_json::{Value as Json, json};
use wodehost::Host;
use wodehost_tests::{data, load, once, soon, value};

fn of_two(slots: u32) -> Host {
    host(
        slots,
        [nest(), busy(), once(load("echo")), once(load("fail"))],
    )
}

// J10 J11 J12
#[test]
fn a_guest_asks_whether_a_job_is_over_and_takes_its_outcome() {
    let host = of_two(1);
    let answers = answers(
        &host,
        &json!([
            submit("echo", "x"),
            ["done", 0],
            // A wait of no time does not lend the slot.
            ["wait", 0, 0],
            ["id", 0],
            ["wait", 0],
            ["done", 0],
            ["wait", 0, 0],
            ["wait", 0, 5],
            ["wait", 0],
        ]),
    );
    let id = format!("{}-2", host.id());
    assert_eq!(
        answers[..4],
        [json!(id), json!(false), Json::Null, json!(id)]
    );
    let outcome = json!({
        "status": "success", "reason": "returned", "data": "x",
        "attempts": 1, "message": null, "worker": "echo",
    });
    assert_eq!(answers[4], outcome);
    assert_eq!(answers[5], true);
    assert!(answers[6..].iter().all(|again| *again == outcome));
    expect_nothing_left(&host, 1);
}

// J11 J12 J14: the time is over before the job is; the longest one is no time at all.
#[test]
fn a_wait_gives_up_after_its_time_and_the_slot_comes_back() {
    let host = of_two(1);
    let blocker = busy_without_slot(&host);
    let waits = json!([
        submit("busy", json!([["return", 5]])),
        ["wait", 0, 10],
        ["wait-any", [0], 10],
        ["wait-any", [0], 0],
        ["update", 1],
        ["wait", 0, u64::MAX],
    ]);
    let (job, mut events) = watched(&host, &waits);
    wait_for_update(&mut events);
    assert!(!job.done());
    blocker.cancel();
    let answers = answers_of(&soon(job));
    assert!(answers[1..4].iter().all(Json::is_null), "{answers:?}");
    assert_eq!(answers[5]["data"], 5);
    expect_nothing_left(&host, 1);
}

// J11
#[test]
fn a_wait_for_any_names_one_that_is_over() {
    let host = of_two(2);
    let blocker = busy_without_slot(&host);
    let waits = json!([
        submit("busy", json!([])),
        submit("busy", json!([])),
        submit("echo", 1),
        ["wait-any", [0, 1, 2]],
        ["wait-any", [2, 0]],
        ["wait-any", [2, 2]],
        // Nobody, and nobody for a while.
        ["wait-any", []],
        ["wait-any", [], 600_000],
        ["wait-any", [0, 1, 0], 10],
        ["update", 1],
        ["wait-any", [1]],
        ["wait-any", [0, 1]],
    ]);
    let (job, mut events) = watched(&host, &waits);
    wait_for_update(&mut events);
    blocker.cancel();
    let answers = answers_of(&soon(job));
    let of_any = [
        json!(2),
        json!(0),
        json!(0),
        json!(null),
        json!(null),
        json!(null),
    ];
    assert_eq!(answers[3..9], of_any);
    // The first one of `busy` is over when the second is.
    assert_eq!(answers[10..], [json!(0), json!(0)]);
    expect_nothing_left(&host, 2);
}

// J3 J13: also one that is over by the time that its parent has a slot again.
#[test]
fn a_submit_that_waits_for_the_start_comes_back_with_a_job_that_started() {
    for slots in [1, 2] {
        let host = of_two(slots);
        let taken = json!([start("echo", 1), ["wait", 0], start("fail", 2), ["wait", 1]]);
        let answers = answers(&host, &taken);
        assert_eq!(answers[1]["data"], 1);
        assert_eq!(answers[3]["reason"], "error");
        expect_nothing_left(&host, slots);
    }
}

// J21: the jobs go on, as long as their parent does.
#[test]
fn a_child_goes_on_when_its_handle_is_dropped() {
    let journal = Journal::new();
    let host = host(1, [nest(), journal.worker()]);
    let one = json!([
        submit("record", "dropped"),
        ["drop", 0],
        submit("record", "later"),
        ["wait", 1],
    ]);
    answers(&host, &one);
    assert_eq!(journal.entries(), ["dropped", "later"]);
    expect_nothing_left(&host, 1);
}

// J21: handles are counted, and those that were dropped are not.
#[test]
fn handles_of_jobs_are_limited() {
    let host = of_two(1);
    let with_limit = |drops: bool| {
        let mut taken = Vec::new();
        for n in 0..60 {
            taken.push(submit("echo", json!(n)));
            taken.push(json!(["wait", n]));
            if drops {
                taken.push(json!(["drop", n]));
            }
        }
        let job = host.job("nest").unwrap();
        let job = job.argument(value(&Json::Array(taken).to_string()));
        let job = job.options(wodehost_tests::options(r#"{"handles": 30, "retries": 0}"#));
        soon(job.submit().unwrap())
    };
    let kept = with_limit(false);
    assert_eq!(kept.reason.to_string(), "handle-limit", "{kept:?}");
    let dropped = with_limit(true);
    assert!(dropped.is_success(), "{dropped:?}");
    expect_nothing_left(&host, 1);
}

// J16 J17 J29 J40: values are carried byte for byte; errors are values, for parents too.
#[test]
fn a_child_answers_with_any_value_and_fails_with_any_error() {
    let host = of_two(1);
    let odd = json!([{"error": "no"}, -1, 1.5, u64::MAX, "ü", null, [[]]]);
    let taken = json!([
        submit("echo", odd.clone()),
        ["wait", 0],
        submit("nest", json!([["fail", odd]])),
        ["wait", 1],
        submit("nest", json!([["update", 3], ["trap"]])),
        ["wait", 2],
        // More arguments are an array, none is nil.
        ["submit", "echo", [1, 2]],
        ["wait", 3],
        ["submit", "echo", []],
        ["wait", 4],
    ]);
    let answers = answers(&host, &taken);
    assert_eq!(
        (&answers[1]["status"], &answers[1]["data"]),
        (&json!("success"), &odd)
    );
    assert_eq!(
        (&answers[3]["status"], &answers[3]["data"]),
        (&json!("failure"), &odd)
    );
    assert_eq!(answers[5]["reason"], "trap:unreachable");
    assert_eq!(answers[5]["data"], 3);
    assert!(answers[5]["message"].is_string());
    assert_eq!(
        (&answers[7]["data"], &answers[9]["data"]),
        (&json!([1, 2]), &Json::Null)
    );
    // A parent that hands on what its child left leaves the same.
    let one = steps(&host, &json!([["return", odd]]));
    assert_eq!(
        serde_json::from_str::<Json>(&data(&soon(one))).unwrap(),
        odd
    );
    expect_nothing_left(&host, 1);
}
