//! Adds up. Job: an array of integers. Result: an integer.

use wodehost_guest::worker;

#[worker]
fn sum(numbers: Vec<i64>) -> i64 {
    numbers.iter().sum()
}
