//! Stores that break a rule each, to show that the checks can fail.

use super::bench::WHOLE;
use super::property;
use super::{Maker, checks};
use crate::job::HostId;
use crate::plugin::Digest;
use crate::store::{
    Answer, Claims, Entry, Filter, Key, Listed, MemoryStore, Page, PastAttempt, Reader, Refused,
    Session, SessionId, Store, StoreError, Summary, Write,
};
use crate::value::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What a store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// Nothing: this one is right.
    Nothing,
    /// Takes every write of an attempt as if it came with the right fence.
    IgnoresFences,
    /// Answers a checkpoint, and forgets it.
    ForgetsCheckpoints,
    /// What a job runs under stays what it was at first.
    ForgetsConditions,
    /// Has what a job runs under now stand for its past attempts, too.
    RewritesConditions,
    /// Has an outcome taken, and gives it again.
    DeliversTwice,
    /// The numbers of dropped jobs are given again.
    GivesOldNumbers,
    /// Another attempt begins from the start.
    LosesStateOnAgain,
    /// Children go on without their parents.
    LeavesChildrenOpen,
    /// Applies a batch up to the first write that is refused.
    StopsAtRefused,
    /// Keys are nobody's.
    ForgetsKeys,
    /// What is over can end again.
    EndsTwice,
    /// Has everything as long as its host lives.
    LosesAllInCrash,
    /// Claims suspects as it does others.
    ClaimsSuspects,
    /// A lost attempt is not kept.
    ForgetsLost,
    /// A retried job goes on from what it carried, whatever was said.
    NeverResets,
    /// What the outcome of a retried job told is gone.
    ForgetsRetried,
    /// A list that ignores its page.
    IgnoresPages,
}

/// A store in memory with something wrong.
struct Broken {
    wrong: Wrong,
    host: HostId,
    inner: MemoryStore,
}

struct BrokenReader {
    wrong: Wrong,
    inner: Box<dyn Reader>,
}

struct BrokenMaker {
    wrong: Wrong,
    last: Option<MemoryStore>,
}

impl BrokenMaker {
    fn new(wrong: Wrong) -> BrokenMaker {
        BrokenMaker { wrong, last: None }
    }

    fn open(&mut self, host: Option<HostId>) -> Box<dyn Store> {
        let kept = self.last.get_or_insert_default();
        let inner = kept.again();
        Box::new(Broken {
            wrong: self.wrong,
            host: host.unwrap_or_else(|| inner.id()),
            inner,
        })
    }
}

impl Maker for BrokenMaker {
    fn make(&mut self) -> Box<dyn Store> {
        self.last = None;
        self.open(None)
    }

    fn reopen(&mut self, store: Box<dyn Store>) -> Box<dyn Store> {
        if self.wrong == Wrong::LosesAllInCrash {
            self.last = None;
        }
        self.open(Some(store.id()))
    }
}

impl Broken {
    fn find(&self, number: u64) -> Option<Entry> {
        self.inner.reader().unwrap().find(number).unwrap()
    }

    /// What it makes of a write; nothing where it forgets it.
    fn instead(&mut self, write: &Write) -> Option<Write> {
        let mut write = write.clone();
        match (self.wrong, &mut write) {
            (Wrong::ForgetsCheckpoints, Write::Checkpoint { .. })
            | (Wrong::ForgetsConditions, Write::Conditions { .. })
            | (Wrong::DeliversTwice, Write::Deliver { .. })
            | (Wrong::ForgetsLost, Write::Lost { .. }) => return None,
            (
                Wrong::IgnoresFences,
                Write::Checkpoint { number, fence, .. }
                | Write::Conditions { number, fence, .. }
                | Write::Again { number, fence, .. }
                | Write::Release { number, fence }
                | Write::Finish {
                    number,
                    fence: Some(fence),
                    ..
                },
            ) => *fence = self.find(*number).map_or(*fence, |entry| entry.fence),
            (Wrong::LosesStateOnAgain, Write::Again { past, .. }) => past.state = None,
            (Wrong::LeavesChildrenOpen, Write::Finish { ends_children, .. }) => {
                *ends_children = false;
            }
            (Wrong::ForgetsKeys, Write::Submit(job)) => job.key = None,
            (Wrong::NeverResets, Write::Retry { resets_state, .. }) => *resets_state = false,
            (Wrong::EndsTwice, Write::Finish { number, fence, .. }) => {
                let retry = Write::Retry {
                    number: *number,
                    resets_state: false,
                };
                if self.inner.commit(&[retry]).unwrap() == [Answer::Done] {
                    *fence = None;
                }
            }
            (Wrong::ClaimsSuspects, Write::Claim { session, which }) => {
                return Some(self.suspect_first(*session, which));
            }
            _ => {}
        }
        Some(write)
    }

