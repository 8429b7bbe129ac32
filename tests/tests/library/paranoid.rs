//! The paranoid profile: no network whatever is granted, coarser clocks, fresh memory.

use std::collections::BTreeMap;
use std::net::TcpListener;
use wodehost::plugin::NetRule;
use wodehost::task::Recorded;
use wodehost::{Grants, Host, Limits, Outcome, PluginSource, Profile, Runtime};
use wodehost_tests::corpus::wat::{Worker, assemble};
use wodehost_tests::{guest, once, runtime_of, soon, value};

fn call(runtime: &Runtime, name: &str, grants: Grants, job: &str) -> Outcome {
    let source = PluginSource::file(guest(name)).grants(grants);
    let plugin = runtime.load(source.limits(Limits::default())).unwrap();
    let host = Host::builder(runtime).worker(once(plugin)).build().unwrap();
    soon(host.submit(name, [value(job)]).unwrap())
}

#[test]
fn nobody_has_the_network_though_it_is_granted() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let address = server.local_addr().unwrap();
    let answer = |profile| {
        let grants = Grants {
            net: vec![NetRule::parse(&address.to_string()).unwrap()],
            ..Grants::none()
        };
        let outcome = call(
            &runtime_of(profile),
            "connect",
            grants,
            &format!("\"{address}\""),
        );
        outcome.data.to_json()
    };
    let refused = answer(Profile::Paranoid);
    assert!(refused.contains("PermissionDenied"), "{refused}");
    assert!(server.accept().is_err(), "somebody came");
    // The grant was a good one.
    assert_eq!(answer(Profile::Standard), r#"{"ok":"connected"}"#);
    assert!(server.accept().is_ok());
}

/// What WASI says of its monotonic clock's steps, in milliseconds.
fn resolution(profile: Profile) -> String {
    let worker = Worker {
        imports: r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
                (export "resolution" (func (result u64)))))
            (core func $f (canon lower (func $clock "resolution")))"#,
        given: r#"(export "f" (func $f))"#,
        wants: r#"(import "host" "f" (func $f (result i64)))"#,
        run: "(i64.store8 (i32.const 32) (i64.div_u (call $f) (i64.const 1000000))) i32.const 16",
        ..Worker::default()
    };
    let runtime = runtime_of(profile);
    let source = PluginSource::bytes("resolution", assemble(&worker.text()));
    let plugin = runtime.load(source).unwrap();
    let host = Host::builder(&runtime)
        .worker(once(plugin))
        .build()
        .unwrap();
    soon(host.submit("resolution", [value("1")]).unwrap())
        .data
        .to_json()
}

#[test]
fn clocks_say_how_coarse_they_are() {
    assert_eq!(resolution(Profile::Paranoid), "100");
    assert_eq!(resolution(Profile::Standard), "1");
    assert_eq!(resolution(Profile::Deterministic(Recorded::DEFAULT)), "1");
}

#[test]
fn all_clocks_have_steps_of_a_tenth_of_a_second() {
    let is_coarse = |runtime: &Runtime| {
        let outcome = call(runtime, "clock_report", Grants::none(), "57");
        let report: BTreeMap<String, u64> = outcome.data.to().unwrap();
        report["now_ms"].is_multiple_of(100)
            && report["system_ns"].is_multiple_of(100_000_000)
            && report["elapsed_ns"].is_multiple_of(100_000_000)
    };
    let (paranoid, standard) = (runtime_of(Profile::Paranoid), runtime_of(Profile::Standard));
    assert!((0..5).all(|_| is_coarse(&paranoid)));
    assert!(!(0..5).all(|_| is_coarse(&standard)));
}
