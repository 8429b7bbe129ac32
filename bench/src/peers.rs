//! Other ways to run the same jobs: each doubles an integer, in a process or an instance of
//! its own where the peer can do that.
//!
//! `cargo xtask bench` sets them up; what it could not set up is a peer with a reason. Slow peers
//! get fewer jobs, as figures are jobs a second. Each checks every result. None counts what comes
//! before its first job: those that run inside a program print their own time, GNU parallel's
//! clock starts with its first result, and wasmtime's processes are started by us.

use crate::start_up::{self, Commands, Failure};
use serde_json::Value;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

/// Another way to run the jobs.
pub(crate) struct Peer {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Processes or threads at once.
    pub(crate) width: usize,
    /// So many times as many jobs a second are to be run end to end.
    pub(crate) reach: f64,
    /// Whether each job has a process or an instance to itself.
    pub(crate) isolated: bool,
    /// Whether it can be measured.
    pub(crate) kind: Kind,
}

/// Whether a peer can be measured.
pub(crate) enum Kind {
    /// Runs one round.
    Ready(Measure),
    /// Why it cannot.
    Missing(String),
}

/// Runs some jobs; jobs per second.
pub(crate) type Measure = Box<dyn Fn() -> Result<f64, Box<dyn Error>>>;

/// What is to be reached against peers that make a process for each job.
const PROCESS_REACH: f64 = 250.0;

/// What is to be reached against peers that do not.
const REACH: f64 = 10.0;

// Jobs of a round, for a second or two.
const FORKED: u64 = 600;
const EXECUTED: u64 = 12_000;
const PARALLEL: u64 = 600;
const COMMANDS: u64 = 400;
const EXTISM: u64 = 10_000;

/// The folder that `cargo xtask bench` names, or where it would be.
#[must_use]
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("WODEHOST_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers"),
        PathBuf::from,
    )
}

/// All of them, as they are set up in a folder.
#[must_use]
pub(crate) fn all(folder: &Path) -> Vec<Peer> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut peers = vec![
        Peer {
            name: "Jobserver",
            width: workers,
            reach: PROCESS_REACH,
            isolated: true,
            kind: ready(set_up(folder, "jobserver"), |place| {
                python(place.join("bin/python"), "jobserver", FORKED, workers)
            }),
        },
        Peer {
            name: "multiprocessing.Pool, one task a child",
            width: workers,
            reach: PROCESS_REACH,
            isolated: true,
            kind: ready(system_python(), |program| {
                python(program, "pool", FORKED, workers)
            }),
        },
        Peer {
            name: "GNU parallel",
            width: workers,
            reach: PROCESS_REACH,
            isolated: true,
            kind: ready(set_up(folder, "parallel"), |place| parallel(place, workers)),
        },
        Peer {
            name: "wasmtime run",
            width: workers,
            reach: PROCESS_REACH,
            isolated: true,
            kind: ready(start_up::commands(folder), |commands| {
                wasmtime(commands, workers)
            }),
        },
        Peer {
            name: "ProcessPoolExecutor",
            width: workers,
            reach: REACH,
            isolated: false,
            kind: ready(system_python(), |program| {
                python(program, "executor", EXECUTED, workers)
            }),
        },
    ];
    let mut widths = vec![1, workers];
    widths.dedup();
    peers.extend(widths.into_iter().map(|width| Peer {
        name: "Extism",
        width,
        reach: REACH,
        isolated: true,
        kind: ready(set_up(folder, "extism"), |place| extism(&place, width)),
    }));
    peers
}

fn ready<T>(found: Result<T, String>, measure: impl FnOnce(T) -> Measure) -> Kind {
    found.map_or_else(Kind::Missing, |found| Kind::Ready(measure(found)))
}

/// The folder of a peer; why it is not there.
pub(crate) fn set_up(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let place = folder.join(name);
    if place.join("installed").is_file() {
        return Ok(place);
    }
    let reason = std::fs::read_to_string(place.join("missing"));
    Err(reason.unwrap_or_else(|_| "not set up; `cargo xtask bench` does it".to_owned()))
}

/// Pool and executor come with Python.
fn system_python() -> Result<PathBuf, String> {
    let mut version = Command::new("python3");
    version.arg("--version").stdout(Stdio::null());
    match version.status() {
        Ok(status) if status.success() => Ok("python3".into()),
        Ok(status) => Err(format!("`python3 --version` ended with {status}")),
        Err(error) => Err(format!("`python3` cannot be started: {error}")),
    }
}

/// One of the peers in `peers.py`.
fn python(program: PathBuf, peer: &'static str, jobs: u64, workers: usize) -> Measure {
    Box::new(move || {
        let mut command = Command::new(&program);
        command
            // What the environment says of Python's modules is not to matter.
            .arg("-I")
            .arg(scripts().join("peers.py"))
            .arg(peer)
            .args(["--jobs", &jobs.to_string()])
            .args(["--workers", &workers.to_string()]);
        rate(&stdout_of(&mut command)?)
    })
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/python")
}

fn extism(place: &Path, threads: usize) -> Measure {
    let program = place.join("bin/extism-double");
    Box::new(move || {
        let mut command = Command::new(&program);
        command.args([EXTISM.to_string(), threads.to_string()]);
        rate(&stdout_of(&mut command)?)
    })
}

