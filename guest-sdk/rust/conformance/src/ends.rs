//! Requests that end an attempt, use much, or fail.

use crate::request::Request;
use rmpv::Value;
use std::error::Error;
use std::fmt;
use std::hint::black_box;
use wodehost_guest::{Failure, clock, task};

const MEBIBYTE: usize = 1 << 20;

pub(crate) fn answer(request: &Request) -> Result<Value, Failure> {
    match request.what.as_str() {
        "fail" => Err(Failure::of(&request.with)),
        "throw" => conformance_middle(request.text()?),
        "throw-in-cause" => Err(Outer(Inner(request.text()?.to_owned())).into()),
        "exit" => std::process::exit(3),
        "spin" => loop {
            black_box(());
        },
        "recurse" => Ok(deeper(0).into()),
        "allocate" => allocate(request.number()?),
        "stay-alive" => Ok(stay_alive(request.number()?)),
        _ => std::process::abort(),
    }
}

#[inline(never)]
fn conformance_middle(text: &str) -> ! {
    conformance_deep(text)
}

#[inline(never)]
#[expect(clippy::panic, reason = "that is what was asked for")]
fn conformance_deep(text: &str) -> ! {
    panic!("{text}")
}

/// An error whose cause says what is to be said.
#[derive(Debug)]
struct Outer(Inner);

#[derive(Debug)]
struct Inner(String);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it has a cause")
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl Error for Inner {}

#[expect(unconditional_recursion, reason = "that is what was asked for")]
fn deeper(depth: u64) -> u64 {
    black_box(deeper(black_box(depth + 1))) + 1
}

fn allocate(bytes: u64) -> Result<Value, Failure> {
    let pieces = usize::try_from(bytes)?.div_ceil(MEBIBYTE);
    let kept: Vec<Vec<u8>> = (0..pieces).map(|_| black_box(vec![1; MEBIBYTE])).collect();
    black_box(kept);
    Ok(bytes.into())
}

/// Computes for so long, with signs of life.
fn stay_alive(ms: u64) -> Value {
    let (mut signs, mut last) = (0, clock::now());
    let end = last + std::time::Duration::from_millis(ms);
    while last < end {
        (0..10_000).for_each(|n| _ = black_box(n));
        let now = clock::now();
        if now > last {
            task::keepalive();
            signs += 1;
            last = now;
        }
    }
    Value::from(signs)
}
