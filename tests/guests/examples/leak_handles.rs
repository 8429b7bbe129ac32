//! Opens a file again and again and never closes it. Job: its path. Never ends by itself.

use wodehost_guest::{Failure, worker};

#[worker]
fn leak_handles(path: String) -> Result<(), Failure> {
    loop {
        std::mem::forget(std::fs::File::open(&path)?);
    }
}