    fn suspect_first(&self, session: SessionId, which: &Claims) -> Write {
        let suspects = self.inner.reader().unwrap().suspects().unwrap();
        let which = match (which, suspects.first()) {
            (Claims::Next { most: 1.., .. }, Some(first)) => Claims::One(first.job.number),
            (other, _) => other.clone(),
        };
        Write::Claim { session, which }
    }
}

impl Store for Broken {
    fn id(&self) -> HostId {
        self.host
    }

    fn commit(&mut self, batch: &[Write]) -> Result<Vec<Answer>, StoreError> {
        let mut answers: Vec<Answer> = Vec::new();
        for write in batch {
            let is_refused = |answer: &Answer| matches!(answer, Answer::Refused(_));
            if self.wrong == Wrong::StopsAtRefused && answers.iter().any(is_refused) {
                answers.push(Answer::Refused(Refused::Unknown));
                continue;
            }
            answers.push(match self.instead(write) {
                None => Answer::Done,
                Some(write) => self.inner.commit(&[write])?.remove(0),
            });
        }
        Ok(answers)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(BrokenReader {
            wrong: self.wrong,
            inner: self.inner.reader()?,
        }))
    }

    fn retain(&mut self, before_ms: u64, most: u64) -> Result<u64, StoreError> {
        self.inner.retain(before_ms, most)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        self.inner.compact()
    }
}

impl Reader for BrokenReader {
    fn id(&self) -> HostId {
        self.inner.id()
    }

    fn next_number(&mut self) -> Result<u64, StoreError> {
        let next = self.inner.next_number()?;
        let mut numbers = 1..next;
        if self.wrong == Wrong::GivesOldNumbers {
            let free = numbers.rfind(|number| matches!(self.inner.find(*number), Ok(Some(_))));
            return Ok(free.map_or(1, |number| number + 1));
        }
        Ok(next)
    }

    fn find(&mut self, number: u64) -> Result<Option<Entry>, StoreError> {
        self.inner.find(number)
    }

    fn find_key(&mut self, stream: &str, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.inner.find_key(stream, key)
    }

    fn children(&mut self, parent: u64) -> Result<Vec<Entry>, StoreError> {
        self.inner.children(parent)
    }

    fn past(&mut self, number: u64) -> Result<Vec<PastAttempt>, StoreError> {
        let mut past = self.inner.past(number)?;
        if self.wrong == Wrong::ForgetsRetried {
            // Those that others followed say what they began with.
            past.retain(|past| past.receipt.is_none() || past.recorded.is_some());
        }
        if self.wrong == Wrong::RewritesConditions {
            for past in &mut past {
                past.conditions = None;
            }
        }
        Ok(past)
    }

    fn claimed_by_others(&mut self, than: SessionId) -> Result<Vec<Entry>, StoreError> {
        self.inner.claimed_by_others(than)
    }

    fn suspects(&mut self) -> Result<Vec<Entry>, StoreError> {
        self.inner.suspects()
    }

    fn singletons(&mut self) -> Result<Vec<(u64, Arc<str>)>, StoreError> {
        self.inner.singletons()
    }

