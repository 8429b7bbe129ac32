//! Hosts that are killed, and what the next one makes of what they left.
//!
//! A usual run kills fifty times. `CRASH_CYCLES` says how many times instead, `CRASH_SEED` from
//! which seed; a test that fails names its seed and leaves its folder.

mod checks;
mod controls;
mod driver;
mod ledger;
pub(crate) mod sums;
mod suspects;

use crate::tool::guest;
use checks::Line;
use driver::{Scenario, Work};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Kills in a usual run.
const CYCLES: u32 = 50;

/// This part of all kills, in fiftieths.
fn cycles(part: u32) -> u32 {
    let all = std::env::var("CRASH_CYCLES").ok();
    let all = all.map_or(CYCLES, |all| all.parse().expect("CRASH_CYCLES is a number"));
    (all * part).div_ceil(CYCLES)
}

/// Numbers, a line each.
pub(crate) fn numbers(numbers: impl IntoIterator<Item = u64>) -> String {
    let mut lines = String::new();
    for number in numbers {
        writeln!(lines, "{number}").unwrap();
    }
    lines
}

fn doubles(from: u64, to: u64) -> BTreeMap<String, String> {
    (from..to)
        .map(|n| (n.to_string(), (n * 2).to_string()))
        .collect()
}

#[test]
fn map_goes_on_and_writes_what_it_would_have_written() {
    let scenario = Scenario {
        begin: || {
            let input = numbers(0..3000);
            let worker = guest("unsteady");
            Work::new(&["map", &worker, "--retries", "2"]).with_input(&input)
        },
        longest_ms: 700,
        retries: 2,
        is_done_when_written: false,
        expected: || doubles(0, 3000),
        always: |_, _| Ok(()),
        at_end: |work, ledger| {
            let ended = ledger.roots().filter(|(_, job)| job.is_success());
            let mut expected: Vec<u64> = ended
                .map(|(_, job)| job.value.parse::<u64>().unwrap() * 2)
                .collect();
            expected.sort_unstable();
            let expected: Vec<String> = expected.iter().map(u64::to_string).collect();
            let mut output = work.outputs().pop().unwrap_or_default();
            // Of a job that was given up there is the outcome.
            output.retain(|line| !line.starts_with("{\"$outcome\""));
            let is_it = output == expected;
            if is_it {
                Ok(())
            } else {
                Err("the last output is another one".to_owned())
            }
        },
    };
    scenario.survives(cycles(14));
}

fn run(worker: &str, n: u64, more: &[&str]) -> Work {
    let (producer, path) = (guest("checkpoint_count"), guest(worker));
    let n = format!("checkpoint_count.n={n}");
    let name = format!("checkpoint_count.worker={worker}");
    let mut arguments = vec!["run", "--producer", &producer, "--worker", &path];
    arguments.extend(["--set", &n, "--set", &name]);
    arguments.extend(more);
    Work::new(&arguments)
}

/// Lines of a number's id and what became of it.
fn of_consumer(lines: &[String]) -> Vec<Line<'_>> {
    let lines = lines.iter().filter_map(|line| {
        let (id, data) = line.split_once(' ')?;
        let (id, data, whole) = (id.to_owned(), data.to_owned(), line.as_str());
        Some(Line { id, data, whole })
    });
    lines.collect()
}

#[test]
fn a_run_with_a_consumer_goes_on_and_delivers_all() {
    let scenario = Scenario {
        begin: || {
            let consumer = guest("append_outcome");
            let more = [
                &["--consumer", &consumer, "--retries", "2"][..],
                &["--allow-write", "append_outcome={}::/out"],
                &["--set", "append_outcome.file=/out/outcomes"],
            ];
            run("unsteady", 1500, &more.concat())
        },
        longest_ms: 700,
        retries: 2,
        is_done_when_written: false,
        expected: || doubles(0, 1500),
        always: |work, ledger| {
            checks::cursors(ledger)?;
            checks::delivered(ledger, &of_consumer(&work.lines("outcomes")))
        },
        at_end: |_, ledger| checks::all_taken(ledger),
    };
    scenario.survives(cycles(10));
}

