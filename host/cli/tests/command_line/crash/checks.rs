//! What must hold of a store after any number of kills, each a function that says what does
//! not.

use super::ledger::{Job, Ledger};
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Verdict = Result<(), String>;

fn check(holds: bool, what: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(what()) }
}

/// Each of these jobs is there once, no other one is, and each has its outcome, with this data
/// where it succeeded.
pub(super) fn whole(ledger: &Ledger, expected: &BTreeMap<String, String>) -> Verdict {
    let mut missing = expected.clone();
    for (number, job) in ledger.roots() {
        let data = missing.remove(&job.value);
        let data =
            data.ok_or_else(|| format!("job {number} is there twice, or was never given"))?;
        check(job.is_over(), || format!("job {number} has no outcome"))?;
        let mut items = ledger.children(number);
        if job.is_given_up() || items.any(|(_, item)| item.is_given_up()) {
            continue;
        }
        let ended = job.is_success() && job.data.as_ref() == Some(&data);
        check(ended, || {
            format!("job {number} should have given {data}: {job:?}")
        })?;
    }
    check(missing.is_empty(), || format!("missing: {missing:?}"))
}

/// Nothing that was kept is forgotten: jobs, fences, ends.
pub(super) fn later(before: &Ledger, now: &Ledger) -> Verdict {
    for (number, old) in &before.jobs {
        let Some(new) = now.jobs.get(number) else {
            return Err(format!("job {number} is gone"));
        };
        check(new.value == old.value, || {
            format!("job {number} is another one")
        })?;
        check(new.fence >= old.fence, || {
            format!(
                "the fence of job {number} fell from {} to {}",
                old.fence, new.fence
            )
        })?;
        check(new.attempts >= old.attempts, || {
            format!(
                "job {number} had {} attempts, now {}",
                old.attempts, new.attempts
            )
        })?;
        check(!old.is_over() || new.end() == old.end(), || {
            format!("the outcome of job {number} has changed")
        })?;
        check(!old.is_delivered() || new.is_delivered(), || {
            format!("job {number} is to be delivered again")
        })?;
    }
    Ok(())
}

/// No job had more attempts than it may have; a parallel one has those of its items.
pub(super) fn attempts(ledger: &Ledger, retries: u32, kills: u32) -> Verdict {
    for (number, job) in &ledger.jobs {
        let most = retries + 1 + job.lost;
        let of_items = || ledger.children(*number).map(|(_, item)| item.attempts);
        let within = job.attempts <= most || job.attempts == of_items().sum::<u32>();
        check(within && job.lost <= kills, || {
            format!("job {number} had too many attempts after {kills} kills: {job:?}")
        })?;
    }
    Ok(())
}

/// A line about a job, with its id.
pub(super) struct Line<'a> {
    pub(super) id: String,
    pub(super) data: String,
    pub(super) whole: &'a str,
}

/// What was handed out: each outcome at least once, and if more often, in the same words.
pub(super) fn delivered(ledger: &Ledger, lines: &[Line<'_>]) -> Verdict {
    let mut seen: BTreeMap<u64, &Line<'_>> = BTreeMap::new();
    for line in lines {
        let number = ledger.number(&line.id)?;
        let Some(job) = ledger.jobs.get(&number) else {
            return Err(format!("job {number} was delivered and is not known"));
        };
        check(job.is_over(), || {
            format!("job {number} was delivered and is not over")
        })?;
        let is_it = job.data.as_deref().unwrap_or("null") == line.data;
        check(is_it, || {
            format!(
                "of job {number} something else was delivered: {}",
                line.whole
            )
        })?;
        if let Some(first) = seen.insert(number, line) {
            check(first.whole == line.whole, || {
                format!(
                    "job {number} was delivered in two ways:\n{}\n{}",
                    first.whole, line.whole
                )
            })?;
        }
    }
    let taken = ledger.roots().filter(|(_, job)| job.is_delivered());
    let mut taken = taken.map(|(number, _)| number);
    let lost = taken.find(|number| !seen.contains_key(number));
    check(lost.is_none(), || {
        format!("job {lost:?} counts as delivered and was not")
    })
}

/// All outcomes were taken.
pub(super) fn all_taken(ledger: &Ledger) -> Verdict {
    ledger.roots().try_for_each(|(number, job)| {
        check(job.is_delivered(), || {
            format!("nobody took the outcome of job {number}")
        })
    })
}

/// What a producer saved fits the jobs it gave, what a consumer saved those it took.
pub(super) fn cursors(ledger: &Ledger) -> Verdict {
    for (name, value) in &ledger.cursors {
        let is_consumer = name.starts_with("consumer/");
        let jobs = ledger
            .roots()
            .filter(|(_, job)| !is_consumer || job.is_delivered());
        let count = jobs.count();
        check(*value == count.to_string(), || {
            format!("{name} is at {value}, and there are {count} jobs")
        })?;
    }
    Ok(())
}

/// What was recorded before a guest was told so is still there.
pub(super) fn states(ledger: &Ledger, lines: &[String]) -> Verdict {
    for line in lines {
        let (id, told) = line.split_once(' ').ok_or("no line")?;
        let told: u64 = told.parse().map_err(|_| line.clone())?;
        let number = ledger.number(id)?;
        let job = ledger.jobs.get(&number);
        let stored = job.and_then(count).unwrap_or(0);
        check(stored >= told, || {
            format!(
                "the state of job {number} is {stored}, and it was told that {told} is recorded"
            )
        })?;
    }
    Ok(())
}

/// Where the count of `count_up` stands.
fn count(job: &Job) -> Option<u64> {
    if job.is_success() {
        return job.data.as_ref()?.parse().ok();
    }
    let state: serde_json::Value = serde_json::from_str(job.carried.as_ref()?).ok()?;
    state["count"].as_u64()
}

/// Each parent has five children, the same in each of its attempts.
pub(super) fn children(ledger: &Ledger, lines: &[String]) -> Verdict {
    let mut submitted: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for line in lines {
        let (parent, child) = line.split_once(' ').ok_or("no line")?;
        let children = submitted.entry(ledger.number(parent)?).or_default();
        children.insert(ledger.number(child)?);
    }
    for (parent, job) in ledger.roots().filter(|(_, job)| job.is_success()) {
        let found: BTreeSet<u64> = ledger.children(parent).map(|(number, _)| number).collect();
        let submitted = submitted.get(&parent).cloned().unwrap_or_default();
        check(found.len() == 5 && found == submitted, || {
            format!("job {parent} has the children {found:?} and submitted {submitted:?}: {job:?}")
        })?;
        for (number, child) in ledger.children(parent) {
            check(child.is_over(), || format!("child {number} has no outcome"))?;
        }
    }
    Ok(())
}

/// What had succeeded when a host died was not started again: `lines` came since.
pub(super) fn not_again(before: &Ledger, lines: &[String]) -> Verdict {
    if before.jobs.is_empty() {
        return Ok(());
    }
    for line in lines {
        let mut words = line.split(' ');
        if let (Some("start"), Some(id)) = (words.next(), words.next()) {
            let job = before.jobs.get(&before.number(id)?);
            let again = job.is_some_and(Job::is_success);
            check(!again, || format!("{id} had succeeded and started again"))?;
        }
    }
    Ok(())
}
