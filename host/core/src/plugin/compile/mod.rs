//! Compiling a component: in this process, or in a child that can be killed.
//!
//! A component may be made so that compiling it takes hours or all memory, and nothing
//! in this process can stop a compiler that runs in it. So a host that takes plugins
//! from anybody has [`Compiler::Child`] in its [`RuntimeConfig`](crate::RuntimeConfig):
//! a program of its own choice, usually itself with a word that only it knows, started
//! for each component that is not in the cache, one at a time in a process.
//!
//! # The protocol, version 1
//!
//! The child gets its own arguments, then those of [`CompileTask`]: the protocol's
//! version, whether fuel is metered and NaNs are all alike, and what it may use, for it has to bound itself
//! before it reads anything. Its environment is empty, its folder `/`. On stdin is the
//! component, up to the end. On stdout it answers once, all numbers with their lowest
//! byte first:
//!
//! | bytes | |
//! |---|---|
//! | 8 | `wodecomp` |
//! | 2 | the version, 1 |
//! | 1 | 0 = code follows, 1 = a refusal follows |
//! | 8 | the fingerprint of its engine: settings and version of wasmtime |
//! | 8 | how many bytes follow: at most 64 KiB of refusal; of code 32 MiB and 16 times what the component has, and 1 GiB |
//! | | the code as wasmtime serializes it; or kind and sentence as MessagePack |
//!
//! Then it ends, with 0. What it writes to stderr goes to the log. Everything else is
//! a failure: another magic, version or fingerprint, an answer that is too short or too
//! long, another exit code, a signal, no end in time.
//!
//! What comes back is machine code that this process will run. The child keeps a
//! compiler from taking time and memory; it is no defence against one that is led to
//! make wrong code.

mod child;
mod protocol;
mod refusal;
mod task;

pub use refusal::CompileLimit;
pub(crate) use refusal::Refusal;
pub use task::CompileTask;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use wasmtime::Engine;

pub(super) use refusal::why_not;

/// How components that are not in the cache are compiled.
#[derive(Debug, Clone, Default)]
pub enum Compiler {
    /// Here, without any limit on time, memory and stack: a component whose types are
    /// nested deep enough ends this process. For plugins of one's own.
    #[default]
    InProcess,
    /// In a child process. See the module.
    Child(CompilerProgram),
}

/// A program that compiles: it makes a [`CompileTask`] of its last arguments, bounds
/// itself, and lets the task answer.
#[derive(Debug, Clone)]
pub struct CompilerProgram {
    /// Its file; an absolute path, because it is started in `/`.
    pub program: PathBuf,
    /// What it is given before the arguments of the task.
    pub arguments: Vec<OsString>,
    /// What it may use.
    pub limits: CompileLimits,
}

/// What compiling one component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Computing time of all its threads, in whole seconds; the child sees to it.
    pub cpu: Duration,
    /// Address space, bytes; the child sees to it.
    pub memory: u64,
    /// Time by the clock; the parent sees to it.
    pub wall: Duration,
}

impl CompileLimits {
    /// Limits on computing time and memory; by the clock it may take twice as long,
    /// because a busy machine is no fault of the component.
    #[must_use]
    pub fn of(cpu: Duration, memory: u64) -> CompileLimits {
        CompileLimits {
            cpu,
            memory,
            wall: cpu.saturating_mul(2),
        }
    }
}

impl Default for CompileLimits {
    fn default() -> Self {
        CompileLimits::of(Duration::from_mins(1), 4 << 30)
    }
}

/// Whose turn it is: one child at a time in a process, so that ten plugins cannot take
/// ten times the memory. Also tells whether somebody else was before.
pub(super) fn turn() -> (MutexGuard<'static, ()>, bool) {
    static TURN: Mutex<()> = Mutex::new(());
    match TURN.try_lock() {
        Ok(guard) => (guard, false),
        Err(_) => (TURN.lock().unwrap_or_else(PoisonError::into_inner), true),
    }
}

/// What an engine asks of the code that it runs, besides what all engines do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodeKind {
    /// Fuel is metered.
    pub(crate) fuel: bool,
    /// There is only one NaN.
    pub(crate) one_nan: bool,
}

/// Why a child gave no code.
pub(super) enum Failure {
    /// The component is to blame; the same will happen again.
    Refused(Refusal),
    /// The program cannot be started.
    NotStarted(std::io::Error),
    /// Something that should not happen; it may not happen again.
    Fault(String),
}

/// Compiles in a child.
pub(super) fn in_child(
    program: &CompilerProgram,
    bytes: &[u8],
    engine: &Engine,
    code: CodeKind,
) -> Result<Vec<u8>, Failure> {
    let task = CompileTask {
        code,
        limits: program.limits,
    };
    child::compile(program, &task, bytes, super::fingerprint(engine))
}
