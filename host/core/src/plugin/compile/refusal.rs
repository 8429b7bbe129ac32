//! Why a component was not compiled: as a child says it, as the cache remembers it, and
//! as the user reads it.

use super::CompileLimits;
use crate::plugin::PluginError;
use crate::sandbox::FEATURES;
use crate::units::Unit;
use crate::value::escape_for_people;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use wasmparser::{BinaryReaderError, Validator, WasmFeatures};

/// Which bound compiling ran into, and where that bound was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompileLimit {
    /// Computing time of all threads.
    Cpu(Duration),
    /// Time by the clock.
    Wall(Duration),
    /// Address space, bytes.
    Memory(u64),
}

impl CompileLimit {
    /// Whether the limits of now are no wider than this one was.
    fn still_holds(self, limits: &CompileLimits) -> bool {
        match self {
            CompileLimit::Cpu(cpu) => limits.cpu <= cpu,
            // It is never kept.
            CompileLimit::Wall(_) => false,
            CompileLimit::Memory(memory) => limits.memory <= memory,
        }
    }

    /// The setting that raises it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            CompileLimit::Cpu(_) | CompileLimit::Wall(_) => "compile-time",
            CompileLimit::Memory(_) => "compile-memory",
        }
    }
}

impl fmt::Display for CompileLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: &Duration| Unit::Time.format(time.as_nanos() as u64);
        match self {
            CompileLimit::Cpu(cpu) => write!(f, "{} of computing time", time(cpu)),
            CompileLimit::Wall(wall) => write!(f, "{} by the clock", time(wall)),
            CompileLimit::Memory(bytes) => write!(f, "{} of memory", Unit::Bytes.about(*bytes)),
        }
    }
}

/// Why a component was refused, for a reason that lies in the component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refusal {
    /// It is damaged.
    Damaged(String),
    /// It uses something that is off.
    Unsupported(String),
    /// The compiler cannot cope with it.
    TooComplex(String),
    /// It took too much.
    Limit(CompileLimit),
    /// The compiler failed; no fault of the component.
    Fault(String),
}

impl Refusal {
    /// Whether it is worth remembering: the same would come out again. How long something
    /// takes by the clock is said by whatever else the machine does, too.
    pub(crate) fn is_final(&self) -> bool {
        !matches!(
            self,
            Refusal::Fault(_) | Refusal::Limit(CompileLimit::Wall(_))
        )
    }

    /// Whether it holds under these limits; none = without any.
    pub(crate) fn still_holds(&self, limits: Option<&CompileLimits>) -> bool {
        match self {
            Refusal::Limit(limit) => limits.is_some_and(|limits| limit.still_holds(limits)),
            Refusal::Damaged(_) | Refusal::Unsupported(_) | Refusal::TooComplex(_) => true,
            Refusal::Fault(_) => false,
        }
    }

    /// As an error about a component of so many bytes. A child's words are as little
    /// trusted as a guest's.
    pub(crate) fn into_error(self, bytes: u64) -> PluginError {
        let text = |text: String| escape_for_people(&text, 500);
        match self {
            Refusal::Damaged(why) => PluginError::Damaged(text(why)),
            Refusal::Unsupported(why) => PluginError::UnsupportedFeature(text(why)),
            Refusal::TooComplex(why) => PluginError::TooComplex(text(why)),
            Refusal::Limit(limit) => PluginError::CompileLimit { bytes, limit },
            Refusal::Fault(why) => PluginError::Compile(text(why)),
        }
    }
}

/// Tells damage from a feature that is off, by validating with everything on and
/// then with what the engine has on.
pub(crate) fn why_not(bytes: &[u8], error: &wasmtime::Error) -> Refusal {
    let validate = |features| Validator::new_with_features(features).validate_all(bytes);
    let in_words = |invalid: &BinaryReaderError| {
        let text = escape_for_people(invalid.message(), 300);
        format!("{text} (at byte {})", invalid.offset())
    };
    if let Err(invalid) = validate(WasmFeatures::all()) {
        // A cap of the format's readers: sound perhaps, but more than anybody takes. Only
        // the text tells it, which a row of the hostile corpus compares.
        let is_cap = ["exceeds limit of", "exceeds the limit of"]
            .iter()
            .any(|words| invalid.message().contains(words));
        return if is_cap {
            Refusal::TooComplex(in_words(&invalid))
        } else {
            Refusal::Damaged(in_words(&invalid))
        };
    }
    match validate(FEATURES) {
        Err(invalid) => Refusal::Unsupported(in_words(&invalid)),
        Ok(_) => Refusal::TooComplex(crate::plugin::load::cause(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_was_raised_no_longer_refuses() {
        let refusal = Refusal::Limit(CompileLimit::Cpu(Duration::from_secs(2)));
        let limits = |seconds| CompileLimits::of(Duration::from_secs(seconds), 1 << 30);
        assert!(refusal.still_holds(Some(&limits(1))));
        assert!(refusal.still_holds(Some(&limits(2))));
        assert!(!refusal.still_holds(Some(&limits(3))));
        assert!(!refusal.still_holds(None), "nothing bounds it here");
        let memory = Refusal::Limit(CompileLimit::Memory(1 << 30));
        assert!(memory.still_holds(Some(&limits(3))));
        assert!(refusal.is_final() && memory.is_final());
        assert!(!Refusal::Limit(CompileLimit::Wall(Duration::MAX)).is_final());
        assert!(!Refusal::Fault(String::new()).is_final());
        assert!(Refusal::Damaged(String::new()).still_holds(None));
    }
}
