//! Emitted values as users meet them: `map --emits`, and a consumer of a run that takes them.

use crate::tool::{feed, feed_bytes, guest, piped, say};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};

/// Lines for `script`, and the flags to map them.
fn map(input: &str, flags: &[&str]) -> crate::tool::Said {
    let script = guest("script");
    let mut arguments = vec!["map", &script, "--emits", "--slots", "2"];
    arguments.extend(flags);
    feed(&arguments, input)
}

fn lines(text: &str) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap();
    text.lines().map(read).collect()
}

/// Two lines that emit and return, and one that fails behind what it emits.
const INPUT: &str = r#"[[{"emit": "a"}, {"emit": [1]}, {"return": 10}]]

[[{"emit": "b"}, {"return": 20}]]
[[{"emit": "c"}, {"failure": "no"}]]
"#;

fn emitted(line: u64, attempt: u64, seq: u64, value: &Value) -> Value {
    json!({"$emit": {"line": line, "attempt": attempt, "seq": seq, "value": value}})
}

/// What belongs to each line of the input: values and results, in order. Results of
/// successes are told apart by what they are.
fn by_line(records: &[Value], result_lines: &[(Value, u64)]) -> HashMap<u64, Vec<Value>> {
    let mut by_line: HashMap<u64, Vec<Value>> = HashMap::new();
    for record in records {
        let said = record.get("$emit").or_else(|| record.get("$outcome"));
        let line = said.map(|said| said["line"].as_u64().unwrap());
        let of = result_lines.iter().find(|(result, _)| result == record);
        let line = line.or(of.map(|(_, line)| *line)).unwrap();
        let record = match record.get("$outcome") {
            Some(outcome) => outcome["reason"].clone(),
            None => record.clone(),
        };
        by_line.entry(line).or_default().push(record);
    }
    by_line
}

fn check(records: &[Value]) {
    let all = by_line(records, &[(json!(10), 1), (json!(20), 3)]);
    let due: HashMap<u64, Vec<Value>> = HashMap::from([
        (
            1,
            vec![
                emitted(1, 1, 1, &json!("a")),
                emitted(1, 1, 2, &json!([1])),
                json!(10),
            ],
        ),
        (3, vec![emitted(3, 1, 1, &json!("b")), json!(20)]),
        (4, vec![emitted(4, 1, 1, &json!("c")), json!("declared")]),
    ]);
    assert_eq!(all, due);
}

/// The results without the values.
fn results(records: &[Value]) -> Vec<&Value> {
    let is_result = |record: &&Value| record.get("$emit").is_none();
    records.iter().filter(is_result).collect()
}

// A3
#[test]
fn values_come_before_the_result_of_their_line_and_results_in_order() {
    let records = lines(&map(INPUT, &[]).exits(10).out);
    check(&records);
    let results = results(&records);
    assert_eq!(results[..2], [&json!(10), &json!(20)]);
    check(&lines(&map(INPUT, &["--unordered"]).exits(10).out));
    let chunk = ["--chunk", "2"];
    check(&lines(&map(INPUT, &chunk).exits(10).out));
    // Without the flag nothing is heard of them.
    let said = feed(&["map", &guest("script")], INPUT).exits(10);
    assert_eq!(said.out.lines().count(), 3, "{said:?}");
}

// A3
#[test]
fn the_records_are_the_same_in_every_encoding() {
    let array: Value = serde_json::from_str(&map(INPUT, &["-o", "json"]).exits(10).out).unwrap();
    check(array.as_array().unwrap());
    let script = guest("script");
    let arguments = ["map", &script, "--emits", "--slots", "1", "-o", "msgpack"];
    let out = feed_bytes(&arguments, "[[{\"emit\": 7}, {\"return\": 8}]]\n");
    let record = b"\x81\xa5$emit\x84\xa4line\x01\xa7attempt\x01\xa3seq\x01\xa5value\x07";
    assert_eq!(out.stdout, [record.as_slice(), b"\x08"].concat());
    // What was written is read again, as it is.
    let said = map("[[{\"emit\": 7}, {\"return\": 8}]]\n", &[]).exits(0);
    feed(&["map", &guest("echo")], said.out.as_str())
        .exits(0)
        .prints(&said.out);
}

// A3 M41
#[test]
fn values_of_every_attempt_say_which_it_was() {
    let input = r#"[[{"emit": 1}, "trap"], [{"emit": 2}, {"emit": 3}, {"return": 4}]]"#;
    let due = [
        emitted(1, 1, 1, &json!(1)),
        emitted(1, 2, 1, &json!(2)),
        emitted(1, 2, 2, &json!(3)),
        json!(4),
    ];
    for chunk in ["1", "3"] {
        let flags = ["--retries", "1", "--chunk", chunk];
        assert_eq!(lines(&map(input, &flags).exits(0).out), due);
    }
    let said = map(&format!("[{input}]"), &["--retries", "1", "--from", "json"]).exits(0);
    assert_eq!(lines(&said.out)[0]["$emit"]["item"], 1, "{said:?}");
}

