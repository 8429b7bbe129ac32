//! What a job costs, counted instead of timed: allocations, copies of large values, waits,
//! page faults, instructions. Each is the difference between a run of many jobs and a shorter one, so that
//! starting and loading do not count.

use crate::point::Point;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes of a large value.
const LARGE_BYTES: u32 = 1 << 20;

/// Jobs of the shorter run; the other one has three times as many.
const SMALL_JOBS: u64 = 10_000;
/// What threads do to each other differs from job to job.
const KERNEL_JOBS: u64 = 100_000;
const LARGE_JOBS: u64 = 20;
const INSTRUCTION_JOBS: u64 = 1_000;

/// Small jobs on so many slots.
fn small(slots: u32) -> Point {
    Point::Whole {
        slots,
        bytes: None,
        on_demand: false,
    }
}

/// valgrind has fewer addresses than pools reserve.
const SMALL_ON_DEMAND: Point = Point::Whole {
    slots: 1,
    bytes: None,
    on_demand: true,
};

const LARGE: Point = Point::Whole {
    slots: 1,
    bytes: Some(LARGE_BYTES),
    on_demand: false,
};

/// What the C library was asked for, and what the kernel counts.
#[derive(Debug, Clone, Copy)]
struct Counts {
    allocations: u64,
    copies: u64,
    waits: u64,
    faults: u64,
}

/// Allocations of the whole process for each small job.
pub(crate) fn allocations() -> Result<f64, Box<dyn Error>> {
    let count = |jobs| Ok(counted(&small(1), jobs)?.allocations);
    each(SMALL_JOBS, count)
}

/// How often each value of a MiB is copied on its way through producer, worker and consumer, by
/// the host and by the guests' own large copies.
pub(crate) fn copies() -> Result<f64, Box<dyn Error>> {
    let count = |jobs| Ok(counted(&LARGE, jobs)?.copies);
    each(LARGE_JOBS, count)
}

/// Of each small job on so many slots: how often a thread goes to sleep, be it for a lock or for
/// work, and page faults.
pub(crate) fn of_the_kernel(slots: u32) -> Result<[f64; 2], Box<dyn Error>> {
    let count = |jobs| -> Result<[u64; 2], Box<dyn Error>> {
        let Counts { waits, faults, .. } = counted(&small(slots), jobs)?;
        Ok([waits, faults])
    };
    let (few, many) = (count(KERNEL_JOBS)?, count(3 * KERNEL_JOBS)?);
    Ok([0, 1].map(|i| difference(few[i], many[i], KERNEL_JOBS)))
}

/// Instructions of the whole process for each small job, those of the kernel not counted.
pub(crate) fn instructions() -> Result<f64, Box<dyn Error>> {
    each(INSTRUCTION_JOBS, counted_instructions)
}

/// Whether instructions can be counted here.
pub(crate) fn has_valgrind() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// The difference that a job makes.
fn each(
    jobs: u64,
    count: impl Fn(u64) -> Result<u64, Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    Ok(difference(count(jobs)?, count(3 * jobs)?, jobs))
}

/// What a job makes of the difference between so many and three times as many.
fn difference(few: u64, many: u64, jobs: u64) -> f64 {
    (many as f64 - few as f64) / (2 * jobs) as f64
}

fn counted(point: &Point, jobs: u64) -> Result<Counts, Box<dyn Error>> {
    let counter = counter()?;
    let file = folder()?.join(format!("counts-{}", std::process::id()));
    let mut command = Command::new(std::env::current_exe()?);
    command
        .env("LD_PRELOAD", counter)
        .env("WODEHOST_COUNTS", &file);
    point.in_process_of(&mut command, jobs)?;
    let text = std::fs::read_to_string(&file)?;
    std::fs::remove_file(&file)?;
    let count = |name: &str| -> Result<u64, Box<dyn Error>> {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.ok_or("a count is missing")?.trim().parse()?)
    };
    Ok(Counts {
        allocations: count("allocations")?,
        copies: count("copies")?,
        waits: count("waits")?,
        faults: count("faults")?,
    })
}

/// The library that counts, built by the machine's C compiler where it is not there yet.
fn counter() -> Result<PathBuf, Box<dyn Error>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("count/count.c");
    let library = folder()?.join("count.so");
    let built = std::fs::metadata(&library).and_then(|built| built.modified());
    let is_fresh = built.is_ok_and(|built| {
        let written = std::fs::metadata(&source).and_then(|source| source.modified());
        written.is_ok_and(|written| written < built)
    });
    if !is_fresh {
        let status = Command::new("cc")
            .args(["-std=c11", "-O2", "-fPIC", "-shared", "-fno-builtin"])
            .args(["-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl")
            .status()?;
        if !status.success() {
            return Err(format!("cc ended with {status}").into());
        }
    }
    Ok(library)
}

fn counted_instructions(jobs: u64) -> Result<u64, Box<dyn Error>> {
    let out = folder()?.join(format!("callgrind-{}", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?);
    SMALL_ON_DEMAND.in_process_of(&mut command, jobs)?;
    let report = std::fs::read_to_string(&out)?;
    std::fs::remove_file(&out)?;
    // The file's last total is that of the whole process.
    let total = report.lines().rev().find_map(|line| {
        let total = line
            .strip_prefix("totals: ")
            .or_else(|| line.strip_prefix("summary: "))?;
        total.trim().parse().ok()
    });
    total.ok_or_else(|| "callgrind counted nothing".into())
}

/// Where measuring leaves what it needs.
fn folder() -> std::io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
