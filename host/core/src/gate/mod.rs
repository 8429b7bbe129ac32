//! Gates: what has to agree before a job starts.
//!
//! A gate is built in (free memory, load, a file, jobs per second) or a plugin that
//! exports `admit`. Here is what a gate is, how it is written, and what a built-in one
//! makes of the machine; when gates are asked, and what comes of it when one fails, is
//! the business of [`crate::Host`].

mod bucket;
mod error;
mod look;
mod parse;

pub(crate) use bucket::{Bucket, Rate};
pub use error::GateError;
pub(crate) use look::{Answer, Condition, Machine, ThisMachine};

use crate::plugin::Plugin;
use crate::units::Unit;
use std::fmt;
use std::path::Path;

/// Something that is asked before each start of a job.
///
/// | written | a job may start |
/// |---|---|
/// | `mem-free:SIZE` | while the system has at least so much memory to give away |
/// | `load:N` | while the load average of the last minute is below N |
/// | `file:PATH` | while there is something at the path |
/// | `file:!PATH` | while there is nothing at the path |
/// | `rate:N`, `rate:N/s`, `rate:N/m` | so many times a second or minute, at most as many at once as in one second |
///
/// The first two read `/proc`; where there is none, they fail, and a gate that fails
/// holds nothing back. Paths are looked at from the process's folder; see
/// [`Gate::from_folder`].
///
/// ```
/// use wodehost::Gate;
///
/// let gate = Gate::parse("rate:2.5/s")?;
/// assert_eq!((gate.name(), gate.to_string().as_str()), ("rate", "rate:2.5/s"));
/// assert!(Gate::parse("load:high").is_err());
/// # Ok::<(), wodehost::GateError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gate(Kind);

/// Which gate it is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// It looks at the machine.
    Condition(Condition),
    /// It counts starts.
    Rate(Rate),
    /// It asks a plugin.
    Plugin(Plugin),
}

/// The names of the built-in gates, each with how it is written.
pub const BUILT_IN_GATES: [(&str, &str); 4] = [
    ("mem-free", "mem-free:SIZE"),
    ("load", "load:N"),
    ("file", "file:PATH or file:!PATH"),
    ("rate", "rate:N, rate:N/s or rate:N/m"),
];

impl Gate {
    /// Reads a built-in gate.
    pub fn parse(text: &str) -> Result<Gate, GateError> {
        parse::gate(text).map(Gate)
    }

    /// Whether a text begins as a built-in gate does, right or wrong; otherwise it may
    /// name a plugin.
    #[must_use]
    pub fn is_built_in(text: &str) -> bool {
        parse::split(text).is_some()
    }

    /// A plugin that exports `admit`. It lives in one store, and each call has its
    /// plugin's keepalive as a deadline.
    #[must_use]
    pub fn plugin(plugin: Plugin) -> Gate {
        Gate(Kind::Plugin(plugin))
    }

    /// The same gate; a relative path of `file` begins at `base`.
    #[must_use]
    pub fn from_folder(mut self, base: &Path) -> Gate {
        if let Kind::Condition(Condition::File { path, .. }) = &mut self.0 {
            *path = base.join(&*path);
        }
        self
    }

    /// What it is called: `mem-free`, `load`, `file`, `rate`, or as its plugin.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Kind::Condition(condition) => condition.name(),
            Kind::Rate(_) => "rate",
            Kind::Plugin(plugin) => plugin.name(),
        }
    }

    pub(crate) fn into_kind(self) -> Kind {
        self.0
    }
}

/// A built-in gate as [`Gate::parse`] reads it, a plugin's name otherwise.
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Condition(Condition::MemoryFree(bytes)) => {
                let size = Unit::Bytes.format(*bytes);
                write!(f, "mem-free:{}", size.replace(' ', ""))
            }
            Kind::Condition(Condition::LoadBelow(load)) => write!(f, "load:{load}"),
            Kind::Condition(Condition::File { path, there }) => {
                let not = if *there { "" } else { "!" };
                write!(f, "file:{not}{}", path.display())
            }
            Kind::Rate(rate) => write!(f, "rate:{rate}"),
            Kind::Plugin(plugin) => f.write_str(plugin.name()),
        }
    }
}

#[cfg(test)]
pub(crate) use look::tests::Told;
