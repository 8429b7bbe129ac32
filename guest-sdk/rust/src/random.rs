//! Random numbers, without WASI.

use crate::bindings::wit::random;

/// What the host gives in one call; more is a trap.
const CHUNK_BYTES_MAX: usize = 65_536;

/// `count` bytes from the host's cryptographic generator.
#[must_use]
pub fn bytes(count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count);
    while bytes.len() < count {
        let chunk = (count - bytes.len()).min(CHUNK_BYTES_MAX);
        bytes.extend(random::bytes(chunk as u32));
    }
    bytes
}

/// A random number over the whole range: a seed for a generator.
#[must_use]
pub fn seed() -> u64 {
    let mut seed = [0; 8];
    for (to, from) in seed.iter_mut().zip(random::bytes(8)) {
        *to = from;
    }
    u64::from_le_bytes(seed)
}
