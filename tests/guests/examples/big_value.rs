//! Returns many zero bytes. Job: how many. Result: a bin of that length.

use wodehost_guest::{ByteBuf, worker};

#[worker]
fn big_value(bytes: usize) -> ByteBuf {
    ByteBuf::from(vec![0; bytes])
}
