//! Where seeds are, and those that are made: values, components and noise are bytes that
//! nobody writes by hand. Texts, of JSON and of configurations, are.

use crate::{TARGETS, Target};
use std::io;
use std::path::PathBuf;
use wodehost_tests::bombs;
use wodehost_tests::corpus::vectors;
use wodehost_tests::corpus::wat::{Worker, assemble};

/// A seed: the name of its file, and what is in it.
pub type Seed = (String, Vec<u8>);

/// Where a target's seeds are.
#[must_use]
pub fn folder(target: &str) -> PathBuf {
    wodehost_tests::workspace().join("fuzz/corpus").join(target)
}

/// All seeds of a target, by name.
pub fn read(target: &Target) -> io::Result<Vec<Seed>> {
    let mut seeds = Vec::new();
    for entry in std::fs::read_dir(folder(target.name))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        seeds.push((name.into_owned(), std::fs::read(&path)?));
    }
    seeds.sort();
    Ok(seeds)
}

/// Those of a target that are made.
#[must_use]
pub fn made(target: &str) -> Vec<Seed> {
    let named = |seeds: Vec<(&str, Vec<u8>)>| {
        let file = |(name, bytes): (&str, Vec<u8>)| (name.replace(' ', "-"), bytes);
        seeds.into_iter().map(file).collect()
    };
    match target {
        "attempt" => noise(),
        "component" => named(components()),
        "json" | "scanner" => named(vectors().into_iter().chain(nests()).collect()),
        _ => Vec::new(),
    }
}

/// Writes those that are made.
pub fn write() -> io::Result<()> {
    for target in &TARGETS {
        std::fs::create_dir_all(folder(target.name))?;
        for (name, bytes) in made(target.name) {
            std::fs::write(folder(target.name).join(name), bytes)?;
        }
    }
    Ok(())
}

/// Values with all that may stand inside each other.
fn nests() -> Vec<(&'static str, Vec<u8>)> {
    let keys = (0..20_u8).flat_map(|key| [0xcc, key, key]);
    vec![
        ("nothing open at 64 levels", [[0x91].repeat(63), vec![0x90]].concat()),
        ("65 levels", [[0x91].repeat(64), vec![0x80]].concat()),
        ("keys in keys", [[0x81].repeat(5), [0xc0].repeat(6)].concat()),
        ("a map of 20", [vec![0xde, 0, 20], keys.collect()].concat()),
        (
            "one of each",
            b"\x9f\xc0\xc2\xc3\x07\xe0\xcc\xff\xcd\x01\0\xd0\x80\xca\x7f\x80\0\0\xcb\x80\0\0\0\0\0\0\0\xa2\xc3\xa9\xc4\x01\xff\xd4\x05\0\x92\x01\x02\x81\xa1a\x80".to_vec(),
        ),
    ]
}

/// Small components: sound, damaged, of another world, with proposals that are off, and such
/// as hurt whoever compiles or runs them.
fn components() -> Vec<(&'static str, Vec<u8>)> {
    let worker = |worker: Worker<'_>| assemble(&worker.text());
    let runs = |run| {
        worker(Worker {
            run,
            ..Worker::default()
        })
    };
    let good = runs("i32.const 16");
    let emits = Worker {
        imports: r#"(import "wodehost:plugin/task@0.1.0" (instance $task
            (export "emit" (func (param "v" (list u8)) (result (result (error string)))))
            (export "restart" (func))))
        (core func $emit (canon lower (func $task "emit") (memory $m) (realloc $realloc)))
        (core func $restart (canon lower (func $task "restart")))"#,
        given: r#"(export "emit" (func $emit)) (export "restart" (func $restart))"#,
        wants: r#"(import "host" "emit" (func $emit (param i32 i32 i32)))
            (import "host" "restart" (func $restart))"#,
        run: "(call $emit (i32.const 32) (i32.const 1) (i32.const 128))
            (call $restart) unreachable",
        ..Worker::default()
    };
    let tables = Worker {
        core: "(table 2 funcref) (global $g (mut i32) (i32.const 3))
            (func $f (param i32) (result i32) (i32.mul (local.get 0) (global.get $g)))
            (elem (i32.const 0) $f)",
        run: "(drop (call_indirect (param i32) (result i32) (i32.const 4) (i32.const 0)))
            i32.const 16",
        ..Worker::default()
    };
    let start = Worker {
        core: "(func $start unreachable) (start $start)",
        ..Worker::default()
    };
    let realloc = Worker {
        realloc: "i32.const -1",
        ..Worker::default()
    };
    let post = Worker {
        post: "(loop (br 0))",
        ..Worker::default()
    };
    let text = |text: &str| assemble(&format!("(component {text})"));
    vec![
        ("cut off", good[..good.len() * 9 / 10].to_vec()),
        ("a good one", good),
        ("spins", runs("(loop (br 0)) i32.const 16")),
        ("traps", runs("unreachable")),
        ("grows", runs("(memory.grow (i32.const 1000))")),
        ("out of bounds", runs("i32.const -4")),
        ("misaligned", runs("i32.const 17")),
        ("emits and restarts", worker(emits)),
        ("tables and globals", worker(tables)),
        ("traps at its start", worker(start)),
        ("a realloc that gives nothing", worker(realloc)),
        ("an endless post-return", worker(post)),
        (
            "an unknown import",
            text(r#"(import "evil:corp/x@1.0.0" (instance))"#),
        ),
        (
            "another world",
            text(
                r#"(core module $m (func (export "run") (result i32) i32.const 0))
            (core instance $i (instantiate $m))
            (func (export "run") (result u32) (canon lift (core func $i "run")))"#,
            ),
        ),
        ("types in types", bombs::deep_types(20)),
        ("components in components", bombs::deep_components(20)),
        ("many functions", bombs::functions(50, 50, b"\x41\x00\x1a")),
        ("branches", bombs::branches(40)),
        ("memory64", text("(core module (memory i64 1))")),
        ("a shared memory", text("(core module (memory 1 1 shared))")),
        ("gc", text("(core module (type (struct)))")),
        ("async", text("(type (stream u8))")),
        ("a core module", b"\0asm\x01\0\0\0".to_vec()),
        ("nothing but a header", b"\0asm\x0d\0\x01\0".to_vec()),
        (
            "a section of 4 GiB",
            b"\0asm\x0d\0\x01\0\x00\xff\xff\xff\xff\x0f".to_vec(),
        ),
        ("gzip", b"\x1f\x8b\x08\0".to_vec()),
    ]
}

/// How many seeds of noise there are, and how long the longest is.
const NOISES: u64 = 24;
const NOISE_BYTES_MAX: u64 = 5000;

/// Noise of several lengths, which becomes code; the first byte chooses what kind of.
fn noise() -> Vec<Seed> {
    let one = |number: u64| {
        let length = NOISE_BYTES_MAX * (number + 1) / NOISES;
        let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number + 1);
        let mut next = || {
            // Marsaglia's xorshift.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        let mut bytes: Vec<u8> = (0..length).map(|_| next()).collect();
        bytes[0] = number as u8;
        (format!("noise-{number:02}"), bytes)
    };
    (0..NOISES).map(one).collect()
}
