//! What a store is told, and what it answers.

use super::record::{Conditions, Entry, NewJob, PastAttempt, Session, SessionId};
use crate::plugin::Digest;
use crate::task::Outcome;
use crate::value::Value;
use std::sync::Arc;

/// One change. Where it says *fence*, it is taken only while the job is claimed with just that
/// one.
#[derive(Debug, Clone)]
pub enum Write {
    /// A host begins. Answered with [`Answer::Session`].
    Begin(Session),
    /// Its claims hold until this moment.
    Renew {
        /// Whose.
        session: SessionId,
        /// In milliseconds since 1970.
        until_ms: u64,
    },
    /// Claims become void: their jobs are queued again, with nothing else changed. Answered with
    /// [`Answer::Expired`].
    Expire(Expiry),
    /// A job comes in. Refused as [`Refused::Exists`] where its number, its key or its name
    /// is another job's.
    Submit(Box<NewJob>),
    /// Queued jobs that are no children are claimed, the lowest numbers first; each claim raises the
    /// fence. Answered with [`Answer::Claimed`].
    Claim {
        /// For whom.
        session: SessionId,
        /// Which.
        which: Claims,
    },
    /// What the attempts of the job run under from now on. Its past ones keep what they ran
    /// under.
    Conditions {
        /// Which job.
        number: u64,
        /// See above.
        fence: u32,
        /// What that is.
        conditions: Arc<Conditions>,
    },
    /// The carried state changes.
    Checkpoint {
        /// Which job.
        number: u64,
        /// See above.
        fence: u32,
        /// The state.
        state: Value,
    },
    /// An attempt ended and there is to be another one: it is kept, its state is the carried one,
    /// and the same session has the job again with the next fence. It is no suspect any more.
    Again {
        /// Which job.
        number: u64,
        /// See above.
        fence: u32,
        /// The attempt that ended.
        past: Box<PastAttempt>,
    },
    /// The job is queued again, with nothing else changed.
    Release {
        /// Which job.
        number: u64,
        /// See above.
        fence: u32,
    },
    /// A queued job whose attempt was lost with its host: that is kept, the carried state stays
    /// what it is, and the job is a suspect.
    Lost {
        /// Which job.
        number: u64,
        /// The attempt that was lost.
        past: Box<PastAttempt>,
    },
    /// The job is over.
    Finish {
        /// Which job.
        number: u64,
        /// See above; none = the job is queued.
        fence: Option<u32>,
        /// How it ended. Its `attempts` are those of the job from now on.
        outcome: Box<Outcome>,
        /// Whether nobody has to take the outcome any more.
        is_delivered: bool,
        /// Whether there may be children of it. Those that are not done end now as cancelled, for
        /// [`crate::Reason::ParentEnded`], and theirs.
        ends_children: bool,
        /// When, in milliseconds since 1970.
        now_ms: u64,
    },
    /// The outcome of a job was taken.
    Deliver {
        /// Which job.
        number: u64,
        /// Whether the job's key is free again.
        frees_key: bool,
    },
    /// What a producer or consumer goes on from; with nothing, from the start.
    Cursor {
        /// Whose.
        name: Arc<str>,
        /// What it saved.
        value: Value,
    },
    /// A job that did not succeed is queued again, as if it had just come: its past attempts are
    /// kept, with the one that its outcome told of, and count no more against what it may be lost.
    Retry {
        /// Which job.
        number: u64,
        /// Whether the carried state is forgotten, which its latest attempt then says.
        resets_state: bool,
    },
    /// A job that is done is forgotten, with its children; so is one that was withdrawn.
    Drop {
        /// Which job.
        number: u64,
        /// Its fence where it is claimed and was withdrawn.
        fence: Option<u32>,
    },
    /// A child's name is free for another job.
    Rename {
        /// Which job.
        number: u64,
    },
    /// A component is kept, unless it is already.
    Plugin {
        /// The SHA-256 of the bytes.
        digest: Digest,
        /// The component.
        bytes: Arc<[u8]>,
    },
}

/// Which claims become void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Those of all sessions but this one.
    AllBut(SessionId),
    /// Those of sessions whose time was over at this moment, in milliseconds since 1970.
    At(u64),
}

/// Which queued jobs are claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claims {
    /// So many at most of a stream. Suspects are left out.
    Next {
        /// The stream.
        stream: Arc<str>,
        /// How many.
        most: usize,
    },
    /// This one, be it a suspect or a child; none where it is not queued.
    One(u64),
}

/// What a store answers to a write.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is written.
    Done,
    /// Nothing was changed.
    Refused(Refused),
    /// The session that has begun.
    Session(SessionId),
    /// How many claims are void.
    Expired(u64),
    /// The jobs that were claimed, with their new fences.
    Claimed(Vec<Entry>),
}

/// Why a write was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no such job.
    Unknown,
    /// The job is not claimed with that fence, or not queued where it has to be.
    Fenced,
    /// The job is over already, or is not where it has to be.
    Over,
    /// The number, the key or the name is another job's.
    Exists,
}
