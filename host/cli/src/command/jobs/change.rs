//! What `retry`, `cancel` and `drop` have in common: do it, and say what came of it.

use crate::args::Globals;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::jobs::changing::Changing;
use crate::jobs::choice::{Choice, ChoiceFlags};
use crate::jobs::row::count;
use crate::shown;
use wodehost::JobId;
use wodehost::store::{Change, Changed, Filter};

/// Jobs that are named, at most, where it was not done.
const NAMED_MAX: usize = 20;

/// Something that is done to jobs.
pub(super) struct Verb {
    pub(super) change: Change,
    /// What is done to them: `cancelled`.
    pub(super) done: &'static str,
    /// What is meant where the filters leave it open.
    pub(super) usual: fn(&mut Filter),
    /// What to do next, after it was done.
    pub(super) then: Option<&'static str>,
}

/// Does it.
pub(super) fn run(globals: &Globals, flags: &ChoiceFlags, verb: &Verb) -> Result<Exit, Error> {
    let printer = globals.printer();
    let mut choice = flags.find(verb.usual)?;
    let by_id = !flags.jobs.is_empty();
    let mut refused = Vec::new();
    if matches!(verb.change, Change::Retry { .. }) {
        let lone = choice.jobs.extract_if(.., |job| !job.goes_on);
        refused.extend(lone.map(|job| (job.number, LONE)));
    }
    if !flags.may(verb.done, &choice)? {
        printer.note("nothing was changed");
        return Ok(Exit::Success);
    }
    let Choice { looking, jobs } = choice;
    let numbers: Vec<u64> = jobs.iter().map(|job| job.number).collect();
    let store = looking.reader.id();
    let path = looking.path().to_owned();
    // Nobody looks at it while it is changed.
    drop(looking);
    let changing = Changing {
        path: &path,
        store,
        numbers: &numbers,
        change: verb.change,
    };
    let changed = changing.carry_out()?;
    let mut done = 0;
    for (number, changed) in numbers.iter().zip(changed) {
        match why_not(changed) {
            None => done += 1,
            Some(why) => refused.push((*number, why)),
        }
    }
    let then = verb.then.filter(|_| done > 0);
    let then = then.map_or_else(String::new, |then| format!("; {then}"));
    printer.note(&format!("{} {}{then}", count(done), verb.done));
    if refused.is_empty() {
        return Ok(Exit::Success);
    }
    let mut error = Error::new(
        Kind::Usage,
        format!("{} not {}", count(refused.len() as u64), verb.done),
    );
    for (number, why) in refused.iter().take(NAMED_MAX) {
        error = error.because(format!("{}: {why}", JobId::new(store, *number)));
    }
    if by_id {
        return Err(error);
    }
    // Others were changed meanwhile, or are not for this; all that could be done is done.
    printer.warning(&shown::text(&error.one_line()));
    Ok(Exit::Success)
}

/// Nobody would go on with it.
const LONE: &str = "its command finds it no more: give it the value again";

/// Why it was not done; none where it was.
fn why_not(changed: Changed) -> Option<&'static str> {
    Some(match changed {
        Changed::Done => return None,
        Changed::Unknown => "there is no such job any more",
        Changed::Over => "it is over already",
        Changed::Succeeded => "it has succeeded",
        Changed::NotOver => "it is not over",
        Changed::Part => "it is part of another job: name that one, as `jobs show` says",
    })
}