#[test]
fn a_run_to_stdout_goes_on_and_writes_all() {
    let scenario = Scenario {
        begin: || run("unsteady", 1500, &["--retries", "2"]),
        longest_ms: 700,
        retries: 2,
        is_done_when_written: false,
        expected: || doubles(0, 1500),
        always: |work, ledger| {
            checks::cursors(ledger)?;
            let outputs = work.outputs().concat();
            let lines: Vec<_> = outputs.iter().map(|line| of_stdout(line)).collect();
            checks::delivered(ledger, &lines)
        },
        at_end: |_, ledger| checks::all_taken(ledger),
    };
    scenario.survives(cycles(8));
}

/// An outcome as JSON.
fn of_stdout(line: &str) -> Line<'_> {
    let outcome: serde_json::Value = serde_json::from_str(line).unwrap();
    Line {
        id: outcome["id"].as_str().unwrap().to_owned(),
        data: outcome["data"].to_string(),
        whole: line,
    }
}

/// A run of parents with five children each.
fn five(n: u64) -> Work {
    let note = guest("note");
    let submit = format!("five={note}");
    let more = [
        &["--worker", &note, "--allow-submit", &submit][..],
        &[
            "--allow-write",
            "five={}::/out",
            "--allow-write",
            "note={}::/out",
        ],
        &["--set", "five.file=/out/children", "--set", "five.ms=3"],
        &["--set", "note.file=/out/notes"],
    ];
    run("five", n, &more.concat())
}

#[test]
fn parents_that_are_started_again_have_the_children_that_they_had() {
    let scenario = Scenario {
        begin: || five(60),
        longest_ms: 500,
        retries: 0,
        is_done_when_written: false,
        expected: || {
            let sum = |n: u64| (0..5).map(|child| (n * 5 + child) * 2).sum::<u64>();
            (0..60)
                .map(|n| (n.to_string(), sum(n).to_string()))
                .collect()
        },
        always: |work, ledger| checks::children(ledger, &work.lines("children")),
        at_end: |_, ledger| checks::all_taken(ledger),
    };
    scenario.survives(cycles(8));
}

#[test]
fn a_parallel_call_goes_on_with_the_items_that_it_has_not() {
    let scenario = Scenario {
        begin: || {
            let worker = guest("note");
            let values: Vec<String> = (0..150).map(|n| format!("[{n},3]")).collect();
            let mut arguments = vec!["call", &worker, "--parallel"];
            arguments.extend(["--allow-write", "{}::/out", "--set", "note.file=/out/notes"]);
            arguments.extend(values.iter().map(String::as_str));
            Work::new(&arguments)
        },
        longest_ms: 400,
        retries: 0,
        is_done_when_written: true,
        expected: || {
            let all: Vec<_> = (0..150).map(|n| format!("[{n},3]")).collect();
            let results: Vec<_> = (0..150).map(|n| (n * 2).to_string()).collect();
            let array = |items: Vec<String>| format!("[{}]", items.join(","));
            BTreeMap::from([(array(all), array(results))])
        },
        always: |_, _| Ok(()),
        at_end: |work, ledger| {
            let printed = work.outputs().pop().unwrap_or_default();
            let ended = ledger.roots().filter(|(_, job)| job.is_success());
            let data = ended.filter_map(|(_, job)| job.data.clone());
            let is_it = printed == data.collect::<Vec<_>>();
            if is_it {
                Ok(())
            } else {
                Err(format!("it printed {printed:?}"))
            }
        },
    };
    scenario.survives(cycles(5));
}

// M18
#[test]
fn carried_state_that_was_recorded_is_there_again() {
    let scenario = Scenario {
        begin: || {
            let more = [
                &["--retries", "5", "--allow-write", "count_up={}::/out"][..],
                &["--set", "count_up.file=/out/told", "--set", "count_up.to=5"],
                &["--set", "count_up.ms=2"],
            ];
            run("count_up", 60, &more.concat())
        },
        longest_ms: 500,
        retries: 5,
        is_done_when_written: false,
        expected: || (0..60).map(|n| (n.to_string(), "5".to_owned())).collect(),
        always: |work, ledger| checks::states(ledger, &work.lines("told")),
        at_end: |_, ledger| checks::all_taken(ledger),
    };
    scenario.survives(cycles(5));
}
