//! Processes of `wasmtime run`, each with a component that was compiled ahead of time: how long
//! one takes from its start to its end, to compare the start of `wodehost call` with.

use crate::peers::set_up;
use crate::watched::program;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What `wasmtime run` is measured with.
#[derive(Clone)]
pub(crate) struct Commands {
    /// The program, built with the features that this takes.
    pub(crate) wasmtime: PathBuf,
    /// A small command in Rust, precompiled.
    pub(crate) rust: PathBuf,
    /// The same in Python, its interpreter included, precompiled.
    pub(crate) python: Option<PathBuf>,
}

/// An error from any thread.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Processes that are timed.
const STARTS: u64 = 20;

/// What is set up in the folder of the peers; why it is not.
pub(crate) fn commands(folder: &Path) -> Result<Commands, String> {
    let compiled = |name| set_up(folder, name).map(|place| place.join("command.cwasm"));
    Ok(Commands {
        wasmtime: set_up(folder, "wasmtime")?.join("bin/wasmtime"),
        rust: compiled("command-rust")?,
        python: compiled("command-python").ok(),
    })
}

impl Commands {
    /// Runs one of them in a process, which has to double the number.
    pub(crate) fn double(&self, command: &Path, number: u64) -> Result<(), Failure> {
        let output = Command::new(&self.wasmtime)
            .args(["run", "--allow-precompiled"])
            .arg(command)
            .arg(number.to_string())
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() && output.stdout == format!("{}\n", 2 * number).as_bytes() {
            return Ok(());
        }
        Err(format!("`wasmtime run` did not double {number}: {output:?}").into())
    }
}

/// Calls of a plugin, whose answer is 42, and processes of a command, in turns; after one of each
/// that is not counted.
pub(crate) fn run(
    commands: &Commands,
    command: &Path,
    plugin: &Path,
    job: &str,
) -> Result<[Vec<Duration>; 2], Box<dyn Error>> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..=STARTS {
        let began = Instant::now();
        call(plugin, job)?;
        let called = began.elapsed();
        let began = Instant::now();
        let run = commands.double(command, number);
        run.map_err(|error| error as Box<dyn Error>)?;
        if number > 0 {
            ours.push(called);
            theirs.push(began.elapsed());
        }
    }
    Ok([ours, theirs])
}

fn call(plugin: &Path, job: &str) -> Result<(), Box<dyn Error>> {
    let output = program()?
        .arg("call")
        .arg(plugin)
        .arg(job)
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() && output.stdout == b"42\n" {
        return Ok(());
    }
    Err(format!("`wodehost call` did not answer 42: {output:?}").into())
}
