//! Fails with many zero bytes. Job: how many. Error value: a bin of that length.

use wodehost_guest::{ByteBuf, Failure, worker};

#[worker]
fn big_failure(bytes: usize) -> Result<(), Failure> {
    Err(Failure::of(&ByteBuf::from(vec![0; bytes])))
}
