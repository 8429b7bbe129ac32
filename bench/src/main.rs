//! `cargo xtask bench`: the host and what it is compared with, in the same run.
//!
//! Rows take turns round by round, and ratios are of neighbours in time: machines
//! are shared, so that only ratios count.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a report is printed"
)]

mod bare;
mod cancel;
mod end_to_end;
mod flood;
mod guests;
mod languages;
mod nested;
mod pipeline;
mod recorded;
mod restarts;
mod spinning;
mod table;
mod watched;

use bare::Part;
use clap::Parser;
use guests::Guests;
use std::error::Error;
use std::time::Duration;
use table::{Row, Table};
use wasmtime::Engine;
use wodehost::sandbox::engine_with_default_pool;
use wodehost::{EngineConfig, Runtime, RuntimeConfig};

/// Measures jobs per second, end to end and bare.
#[derive(Parser)]
struct Args {
    /// Fewer jobs and rounds.
    #[arg(long)]
    quick: bool,
    /// Rounds of every row.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Jobs in a round.
    #[arg(long, default_value_t = 200_000)]
    jobs: u64,
    /// Prints JSON instead of Markdown.
    #[arg(long)]
    json: bool,
    /// Only the rows whose names have this in them.
    #[arg(long)]
    only: Option<String>,
}

const BARE: &str = "bare loop";
const BARE_DEFAULT: &str = "bare loop, default pool";
const ATTEMPT: &str = "attempt alone";
const ATTEMPT_DEFAULT: &str = "attempt alone, default pool";
const END_TO_END: &str = "end to end";
const RECORDED: &str = "recorded end to end";
const PLAIN_ATTEMPTS: &str = "attempts of one each";
const RESTARTS: &str = "attempts that are restarts";

const PIPELINE: &str = "elements through filter, sort key, sort, post";
const PIPELINE_PEER: &str = "3 × native, and the guests alone";

const TOP_LEVEL: &str = "jobs that nobody submits from a job";
const CHILDREN: &str = "jobs submitted and waited for in a job";
const CHAIN: &str = "chains of nested jobs, depth 1";
const DEEP_CHAIN: &str = "chains of nested jobs, depth 64";

const UNWATCHED: &str = "a run on a terminal, `--board off`";
const WATCHED: &str = "a run on a terminal, `--board tty`";
const BESIDE_SPIN: &str = "jobs beside one that computes";
const BESIDE_FLOOD: &str = "jobs beside one that logs without end";

/// What a job that waits for another one may hold.
const WAITING_KIB_MAX: u64 = 150;

/// The row about cancels; it is no rate either.
const CANCEL: &str = "from a cancel to a free slot";

/// What is read of a large store; no rates.
const MILLION: &str = "a store of a million finished jobs";

/// What is served while guests spin; no rates either.
const SPINNING: &str = "beside four spinning guests a processor";

/// Plugins in all languages; no rates either.
const LANGUAGES: &str = "plugins in languages";

/// The row about memory; it is no rate and has no rounds.
const WAITING: &str = "memory of jobs that wait";

/// Restarts of a job in the row that measures them.
const RESTARTS_EACH: u32 = 9;

