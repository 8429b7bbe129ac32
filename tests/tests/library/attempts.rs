//! Every way in which an attempt can end: a table of guest × limits × job ×
//! expected end. After each the same host runs a good job.

use wodehost::task::Happened;
use wodehost::{
    EngineConfig, Host, Limit, Limits, Outcome, PluginSource, Runtime, RuntimeConfig, Status, Value,
};
use wodehost_tests::{
    cache, call, data, guest, limits, load, load_with, once, quick, runtime, soon, value,
};

/// A row of the table.
struct Case {
    guest: &'static str,
    limits: Limits,
    job: &'static str,
    status: Status,
    reason: &'static str,
    /// A part of the message.
    message: &'static str,
    /// The outcome's data.
    data: Option<&'static str>,
}

fn case(
    guest: &'static str,
    limits: Limits,
    job: &'static str,
    (status, reason, message): (Status, &'static str, &'static str),
) -> Case {
    Case {
        guest,
        limits,
        job,
        status,
        reason,
        message,
        data: None,
    }
}

impl Case {
    fn leaves(mut self, data: &'static str) -> Case {
        self.data = Some(data);
        self
    }
}

const NIL: &str = "null";

fn cases() -> Vec<Case> {
    use Status::{Failure, Success, Timeout};
    let plain = Limits::default;
    let fuel = || limits(&[(Limit::Fuel, "10M")]);
    let small = || limits(&[(Limit::Memory, "16MiB")]);
    vec![
        case("double", plain(), "21", (Success, "returned", "")).leaves("42"),
        case("fail", plain(), r#"{"x": 1}"#, (Failure, "error", "")).leaves(r#"{"x":1}"#),
        // Loops and waits.
        case("spin", quick(), NIL, (Timeout, "silent", "no sign of life for 250 ms")),
        case("sleep_forever", quick(), NIL, (Timeout, "silent", "no sign of life for 250 ms")),
        case("wasi_sleep", quick(), NIL, (Timeout, "silent", "no sign of life for 250 ms")),
        case("spin", fuel(), NIL, (Timeout, "out-of-fuel", "used up 10,000,000 fuel")),
        case(
            "spin_forever_keepalive",
            limits(&[(Limit::Deadline, "300ms")]),
            NIL,
            (Timeout, "deadline", "not done after 300 ms"),
        ),
        case(
            "call_forever",
            limits(&[(Limit::HostCalls, "1000")]),
            NIL,
            (Failure, "host-call-limit", "called the host more than 1,000 times"),
        ),
        case("slow_alive", quick(), r#"{"n": 6, "ms": 60}"#, (Success, "returned", "")).leaves("6"),
        case("fuel_alive", fuel(), r#"{"n": 20, "turns": 300000}"#, (Success, "returned", "")),
        // Memory.
        case("eat_memory", small(), NIL, (Failure, "memory-limit", "; limit 16 MiB")),
        case("grow_report", small(), "1000", (Success, "returned", "")),
        case("recurse", plain(), NIL, (Failure, "trap:stack-overflow", "call stack exhausted")),
        // Ends.
        case("panic", plain(), r#""oh dear""#, (Failure, "trap:unreachable", "unreachable")),
        case("unreachable", plain(), NIL, (Failure, "trap:unreachable", "trapped in the call")),
        case("div_zero", plain(), "0", (Failure, "trap:division-by-zero", "divide by zero")),
        case("out_of_bounds", plain(), NIL, (Failure, "trap:memory-out-of-bounds", "")),
        // WASI 0.2 tells success from failure only, not the number.
        case("exit", plain(), "3", (Failure, "exit:1", "exit code 1")),
        case("exit", plain(), "0", (Failure, "exit:0", "no result")),
        // Declared ends.
        case("declare", plain(), r#"{"how": "success", "value": 7}"#, (Success, "declared", ""))
            .leaves("7"),
        case("declare", plain(), r#"{"how": "success"}"#, (Success, "declared", "")).leaves("{}"),
        case("declare", plain(), r#"{"how": "failure", "value": [1]}"#, (Failure, "declared", ""))
            .leaves("[1]"),
        case("declare", plain(), r#"{"how": "restart"}"#, (Failure, "restart-asked", "none is left")),
        // Carried state.
        case("state", plain(), "1", (Failure, "trap:unreachable", "")).leaves(r#"{"count":1}"#),
        case("state_silent", quick(), "[5]", (Timeout, "silent", "")).leaves("[5]"),
        case("big_state", plain(), "300000", (Success, "returned", "")),
        // Values.
        case("big_value", plain(), "2000000", (Failure, "value-too-large", "limit 1048576")),
        case("big_value", plain(), "40000000", (Failure, "value-too-large", "limit 1 MiB")),
        case("big_failure", plain(), "2000000", (Failure, "value-too-large", "what it returned")),
        case("bad_value", plain(), r#""truncated""#, (Failure, "bad-value", "cut off")),
        case("bad_value", plain(), r#""trailing""#, (Failure, "bad-value", "more bytes follow")),
        case("bad_value", plain(), r#""c1""#, (Failure, "bad-value", "0xc1")),
        case("bad_value", plain(), r#""deep""#, (Failure, "bad-value", "nested too deep")),
        case("bad_value", plain(), r#""dup""#, (Failure, "bad-value", "same key twice")),
        case("bad_value", plain(), r#""utf8""#, (Failure, "bad-value", "not UTF-8")),
        case(
            "bad_failure",
            plain(),
            r#""empty""#,
            (Failure, "error", ""),
        )
        .leaves("null"),
        case("declare_raw", plain(), r#""c1""#, (Failure, "bad-value", "what it declared")),
        // Talk and random numbers.
        case("log_flood", plain(), r#"{"lines": 1000, "bytes": 1000}"#, (Success, "returned", "")),
        case("stdout_flood", plain(), "1000000", (Success, "returned", "")),
        case("random_bytes", plain(), "100", (Success, "returned", "")),
        case("random_huge", plain(), "1073741824", (Failure, "bad-abi", "random bytes at once")),
        // What this host does not serve yet answers; it does not trap.
        case("emit_many", plain(), "3", (Success, "returned", ""))
            .leaves(r#"{"taken":3,"error":null}"#),
        case("emit_many", limits(&[(Limit::Emits, "2")]), "3", (Success, "returned", ""))
            .leaves(r#"{"taken":2,"error":"the emitted value was not taken: no more than 2 values are taken of one attempt"}"#),
        case("board_tour", plain(), NIL, (Success, "returned", ""))
            .leaves(r#""`tick` before `start`""#),
    ]
}

#[test]
fn every_end_is_told_by_its_reason_and_the_host_goes_on() {
    let mut wrong = Vec::new();
    for case in cases() {
        let plugin = load_with(case.guest, case.limits.clone());
        let host = Host::builder(runtime())
            .slots(1)
            .worker(once(plugin))
            .worker(load("echo"))
            .build()
            .unwrap();
        let outcome = soon(host.submit(case.guest, [value(case.job)]).unwrap());
        if let Some(how) = difference(&case, &outcome) {
            wrong.push(format!(
                "{} {}: {how}\n    {outcome:?}",
                case.guest, case.job
            ));
        }
        let good = soon(host.submit("echo", [value(r#"["good"]"#)]).unwrap());
        assert!(
            good.is_success(),
            "after {} {}: {good:?}",
            case.guest,
            case.job
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn difference(case: &Case, outcome: &Outcome) -> Option<String> {
    let reason = outcome.reason.to_string();
    let message = outcome.message.clone().unwrap_or_default();
    if outcome.status != case.status || reason != case.reason {
        return Some(format!(
            "wanted {} {}, got {} {reason}",
            case.status, case.reason, outcome.status
        ));
    }
    if !message.contains(case.message) {
        return Some(format!("wanted a message with {:?}", case.message));
    }
    case.data
        .filter(|wanted| *wanted != data(outcome))
        .map(|wanted| format!("wanted the data {wanted}"))
}

#[test]
fn a_bad_job_does_not_hold_up_the_others() {
    let spin = load_with("spin", limits(&[(Limit::Keepalive, "1s")]));
    let host = Host::builder(runtime())
        .slots(4)
        .worker(once(spin))
        .worker(load("double"))
        .build()
        .unwrap();
    // More spinning guests than threads, fewer than slots.
    let spinning: Vec<_> = (0..3)
        .map(|_| host.submit("spin", [Value::nil()]).unwrap())
        .collect();
    for n in 0..100u32 {
        let outcome = soon(host.submit("double", [Value::of(&n).unwrap()]).unwrap());
        assert_eq!(outcome.data.to::<u32>().unwrap(), n * 2);
    }
    for handle in spinning {
        assert_eq!(soon(handle).reason.to_string(), "silent");
    }
}

/// Calls of the host that take long, all of them within one slice of fuel.
#[test]
fn whoever_mostly_calls_the_host_does_not_hold_up_the_others() {
    let runtime = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            live: 4,
            slots: 2,
            ..EngineConfig::default()
        },
        threads: Some(1),
        cache: Some(cache()),
        ..RuntimeConfig::default()
    })
    .unwrap();
    let load = |name| runtime.load(PluginSource::file(guest(name))).unwrap();
    let host = Host::builder(&runtime)
        .slots(2)
        .worker(once(load("log_flood")))
        .worker(load("double"))
        .build()
        .unwrap();
    let told = value(r#"{"lines": 1000, "bytes": 8000000}"#);
    let mut flood = host.job("log_flood").unwrap().argument(told);
    let mut events = flood.events();
    let flood = flood.submit().unwrap();
    soon(async {
        while let Some(event) = events.next().await {
            if matches!(event.what, Happened::Started { .. }) {
                break;
            }
        }
    });
    for _ in 0..3 {
        assert!(soon(host.submit("double", [value("21")]).unwrap()).is_success());
        assert!(!flood.done());
    }
    flood.cancel();
    let outcome = soon(flood);
    assert!(outcome.is_cancelled(), "{outcome:?}");
}

#[test]
fn the_last_words_of_a_panic_are_in_the_outcome() {
    let outcome = call(load("panic"), r#""the cat is on fire""#);
    let stderr = outcome.stderr.unwrap();
    assert!(stderr.contains("the cat is on fire"), "{stderr}");
    assert!(stderr.contains("panic.rs"), "{stderr}");
}

#[test]
fn a_receipt_tells_what_an_attempt_used() {
    let outcome = call(load("log_flood"), r#"{"lines": 10, "bytes": 100}"#);
    let receipt = *outcome.receipts.latest().unwrap();
    let calls = receipt.to_value().to_json();
    assert!(calls.contains(r#""host-calls":{"log":10}"#), "{calls}");
    assert_eq!(receipt.log_kept_bytes, 1000);
    assert!(receipt.fuel > 1000 && receipt.memory_peak_bytes >= 64 << 10);
    assert!(receipt.wall_nanos >= receipt.guest_nanos && receipt.guest_nanos > 0);
    assert_eq!(receipt.bytes_out, outcome.data.len() as u64);
}

#[test]
fn a_flood_is_kept_only_up_to_its_limit() {
    let outcome = call(load("log_flood"), r#"{"lines": 1000, "bytes": 1000}"#);
    let receipt = *outcome.receipts.latest().unwrap();
    assert_eq!(receipt.log_kept_bytes, 128 << 10);
    assert_eq!(receipt.log_dropped_bytes, 1_000_000 - (128 << 10));
    let outcome = call(load("stdout_flood"), "1000000");
    let receipt = *outcome.receipts.latest().unwrap();
    assert_eq!(receipt.log_kept_bytes, 2 * (64 << 10));
}

#[test]
fn a_guest_that_is_refused_memory_and_copes_succeeds() {
    let plugin = load_with("grow_report", limits(&[(Limit::Memory, "16MiB")]));
    let outcome = call(plugin, "10000");
    assert!(data(&outcome).contains(r#""refused":true"#), "{outcome:?}");
}

#[test]
fn keepalive_stands_for_fuel_too() {
    // Each window burns well over a tenth of the budget; only refilling gets it
    // through twenty of them.
    let plugin = load_with("fuel_alive", limits(&[(Limit::Fuel, "10M")]));
    let outcome = call(plugin, r#"{"n": 20, "turns": 300000}"#);
    let receipt = *outcome.receipts.latest().unwrap();
    assert!(receipt.fuel > 10_000_000, "{receipt:?}");
}

#[test]
fn what_a_guest_prints_is_in_its_outcome() {
    let outcome = call(load("print_fail"), r#""hello""#);
    assert_eq!(outcome.stdout.as_deref(), Some("hello"));
    let stderr = outcome.stderr.unwrap();
    assert!(stderr.contains("about to fail"), "{stderr}");
    assert_eq!(call(load("echo"), "1").stdout, None);
}

#[test]
fn a_plugin_that_starts_over_its_memory_limit_is_told_so() {
    let plugin = load_with("double", limits(&[(Limit::Memory, "512KiB")]));
    let outcome = call(plugin, "1");
    assert_eq!(outcome.reason.to_string(), "memory-limit");
    let message = outcome.message.unwrap();
    assert!(message.contains("limit 512 KiB"), "{message}");
}

/// A worker that traps in a function with a name, as Rust mangles it.
const NAMED: &str = r#"(component
    (core module $module
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16)
        (func $_ZN4main4boom17h0123456789abcdefE unreachable)
        (func $start (export "run") (param i32 i32) (result i32)
            call $_ZN4main4boom17h0123456789abcdefE
            i32.const 0))
    (core instance $core (instantiate $module))
    (func (export "run") (param "job" (list u8)) (result (result (list u8) (error (list u8))))
        (canon lift (core func $core "run") (memory (core memory $core "memory"))
            (realloc (core func $core "realloc")))))"#;

#[test]
fn a_backtrace_has_readable_names_or_none() {
    let source = PluginSource::bytes("named", wat::parse_str(NAMED).unwrap());
    let outcome = call(runtime().load(source).unwrap(), "null");
    assert_eq!(outcome.reason.to_string(), "trap:unreachable");
    assert_eq!(outcome.backtrace, ["main::boom", "start"]);
    // The guests have no names; a list of question marks would tell nothing.
    assert!(call(load("recurse"), "null").backtrace.is_empty());
}
