//! Limits: whatever a plugin does, it ends, and what it may do it can.

use crate::conformance::bench::{request, request_with};
use crate::conformance::expect::{data, end, ended, so};
use crate::conformance::{Check, Checks};
use wodehost::{Reason, Status, Value};

const MEBIBYTE: u64 = 1 << 20;

pub(super) const CHECKS: Checks = Checks {
    title: "limits",
    list: &[
        Check {
            name: "an endless loop ends when its fuel does",
            asks: "spin",
            run: |bench| {
                let outcome =
                    bench.ask_with(&request("spin"), r#"{"fuel": 1e8, "keepalive": "30s"}"#)?;
                end(&outcome, Status::Timeout, "out-of-fuel")
            },
        },
        Check {
            name: "an endless loop ends when it is silent for too long",
            asks: "spin",
            run: |bench| {
                let outcome = bench.ask_with(&request("spin"), r#"{"keepalive": "200ms"}"#)?;
                end(&outcome, Status::Timeout, "silent")
            },
        },
        Check {
            name: "an endless loop ends at its deadline",
            asks: "spin",
            run: |bench| {
                let outcome = bench.ask_with(
                    &request("spin"),
                    r#"{"keepalive": "30s", "deadline": "200ms"}"#,
                )?;
                end(&outcome, Status::Timeout, "deadline")
            },
        },
        Check {
            name: "a sleep ends at the deadline",
            asks: "sleep",
            run: |bench| {
                let outcome = bench.ask_with(
                    &request_with("sleep", 60_000),
                    r#"{"keepalive": "30s", "deadline": "200ms"}"#,
                )?;
                end(&outcome, Status::Timeout, "deadline")
            },
        },
        Check {
            name: "signs of life keep it alive",
            asks: "stay-alive",
            run: |bench| {
                let outcome = bench.ask_with(
                    &request_with("stay-alive", 1000),
                    r#"{"keepalive": "300ms"}"#,
                )?;
                let signs = outcome.data.as_u64().unwrap_or_default();
                so(outcome.is_success() && signs >= 4, || ended(&outcome))
            },
        },
        Check {
            name: "recursion without end ends",
            asks: "recurse",
            run: |bench| {
                let outcome = bench.ask_with(&request("recurse"), r#"{"keepalive": "20s"}"#)?;
                so(
                    !outcome.is_success() && outcome.reason != Reason::Internal,
                    || ended(&outcome),
                )
            },
        },
        Check {
            name: "memory below the limit is there",
            asks: "allocate",
            run: |bench| {
                let job = request_with("allocate", 8 * MEBIBYTE);
                data(
                    &bench.ask_with(&job, r#"{"keepalive": "20s"}"#)?,
                    &Value::from(8 * MEBIBYTE),
                )
            },
        },
        Check {
            name: "memory beyond the limit is not",
            asks: "allocate",
            run: |bench| {
                let job = request_with("allocate", 256 * MEBIBYTE);
                let outcome = bench.ask_with(&job, r#"{"memory": "48MiB", "keepalive": "20s"}"#)?;
                let peak = outcome
                    .receipts
                    .latest()
                    .map_or(0, |receipt| receipt.memory_peak_bytes);
                let is_so = !outcome.is_success()
                    && outcome.reason != Reason::Internal
                    && peak <= 48 * MEBIBYTE;
                so(is_so, || format!("{}, with {peak} bytes", ended(&outcome)))
            },
        },
    ],
};
