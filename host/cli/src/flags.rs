//! Flags that several commands share: slots, cache, what plugins may do, limits.
//!
//! The limits' flags are made from the library's table, so that none can be
//! forgotten and every default is true.

use crate::config::{BOUNDS, BoardMode, Bound, BoundInfo, Count, GateChoice, SummaryMode};
use crate::make_pool::Jobserver;
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches};
use std::path::PathBuf;
use std::time::Duration;
use wodehost::Limit;
use wodehost::limits::{LIMITS, LimitError, LimitInfo};
use wodehost::store::Retention;
use wodehost::units::{INFINITE, Unit};

/// How many attempts run at once, when they may start, how a stop goes, and how all of it is
/// watched.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SlotFlags {
    /// Attempts that run at the same time [default: usable CPUs, at least 4]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = Count::parse)]
    pub(crate) slots: Option<Count>,
    /// Attempts that may be in memory at the same time [default: slots + 256]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = Count::parse)]
    pub(crate) live: Option<Count>,
    /// Memory of all live attempts together [default: three quarters of what this process may have]
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, value_parser = memory_total)]
    pub(crate) memory_total: Option<u64>,
    /// How long running jobs may go on after the first Ctrl-C [default: 10s]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = time)]
    pub(crate) grace: Option<u64>,
    /// What has to agree before a job starts.
    #[arg(
        long = "gate",
        value_name = "GATE",
        value_parser = GateChoice::argument,
        help = "Let jobs start only while a gate agrees: mem-free:SIZE, load:N, file:PATH, file:!PATH, rate:N, \
                or a plugin; may be repeated [default: gates in wodehost.toml, else none]"
    )]
    pub(crate) gates: Vec<GateChoice>,
    /// Share slots with the make or cargo around us: auto (its jobserver is used if there is one) or
    /// off [default: auto]
    #[arg(long, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) jobserver: Option<Jobserver>,
    #[command(flatten)]
    pub(crate) bounds: BoundFlags<true>,
    #[command(flatten)]
    pub(crate) board: BoardFlags,
}

/// How a run is watched.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BoardFlags {
    /// How to show what runs, on stderr: auto (tty on a terminal, else plain), tty, plain (a line for
    /// each change that a plugin makes), json or off [default: auto]
    #[arg(long, value_name = "MODE", hide_possible_values = true)]
    pub(crate) board: Option<BoardMode>,
    /// What to say at the end: off, short (a line) or full (reasons, slowest jobs, fuel, memory)
    /// [default: short]
    #[arg(long, value_name = "HOW", hide_possible_values = true)]
    pub(crate) summary: Option<SummaryMode>,
}

/// The last second of the year 9999, since 1970.
const LAST_SECOND: u64 = 253_402_300_799;

/// How attempts run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ProfileFlags {
    /// Give plugins still less: fresh memory, clocks in steps of 100 ms, no network whatever is
    /// granted
    #[arg(long, conflicts_with = "deterministic")]
    pub(crate) paranoid: bool,
    /// Run each job so that it gives the same bytes, fuel and end each time: time is virtual, random
    /// numbers are seeded, files and network are refused, one job runs at a time
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// What random numbers are made of when jobs are deterministic [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// When deterministic jobs start by their own clock, in seconds since 1970
    /// [default: 946684800, the year 2000]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=LAST_SECOND))]
    pub(crate) clock: Option<u64>,
}

/// How the engine is made: its profile, where compiled plugins are kept, how large they may
/// be, and what compiling one may take.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CacheFlags {
    #[command(flatten)]
    pub(crate) profile: ProfileFlags,
    /// Folder for compiled plugins, or off [default: wodehost in your cache folder]
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    pub(crate) cache: Option<PathBuf>,
    /// Compile plugins anew and keep nothing
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) bounds: BoundFlags<false>,
}

/// Where jobs are recorded.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StoreFlags {
    /// Record everything in this file, which is made if there is none: whatever happens, the same
    /// command with the same file goes on where it stopped [default: nothing is recorded]
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
}

/// How long a run keeps what succeeded.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct KeepFlags {
    /// Drop jobs from the store that succeeded longer ago than this and whose outcome was taken
    /// [default: inf]
    #[arg(long, value_name = "AGE", requires = "store", value_parser = time)]
    keep: Option<u64>,
    /// Drop the oldest of them beyond so many; what failed stays until `wodehost jobs drop`
    /// [default: 1000000]
    #[arg(long, value_name = "N", requires = "store")]
    keep_jobs: Option<u64>,
}

