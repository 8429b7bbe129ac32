//! What holds for any worker, whatever it does: it ends under every limit, and nothing of one
//! job is left for the next.

use super::bench::Bench;
use super::expect::{ended, so};
use super::report::{Checked, Group, Verdict};
use super::{Found, vectors};
use wodehost::{Outcome, Reason, Status, Value};

/// Runs the checks.
pub(super) fn check(bench: &Bench) -> Group {
    let roles = bench.plugin.roles().join(" and ");
    let mut checked = vec![Checked::new(
        format!("it loads as a {roles}"),
        Verdict::Passed,
    )];
    if bench.plugin.roles().contains(&"worker") {
        let values = vectors::all().map(|vector| {
            let name = format!("a job that is {} ends", vector.name);
            Checked::new(name, Verdict::of(ends(bench, &vector.value)))
        });
        checked.extend(values);
        for (name, run) in LIMITS {
            checked.push(Checked::new(name, Verdict::of(run(bench))));
        }
    }
    Group::new("any plugin", checked)
}

type Named = (&'static str, fn(&Bench) -> Found);

const LIMITS: [Named; 3] = [
    ("a job without fuel ends", |bench| {
        let outcome = bench.ask_with(&Value::nil(), r#"{"fuel": 1}"#)?;
        let is_so = outcome.reason == Reason::OutOfFuel && outcome.status == Status::Timeout;
        so(is_so, || {
            format!("expected a timeout (out-of-fuel), came {}", ended(&outcome))
        })
    }),
    ("a job without memory ends", |bench| {
        let outcome = bench.ask_with(&Value::nil(), r#"{"memory": "64KiB"}"#)?;
        so(outcome.reason != Reason::Internal, || ended(&outcome))
    }),
    ("a job without time ends", |bench| {
        let outcome =
            bench.ask_with(&Value::nil(), r#"{"deadline": "1ms", "keepalive": "1ms"}"#)?;
        so(outcome.reason != Reason::Internal, || ended(&outcome))
    }),
];

/// Any value is a job: it is done or refused, in time, and by the contract.
fn ends(bench: &Bench, job: &Value) -> Found {
    let outcome = bench.ask_with(job, r#"{"fuel": 5e9, "deadline": "20s"}"#)?;
    so(is_contractual(&outcome), || {
        format!("expected a value or an error, came {}", ended(&outcome))
    })
}

fn is_contractual(outcome: &Outcome) -> bool {
    !matches!(
        outcome.reason,
        Reason::Internal | Reason::BadAbi | Reason::BadValue
    )
}
