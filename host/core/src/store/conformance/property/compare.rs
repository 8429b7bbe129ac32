//! What a store says, held against what the model says.
//!
//! Three things the rules leave to the store: what key is shown of a job whose key is free, whether
//! a job that is over is a suspect, and what else the outcome of a cancelled child says.

use super::model::{Model, Row};
use super::steps::{CURSORS, GROUPS, STREAMS, keys, plugins};
use crate::store::conformance::bench::{Bench, WHOLE, numbers};
use crate::store::{
    Answer, Entry, Filter, Listed, Page, Reader, SessionId, Standing, State, Summary, Write,
};
use crate::task::{Reason, Status};

pub(super) fn same_answer(model: &Model, write: &Write, answer: &Answer, expected: &Answer) {
    match (answer, expected) {
        (Answer::Claimed(found), Answer::Claimed(expected)) => {
            let numbers = |entries: &[Entry]| numbers(entries);
            assert_eq!(numbers(found), numbers(expected), "{write:?}");
            for (found, expected) in found.iter().zip(expected) {
                let row = model.row(expected.job.number);
                let has_key = row.is_some_and(|row| row.has_key);
                same_entry(found, expected, has_key);
            }
        }
        _ => assert_eq!(answer, expected, "{write:?}"),
    }
}

fn same_entry(found: &Entry, expected: &Entry, has_key: bool) {
    let (mut found, mut expected) = (found.clone(), expected.clone());
    if !has_key {
        (found.job.key, expected.job.key) = (None, None);
    }
    if let (State::Done(found_done), State::Done(done)) = (&mut found.state, &expected.state) {
        found.is_suspect = expected.is_suspect;
        let (ended, is) = (&mut found_done.outcome, &done.outcome);
        if ended.reason == Reason::ParentEnded {
            ended.message.clone_from(&is.message);
            ended.data = is.data.clone();
            ended.attempts = is.attempts;
        }
    }
    assert_eq!(found, expected);
}

fn same_row(found: Option<Entry>, row: Option<&Row>) {
    assert_eq!(found.is_some(), row.is_some(), "{found:?} {row:?}");
    if let (Some(found), Some(row)) = (found, row) {
        same_entry(&found, &row.entry, row.has_key);
    }
}

fn same_rows(found: Vec<Entry>, mut rows: Vec<&Row>) {
    rows.sort_by_key(|row| row.number());
    let expected: Vec<u64> = rows.iter().map(|row| row.number()).collect();
    assert_eq!(numbers(&found), expected);
    for (found, row) in found.into_iter().zip(rows) {
        same_row(Some(found), Some(row));
    }
}

/// Asks for everything there is; a number makes some of it differ from time to time.
pub(super) fn same_reads(bench: &mut Bench, model: &Model, salt: usize) {
    let read = bench.read();
    let rows = |fits: &dyn Fn(&Row) -> bool| model.rows.iter().filter(|row| fits(row)).collect();
    assert_eq!(read.next_number().unwrap(), model.next);
    for number in 0..=model.next {
        let row = model.row(number);
        same_row(read.find(number).unwrap(), row);
        let past = row.map(|row| row.past.as_slice()).unwrap_or_default();
        assert_eq!(read.past(number).unwrap(), past);
        let children = rows(&|row| row.has_name && row.parent() == Some(number));
        same_rows(read.children(number).unwrap(), children);
    }
    for stream in STREAMS {
        for key in keys() {
            let row = model.rows.iter().find(|row| row.is_known_by(stream, &key));
            same_row(read.find_key(stream, &key).unwrap(), row);
        }
        same_undelivered(read, model, stream, salt);
        same_summary(read, model, Some(stream));
    }
    same_summary(read, model, None);
    same_rows(
        read.suspects().unwrap(),
        rows(&|row| row.is_queued() && row.entry.is_suspect),
    );
    let sessions = model.sessions.iter().map(|(id, _)| *id);
    for than in sessions.chain([SessionId(u32::MAX)]) {
        let others = rows(&|row| row.session().is_some_and(|session| session != than));
        same_rows(read.claimed_by_others(than).unwrap(), others);
    }
    let open = model.rows.iter().filter(|row| !row.is_done());
    let mut singletons: Vec<_> = open
        .filter_map(|row| Some((row.number(), row.entry.job.singleton.clone()?)))
        .collect();
    singletons.sort();
    let mut found = read.singletons().unwrap();
    found.sort();
    assert_eq!(found, singletons);
    for name in CURSORS {
        let cursor = model.cursors.iter().find(|(other, _)| **other == *name);
        let cursor = cursor.map(|(_, value)| value.clone());
        assert_eq!(read.cursor(name).unwrap(), cursor);
    }
    assert_eq!(read.session().unwrap().as_ref(), model.sessions.last());
    for (digest, bytes) in plugins() {
        let kept = model.plugins.contains(&digest).then(|| bytes.to_vec());
        assert_eq!(read.plugin(digest).unwrap(), kept);
    }
    for row in &model.rows {
        let conditions = &row.entry.job.conditions;
        let found = read.conditions(conditions.digest()).unwrap();
        assert_eq!(found.as_ref(), Some(conditions.value()));
    }
    same_lists(read, model, salt);
}

