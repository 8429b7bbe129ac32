//! A job's name and its id.

use std::fmt;
use std::str::FromStr;

/// The id of a job: `<host>-<number>`, for example `k3f9ax-17`.
///
/// The first part is drawn anew for every host, so that the ids of two runs do
/// not meet; the second counts from 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId {
    pub(crate) host: HostId,
    pub(crate) number: u64,
}

/// The id of a host: six letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId([u8; 6]);

/// Letters and digits that people do not mistake for each other (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl JobId {
    /// No job of any host: what an outcome made by hand has.
    pub const NONE: JobId = JobId {
        host: HostId(*b"000000"),
        number: 0,
    };

    /// The job of a host, or of a store, with this number.
    #[must_use]
    pub fn new(host: HostId, number: u64) -> JobId {
        JobId { host, number }
    }

    /// Its host, or the store that it is recorded in.
    #[must_use]
    pub fn host(self) -> HostId {
        self.host
    }

    /// Which of its host's jobs it is, in the order of their submission. The items of a
    /// parallel job have the numbers behind its own.
    #[must_use]
    pub fn number(self) -> u64 {
        self.number
    }
}

impl HostId {
    /// Draws a new id.
    #[must_use]
    pub fn draw() -> HostId {
        // A host without randomness still works; its ids then repeat.
        HostId::from_random(getrandom::u32().unwrap_or_default())
    }

    /// Makes an id from random bits.
    #[must_use]
    pub fn from_random(bits: u32) -> HostId {
        let mut bits = bits;
        HostId(std::array::from_fn(|_| {
            let letter = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
            letter
        }))
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{}", *b as char))
    }
}

impl fmt::Debug for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.host, self.number)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no id of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id of a job reads like `k3f9ax-17`")]
pub struct NoJobId;

impl FromStr for HostId {
    type Err = NoJobId;

    fn from_str(text: &str) -> Result<HostId, NoJobId> {
        let letters: [u8; 6] = text.as_bytes().try_into().map_err(|_| NoJobId)?;
        if letters.iter().all(|byte| ALPHABET.contains(byte)) {
            Ok(HostId(letters))
        } else {
            Err(NoJobId)
        }
    }
}

impl FromStr for JobId {
    type Err = NoJobId;

    fn from_str(text: &str) -> Result<JobId, NoJobId> {
        let (host, number) = text.split_once('-').ok_or(NoJobId)?;
        Ok(JobId {
            host: host.parse()?,
            number: number.parse().map_err(|_| NoJobId)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_host_and_number() {
        let host = HostId::from_random(0);
        let id = JobId { host, number: 17 };
        assert_eq!(id.to_string(), "000000-17");
        assert_ne!(HostId::from_random(1), HostId::from_random(2));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(host.to_string().parse(), Ok(host));
        for text in ["", "000000", "000000-", "000000-x", "00000-1", "00000i-1"] {
            assert_eq!(text.parse::<JobId>(), Err(NoJobId), "{text}");
        }
    }
}
