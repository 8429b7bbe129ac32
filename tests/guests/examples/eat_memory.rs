//! Takes and touches memory until there is no more: the allocator then traps.
//! Job: ignored.

use std::hint::black_box;

#[wodehost_guest::worker]
fn eat_memory() -> ! {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    loop {
        eaten.push(black_box(vec![0x5a; 1 << 20]));
    }
}
