//! Guests that compute without end, four times as many as there are processors: how long a
//! good job takes beside them, a look at the board, and an interrupt of the command line.

use crate::guests::Guests;
use crate::watched::program;
use rustix::process::{Pid, Signal, kill_process};
use std::error::Error;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};
use wodehost::{Host, JobHandle, Limit, Limits, PluginSource, Runtime, Value};

/// Within which all of it is served (the figure).
pub(crate) const REACH: Duration = Duration::from_millis(100);

/// Spinning guests for each processor.
const EACH: u32 = 4;

/// Good jobs and looks.
const TIMES: usize = 100;

/// Processes that are interrupted.
const PROCESSES: usize = 10;

/// So long they spin at least, silently.
const PATIENCE: &str = "1min";

/// What is measured, in this order.
pub(crate) const WHAT: [&str; 5] = [
    "a good job",
    "a look at the board",
    "from a cancel of all to the end of all",
    "from Ctrl-C to its answer",
    "from the second Ctrl-C to the end of the process",
];

/// Measures all of it: every time that each took.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    threads: usize,
) -> Result<[Vec<Duration>; 5], Box<dyn Error>> {
    let spinning = EACH * threads as u32;
    let [served, looked, cancelled] = inside(runtime, guests, spinning)?;
    let (mut heard, mut ended) = (Vec::new(), Vec::new());
    for _ in 0..PROCESSES {
        let (to_word, to_end) = interrupt(guests, spinning)?;
        heard.push(to_word);
        ended.push(to_end);
    }
    Ok([served, looked, cancelled, heard, ended])
}

/// Good jobs, looks and a cancel, in one host.
fn inside(
    runtime: &Runtime,
    guests: &Guests,
    spinning: u32,
) -> Result<[Vec<Duration>; 3], Box<dyn Error>> {
    let mut patient = Limits::default();
    patient.set(Limit::Keepalive, Limit::Keepalive.parse(PATIENCE)?);
    patient.set(Limit::Fuel, Limit::Fuel.parse("inf")?);
    let spin = PluginSource::file(guests.example("spin")).limits(patient);
    let host = Host::builder(runtime)
        .slots(spinning + 1)
        .worker(runtime.load(spin)?)
        .worker(runtime.load(PluginSource::file(guests.worker()))?)
        .build()?;
    let submit = |worker: &str| host.submit(worker, [Value::from(21)]);
    let spinners: Vec<JobHandle> = (0..spinning)
        .map(|_| submit("spin"))
        .collect::<Result<_, _>>()?;
    while host.look(0).lines.len() < spinning as usize {
        std::thread::sleep(Duration::from_millis(1));
    }
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let (mut served, mut looked) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let began = Instant::now();
        let outcome = control.block_on(submit("double")?);
        served.push(began.elapsed());
        if !outcome.is_success() {
            return Err(format!("a good job failed: {outcome:?}").into());
        }
        let began = Instant::now();
        let _ = host.look(10);
        looked.push(began.elapsed());
    }
    let began = Instant::now();
    for spinner in &spinners {
        spinner.cancel();
    }
    for spinner in spinners {
        control.block_on(spinner);
    }
    Ok([served, looked, vec![began.elapsed()]])
}

/// A command line whose jobs all spin, on a pipe that stays open.
struct Process {
    child: Child,
    _stdin: Option<ChildStdin>,
}

impl Process {
    fn start(guests: &Guests, spinning: u32) -> Result<Process, Box<dyn Error>> {
        let mut child = program()?
            .arg("map")
            .arg(guests.example("spin"))
            .args(["--slots", &spinning.to_string(), "--board", "off"])
            .args(["--keepalive", PATIENCE, "--fuel", "inf"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take();
        if let Some(stdin) = &mut stdin {
            for _ in 0..spinning {
                stdin.write_all(b"1\n")?;
            }
        }
        Ok(Process {
            child,
            _stdin: stdin,
        })
    }

    fn interrupt(&self) -> Result<(), Box<dyn Error>> {
        Ok(kill_process(Pid::from_child(&self.child), Signal::INT)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended, unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Interrupts a process twice: how long until it says so, and until it has ended.
fn interrupt(guests: &Guests, spinning: u32) -> Result<(Duration, Duration), Box<dyn Error>> {
    let mut process = Process::start(guests, spinning)?;
    // Until all have come to where they spin.
    std::thread::sleep(Duration::from_secs(1));
    let mut stderr = process.child.stderr.take().ok_or("no stderr")?;
    let began = Instant::now();
    process.interrupt()?;
    let mut said = [0; 256];
    let bytes = stderr.read(&mut said)?;
    let to_word = began.elapsed();
    if bytes == 0 {
        return Err("it said nothing of the interrupt".into());
    }
    let began = Instant::now();
    process.interrupt()?;
    let status = process.child.wait()?;
    let to_end = began.elapsed();
    if status.code() != Some(12) {
        return Err(format!("it ended with {status} and not as stopped").into());
    }
    Ok((to_word, to_end))
}
