//! `profile`: how attempts run, and what deterministic ones begin with.

use super::source::{Source, Sourced};
use super::{Config, Layer};
use crate::error::Error;
use crate::flags::ProfileFlags;
use serde::Deserialize;
use wodehost::task::Recorded;
use wodehost::{Limit, Profile};

/// A profile's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProfileName {
    Standard,
    Paranoid,
    Deterministic,
}

/// What a layer says of it.
#[derive(Debug, Default)]
pub(crate) struct ProfileLayer {
    pub(super) name: Option<Sourced<ProfileName>>,
    seed: Option<Sourced<u64>>,
    /// Seconds since 1970.
    clock: Option<Sourced<u64>>,
}

impl ProfileName {
    /// All of them, as they are written.
    pub(crate) const NAMES: [&'static str; 3] = ["standard", "paranoid", "deterministic"];

    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        let [standard, paranoid, deterministic] = Self::NAMES;
        match self {
            ProfileName::Standard => standard,
            ProfileName::Paranoid => paranoid,
            ProfileName::Deterministic => deterministic,
        }
    }

    /// What it means, in a few words.
    pub(crate) fn about(self) -> &'static str {
        match self {
            ProfileName::Standard => "as fast as is safe",
            ProfileName::Paranoid => "fresh memory, coarse clocks, no network",
            ProfileName::Deterministic => "virtual time, seeded random numbers, one job at a time",
        }
    }

    /// Reads it as a variable holds it.
    pub(crate) fn parse(text: &str) -> Result<ProfileName, String> {
        let all = [
            ProfileName::Standard,
            ProfileName::Paranoid,
            ProfileName::Deterministic,
        ];
        let found = all.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no profile; write {}", Self::NAMES.join(", ")))
    }
}

impl ProfileLayer {
    /// One that says the name, if any.
    pub(super) fn of(name: Option<Sourced<ProfileName>>) -> ProfileLayer {
        ProfileLayer {
            name,
            ..ProfileLayer::default()
        }
    }

    /// What the flags say.
    pub(super) fn of_flags(flags: &ProfileFlags) -> ProfileLayer {
        let name = match (flags.paranoid, flags.deterministic) {
            (true, _) => Some((ProfileName::Paranoid, "paranoid")),
            (false, true) => Some((ProfileName::Deterministic, "deterministic")),
            (false, false) => None,
        };
        let number = |number: Option<u64>, flag| {
            number.map(|number| Sourced::new(number, Source::Flag(flag)))
        };
        ProfileLayer {
            name: name.map(|(name, flag)| Sourced::new(name, Source::Flag(flag))),
            seed: number(flags.seed, "seed"),
            clock: number(flags.clock, "clock"),
        }
    }
}

impl Config {
    /// The profile's name.
    pub(crate) fn profile_name(&self) -> Sourced<ProfileName> {
        self.strongest(|l: &Layer| l.profile.name.as_ref())
            .unwrap_or(Sourced::default(ProfileName::Standard))
    }

    /// How attempts run.
    pub(crate) fn profile(&self) -> Profile {
        match self.profile_name().value {
            ProfileName::Standard => Profile::Standard,
            ProfileName::Paranoid => Profile::Paranoid,
            ProfileName::Deterministic => Profile::Deterministic(self.recorded()),
        }
    }

    fn recorded(&self) -> Recorded {
        let said = &self.flags.profile;
        let start_ms = said.clock.as_ref().map(|c| c.value.saturating_mul(1000));
        Recorded {
            start_ms: start_ms.unwrap_or(Recorded::DEFAULT.start_ms),
            seed: (said.seed.as_ref()).map_or(Recorded::DEFAULT.seed, |seed| seed.value),
        }
    }

    /// Whether what is said of the profile fits together.
    pub(super) fn check_profile(&self) -> Result<(), Error> {
        let ProfileLayer { seed, clock, .. } = &self.flags.profile;
        let name = self.profile_name();
        if name.value == ProfileName::Deterministic {
            let metered = self.metered();
            if metered.value {
                return Ok(());
            }
            let key = Limit::Fuel.info().key;
            let message = format!(
                "{key} is off ({}), and deterministic jobs have no other clock",
                metered.source
            );
            return Err(Error::usage(message).hint("give them fuel, or leave `--deterministic`"));
        }
        let Some(said) = seed.as_ref().or(clock.as_ref()) else {
            return Ok(());
        };
        let message = format!(
            "{} means nothing in the {} profile ({})",
            said.source,
            name.value.as_str(),
            name.source
        );
        let hint = match name.value {
            ProfileName::Standard => "add `--deterministic`",
            ProfileName::Paranoid | ProfileName::Deterministic => {
                "only deterministic jobs have a seed and a clock of their own"
            }
        };
        Err(Error::usage(message).hint(hint))
    }
}
