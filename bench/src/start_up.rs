//! Processes of `wasmtime run`, each with a component that was compiled ahead of time: how long
//! one takes from its start to its end, to compare the start of `wodehost call` with.

use crate::peers::set_up;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What `wasmtime run` is measured with.
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

    /// The median of such processes, one after the other.
    pub(crate) fn start_up(&self, command: &Path) -> Result<Duration, Box<dyn Error>> {
        let mut times = Vec::new();
        for number in 0..STARTS {
            let began = Instant::now();
            let run = self.double(command, number);
            run.map_err(|error| error as Box<dyn Error>)?;
            times.push(began.elapsed());
        }
        times.sort();
        Ok(times[times.len() / 2])
    }
}
