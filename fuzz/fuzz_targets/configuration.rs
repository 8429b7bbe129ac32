//! See `tests/fuzz/src/configuration.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    wodehost_fuzz_targets::expect(wodehost_fuzz_targets::configuration::check(bytes));
});
