//! Restarted parents and the children that they had: the same submit finds them again.

use super::nest::{
    Journal, again, answers_of, busy, expect_nothing_left, host, nest, start, submit, submit_with,
};
use serde_json::{Value as Json, json};
use wodehost::{Host, Outcome};
use wodehost_tests::{load, once, soon, value};

/// Runs a parent that may be started again three times.
fn parent(host: &Host, steps: &Json) -> Outcome {
    soon(host.submit("again", [value(&steps.to_string())]).unwrap())
}

fn host_of(journal: &Journal) -> Host {
    host(
        2,
        [
            nest(),
            again(),
            busy(),
            journal.worker(),
            once(load("echo")),
        ],
    )
}

/// Ends the attempt with this number.
fn trap_in(attempt: u32) -> Json {
    json!(["only-attempt", attempt, [["trap"]]])
}

/// Takes a step in one attempt only.
fn only(attempt: u32, steps: &[Json]) -> Json {
    json!(["only-attempt", attempt, steps])
}

// J38: it is not run twice, however its parent was started again.
#[test]
fn a_child_that_succeeded_is_found_again() {
    let journal = Journal::new();
    let host = host_of(&journal);
    let ends = [json!(["trap"]), json!(["restart"]), json!(["fail", 1])];
    for (n, end) in ends.into_iter().enumerate() {
        let once = format!("once {n}");
        let taken = json!([
            submit("record", once.clone()),
            ["wait", 0],
            only(1, std::slice::from_ref(&end)),
            submit("record", format!("twice {n}")),
            ["wait", 1],
            only(2, &[end]),
            ["done", 0],
        ]);
        let outcome = parent(&host, &taken);
        assert_eq!(outcome.attempts, 3);
        let answers = answers_of(&outcome);
        assert_eq!(
            (&answers[1]["data"], &answers[6]),
            (&json!(once), &json!(true))
        );
        assert_eq!(journal.entries().len(), 2 * (n + 1));
    }
    expect_nothing_left(&host, 2);
}

