//! How many tests passed and failed, summed from what test runners print.

use std::fmt;
use std::ops::AddAssign;

/// Displays as `N passed, N failed`, the line that CI looks for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// One test that passed.
    pub(crate) fn one() -> Self {
        Self {
            passed: 1,
            failed: 0,
        }
    }

    /// Whether nothing was counted.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Counts a line in if a runner tells by it how many tests there were, or how one
    /// ended; all others are ignored.
    pub(crate) fn add_line(&mut self, line: &str) {
        let counts = [cargo, unittest, tap, go, plain];
        if let Some(count) = counts.iter().find_map(|count| count(line.trim_end())) {
            *self += count;
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, of `cargo test`.
fn cargo(line: &str) -> Option<Tally> {
    let counts = line.trim().strip_prefix("test result: ")?;
    let (_verdict, counts) = counts.split_once(". ")?;
    let mut counts = counts.split("; ");
    let passed = counts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = counts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some(Tally { passed, failed })
}

/// `Ran 12 tests in 0.1s`, of Python's unittest; those that failed are among them, and the
/// program's end says so.
fn unittest(line: &str) -> Option<Tally> {
    let (passed, _) = line.strip_prefix("Ran ")?.split_once(" test")?;
    let passed = passed.parse().ok()?;
    Some(Tally { passed, failed: 0 })
}

/// `# pass 12` and `# fail 0`, of Node's runner.
fn tap(line: &str) -> Option<Tally> {
    let (verdict, count) = line.strip_prefix("# ")?.split_once(' ')?;
    let count = count.parse().ok()?;
    match verdict {
        "pass" => Some(Tally {
            passed: count,
            failed: 0,
        }),
        "fail" => Some(Tally {
            passed: 0,
            failed: count,
        }),
        _ => None,
    }
}

/// `--- PASS: TestX (0.00s)` of `go test -v`; those inside of others are set back.
fn go(line: &str) -> Option<Tally> {
    let failed = u64::from(line.starts_with("--- FAIL: "));
    let passed = u64::from(line.starts_with("--- PASS: "));
    (failed + passed > 0).then_some(Tally { passed, failed })
}

/// `17 passed, 0 failed`, alone.
fn plain(line: &str) -> Option<Tally> {
    let (passed, failed) = line.split_once(", ")?;
    let passed = passed.strip_suffix(" passed")?.parse().ok()?;
    let failed = failed.strip_suffix(" failed")?.parse().ok()?;
    Some(Tally { passed, failed })
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
    fn the_runners_of_other_languages_are_understood() {
        let output = "\
Ran 54 tests in 0.012s
# tests 603
# pass 600
# fail 3
--- PASS: TestEachVector (0.01s)
    --- PASS: TestEachVector/nil (0.00s)
--- FAIL: TestOther (0.00s)
examples: 7 passed, 0 failed
17 passed, 1 failed
";
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally.add_line(line));
        assert_eq!(tally.to_string(), "672 passed, 5 failed");
        assert!(!tally.is_empty() && Tally::default().is_empty());
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
