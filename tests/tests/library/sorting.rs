//! The sort stage: keys, comparisons, stability (rows M29 and M30).

use super::parallel::{done, host, job};
use super::pipeline::failed_in;
use std::path::Path;
use std::time::Instant;
use wodehost::{Host, Outcome, Plugin, Status, Value};
use wodehost_tests::{data, load, load_configured, options, soon};

/// Sorts with the guests of the tests beside `echo`.
fn sorted(argument: &str, said: &str) -> Outcome {
    let names = ["echo", "act", "score", "before", "sum"];
    let host = host(1, names.map(|name| load(name).into()));
    done(&host, "echo", &format!("[{argument}]"), said)
}

// M30
#[test]
fn the_built_in_comparisons_order_numbers_strings_and_arrays() {
    let table = [
        ("[3, 1, 2.5, -7, 1e300]", "[-7,1,2.5,3,1e300]"),
        (
            "[18446744073709551615, 9007199254740993, 9007199254740992, -1]",
            "[-1,9007199254740992,9007199254740993,18446744073709551615]",
        ),
        (r#"["b", "", "ab", "é", "a"]"#, r#"["","a","ab","b","é"]"#),
        (
            "[[2, 1], [1, 9], [], [1], [1, 2, 3]]",
            "[[],[1],[1,2,3],[1,9],[2,1]]",
        ),
        (
            r#"[["b", 1], ["a", 2], ["a", 1]]"#,
            r#"[["a",1],["a",2],["b",1]]"#,
        ),
        ("[]", "[]"),
        ("[5]", "[5]"),
    ];
    for (given, wanted) in table {
        let outcome = sorted(given, r#"{"sort-op": "<"}"#);
        assert!(outcome.is_success(), "{given}: {outcome:?}");
        assert_eq!(data(&outcome), wanted, "{given}");
        let down = sorted(given, r#"{"sort-op": ">"}"#);
        let mut elements: Vec<Value> = down.data.elements().unwrap().collect();
        elements.reverse();
        assert_eq!(Value::array(&elements), outcome.data, "{given}");
    }
}

// M30 M31
#[test]
fn kinds_without_a_common_order_fail_and_are_named() {
    let table = [
        (r#"[1, "a"]"#, ["a number", "a string"]),
        (r#"[[1], "a"]"#, ["an array", "a string"]),
        ("[2.5, [1]]", ["a number", "an array"]),
        (r#"[[1, 2], [1, "a"]]"#, ["a number", "a string"]),
    ];
    for (given, nouns) in table {
        for said in [
            r#"{"sort-op": "<"}"#,
            r#"{"sort-op": ">"}"#,
            r#"{"sort-key": "act"}"#,
            r#"{"sort-key": "identity", "sort-cache-keys": true}"#,
        ] {
            let message = failed_in(&sorted(given, said), "sort");
            for noun in nouns {
                assert!(message.contains(noun), "{given}, {said}: {message}");
            }
        }
    }
    for (given, noun) in [
        ("[1, null]", "nil"),
        ("[true, 1]", "a bool"),
        (r#"[1, {"a": 1}]"#, "a map"),
        ("[[1], [null]]", "nil"),
    ] {
        let message = failed_in(&sorted(given, r#"{"sort-op": "<"}"#), "sort");
        assert!(message.contains(noun), "{message}");
    }
}

// M29
#[test]
fn a_key_is_compared_in_place_of_its_element() {
    let given = r#"[{"score": 3, "n": "a"}, {"score": 1, "n": "b"}, {"score": 2, "n": "c"}]"#;
    let up = r#"[{"score":1,"n":"b"},{"score":2,"n":"c"},{"score":3,"n":"a"}]"#;
    for said in [
        r#"{"sort-key": "score"}"#,
        r#"{"sort-key": "score", "sort-op": "<"}"#,
        r#"{"sort-key": "score", "sort-cache-keys": true}"#,
        r#"{"sort-key": "score", "sort-op": "before"}"#,
        r#"{"sort-key": "score", "sort-op": "before", "sort-cache-keys": true}"#,
    ] {
        assert_eq!(data(&sorted(given, said)), up, "{said}");
    }
    let outcome = sorted(given, r#"{"sort-key": "score", "sort-op": ">"}"#);
    assert!(data(&outcome).starts_with(r#"[{"score":3,"#));
    assert_eq!(
        data(&sorted("[3, 1, 2]", r#"{"sort-op": "before"}"#)),
        "[1,2,3]"
    );
}

// M30
#[test]
fn equal_keys_keep_their_order() {
    // 300 elements of seven scores, each with its place.
    let elements: Vec<String> = (0..300)
        .map(|n| format!(r#"{{"score": {}, "n": {n}}}"#, n * 37 % 7))
        .collect();
    let given = format!("[{}]", elements.join(","));
    for (said, is_down) in [
        (r#"{"sort-key": "score"}"#, false),
        (r#"{"sort-key": "score", "sort-cache-keys": true}"#, false),
        (
            r#"{"sort-key": "score", "sort-cache-keys": true, "sort-op": ">"}"#,
            true,
        ),
        (r#"{"sort-key": "score", "sort-op": "before"}"#, false),
        (
            r#"{"sort-key": "score", "sort-cache-keys": true, "sort-op": "before"}"#,
            false,
        ),
    ] {
        let outcome = sorted(&given, said);
        assert!(outcome.is_success(), "{said}: {outcome:?}");
        let got: Vec<(i64, u64)> = outcome
            .data
            .elements()
            .unwrap()
            .map(|element| {
                let of = |key: &str| element.get(key).unwrap();
                let score = of("score").as_i64().unwrap();
                (
                    if is_down { -score } else { score },
                    of("n").as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(got.len(), 300);
        assert!(got.is_sorted(), "{said}: {got:?}");
    }
}

/// A guest that writes a line for each call into `folder`.
fn recorder(folder: &Path, file: &str, is_op: bool) -> Plugin {
    let config = format!(r#"{{"file": "/out/{file}", "is_op": {is_op}}}"#);
    super::grants::writer("record", folder, &config)
}

/// The calls that were recorded: their numbers in their stores, and what they got.
fn recorded(folder: &Path, file: &str) -> Vec<(u64, String)> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let calls = text.lines().map(|line| {
        let (number, job) = line.split_once(' ').unwrap();
        (number.parse().unwrap(), job.to_owned())
    });
    calls.collect()
}

fn sort_with_record(record: Plugin, numbers: &str, said: &str) -> Outcome {
    let host = host(1, [load("echo").into(), record.into()]);
    done(&host, "echo", &format!("[{numbers}]"), said)
}

/// 64 numbers in an order that is none.
fn numbers() -> String {
    let numbers: Vec<String> = (0..64).map(|n| (n * 29 % 64).to_string()).collect();
    format!("[{}]", numbers.join(","))
}

// M29
#[test]
fn cached_keys_are_computed_once_for_each_element_in_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let said = r#"{"sort-key": "record", "sort-cache-keys": true}"#;
    let outcome = sort_with_record(recorder(folder.path(), "r", false), &numbers(), said);
    let sorted: Vec<u64> = outcome.data.to().unwrap();
    assert!(sorted.into_iter().eq(0..64));
    let calls = recorded(folder.path(), "r");
    assert!(
        calls.iter().map(|(n, _)| *n).eq(1..=64),
        "one store: {calls:?}"
    );
    let mut keys: Vec<u64> = calls.iter().map(|(_, job)| job.parse().unwrap()).collect();
    keys.sort_unstable();
    assert!(keys.into_iter().eq(0..64), "each once");
}

// M29 M30
#[test]
fn without_a_cache_keys_are_computed_for_each_comparison_in_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let said = r#"{"sort-key": "record"}"#;
    let outcome = sort_with_record(recorder(folder.path(), "r", false), &numbers(), said);
    let sorted: Vec<u64> = outcome.data.to().unwrap();
    assert!(sorted.into_iter().eq(0..64));
    let calls = recorded(folder.path(), "r").len();
    // Two keys a comparison, and at least n/2 · log2 n of these in a merge sort.
    assert!((2 * 192..=2 * 384).contains(&calls), "{calls}");
    let store = recorded(folder.path(), "r").into_iter().map(|(n, _)| n);
    assert!(store.eq(1..=calls as u64), "one store");
}

// M30
#[test]
fn a_sort_op_is_asked_at_most_n_log_n_times_in_one_store() {
    for n in [2_usize, 3, 5, 17, 64, 100] {
        let folder = tempfile::tempdir().unwrap();
        let record = recorder(folder.path(), "r", true);
        let given: Vec<String> = (0..n).map(|i| (i * 29 % n).to_string()).collect();
        let given = format!("[{}]", given.join(","));
        let outcome = sort_with_record(record, &given, r#"{"sort-op": "record"}"#);
        assert!(outcome.is_success(), "{outcome:?}");
        assert!(outcome.data.to::<Vec<u64>>().unwrap().is_sorted());
        let calls = recorded(folder.path(), "r");
        let most = n as f64 * (n as f64).log2();
        assert!(calls.len() as f64 <= most, "{n}: {}", calls.len());
        assert!(calls.iter().map(|(n, _)| *n).eq(1..=calls.len() as u64));
    }
}

// M30
#[test]
fn nobody_is_asked_about_one_element_or_none() {
    for given in ["[]", "[7]"] {
        let folder = tempfile::tempdir().unwrap();
        let record = recorder(folder.path(), "r", true);
        let outcome = sort_with_record(record, given, r#"{"sort-op": "record"}"#);
        assert_eq!(data(&outcome), given);
        assert!(!folder.path().join("r").exists());
    }
}

// M30
#[test]
fn a_sort_op_that_contradicts_itself_gives_some_permutation() {
    for answers in ["always", "any"] {
        let config = format!(r#"{{"answers": "{answers}"}}"#);
        let mad = load_configured("before_mad", &config);
        let host = host(1, [load("echo").into(), mad.into()]);
        let given: Vec<String> = (0..500).map(|n| n.to_string()).collect();
        let given = format!("[[{}]]", given.join(","));
        let outcome = done(&host, "echo", &given, r#"{"sort-op": "before_mad"}"#);
        assert!(outcome.is_success(), "{outcome:?}");
        let mut numbers: Vec<u64> = outcome.data.to().unwrap();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..500), "{answers}");
    }
}

// M30
#[test]
fn numbers_that_are_no_numbers_are_sorted_without_an_end_to_it() {
    let host = host(1, [load("echo").into()]);
    let numbers = [f64::NAN, 3.0, f64::NAN, 1.0, 2.0, f64::NAN];
    let argument = Value::of(&numbers).unwrap();
    let job = host.job("echo").unwrap().argument(argument);
    let job = job.options(options(r#"{"sort-op": "<"}"#));
    let outcome = soon(job.submit().unwrap());
    assert!(outcome.is_success());
    let got: Vec<f64> = outcome.data.to().unwrap();
    assert_eq!(got.iter().filter(|n| n.is_nan()).count(), 3);
    let sum: f64 = got.iter().filter(|n| !n.is_nan()).sum();
    assert!((sum - 6.0).abs() < f64::EPSILON);
}

// M30 M31
#[test]
fn a_sort_op_that_answers_no_boolean_or_ends_badly_fails() {
    let message = failed_in(&sorted("[2, 1]", r#"{"sort-op": "act"}"#), "sort");
    assert!(message.contains("true or false, not array"), "{message}");
    let message = failed_in(&sorted(r#"["a", 1]"#, r#"{"sort-op": "before"}"#), "sort");
    assert!(message.starts_with("error: "), "{message}");
    let message = failed_in(&sorted("[1, 2]", r#"{"sort-key": "score"}"#), "sort");
    assert!(
        message.contains("element ") && message.contains("error: "),
        "{message}"
    );
}

// M29
#[test]
fn a_key_may_declare_its_end() {
    let key = |n: u64| format!(r#"{{"do": "success", "value": {n}}}"#);
    let given = format!("[{}, {}, {}]", key(3), key(1), key(2));
    let wanted = format!("[{},{},{}]", key(1), key(2), key(3)).replace(' ', "");
    for said in [
        r#"{"sort-key": "act"}"#,
        r#"{"sort-key": "act", "sort-cache-keys": true, "sort-op": "before"}"#,
    ] {
        assert_eq!(data(&sorted(&given, said)), wanted);
    }
    // A counter as the key, the greatest first: a store for all turns them round.
    let given = r#"[{"do": "count", "n": 1}, {"do": "count", "n": 2}, {"do": "count", "n": 3}]"#;
    let said = r#"{"sort-key": "act", "sort-cache-keys": true, "sort-op": ">"}"#;
    let numbers: Vec<u64> = sorted(given, said)
        .data
        .elements()
        .unwrap()
        .map(|element| element.get("n").unwrap().as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [3, 2, 1]);
}

/// A host for arrays of 100,000.
fn wide_host() -> Host {
    let names = ["echo", "over", "sum", "act", "half"];
    host(1, names.map(|name| load(name).into()))
}

// M27 M28 M29 M30
#[test]
fn a_hundred_thousand_elements_go_through_all_stages() {
    let began = Instant::now();
    let given: Vec<u64> = (0..100_000).map(|n| n * 7919 % 100_003).collect();
    let host = wide_host();
    let said = r#"{"filter": "over", "sort-key": "act", "sort-cache-keys": true,
        "sort-op": "<", "post": "sum"}"#;
    let job = host
        .job("echo")
        .unwrap()
        .argument(Value::of(&given).unwrap());
    let outcome = soon(job.options(options(said)).submit().unwrap());
    assert_eq!(outcome.status, Status::Success, "{:?}", outcome.message);
    let over: u64 = given.iter().filter(|n| **n > 10).sum();
    assert_eq!(data(&outcome), over.to_string());
    assert!(began.elapsed().as_secs() < 40, "{:?}", began.elapsed());
}

// M30
#[test]
fn a_hundred_thousand_elements_are_sorted_as_they_should_be() {
    let given: Vec<u64> = (0..100_000).map(|n| n * 7919 % 100_003).collect();
    let host = wide_host();
    let job = host
        .job("echo")
        .unwrap()
        .argument(Value::of(&given).unwrap());
    let job = job.options(options(r#"{"sort-op": "<"}"#));
    let sorted: Vec<u64> = soon(job.submit().unwrap()).data.to().unwrap();
    let mut wanted = given;
    wanted.sort_unstable();
    assert!(sorted == wanted);
}

// M30 M31
#[test]
fn a_cancel_is_heard_between_comparisons_and_between_elements() {
    let host = wide_host();
    let given: Vec<u64> = (0..100_000).map(|n| n * 7919 % 100_003).collect();
    let argument = Value::of(&given).unwrap().to_json();
    for said in [
        r#"{"sort-op": "act"}"#.replace("act", "over"),
        r#"{"sort-key": "act", "sort-op": "<", "post": "act"}"#.to_owned(),
    ] {
        let handle = job(&host, "echo", &format!("[{argument}]"), &said);
        let handle = handle.submit().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
        handle.cancel();
        let outcome = soon(handle);
        // The first one may have failed by then: its answers are none.
        assert!(!outcome.is_success(), "{outcome:?}");
    }
}
