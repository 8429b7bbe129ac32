//! Chains whose middle is killed, again and again: nothing of them is left.

use super::nest::{
    answers_of, expect_free_slots, expect_nothing_left, host, nest, start, start_with, steps,
    submit, submit_with,
};
use serde_json::{Value as Json, json};
use wodehost_tests::soon;

const SLOTS: u32 = 6;

// J38: however often, and whoever ends whom in the middle of a chain.
#[test]
fn a_middle_worker_that_is_killed_ten_thousand_times_leaves_every_slot_free() {
    // One for each leaf that sleeps, and some to come back to.
    let host = host(SLOTS, [nest()]);
    let leaf = json!([["sleep", 3_600_000]]);
    let waits = json!([submit("nest", leaf.clone()), ["wait", 0]]);
    let starts = json!([start("nest", leaf.clone()), ["wait", 0]]);
    let burns = json!([submit("nest", leaf), ["spin"]]);
    let fuel = json!({"fuel": 1_000_000});
    // What the middle does, its options, and whether it has to be cancelled.
    let middles = [
        (submit("nest", waits.clone()), true),
        (start("nest", waits), true),
        (start("nest", starts), true),
        (submit_with("nest", burns.clone(), fuel.clone()), false),
        (start_with("nest", burns, fuel), false),
    ];
    for (middle, is_cancelled) in middles {
        let rounds = 500;
        let mut taken = Vec::new();
        for n in 0..rounds {
            taken.push(middle.clone());
            if is_cancelled {
                taken.push(json!(["cancel", n]));
            }
            taken.push(json!(["wait", n]));
        }
        let parents: Vec<_> = (0..4)
            .map(|_| steps(&host, &Json::Array(taken.clone())))
            .collect();
        for parent in parents {
            let ends = answers_of(&soon(parent));
            let reason = if is_cancelled {
                "cancelled"
            } else {
                "out-of-fuel"
            };
            let killed = ends.iter().filter(|end| end["reason"] == reason);
            assert_eq!(killed.count(), rounds);
        }
        expect_free_slots(&host, SLOTS);
    }
    expect_nothing_left(&host, SLOTS);
}
