//! The hostile corpus: everything bad that we could think of, a row each.
//!
//! A row is one small plugin, or a file that is none, with limits, a job, and how that has
//! to end. `tests/corpus` walks the table in the library, and after each row the same host
//! runs a good job and holds no more than before; `host/cli/tests/command_line/corpus.rs`
//! walks it with `wodehost call`. Where it can be done a row has a negative control: with
//! its limit off the same plugin is seen to go beyond it.
//!
//! | group | where |
//! |---|---|
//! | loops, memory, values, talk, ends, nesting, files, reach | here |
//! | ends of producers, consumers, stages and gates; flow; granted folders and networks | `tests/corpus/parts.rs`, `tests/corpus/granted.rs` |
//! | flipped bits, canaries of one job in the next | `tests/corpus/flips.rs`, `tests/corpus/canaries.rs` |
//! | as much as may be, on every slot at once | `tests/corpus/pools.rs` |
//! | four spinning guests a processor | `tests/corpus/crowd.rs`; with figures `bench/src/spinning.rs` |
//! | a child submitted twice on a retry | `library/nested_restarts.rs` |
//! | a consumer slower than the workers | `library/serving.rs`, `library/emits.rs` |
//! | compile bombs, damaged caches | `library/compiling.rs`, `host/cli/tests/command_line/compiling.rs` |
//! | signals, `kill -9` | `host/cli/tests/command_line/signals.rs` |
//! | closed stdout, a full disk | `host/cli/tests/command_line/map.rs` |

mod ends;
mod files;
mod loops;
mod memory;
mod nesting;
mod reach;
mod talk;
mod values;
pub mod wat;

use crate::{guest, limits};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use wodehost::{Limit, Limits, PluginSource, Status};

/// Limits as they differ from the defaults.
pub type Changes = &'static [(Limit, &'static str)];

/// A row of the corpus.
#[derive(Debug)]
pub struct Case {
    /// Which part of the list it belongs to.
    pub group: &'static str,
    /// What it does.
    pub name: Cow<'static, str>,
    /// The plugin, or what is offered as one.
    pub plugin: Offered,
    /// The limits that it runs under.
    pub limits: Changes,
    /// The job, as JSON.
    pub job: Cow<'static, str>,
    /// How it has to end.
    pub end: End,
    /// How it ends with its limit off.
    pub unlimited: Option<(Changes, Status, &'static str)>,
}

/// What is offered as a plugin.
#[derive(Debug)]
pub enum Offered {
    /// A guest that was built.
    Guest(&'static str),
    /// The text of a component.
    Text(String),
    /// The bytes of a file.
    Bytes(Vec<u8>),
}

/// An expected end.
#[derive(Debug)]
pub struct End {
    /// The job's status; none = no job is run, the plugin is refused.
    pub status: Option<Status>,
    /// The reason of the outcome, or the code of the refusal.
    pub reason: &'static str,
    /// A part of the message.
    pub message: Cow<'static, str>,
    /// A part of the outcome's data, as JSON.
    pub data: Cow<'static, str>,
}

/// All rows.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        loops::cases(),
        memory::cases(),
        values::cases(),
        talk::cases(),
        ends::cases(),
        nesting::cases(),
        files::cases(),
        reach::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Bytes that are odd values or none, with what they are.
#[must_use]
pub fn vectors() -> Vec<(&'static str, Vec<u8>)> {
    values::vectors()
}

/// The file of a guest.
pub(crate) fn built(name: &'static str) -> Offered {
    Offered::Guest(name)
}

/// The job of a row that says nothing else is nil, its limits are the defaults, and it has
/// to succeed.
pub(crate) fn case(
    group: &'static str,
    name: impl Into<Cow<'static, str>>,
    plugin: impl Into<Offered>,
) -> Case {
    Case {
        group,
        name: name.into(),
        plugin: plugin.into(),
        limits: &[],
        job: "null".into(),
        end: End {
            status: Some(Status::Success),
            reason: "returned",
            message: "".into(),
            data: "".into(),
        },
        unlimited: None,
    }
}

impl From<String> for Offered {
    fn from(text: String) -> Offered {
        Offered::Text(text)
    }
}

impl From<Vec<u8>> for Offered {
    fn from(bytes: Vec<u8>) -> Offered {
        Offered::Bytes(bytes)
    }
}

impl Offered {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Offered::Guest(name) => std::fs::read(guest(name)).unwrap(),
            Offered::Text(text) => wat::assemble(text),
            Offered::Bytes(bytes) => bytes.clone(),
        }
    }
}

impl Case {
    /// The plugin to be loaded. A file without a name is called `hostile`; it lies in
    /// `folder`.
    #[must_use]
    pub fn source(&self, folder: &Path) -> PluginSource {
        PluginSource::file(self.file(folder))
    }

    /// Its file.
    #[must_use]
    pub fn file(&self, folder: &Path) -> PathBuf {
        if let Offered::Guest(name) = self.plugin {
            return guest(name);
        }
        let path = folder.join("hostile.wasm");
        std::fs::write(&path, self.plugin.bytes()).unwrap();
        path
    }

    /// The limits in all.
    #[must_use]
    pub fn limits(&self) -> Limits {
        limits(self.limits)
    }

    pub(crate) fn under(mut self, limits: Changes) -> Case {
        self.limits = limits;
        self
    }

    pub(crate) fn job(mut self, job: impl Into<Cow<'static, str>>) -> Case {
        self.job = job.into();
        self
    }

    /// It ends so, with this in its message.
    pub(crate) fn ends(
        mut self,
        status: Status,
        reason: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Case {
        self.end.status = Some(status);
        self.end.reason = reason;
        self.end.message = message.into();
        self
    }

    /// It is not loaded.
    pub(crate) fn refused(mut self, code: &'static str, message: &'static str) -> Case {
        self.end.status = None;
        self.end.reason = code;
        self.end.message = message.into();
        self
    }

    /// Its data hold this.
    pub(crate) fn leaves(mut self, data: impl Into<Cow<'static, str>>) -> Case {
        self.end.data = data.into();
        self
    }

    /// The negative control.
    pub(crate) fn unless(mut self, limits: Changes, status: Status, reason: &'static str) -> Case {
        self.unlimited = Some((limits, status, reason));
        self
    }
}
