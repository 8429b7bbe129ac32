//! Worker that leaves a secret wherever a worker can, or looks for the one that an earlier
//! job left. Job: `{"do": "write" or "scan", "masked": the secret, exclusive or MASK}`: the
//! secret itself is in the memory of the one that writes only.
//!
//! The answer to `write` is random numbers, that to `scan` the places of what was found.

#![expect(unsafe_code, reason = "it reads memory that it never wrote")]

use std::hash::BuildHasher;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use wodehost_guest::{Failure, Raw, board, host, log, random, task, worker};

const MASK: u64 = 0x5a17_c39e_0f66_b4d1;

/// Words on the heap, and so many pages besides.
const HEAP_WORDS: usize = 64 << 10;
const PAGES: usize = 4;

static SECRET: AtomicU64 = AtomicU64::new(0);

#[derive(Deserialize)]
struct Job {
    #[serde(rename = "do")]
    what: String,
    masked: u64,
}

#[worker]
fn canary(job: Job) -> Result<Raw, Failure> {
    match job.what.as_str() {
        "write" => write(job.masked ^ MASK),
        _ => Raw::of(&scan(job.masked)?),
    }
}

fn write(secret: u64) -> Result<Raw, Failure> {
    SECRET.store(secret, Ordering::Relaxed);
    std::mem::forget(black_box(vec![secret; HEAP_WORDS]));
    deep(64, secret);
    let end = grow(PAGES);
    for word in 0..PAGES * (64 << 10) / 8 {
        // SAFETY: the pages were just grown and nobody else knows of them.
        unsafe {
            std::ptr::with_exposed_provenance_mut::<u64>(end + word * 8).write_volatile(secret);
        };
    }
    let text = format!("{secret:016x}");
    task::update(&text)?;
    task::set_name(&text);
    log::info(&text);
    board::say(&text);
    print(&text);
    // Nothing is granted, so this goes nowhere.
    let _ = std::fs::write("/tmp/canary", &text);
    let seeds = std::hash::RandomState::new().hash_one(0);
    Raw::of(&[random::seed(), seeds])
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it leaves traces"
)]
fn print(text: &str) {
    println!("{text}");
    eprintln!("{text}");
}

/// Frames with the secret in them, some 16 KiB.
#[inline(never)]
fn deep(frames: u32, secret: u64) {
    let frame = black_box([secret; 32]);
    if frames > 0 {
        deep(frames - 1, secret);
    }
    black_box(frame);
}

fn scan(masked: u64) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    grow(2 * PAGES);
    // The stack below this frame, statics, the heap and the pages just grown are all here.
    let words = size() * (64 << 10) / 8;
    let hits = (0..words).filter(|word| {
        // SAFETY: within the memory, and aligned.
        let word = unsafe {
            std::ptr::with_exposed_provenance::<u64>(black_box(*word * 8)).read_volatile()
        };
        word ^ MASK == masked
    });
    let hits = hits.count();
    if hits > 0 {
        found.push(format!("memory {hits} times"));
    }
    if SECRET.load(Ordering::Relaxed) != 0 {
        found.push("static".to_owned());
    }
    let secret = format!("{:016x}", masked ^ MASK);
    let state: rmpv::Value = task::data()?;
    let env: Vec<_> = std::env::vars().collect();
    let file = std::fs::read_to_string("/tmp/canary").ok();
    let bytes = random::bytes(64);
    let places = [
        ("state", state.to_string()),
        ("name", host::name()),
        ("environment", format!("{env:?}")),
        ("variable", format!("{:?}", host::env("canary"))),
        ("file", format!("{file:?}")),
        ("random", format!("{bytes:02x?}").replace(", ", "")),
    ];
    let holds =
        |(place, text): &(&str, String)| text.contains(&secret).then(|| (*place).to_owned());
    found.extend(places.iter().filter_map(holds));
    Ok(found)
}

/// Grows the memory; the address of what is new.
#[cfg(target_arch = "wasm32")]
fn grow(pages: usize) -> usize {
    core::arch::wasm32::memory_grow::<0>(pages) * (64 << 10)
}

#[cfg(target_arch = "wasm32")]
fn size() -> usize {
    core::arch::wasm32::memory_size::<0>()
}

#[cfg(not(target_arch = "wasm32"))]
fn grow(_pages: usize) -> usize {
    0
}

#[cfg(not(target_arch = "wasm32"))]
fn size() -> usize {
    0
}
