//! Divides 100 by the job, by the machine's own division: 0 traps. Job: a u32.
//! Result: the quotient.

#![expect(unsafe_code, reason = "Rust checks every other division")]

use std::num::NonZero;

#[wodehost_guest::worker]
fn div_zero(divisor: u32) -> u32 {
    // SAFETY: there is none for a job of 0. Compiled for WebAssembly the
    // division is one instruction, and that traps, which is the purpose.
    let divisor = unsafe { NonZero::new_unchecked(divisor) };
    std::hint::black_box(100) / divisor
}
