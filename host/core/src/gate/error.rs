//! Why a text is no gate.

use super::BUILT_IN_GATES;
use crate::units::QuantityError;

/// Why a text is no built-in gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// It begins like none of them.
    #[error("`{0}` is no built-in gate; there is {all}", all = all())]
    Unknown(String),
    /// The size is none.
    #[error("mem-free: {0}")]
    Size(QuantityError),
    /// The number is none.
    #[error("{gate}: `{text}` is not a number; write for example `{example}`")]
    Number {
        /// Which gate.
        gate: &'static str,
        /// What stands there.
        text: String,
        /// How it could be.
        example: &'static str,
    },
    /// It would be a gate that never opens.
    #[error("{gate}: with `{text}` no job would ever start")]
    Never {
        /// Which gate.
        gate: &'static str,
        /// What stands there.
        text: String,
    },
    /// More starts a second than can be told apart.
    #[error("rate: at most {most} a second")]
    TooFast {
        /// The most that it can be.
        most: u32,
    },
    /// Nothing says which file.
    #[error("file: there is no path; write `file:PATH` or `file:!PATH`")]
    NoPath,
}

fn all() -> String {
    let written: Vec<&str> = BUILT_IN_GATES.iter().map(|(_, written)| *written).collect();
    written.join(", ")
}
