//! One measurement in a process of its own: what the system counts for the process is then its
//! own, its memory, its allocations or its instructions.

use crate::flood::succeeded;
use crate::guests::Guests;
use crate::memory::{peak_bytes, resident_bytes};
use crate::{end_to_end, nested};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wodehost::{
    EngineConfig, HighWater, Host, Limit, Limits, PluginSource, Runtime, RuntimeConfig, Value,
};

/// What is measured.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Point {
    /// The whole host: producer, slots, consumer; values that are integers, or of so many bytes.
    Whole {
        #[arg(long)]
        slots: u32,
        #[arg(long)]
        bytes: Option<u32>,
        /// Without pools: each attempt maps its memory anew.
        #[arg(long)]
        on_demand: bool,
    },
    /// Jobs on all slots while so many others wait.
    Backlog {
        #[arg(long)]
        waiting: u64,
    },
    /// Chains of nested jobs on one slot, each so deep.
    Chain {
        #[arg(long)]
        depth: u64,
    },
    /// Jobs of so many different plugins, each in turn.
    Plugins {
        #[arg(long)]
        count: usize,
    },
}

/// What was found.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Found {
    /// Jobs that ran.
    pub(crate) jobs: u64,
    /// What they took, without loading and starting.
    pub(crate) seconds: f64,
    /// The most resident memory of the process, bytes.
    pub(crate) peak: u64,
    /// What each thing that the point is about holds, bytes: a waiting job, a plugin.
    pub(crate) each: Option<u64>,
}

impl Found {
    /// Jobs a second.
    #[must_use]
    pub(crate) fn rate(self) -> f64 {
        self.jobs as f64 / self.seconds
    }
}

impl Point {
    /// The arguments that say so.
    fn args(&self) -> Vec<String> {
        match self {
            Point::Whole {
                slots,
                bytes,
                on_demand,
            } => {
                let mut args = vec!["whole".to_owned(), "--slots".to_owned(), slots.to_string()];
                if let Some(bytes) = bytes {
                    args.extend(["--bytes".to_owned(), bytes.to_string()]);
                }
                if *on_demand {
                    args.push("--on-demand".to_owned());
                }
                args
            }
            Point::Backlog { waiting } => {
                vec![
                    "backlog".to_owned(),
                    "--waiting".to_owned(),
                    waiting.to_string(),
                ]
            }
            Point::Chain { depth } => {
                vec!["chain".to_owned(), "--depth".to_owned(), depth.to_string()]
            }
            Point::Plugins { count } => {
                vec![
                    "plugins".to_owned(),
                    "--count".to_owned(),
                    count.to_string(),
                ]
            }
        }
    }

    /// Measures it in a process of its own.
    pub(crate) fn in_process(&self, jobs: u64) -> Result<Found, Box<dyn Error>> {
        self.in_process_of(&mut Command::new(std::env::current_exe()?), jobs)
    }

    /// Measures it in a process that something else starts or watches: `command` is to run this
    /// program.
    pub(crate) fn in_process_of(
        &self,
        command: &mut Command,
        jobs: u64,
    ) -> Result<Found, Box<dyn Error>> {
        let command = command
            .args(["--jobs", &jobs.to_string(), "point"])
            .args(self.args())
            .stdin(Stdio::null());
        let output = command.stderr(Stdio::piped()).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{self:?} ended with {}: {said}", output.status).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Measures it here.
    pub(crate) fn measure(&self, guests: &Guests, jobs: u64) -> Result<Found, Box<dyn Error>> {
        let (jobs, took, each) = match *self {
            Point::Whole {
                slots,
                bytes,
                on_demand,
            } => {
                let took = whole(guests, slots, bytes, on_demand, jobs)?;
                (jobs, took, None)
            }
            Point::Backlog { waiting } => {
                let (took, each) = backlog(guests, waiting, jobs)?;
                (jobs, took, Some(each))
            }
            Point::Chain { depth } => {
                let runtime = runtime(None)?;
                let took = nested::chains(&runtime, guests, depth, jobs)?;
                (jobs / (depth + 1) * (depth + 1), took, None)
            }
            Point::Plugins { count } => {
                let (took, each) = plugins(guests, count, jobs)?;
                (jobs, took, Some(each))
            }
        };
        Ok(Found {
            jobs,
            seconds: took.as_secs_f64(),
            peak: peak_bytes()?,
            each,
        })
    }
}

fn runtime(cache: Option<PathBuf>) -> Result<Runtime, Box<dyn Error>> {
    Ok(Runtime::new(RuntimeConfig {
        engine: engine(wodehost::default_slots()),
        cache,
        ..RuntimeConfig::default()
    })?)
}

/// An engine for so many slots: a chain of nested jobs has as many live attempts as it is deep.
pub(crate) fn engine(slots: u32) -> EngineConfig {
    EngineConfig {
        live: slots + 256,
        slots,
        ..EngineConfig::default()
    }
}

/// The largest value of a point.
const VALUE_BYTES_MAX: u64 = 64 << 20;

fn whole(
    guests: &Guests,
    slots: u32,
    bytes: Option<u32>,
    on_demand: bool,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    let runtime = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            pooling: !on_demand,
            ..engine(slots)
        },
        ..RuntimeConfig::default()
    })?;
    let Some(bytes) = bytes else {
        return end_to_end::run(&runtime, guests, slots, jobs);
    };
    let mut limits = Limits::default();
    limits.set(Limit::Value, VALUE_BYTES_MAX);
    let of = |path: PathBuf| PluginSource::file(path).limits(limits.clone());
    let config = format!(r#"{{"n": {jobs}, "worker": "echo", "bytes": {bytes}}}"#);
    let producer = of(guests.example("blobs")).config(Value::from_json(&config)?);
    let host = Host::builder(&runtime)
        .slots(slots)
        .worker(runtime.load(of(guests.example("echo")))?)
        .build()?;
    let consumer = runtime.load(of(guests.consumer()))?;
    end_to_end::serve_of(&host, runtime.load(producer)?, consumer, jobs)
}

