//! The first half of an array. Job: an array. Result: an array; the middle one stays.

use wodehost_guest::worker;

#[worker]
fn half(mut elements: Vec<rmpv::Value>) -> Vec<rmpv::Value> {
    elements.truncate(elements.len().div_ceil(2));
    elements
}