fn same_undelivered(read: &mut dyn Reader, model: &Model, stream: &str, salt: usize) {
    let place = |row: &&Row| (row.entry.done().map(|done| done.ended_ms), row.number());
    let waiting = model.rows.iter().filter(|row| row.is_undelivered());
    let mut waiting: Vec<&Row> = waiting
        .filter(|row| *row.entry.job.stream == *stream)
        .collect();
    waiting.sort_by_key(place);
    let expected: Vec<u64> = waiting.iter().map(|row| row.number()).collect();
    let found = read.undelivered(stream, None, usize::MAX >> 1).unwrap();
    assert_eq!(numbers(&found), expected);
    // From one of them on, a page.
    if let Some(row) = waiting.get(salt % waiting.len().max(1)) {
        let (ended_ms, number) = place(row);
        let after = ended_ms.map(|ended_ms| (ended_ms, number));
        let found = read.undelivered(stream, after, 2).unwrap();
        let rest = expected.into_iter().skip(salt % waiting.len() + 1).take(2);
        assert_eq!(numbers(&found), rest.collect::<Vec<u64>>());
    }
}

fn same_summary(read: &mut dyn Reader, model: &Model, stream: Option<&str>) {
    let is_in = |row: &&Row| stream.is_none_or(|stream| *row.entry.job.stream == *stream);
    let count = |fits: &dyn Fn(&Row) -> bool| {
        let rows = model.rows.iter().filter(is_in);
        rows.filter(|row| fits(row)).count() as u64
    };
    let expected = Summary {
        queued: count(&Row::is_queued),
        claimed: count(&Row::is_claimed),
        done: count(&Row::is_done),
        dead: count(&|row| row.is_done() && !row.is_success()),
        undelivered: count(&Row::is_undelivered),
    };
    assert_eq!(read.summary(stream).unwrap(), expected);
}

fn same_lists(read: &mut dyn Reader, model: &Model, salt: usize) {
    let none = Filter::default;
    let standings = [
        Standing::Queued,
        Standing::Claimed,
        Standing::Undelivered,
        Standing::Done,
    ];
    let filters = [
        none(),
        Filter {
            states: vec![standings[salt % 4], standings[(salt / 2) % 4]],
            stream: Some(STREAMS[salt % 2].to_owned()),
            ..none()
        },
        Filter {
            statuses: vec![Status::Failure, Status::Timeout],
            before_ms: Some(400),
            ..none()
        },
        Filter {
            reason: Some(["e*", "returned", "silent", "*"][salt % 4].to_owned()),
            worker: Some("half".to_owned()),
            ..none()
        },
        Filter {
            group: Some(GROUPS[salt % 2].to_owned()),
            since_ms: Some(100),
            ..none()
        },
        Filter {
            parent: Some(1 + salt as u64),
            ..none()
        },
    ];
    for filter in filters {
        let page = Page {
            below: model.next.saturating_sub(salt as u64),
            most: 3,
        };
        for page in [WHOLE, page] {
            let rows = model.rows.iter().filter(|row| fits(&filter, row));
            let mut rows: Vec<&Row> = rows.filter(|row| row.number() < page.below).collect();
            rows.sort_by_key(|row| std::cmp::Reverse(row.number()));
            rows.truncate(page.most);
            let found = read.list(&filter, page).unwrap();
            assert_eq!(found.len(), rows.len(), "{filter:?} {page:?}");
            for (mut found, row) in found.into_iter().zip(rows) {
                let mut expected = listed(row);
                if !row.has_key {
                    (found.key, expected.key) = (None, None);
                }
                assert_eq!(found, expected, "{filter:?} {page:?}");
            }
        }
    }
}

fn standing(row: &Row) -> Standing {
    if row.is_queued() {
        Standing::Queued
    } else if row.is_claimed() {
        Standing::Claimed
    } else if row.is_undelivered() {
        Standing::Undelivered
    } else {
        Standing::Done
    }
}

/// How it ended, and the reason's word.
fn ended(row: &Row) -> Option<(Status, String)> {
    let outcome = &row.entry.done()?.outcome;
    Some((outcome.status, outcome.reason.to_string()))
}

fn fits(filter: &Filter, row: &Row) -> bool {
    let job = &row.entry.job;
    let ended = ended(row);
    if !filter.states.is_empty() && !filter.states.contains(&standing(row)) {
        return false;
    }
    if !filter.statuses.is_empty() {
        let status = ended.as_ref().map(|(status, _)| *status);
        if !filter.statuses.iter().any(|wanted| Some(*wanted) == status) {
            return false;
        }
    }
    if let Some(wanted) = &filter.reason {
        let Some((_, reason)) = &ended else {
            return false;
        };
        let fits = match wanted.split_once('*') {
            Some((begin, _)) => reason.starts_with(begin),
            None => reason == wanted,
        };
        if !fits {
            return false;
        }
    }
    let texts = [
        (&filter.worker, Some(&job.worker)),
        (&filter.stream, Some(&job.stream)),
        (&filter.group, job.group.as_ref()),
    ];
    for (wanted, is) in texts {
        if wanted.is_some() && wanted.as_deref() != is.map(|is| &**is) {
            return false;
        }
    }
    filter.since_ms.unwrap_or(0) <= job.submitted_ms
        && job.submitted_ms < filter.before_ms.unwrap_or(u64::MAX)
        && filter.parent == row.parent()
}

fn listed(row: &Row) -> Listed {
    let job = &row.entry.job;
    Listed {
        number: job.number,
        worker: job.worker.clone(),
        stream: job.stream.clone(),
        key: job.key.clone(),
        standing: standing(row),
        ended: ended(row),
        attempts: row.entry.attempts,
        submitted_ms: job.submitted_ms,
        ended_ms: row.entry.done().map(|done| done.ended_ms),
        value_bytes: job.value.as_bytes().len() as u64,
    }
}
