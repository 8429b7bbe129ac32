//! `cargo xtask bench`: the host and what it is compared with, in the same run.
//!
//! Parts take turns round by round, and ratios are of neighbours in time: machines
//! are shared, so that only ratios count.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a report is printed"
)]

mod bare;
mod cancel;
mod catalogue;
mod computing;
mod counts;
mod end_to_end;
mod flood;
mod growth;
mod guests;
mod languages;
mod nested;
mod part;
mod peers;
mod pipeline;
mod plot;
mod point;
mod recorded;
mod restarts;
mod series;
mod spinning;
mod start_up;
mod table;
mod watched;

use clap::{Parser, Subcommand};
use guests::Guests;
use part::{Part, Turn};
use point::Point;
use std::error::Error;
use std::path::{Path, PathBuf};
use table::Table;
use wodehost::sandbox::engine_with_default_pool;
use wodehost::{EngineConfig, Runtime, RuntimeConfig};

/// Measures the host, and beside it what it stands on and what else runs jobs.
#[derive(Parser)]
struct Args {
    /// Fewer jobs and rounds, without what takes long: about five minutes.
    #[arg(long)]
    quick: bool,
    /// Rounds of every part [default: 7; quick: 3].
    #[arg(long)]
    rounds: Option<usize>,
    /// Jobs in a round [default: 200000; quick: 40000].
    #[arg(long)]
    jobs: Option<u64>,
    /// Prints JSON instead of Markdown.
    #[arg(long)]
    json: bool,
    /// Only what has this in its name, and what that is compared with.
    #[arg(long)]
    only: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Measures how figures grow, and draws each curve.
    Growth {
        /// The folder for the pictures; without it there are none.
        #[arg(long, value_name = "FOLDER")]
        draw: Option<PathBuf>,
    },
    /// Takes one measurement of this process; for the other commands.
    #[command(subcommand, hide = true)]
    Point(Point),
}
    /// Leaves out the other ways to run the same jobs, which `cargo xtask bench` sets up.
    #[arg(long)]
    no_peers: bool,
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

/// Other ways to run the same jobs.
const PEERS: &str = "peers";

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
        (7, 200_000)
    };
    let rounds = args.rounds.unwrap_or(rounds);
    let jobs = args.jobs.unwrap_or(jobs);
    let guests = Guests::built();
    match &args.command {
        None => {}
        Some(Command::Growth { draw }) => {
            return grow(rounds.min(3), jobs, draw.as_deref(), args.json);
        }
        Some(Command::Point(point)) => {
            let found = point.measure(&guests, jobs)?;
            println!("{}", serde_json::to_string(&found)?);
            return Ok(());
        }
    }
    let slots = wodehost::default_slots();
    let config = EngineConfig {
        // A chain of nested jobs has as many live attempts as it is deep.
        live: slots + 256,
        slots,
        ..EngineConfig::default()
    };
    let runtime = Runtime::new(RuntimeConfig {
        engine: config.clone(),
        ..RuntimeConfig::default()
    })?;
    let default_pool = engine_with_default_pool(&config)?;
    let bench = catalogue::Bench {
        runtime: &runtime,
        default_pool: &default_pool,
        guests: &guests,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        slots,
    };
    let mut parts = bench.parts();
    if let Some(only) = &args.only {
        parts = part::chosen(parts, only);
        if parts.is_empty() {
            return Err(format!("nothing that is measured has \"{only}\" in its name").into());
        }
    }
    measure(&mut parts, rounds, jobs, args.quick)?;
    report(parts, args.json);
    Ok(())
}

/// Measures all curves, and prints what was found.
fn grow(rounds: usize, jobs: u64, draw: Option<&Path>, json: bool) -> Result<(), Box<dyn Error>> {
    let mut curves = growth::curves(jobs);
    for round in 0..rounds {
        for curve in &mut curves {
            curve.measure()?;
        }
        eprintln!("round {} of {rounds}", round + 1);
    }
    if let Some(folder) = draw {
        for curve in &curves {
            plot::draw(curve, &folder.join(format!("growth-{}.svg", curve.name)))?;
        }
    }
    if json {
        let curves: Vec<_> = curves.iter().map(growth::Curve::json).collect();
        println!("{:#}", serde_json::json!({"schema": 1, "curves": curves}));
    } else {
        for curve in &curves {
            println!("{}", curve.markdown());
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
    let peers = args.only.as_deref();
    if !args.no_peers && peers.is_none_or(|only| PEERS.contains(only)) {
        beside_peers()?;
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

/// A line for each peer.
fn beside_peers() -> Result<(), Box<dyn Error>> {
    let folder = peers::folder();
    for peer in peers::all(&folder) {
        let (name, width, reach) = (peer.name, peer.width, peer.reach);
        let isolation = if peer.isolated { "" } else { ", not isolated" };
        match peer.kind {
            peers::Kind::Ready(measure) => {
                let rate = measure()?;
                eprintln!(
                    "{PEERS}, {name}, {width}: {rate:.0} jobs/s{isolation}; reach ≥ {reach} ×"
                );
            }
            peers::Kind::Missing(reason) => eprintln!("{PEERS}, {name}, {width}: {reason}"),
        }
    }
    if let Ok(commands) = start_up::commands(&folder) {
        let python = commands.python.iter().map(|path| ("Python", path));
        for (language, path) in std::iter::once(("Rust", &commands.rust)).chain(python) {
            let found = commands.start_up(path)?;
            eprintln!("{PEERS}, start of `wasmtime run`, {language}: {found:.1?}");
        }
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
    }
    Ok(())
}

/// Gives every part its turns.
fn measure(
    parts: &mut [Part<'_>],
    rounds: usize,
    jobs: u64,
    quick: bool,
) -> Result<(), Box<dyn Error>> {
    let each: Vec<bool> = parts
        .iter()
        .map(|part| part.turn == Turn::EachRound)
        .collect();
    if each.contains(&true) {
        for round in 0..rounds {
            for part in parts.iter_mut().filter(|part| part.turn == Turn::EachRound) {
                part.take_turn(jobs)?;
            }
            eprintln!("round {} of {rounds}", round + 1);
        }
    }
    for part in parts.iter_mut().filter(|part| part.turn != Turn::EachRound) {
        if quick && part.turn == Turn::OnceInFull {
            for series in &mut part.series {
                series.missing = Some("left out of a quick run".to_owned());
            }
            continue;
        }
        if let Some(series) = part.series.first() {
            eprintln!("{}", series.name);
        }
        part.take_turn(jobs)?;
    }
    Ok(())
}

fn report(parts: Vec<Part<'_>>, json: bool) {
    let mut table = Table::default();
    for part in parts {
        table.series.extend(part.series);
        table.comparisons.extend(part.comparisons);
    }
    if json {
        println!("{:#}", table.json());
        return;
    }
    print!("{}", table.markdown());
    match table.short().as_slice() {
        [] => println!("\nAll that was compared has reached what it is to reach."),
        short => println!("\nFell short: {}.", short.join("; ")),
    }
}
