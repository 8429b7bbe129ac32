//! Random steps, and the writes that they become.

use super::model::{Model, Row};
use crate::Outcome;
use crate::plugin::Digest;
use crate::store::conformance::samples::{self, Finish, conditions, value};
use crate::store::{ChildName, Claims, Expiry, Key, NewJob, Parent, Write};
use crate::task::Reason;
use proptest::prelude::*;
use std::sync::Arc;

pub(super) const STREAMS: [&str; 2] = ["run", "map/double"];
pub(super) const CURSORS: [&str; 2] = ["producer", "consumer"];
pub(super) const GROUPS: [&str; 2] = ["a", "b"];
const WORKERS: [&str; 2] = ["double", "half"];
const REASONS: [Reason; 5] = [
    Reason::Returned,
    Reason::Declared,
    Reason::Error,
    Reason::Silent,
    Reason::Exit(3),
];

pub(super) fn keys() -> [Key; 3] {
    [Key::Place(0), Key::Place(1), Key::Text("0".into())]
}

pub(super) fn plugins() -> [(Digest, Arc<[u8]>); 2] {
    [&b"one"[..], b"two"].map(|bytes| (Digest::of(bytes), bytes.into()))
}

/// One of few moments, so that some are the same.
fn moment(by: u16) -> u64 {
    u64::from(by % 10) * 50
}

fn names() -> [ChildName; 3] {
    [
        ChildName::Item(0),
        ChildName::Ordinal(0),
        ChildName::Key("0".into()),
    ]
}

/// What happens at once.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    Batch(Vec<Step>),
    /// A host whose claims hold until then.
    Begin(u64),
    Crash,
}

/// One write to be: of what sort, of which job, and what else there is to choose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    kind: Kind,
    which: u16,
    how: u16,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Submit,
    Claim,
    ClaimOne,
    Renew,
    Expire,
    Conditions,
    Checkpoint,
    Again,
    Release,
    Lost,
    Finish,
    Cancel,
    Deliver,
    Cursor,
    Retry,
    Drop,
    Rename,
    Plugin,
}

pub(super) fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        16 => proptest::collection::vec(step(), 1..8).prop_map(Turn::Batch),
        1 => prop_oneof![Just(u64::MAX), any::<u16>().prop_map(moment)].prop_map(Turn::Begin),
        2 => Just(Turn::Crash),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        10 => Just(Kind::Submit),
        4 => Just(Kind::Claim),
        2 => Just(Kind::ClaimOne),
        1 => Just(Kind::Renew),
        1 => Just(Kind::Expire),
        2 => Just(Kind::Conditions),
        3 => Just(Kind::Checkpoint),
        3 => Just(Kind::Again),
        2 => Just(Kind::Release),
        2 => Just(Kind::Lost),
        6 => Just(Kind::Finish),
        1 => Just(Kind::Cancel),
        4 => Just(Kind::Deliver),
        1 => Just(Kind::Cursor),
        3 => Just(Kind::Retry),
        2 => Just(Kind::Drop),
        1 => Just(Kind::Rename),
        1 => Just(Kind::Plugin),
    ];
    let parts = (kind, any::<u16>(), any::<u16>());
    parts.prop_map(|(kind, which, how)| Step { kind, which, how })
}

fn pick<T: Clone>(from: &[T], by: u16) -> T {
    from[usize::from(by) % from.len()].clone()
}

impl Step {
    /// The write that it is now; nothing where there is nothing to write.
    pub(super) fn write(self, model: &Model) -> Option<Write> {
        let how = self.how;
        Some(match self.kind {
            Kind::Submit => Write::Submit(Box::new(self.job(model))),
            Kind::Claim => Write::Claim {
                session: model.current(),
                which: Claims::Next {
                    stream: pick(&STREAMS, self.which).into(),
                    most: usize::from(how % 4),
                },
            },
            Kind::ClaimOne => Write::Claim {
                session: model.current(),
                which: Claims::One(self.number(model, Row::is_queued)),
            },
            Kind::Renew => Write::Renew {
                session: pick(&model.sessions, self.which).0,
                until_ms: [moment(how / 2), u64::MAX][usize::from(how % 2)],
            },
            Kind::Expire if how.is_multiple_of(2) => Write::Expire(Expiry::At(moment(how / 2))),
            Kind::Expire => Write::Expire(Expiry::AllBut(model.current())),
            Kind::Conditions => {
                let (number, fence) = self.claimed(model);
                Write::Conditions {
                    number,
                    fence,
                    conditions: conditions(u64::from(how % 3)),
                }
            }
            Kind::Checkpoint => {
                let (number, fence) = self.claimed(model);
                Write::Checkpoint {
                    number,
                    fence,
                    state: value(u64::from(how)),
                }
            }
            Kind::Again => {
                let (number, fence) = self.claimed(model);
                let state = how.is_multiple_of(2).then(|| value(u64::from(how)));
                Write::Again {
                    number,
                    fence,
                    past: Box::new(samples::past(attempt(model, number), state)),
                }
            }
            Kind::Release => {
                let (number, fence) = self.claimed(model);
                Write::Release { number, fence }
            }
            Kind::Lost => {
                let number = self.number(model, Row::is_queued);
                Write::Lost {
                    number,
                    past: Box::new(samples::lost(attempt(model, number))),
                }
            }
            Kind::Finish => {
                let (number, fence) = self.claimed(model);
                let attempts = attempt(model, number);
                self.finish(model, number, Some(fence), attempts)
            }
            Kind::Cancel => {
                let number = self.number(model, Row::is_queued);
                self.finish(model, number, None, attempt(model, number) - 1)
            }
            Kind::Deliver => Write::Deliver {
                number: self.number(model, Row::is_undelivered),
                frees_key: how.is_multiple_of(2),
            },
            Kind::Cursor => Write::Cursor {
                name: pick(&CURSORS, self.which).into(),
                value: value(u64::from(how)),
            },
            Kind::Retry => self.retry(model)?,
            Kind::Drop => self.drop(model),
            Kind::Rename => {
                let is_named = |row: &Row| row.parent().is_some() && row.has_name;
                Write::Rename {
                    number: self.some(model, is_named)?,
                }
            }
            Kind::Plugin => {
                let (digest, bytes) = pick(&plugins(), how);
                Write::Plugin { digest, bytes }
            }
        })
    }

