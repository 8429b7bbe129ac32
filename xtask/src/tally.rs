//! How many tests passed and failed, summed from what `cargo test` prints.

use std::fmt;

/// Displays as `N passed, N failed`, the line that CI looks for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Counts a line in if it is the closing line of a test program; all
    /// others are ignored.
    pub(crate) fn add_line(&mut self, line: &str) {
        if let Some(one) = Self::parse(line) {
            self.passed += one.passed;
            self.failed += one.failed;
        }
    }

    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn parse(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result: ")?;
        let (_verdict, counts) = counts.split_once(". ")?;
        let mut counts = counts.split("; ");
        let passed = counts.next()?.strip_suffix(" passed")?.parse().ok()?;
        let failed = counts.next()?.strip_suffix(" failed")?.parse().ok()?;
        Some(Self { passed, failed })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_summed_whatever_their_verdict() {
        let output = "\
running 4 tests
test value::scan ... ok

test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s

test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.20s
";
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally.add_line(line));
        assert_eq!(tally.to_string(), "13 passed, 2 failed");
    }

    #[test]
    fn lines_that_only_look_alike_do_not_count() {
        let mut tally = Tally::default();
        for line in [
            "",
            "test result: ok.",
            "test result: ok. many passed; 0 failed;",
            "said: test result: ok. 3 passed; 0 failed; 0 ignored",
            "test result: ok. 3 passed",
            "test result: ok. -1 passed; 0 failed; 0 ignored",
        ] {
            tally.add_line(line);
        }
        assert_eq!(tally, Tally::default());
    }
}