    fn undelivered(
        &mut self,
        stream: &str,
        after: Option<(u64, u64)>,
        most: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.inner.undelivered(stream, after, most)
    }

    fn cursor(&mut self, name: &str) -> Result<Option<Value>, StoreError> {
        self.inner.cursor(name)
    }

    fn conditions(&mut self, digest: Digest) -> Result<Option<Value>, StoreError> {
        self.inner.conditions(digest)
    }

    fn plugin(&mut self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.plugin(digest)
    }

    fn session(&mut self) -> Result<Option<(SessionId, Session)>, StoreError> {
        self.inner.session()
    }

    fn list(&mut self, filter: &Filter, page: Page) -> Result<Vec<Listed>, StoreError> {
        let ignores = self.wrong == Wrong::IgnoresPages;
        let page = if ignores { WHOLE } else { page };
        self.inner.list(filter, page)
    }

    fn summary(&mut self, stream: Option<&str>) -> Result<Summary, StoreError> {
        self.inner.summary(stream)
    }
}

/// The names of the checks that notice it.
fn noticed(wrong: Wrong) -> Vec<&'static str> {
    let fails = |check: super::Check| {
        let mut maker = BrokenMaker::new(wrong);
        catch_unwind(AssertUnwindSafe(|| check(&mut maker))).is_err()
    };
    let checks = checks().iter().filter(|(_, check)| fails(*check));
    checks.map(|(name, _)| *name).collect()
}

/// What is wrong, and a check that has to notice.
const TABLE: [(Wrong, &str); 17] = [
    (Wrong::IgnoresFences, "an_old_fence_is_refused"),
    (Wrong::ForgetsCheckpoints, "a_checkpoint_is_what_is_carried"),
    (
        Wrong::ForgetsConditions,
        "attempts_keep_what_they_ran_under",
    ),
    (
        Wrong::RewritesConditions,
        "attempts_keep_what_they_ran_under",
    ),
    (Wrong::DeliversTwice, "an_outcome_is_delivered_once"),
    (Wrong::GivesOldNumbers, "numbers_are_never_given_twice"),
    (
        Wrong::LosesStateOnAgain,
        "another_attempt_begins_with_what_the_last_one_left",
    ),
    (Wrong::LeavesChildrenOpen, "children_end_with_their_parents"),
    (
        Wrong::StopsAtRefused,
        "refused_writes_stand_among_good_ones",
    ),
    (Wrong::ForgetsKeys, "a_key_belongs_to_one_job_of_its_stream"),
    (Wrong::EndsTwice, "a_job_ends_once"),
    (
        Wrong::LosesAllInCrash,
        "what_was_answered_is_there_after_a_crash",
    ),
    (
        Wrong::ClaimsSuspects,
        "children_and_suspects_are_claimed_by_number",
    ),
    (Wrong::ForgetsLost, "a_lost_attempt_makes_a_suspect"),
    (
        Wrong::NeverResets,
        "a_retried_job_is_as_if_it_had_just_come",
    ),
    (
        Wrong::ForgetsRetried,
        "a_retried_job_keeps_its_latest_attempt",
    ),
    (Wrong::IgnoresPages, "the_newest_are_listed_first_in_pages"),
];

#[test]
fn each_wrong_store_is_noticed_by_its_check() {
    for (wrong, check) in TABLE {
        let noticed = noticed(wrong);
        assert!(noticed.contains(&check), "{wrong:?}: {noticed:?}");
    }
    // What they are made of is right.
    assert_eq!(noticed(Wrong::Nothing), [""; 0]);
}

#[test]
fn each_wrong_store_is_noticed_by_random_writes() {
    for (wrong, _) in TABLE {
        let make = || Box::new(BrokenMaker::new(wrong)) as Box<dyn Maker>;
        assert!(property::holds(&make, 500).is_err(), "{wrong:?}");
    }
}
