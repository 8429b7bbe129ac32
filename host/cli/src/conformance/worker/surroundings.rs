//! What surrounds an attempt: facts, environment, log, board, clock, random.

use crate::conformance::bench::{Bench, request, request_with};
use crate::conformance::expect::{contains, data, ended, equal, field, so};
use crate::conformance::{Check, Checks, Found};
use std::time::Duration;
use wodehost::Value;
use wodehost::board::{Look, Progress, Said};

pub(super) const CHECKS: Checks = Checks {
    title: "facts, log, board, clock, random",
    list: &[
        Check {
            name: "the attempt knows itself",
            asks: "facts",
            run: facts,
        },
        Check {
            name: "retries without end are none",
            asks: "facts",
            run: |bench| {
                let outcome = bench.ask_with(&request("facts"), r#"{"retries": "inf"}"#)?;
                so(outcome.data.get("retries-left").is_some(), || {
                    ended(&outcome)
                })
            },
        },
        Check {
            name: "variables of the job are there, others are not",
            asks: "env",
            run: |bench| {
                let options = r#"{"env": {"COLOUR": "blue"}}"#;
                data(
                    &bench.ask_with(&request_with("env", "COLOUR"), options)?,
                    &Value::from("blue"),
                )?;
                bench.expect(&request_with("env", "HOME"), &Value::nil())
            },
        },
        Check {
            name: "the attempt can be named",
            asks: "set-name",
            run: |bench| bench.expect(&request_with("set-name", "Ada"), &Value::from("Ada")),
        },
        Check {
            name: "lines are logged with their levels",
            asks: "log",
            run: |bench| {
                let outcome = bench.ask(&request("log"))?;
                data(&outcome, &Value::nil())?;
                let log = outcome.log.unwrap_or_default();
                let lines = [
                    "error: an error",
                    "warn: a warning",
                    "info: an information",
                    "debug: a detail",
                ];
                lines
                    .iter()
                    .try_for_each(|line| contains(&log, line, "the log"))
            },
        },
        Check {
            name: "what is printed is caught",
            asks: "print",
            run: |bench| {
                let outcome = bench.ask(&request_with("print", "käse"))?;
                contains(
                    outcome.stdout.as_deref().unwrap_or_default(),
                    "käse\n",
                    "stdout",
                )?;
                contains(
                    outcome.stderr.as_deref().unwrap_or_default(),
                    "käse\n",
                    "stderr",
                )
            },
        },
        Check {
            name: "the line of the board has text, look, pin and progress",
            asks: "board",
            run: |bench| {
                let line = said(bench, "board")?;
                let is_so = line.text == "working"
                    && line.look == Look::Warning
                    && line.is_pinned
                    && line.progress == Some(Progress { done: 3, total: 10 });
                so(is_so, || format!("{line:?}"))
            },
        },
        Check {
            name: "progress can be completed",
            asks: "board-end",
            run: |bench| {
                let line = said(bench, "board-end")?;
                let is_so = line.look == Look::Success
                    && line.progress
                        == Some(Progress {
                            done: 10,
                            total: 10,
                        });
                so(is_so, || format!("{line:?}"))
            },
        },
        Check {
            name: "the line of the board can be cleared",
            asks: "board-clear",
            run: |bench| {
                let line = said(bench, "board-clear")?;
                so(line.is_empty(), || format!("{line:?}"))
            },
        },
        Check {
            name: "a tick before the start is refused",
            asks: "tick-early",
            run: |bench| {
                let outcome = bench.ask(&request("tick-early"))?;
                so(
                    outcome
                        .data
                        .get("refused")
                        .is_some_and(|text| text.as_str().is_some()),
                    || ended(&outcome),
                )
            },
        },
        Check {
            name: "the clock shows the time, and a sleep lasts",
            asks: "clock",
            run: clock,
        },
        Check {
            name: "random bytes and the language's own generator differ from job to job",
            asks: "random",
            run: |bench| {
                let one = random(bench)?;
                let other = random(bench)?;
                so(
                    one.iter().zip(&other).all(|(one, other)| one != other),
                    || format!("twice the same: {}", Value::array(&one).to_json()),
                )
            },
        },
        Check {
            name: "a cancel with a grace is seen",
            asks: "wait-for-stop",
            run: |bench| {
                let job = bench
                    .job(&request("wait-for-stop"))?
                    .options(bench.options("{}")?);
                let handle = job.submit().map_err(|error| error.to_string())?;
                bench.wait(async { tokio::time::sleep(Duration::from_millis(100)).await })?;
                handle.cancel_after(Duration::from_secs(20));
                let outcome = bench.wait(handle)?;
                so(outcome.data == Value::from("stopped"), || ended(&outcome))
            },
        },
    ],
};

fn facts(bench: &Bench) -> Found {
    let outcome = bench.ask_with(&request("facts"), r#"{"retries": 7, "group": "a group"}"#)?;
    let id = outcome.id.to_string();
    let expected = [
        ("id", Value::from(id.as_str())),
        ("group", Value::from("a group")),
        ("attempt", Value::from(1)),
        ("retries-left", Value::from(7)),
        ("name", Value::from(format!("{id}/1").as_str())),
        ("config", bench.plugin.config().clone()),
        ("stopping", Value::from(false)),
    ];
    expected
        .iter()
        .try_for_each(|(key, value)| equal(&field(&outcome.data, key), value, key))
}

fn clock(bench: &Bench) -> Found {
    let outcome = bench.ask(&request_with("clock", 50))?;
    let times: Vec<u64> = outcome.data.to().map_err(|_| ended(&outcome))?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.unwrap_or_default().as_millis() as u64;
    let is_so = matches!(times[..], [before, after] if after >= before + 50 && before <= now && now - before < 60_000);
    so(is_so, || {
        format!("expected about {now}, 50 ms apart, came {times:?}")
    })
}

/// Two times 16 bytes, and a number; they differ.
fn random(bench: &Bench) -> Result<[Value; 3], String> {
    let outcome = bench.ask(&request("random"))?;
    let parts = outcome.data.elements().ok_or_else(|| ended(&outcome))?;
    let parts: [Value; 3] = parts
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| ended(&outcome))?;
    let [first, second, own] = &parts;
    let is_so = first != second
        && first.as_bin().is_some_and(|bytes| bytes.len() == 16)
        && own.as_f64().is_some();
    so(is_so, || ended(&outcome))?;
    Ok(parts)
}

/// What the last line says after a request of the board.
fn said(bench: &Bench, what: &str) -> Result<Said, String> {
    drop(bench.host.take_changes());
    data(&bench.ask(&request(what))?, &Value::nil())?;
    let last = bench.host.take_changes().pop();
    last.map(|line| line.change.said)
        .ok_or_else(|| "expected something on the board, came nothing".to_owned())
}
