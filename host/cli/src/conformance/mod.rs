//! The contract's conformance suite, `wodehost check PLUGIN --conformance`: what a plugin of
//! any SDK has to do, asked of a plugin that answers the requests of `docs/conformance.md`,
//! and what holds for any plugin.
//!
//! A [`Check`] is a name and a function that finds out; [`prove`] runs them all, one after
//! the other, and leaves a [`Report`].

mod any;
mod bench;
mod expect;
mod report;
mod residents;
mod vectors;
mod worker;

pub(crate) use report::Report;

use crate::error::Error;
use crate::session::Session;
use bench::Bench;
use report::{Checked, Group, Verdict};
use std::path::Path;

/// What a check finds: the error says what was expected and what came.
type Found = Result<(), String>;

/// One thing that a plugin has to do.
struct Check {
    name: &'static str,
    /// The request that it asks; a plugin may say that its language lacks it.
    asks: &'static str,
    run: fn(&Bench) -> Found,
}

/// Checks of one kind.
struct Checks {
    title: &'static str,
    list: &'static [Check],
}

/// Runs the suite against the component in a file.
pub(crate) fn prove(session: &Session, path: &Path) -> Result<Report, Error> {
    let bench = Bench::new(session, path)?;
    let mut groups = vec![any::check(&bench)];
    match bench.described() {
        Ok(()) => {
            groups.push(worker::values(&bench));
            for checks in worker::CHECKS {
                groups.push(run(&bench, checks));
            }
            groups.extend(residents::check(&bench));
        }
        Err(why) => return Ok(Report::of_any(groups, why)),
    }
    Ok(Report::of_conformant(groups, bench.language()))
}

fn run(bench: &Bench, checks: &Checks) -> Group {
    let checked = checks.list.iter().map(|check| {
        let verdict = if bench.lacks(check.asks) {
            Verdict::NotRun(format!("{} lacks `{}`", bench.language(), check.asks))
        } else {
            Verdict::of((check.run)(bench))
        };
        Checked::new(check.name, verdict)
    });
    Group::new(checks.title, checked.collect())
}
