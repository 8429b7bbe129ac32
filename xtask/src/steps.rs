//! Runs the steps of a longer work one after another, tells how each went, and
//! leaves out what stands on a step that failed.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::Error;

/// One step; `C` is what the steps share.
pub(crate) struct Step<C> {
    pub(crate) name: &'static str,
    /// Names of steps that have to have passed.
    pub(crate) needs: &'static [&'static str],
    pub(crate) run: fn(&mut C) -> Result<(), Error>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    /// Holds the name of the needed step that did not pass.
    Skipped(&'static str),
}

/// How all of them went, in order. Displays as one line for each.
#[derive(Debug, Default)]
pub(crate) struct Report {
    entries: Vec<(&'static str, Verdict, Duration)>,
}

impl Report {
    /// Whether no step failed or was left out.
    pub(crate) fn is_passed(&self) -> bool {
        self.entries
            .iter()
            .all(|(_, verdict, _)| *verdict == Verdict::Passed)
    }

    fn unmet(&self, needs: &[&'static str]) -> Option<&'static str> {
        self.entries
            .iter()
            .find(|(name, verdict, _)| needs.contains(name) && *verdict != Verdict::Passed)
            .map(|(name, ..)| *name)
    }
}

/// Runs the steps in order.
pub(crate) fn run<'s, C: 's>(
    steps: impl IntoIterator<Item = &'s Step<C>>,
    context: &mut C,
) -> Report {
    let mut report = Report::default();
    for step in steps {
        let start = Instant::now();
        let verdict = match report.unmet(step.needs) {
            Some(needed) => Verdict::Skipped(needed),
            None => run_one(step, context),
        };
        report.entries.push((step.name, verdict, start.elapsed()));
    }
    report
}

fn run_one<C>(step: &Step<C>, context: &mut C) -> Verdict {
    eprintln!("\n=== {}", step.name);
    match (step.run)(context) {
        Ok(()) => Verdict::Passed,
        Err(error) => {
            eprint!("{error}");
            Verdict::Failed
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.entries.iter().map(|(name, ..)| name.len()).max();
        let width = width.unwrap_or_default();
        for (name, verdict, time) in &self.entries {
            let seconds = time.as_secs_f64();
            match verdict {
                Verdict::Passed => writeln!(f, "  {name:width$}  passed  {seconds:7.1} s")?,
                Verdict::Failed => writeln!(f, "  {name:width$}  FAILED  {seconds:7.1} s")?,
                Verdict::Skipped(needed) => {
                    writeln!(f, "  {name:width$}  skipped, it needs `{needed}`")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Trace = Vec<&'static str>;

    const STEPS: [Step<Trace>; 4] = [
        Step {
            name: "tools",
            needs: &[],
            run: |trace| {
                trace.push("tools");
                Err(Error::new("no network"))
            },
        },
        Step {
            name: "build",
            needs: &["tools"],
            run: |trace| {
                trace.push("build");
                Ok(())
            },
        },
        Step {
            name: "format",
            needs: &[],
            run: |trace| {
                trace.push("format");
                Ok(())
            },
        },
        Step {
            name: "test",
            needs: &["format", "build"],
            run: |trace| {
                trace.push("test");
                Ok(())
            },
        },
    ];

    fn verdicts(report: &Report) -> Vec<Verdict> {
        report
            .entries
            .iter()
            .map(|(_, verdict, _)| *verdict)
            .collect()
    }

    #[test]
    fn what_stands_on_a_failed_step_is_left_out_and_the_rest_is_done() {
        let mut trace = Trace::new();
        let report = run(&STEPS, &mut trace);
        assert_eq!(trace, ["tools", "format"]);
        assert_eq!(
            verdicts(&report),
            [
                Verdict::Failed,
                Verdict::Skipped("tools"),
                Verdict::Passed,
                Verdict::Skipped("build"),
            ]
        );
        assert!(!report.is_passed());
    }

    #[test]
    fn all_is_well_when_each_step_is() {
        let report = run(&STEPS[1..], &mut Trace::new());
        assert!(report.is_passed());
    }

    #[test]
    fn the_report_has_one_line_a_step() {
        let report = Report {
            entries: vec![
                ("format", Verdict::Passed, Duration::from_millis(1_234)),
                ("lints", Verdict::Failed, Duration::from_secs(61)),
                ("test", Verdict::Skipped("lints"), Duration::ZERO),
            ],
        };
        assert_eq!(
            report.to_string(),
            "  format  passed      1.2 s\n\
             \x20 lints   FAILED     61.0 s\n\
             \x20 test    skipped, it needs `lints`\n"
        );
    }
}
