//! What the suite has found, for people and for programs.

use super::Found;
use anstyle::AnsiColor;
use serde::Serialize;
use std::fmt::Write as _;
use wodehost::value::escape_for_people;

/// How a check went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "why")]
pub(super) enum Verdict {
    Passed,
    /// What was expected and what came.
    Failed(String),
    /// Why it could not be.
    NotRun(String),
}

impl Verdict {
    pub(super) fn of(found: Found) -> Verdict {
        found.map_or_else(Verdict::Failed, |()| Verdict::Passed)
    }
}

/// A check that was made.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    name: String,
    #[serde(flatten)]
    verdict: Verdict,
}

impl Checked {
    pub(super) fn new(name: impl Into<String>, verdict: Verdict) -> Checked {
        Checked {
            name: name.into(),
            verdict,
        }
    }
}

/// Checks of one kind.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    title: &'static str,
    checks: Vec<Checked>,
}

impl Group {
    pub(super) fn new(title: &'static str, checks: Vec<Checked>) -> Group {
        Group { title, checks }
    }

    fn count(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.checks
            .iter()
            .filter(|checked| is(&checked.verdict))
            .count()
    }
}

/// All that was found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    schema: u32,
    /// The language that the plugin says it is written in; none where it does not answer
    /// requests.
    language: Option<String>,
    /// Why only what holds for any plugin was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_asked: Option<String>,
    passed: usize,
    failed: usize,
    not_run: usize,
    groups: Vec<Group>,
}

impl Report {
    /// Of a plugin that answers requests.
    pub(super) fn of_conformant(groups: Vec<Group>, language: &str) -> Report {
        Report::new(groups, Some(language.to_owned()), None)
    }

    /// Of a plugin that does not, and why it is thought not to.
    pub(super) fn of_any(groups: Vec<Group>, why: String) -> Report {
        Report::new(groups, None, Some(why))
    }

    fn new(groups: Vec<Group>, language: Option<String>, not_asked: Option<String>) -> Report {
        let count = |is: fn(&Verdict) -> bool| groups.iter().map(|group| group.count(is)).sum();
        Report {
            schema: 1,
            language,
            not_asked,
            passed: count(|verdict| *verdict == Verdict::Passed),
            failed: count(|verdict| matches!(verdict, Verdict::Failed(_))),
            not_run: count(|verdict| matches!(verdict, Verdict::NotRun(_))),
            groups,
        }
    }

    /// Whether nothing failed.
    pub(crate) fn is_green(&self) -> bool {
        self.failed == 0
    }

    /// It for people.
    pub(crate) fn render(&self) -> String {
        let (red, green) = (
            AnsiColor::Red.on_default().bold(),
            AnsiColor::Green.on_default(),
        );
        let mut text = String::new();
        for group in &self.groups {
            let passed = group.count(|verdict| *verdict == Verdict::Passed);
            let failed = group.count(|verdict| matches!(verdict, Verdict::Failed(_)));
            let (word, style) = if failed == 0 {
                ("ok", green)
            } else {
                ("FAILED", red)
            };
            let _ = writeln!(
                text,
                "{style}{word:6}{style:#}  {:32} {passed:4} of {}",
                group.title,
                passed + failed
            );
            for checked in &group.checks {
                let (word, why) = match &checked.verdict {
                    Verdict::Passed => continue,
                    Verdict::Failed(why) => ("failed", why),
                    Verdict::NotRun(why) => ("not run", why),
                };
                let _ = writeln!(
                    text,
                    "          {word}: {}: {}",
                    checked.name,
                    escape_for_people(why, 1000)
                );
            }
        }
        let _ = write!(
            text,
            "{} passed, {} failed, {} not run",
            self.passed, self.failed, self.not_run
        );
        let _ = match (&self.language, &self.not_asked) {
            (Some(language), _) => {
                writeln!(text, "; written in {}", escape_for_people(language, 60))
            }
            (None, Some(why)) => writeln!(
                text,
                "; only what holds for any plugin was checked: {why} (docs/conformance.md says what is asked)"
            ),
            (None, None) => writeln!(text),
        };
        text
    }
}