// J38: it goes on between the attempts, and it is the same job.
#[test]
fn a_child_that_runs_is_found_again() {
    let journal = Journal::new();
    let host = host_of(&journal);
    for backoff in ["0s", "1ms"] {
        let family = json!([
            start("busy", json!([["sleep", 3_600_000]])),
            only(1, &[json!(["update", null]), json!(["trap"])]),
            // Nobody else of its worker could run while it does.
            ["submit", "busy", [[]], null, 0],
            ["cancel", 0],
            ["wait", 0],
        ]);
        let job = host.job("again").unwrap();
        let job = job.argument(value(&family.to_string()));
        let said = format!(r#"{{"retries": 3, "backoff": "{backoff}"}}"#);
        let job = job
            .options(wodehost_tests::options(&said))
            .submit()
            .unwrap();
        let number = |id: &str| id.rsplit_once('-').unwrap().1.parse::<u64>().unwrap();
        let own = number(&job.id().to_string());
        let outcome = soon(job);
        let answers = answers_of(&outcome);
        assert_eq!(outcome.attempts, 2);
        assert_eq!(number(answers[0].as_str().unwrap()), own + 1);
        assert_eq!(answers[2]["error"], "no-slot");
        assert_eq!(
            (&answers[4]["reason"], &answers[4]["attempts"]),
            (&json!("cancelled"), &json!(1))
        );
    }
    expect_nothing_left(&host, 2);
}

// J38: another worker, other arguments or other options in its place.
#[test]
fn another_job_in_its_place_cancels_the_old_one_and_starts_anew() {
    let journal = Journal::new();
    let host = host_of(&journal);
    let old = json!(["submit", "busy", [[["sleep", 3_600_000]]], {"finally": "record"}, 150_000]);
    let others = [
        (submit("busy", json!([["return", 5]])), 5),
        (submit("echo", 6), 6),
        (
            submit_with("busy", json!([["return", 7]]), json!({"finally": "record"})),
            7,
        ),
    ];
    for (n, (other, left)) in others.into_iter().enumerate() {
        let taken = json!([only(1, &[old.clone(), json!(["trap"])]), other, ["wait", 0]]);
        let outcome = parent(&host, &taken);
        assert_eq!(answers_of(&outcome)[2]["data"], left);
        // Its end is written down before the next parent begins, on the other slot.
        super::nest::until(|| {
            let cancelled = journal.reasons();
            cancelled
                .iter()
                .filter(|reason| *reason == "cancelled")
                .count()
                == n + 1
        });
    }
    expect_nothing_left(&host, 2);
}

// J38: one that failed is no result to keep.
#[test]
fn a_child_that_failed_is_started_anew() {
    let journal = Journal::new();
    let host = host_of(&journal);
    let fails = json!([submit("record", "a try"), ["wait", 0], ["fail", 1]]);
    let taken = json!([submit("nest", fails), ["wait", 0], trap_in(1), trap_in(2)]);
    let outcome = parent(&host, &taken);
    assert_eq!(
        (outcome.attempts, answers_of(&outcome)[1]["data"].clone()),
        (3, json!(1))
    );
    assert_eq!(journal.entries(), ["a try"; 3]);
    // So is one that its parent cancelled.
    let cancelled = json!([
        start("busy", json!([["sleep", 3_600_000]])),
        ["cancel", 0],
        ["wait", 0],
        trap_in(1),
    ]);
    assert_eq!(
        answers_of(&parent(&host, &cancelled))[2]["reason"],
        "cancelled"
    );
    expect_nothing_left(&host, 2);
}

// J38: with a key the order does not matter, and the same place is another job.
#[test]
fn children_with_keys_are_found_in_any_order() {
    let journal = Journal::new();
    let host = host_of(&journal);
    let keyed = |key: &str| submit_with("record", key.to_owned(), json!({"key": key}));
    let both = [
        keyed("a"),
        keyed("b"),
        json!(["wait", 0]),
        json!(["wait", 1]),
    ];
    let taken = json!([
        only(1, &both),
        trap_in(1),
        keyed("b"),
        keyed("a"),
        ["wait", 0],
        ["wait", 1],
        keyed("c"),
        submit("record", "without a key"),
        ["wait", 2],
        ["wait", 3],
        trap_in(2),
    ]);
    let outcome = parent(&host, &taken);
    let answers = answers_of(&outcome);
    let data = [4, 5, 8, 9].map(|n| answers[n]["data"].as_str().unwrap());
    assert_eq!(data, ["b", "a", "c", "without a key"]);
    assert_eq!(outcome.attempts, 3);
    assert_eq!(journal.entries(), ["a", "b", "c", "without a key"]);
    expect_nothing_left(&host, 2);
}

// J38: within one attempt, too, the same key is the same job.
#[test]
fn the_same_key_twice_is_one_job() {
    let journal = Journal::new();
    let host = host_of(&journal);
    let keyed = |text: &str| submit_with("record", text.to_owned(), json!({"key": "k"}));
    let taken = json!([
        keyed("one"),
        keyed("one"),
        ["wait", 0],
        ["wait", 1],
        keyed("two"),
        ["wait", 2],
    ]);
    let answers = answers_of(&parent(&host, &taken));
    assert_eq!(answers[0], answers[1]);
    assert_ne!(answers[0], answers[4]);
    assert_eq!(journal.entries(), ["one", "two"]);
    expect_nothing_left(&host, 2);
}

// J3 J13 J38: one that was withdrawn or refused has no place among them.
#[test]
fn the_place_of_a_child_that_was_withdrawn_is_free_again() {
    let journal = Journal::new();
    let host = host_of(&journal);
    let blocker = super::nest::busy_without_slot(&host);
    let refused = [
        json!(["submit", "busy", [[]], null, 5]),
        submit("nobody", 1),
        submit_with("echo", 1, json!({"children": "many"})),
    ];
    for (n, refused) in refused.into_iter().enumerate() {
        let entry = format!("entry {n}");
        // In the first attempt it is behind the refused one, in the second it is first.
        let taken = json!([
            only(
                1,
                &[
                    refused,
                    submit("record", entry.clone()),
                    json!(["wait", 1]),
                    json!(["trap"])
                ]
            ),
            submit("record", entry),
            ["wait", 0],
        ]);
        let outcome = parent(&host, &taken);
        assert_eq!(
            (outcome.attempts, journal.entries().len()),
            (2, n + 1),
            "{outcome:?}"
        );
    }
    blocker.cancel();
    expect_nothing_left(&host, 2);
}

// J38: two restarted generations, each with its own children.
#[test]
fn a_restarted_child_finds_its_own_children_again() {
    let journal = Journal::new();
    let host = host_of(&journal);
    let child = json!([
        submit("record", "a grandchild"),
        ["wait", 0],
        trap_in(1),
        ["attempt"]
    ]);
    let taken = json!([submit("again", child), ["wait", 0], trap_in(1), ["attempt"]]);
    let outcome = parent(&host, &taken);
    let answers = answers_of(&outcome);
    assert_eq!(answers[1]["data"][3], 2);
    assert_eq!(answers[3], 2);
    assert_eq!(journal.entries(), ["a grandchild"]);
    expect_nothing_left(&host, 2);
}