/// So many successes are kept unless somebody says otherwise: some hundred megabytes.
const KEEP_JOBS: u64 = 1_000_000;

impl KeepFlags {
    /// What is kept.
    pub(crate) fn retention(self) -> Retention {
        let age = self.keep.filter(|age| *age != INFINITE);
        Retention {
            age: age.map(Duration::from_nanos),
            jobs: Some(self.keep_jobs.unwrap_or(KEEP_JOBS)),
        }
    }
}

/// What plugins may do. By default: nothing but their own imports.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Permissions and configuration (default: none)")]
pub(crate) struct PluginFlags {
    /// Let a plugin read a folder, which it sees as /GUEST
    #[arg(long, value_name = "[PLUGIN=]HOST[::/GUEST]")]
    pub(crate) allow_read: Vec<String>,
    /// Let a plugin read and write a folder
    #[arg(long, value_name = "[PLUGIN=]HOST[::/GUEST]")]
    pub(crate) allow_write: Vec<String>,
    /// Let a plugin see a variable of the environment
    #[arg(long, value_name = "[PLUGIN=]NAME")]
    pub(crate) allow_env: Vec<String>,
    /// Let a plugin connect to an address; the port may be `*`
    #[arg(long, value_name = "[PLUGIN=]IP:PORT")]
    pub(crate) allow_net: Vec<String>,
    /// Let a worker submit jobs to another one, a name or a file; to itself it always may
    #[arg(long, value_name = "[PLUGIN=]WORKER")]
    pub(crate) allow_submit: Vec<String>,
    /// So many attempts of a worker run at the same time at most
    #[arg(long, value_name = "[PLUGIN=]N")]
    pub(crate) max_running: Vec<String>,
    /// Set a key of a plugin's configuration; the value is JSON, or else a text
    #[arg(long, value_name = "[PLUGIN.]KEY=VALUE")]
    pub(crate) set: Vec<String>,
    #[command(flatten)]
    pub(crate) limits: LimitFlags,
}

/// One limit, as a flag gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitText {
    /// A value in the limit's unit.
    Value(u64),
    /// Fuel only: compile without it.
    Off,
}

/// The limits that were given as flags.
#[derive(Debug, Clone, Default)]
pub(crate) struct LimitFlags {
    /// In the order of the table.
    pub(crate) given: Vec<(Limit, LimitText)>,
}

impl LimitText {
    /// Reads a limit; the error does not name the limit, because flag, variable or
    /// key stand next to it.
    pub(crate) fn parse(limit: Limit, text: &str) -> Result<LimitText, String> {
        if limit == Limit::Fuel && text.trim() == "off" {
            return Ok(LimitText::Off);
        }
        let value = limit.parse(text).map_err(|e| limit_error(&e))?;
        Ok(LimitText::Value(value))
    }
}

/// Limits of the whole host that were given as flags: those about running, or those about
/// loading a plugin.
#[derive(Debug, Clone, Default)]
pub(crate) struct BoundFlags<const OF_A_RUN: bool>(Vec<(Bound, u64)>);

/// The error without the limit's key, and without the advice to write `inf` where
/// there must be a limit.
pub(crate) fn limit_error(error: &LimitError) -> String {
    let text = error.to_string();
    let Some((key, text)) = text.split_once(": ") else {
        return text;
    };
    match Limit::by_key(key).map(Limit::info) {
        Some(info) if !info.may_be_infinite => without_inf(info.unit, text),
        Some(_) | None => text.to_owned(),
    }
}

/// An error about a quantity that has to have an end, without the advice to write `inf`.
pub(crate) fn without_inf(unit: Unit, error: &str) -> String {
    let examples = unit.examples();
    error.replace(examples, &finite(examples))
}

/// A list of examples without its last, `inf`.
fn finite(examples: &str) -> String {
    let examples = examples.strip_suffix(" or `inf`").unwrap_or(examples);
    match examples.rsplit_once(", ") {
        Some((front, last)) => format!("{front} or {last}"),
        None => examples.to_owned(),
    }
}

