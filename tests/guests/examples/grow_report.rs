//! Asks for memory pages and goes on when refused. Job: pages of 64 KiB.
//! Result: `{"refused": bool, "pages": n}`, the pages it has afterwards.

use serde::Serialize;

#[derive(Serialize)]
struct Report {
    refused: bool,
    pages: usize,
}

#[wodehost_guest::worker]
fn grow_report(pages: usize) -> Report {
    let refused = grow(pages) == usize::MAX;
    Report {
        refused,
        pages: size(),
    }
}

#[cfg(target_arch = "wasm32")]
fn grow(pages: usize) -> usize {
    core::arch::wasm32::memory_grow::<0>(pages)
}

#[cfg(target_arch = "wasm32")]
fn size() -> usize {
    core::arch::wasm32::memory_size::<0>()
}

#[cfg(not(target_arch = "wasm32"))]
fn grow(_pages: usize) -> usize {
    usize::MAX
}

#[cfg(not(target_arch = "wasm32"))]
fn size() -> usize {
    0
}
