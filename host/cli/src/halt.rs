//! `--halt`: when failures end everything, and how.

use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// When to stop because jobs fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Halt {
    /// Never.
    #[default]
    Never,
    /// After so many failures running jobs are cancelled too.
    Now(u64),
    /// After so many failures nothing new starts; running jobs end by themselves.
    Soon(u64),
}

/// What is to be done after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Cancel running jobs.
    Cancel,
    /// Start nothing new.
    Drain,
}

impl Halt {
    /// What to do when so many jobs have failed.
    pub(crate) fn after(self, failures: u64) -> Option<Act> {
        match self {
            Halt::Now(max) if failures >= max => Some(Act::Cancel),
            Halt::Soon(max) if failures >= max => Some(Act::Drain),
            Halt::Never | Halt::Now(_) | Halt::Soon(_) => None,
        }
    }
}

impl FromStr for Halt {
    type Err = String;

    fn from_str(text: &str) -> Result<Halt, String> {
        let wrong = || format!("`{text}` is no rule; write `never`, `now,fail=N` or `soon,fail=N`");
        if text == "never" {
            return Ok(Halt::Never);
        }
        let (when, what) = text.split_once(',').ok_or_else(wrong)?;
        let count = what.strip_prefix("fail=").ok_or_else(wrong)?;
        let count: u64 = count.parse().map_err(|_| wrong())?;
        if count == 0 {
            return Err("`fail=0` would stop before the first job; write `fail=1`".to_owned());
        }
        match when {
            "now" => Ok(Halt::Now(count)),
            "soon" => Ok(Halt::Soon(count)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Halt::Never => f.write_str("never"),
            Halt::Now(count) => write!(f, "now,fail={count}"),
            Halt::Soon(count) => write!(f, "soon,fail={count}"),
        }
    }
}

impl<'de> Deserialize<'de> for Halt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Halt, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_written() {
        for text in ["never", "now,fail=1", "soon,fail=20"] {
            assert_eq!(
                text.parse::<Halt>().map(|h| h.to_string()).as_deref(),
                Ok(text)
            );
        }
        for text in [
            "",
            "now",
            "later,fail=1",
            "now,fail=",
            "now,fail=-1",
            "soon,fail=0",
        ] {
            assert!(text.parse::<Halt>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_rule_acts_once_enough_failed() {
        assert_eq!(Halt::Never.after(1_000_000), None);
        assert_eq!(Halt::Now(2).after(1), None);
        assert_eq!(Halt::Now(2).after(2), Some(Act::Cancel));
        assert_eq!(Halt::Soon(1).after(5), Some(Act::Drain));
    }
}