/// One row and how it is measured.
type Measure<'a> = Box<dyn Fn(u64) -> Result<Duration, Box<dyn Error>> + 'a>;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let (rounds, jobs) = if args.quick {
        (3, 40_000)
    } else {
        (args.rounds, args.jobs)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let slots = wodehost::default_slots() as usize;
    let config = EngineConfig {
        // A chain of nested jobs has as many live attempts as it is deep.
        live: slots as u32 + 256,
        slots: slots as u32,
        ..EngineConfig::default()
    };
    let runtime = Runtime::new(RuntimeConfig {
        engine: config.clone(),
        ..RuntimeConfig::default()
    })?;
    let default_pool = engine_with_default_pool(&config)?;
    let guests = Guests::built();
    let mut rows = rows(&runtime, &default_pool, &guests, threads, slots);
    if let Some(only) = &args.only {
        rows.retain(|(row, _)| row.name.contains(only));
    }
    for round in 0..rounds {
        for (row, measure) in &mut rows {
            let elapsed = measure(jobs)?;
            row.rounds.push(jobs as f64 / elapsed.as_secs_f64());
        }
        eprintln!("round {} of {rounds}", round + 1);
    }
    if args
        .only
        .as_deref()
        .is_none_or(|only| WAITING.contains(only))
    {
        let kib = nested::waiting_bytes(&guests)? / 1024;
        eprintln!("{WAITING}: {kib} KiB each of 5,000; reach ≤ {WAITING_KIB_MAX} KiB");
    }
    if args
        .only
        .as_deref()
        .is_none_or(|only| CANCEL.contains(only))
    {
        for kind in cancel::KINDS {
            let (median, most) = cancel::run(&runtime, &guests, kind)?;
            let reach = cancel::REACH;
            eprintln!("{CANCEL} while {kind}: {median:.1?}, at most {most:.1?}; reach ≤ {reach:?}");
        }
    }
    if args
        .only
        .as_deref()
        .is_none_or(|only| SPINNING.contains(only))
    {
        for (what, mut times) in spinning::run(&runtime, &guests, threads)? {
            times.sort();
            let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
            let reach = spinning::REACH;
            eprintln!("{SPINNING}, {what}: {median:.1?}, at most {most:.1?}; reach ≤ {reach:?}");
        }
    }
    if args
        .only
        .as_deref()
        .is_none_or(|only| MILLION.contains(only))
    {
        let found = recorded::large(&runtime, &guests, slots as u32)?;
        let what = ["opened", "newest page listed", "each"];
        for ((what, found), reach) in what.iter().zip(found).zip(recorded::REACH) {
            eprintln!("{MILLION}, {what}: {found}; reach {reach}");
        }
    }
    if args
        .only
        .as_deref()
        .is_none_or(|only| LANGUAGES.contains(only))
    {
        in_languages(&guests)?;
    }
    let table = Table(rows.into_iter().map(|(row, _)| row).collect());
    if args.json {
        println!("{}", table.json());
    } else {
        print!("{}", table.markdown());
    }
    Ok(())
}

/// A line for each language whose plugin was built.
fn in_languages(guests: &Guests) -> Result<(), Box<dyn Error>> {
    for (language, figure) in languages::LANGUAGES {
        let Some(path) = languages::component(guests, language) else {
            eprintln!("{LANGUAGES}, {language}: not built (`cargo xtask languages`)");
            continue;
        };
        let found = languages::run(&path)?;
        eprintln!(
            "{LANGUAGES}, {language}: {:.2} MiB, loaded in {:.1?} (reach ≤ {:?}), a job in {:.0?}, {:.2} × {:.0?} \
             (reach ≤ {}), {} k fuel, {} KiB an instance",
            found.bytes as f64 / f64::from(1 << 20),
            found.load,
            languages::LOAD_REACH,
            found.job,
            found.job.as_secs_f64() / figure.as_secs_f64(),
            figure,
            languages::JOB_REACH,
            found.fuel / 1000,
            found.instance / 1024,
        );
    }
    Ok(())
}

