//! A sort op. Job: `[a, b]`, numbers. Result: whether a is less than b.

use wodehost_guest::worker;

#[worker]
fn before(a: f64, b: f64) -> bool {
    a < b
}