/// Runs `jobs` jobs while `waiting` others wait at any time, and what each of those holds.
fn backlog(guests: &Guests, waiting: u64, jobs: u64) -> Result<(Duration, u64), Box<dyn Error>> {
    let runtime = runtime(None)?;
    let mut patient = Limits::default();
    patient.set(Limit::Keepalive, wodehost::units::INFINITE);
    patient.set(Limit::Fuel, wodehost::units::INFINITE);
    let high_water = HighWater {
        jobs: u64::MAX,
        bytes: u64::MAX,
    };
    let host = Host::builder(&runtime)
        .high_water(high_water)
        .worker(runtime.load(PluginSource::file(guests.worker()))?)
        .worker(runtime.load(PluginSource::file(guests.example("spin")).limits(patient))?)
        .build()?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    // All slots are taken while the others come, so that none of them runs.
    let stoppers = (0..wodehost::default_slots()).map(|_| host.submit("spin", [Value::nil()]));
    let stoppers: Vec<_> = stoppers.collect::<Result<_, _>>()?;
    let submit = |n: u64| host.submit("double", [Value::from(n & 0x7f)]);
    let mut queue = VecDeque::with_capacity(usize::try_from(waiting)?);
    let before = resident_bytes()?;
    for n in 0..waiting {
        queue.push_back(submit(n)?);
    }
    let after = resident_bytes()?;
    for stopper in &stoppers {
        stopper.cancel();
    }
    let began = Instant::now();
    control.block_on(async {
        for n in 0..jobs {
            let Some(first) = queue.pop_front() else {
                return Err("there is no job".into());
            };
            succeeded(first).await?;
            queue.push_back(submit(n)?);
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    let took = began.elapsed();
    host.stop(wodehost::Stop::Cancel);
    Ok((took, (after - before) / waiting))
}

/// Runs `jobs` jobs of `count` different plugins in turn, and what each of those holds.
fn plugins(guests: &Guests, count: usize, jobs: u64) -> Result<(Duration, u64), Box<dyn Error>> {
    // Compiled once, and kept from run to run.
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/cache");
    std::fs::create_dir_all(&cache)?;
    let runtime = runtime(Some(cache))?;
    let code = std::fs::read(guests.worker())?;
    let mut host = Host::builder(&runtime);
    let names: Vec<String> = (0..count)
        .map(|number| format!("double-{number}"))
        .collect();
    let before = resident_bytes()?;
    for (number, name) in names.iter().enumerate() {
        let source = PluginSource::bytes(name, different(&code, number));
        host = host.worker(runtime.load(source)?);
    }
    let each = resident_bytes()?.saturating_sub(before) / count as u64;
    let host = host.build()?;
    let control = tokio::runtime::Builder::new_current_thread().build()?;
    let mut waiting = VecDeque::new();
    let began = Instant::now();
    control.block_on(async {
        for (n, name) in (0..jobs).zip(names.iter().cycle()) {
            if waiting.len() == AHEAD
                && let Some(job) = waiting.pop_front()
            {
                succeeded(job).await?;
            }
            waiting.push_back(host.submit(name, [Value::from(n & 0x7f)])?);
        }
        for job in waiting {
            succeeded(job).await?;
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    Ok((began.elapsed(), each))
}

/// Jobs of different plugins that wait at the same time.
const AHEAD: usize = 1000;

/// The same component with a custom section of its own: another plugin to the host.
fn different(code: &[u8], number: usize) -> Vec<u8> {
    let name = b"bench";
    let number = (number as u32).to_le_bytes();
    // Section 0: its length, its name's length, its name, its contents.
    let mut different = code.to_vec();
    different.extend([0, (1 + name.len() + number.len()) as u8, name.len() as u8]);
    different.extend(name);
    different.extend(number);
    different
}
