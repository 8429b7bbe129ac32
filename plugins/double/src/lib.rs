//! Doubles a number.

use wodehost_guest::{Failure, worker};

#[worker]
fn double(n: i64) -> Result<i64, Failure> {
    let doubled = n.checked_mul(2);
    doubled.ok_or_else(|| Failure::code("overflow", format!("twice {n} does not fit into 64 bits")))
}
