//! Reads far outside of its memory. Job: ignored.

#![expect(unsafe_code, reason = "Rust checks every other access")]

#[wodehost_guest::worker]
fn out_of_bounds() -> u8 {
    let end = std::hint::black_box(0xffff_fff0_usize);
    // SAFETY: there is none. Compiled for WebAssembly the access is checked by
    // the machine, and that traps, which is the purpose.
    unsafe { std::ptr::without_provenance::<u8>(end).read_volatile() }
}
