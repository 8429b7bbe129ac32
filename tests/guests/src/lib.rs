//! What several of the guests under `examples/` share.
//!
//! Each example is one guest: a small component that does one thing to the host,
//! mostly a bad one. Its first line says what, and which job or configuration
//! it takes. `cargo build --profile guest --target wasm32-wasip2 -p
//! wodehost-test-guests --examples` builds them all.

use serde::Serialize;
use wodehost_guest::Raw;
use wodehost_guest::jobs::SubmitError;

/// `MessagePack` that is wrong in the way that `kind` names: `truncated`,
/// `trailing`, `c1`, `deep`, `dup`, `utf8` or `empty`. Any other kind gives nil.
#[must_use]
pub fn malformed(kind: &str) -> Raw {
    Raw(match kind {
        // A text of five bytes that ends after two.
        "truncated" => vec![0xa5, b'a', b'b'],
        // Two values where one should be.
        "trailing" => vec![0x01, 0x02],
        // The byte that MessagePack never uses.
        "c1" => vec![0xc1],
        // 100 arrays inside one another.
        "deep" => [vec![0x91; 100], vec![0xc0]].concat(),
        // {"a": 1, "a": 2}
        "dup" => vec![0x82, 0xa1, b'a', 0x01, 0xa1, b'a', 0x02],
        // A text of one byte that is no UTF-8.
        "utf8" => vec![0xa1, 0xff],
        "empty" => Vec::new(),
        _ => vec![0xc0],
    })
}

/// What came of asking for something that may not be granted: a map with either
/// `ok`, or `error` (the text) and `kind` (Rust's name for it).
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer<T> {
    /// It worked.
    Got {
        /// What came back.
        ok: T,
    },
    /// It did not.
    Refused {
        /// The text for people.
        error: String,
        /// `std::io::ErrorKind`, as Rust prints it.
        kind: String,
    },
}

impl<T> From<std::io::Result<T>> for Answer<T> {
    fn from(result: std::io::Result<T>) -> Self {
        match result {
            Ok(ok) => Self::Got { ok },
            Err(problem) => Self::Refused {
                error: problem.to_string(),
                kind: format!("{:?}", problem.kind()),
            },
        }
    }
}

/// A trap that is no panic: nothing is printed.
pub fn trap() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort();
}

/// Computes for ever; the optimiser cannot see through it.
pub fn spin() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

/// A value as JSON, as far as JSON can say it: binary data becomes an array of
/// numbers, and what is left a text.
#[must_use]
pub fn json(value: &rmpv::Value) -> String {
    serde_json::to_string(value)
        .unwrap_or_else(|_| serde_json::Value::from(value.to_string()).to_string())
}

/// Why a submit was refused: the error as the contract writes it, `closed` or
/// `limit(depth)`.
#[must_use]
pub fn refusal(refused: &SubmitError) -> String {
    let what = refusal_text(refused);
    what.map_or_else(
        || refused.name().to_owned(),
        |what| format!("{}({what})", refused.name()),
    )
}

/// What the error carries beside its name.
#[must_use]
pub fn refusal_text(refused: &SubmitError) -> Option<&str> {
    match refused {
        SubmitError::NoSlot | SubmitError::Closed => None,
        SubmitError::Gate(text)
        | SubmitError::Limit(text)
        | SubmitError::UnknownWorker(text)
        | SubmitError::BadValue(text)
        | SubmitError::BadOptions(text)
        | SubmitError::NotPermitted(text) => Some(text),
    }
}
