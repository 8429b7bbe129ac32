//! Random bytes through the SDK, in as many calls as it takes. Job: how many.
//! Result: a bin.

use wodehost_guest::{ByteBuf, random, worker};

#[worker]
fn random_bytes(count: usize) -> ByteBuf {
    ByteBuf::from(random::bytes(count))
}
