//! `map`: values in, results out, in order, with errors in their places.

use crate::tool::{ended, feed, feed_bytes, guest, piped, quietly, say, wodehost};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn numbers(n: u64) -> String {
    (1..=n).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, "{i}");
        text
    })
}

#[test]
fn a_hundred_thousand_lines_come_out_doubled_and_in_order() {
    let said = feed(&["map", &guest("double")], numbers(100_000)).exits(0);
    let mut lines = said.out.lines();
    for i in 1..=100_000u64 {
        assert_eq!(lines.next(), Some((i * 2).to_string().as_str()));
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn order_is_given_up_only_when_asked() {
    let said = feed(&["map", &guest("double"), "--unordered"], numbers(1000)).exits(0);
    let mut lines: Vec<u64> = said.out.lines().map(|l| l.parse().unwrap()).collect();
    lines.sort_unstable();
    assert!(lines.into_iter().eq((1..=1000).map(|i| i * 2)));
}

#[test]
fn a_malformed_line_fails_alone_and_keeps_its_place() {
    let said = feed(&["map", &guest("double")], "1\n{broken\n\n3\r\n4").exits(10);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!((lines[0], lines[2], lines[3]), ("2", "6", "8"));
    assert!(lines[1].starts_with(r#"{"$outcome":"#) && lines[1].contains("bad-value"));
    assert!(lines[1].contains("line 2"), "{}", lines[1]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_failed_job_has_its_outcome_in_its_place() {
    let said = feed(&["map", &guest("double")], "1\n\"x\"\n3\n").exits(10);
    let lines: Vec<&str> = said.out.lines().collect();
    let failed: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(failed["$outcome"]["reason"], "error");
    assert_eq!((lines[0], lines[2]), ("2", "6"));
    let said = feed(&["map", &guest("double"), "--outcomes"], "1\n").exits(0);
    let outcome: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(outcome["$outcome"]["data"], 2);
}

#[test]
fn a_result_that_looks_like_an_outcome_is_not_taken_for_one() {
    let said = feed(
        &["map", &guest("echo")],
        "{\"$outcome\":{\"status\":\"failure\"}}\n",
    );
    let said = said.exits(0);
    assert!(said.out.starts_with("{\"$outcome\":{\"id\":"), "{said:#?}");
    assert!(
        said.out
            .contains("\"worker\":\"echo\",\"status\":\"success\""),
        "{said:#?}"
    );
}

#[test]
fn an_outcome_says_to_which_input_it_belongs() {
    let said = feed(
        &["map", &guest("double"), "-", "--unordered", "--outcomes"],
        "\n1\n\n\"x\"\n{broken\n",
    )
    .exits(10);
    let mut lines: Vec<u64> = said
        .out
        .lines()
        .map(|line| {
            let outcome: serde_json::Value = serde_json::from_str(line).unwrap();
            outcome["$outcome"]["line"].as_u64().unwrap()
        })
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [2, 4, 5]);
    let said = feed(
        &["map", &guest("double"), "--from", "json", "--outcomes"],
        "[1]",
    )
    .exits(0);
    assert!(said.out.contains("\"item\":1"), "{said:?}");
}

#[test]
fn a_failure_shows_the_end_of_the_guests_stderr() {
    feed(
        &["map", &guest("panic"), "--halt", "now,fail=1"],
        "\"oh dear\"\n",
    )
    .exits(10)
    .complains("  stderr: oh dear\n")
    .complains("--halt); no more of the input is read");
}

#[test]
fn a_line_over_the_limit_fails_alone() {
    let long = format!("1\n\"{}\"\n3\n", "x".repeat(3 << 20));
    let said = feed(&["map", &guest("echo")], long).exits(10);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!((lines[0], lines[2], lines.len()), ("1", "3", 3));
    assert!(lines[1].contains("value-too-large"), "{}", lines[1]);
}

#[test]
fn arrays_and_messagepack_streams_are_read_too() {
    feed(&["map", &guest("double"), "--from", "json"], "[1, 2,\n 3]")
        .exits(0)
        .prints("2\n4\n6\n");
    feed(
        &["map", &guest("double"), "--from", "msgpack"],
        b"\x01\x02\xcc\xff".to_vec(),
    )
    .exits(0)
    .prints("2\n4\n510\n");
    let out = feed_bytes(&["map", &guest("double"), "-o", "msgpack"], "1\n2\n");
    assert_eq!(out.stdout, b"\x02\x04");
    let said = feed(&["map", &guest("double"), "-o", "json"], "1\n2\n").exits(0);
    let array: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(array, serde_json::json!([2, 4]));
}

#[test]
fn broken_messagepack_is_told_and_what_came_before_is_done() {
    let said = feed(
        &["map", &guest("double"), "--from", "msgpack"],
        b"\x01\xc1\x02".to_vec(),
    );
    assert!(said.out.starts_with("2\n"), "{said:?}");
    assert_eq!(said.code, Some(10), "{said:?}");
}

#[test]
fn nothing_in_nothing_out() {
    feed(&["map", &guest("double")], "").exits(0).prints("");
    feed(&["map", &guest("double"), "-o", "json"], "")
        .exits(0)
        .prints("[]\n");
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let mut child = piped(&["map", &guest("double")]);
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        for i in 0..10_000_000u64 {
            if writeln!(stdin, "{i}").is_err() {
                return;
            }
        }
    });
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert_eq!(first, "0\n");
    drop(out);
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("error"), "{err}");
}

#[test]
fn output_that_cannot_be_written_is_an_error_of_its_own() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut child = wodehost(&["map", &guest("double")])
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"1\n2\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(74));
}

#[test]
fn results_come_while_the_input_is_still_open() {
    let mut child = piped(&["map", &guest("double")]);
    let mut stdin = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for i in 1..=3 {
        writeln!(stdin, "{i}").unwrap();
        stdin.flush().unwrap();
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert_eq!(line, format!("{}\n", i * 2));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_run_can_be_halted_at_failures() {
    let input = "\"x\"\n".repeat(5000);
    let said = feed(&["map", &guest("double"), "--halt", "now,fail=3"], input);
    assert!(matches!(said.code, Some(10 | 12)), "{said:?}");
    let done = said.out.lines().filter(|l| l.contains("\"error\"")).count();
    assert!(done < 5000, "{done} failures; it should have stopped");
}

/// A job for the guest `act` that ends long after any test.
const FOR_EVER: &str = r#"{"do": "sleep", "n": 3600000}"#;

// J26: the timeout counts from the call.
#[test]
fn what_has_not_ended_when_the_time_is_over_is_cancelled_in_its_place() {
    // Compiled before the time runs.
    feed(&["map", &guest("act")], "").exits(0);
    for order in [None, Some("--unordered")] {
        let input = format!("{FOR_EVER}\n2\n{FOR_EVER}\n");
        let act = guest("act");
        let mut arguments = vec!["map", &act, "--timeout", "2s", "--slots", "1"];
        arguments.extend(order);
        let said = feed(&arguments, input)
            .exits(13)
            .complains("stopping: the time is over (--timeout 2 s); no more of the input is read")
            .complains("3 cancelled");
        let lines: Vec<_> = said
            .out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3, "{said:?}");
        for line in &lines {
            assert_eq!(line["$outcome"]["status"], "cancelled", "{said:?}");
        }
        if order.is_none() {
            let numbers = lines.iter().map(|line| line["$outcome"]["line"].as_u64());
            assert!(numbers.eq((1..=3).map(Some)), "{said:?}");
        }
    }
}

// J26
#[test]
fn the_time_can_be_over_while_the_input_is_open() {
    let mut child = piped(&["map", &guest("double"), "--timeout", "1s"]);
    let stdin = child.stdin.take().unwrap();
    let said = ended(child).exits(13).prints("");
    assert!(said.err.contains("--timeout"), "{said:?}");
    drop(stdin);
}

// J26
#[test]
fn a_timeout_that_is_not_reached_changes_nothing() {
    for time in ["1h", "inf", "100000d"] {
        let arguments = ["map", &guest("double"), "--timeout", time];
        feed(&arguments, "1\n2\n").exits(0).prints("2\n4\n");
    }
}

// J3 J26
#[test]
fn wrong_numbers_are_told_before_anything_is_read() {
    let double = guest("double");
    for (flag, wrong) in [
        ("--timeout", "0"),
        ("--timeout", "0s"),
        ("--timeout", "-1s"),
        ("--timeout", "NaN"),
        ("--timeout", "soon"),
        ("--timeout", ""),
        ("--buffer", "0"),
        ("--buffer", "-1"),
        ("--buffer", "NaN"),
        ("--buffer", "1000001"),
        ("--chunk", "0"),
        ("--chunk", "-1"),
        ("--chunk", "NaN"),
        ("--chunk", "100001"),
        ("--halt", "now,fail=0"),
        ("--halt", "now,fail=-1"),
        ("--halt", "now,fail=NaN"),
    ] {
        say(&["map", &double, flag, wrong])
            .exits(2)
            .prints("")
            .complains(flag);
    }
}

// J26: lazy.
#[test]
fn an_endless_input_is_read_only_as_far_as_its_reader_goes() {
    let script = format!(
        "yes 21 | {} map {} $FLAGS | head -n 3",
        env!("CARGO_BIN_EXE_wodehost"),
        guest("double")
    );
    for flags in ["--buffer 8", "", "--chunk 100", "--unordered --outcomes"] {
        let mut shell = quietly(std::process::Command::new("sh"));
        let shell = shell.args(["-c", &script]).env("FLAGS", flags);
        let output = shell.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        assert_eq!(out.lines().filter(|line| line.contains("42")).count(), 3);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{flags}");
    }
}

// J26
#[test]
fn chunks_change_nothing_but_what_is_isolated() {
    let double = guest("double");
    let doubled = (1..=5000_u64).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, "{}", i * 2);
        text
    });
    for flags in [
        &["--chunk", "100"][..],
        &["--chunk", "7", "--buffer", "20"],
        &["--chunk", "100", "--buffer", "10"],
        &["--chunk", "100000"],
    ] {
        let arguments = [&["map", &double], flags].concat();
        feed(&arguments, numbers(5000)).exits(0).prints(&doubled);
    }
    let counter = guest("global_counter");
    let calls = |chunk| {
        let arguments = ["map", &counter, "--chunk", chunk, "--slots", "1"];
        feed(&arguments, "0\n0\n0\n0\n0\n").exits(0).out
    };
    assert_eq!(calls("1"), "1\n1\n1\n1\n1\n");
    assert_eq!(calls("3"), "1\n2\n3\n1\n2\n");
}