/// The help of a limit's flag.
fn limit_help(info: &LimitInfo) -> String {
    let about = capitalised(info.about);
    let default = info.unit.format(info.default);
    let off = if info.limit == Limit::Fuel {
        "; `off` = compile without it"
    } else {
        ""
    };
    format!("{about}{off} [default: {default}]")
}

/// What a flag takes, as help writes it.
fn value_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "SIZE",
        Unit::Time => "TIME",
        Unit::Count => "N",
    }
}

/// A sentence's first letter made large.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn limit_arg(info: &'static LimitInfo) -> Arg {
    let limit = info.limit;
    Arg::new(info.key)
        .long(info.key)
        .value_name(value_name(info.unit))
        .help(limit_help(info))
        .help_heading("Limits")
        .action(ArgAction::Set)
        // A negative value is to be told by our own sentence.
        .allow_hyphen_values(true)
        .value_parser(move |text: &str| LimitText::parse(limit, text))
}

impl FromArgMatches for LimitFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = LIMITS
            .iter()
            .filter_map(|info| Some((info.limit, *matches.get_one::<LimitText>(info.key)?)))
            .collect();
        Ok(LimitFlags { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for LimitFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(LIMITS.iter().map(limit_arg))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

fn bound_arg(info: &'static BoundInfo) -> Arg {
    let bound = info.bound;
    let (about, default) = (capitalised(info.about), info.default_text());
    Arg::new(info.key)
        .long(info.key)
        .value_name(value_name(info.unit))
        .help(format!("{about} [default: {default}]"))
        .action(ArgAction::Set)
        .allow_hyphen_values(true)
        .value_parser(move |text: &str| bound.parse(text))
}

impl<const OF_A_RUN: bool> BoundFlags<OF_A_RUN> {
    fn all() -> impl Iterator<Item = &'static BoundInfo> {
        BOUNDS.iter().filter(|info| info.of_a_run == OF_A_RUN)
    }

    /// What was given.
    pub(crate) fn given(&self) -> impl Iterator<Item = (Bound, u64)> {
        self.0.iter().copied()
    }
}

impl<const OF_A_RUN: bool> FromArgMatches for BoundFlags<OF_A_RUN> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |info: &BoundInfo| Some((info.bound, *matches.get_one::<u64>(info.key)?));
        Ok(BoundFlags(Self::all().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<const OF_A_RUN: bool> Args for BoundFlags<OF_A_RUN> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(Self::all().map(bound_arg))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// Reads a time such as `10s`; nanoseconds.
pub(crate) fn time(text: &str) -> Result<u64, String> {
    Unit::Time.parse(text).map_err(|e| e.to_string())
}

/// Reads the memory of all live attempts, in bytes.
pub(crate) fn memory_total(text: &str) -> Result<u64, String> {
    let bytes = Unit::Bytes.parse(text).map_err(|e| e.to_string())?;
    let least = Limit::Memory.info().default;
    if bytes < least {
        let least = Unit::Bytes.format(least);
        return Err(format!("at least {least}, what one attempt may have"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        limits: LimitFlags,
    }

    #[test]
    fn each_limit_is_a_flag() {
        let only = Only::parse_from(["x", "--memory", "64MiB", "--log-line=1KiB", "--fuel", "off"]);
        assert_eq!(
            only.limits.given,
            [
                (Limit::Memory, LimitText::Value(64 << 20)),
                (Limit::Fuel, LimitText::Off),
                (Limit::LogLine, LimitText::Value(1024)),
            ]
        );
    }

    #[test]
    fn a_wrong_value_says_why_once() {
        let error = Only::try_parse_from(["x", "--memory", "much"]).expect_err("no size");
        let text = error.to_string();
        assert!(
            text.contains("`much` is not a number; write for example"),
            "{text}"
        );
        assert!(Only::try_parse_from(["x", "--keepalive", "off"]).is_err());
        let error = Only::try_parse_from(["x", "--deadline", "-1s"]).expect_err("negative");
        assert!(error.to_string().contains("`-1s` is less than nothing"));
    }

    #[test]
    fn inf_is_offered_only_where_it_can_be() {
        let said = |limit| LimitText::parse(limit, "much").expect_err("no quantity");
        let memory = said(Limit::Memory);
        assert!(memory.ends_with("`1500kB` or `4096`"), "{memory}");
        assert!(said(Limit::Deadline).ends_with("or `inf`"));
    }
}
