//! Files that are no plugin, or one of another kind. What happens to a sound component with
//! flipped bits is in `tests/corpus/flips.rs`.

use super::wat::{Worker, assemble};
use super::{Case, case};
use crate::runtime;

/// Custom sections are skipped, but they have to be read.
const LARGE: usize = 65 << 20;

pub(super) fn cases() -> Vec<Case> {
    let bytes = |name: &'static str, bytes: &[u8], code, message| {
        case("files", name, bytes.to_vec()).refused(code, message)
    };
    let good = assemble(&Worker::default().text());
    let mut cases = vec![
        bytes("empty", b"", "not-a-component", "an empty file"),
        bytes("text", b"hello there", "not-a-component", "a text file"),
        bytes("gzip", b"\x1f\x8b\x08\0", "not-a-component", "a gzip file"),
        bytes(
            "WebAssembly text",
            b"(component)",
            "not-a-component",
            "WebAssembly text",
        ),
        bytes(
            "an image",
            b"\x89PNG\r\n\x1a\n\0\0\0",
            "not-a-component",
            "no WebAssembly file",
        ),
        bytes(
            "an unknown version",
            b"\0asm\x0d\0\x02\0",
            "not-a-component",
            "damaged header",
        ),
        bytes(
            "a core module",
            b"\0asm\x01\0\0\0",
            "not-a-component",
            "a WebAssembly core module",
        ),
        bytes(
            "half a header",
            b"\0asm\x0d\0",
            "not-a-component",
            "damaged header",
        ),
        bytes(
            "a section of 4 GiB",
            b"\0asm\x0d\0\x01\0\x00\xff\xff\xff\xff\x0f",
            "bad-component",
            "damaged",
        ),
        bytes(
            "nothing but a header",
            b"\0asm\x0d\0\x01\0",
            "wrong-world",
            "it exports nothing",
        ),
        bytes(
            "precompiled code",
            &precompiled(&good),
            "not-a-component",
            "never loaded from outside",
        ),
        bytes(
            "a custom section of 65 MiB",
            &custom(&good, LARGE, 1),
            "component-too-complex",
            "limit 64 MiB",
        ),
        case(
            "files",
            "a custom section of 16 MiB",
            custom(&good, 16 << 20, 1),
        ),
        case(
            "files",
            "a hundred thousand custom sections",
            custom(&good, 10, 100_000),
        ),
    ];
    for part in [9, 50, 98] {
        let name = format!("cut off after {part} %");
        let cut = good[..good.len() * part / 100].to_vec();
        cases.push(case("files", name, cut).refused("bad-component", "damaged"));
    }
    cases.extend(worlds());
    cases.extend(proposals());
    cases
}

fn importing(imports: &str) -> Vec<u8> {
    let worker = Worker {
        imports,
        ..Worker::default()
    };
    assemble(&worker.text())
}

fn worlds() -> Vec<Case> {
    let run = |result: &str| {
        assemble(&format!(
            r#"(component
                (core module $m (func (export "run") (result i32) i32.const 0))
                (core instance $i (instantiate $m))
                (func (export "run") {result} (canon lift (core func $i "run"))))"#
        ))
    };
    let wrong = |name: &'static str, bytes: Vec<u8>, code, message| {
        case("files", name, bytes).refused(code, message)
    };
    let unknown = "unknown-import";
    vec![
        wrong(
            "another `run`",
            run("(result u32)"),
            "wrong-world",
            "`run` has another type",
        ),
        wrong(
            "an unknown import",
            importing(r#"(import "evil:corp/secrets@1.0.0" (instance))"#),
            unknown,
            "evil:corp/secrets@1.0.0",
        ),
        wrong(
            "an import of another version",
            importing(r#"(import "wodehost:plugin/clock@0.9.0" (instance))"#),
            unknown,
            "wodehost:plugin/clock@0.9.0",
        ),
        wrong(
            "an import of WASI 0.3",
            importing(r#"(import "wasi:clocks/monotonic-clock@0.3.0" (instance))"#),
            unknown,
            "wasi:clocks/monotonic-clock@0.3.0",
        ),
        wrong(
            "an import of WASI's http",
            importing(r#"(import "wasi:http/types@0.2.0" (instance))"#),
            unknown,
            "wasi:http/types@0.2.0",
        ),
        wrong(
            "an import of another shape",
            importing(
                r#"(import "wodehost:plugin/clock@0.1.0" (instance
                    (export "sleep" (func (param "ms" string)))))"#,
            ),
            unknown,
            "does not fit",
        ),
        wrong(
            "an import that is a function",
            importing(r#"(import "now" (func))"#),
            unknown,
            "`now`",
        ),
    ]
}

/// Sound, but of proposals that are off.
fn proposals() -> Vec<Case> {
    let table = [
        ("memory64", "(core module (memory i64 1))"),
        ("threads", "(core module (memory 1 1 shared))"),
        ("gc", "(core module (type (struct)))"),
        ("tail calls", "(core module (func return_call 0))"),
        ("exceptions", "(core module (tag))"),
        (
            "function references",
            "(core module (type $t (func)) (func (param (ref $t))))",
        ),
        (
            "relaxed simd",
            "(core module (func (param v128 v128) (result v128)
                (i8x16.relaxed_swizzle (local.get 0) (local.get 1))))",
        ),
        ("custom page sizes", "(core module (memory 1 (pagesize 1)))"),
        (
            "wide arithmetic",
            "(core module (func (param i64 i64) (result i64 i64)
                (i64.mul_wide_u (local.get 0) (local.get 1))))",
        ),
        ("async", "(type (stream u8))"),
    ];
    let rows = table.into_iter().map(|(name, text)| {
        let component = assemble(&format!("(component {text})"));
        case("files", name, component).refused("unsupported-feature", "")
    });
    rows.collect()
}

/// What `wasmtime compile` would leave.
fn precompiled(component: &[u8]) -> Vec<u8> {
    runtime().engine().precompile_component(component).unwrap()
}

/// A component with so many custom sections of so many bytes behind it.
fn custom(component: &[u8], bytes: usize, sections: usize) -> Vec<u8> {
    // Number 0, the length in LEB128, a name of no bytes, and the rest.
    let mut section = vec![0];
    let mut length = bytes + 1;
    while length >= 0x80 {
        section.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    section.push(length as u8);
    section.resize(section.len() + bytes + 1, 0);
    [component, &section.repeat(sections)].concat()
}
