//! What `wodehost` is when another `wodehost` starts it to compile a plugin: a process
//! that bounds itself, reads one component, answers with its code, and ends.
//!
//! It is asked for with a word that stands in no help, because nobody types it. What
//! passes between the two is told in `host/core/src/plugin/compile/mod.rs`. It gets no
//! file but its three pipes from us, for all that is opened in Rust is closed in a child;
//! a file that whoever started us left open for all children is open in it, too.

use crate::config::Config;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use wodehost::plugin::{CompileTask, Compiler, CompilerProgram};

/// The word.
const WORD: &str = "compile-child";

/// Threads that compile at most. Each takes 64 MiB of address space for what it
/// allocates, and all together must leave most of what the process may have.
const THREADS_MAX: usize = 8;

/// How plugins are compiled: by ourselves, in a child.
pub(crate) fn compiler(config: &Config) -> Compiler {
    Compiler::Child(CompilerProgram {
        program: own_program(),
        arguments: vec![WORD.into()],
        limits: config.compile_limits(),
    })
}

/// The program that runs here. On Linux it is named so that it is found even when the
/// file was replaced or removed since it was started: a compiler of another version
/// would make code for another host.
fn own_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    // An error shows when it is started, and is told there.
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("wodehost"))
}

/// Compiles, if that is what this process is for.
pub(crate) fn if_asked(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if arguments.nth(1)? != WORD {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    Some(match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // For the log of the process that started this one.
            crate::printer::to_stderr(&format!("error: {why}\n"));
            ExitCode::FAILURE
        }
    })
}

fn run(arguments: &[OsString]) -> Result<(), String> {
    let task = CompileTask::from_arguments(arguments)?;
    confine(&task).map_err(|e| format!("this process cannot be confined: {e}"))?;
    let mut stdout = std::io::stdout().lock();
    let answered = if start_threads() {
        task.answer(std::io::stdin().lock(), &mut stdout)
    } else {
        task.answer_no_memory(&mut stdout)
    };
    answered.map_err(|e| e.to_string())
}

/// Starts the threads that compile, whose stacks are the first that may not fit.
fn start_threads() -> bool {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    rayon::ThreadPoolBuilder::new()
        .num_threads(cpus.min(THREADS_MAX))
        .build_global()
        .is_ok()
}

/// Takes from this process whatever compiling does not need.
#[cfg(unix)]
fn confine(task: &CompileTask) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let bound = |resource, most: u64, hard: u64| {
        let old = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        setrlimit(
            resource,
            Rlimit {
                current: Some(most.min(old)),
                maximum: Some(hard.min(old)),
            },
        )
    };
    let seconds = task.cpu_seconds();
    // At the first a signal comes that tells why; at the second there is no more mercy.
    bound(Resource::Cpu, seconds, seconds.saturating_add(5))?;
    bound(Resource::As, task.memory_bytes(), task.memory_bytes())?;
    bound(Resource::Fsize, 0, 0)?;
    bound(Resource::Core, 0, 0)?;
    // What is open stays so; nothing more can be opened.
    bound(Resource::Nofile, 0, 0)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, Signal};
        rustix::thread::set_no_new_privs(true)?;
        rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        // Nobody would take the answer any more.
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn confine(_: &CompileTask) -> std::io::Result<()> {
    Ok(())
}
