//! A store on the bench: written to, read, and taken from one host to the next.

use super::Maker;
use super::samples::{Finish, job, outcome, session};
use crate::job::HostId;
use crate::store::{
    Answer, Claims, Entry, Expiry, Filter, Listed, NewJob, Page, PastAttempt, Reader, Refused,
    SessionId, Store, Summary, Write,
};
use crate::task::Reason;

/// All of a list.
pub(super) const WHOLE: Page = Page {
    below: u64::MAX,
    most: usize::MAX >> 1,
};

/// A store and a reader that was there from the beginning.
pub(super) struct Bench<'a> {
    maker: &'a mut dyn Maker,
    store: Option<Box<dyn Store>>,
    reader: Option<Box<dyn Reader>>,
    /// The store's id.
    pub(super) host: HostId,
}

/// Everything that is said of jobs.
pub(super) type Picture = (Vec<(Option<Entry>, Vec<PastAttempt>)>, Vec<Listed>, Summary);

impl Bench<'_> {
    pub(super) fn new(maker: &mut dyn Maker) -> Bench<'_> {
        let store = maker.make();
        Bench {
            host: store.id(),
            reader: Some(store.reader().unwrap()),
            store: Some(store),
            maker,
        }
    }

    /// The host dies, and another one opens the store.
    pub(super) fn crash(&mut self) {
        self.reader = None;
        let store = self.store.take().unwrap();
        let store = self.maker.reopen(store);
        self.reader = Some(store.reader().unwrap());
        self.store = Some(store);
    }

    pub(super) fn store(&mut self) -> &mut dyn Store {
        &mut **self.store.as_mut().unwrap()
    }

    pub(super) fn read(&mut self) -> &mut dyn Reader {
        &mut **self.reader.as_mut().unwrap()
    }

    pub(super) fn commit(&mut self, batch: &[Write]) -> Vec<Answer> {
        let answers = self.store().commit(batch).unwrap();
        assert_eq!(answers.len(), batch.len(), "each write is answered");
        answers
    }

    pub(super) fn one(&mut self, write: impl Into<Write>) -> Answer {
        self.commit(&[write.into()]).remove(0)
    }

    /// A write that is taken.
    #[track_caller]
    pub(super) fn done(&mut self, write: impl Into<Write>) {
        assert_eq!(self.one(write), Answer::Done);
    }

    /// A write that is refused and changes nothing.
    #[track_caller]
    pub(super) fn refused(&mut self, write: impl Into<Write>, why: Refused) {
        let write = write.into();
        let before = self.picture();
        assert_eq!(self.one(write.clone()), Answer::Refused(why), "{write:?}");
        assert_eq!(before, self.picture(), "{write:?} changes nothing");
    }

    pub(super) fn picture(&mut self) -> Picture {
        let read = self.read();
        let numbers = 1..read.next_number().unwrap();
        let jobs = numbers.map(|number| (read.find(number).unwrap(), read.past(number).unwrap()));
        let jobs = jobs.collect();
        let list = read.list(&Filter::default(), WHOLE).unwrap();
        (jobs, list, read.summary(None).unwrap())
    }

    /// A host begins whose claims never end by themselves.
    pub(super) fn begin(&mut self) -> SessionId {
        self.begin_until(u64::MAX)
    }

    pub(super) fn begin_until(&mut self, until_ms: u64) -> SessionId {
        let Answer::Session(session) = self.one(Write::Begin(session(until_ms))) else {
            panic!("a session begins")
        };
        session
    }

    pub(super) fn submit(&mut self, jobs: impl IntoIterator<Item = NewJob>) {
        for job in jobs {
            self.done(job);
        }
    }

    /// A job that is claimed with fence 1.
    pub(super) fn claimed(&mut self, number: u64, session: SessionId) {
        let claim = Some(session);
        self.done(NewJob {
            claim,
            ..job(number)
        });
    }

    /// A job that is over, and not delivered.
    pub(super) fn over(&mut self, number: u64, reason: Reason) {
        self.done(job(number));
        self.end(number, reason);
    }

    /// A queued job ends.
    pub(super) fn end(&mut self, number: u64, reason: Reason) {
        let outcome = outcome(self.host, number, reason);
        self.done(Finish {
            fence: None,
            ..Finish::of(0, outcome)
        });
    }

    pub(super) fn claim(&mut self, session: SessionId, which: Claims) -> Vec<Entry> {
        let Answer::Claimed(entries) = self.one(Write::Claim { session, which }) else {
            panic!("jobs are claimed")
        };
        entries
    }

    pub(super) fn expire(&mut self, which: Expiry) -> u64 {
        let Answer::Expired(count) = self.one(Write::Expire(which)) else {
            panic!("claims expire")
        };
        count
    }

    #[track_caller]
    pub(super) fn find(&mut self, number: u64) -> Entry {
        let found = self.read().find(number).unwrap();
        found.unwrap_or_else(|| panic!("job {number} is there"))
    }

    pub(super) fn is_gone(&mut self, number: u64) -> bool {
        self.read().find(number).unwrap().is_none()
    }
}

pub(super) fn numbers(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.job.number).collect()
}