/// Runs a program to its end, for what it prints.
fn stdout_of(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let program = command.get_program().display();
    let status = output.status;
    Err(format!("`{program}` ended with {status}: {}", said.trim_end()).into())
}

/// Jobs per second, by the line of JSON that a peer prints.
fn rate(line: &str) -> Result<f64, Box<dyn Error>> {
    let figures: Value = serde_json::from_str(line)?;
    let (jobs, seconds) = (figures["jobs"].as_f64(), figures["seconds"].as_f64());
    match (jobs, seconds) {
        (Some(jobs), Some(seconds)) if jobs > 0.0 && seconds > 0.0 => Ok(jobs / seconds),
        _ => Err(format!("a peer printed no figures: {line}").into()),
    }
}

/// A line of its input is a job for a shell.
fn parallel(place: PathBuf, workers: usize) -> Measure {
    Box::new(move || {
        let unpacked = place.join("usr/bin/parallel");
        let program = if unpacked.is_file() {
            unpacked
        } else {
            "parallel".into()
        };
        let mut child = Command::new(program)
            .args(["--jobs", &workers.to_string(), "echo $((2*{}))"])
            // The smallest shell there is, and nothing is left in the home directory.
            .env("PARALLEL_SHELL", "/bin/sh")
            .env("PARALLEL_HOME", place.join("home"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
            return Err("a pipe is missing".into());
        };
        // They all fit into the pipe: nobody has to read meanwhile.
        for number in 0..PARALLEL {
            writeln!(stdin, "{number}")?;
        }
        drop(stdin);
        let mut lines = BufReader::new(stdout).lines();
        let mut results = Vec::from_iter(lines.next().transpose()?);
        // Its start takes as long as a hundred jobs.
        let began = Instant::now();
        for line in lines {
            results.push(line?);
        }
        let elapsed = began.elapsed();
        let status = child.wait()?;
        if !status.success() {
            return Err(format!("GNU parallel ended with {status}").into());
        }
        doubled(&results, PARALLEL)?;
        Ok((PARALLEL - 1) as f64 / elapsed.as_secs_f64())
    })
}

/// Whether these are the doubles of the numbers below `jobs`, in any order.
fn doubled(results: &[String], jobs: u64) -> Result<(), Box<dyn Error>> {
    let numbers = results.iter().map(|result| result.parse());
    let mut numbers: Vec<u64> = numbers.collect::<Result<_, _>>()?;
    numbers.sort_unstable();
    if numbers.into_iter().eq((0..jobs).map(|number| 2 * number)) {
        return Ok(());
    }
    Err("a result is wrong, missing or one too many".into())
}

/// A process for each job, so many at once.
fn wasmtime(commands: Commands, workers: usize) -> Measure {
    Box::new(move || {
        let next = AtomicU64::new(0);
        let share = || -> Result<(), Failure> {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= COMMANDS {
                    return Ok(());
                }
                commands.double(&commands.rust, number)?;
            }
        };
        let began = Instant::now();
        let run: Result<(), Failure> = thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(share)).collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
        });
        run.map_err(|error| error as Box<dyn Error>)?;
        Ok(COMMANDS as f64 / began.elapsed().as_secs_f64())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_of_jobs_and_seconds() {
        let found = rate("{\"jobs\": 600, \"seconds\": 1.5}\n").expect("figures");
        assert!((found - 400.0).abs() < 1e-9);
        for line in [
            "",
            "600",
            r#"{"jobs": 600}"#,
            r#"{"jobs": 0, "seconds": 1.0}"#,
            r#"{"jobs": 600, "seconds": 0.0}"#,
            r#"{"jobs": "600", "seconds": 1.0}"#,
        ] {
            assert!(rate(line).is_err(), "{line}");
        }
    }

    #[test]
    fn results_come_in_any_order_but_all_have_to_come_once() {
        let found = |text: &str| {
            let results: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
            doubled(&results, 3).is_ok()
        };
        assert!(found("4 0 2"));
        for wrong in ["0 2", "0 2 5", "0 2 2", "0 2 4 4", "0 2 x", ""] {
            assert!(!found(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_set_up_is_there_with_its_reason() {
        let folder = std::env::temp_dir().join(format!("bench-peers-{}", std::process::id()));
        let extism = folder.join("extism");
        std::fs::create_dir_all(&extism).expect("a folder");
        std::fs::write(extism.join("missing"), "no network").expect("a note");
        let reasons: Vec<_> = all(&folder)
            .into_iter()
            .filter(|peer| ["Extism", "Jobserver"].contains(&peer.name))
            .map(|peer| match peer.kind {
                Kind::Missing(reason) => reason,
                Kind::Ready(_) => "ready".to_owned(),
            })
            .collect();
        std::fs::remove_dir_all(&folder).expect("it is ours");
        assert_eq!(reasons[0], "not set up; `cargo xtask bench` does it");
        assert!(reasons[1..].iter().all(|reason| reason == "no network"));
    }

    #[test]
    fn the_peers_in_python_check_their_results() {
        let mut tests = Command::new("python3");
        tests
            .args(["-B", "-m", "unittest"])
            .current_dir(scripts())
            .stdin(Stdio::null());
        let Ok(output) = tests.output() else {
            println!("left out: there is no python3");
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("Ran 3 tests"), "{said}");
    }
}
