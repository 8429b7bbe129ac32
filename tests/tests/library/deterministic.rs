//! The deterministic profile: the same job gives the same each time, and time is virtual.

use std::time::{Duration, Instant};
use wodehost::plugin::{Folder, NetRule};
use wodehost::task::Recorded;
use wodehost::{
    EngineConfig, Gate, Grants, Host, Limits, Outcome, Plugin, PluginSource, Profile, Runtime,
    RuntimeConfig, RuntimeError, Value,
};
use wodehost_tests::corpus::wat::{POLL, POLL_GIVEN, POLL_WANTS, Worker, assemble};
use wodehost_tests::{guest, once, runtime_of, serve, soon, value};

pub(crate) const START_MS: u64 = Recorded::DEFAULT.start_ms;

/// A runtime with this seed.
pub(crate) fn seeded(seed: u64) -> Runtime {
    runtime_of(Profile::Deterministic(Recorded {
        seed,
        ..Recorded::DEFAULT
    }))
}

/// Runs a job of a guest in a host of its own.
pub(crate) fn call(runtime: &Runtime, guest: &str, limits: Limits, job: &str) -> Outcome {
    call_plugin(runtime, load(runtime, guest, limits), job)
}

fn load(runtime: &Runtime, name: &str, limits: Limits) -> Plugin {
    let source = PluginSource::file(guest(name)).limits(limits);
    runtime.load(source).unwrap()
}

fn call_plugin(runtime: &Runtime, plugin: Plugin, job: &str) -> Outcome {
    let name = plugin.name().to_owned();
    let host = Host::builder(runtime).worker(once(plugin)).build().unwrap();
    soon(host.submit(&name, [value(job)]).unwrap())
}

fn call_text(runtime: &Runtime, text: &str) -> Outcome {
    let source = PluginSource::bytes("text", assemble(text));
    call_plugin(runtime, runtime.load(source).unwrap(), "null")
}

