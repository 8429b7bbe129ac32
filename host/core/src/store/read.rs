//! What a store is asked.

use super::error::StoreError;
use super::record::{Entry, Key, PastAttempt, Session, SessionId};
use crate::job::HostId;
use crate::plugin::Digest;
use crate::task::Status;
use crate::value::Value;
use std::sync::Arc;

/// Reads a store, while others read and write it.
pub trait Reader: Send {
    /// The first part of the ids of the store's jobs.
    fn id(&self) -> HostId;

    /// The first number that is nobody's.
    fn next_number(&mut self) -> Result<u64, StoreError>;

    /// The job with this number.
    fn find(&mut self, number: u64) -> Result<Option<Entry>, StoreError>;

    /// The job with this key in a stream.
    fn find_key(&mut self, stream: &str, key: &Key) -> Result<Option<Entry>, StoreError>;

    /// The children of a job, those whose name another one took left out, by number.
    fn children(&mut self, parent: u64) -> Result<Vec<Entry>, StoreError>;

    /// The attempts of a job that are past, the oldest first.
    fn past(&mut self, number: u64) -> Result<Vec<PastAttempt>, StoreError>;

    /// The jobs that sessions other than this one have, by number.
    fn claimed_by_others(&mut self, than: SessionId) -> Result<Vec<Entry>, StoreError>;

    /// The queued suspects, children among them, by number.
    fn suspects(&mut self) -> Result<Vec<Entry>, StoreError>;

    /// The singleton keys of unfinished jobs, with the jobs' numbers.
    fn singletons(&mut self) -> Result<Vec<(u64, Arc<str>)>, StoreError>;

    /// Jobs of a stream that are done and not delivered, in the order in which they ended, from
    /// the one behind `after` on: a moment and a number.
    fn undelivered(
        &mut self,
        stream: &str,
        after: Option<(u64, u64)>,
        most: usize,
    ) -> Result<Vec<Entry>, StoreError>;

    /// What a producer or consumer goes on from.
    fn cursor(&mut self, name: &str) -> Result<Option<Value>, StoreError>;

    /// What attempts ran under.
    fn conditions(&mut self, digest: Digest) -> Result<Option<Value>, StoreError>;

    /// A component that is kept.
    fn plugin(&mut self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// Whether a component is kept.
    fn has_plugin(&mut self, digest: Digest) -> Result<bool, StoreError> {
        self.plugin(digest).map(|bytes| bytes.is_some())
    }

    /// The latest session.
    fn session(&mut self) -> Result<Option<(SessionId, Session)>, StoreError>;

    /// A page of jobs, the newest first.
    fn list(&mut self, filter: &Filter, page: Page) -> Result<Vec<Listed>, StoreError>;

    /// How many jobs of a stream there are; of all streams where none is named.
    fn summary(&mut self, stream: Option<&str>) -> Result<Summary, StoreError>;
}

/// Which jobs are listed: those that fit all that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where they are.
    pub states: Vec<Standing>,
    /// How they ended.
    pub statuses: Vec<Status>,
    /// Why they ended, such as `trap:unreachable`, or all that begin so where it ends with `*`.
    pub reason: Option<String>,
    /// Whose they are.
    pub worker: Option<String>,
    /// What they belong to.
    pub stream: Option<String>,
    /// Which they were stopped with.
    pub group: Option<String>,
    /// Submitted at this moment or later, in milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// Submitted before this moment.
    pub before_ms: Option<u64>,
    /// Children of this job; none = jobs that are no children.
    pub parent: Option<u64>,
}

/// Where a job is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nobody has it.
    Queued,
    /// Somebody has it.
    Claimed,
    /// It is over, and its outcome was not taken.
    Undelivered,
    /// It is over.
    Done,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only jobs with lower numbers; [`u64::MAX`] = from the newest on.
    pub below: u64,
    /// So many at most.
    pub most: usize,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub number: u64,
    /// Its worker.
    pub worker: Arc<str>,
    /// What it belongs to.
    pub stream: Arc<str>,
    /// What it is known by there.
    pub key: Option<Key>,
    /// Where it is.
    pub standing: Standing,
    /// How it ended, with the reason's word.
    pub ended: Option<(Status, String)>,
    /// Attempts that ended.
    pub attempts: u32,
    /// When it came, in milliseconds since 1970.
    pub submitted_ms: u64,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// Bytes of its value.
    pub value_bytes: u64,
}

/// How many jobs there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// That nobody has, suspects among them.
    pub queued: u64,
    /// That somebody has.
    pub claimed: u64,
    /// That are over; of them…
    pub done: u64,
    /// … that did not succeed,
    pub dead: u64,
    /// … and whose outcome was not taken.
    pub undelivered: u64,
}
