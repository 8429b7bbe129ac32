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
mod memory;
mod neighbours;
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
use neighbours::{Neighbours, Ticks};
use part::{Part, Turn};
use point::Point;
use std::error::Error;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use table::Table;
use wodehost::sandbox::engine_with_default_pool;
use wodehost::{Runtime, RuntimeConfig};

/// Measures the host, and beside it what it stands on and what else runs jobs.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct Args {
    /// Fewer jobs and rounds, without what takes long: about five minutes.
    #[arg(long, global = true)]
    quick: bool,
    /// Rounds of every part; of curves at most 3 [default: 7; quick: 3].
    #[arg(long, global = true, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: Option<u64>,
    /// Jobs in a round [default: 200000; quick: 40000].
    #[arg(long, global = true, value_parser = clap::value_parser!(u64).range(1..))]
    jobs: Option<u64>,
    /// Prints JSON instead of a table, which is Markdown where stdout is no terminal.
    #[arg(long, global = true)]
    json: bool,
    /// Only what has this in its name, and what that is compared with.
    #[arg(long)]
    only: Option<String>,
    /// Leaves out the other ways to run the same jobs, which `cargo xtask bench` sets up.
    #[arg(long)]
    no_peers: bool,
    /// Prints what has to be set up for these arguments, and measures nothing.
    #[arg(long, hide = true, global = true)]
    needs: bool,
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

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    let (rounds, jobs) = if args.quick {
        (3, 40_000)
    } else {
        (7, 200_000)
    };
    let rounds = args.rounds.map_or(rounds, |rounds| rounds as usize);
    let jobs = args.jobs.unwrap_or(jobs);
    if args.needs {
        let beside = args.command.is_none() && !args.no_peers;
        println!("{}", if beside { "peers" } else { "nothing" });
        return Ok(ExitCode::SUCCESS);
    }
    let guests = Guests::built();
    match &args.command {
        None => {}
        Some(Command::Growth { draw }) => {
            grow(rounds.min(3), jobs, draw.as_deref(), args.json)?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Point(point)) => {
            let found = point.measure(&guests, jobs)?;
            println!("{}", serde_json::to_string(&found)?);
            return Ok(ExitCode::SUCCESS);
        }
    }
    let slots = wodehost::default_slots();
    let config = point::engine(slots);
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
    if !args.no_peers {
        parts.extend(bench.peers(&peers::folder()));
    }
    if let Some(only) = &args.only {
        let names = part::names(&parts);
        parts = part::chosen(parts, only);
        if parts.is_empty() {
            eprintln!("Nothing that is measured has \"{only}\" in its name. There are:\n{names}");
            return Ok(ExitCode::from(2));
        }
    }
    let before = Ticks::now();
    measure(&mut parts, rounds, jobs, args.quick)?;
    let neighbours = before.zip(Ticks::now());
    let neighbours = neighbours.map(|(before, now)| before.until(now));
    report(parts, neighbours, args.json);
    Ok(ExitCode::SUCCESS)
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
    if parts.iter().any(|part| part.turn == Turn::EachRound) {
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

fn report(parts: Vec<Part<'_>>, neighbours: Option<Neighbours>, json: bool) {
    let mut table = Table::default();
    for part in parts {
        table.series.extend(part.series);
        table.comparisons.extend(part.comparisons);
    }
    if json {
        let mut found = table.json();
        found["neighbours"] = neighbours.map_or(serde_json::Value::Null, Neighbours::json);
        println!("{found:#}");
        return;
    }
    if std::io::stdout().is_terminal() {
        print!("{}", table.text());
    } else {
        print!("{}", table.markdown());
    }
    match table.short().as_slice() {
        [] => println!("\nAll that was compared has reached what it is to reach."),
        short => println!("\nFell short: {}.", short.join("; ")),
    }
    if let Some(neighbours) = neighbours {
        println!("{}", neighbours.tell());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_measured_in_no_rounds_and_of_no_jobs() {
        let is_taken = |words: &[&str]| Args::try_parse_from(words).is_ok();
        assert!(is_taken(&["bench", "--rounds", "1", "--jobs", "1"]));
        assert!(!is_taken(&["bench", "--rounds", "0"]));
        assert!(!is_taken(&["bench", "--jobs", "0"]));
    }
}
