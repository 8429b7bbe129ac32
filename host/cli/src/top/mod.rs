//! `wodehost top`: looking at a `run`, `map` or `call` from another terminal.
//!
//! | part | what it is |
//! |---|---|
//! | [`protocol`] | what the two sides say to each other |
//! | [`folder`] | where sockets lie, and which folders are trusted |
//! | [`server`] | the side of the command that runs |
//! | [`client`] | the side of `top`: finds runs and asks them |
//! | [`app`] | what `top` shows and how keys change it; pure |
//! | [`view`] | a picture of it; pure |
//! | [`terminal`] | the terminal, and the loop that brings all of them together |
//!
//! What stands in a look comes from guests: it is escaped where a [`table`] or a
//! [`sheet`] is made of it, and nothing else is drawn.

pub(crate) mod app;
pub(crate) mod chooser;
pub(crate) mod client;
pub(crate) mod cursor;
pub(crate) mod folder;
pub(crate) mod host;
pub(crate) mod keys;
pub(crate) mod page;
pub(crate) mod plain;
pub(crate) mod protocol;
pub(crate) mod rate;
pub(crate) mod server;
pub(crate) mod sheet;
pub(crate) mod table;
pub(crate) mod terminal;
#[cfg(test)]
mod tests;
pub(crate) mod view;
pub(crate) mod words;

use wodehost::JobId;
use wodehost::board::{Detail, Snapshot};
use wodehost::store::{Change, Changed};

/// What can be looked at and steered: a host.
pub(crate) trait Watched: Send + Sync {
    /// What it is doing, with the first of the jobs that wait. Leaves the changes of lines
    /// to the board.
    fn look(&self, queued_max: usize) -> Snapshot;

    /// More about a live attempt; none = the job has none.
    fn detail(&self, job: JobId) -> Option<Detail>;

    /// Lets a job stand still.
    fn pause(&self, job: JobId);

    /// Lets it go on.
    fn resume(&self, job: JobId);

    /// Ends a job.
    fn cancel(&self, job: JobId);

    /// Ends the jobs of a group.
    fn cancel_group(&self, group: &str);

    /// Does something to recorded jobs, by their numbers, and says what came of each. Blocks until
    /// that is recorded.
    fn change(&self, store: &str, jobs: &[u64], change: Change) -> Result<Vec<Changed>, String>;
}