#[test]
fn the_seed_makes_the_random_numbers_and_nothing_else_does() {
    let (zero, again, one) = (seeded(0), seeded(0), seeded(1));
    // `random_bytes` asks the contract, `canary` looks at what WASI seeds its maps with.
    for (guest, job) in [
        ("random_bytes", "100"),
        ("canary", r#"{"do": "write", "masked": 1}"#),
    ] {
        let of = |runtime| call(runtime, guest, Limits::default(), job);
        let (first, second, other) = (of(&zero), of(&again), of(&one));
        assert!(first.is_success(), "{first:?}");
        assert_eq!(first, second, "{guest}");
        assert_ne!(first.data, other.data, "{guest}");
    }
}

#[test]
fn a_job_draws_the_same_wherever_it_stands_in_the_queue() {
    let runtime = seeded(0);
    let plugin = load(&runtime, "random_bytes", Limits::default());
    let host = Host::builder(&runtime)
        .worker(once(plugin))
        .build()
        .unwrap();
    let run = |job: &str| soon(host.submit("random_bytes", [value(job)]).unwrap()).data;
    let (ten, eleven) = (run("10"), run("11"));
    assert_eq!(run("10"), ten);
    // Another job has other numbers, not the same ones and one more.
    let (ten, eleven) = (ten.as_bytes().to_vec(), eleven.as_bytes().to_vec());
    assert_ne!(ten[2..], eleven[2..12]);
    let said = |seed| {
        let recorded = Recorded { start_ms: 5, seed };
        let job = host.job("random_bytes").unwrap().argument(value("10"));
        soon(job.recorded(recorded).submit().unwrap()).data
    };
    assert_eq!(said(7), said(7));
    assert_ne!(said(7), said(8));
}

#[test]
fn clocks_begin_at_the_recorded_time_and_agree() {
    let runtime = seeded(0);
    let outcome = call(&runtime, "clock_report", Limits::default(), "1500");
    let report: std::collections::BTreeMap<String, u64> = outcome.data.to().unwrap();
    let passed_ms = report["now_ms"] - START_MS;
    assert!((1500..1600).contains(&passed_ms), "{report:?}");
    assert_eq!(report["system_ns"] / 1_000_000, report["now_ms"]);
    let elapsed_ms = report["elapsed_ns"] / 1_000_000;
    assert!((1500..=passed_ms).contains(&elapsed_ms), "{report:?}");
    let receipt = outcome.receipts.latest().unwrap();
    assert_eq!(receipt.wall_nanos, receipt.fuel + 1_500_000_000);
    let started = Recorded {
        start_ms: 86_400_000,
        seed: 0,
    };
    let runtime = runtime_of(Profile::Deterministic(started));
    let outcome = call(&runtime, "clock_report", Limits::default(), "0");
    let report: std::collections::BTreeMap<String, u64> = outcome.data.to().unwrap();
    assert_eq!(report["now_ms"] / 1000, 86_400);
}

#[test]
fn waiting_for_an_hour_takes_no_time() {
    let runtime = seeded(0);
    let begun = Instant::now();
    let limits = wodehost_tests::limits(&[
        (wodehost::Limit::Keepalive, "inf"),
        (wodehost::Limit::Deadline, "2h"),
    ]);
    let outcome = call(&runtime, "sleep", limits.clone(), "3600000");
    assert!(outcome.is_success(), "{outcome:?}");
    // WASI's way: for ever, up to the deadline.
    let outcome = call(&runtime, "wasi_sleep", limits, "null");
    assert_eq!(outcome.reason.to_string(), "deadline");
    let receipt = outcome.receipts.latest().unwrap();
    assert_eq!(receipt.wall_nanos, 7_200_000_000_000);
    assert!(begun.elapsed() < Duration::from_mins(2));
}

/// Subscribes to ten seconds and to one, and polls both: how many are ready, which one, and
/// after how many seconds; then once more with the first alone.
fn polls() -> String {
    let imports = POLL
        .replace(
            r#"(export "subscribe-duration""#,
            r#"(export "now" (func (result u64))) (export "subscribe-duration""#,
        )
        .replace(
            "(core func $subscribe",
            r#"(core func $now (canon lower (func $clock "now"))) (core func $subscribe"#,
        );
    let given = format!(r#"{POLL_GIVEN} (export "now" (func $now))"#);
    let wants = format!(r#"{POLL_WANTS} (import "host" "now" (func $now (result i64)))"#);
    let seconds = |at: u32| {
        format!(
            "(i32.store8 (i32.const {at}) (i32.wrap_i64 (i64.div_u (call $now) (i64.const 1000000000))))"
        )
    };
    let run = format!(
        "(i32.store (i32.const 65536) (call $subscribe (i64.const 10000000000)))
        (i32.store (i32.const 65540) (call $subscribe (i64.const 1000000000)))
        (i32.store8 (i32.const 32) (i32.const 0x96))
        (i32.store8 (i32.const 33) (call $ready (i32.load (i32.const 65540))))
        (call $poll (i32.const 65536) (i32.const 2) (i32.const 128))
        (i32.store8 (i32.const 34) (i32.load (i32.const 132)))
        (i32.store8 (i32.const 35) (i32.load (i32.load (i32.const 128))))
        {}
        (i32.store8 (i32.const 37) (call $ready (i32.load (i32.const 65540))))
        (call $poll (i32.const 65536) (i32.const 1) (i32.const 128))
        {}
        (i32.store (i32.const 24) (i32.const 7))
        i32.const 16",
        seconds(36),
        seconds(38),
    );
    Worker {
        imports: &imports,
        given: &given,
        wants: &wants,
        run: &run,
        ..Worker::default()
    }
    .text()
}

#[test]
fn the_first_of_two_timers_is_ready_alone() {
    let limits = wodehost_tests::limits(&[(wodehost::Limit::Keepalive, "inf")]);
    let runtime = seeded(0);
    let source = PluginSource::bytes("polls", assemble(&polls())).limits(limits);
    let plugin = runtime.load(source).unwrap();
    let outcome = call_plugin(&runtime, plugin, "null");
    // Not ready; one is, the second one, after a second; it stays so; the other after ten.
    assert_eq!(outcome.data.to_json(), "[0,1,1,1,1,10]", "{outcome:?}");
}

/// Adds 1 to a NaN with a payload; the sum's bytes.
fn nan() -> String {
    let run = "(i64.store (i32.const 64) (i64.const 0x7ff8000000001234))
        (i32.store8 (i32.const 32) (i32.const 0xc4))
        (i32.store8 (i32.const 33) (i32.const 8))
        (f64.store (i32.const 34) (f64.add (f64.load (i32.const 64)) (f64.const 1)))
        (i32.store (i32.const 24) (i32.const 10))
        i32.const 16";
    Worker {
        run,
        ..Worker::default()
    }
    .text()
}

#[test]
fn there_is_only_one_nan() {
    let sum = |runtime: &Runtime| call_text(runtime, &nan()).data.as_bytes()[2..].to_vec();
    assert_eq!(sum(&seeded(0)), 0x7ff8_0000_0000_0000_u64.to_le_bytes());
    // Where it is not asked for, the processor keeps what there was.
    let standard = runtime_of(Profile::Standard);
    assert_ne!(sum(&standard), 0x7ff8_0000_0000_0000_u64.to_le_bytes());
}

#[test]
fn files_and_the_network_cannot_be_granted() {
    let runtime = seeded(0);
    let folder = tempfile::tempdir().unwrap();
    let folder = || Folder::parse("x::/in", folder.path()).unwrap();
    std::fs::create_dir(folder().host).unwrap();
    let refused = [
        Grants {
            read: vec![folder()],
            ..Grants::none()
        },
        Grants {
            write: vec![folder()],
            ..Grants::none()
        },
        Grants {
            net: vec![NetRule::parse("127.0.0.1:80").unwrap()],
            ..Grants::none()
        },
    ];
    for grants in refused {
        let source = PluginSource::file(guest("echo")).grants(grants);
        let error = runtime.load(source).unwrap_err();
        assert_eq!(error.code(), "bad-config");
        assert!(error.to_string().contains("is granted"), "{error}");
        assert!(error.hint().contains("--deterministic"));
    }
    let env = Grants {
        env: vec![("NAME".to_owned(), "Ada".to_owned())],
        ..Grants::none()
    };
    let source = PluginSource::file(guest("env_read")).grants(env);
    let plugin = runtime.load(source).unwrap();
    let outcome = call_plugin(&runtime, plugin, r#""NAME""#);
    assert!(outcome.data.to_json().contains("Ada"), "{outcome:?}");
}

#[test]
fn without_fuel_there_is_no_clock() {
    let config = RuntimeConfig {
        engine: EngineConfig {
            fuel: false,
            profile: Profile::Deterministic(Recorded::DEFAULT),
            ..EngineConfig::default()
        },
        ..RuntimeConfig::default()
    };
    assert!(matches!(Runtime::new(config), Err(RuntimeError::NoFuel)));
}

#[test]
fn items_of_a_parallel_job_have_seeds_that_follow_from_it() {
    let runtime = seeded(0);
    let plugin = load(&runtime, "random_bytes", Limits::default());
    let host = Host::builder(&runtime)
        .worker(once(plugin))
        .build()
        .unwrap();
    let run = |seed: u64| {
        let job = host.job("random_bytes").unwrap();
        let job = job.arguments([value("10"), value("11")]);
        let recorded = Recorded { start_ms: 5, seed };
        let job = job.with(|options| options.spread.parallel = true);
        let outcome = soon(job.recorded(recorded).submit().unwrap());
        let bytes = |item: usize| outcome.items[item].data.as_bytes()[2..12].to_vec();
        assert_ne!(bytes(0), bytes(1));
        outcome.data.to_json()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

/// Runs a producer with a worker `echo`: what it gave, and how its run ended.
fn served(config: &str, guest_name: &str) -> (Vec<String>, wodehost::ServeReport) {
    let runtime = seeded(0);
    let echo = load(&runtime, "echo", Limits::default());
    let host = Host::builder(&runtime).worker(once(echo)).build().unwrap();
    let source = PluginSource::file(guest(guest_name)).config(value(config));
    let producer = runtime.load(source).unwrap();
    let (report, outcomes) = serve(&host, producer);
    let values = outcomes.iter().map(|(job, _)| job.to_json()).collect();
    (values, report)
}

#[test]
fn a_producer_waits_on_its_own_clock() {
    let begun = Instant::now();
    let config = r#"{"n": 3, "worker": "echo", "sleep_ms": 3600000}"#;
    let (values, report) = served(config, "count_to");
    assert_eq!(values, ["0", "1", "2"]);
    assert!(report.producer_error.is_none(), "{report:?}");
    assert!(begun.elapsed() < Duration::from_mins(2));
    // One that waits for ever would never be asked again.
    let (values, report) = served(r#"{"k": 2, "worker": "echo"}"#, "producer_block");
    assert_eq!(values, ["0", "1"]);
    let error = report.producer_error.unwrap();
    assert!(error.message.contains("never comes"), "{error:?}");
}

/// Lets a job start once its clock, in seconds, is 2 or more; otherwise to be asked again in
/// a tenth of a second.
fn gate() -> String {
    r#"(component
        (import "wodehost:plugin/clock@0.1.0" (instance $clock
            (export "now-ms" (func (result u64)))))
        (core func $now (canon lower (func $clock "now-ms")))
        (core module $m
            (import "host" "now" (func $now (result i64)))
            (memory (export "memory") 1)
            (func (export "admit") (result i32)
                (i64.store (i32.const 24) (i64.const 100))
                (i32.store8 (i32.const 16)
                    (i64.lt_u (call $now) (i64.const 946684802000)))
                i32.const 16))
        (core instance $host (export "now" (func $now)))
        (core instance $i (instantiate $m (with "host" (instance $host))))
        (func (export "admit") (result (option u64))
            (canon lift (core func $i "admit") (memory (core memory $i "memory")))))"#
        .to_owned()
}

#[test]
fn the_clock_of_a_gate_goes_on_while_it_holds_jobs_back() {
    let runtime = seeded(0);
    let gate = PluginSource::bytes("gate", assemble(&gate()));
    let gate = Gate::plugin(runtime.load(gate).unwrap());
    let echo = load(&runtime, "echo", Limits::default());
    let host = Host::builder(&runtime).gate(gate).worker(once(echo));
    let host = host.build().unwrap();
    assert!(soon(host.submit("echo", [value("1")]).unwrap()).is_success());
}

#[test]
fn jobs_of_a_chunk_have_clocks_and_seeds_of_their_own() {
    let runtime = seeded(0);
    let run = |guest, jobs: [&str; 2]| {
        let plugin = load(&runtime, guest, Limits::default());
        let host = Host::builder(&runtime)
            .worker(once(plugin))
            .build()
            .unwrap();
        let chunk = host.submit_chunk(guest, jobs.map(value)).unwrap();
        chunk.into_iter().map(soon).collect::<Vec<Outcome>>()
    };
    let times = run("clock_report", ["1500", "1500"]);
    for outcome in &times {
        let report: std::collections::BTreeMap<String, u64> = outcome.data.to().unwrap();
        assert_eq!(report["now_ms"] - START_MS, 1500, "{report:?}");
    }
    let bytes = run("random_bytes", ["10", "10"]);
    assert_eq!(bytes[0].data, bytes[1].data);
    assert!(bytes[0].data != Value::nil());
}