    /// One of the jobs that fit.
    fn some(self, model: &Model, fits: impl Fn(&Row) -> bool) -> Option<u64> {
        let fitting = model.rows.iter().filter(|row| fits(row));
        let fitting: Vec<u64> = fitting.map(Row::number).collect();
        (!fitting.is_empty()).then(|| pick(&fitting, self.which))
    }

    /// One of the jobs that fit, or where none does any; now and then one that is not there.
    fn number(self, model: &Model, fits: impl Fn(&Row) -> bool) -> u64 {
        let any = 1 + u64::from(self.which) % model.next;
        if self.how.is_multiple_of(11) {
            return any;
        }
        let one = self.some(model, fits);
        one.or_else(|| self.some(model, |_| true)).unwrap_or(any)
    }

    /// A claimed job with its fence, or now and then something else.
    fn claimed(self, model: &Model) -> (u64, u32) {
        let number = self.number(model, Row::is_claimed);
        let fence = model.row(number).map_or(1, |row| row.entry.fence);
        let fence = match self.how % 13 {
            0 => fence.saturating_sub(1),
            1 => fence + 1,
            _ => fence,
        };
        (number, fence)
    }

    fn job(self, model: &Model) -> NewJob {
        let (which, how) = (self.which, self.how);
        let number = match how % 17 {
            0 => self.number(model, |_| true),
            _ => model.next,
        };
        // A child comes while its parent goes on.
        let is_child = which.is_multiple_of(3);
        let parent = is_child.then(|| self.some(model, |row| !row.is_done()));
        let parent = parent.flatten().filter(|parent| *parent != number);
        let name = pick(&names(), how);
        NewJob {
            span: 1 + u64::from(how.is_multiple_of(5)) * 2,
            stream: pick(&STREAMS, which).into(),
            key: (which % 5 < 2).then(|| pick(&keys(), how)),
            parent: parent.map(|number| Parent { number, name }),
            worker: pick(&WORKERS, how).into(),
            conditions: conditions(u64::from(how % 2)),
            singleton: (how % 7 == 0).then(|| "single".into()),
            group: (how % 3 == 0).then(|| pick(&GROUPS, which).into()),
            submitted_ms: moment(how),
            claim: (how % 4 < 2).then(|| model.current()),
            ..samples::job(number)
        }
    }

    fn finish(self, model: &Model, number: u64, fence: Option<u32>, attempts: u32) -> Write {
        let reason = match fence {
            Some(_) => pick(&REASONS, self.which / 7),
            None => Reason::Cancelled,
        };
        let mut outcome = match self.how % 5 {
            0 => Outcome {
                status: reason.status(),
                reason,
                ..samples::special_outcome(model.host, number)
            },
            _ => samples::outcome(model.host, number, reason),
        };
        if self.how.is_multiple_of(4) {
            outcome.earlier.push(samples::lost(1).earlier);
            outcome.receipts.push(samples::receipt(77));
        }
        let worker = model.row(number).map(|row| row.entry.job.worker.clone());
        let outcome = Outcome {
            attempts,
            worker: worker.unwrap_or_else(|| "double".into()),
            ..outcome
        };
        let has_children = model.rows.iter().any(|row| row.parent() == Some(number));
        let finish = Finish {
            fence,
            is_delivered: self.how.is_multiple_of(3),
            ends_children: has_children || self.how.is_multiple_of(2),
            now_ms: moment(self.how),
            ..Finish::of(0, outcome)
        };
        finish.into()
    }

    /// A child is retried while its parent goes on: it would have none.
    fn retry(self, model: &Model) -> Option<Write> {
        let has_place = |row: &Row| {
            let parent = row.parent().and_then(|parent| model.row(parent));
            parent.is_none_or(|parent| !parent.is_done())
        };
        let is_dead = |row: &Row| row.is_done() && !row.is_success();
        let number = match self.how % 7 {
            0 => self.some(model, |row| has_place(row) || !is_dead(row)),
            _ => self.some(model, |row| has_place(row) && is_dead(row)),
        };
        Some(Write::Retry {
            number: number?,
            resets_state: self.how.is_multiple_of(2),
        })
    }

    fn drop(self, model: &Model) -> Write {
        let number = match self.how % 4 {
            0 => self.number(model, Row::is_claimed),
            1 => self.number(model, Row::is_queued),
            _ => self.number(model, Row::is_done),
        };
        let row = model.row(number);
        let is_named = row.is_some_and(Row::is_claimed) != self.which.is_multiple_of(9);
        let fence = row.map_or(1, |row| row.entry.fence);
        Write::Drop {
            number,
            fence: is_named.then_some(fence),
        }
    }
}

/// The number of a job's attempt that ends now.
fn attempt(model: &Model, number: u64) -> u32 {
    model.row(number).map_or(1, |row| row.entry.attempts + 1)
}
