//! Adds its two arguments. Job: `[a, b]`, integers. Result: an integer.

#[wodehost_guest::worker]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}