// J26
#[test]
fn what_is_wrong_in_a_chunk_fails_alone_and_keeps_its_place() {
    let input = "1\n{broken\n\"x\"\n4\n5\n".repeat(100);
    // Refused values cut chunks in two; a window of one chunk must not run dry.
    for buffer in ["30", "1000"] {
        let double = guest("double");
        let arguments = ["map", &double, "--chunk", "30", "--buffer", buffer];
        let said = feed(&arguments, input.clone()).exits(10);
        let lines: Vec<&str> = said.out.lines().collect();
        assert_eq!(lines.len(), 500);
        for (index, five) in lines.chunks(5).enumerate() {
            assert_eq!((five[0], five[3], five[4]), ("2", "8", "10"));
            assert!(five[1].contains(&format!("line {}", index * 5 + 2)));
            assert!(five[2].contains(&format!("\"line\":{}", index * 5 + 3)));
        }
    }
}

// J26
#[test]
fn jobs_that_cannot_share_a_store_are_told_so() {
    let double = guest("double");
    let arguments = ["map", &double, "--chunk", "2", "--filter", "identity"];
    feed(&arguments, numbers(10))
        .exits(2)
        .prints("")
        .complains("filter: the job has a slot for its stages, and cannot be in a chunk");
}

// J26
#[test]
fn the_end_of_the_time_and_a_halt_reach_into_chunks() {
    let act = guest("act");
    // Compiled before the time runs.
    feed(&["map", &act], "").exits(0);
    let input = format!("1\n{FOR_EVER}\n3\n4\n");
    let arguments = ["map", &act, "--chunk", "4", "--timeout", "2s"];
    let said = feed(&arguments, input).exits(13);
    assert_eq!(said.out.lines().count(), 4, "{said:?}");
    assert_eq!(said.out.matches("\"status\":\"cancelled\"").count(), 3);
    let double = guest("double");
    let input = "\"x\"\n".repeat(5000);
    let arguments = ["map", &double, "--chunk", "50", "--halt", "now,fail=3"];
    let said = feed(&arguments, input).exits(10);
    assert!(said.out.matches("\"error\"").count() < 5000, "{said:?}");
}

