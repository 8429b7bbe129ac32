//! The live attempts of a host: as many as there are places, some kept for children.

use super::nest::{
    LONG, answers_of, expect_nothing_left, nest, occupied, refused, start, steps, submit,
};
use serde_json::json;
use std::time::Duration;
use wodehost::{Blocked, Host, SubmitError};
use wodehost_tests::{data, load, once, runtime, soon, value};

/// A host of so many slots and places.
fn host(slots: u32, live: u32) -> Host {
    let host = Host::builder(runtime()).slots(slots).live(live);
    let host = host.worker(nest()).worker(once(load("chain")));
    host.build().unwrap()
}

// J5: never a wait that cannot end.
#[test]
fn a_chain_longer_than_there_are_places_is_told_so() {
    for (slots, live) in [(1, 1), (1, 4), (2, 4), (3, 20)] {
        let host = host(slots, live);
        for _ in 0..3 {
            let told = data(&soon(host.submit("chain", [value("40")]).unwrap()));
            // With one slot the last one knows that all others wait; otherwise it may have
            // been taken in before they did.
            let is_told = told == "\"limit(live)\"";
            let is_told_later = slots > 1 && told.contains("nested-limit");
            assert!(is_told || is_told_later, "{slots} {live}: {told}");
        }
        // One that is as long as it may be.
        let longest = (live - 1).to_string();
        let fits = soon(host.submit("chain", [value(&longest)]).unwrap());
        assert_eq!(data(&fits), longest);
        expect_nothing_left(&host, slots);
    }
}

// J5: as long as somebody runs there may be a place later; when all wait, a child that
// was taken in is told.
#[test]
fn children_that_find_no_place_while_everybody_waits_are_told_so() {
    let host = host(2, 3);
    let child = json!([submit("nest", json!([["return", 1]])), ["wait", 0]]);
    let parent = json!([
        start("nest", child.clone()),
        start("nest", child),
        ["wait", 0],
        ["wait", 1],
    ]);
    for _ in 0..20 {
        let answers = answers_of(&soon(steps(&host, &parent)));
        for child in &answers[2..] {
            let taken = &child["data"][0];
            let waited = &child["data"][1];
            let is_told = match taken.as_str() {
                // It waits for a job that there is not, which is an error.
                None => child["reason"] == "error",
                Some(_) => waited["data"] == 1 || waited["reason"] == "nested-limit",
            };
            assert!(is_told, "{child}");
        }
    }
    expect_nothing_left(&host, 2);
}

// J5: the same for a start that somebody waits for.
#[test]
fn who_waits_for_a_start_is_told_that_there_is_no_place() {
    let host = host(1, 2);
    let below = json!([start("nest", json!([]))]);
    let answers = answers_of(&soon(steps(
        &host,
        &json!([submit("nest", below), ["wait", 0]]),
    )));
    assert_eq!(refused(&answers[1]["data"][0]), ("limit", "live"));
    expect_nothing_left(&host, 1);
}

// J5: places are kept for children.
#[test]
fn jobs_that_nobody_waits_for_leave_places_for_children() {
    let host = host(2, 6);
    let jobs: Vec<_> = (0..200)
        .map(|_| host.submit("chain", [value("1")]).unwrap())
        .collect();
    for job in jobs {
        assert_eq!(data(&soon(job)), "1");
    }
    expect_nothing_left(&host, 2);
}

// J11 J33: what is paused has its place, and lends its slot.
#[test]
fn a_job_that_is_paused_counts_as_live() {
    let host = host(1, 1);
    let running = occupied(&host, "nest");
    running.pause();
    let refused = soon(
        host.job("chain")
            .unwrap()
            .submit_within(Duration::from_millis(30)),
    );
    assert_eq!(refused.unwrap_err(), SubmitError::Blocked(Blocked::NoSlot));
    running.cancel();
    assert!(soon(running).is_cancelled());
    let job = host.job("chain").unwrap().argument(value("0"));
    let started = soon(job.submit_within(Duration::from_millis(LONG))).unwrap();
    assert_eq!(data(&soon(started)), "0");
    expect_nothing_left(&host, 1);
}

// J5 J11: also when nobody of those who have the others goes on.
#[test]
fn the_last_places_are_for_children_alone() {
    let host = host(2, 6);
    // Half of what is beyond the slots.
    let others = [(); 4].map(|()| {
        let job = occupied(&host, "nest");
        job.pause();
        job
    });
    let family = json!([start("nest", json!([["return", 1]])), ["wait", 0]]);
    let late = host.job("nest").unwrap();
    let late = late.argument(value(&family.to_string()));
    let late = soon(late.submit_within(Duration::from_millis(30)));
    assert_eq!(late.unwrap_err(), SubmitError::Blocked(Blocked::NoSlot));
    others[0].cancel();
    assert_eq!(answers_of(&soon(steps(&host, &family)))[1]["data"], 1);
    for job in others {
        job.cancel();
        assert!(soon(job).is_cancelled());
    }
    expect_nothing_left(&host, 2);
}
