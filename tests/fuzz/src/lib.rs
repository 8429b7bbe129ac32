//! What is fuzzed: a check for each target, which says what is wrong with an answer.
//!
//! `fuzz/fuzz_targets` calls these from libFuzzer; `tests/seeds.rs` walks the seeds in
//! `fuzz/corpus` with them, so that neither rots. Each check takes the thing it checks as
//! an argument of a second function: a broken double has to be noticed.

pub mod attempt;
pub mod component;
pub mod configuration;
pub mod json;
mod sandbox;
pub mod scanner;
pub mod seeds;

/// What is wrong, if anything is.
pub type Checked = Result<(), String>;

/// A target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Also the name of its program, and of its folder of seeds.
    pub name: &'static str,
    /// Checks one input.
    pub check: fn(&[u8]) -> Checked,
}

/// All of them.
pub const TARGETS: [Target; 5] = [
    Target {
        name: "attempt",
        check: attempt::check,
    },
    Target {
        name: "component",
        check: component::check,
    },
    Target {
        name: "configuration",
        check: configuration::check,
    },
    Target {
        name: "json",
        check: json::check,
    },
    Target {
        name: "scanner",
        check: scanner::check,
    },
];

/// Stops a fuzzer that found something.
///
/// # Panics
///
/// When something is wrong.
#[expect(clippy::panic, reason = "that is how a fuzzer learns of it")]
pub fn expect(checked: Checked) {
    if let Err(wrong) = checked {
        panic!("{wrong}");
    }
}
