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

/// A component with three more memories and six more tables.
fn larger(component: &[u8]) -> Vec<u8> {
    let mut modules = 0;
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        if let Ok(wasmparser::Payload::ModuleSection { .. }) = payload {
            modules += 1;
        }
    }
    assert!(modules < 128);
    let module = b"\0asm\x01\0\0\0\x04\x07\x02\x70\x00\x01\x70\x00\x01\x05\x03\x01\x00\x01";
    let mut bytes = component.to_vec();
    bytes.extend([1, module.len() as u8]);
    bytes.extend(module);
    bytes.extend([2, 10, 3]);
    bytes.extend([0, modules, 0].repeat(3));
    bytes
}

#[test]
fn who_has_many_jobs_stand_still_takes_nobody_elses_memories() {
    let _turn = crate::alone();
    let runtime = Runtime::new(RuntimeConfig::default()).unwrap();
    let nest = larger(&std::fs::read(guest("nest")).unwrap());
    let nest = runtime.load(PluginSource::bytes("nest", nest)).unwrap();
    let echo = runtime.load(PluginSource::file(guest("echo"))).unwrap();
    let host = Host::builder(&runtime).slots(4);
    let host = host.worker(once(nest)).worker(once(echo)).build().unwrap();
    let mut steps = Vec::new();
    for child in 0..200 {
        steps.push(r#"["submit","nest",[[["sleep",60000]]],null,4000]"#.to_owned());
        steps.push(format!(r#"["pause",{child}]"#));
        steps.push(r#"["keepalive"]"#.to_owned());
    }
    steps.push(r#"["sleep",4000]"#.to_owned());
    let job = format!("[{}]", steps.join(","));
    let parent = host.submit("nest", [value(&job)]).unwrap();
    let begun = std::time::Instant::now();
    while begun.elapsed().as_secs() < 3 {
        let good = soon(host.submit("echo", [value("1")]).unwrap());
        assert!(good.is_success(), "{good:?}");
    }
    // They were there meanwhile.
    let outcome = soon(parent);
    assert_eq!(
        outcome.receipts.latest().map(|receipt| receipt.submitted),
        Some(200),
        "{outcome:?}"
    );
}
