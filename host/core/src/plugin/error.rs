//! Why a plugin cannot be used. Told before any job runs.

use super::compile::CompileLimit;
use super::grants::GrantError;
use super::kind::FileKind;
use crate::units::{Unit, grouped};
use std::path::PathBuf;

/// Why a plugin was not loaded. [`PluginError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The file cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is larger than the limit.
    #[error("the file has {has}; limit {limit}", has = Unit::Bytes.about(*bytes), limit = Unit::Bytes.about(*limit))]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file is something else.
    #[error("this is {}", .0.in_words())]
    NotAComponent(FileKind),
    /// It begins like a component but is damaged.
    #[error("the component is damaged: {0}")]
    Damaged(String),
    /// It is sound, but uses a proposal that is switched off.
    #[error("the component uses a WebAssembly feature that this host does not run: {0}")]
    UnsupportedFeature(String),
    /// It does not export what a plugin of this contract exports.
    #[error("{0}")]
    WrongWorld(String),
    /// It imports something that this host does not have.
    #[error("the component imports `{0}`, which this host does not have")]
    UnknownImport(String),
    /// It imports something known with another shape.
    #[error("an import does not fit this host: {0}")]
    ImportMismatch(String),
    /// It lacks the role it was asked to play.
    #[error("this plugin is {is}, not {wanted}")]
    WrongRole {
        /// The roles it has.
        is: String,
        /// The role that was wanted.
        wanted: &'static str,
    },
    /// A grant cannot be given.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// A granted folder is not there.
    #[error("the granted folder {path} cannot be opened: {error}", path = path.display())]
    Folder {
        /// The folder on the host.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Its jobs are to be deterministic, and a grant would let in what is not.
    #[error("it is granted {0}, and deterministic jobs may have none")]
    NotDeterministic(&'static str),
    /// It needs more of the engine than the pools hold.
    #[error("the component does not fit: {0}")]
    TooComplex(String),
    /// There is more in it than is compiled.
    #[error("the component has {has} {what}; limit {limit}", has = grouped(*count), limit = grouped(*limit))]
    TooManyParts {
        /// What there is too much of.
        what: &'static str,
        /// How many there are, or how many were counted until it was too much.
        count: u64,
        /// How many there may be.
        limit: u64,
    },
    /// Compiling it takes too much.
    #[error("compiling its {has} takes more than {limit}, which is the limit", has = Unit::Bytes.about(*bytes))]
    CompileLimit {
        /// Its size in bytes.
        bytes: u64,
        /// Which limit, and where it is.
        limit: CompileLimit,
    },
    /// It was refused at an earlier load, and that was remembered.
    #[error("{error} (remembered from an earlier try)")]
    Remembered {
        /// Why it was refused.
        error: Box<PluginError>,
        /// The file in which that is written.
        file: PathBuf,
    },
    /// The program that compiles cannot be started.
    #[error("the compiler {program} cannot be started: {error}", program = program.display())]
    NoCompiler {
        /// The program.
        program: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The compiler failed.
    #[error("the component cannot be compiled: {0}")]
    Compile(String),
}

impl PluginError {
    /// A stable string for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PluginError::Read { .. } => "unreadable",
            PluginError::TooLarge { .. }
            | PluginError::TooComplex(_)
            | PluginError::TooManyParts { .. } => "component-too-complex",
            PluginError::CompileLimit { .. } => "compile-limit",
            PluginError::Remembered { error, .. } => error.code(),
            PluginError::NotAComponent(_) => "not-a-component",
            PluginError::Damaged(_) => "bad-component",
            PluginError::UnsupportedFeature(_) => "unsupported-feature",
            PluginError::WrongWorld(_) | PluginError::WrongRole { .. } => "wrong-world",
            PluginError::UnknownImport(_) | PluginError::ImportMismatch(_) => "unknown-import",
            PluginError::Grant(_)
            | PluginError::Folder { .. }
            | PluginError::NotDeterministic(_) => "bad-config",
            PluginError::NoCompiler { .. } | PluginError::Compile(_) => "compile-failed",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            PluginError::Read { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
                "is the name right? Build the plugin first if it is one of yours".into()
            }
            PluginError::Read { .. } => "the file must be readable for you".into(),
            PluginError::TooLarge { .. } => {
                "strip debug information from the component, split the plugin, or raise `--component-size`".into()
            }
            PluginError::NotAComponent(kind) => kind.hint().into(),
            PluginError::Damaged(_) => "build or copy the file again".into(),
            PluginError::UnsupportedFeature(_) => {
                "build without it: gc, exceptions, threads, memory64, tail calls, relaxed simd \
                 and async components are off"
                    .into()
            }
            PluginError::WrongWorld(_) => {
                "a worker exports `run`, a producer `next`, a consumer `consume`, a gate `admit`; \
                 use an SDK of this version"
                    .into()
            }
            PluginError::UnknownImport(_) | PluginError::ImportMismatch(_) => {
                "plugins may import `wodehost:plugin@0.1` and WASI 0.2 without http; nothing else"
                    .into()
            }
            PluginError::WrongRole { .. } => "is this the right file for this place?".into(),
            PluginError::Grant(_) => "change the grant in `wodehost.toml` or the flag".into(),
            PluginError::Folder { .. } => "make the folder first, or grant another one".into(),
            PluginError::NotDeterministic(_) => {
                "take the grant away and hand over what it needs in the job, or run it without \
                 `--deterministic`"
                    .into()
            }
            PluginError::TooComplex(_) => "raise the limit it names, or split the plugin".into(),
            PluginError::TooManyParts { .. } => "split the plugin".into(),
            PluginError::CompileLimit { limit, .. } => {
                format!(
                    "raise `{}` if you trust the plugin, or split it",
                    limit.key()
                )
            }
            PluginError::Remembered { error, file } => {
                let file = file.display();
                format!("{}; to try again as it is, remove {file}", error.hint())
            }
            PluginError::NoCompiler { .. } => {
                "plugins are compiled in a child process: the program must still be there, and \
                 allowed to start another one; `wodehost doctor` tries it"
                    .into()
            }
            PluginError::Compile(_) => "this is a fault of the compiler; please report it".into(),
        }
    }
}
