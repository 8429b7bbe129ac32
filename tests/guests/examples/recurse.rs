//! Overflows the stack. Job: ignored.

#[wodehost_guest::worker]
fn recurse() -> u64 {
    deeper(0)
}

// The rotation keeps the optimiser from making a loop of it.
#[inline(never)]
fn deeper(depth: u64) -> u64 {
    if depth == u64::MAX {
        return 0;
    }
    deeper(depth + 1).rotate_left(1) ^ depth
}
