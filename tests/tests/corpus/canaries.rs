//! Canaries: what one job leaves in its memory, its tables, its globals, its state, its
//! streams and its line is never seen by the next one in the same place of the pools.
//!
//! One job writes a secret wherever it can, the next one in the same slot looks for it
//! wherever it can. There are 10,000 such pairs: half of them with one plugin, where memory
//! is reset for the same module, half with two, where a place changes its module.

use wodehost::{
    EngineConfig, Host, Outcome, Plugin, PluginSource, Profile, Runtime, RuntimeConfig, Value,
};
use wodehost_tests::corpus::wat::{Worker, assemble};
use wodehost_tests::{cache, guest, once, soon, value};

/// As in the guest `canary`.
const MASK: u64 = 0x5a17_c39e_0f66_b4d1;

/// The default settings of the pools, with as few places as there can be.
fn runtime() -> Runtime {
    runtime_of(Profile::Standard)
}

fn runtime_of(profile: Profile) -> Runtime {
    let engine = EngineConfig {
        live: 1,
        slots: 1,
        profile,
        ..EngineConfig::default()
    };
    let config = RuntimeConfig {
        engine,
        cache: Some(cache()),
        ..RuntimeConfig::default()
    };
    Runtime::new(config).unwrap()
}

fn host(runtime: &Runtime, plugins: impl IntoIterator<Item = Plugin>) -> Host {
    let builder = Host::builder(runtime).slots(1).live(1);
    let builder = plugins
        .into_iter()
        .fold(builder, |builder, plugin| builder.worker(once(plugin)));
    builder.build().unwrap()
}

fn canary(runtime: &Runtime, name: &str) -> Plugin {
    let source = PluginSource::file(guest("canary")).name(name);
    runtime.load(source).unwrap()
}