fn rows<'a>(
    runtime: &'a Runtime,
    default_pool: &'a Engine,
    guests: &'a Guests,
    threads: usize,
    slots: usize,
) -> Vec<(Row, Measure<'a>)> {
    let bare = |engine: &'a Engine, part, threads| -> Measure<'a> {
        Box::new(move |jobs| Ok(bare::run(engine, guests, part, threads, jobs)?))
    };
    let whole = |slots| -> Measure<'a> {
        Box::new(move |jobs| end_to_end::run(runtime, guests, slots, jobs))
    };
    let tuned = runtime.engine();
    let mut rows = Vec::new();
    for (threads, slots) in [(1, 1), (threads, slots)] {
        let pairs = [
            (Part::Attempt, ATTEMPT, ATTEMPT_DEFAULT),
            (Part::Whole, BARE, BARE_DEFAULT),
        ];
        for (part, name, default) in pairs {
            rows.push((
                row(default, threads, None, None),
                bare(default_pool, part, threads),
            ));
            let against = Some((default, threads));
            rows.push((
                row(name, threads, against, Some(3.0)),
                bare(tuned, part, threads),
            ));
        }
        let against = Some((BARE, threads));
        rows.push((
            row(END_TO_END, slots, against, Some(0.7)),
            whole(slots as u32),
        ));
    }
    let against = Some((END_TO_END, slots));
    rows.push((
        row(RECORDED, slots, against, Some(0.4)),
        Box::new(move |jobs| recorded::run(runtime, guests, slots as u32, jobs)),
    ));
    rows.push((
        row(PIPELINE_PEER, 1, None, None),
        Box::new(move |elements| pipeline::peer(tuned, guests, elements)),
    ));
    let against = Some((PIPELINE_PEER, 1));
    rows.push((
        row(PIPELINE, 1, against, Some(1.0)),
        Box::new(move |elements| pipeline::run(runtime, guests, elements)),
    ));
    let restarts = |restarts| -> Measure<'a> {
        Box::new(move |attempts| restarts::run(runtime, guests, restarts, attempts))
    };
    rows.push((row(PLAIN_ATTEMPTS, 1, None, None), restarts(0)));
    let against = Some((PLAIN_ATTEMPTS, 1));
    rows.push((
        row(RESTARTS, 1, against, Some(1.0 / 3.0)),
        restarts(RESTARTS_EACH),
    ));
    rows.extend(nested_rows(runtime, guests));
    rows.extend(watched_rows(runtime, guests));
    rows
}

fn row(name: &str, width: usize, against: Option<(&str, usize)>, reach: Option<f64>) -> Row {
    Row {
        name: name.to_owned(),
        width,
        against: against.map(|(name, width)| (name.to_owned(), width)),
        reach,
        rounds: Vec::new(),
    }
}

fn nested_rows<'a>(runtime: &'a Runtime, guests: &'a Guests) -> Vec<(Row, Measure<'a>)> {
    let chains = |depth| -> Measure<'a> {
        Box::new(move |jobs| nested::chains(runtime, guests, depth, jobs))
    };
    vec![
        (
            row(TOP_LEVEL, 1, None, None),
            Box::new(move |jobs| nested::top_level(runtime, guests, jobs)),
        ),
        (
            row(CHILDREN, 1, Some((TOP_LEVEL, 1)), Some(0.5)),
            Box::new(move |jobs| nested::children(runtime, guests, jobs)),
        ),
        (row(CHAIN, 1, None, None), chains(1)),
        (row(DEEP_CHAIN, 1, Some((CHAIN, 1)), Some(0.8)), chains(64)),
    ]
}

fn watched_rows<'a>(runtime: &'a Runtime, guests: &'a Guests) -> Vec<(Row, Measure<'a>)> {
    let watched =
        |board| -> Measure<'a> { Box::new(move |jobs| watched::run(guests, board, jobs)) };
    let beside =
        |floods| -> Measure<'a> { Box::new(move |jobs| flood::run(runtime, guests, floods, jobs)) };
    vec![
        (row(UNWATCHED, 4, None, None), watched("off")),
        (
            row(WATCHED, 4, Some((UNWATCHED, 4)), Some(0.9)),
            watched("tty"),
        ),
        (row(BESIDE_SPIN, 4, None, None), beside(false)),
        (
            row(BESIDE_FLOOD, 4, Some((BESIDE_SPIN, 4)), Some(0.9)),
            beside(true),
        ),
    ]
}
