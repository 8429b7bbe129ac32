//! How attempts run: as fast as is safe, with even less to find out, or twice the same.
//!
//! A profile belongs to an engine, so all jobs of a runtime have the same one.

use crate::task::Recorded;
use std::time::Duration;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Instances come from pools; clocks have steps of a millisecond.
    #[default]
    Standard,
    /// Every attempt gets memory and a stack that nobody had before, clocks have steps of a
    /// tenth of a second, and nobody has the network, whatever was granted.
    Paranoid,
    /// The same job gives the same bytes, uses the same fuel and ends the same way each
    /// time: time is virtual, random numbers are seeded, and nobody may be granted files or
    /// the network. Jobs run one at a time.
    Deterministic(Recorded),
}

impl Profile {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Profile::Standard => "standard",
            Profile::Paranoid => "paranoid",
            Profile::Deterministic(_) => "deterministic",
        }
    }

    /// The steps of the clocks.
    pub(crate) fn clock_step(self) -> Duration {
        match self {
            Profile::Standard | Profile::Deterministic(_) => Duration::from_millis(1),
            Profile::Paranoid => Duration::from_millis(100),
        }
    }

    /// Whether instances may come from pools.
    pub(crate) fn may_pool(self) -> bool {
        self != Profile::Paranoid
    }

    /// Whether computing gives the same NaN everywhere.
    pub(crate) fn has_one_nan(self) -> bool {
        self.recorded().is_some()
    }

    /// One whose code is such.
    pub(crate) fn of_code(one_nan: bool) -> Profile {
        if one_nan {
            Profile::Deterministic(Recorded::DEFAULT)
        } else {
            Profile::Standard
        }
    }

    /// What the deterministic jobs begin with that say nothing else; none = jobs are not.
    pub(crate) fn recorded(self) -> Option<Recorded> {
        match self {
            Profile::Standard | Profile::Paranoid => None,
            Profile::Deterministic(recorded) => Some(recorded),
        }
    }
}
