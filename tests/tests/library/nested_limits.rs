//! What a guest may not submit, and how it is told: limits, names, options, values.

use super::gates::built_in;
use super::nest::{
    Journal, answers, answers_of, busy, busy_without_slot, expect_nothing_left, host, nest,
    refused, start, submit, submit_with,
};
use serde_json::{Value as Json, json};
use wodehost::{Host, HostBuilder, HostWorker, Outcome};
use wodehost_tests::{load, once, options, runtime, soon, told, value};

fn of_three() -> Host {
    host(
        1,
        [nest(), once(load("echo")), once(load("double")), busy()],
    )
}

/// Runs steps under options.
fn under(host: &Host, said: &str, steps: &Json) -> Outcome {
    let job = host
        .job("nest")
        .unwrap()
        .argument(value(&steps.to_string()));
    soon(job.options(options(said)).submit().unwrap())
}

// J5: each limit, as an option of the job whose child it is.
#[test]
fn depth_children_and_trees_are_limited() {
    let host = of_three();
    let three = json!([
        submit("echo", 1),
        submit("echo", 2),
        submit("echo", 3),
        ["wait", 0],
        ["wait", 1]
    ]);
    for (key, said) in [
        ("children", r#"{"children": 2}"#),
        ("tree", r#"{"tree": 3}"#),
    ] {
        let answers = answers_of(&under(&host, said, &three));
        assert!(answers[0].is_string() && answers[1].is_string());
        assert_eq!(refused(&answers[2]), ("limit", key));
        assert_eq!(answers[4]["data"], 2);
    }
    let none = answers_of(&under(
        &host,
        r#"{"depth": 0}"#,
        &json!([submit("echo", 1)]),
    ));
    assert_eq!(refused(&none[0]), ("limit", "depth"));
    // A child has the limits of its worker, or less; nobody has more.
    let lower = json!({"depth": 1, "children": 1});
    let below = json!([submit("echo", 1)]);
    let taken = json!([submit_with("nest", below.clone(), lower), ["wait", 0]]);
    let answers = answers_of(&under(&host, r#"{"depth": 1}"#, &taken));
    assert_eq!(refused(&answers[1]["data"][0]), ("limit", "depth"));
    let lower = json!({"children": 0});
    let answers = super::nest::answers(
        &host,
        &json!([submit_with("nest", below, lower), ["wait", 0]]),
    );
    assert_eq!(refused(&answers[1]["data"][0]), ("limit", "children"));
    expect_nothing_left(&host, 1);
}

// J5: the size of the tree is that of all its jobs, those of a parallel one and those
// that are over included.
#[test]
fn a_tree_counts_all_its_jobs() {
    let host = of_three();
    let parallel = json!(["submit", "echo", [1, 2, 3], {"parallel": true}]);
    let taken = json!([
        parallel,
        ["wait", 0],
        submit("nest", json!([submit("echo", 1), submit("echo", 2)])),
        ["wait", 1],
        submit("echo", 1),
    ]);
    // The parent, four, one and two.
    for (tree, last, below) in [(9, true, true), (8, false, true), (7, false, false)] {
        let said = format!(r#"{{"tree": {tree}}}"#);
        let limited = told(super::nest::nest_called("nest"), &said);
        let host = super::nest::host(1, [limited, once(load("echo"))]);
        let answers = answers_of(&under(&host, &said, &taken));
        assert_eq!(answers[1]["data"], json!([1, 2, 3]));
        let is_taken = |answer: &Json| match refused(answer) {
            ("", "") => true,
            refused => {
                assert_eq!(refused, ("limit", "tree"));
                false
            }
        };
        assert_eq!(
            (is_taken(&answers[4]), is_taken(&answers[3]["data"][1])),
            (last, below),
            "{tree}"
        );
    }
    expect_nothing_left(&host, 1);
}

// J5 J17: an untrusted worker does not borrow what another one may do.
#[test]
fn workers_that_are_not_there_or_not_allowed_are_told_apart() {
    let host = of_three();
    let mut taken = vec![
        submit("record", 1),
        submit("double", 1),
        submit("nobody", 1),
    ];
    for key in ["finally", "filter", "pre", "post", "sort-key", "sort-op"] {
        taken.push(submit_with("echo", 1, json!({key: "double"})));
    }
    let told = answers(&host, &Json::Array(taken));
    // It may submit to `record`, of which there is none.
    assert_eq!(refused(&told[0]), ("unknown-worker", "record"));
    assert_eq!(
        refused(&told[1]),
        (
            "not-permitted",
            "to submit to `double`; `allow.submit` grants it"
        )
    );
    assert_eq!(
        refused(&told[2]),
        (
            "not-permitted",
            "to submit to `nobody`; `allow.submit` grants it"
        )
    );
    for refusal in &told[3..] {
        assert_eq!(
            refused(refusal),
            (
                "not-permitted",
                "to submit to `double`; `allow.submit` grants it"
            )
        );
    }
    // With nothing granted it may submit to itself, under its own name.
    let alone = super::nest::host(1, [once(load("nest")), once(load("echo"))]);
    let told = answers(
        &alone,
        &json!([submit("echo", 1), submit("nest", json!([])), ["wait", 1]]),
    );
    assert_eq!(
        refused(&told[0]),
        (
            "not-permitted",
            "to submit to `echo`; `allow.submit` grants it"
        )
    );
    assert_eq!(told[2]["status"], "success");
    expect_nothing_left(&host, 1);
}

// J5: options and values are checked when they are submitted, and the wrong ones named.
#[test]
fn bad_options_and_bad_values_are_named() {
    let host = of_three();
    let table = [
        (
            json!({"retires": 1}),
            "bad-options",
            "did you mean `retries`?",
        ),
        (json!({"retries": -1}), "bad-options", "retries"),
        (json!({"keepalive": "soon"}), "bad-options", "keepalive"),
        (json!({"items": true}), "bad-options", "items"),
        (json!({"consume": 2}), "bad-options", "consume"),
        (json!({"key": ""}), "bad-options", "key"),
        (json!({"key": 5}), "bad-options", "key"),
        (json!({"finally": "record"}), "bad-options", "record"),
        (json!({"value": 3}), "bad-value", "argument 1"),
    ];
    let steps: Vec<Json> = table
        .iter()
        .map(|(said, ..)| submit_with("echo", "too long", said.clone()))
        .collect();
    let told = answers(&host, &Json::Array(steps));
    for ((said, error, named), answer) in table.iter().zip(&told) {
        let (refused, what) = refused(answer);
        assert!(
            refused == *error && what.contains(named),
            "{said}: {answer}"
        );
    }
    // `key` is for those who have a parent.
    let own = wodehost::JobOptions::default().tighten(&value(r#"{"key": "a"}"#));
    assert!(own.unwrap_err().to_string().contains("key"));
    expect_nothing_left(&host, 1);
}

// J3 J13 J14: a child that does not start in time is withdrawn and never runs.
#[test]
fn a_child_that_does_not_start_in_time_is_withdrawn() {
    let journal = Journal::new();
    let host = host(2, [nest(), busy(), journal.worker()]);
    let blocker = busy_without_slot(&host);
    let never = json!([submit("record", "never"), ["wait", 0]]);
    let taken = json!([
        ["submit", "busy", [never], null, 0],
        ["submit", "busy", [never], null, 20],
        ["submit", "busy", [never], {"finally": "record"}, 20],
        start("record", "one"),
        ["wait", 3],
    ]);
    let told = answers(&host, &taken);
    for refusal in &told[..3] {
        assert_eq!(refused(refusal), ("no-slot", ""));
    }
    assert_eq!(told[4]["status"], "success");
    blocker.cancel();
    let after = answers(
        &host,
        &json!([submit("busy", json!([["return", 1]])), ["wait", 0]]),
    );
    assert_eq!(after[1]["data"], 1);
    expect_nothing_left(&host, 2);
    assert_eq!(journal.entries(), ["one"]);
}

// J3 J22: behind a gate that let its parent through.
#[test]
fn a_child_that_a_gate_holds_back_is_told_which() {
    let builder = Host::builder(runtime()).slots(2).gate(built_in("rate:1/m"));
    let workers = [nest(), once(load("echo"))];
    let host = workers.into_iter().fold(builder, HostBuilder::worker);
    let host = host.build().unwrap();
    let taken = json!([
        ["submit", "echo", [2], null, 2000],
        ["submit", "echo", [3], null, 0],
    ]);
    let told = answers(&host, &taken);
    assert_eq!(refused(&told[0]), ("gate", "rate"));
    assert_eq!(refused(&told[1]), ("gate", "rate"));
    soon(host.shutdown(None)).unwrap();
}

// J5 J38: what is no attempt of a job may submit nothing.
#[test]
fn stages_may_not_submit() {
    let host = of_three();
    let job = host.job("echo").unwrap();
    let job = job.argument(value(&json!([submit("echo", 1)]).to_string()));
    let staged = soon(
        job.options(options(r#"{"post": "nest"}"#))
            .submit()
            .unwrap(),
    );
    let what = "to submit from a stage, a chunk or `finally`";
    assert_eq!(refused(&answers_of(&staged)[0]), ("not-permitted", what));
    expect_nothing_left(&host, 1);
}

// J5: the hostile case; the host runs good jobs as ever.
#[test]
fn a_fork_bomb_ends() {
    let bombs = [
        r#"{"tree": 300, "retries": 0}"#,
        r#"{"depth": 2, "children": 12, "retries": 0}"#,
        r#"{"children": 1, "retries": 0}"#,
    ];
    for said in bombs {
        for slots in [1, 3] {
            let bomb: HostWorker = told(load("bomb"), said);
            let host = host(slots, [bomb, nest(), once(load("echo"))]);
            let ended = soon(host.submit("bomb", []).unwrap());
            assert!(ended.is_success(), "{ended:?}");
            let good = answers(&host, &json!([submit("echo", 7), ["wait", 0]]));
            assert_eq!(good[1]["data"], 7);
            expect_nothing_left(&host, slots);
        }
    }
}