// A3 M23
#[test]
fn values_of_a_parallel_job_say_which_item_emitted_them() {
    let items = r#"[[[{"emit": "x"}, {"return": 1}]], [[{"emit": "y"}, {"return": 2}]]]"#;
    let input = format!("{items}\n{items}\n");
    let flags = ["--parallel", "--unwrap"];
    let said = map(&input, &flags).exits(0);
    let records = lines(&said.out);
    let mut values: Vec<(u64, u64, &str)> = records
        .iter()
        .filter_map(|record| record.get("$emit"))
        .map(|it| {
            let number = |key: &str| it[key].as_u64().unwrap();
            (
                number("line"),
                number("part"),
                it["value"].as_str().unwrap(),
            )
        })
        .collect();
    values.sort_unstable();
    assert_eq!(values, [(1, 1, "x"), (1, 2, "y"), (2, 1, "x"), (2, 2, "y")]);
    assert_eq!(results(&records), [&json!([1, 2]), &json!([1, 2])]);
}

// A3
#[test]
fn a_result_that_looks_like_an_emitted_value_is_not_taken_for_one() {
    let input = "{\"$emit\":{\"line\":1}}\n";
    let said = feed(&["map", &guest("echo"), "--emits"], input).exits(0);
    let record = &lines(&said.out)[0];
    assert_eq!(record["$outcome"]["data"], json!({"$emit": {"line": 1}}));
    feed(&["map", &guest("echo")], input).exits(0).prints(input);
}

// A3: far more than may wait for whoever reads, of lines whose turn has not come.
#[test]
fn a_line_that_waits_for_its_turn_is_heard() {
    let mut input = "[[{\"sleep\": 400}, {\"return\": 0}]]\n".to_owned();
    for n in 1..=8 {
        let _ = writeln!(input, "[[{{\"emits\": 2000}}, {{\"return\": {n}}}]]");
    }
    let records = lines(&map(&input, &[]).exits(0).out);
    let mut seen: HashMap<u64, u64> = HashMap::new();
    for value in records.iter().filter_map(|record| record.get("$emit")) {
        let seen = seen.entry(value["line"].as_u64().unwrap()).or_default();
        *seen += 1;
        assert_eq!(
            (&value["seq"], &value["value"]),
            (&json!(*seen), &json!(*seen))
        );
    }
    assert_eq!(seen, (2..=9).map(|line| (line, 2000)).collect());
    let due: Vec<Value> = (0..=8).map(Value::from).collect();
    assert_eq!(results(&records), due.iter().collect::<Vec<_>>());
}

// A3: each comes while its job still runs.
#[test]
fn values_come_as_they_are_emitted() {
    let mut child = piped(&["map", &guest("script"), "--emits"]);
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "[[{{\"emit\": 1}}, \"live\"]]").unwrap();
    stdin.flush().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert_eq!(lines(&first), [emitted(1, 1, 1, &json!(1))]);
    // The reader leaves while values come for ever: a quiet end.
    writeln!(stdin, "[[\"chatter\"]]").unwrap();
    stdin.flush().unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert!(output.status.success(), "{output:?}");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("error"), "{err}");
}

// A3
#[test]
fn refused_lines_and_a_halt_keep_their_places() {
    let input = "{broken\n[[{\"emit\": 1}, {\"error\": 1}]]\n[[{\"return\": 2}]]\n";
    let records = lines(&map(input, &["--halt", "now,fail=9"]).exits(10).out);
    let results = results(&records);
    assert_eq!(results[0]["$outcome"]["line"], 1);
    assert_eq!(results[1]["$outcome"]["line"], 2);
    assert_eq!(results[2], &json!(2));
    feed(&["map", &guest("script"), "--emits"], "")
        .exits(0)
        .prints("");
}

// A3 W5
#[test]
fn a_consumer_of_a_run_gets_values_before_the_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let run = |consumer: &str, settings: &[String]| {
        let grant = format!("{consumer}={}::/out", folder.path().display());
        let (producer, worker, path) = (guest("dispatches"), guest("script"), guest(consumer));
        let jobs =
            r#"dispatches.jobs=[{"worker": "script", "args": [[[{"emit": 1}, {"emit": 2}]]]}]"#;
        let mut arguments = vec!["run", "--producer", &producer, "--worker", &worker];
        arguments.extend(["--consumer", &path, "--set", jobs, "--allow-write", &grant]);
        for set in settings {
            arguments.extend(["--set", set]);
        }
        say(&arguments)
    };
    let file = "hears.file=/out/heard".to_owned();
    run("hears", std::slice::from_ref(&file)).exits(0);
    let heard = std::fs::read_to_string(folder.path().join("heard")).unwrap();
    assert_eq!(heard, "1.1 1\n1.2 2\nreturned\ntook 2\n");
    run("hears", &[file, "hears.trap_on=2".to_owned()])
        .exits(10)
        .complains(": value 2 of attempt 1: trap:unreachable")
        .complains("1 undelivered");
    run("tally", &[]).exits(0);
}

// A3 M36: what is refused on the spot is heard of before it has come through the door.
#[test]
fn jobs_that_never_start_have_their_places_too() {
    let input = "[[{\"emit\": 1}, {\"return\": 2}]]\n".repeat(3000);
    let records = lines(&map(&input, &["--singleton", "one"]).exits(10).out);
    let results = results(&records);
    let refused = |(n, result): &(u64, &&Value)| {
        let outcome = &result["$outcome"];
        outcome["reason"] == "rejected" && outcome["line"] == *n
    };
    let refused = (1..).zip(&results).filter(refused).count();
    let done = results
        .iter()
        .filter(|result| ***result == json!(2))
        .count();
    assert_eq!((results.len(), refused + done), (3000, 3000));
    assert_eq!(records.len() - results.len(), done);
}