/// How many values of 1 MB are read while the first one's job goes on.
fn read_ahead(more: &[&str]) -> usize {
    const VALUES: usize = 12;
    let worker = guest("sleep_forever");
    let flags = ["--slots", "1", "--keepalive", "inf", "--deadline", "inf"];
    let mut child = piped(&[&["map", &worker], &flags[..], more].concat());
    let mut stdin = child.stdin.take().unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let writer = std::thread::spawn(move || {
        let line = format!("\"{}\"\n", "x".repeat(1_000_000));
        for _ in 0..VALUES {
            if stdin.write_all(line.as_bytes()).is_err() {
                return;
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
        // Open, so that it goes on.
        std::thread::sleep(std::time::Duration::from_secs(3));
    });
    std::thread::sleep(std::time::Duration::from_secs(3));
    let ahead = written.load(Ordering::Relaxed);
    child.kill().unwrap();
    child.wait().unwrap();
    writer.join().unwrap();
    ahead
}

#[test]
fn large_values_are_read_only_as_far_as_there_is_room_for_them() {
    // Three are weighed, and one more may be on its way.
    let ahead = read_ahead(&["--queue-memory", "3MB"]);
    assert!((3..=4).contains(&ahead), "{ahead}");
    let ahead = read_ahead(&["--queue-memory", "3MB", "--chunk", "8"]);
    assert!((3..=4).contains(&ahead), "{ahead}");
    assert_eq!(read_ahead(&[]), 12);
}
