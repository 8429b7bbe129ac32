//! Jobs of jobs and restarts in the deterministic profile.

use super::deterministic::{START_MS, call, seeded};
use std::time::{Duration, Instant};
use wodehost::{Host, Limit, Outcome, PluginSource};
use wodehost_tests::corpus::wat::{Worker, assemble};
use wodehost_tests::{guest, limits, soon, told, value};

fn nest(steps: &str) -> Outcome {
    let limits = limits(&[(Limit::Keepalive, "inf"), (Limit::Deadline, "2h")]);
    call(&seeded(0), "nest", limits, steps)
}

const CHILD: &str = r#"["submit","nest",[[["sleep",60000]]]]"#;
const SHORT: &str = r#"["submit","nest",[[["sleep",1000]]]]"#;

fn answers(outcome: &Outcome) -> String {
    assert!(outcome.is_success(), "{outcome:?}");
    outcome.data.to_json()
}

#[test]
fn a_child_ends_when_its_own_clock_says() {
    let begun = Instant::now();
    let steps = format!(
        r#"[{CHILD},["done",0],["wait",0,30000],["done",0],["sleep",31000],["done",0],["wait",0,0]]"#
    );
    let outcome = nest(&steps);
    let all = answers(&outcome);
    assert!(all.contains(",false,null,false,null,true,{"), "{all}");
    assert!(all.contains(r#""status":"success""#), "{all}");
    let nanos = outcome.receipts.latest().unwrap().wall_nanos;
    assert!((61_000_000_000..61_100_000_000).contains(&nanos), "{nanos}");
    assert_eq!(outcome, nest(&steps));
    assert!(begun.elapsed() < Duration::from_secs(50));
}

#[test]
fn the_child_that_ends_first_is_the_first() {
    let steps = format!(
        r#"[{CHILD},{SHORT},["wait-any",[0,1],500],["wait-any",[0,1]],["wait-any",[0]],["wait-any",[0,1]]]"#
    );
    let outcome = nest(&steps);
    let all = answers(&outcome);
    assert!(all.ends_with(",null,1,0,1]"), "{all}");
    let nanos = outcome.receipts.latest().unwrap().wall_nanos;
    assert!((60_000_000_000..60_100_000_000).contains(&nanos), "{nanos}");
    assert_eq!(outcome, nest(&steps));
}

#[test]
fn a_paused_child_does_not_end() {
    let steps = format!(
        r#"[{SHORT},["pause",0],["done",0],["wait",0,5000],["resume",0],["wait",0],["cancel",0]]"#
    );
    let outcome = nest(&steps);
    let all = answers(&outcome);
    assert!(all.contains(",null,false,null,null,{"), "{all}");
    assert_eq!(outcome, nest(&steps));
}

#[test]
fn a_cancelled_child_ends_at_once_or_has_ended() {
    let steps = format!(
        r#"[{SHORT},{SHORT},["cancel",0,5000],["done",0],["wait",0],["wait",1],["cancel",1],["wait",1]]"#
    );
    let outcome = nest(&steps);
    let all = answers(&outcome);
    let statuses: Vec<&str> = all
        .split(r#""status":""#)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(statuses, ["cancelled", "success", "success"], "{all}");
    assert_eq!(outcome, nest(&steps));
}

#[test]
fn children_draw_other_numbers_and_start_at_their_parents_now() {
    // Two children with the same value, a minute apart.
    let run = || {
        let runtime = seeded(0);
        let limits = limits(&[(Limit::Keepalive, "inf")]);
        let load = |name: &str| {
            let submit = vec!["random_bytes".to_owned(), "clock_report".to_owned()];
            let grants = wodehost::Grants {
                submit,
                ..wodehost::Grants::none()
            };
            let source = PluginSource::file(guest(name)).grants(grants);
            runtime.load(source.limits(limits.clone())).unwrap()
        };
        let names = ["nest", "random_bytes", "clock_report"];
        let builder = names
            .iter()
            .fold(Host::builder(&runtime), |b, n| b.worker(load(n)));
        let host = builder.build().unwrap();
        let steps = r#"[["submit","random_bytes",[8]],["submit","random_bytes",[8]],["sleep",60000],
            ["submit","clock_report",[0]],["wait",0],["wait",1],["wait",2]]"#;
        soon(host.submit("nest", [value(steps)]).unwrap())
    };
    let outcome = run();
    let all: serde_json::Value = serde_json::from_str(&answers(&outcome)).unwrap();
    assert_ne!(all[4]["data"], all[5]["data"], "{all}");
    let now = all[6]["data"]["now_ms"].as_u64().unwrap();
    assert!((60_000..60_100).contains(&(now - START_MS)), "{all}");
    assert_eq!(outcome, run());
}

/// Traps in its first attempt; in the second it says how many minutes have passed.
fn minutes() -> Vec<u8> {
    let imports = r#"(import "wodehost:plugin/task@0.1.0" (instance $task
            (export "attempt" (func (result u32)))))
        (import "wodehost:plugin/clock@0.1.0" (instance $clock
            (export "now-ms" (func (result u64)))))
        (core func $attempt (canon lower (func $task "attempt")))
        (core func $now (canon lower (func $clock "now-ms")))"#;
    let run = format!(
        "(if (i32.eq (call $attempt) (i32.const 1)) (then unreachable))
        (i64.store8 (i32.const 32)
            (i64.div_u (i64.sub (call $now) (i64.const {START_MS})) (i64.const 60000)))
        i32.const 16"
    );
    let worker = Worker {
        imports,
        given: r#"(export "attempt" (func $attempt)) (export "now" (func $now))"#,
        wants: r#"(import "host" "attempt" (func $attempt (result i32)))
            (import "host" "now" (func $now (result i64)))"#,
        run: &run,
        ..Worker::default()
    };
    assemble(&worker.text())
}

#[test]
fn pauses_between_attempts_pass_at_once_and_count() {
    let run = || {
        let runtime = seeded(0);
        let source = PluginSource::bytes("minutes", minutes());
        let plugin = runtime.load(source).unwrap();
        let worker = told(plugin, r#"{"retries": 1, "backoff": "2h..2h"}"#);
        let host = Host::builder(&runtime).worker(worker).build().unwrap();
        soon(host.submit("minutes", [value("null")]).unwrap())
    };
    let begun = Instant::now();
    let outcome = run();
    assert_eq!(outcome.attempts, 2, "{outcome:?}");
    // Jitter takes up to a half of a pause, and always the same.
    let minutes: u64 = outcome.data.to().unwrap();
    assert!((60..120).contains(&minutes), "{minutes}");
    assert_eq!(outcome, run());
    assert!(begun.elapsed() < Duration::from_mins(1));
}
