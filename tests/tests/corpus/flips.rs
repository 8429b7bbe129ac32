//! A sound component with single bits flipped: refused with a code, or it runs.

use wodehost::{Host, Limit, PluginSource, Reason};
use wodehost_tests::corpus::wat::{Worker, assemble};
use wodehost_tests::{limits, load, once, runtime, soon, value};

/// What a damaged component may be refused as.
const CODES: [&str; 6] = [
    "bad-component",
    "component-too-complex",
    "not-a-component",
    "unknown-import",
    "unsupported-feature",
    "wrong-world",
];

#[test]
fn a_flipped_bit_is_an_error_or_a_plugin() {
    let _turn = crate::alone();
    // As much as a component can have, in few bytes.
    let worker = Worker {
        imports: r#"(import "wodehost:plugin/board@0.1.0" (instance $board
            (export "say" (func (param "text" string)))))
        (core func $say (canon lower (func $board "say")
            (memory $m) (realloc $realloc)))"#,
        given: r#"(export "say" (func $say))"#,
        wants: r#"(import "host" "say" (func $say (param i32 i32)))"#,
        core: "(table 2 funcref) (global $g (mut i32) (i32.const 3))
            (func $f (param i32) (result i32) (i32.mul (local.get 0) (global.get $g)))
            (elem (i32.const 0) $f)",
        run: "(loop $l
                (global.set $g (i32.sub (global.get $g) (i32.const 1)))
                (br_if $l (global.get $g)))
            (drop (call_indirect (param i32) (result i32) (i32.const 4) (i32.const 0)))
            (call $say (i32.const 16) (i32.const 4))
            i32.const 16",
        ..Worker::default()
    };
    let good = assemble(&worker.text());
    let tight = limits(&[
        (Limit::Keepalive, "200ms"),
        (Limit::Fuel, "1M"),
        (Limit::Memory, "1MiB"),
    ]);
    let echo = load("echo");
    let (mut refused, mut ran) = (0, 0);
    for place in 8..good.len() {
        let mut bytes = good.clone();
        bytes[place] ^= 1 << (place % 8);
        let source = PluginSource::bytes("flipped", bytes).limits(tight.clone());
        match runtime().load(source) {
            Err(error) => {
                assert!(CODES.contains(&error.code()), "byte {place}: {error:?}");
                refused += 1;
            }
            Ok(plugin) => {
                let builder = Host::builder(runtime()).slots(1);
                let builder = builder.worker(once(plugin)).worker(echo.clone());
                let host = builder.build().unwrap();
                let outcome = soon(host.submit("flipped", [value("[1]")]).unwrap());
                assert_ne!(
                    outcome.reason,
                    Reason::Internal,
                    "byte {place}: {outcome:?}"
                );
                assert!(
                    soon(host.submit("echo", []).unwrap()).is_success(),
                    "byte {place}"
                );
                ran += 1;
            }
        }
    }
    assert!(refused > 100 && ran > 10, "{refused} refused, {ran} ran");
}