/// A secret that no other pair has.
fn secret(pair: u64) -> u64 {
    (pair + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 << 63
}

fn job(what: &str, secret: u64) -> Value {
    value(&format!(
        r#"{{"do": "{what}", "masked": {}}}"#,
        secret ^ MASK
    ))
}

/// Runs pairs; the random numbers of those that wrote.
fn pairs(host: &Host, (writer, scanner): (&str, &str), count: u64) -> Vec<String> {
    let run = |worker, what, secret: u64, env: Option<&str>| {
        let job = host.job(worker).unwrap().argument(job(what, secret));
        let job = job.with(|options| {
            if env.is_some() {
                options.env.set("canary", env).unwrap();
            }
        });
        soon(job.submit().unwrap())
    };
    let seeds = (0..count).map(|pair| {
        let secret = secret(pair);
        let text = format!("{secret:016x}");
        let wrote = run(writer, "write", secret, Some(&text));
        assert!(wrote.is_success(), "{wrote:?}");
        expect_traces(&wrote, secret);
        // The line is told of once, and then it is somebody else's.
        let line = format!("{:?}", host.take_changes());
        assert!(line.contains(&text), "pair {pair}: {line}");
        let looked = run(scanner, "scan", secret, None);
        assert_eq!(looked.data.to_json(), "[]", "pair {pair}");
        // What the host shows of the second job holds nothing of the first one.
        let shown = format!("{looked:?}{:?}", host.look(10));
        assert!(!shown.contains(&text), "pair {pair}: {shown}");
        wrote.data.to_json()
    });
    seeds.collect()
}

/// The one that wrote left what it was to leave, or its absence later would show nothing.
fn expect_traces(wrote: &Outcome, secret: u64) {
    let text = format!("{secret:016x}");
    for (place, left) in [
        ("stdout", &wrote.stdout),
        ("stderr", &wrote.stderr),
        ("log", &wrote.log),
    ] {
        assert!(
            left.as_deref().is_some_and(|left| left.contains(&text)),
            "{place}"
        );
    }
}

fn expect_all_different(mut seeds: Vec<String>) {
    let count = seeds.len();
    seeds.sort();
    seeds.dedup();
    assert_eq!(seeds.len(), count, "a seed came again");
}

#[test]
fn no_secret_is_left_for_the_next_job_of_a_plugin() {
    let _turn = crate::alone();
    let runtime = runtime();
    let host = host(&runtime, [canary(&runtime, "canary")]);
    expect_all_different(pairs(&host, ("canary", "canary"), 4000));
}

#[test]
fn no_secret_is_left_for_another_plugin() {
    let _turn = crate::alone();
    let runtime = runtime();
    let host = host(
        &runtime,
        [canary(&runtime, "writer"), canary(&runtime, "scanner")],
    );
    expect_all_different(pairs(&host, ("writer", "scanner"), 4000));
}

#[test]
fn no_secret_is_left_where_nothing_is_used_twice() {
    let _turn = crate::alone();
    let runtime = runtime_of(Profile::Paranoid);
    let host = host(&runtime, [canary(&runtime, "canary")]);
    expect_all_different(pairs(&host, ("canary", "canary"), 300));
}

/// What is searched is what was written: jobs of a chunk share a store, and the same search
/// finds the secret.
#[test]
fn without_isolation_the_secret_is_found() {
    let _turn = crate::alone();
    let runtime = runtime();
    let host = host(&runtime, [canary(&runtime, "canary")]);
    let jobs = vec![job("write", secret(0)), job("scan", secret(0))];
    let mut chunk = host.submit_chunk("canary", jobs).unwrap();
    let looked = soon(chunk.pop().unwrap());
    let found = looked.data.to_json();
    for place in ["memory", "static"] {
        assert!(found.contains(place), "{found}");
    }
}

/// Writes where no compiler would: the job 1 fills all of its memory, its table and its
/// global, the job 2 counts what is not as it was at first.
fn bare() -> Vec<u8> {
    let worker = Worker {
        core: "(table $t 8 funcref) (global $g (mut i64) (i64.const 0)) (elem declare func $f)
            (func $f)
            (func $each (param $write i32) (result i32) (local $at i32) (local $found i32)
                (drop (memory.grow (i32.const 14)))
                (drop (table.grow $t (ref.null func) (i32.const 500)))
                (local.set $at (i32.const 4096))
                (loop $words
                    (if (local.get $write)
                        (then (i64.store (local.get $at) (i64.const 0x5ec12e75ec12e701)))
                        (else (local.set $found (i32.add (local.get $found)
                            (i64.ne (i64.load (local.get $at)) (i64.const 0))))))
                    (local.set $at (i32.add (local.get $at) (i32.const 8)))
                    (br_if $words (i32.lt_u (local.get $at) (i32.shl (memory.size) (i32.const 16)))))
                (local.set $at (i32.const 0))
                (loop $elements
                    (if (local.get $write)
                        (then (table.set $t (local.get $at) (ref.func $f)))
                        (else (local.set $found (i32.add (local.get $found)
                            (i32.eqz (ref.is_null (table.get $t (local.get $at))))))))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (br_if $elements (i32.lt_u (local.get $at) (table.size $t))))
                (if (local.get $write)
                    (then (global.set $g (i64.const 0x5ec12e75ec12e701)))
                    (else (local.set $found (i32.add (local.get $found)
                        (i64.ne (global.get $g) (i64.const 0))))))
                local.get $found)",
        // The answer is the number of places, in five bytes of MessagePack.
        run: "(local $found i32)
            (local.set $found (call $each (i32.eq (i32.load8_u (local.get 0)) (i32.const 1))))
            (i32.store8 (i32.const 48) (i32.const 0xce))
            (i32.store8 (i32.const 49) (i32.shr_u (local.get $found) (i32.const 24)))
            (i32.store8 (i32.const 50) (i32.shr_u (local.get $found) (i32.const 16)))
            (i32.store8 (i32.const 51) (i32.shr_u (local.get $found) (i32.const 8)))
            (i32.store8 (i32.const 52) (local.get $found))
            (i32.store (i32.const 64) (i32.const 0))
            (i32.store (i32.const 68) (i32.const 48))
            (i32.store (i32.const 72) (i32.const 5))
            i32.const 64",
        ..Worker::default()
    };
    assemble(&worker.text())
}

#[test]
fn memory_tables_and_globals_are_as_at_first() {
    let _turn = crate::alone();
    let runtime = runtime();
    let bytes = bare();
    let load = |name: &str| {
        runtime
            .load(PluginSource::bytes(name, bytes.clone()))
            .unwrap()
    };
    let host = host(&runtime, [load("one"), load("other")]);
    let run = |worker: &str, job| {
        soon(host.submit(worker, [value(job)]).unwrap())
            .data
            .to_json()
    };
    for pair in 0..2000 {
        assert_eq!(run("one", "1"), "0");
        let scanner = if pair % 2 == 0 { "one" } else { "other" };
        assert_eq!(run(scanner, "2"), "0", "pair {pair}");
    }
    // In one store the same search finds it all.
    let chunk = host
        .submit_chunk("one", vec![value("1"), value("2")])
        .unwrap();
    let found: u32 = soon(chunk[1].clone()).data.to().unwrap();
    assert_eq!(found, (16 * 65536 - 4096) / 8 + 508 + 1);
}
