//! Every vector, on each of the ways that a value takes.

use crate::conformance::bench::{Bench, request_with};
use crate::conformance::expect::{data, equal, error, so};
use crate::conformance::report::{Checked, Group, Verdict};
use crate::conformance::vectors::{self, Vector};
use crate::conformance::{Found, expect};
use wodehost::Value;
use wodehost::task::Happened;

/// A way of a value through a plugin.
struct Way {
    name: &'static str,
    run: fn(&Bench, &Value) -> Found,
}

const WAYS: [Way; 5] = [
    Way {
        name: "echo",
        run: |bench, value| bench.expect(&request_with("echo", value.clone()), value),
    },
    Way {
        name: "fail",
        run: |bench, value| error(&bench.ask(&request_with("fail", value.clone()))?, value),
    },
    Way {
        name: "carry",
        run: |bench, value| {
            let job = request_with("carry", value.clone());
            data(&bench.ask_with(&job, r#"{"retries": 1}"#)?, value)
        },
    },
    Way {
        name: "success",
        run: |bench, value| bench.expect(&request_with("success", value.clone()), value),
    },
    Way {
        name: "emit",
        run: emitted,
    },
];

/// Runs them.
pub(crate) fn check(bench: &Bench) -> Group {
    let each = WAYS
        .iter()
        .flat_map(|way| vectors::all().map(move |vector| (way, vector)));
    let mut checked: Vec<Checked> = each.map(|(way, vector)| one(bench, way, &vector)).collect();
    let bytes = Value::bin(&[0x93, 0xcc, 0x05, 0xc0, 0xa0]);
    let raw = bench.ask(&request_with("raw", bytes));
    // 5 in two bytes: no SDK would write it so.
    let raw = raw.and_then(|outcome| {
        so(
            outcome.data.as_bytes() == [0x93, 0xcc, 0x05, 0xc0, 0xa0],
            || expect::ended(&outcome),
        )
    });
    checked.push(Checked::new("raw bytes are handed on", Verdict::of(raw)));
    let broken = bench.ask(&request_with("raw", Value::bin(&[0xc1])));
    let broken =
        broken.and_then(|outcome| expect::end(&outcome, wodehost::Status::Failure, "bad-value"));
    checked.push(Checked::new(
        "raw bytes that are no value are refused",
        Verdict::of(broken),
    ));
    Group::new("values, byte for byte", checked)
}

fn one(bench: &Bench, way: &Way, vector: &Vector) -> Checked {
    let name = format!("{} of {}", way.name, vector.name);
    Checked::new(name, Verdict::of((way.run)(bench, &vector.value)))
}

/// A value that is emitted comes as it is.
fn emitted(bench: &Bench, value: &Value) -> Found {
    let job = request_with("emit", Value::array(std::slice::from_ref(value)));
    let options = bench.options("{}")?;
    let mut job = bench.job(&job)?.options(options);
    let mut events = job.events();
    let handle = job.submit().map_err(|error| error.to_string())?;
    let mut came = Vec::new();
    bench.wait(async {
        while let Some(event) = events.next().await {
            if let Happened::Emitted { value, .. } = event.what {
                came.push(value);
            }
        }
    })?;
    data(&bench.wait(handle)?, &Value::from(1))?;
    so(came.len() == 1, || {
        format!("expected one emitted value, came {}", came.len())
    })?;
    equal(&came[0], value, "the emitted value")
}
