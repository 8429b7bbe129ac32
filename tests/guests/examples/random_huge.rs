//! Asks for random bytes in one call; more than 65,536 are a trap. Job: how many.
//! Result: how many came.

use wodehost_guest::{bindings, worker};

#[worker]
fn random_huge(count: u32) -> usize {
    bindings::wit::random::bytes(count).len()
}
