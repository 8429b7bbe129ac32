//! Versions of programs, as far as they are compared.

use std::fmt;

/// Major, minor, patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) [u32; 3]);

impl Version {
    /// The first version in what a program says of itself: `Python 3.11.7`,
    /// `go version go1.27.3 linux/amd64`, `v20.20.2`.
    pub(crate) fn in_text(text: &str) -> Option<Version> {
        text.split_whitespace().find_map(|word| {
            let digits = word.find(|c: char| c.is_ascii_digit())?;
            Version::parse(&word[digits..])
        })
    }

    /// `3.11.7`, and `3.11`; what follows a number is left out.
    fn parse(text: &str) -> Option<Version> {
        let mut parts = text.split('.').map(|part| {
            let end = part.find(|c: char| !c.is_ascii_digit());
            part[..end.unwrap_or(part.len())].parse().ok()
        });
        let (major, minor) = (parts.next()??, parts.next()??);
        Some(Version([major, minor, parts.next().flatten().unwrap_or(0)]))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        match patch {
            0 => write!(f, "{major}.{minor}"),
            _ => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_say() {
        for (text, version) in [
            ("Python 3.11.7", Some([3, 11, 7])),
            ("v20.20.2", Some([20, 20, 2])),
            ("go version go1.27.3 linux/amd64", Some([1, 27, 3])),
            ("cargo 1.95.0-nightly (abc 2026-01-01)", Some([1, 95, 0])),
            ("Python 3.14rc1", Some([3, 14, 0])),
            ("0.17", Some([0, 17, 0])),
            ("no number", None),
            ("42", None),
        ] {
            assert_eq!(Version::in_text(text), version.map(Version), "{text}");
        }
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(Version([3, 9, 18]) < Version([3, 10, 0]));
    }
}
