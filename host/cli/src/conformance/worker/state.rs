//! Carried state, restarts, and ends that are declared.

use crate::conformance::bench::{request, request_with};
use crate::conformance::expect::{contains, data, end, equal, field};
use crate::conformance::{Check, Checks};
use wodehost::{Reason, Status, Value};

pub(super) const CHECKS: Checks = Checks {
    title: "state and restarts",
    list: &[
        Check {
            name: "the state is an empty map at first",
            asks: "data",
            run: |bench| bench.expect(&request("data"), &Value::empty_map()),
        },
        Check {
            name: "the state survives a trap",
            asks: "carry-and-trap",
            run: |bench| {
                let state = Value::map([("done", Value::from(3))]);
                let job = request_with("carry-and-trap", state.clone());
                data(&bench.ask_with(&job, r#"{"retries": 1}"#)?, &state)
            },
        },
        Check {
            name: "a state that is taken is no error",
            asks: "update",
            run: |bench| bench.expect(&request_with("update", 1), &Value::nil()),
        },
        Check {
            name: "a state that is too large is refused, and says so",
            asks: "update-large",
            run: |bench| {
                let outcome = bench.ask(&request_with("update-large", 300 << 10))?;
                contains(
                    field(&outcome.data, "refused").as_str().unwrap_or_default(),
                    "too large",
                    "the answer",
                )
            },
        },
        Check {
            name: "success can be declared with the state",
            asks: "success-state",
            run: |bench| {
                let state = Value::from("the state");
                let outcome = bench.ask(&request_with("success-state", state.clone()))?;
                end(&outcome, Status::Success, "declared")?;
                equal(&outcome.data, &state, "the result")
            },
        },
        Check {
            name: "failure can be declared with a value, and is final",
            asks: "failure",
            run: |bench| {
                let value = Value::from("the problem");
                let job = request_with("failure", value.clone());
                let outcome = bench.ask_with(&job, r#"{"retries": 3}"#)?;
                end(&outcome, Status::Failure, "declared")?;
                equal(&outcome.data, &value, "the error value")?;
                equal(
                    &Value::from(outcome.attempts),
                    &Value::from(1),
                    "the number of attempts",
                )
            },
        },
        Check {
            name: "failure can be declared with the state",
            asks: "failure-state",
            run: |bench| {
                let state = Value::from("the state");
                let outcome = bench.ask(&request_with("failure-state", state.clone()))?;
                end(&outcome, Status::Failure, "declared")?;
                equal(&outcome.data, &state, "the error value")
            },
        },
        Check {
            name: "a restart can be asked for",
            asks: "restart",
            run: |bench| {
                let outcome = bench.ask_with(&request_with("restart", 3), r#"{"retries": 5}"#)?;
                data(&outcome, &Value::from(3))?;
                equal(
                    &Value::from(outcome.attempts),
                    &Value::from(3),
                    "the number of attempts",
                )
            },
        },
        Check {
            name: "restarts without end are refused",
            asks: "restart",
            run: |bench| {
                let outcome = bench.ask_with(&request_with("restart", 100), r#"{"retries": 2}"#)?;
                end(&outcome, Status::Failure, &Reason::RestartAsked.to_string())
            },
        },
    ],
};
