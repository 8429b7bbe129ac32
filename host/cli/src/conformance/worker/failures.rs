//! Exceptions, traps and wrong values.

use crate::conformance::bench::{request, request_with};
use crate::conformance::expect::{code, contains, data, end, ended, field, so};
use crate::conformance::vectors;
use crate::conformance::{Check, Checks, Found};
use wodehost::{Outcome, Reason, Status, Value};

pub(super) const CHECKS: Checks = Checks {
    title: "failures",
    list: &[
        Check {
            name: "an exception says its text and where it was thrown",
            asks: "throw",
            run: |bench| {
                let outcome = bench.ask(&request_with("throw", "a dark night"))?;
                is_told(&outcome, "a dark night")?;
                is_traced(&outcome)
            },
        },
        Check {
            name: "an exception says its cause",
            asks: "throw-in-cause",
            run: |bench| {
                let outcome = bench.ask(&request_with("throw-in-cause", "the root"))?;
                let causes = field(&outcome.data, "causes");
                contains(&causes.to_json(), "the root", "`causes`")
            },
        },
        Check {
            name: "a trap ends the attempt, and only that",
            asks: "trap",
            run: |bench| {
                end(&bench.ask(&request("trap"))?, Status::Failure, "trap:")?;
                bench.expect(&request_with("echo", 1), &Value::from(1))
            },
        },
        Check {
            name: "the end of the program is no result",
            asks: "exit",
            run: |bench| {
                let outcome = bench.ask(&request("exit"))?;
                so(!outcome.is_success(), || ended(&outcome))
            },
        },
        Check {
            name: "the language's null is nil",
            asks: "null",
            run: |bench| bench.expect(&request("null"), &Value::nil()),
        },
        Check {
            name: "NaN is a float",
            asks: "nan",
            run: |bench| {
                let outcome = bench.ask(&request("nan"))?;
                let nan = outcome.data.as_bytes() == [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0];
                so(outcome.is_success() && nan, || ended(&outcome))
            },
        },
        Check {
            name: "an integer beyond 64 bits is refused",
            asks: "huge",
            run: |bench| code(&bench.ask(&request("huge"))?, "bad-value"),
        },
        Check {
            name: "an array that holds itself is refused",
            asks: "cyclic",
            run: |bench| code(&bench.ask(&request("cyclic"))?, "bad-value"),
        },
        Check {
            name: "what has no MessagePack form is refused",
            asks: "unsupported",
            run: |bench| code(&bench.ask(&request("unsupported"))?, "bad-value"),
        },
        Check {
            name: "a typed argument is read",
            asks: "argument",
            run: |bench| bench.expect(&request_with("argument", 7), &Value::from(7)),
        },
        Check {
            name: "a wrong argument is refused",
            asks: "argument",
            run: |bench| {
                code(
                    &bench.ask(&request_with("argument", "seven"))?,
                    "bad-argument",
                )
            },
        },
        Check {
            name: "an unknown request is refused",
            asks: "",
            run: |bench| code(&bench.ask(&request("no such request"))?, "bad-request"),
        },
        Check {
            name: "a job that is no request is refused, whatever it is",
            asks: "",
            run: |bench| {
                vectors::all().try_for_each(|vector| {
                    let refused = code(&bench.ask(&vector.value)?, "bad-request");
                    refused.map_err(|why| format!("{}: {why}", vector.name))
                })
            },
        },
        Check {
            name: "set-up is called before",
            asks: "set-up",
            run: |bench| data(&bench.ask(&request("set-up"))?, &Value::from(true)),
        },
    ],
};

/// A failure value with this text, or a trap with it on stderr.
fn is_told(outcome: &Outcome, text: &str) -> Found {
    if outcome.reason == Reason::Error {
        let message = field(&outcome.data, "message");
        return contains(message.as_str().unwrap_or_default(), text, "`message`");
    }
    let is_trap = matches!(outcome.reason, Reason::Trap(_));
    so(is_trap, || {
        format!("expected an error or a trap, came {}", ended(outcome))
    })?;
    contains(
        outcome.stderr.as_deref().unwrap_or_default(),
        text,
        "stderr",
    )
}

/// Where it was thrown is in the trace, in the backtrace or on stderr: the functions, or a
/// place in a source file.
fn is_traced(outcome: &Outcome) -> Found {
    let trace = field(&outcome.data, "trace");
    let all = [
        trace.as_str().unwrap_or_default(),
        outcome.stderr.as_deref().unwrap_or_default(),
        &outcome.backtrace.join("\n"),
    ]
    .join("\n");
    let plain = all.to_lowercase().replace('_', "");
    let has_functions = plain.contains("conformancedeep") && plain.contains("conformancemiddle");
    so(
        has_functions || all.split_whitespace().any(is_place),
        || format!("expected the functions or the place that threw in the trace, which is `{all}`"),
    )
}

/// `file.ext:12:5:`.
fn is_place(word: &str) -> bool {
    word.split_once(':').is_some_and(|(file, line)| {
        file.contains('.') && line.starts_with(|c: char| c.is_ascii_digit())
    })
}
