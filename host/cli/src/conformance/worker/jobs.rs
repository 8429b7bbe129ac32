//! Jobs that a job submits.

use crate::conformance::bench::{Bench, WORKER, request, request_with};
use crate::conformance::expect::{data, ended, equal, field, so};
use crate::conformance::{Check, Checks, Found, vectors};
use wodehost::{Outcome, Value};

pub(super) const CHECKS: Checks = Checks {
    title: "nested jobs",
    list: &[
        Check {
            name: "the outcome of a nested job comes whole, whatever its data are",
            asks: "submit",
            run: |bench| {
                vectors::all().try_for_each(|vector| {
                    let inner = request_with("echo", vector.value.clone());
                    let outcome = bench.ask(&request_with("submit", inner))?;
                    let whole = succeeded(&outcome, &vector.value);
                    whole.map_err(|why| format!("{}: {why}", vector.name))
                })
            },
        },
        Check {
            name: "a nested job that fails tells how",
            asks: "submit",
            run: |bench| {
                let inner = request_with("fail", "the problem");
                let outcome = bench.ask(&request_with("submit", inner))?;
                let expected = [
                    ("status", "failure"),
                    ("reason", "error"),
                    ("data", "the problem"),
                ];
                expected.iter().try_for_each(|(key, text)| {
                    equal(&field(&outcome.data, key), &Value::from(*text), key)
                })?;
                let message = field(&outcome.data, "message");
                so(message.as_str().is_some(), || ended(&outcome))
            },
        },
        Check {
            name: "a submit to an unknown worker is refused by name",
            asks: "submit-to",
            run: |bench| refused(bench, "nobody", None, "not-permitted"),
        },
        Check {
            name: "options that are wrong are refused by name",
            asks: "submit-to",
            run: |bench| {
                refused(
                    bench,
                    WORKER,
                    Some(("no-such-option", Value::from(1))),
                    "bad-options",
                )
            },
        },
        Check {
            name: "options are handed on",
            asks: "submit-to",
            run: |bench| {
                let options = Value::map([("retries", Value::from(4))]);
                let to = [Value::from(WORKER), request("facts"), options];
                let outcome = bench.ask_with(
                    &request_with("submit-to", Value::array(&to)),
                    r#"{"retries": 5}"#,
                )?;
                let facts = field(&outcome.data, "data");
                equal(
                    &field(&facts, "retries-left"),
                    &Value::from(4),
                    "retries-left",
                )
            },
        },
        Check {
            name: "many jobs are waited for in order",
            asks: "submit-many",
            run: |bench| {
                let numbers: Vec<Value> = (0..50).map(Value::from).collect();
                let jobs: Vec<Value> = numbers
                    .iter()
                    .map(|n| request_with("echo", n.clone()))
                    .collect();
                bench.expect(
                    &request_with("submit-many", Value::array(&jobs)),
                    &Value::array(&numbers),
                )
            },
        },
        Check {
            name: "the first of two to end is found",
            asks: "wait-any",
            run: |bench| {
                let outcome = bench.ask(&request_with("wait-any", "quick"))?;
                data(
                    &outcome,
                    &Value::array(&[Value::from(1), Value::from("quick")]),
                )
            },
        },
        Check {
            name: "a wait can time out",
            asks: "wait-timeout",
            run: |bench| {
                bench.expect(
                    &request("wait-timeout"),
                    &Value::array(&[Value::from(false), Value::from(false)]),
                )
            },
        },
        Check {
            name: "a nested job can be cancelled",
            asks: "cancel",
            run: |bench| {
                let outcome = bench.ask(&request("cancel"))?;
                equal(
                    &field(&outcome.data, "status"),
                    &Value::from("cancelled"),
                    "status",
                )
            },
        },
        Check {
            name: "a nested job can be paused and resumed",
            asks: "pause",
            run: |bench| {
                succeeded(
                    &bench.ask(&request_with("pause", "on"))?,
                    &Value::from("on"),
                )
            },
        },
        Check {
            name: "a submit can wait for the start",
            asks: "submit-within",
            run: |bench| {
                succeeded(
                    &bench.ask(&request_with("submit-within", "on"))?,
                    &Value::from("on"),
                )
            },
        },
        Check {
            name: "a value goes through a chain of jobs and back",
            asks: "through",
            run: |bench| {
                let value = Value::map([("f", Value::from(1.0))]);
                let workers = Value::array(&[(); 5].map(|()| Value::from(WORKER)));
                let on = Value::array(&[value.clone(), workers]);
                bench.expect(&request_with("through", on), &value)
            },
        },
    ],
};

/// The answer tells of a success with this data.
fn succeeded(outcome: &Outcome, value: &Value) -> Found {
    let told = &outcome.data;
    so(outcome.is_success(), || ended(outcome))?;
    let expected = [
        ("worker", Value::from(WORKER)),
        ("status", Value::from("success")),
        ("reason", Value::from("returned")),
        ("data", value.clone()),
        ("attempts", Value::from(1)),
        ("message", Value::nil()),
    ];
    expected
        .iter()
        .try_for_each(|(key, value)| equal(&field(told, key), value, key))?;
    let id = field(told, "id");
    so(
        id.as_str().is_some_and(|id| id != outcome.id.to_string()),
        || ended(outcome),
    )
}

/// A submit is refused under this name.
fn refused(bench: &Bench, worker: &str, option: Option<(&str, Value)>, name: &str) -> Found {
    let options = option.map_or_else(Value::nil, |option| Value::map([option]));
    let to = [Value::from(worker), Value::from(1), options];
    let outcome = bench.ask(&request_with("submit-to", Value::array(&to)))?;
    equal(
        &field(&outcome.data, "refused"),
        &Value::from(name),
        "the refusal",
    )
}
