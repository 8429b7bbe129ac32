//! Plugins that take much of the pools, on every slot at once: nobody's attempt fails for
//! want of a place.

use wodehost::{EngineConfig, Host, Limit, PluginSource, Runtime, RuntimeConfig};
use wodehost_tests::corpus::wat::{Worker, assemble};
use wodehost_tests::{guest, limits, once, soon, value};

const SLOTS: u32 = 64;

/// A worker that sleeps for an hour, with so many more instances of a module.
fn sleeper(module: &str, count: usize) -> Vec<u8> {
    let imports = format!(
        r#"(import "wodehost:plugin/clock@0.1.0" (instance $clock
            (export "sleep" (func (param "ms" u64)))))
        (core func $sleep (canon lower (func $clock "sleep")))
        (core module $part {module})
        {}"#,
        "(core instance (instantiate $part))".repeat(count)
    );
    let worker = Worker {
        imports: &imports,
        given: r#"(export "sleep" (func $sleep))"#,
        wants: r#"(import "host" "sleep" (func $sleep (param i64)))"#,
        run: "(call $sleep (i64.const 3600000)) i32.const 16",
        ..Worker::default()
    };
    assemble(&worker.text())
}

#[test]
fn every_slot_has_room_for_the_largest_plugin() {
    let _turn = crate::alone();
    let engine = EngineConfig {
        live: SLOTS + 256,
        slots: SLOTS,
        ..EngineConfig::default()
    };
    let config = RuntimeConfig {
        engine,
        ..RuntimeConfig::default()
    };
    let runtime = Runtime::new(config).unwrap();
    // As many as a component may have: 64 instances, 4 memories, 8 tables.
    for (module, count) in [
        ("", 62),
        ("(memory 1) (table 1 funcref) (table 1 funcref)", 3),
    ] {
        let short = limits(&[(Limit::Keepalive, "300ms")]);
        let source = PluginSource::bytes("large", sleeper(module, count)).limits(short);
        let large = runtime.load(source).unwrap();
        let small = runtime.load(PluginSource::file(guest("echo"))).unwrap();
        let builder = Host::builder(&runtime).slots(SLOTS + 1);
        let builder = builder.worker(once(large)).worker(once(small));
        let host = builder.build().unwrap();
        let jobs: Vec<_> = (0..SLOTS)
            .map(|_| host.submit("large", [value("1")]).unwrap())
            .collect();
        let good = soon(host.submit("echo", [value("1")]).unwrap());
        assert!(good.is_success(), "{good:?}");
        for job in jobs {
            let outcome = soon(job);
            assert_eq!(outcome.reason.to_string(), "silent", "{outcome:?}");
        }
    }
}
