//! The parent's side: starts the child, feeds it, bounds what it takes and says, and
//! leaves nothing of it behind.

use super::protocol::{self, Answer};
use super::refusal::{CompileLimit, Refusal};
use super::{CompileTask, CompilerProgram, Failure};
use crate::value::escape_for_people;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What is kept of the child's stderr, bytes.
const STDERR_BYTES_MAX: u64 = 64 << 10;

/// How long a child that gave its answer, or can give none any more, may take to end.
const ENDING: Duration = Duration::from_secs(2);

/// Signals that tell something, by their numbers on every system that we run on.
const ABORT: i32 = 6;
const CPU_TIME: i32 = 24;

/// How Rust announces that it aborts because it got no memory, and because a stack was
/// too small. It offers no other way to learn of either.
const NO_MEMORY: &str = "memory allocation of";
const NO_STACK: &str = "has overflowed its stack";

/// Compiles `bytes` in a child.
pub(super) fn compile(
    program: &CompilerProgram,
    task: &CompileTask,
    bytes: &[u8],
    fingerprint: u64,
) -> Result<Vec<u8>, Failure> {
    let deadline = Instant::now() + program.limits.wall;
    let mut running = Running(start(program, task).map_err(Failure::NotStarted)?);
    let heard = Heard::of(&mut running.0, bytes.to_vec(), fingerprint);
    let heard = heard.map_err(Failure::NotStarted)?;
    let left = || deadline.saturating_duration_since(Instant::now());
    let Ok(answer) = heard.answer.recv_timeout(left()) else {
        return Err(Failure::Refused(out_of_time(program)));
    };
    let status = match running.ended(left().min(ENDING)) {
        Some(status) => status,
        None if left().is_zero() => return Err(Failure::Refused(out_of_time(program))),
        None => return Err(Failure::Fault(unfinished(answer))),
    };
    let said = heard.said.recv_timeout(ENDING).unwrap_or_default();
    if !said.is_empty() {
        let said = escape_for_people(&said, 2000);
        tracing::debug!(target: "wodehost::plugin", said, "a compiler wrote to stderr");
    }
    judge(program, answer, status, &said)
}

fn start(program: &CompilerProgram, task: &CompileTask) -> std::io::Result<Child> {
    let mut command = Command::new(&program.program);
    command
        .args(task.arguments(program))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Ctrl-C is for the host, which ends the child if it wants to.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

/// A child that is killed and reaped on every way out.
struct Running(Child);

impl Running {
    /// How it ended, if it does within this time.
    fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        let mut pause = Duration::from_micros(100);
        loop {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            if begun.elapsed() >= within {
                return None;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Neither does anything to a child that has been waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What comes from a child. Threads listen, so that no pipe that is full or empty holds
/// up another; nobody waits for them, because a grandchild may hold a pipe open.
struct Heard {
    answer: Receiver<Result<Answer, String>>,
    said: Receiver<String>,
}

impl Heard {
    fn of(child: &mut Child, bytes: Vec<u8>, fingerprint: u64) -> std::io::Result<Heard> {
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (answered, answer) = channel();
        let (saying, said) = channel();
        let code_bytes_max = protocol::code_bytes_max(bytes.len());
        thread(move || {
            // A child that takes no more has its reasons, and they will be heard.
            let _ = stdin.map(|mut stdin| stdin.write_all(&bytes));
        })?;
        thread(move || {
            let answer = match stdout {
                Some(mut stdout) => protocol::read(&mut stdout, fingerprint, code_bytes_max),
                None => Err("it has no stdout".to_owned()),
            };
            // Who asked may have lost patience.
            let _ = answered.send(answer);
        })?;
        thread(move || {
            let mut kept = Vec::new();
            if let Some(mut stderr) = stderr {
                let _ = (&mut stderr).take(STDERR_BYTES_MAX).read_to_end(&mut kept);
                // The rest goes nowhere, so that the child is not held up.
                let _ = std::io::copy(&mut stderr, &mut std::io::sink());
            }
            let _ = saying.send(String::from_utf8_lossy(&kept).into_owned());
        })?;
        Ok(Heard { answer, said })
    }
}

/// Starts a thread of its own. A machine without room for one is no reason to panic.
fn thread(what: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name("wodehost-compile".to_owned());
    thread.spawn(what).map(drop)
}

fn out_of_time(program: &CompilerProgram) -> Refusal {
    Refusal::Limit(CompileLimit::Wall(program.limits.wall))
}

fn unfinished(answer: Result<Answer, String>) -> String {
    answer
        .err()
        .unwrap_or_else(|| "it answered but did not end".to_owned())
}

/// What a child's end means.
fn judge(
    program: &CompilerProgram,
    answer: Result<Answer, String>,
    status: ExitStatus,
    said: &str,
) -> Result<Vec<u8>, Failure> {
    if status.success() {
        return match answer {
            Ok(Ok(code)) => Ok(code),
            Ok(Err(Refusal::Fault(why))) | Err(why) => Err(Failure::Fault(why)),
            Ok(Err(refusal)) => Err(Failure::Refused(refusal)),
        };
    }
    let limits = &program.limits;
    Err(match signal(status) {
        Some(CPU_TIME) => Failure::Refused(Refusal::Limit(CompileLimit::Cpu(limits.cpu))),
        Some(ABORT) if said.contains(NO_MEMORY) => {
            Failure::Refused(Refusal::Limit(CompileLimit::Memory(limits.memory)))
        }
        Some(ABORT) if said.contains(NO_STACK) => Failure::Refused(Refusal::TooComplex(
            "it is nested too deep to be compiled".to_owned(),
        )),
        Some(signal) => Failure::Fault(also(format!("it was ended by signal {signal}"), answer)),
        None => {
            let code = status.code().unwrap_or(-1);
            Failure::Fault(also(format!("it ended with {code}"), answer))
        }
    })
}

/// How it ended, and what was wrong with its answer.
fn also(how: String, answer: Result<Answer, String>) -> String {
    match answer {
        Ok(_) => how,
        Err(why) => format!("{how}; {why}"),
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
