//! `wodehost replay`: a recorded attempt, run again from what a store has of it.

use super::{LookFlag, report};
use crate::args::Globals;
use crate::compile_child;
use crate::config::{Bound, Config, Look};
use crate::error::{Error, Kind, in_words};
use crate::exit::Exit;
use crate::flags::{CacheFlags, LimitFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::session::{block_on, configure};
use crate::shown;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;
use wodehost::store::SqliteStore;
use wodehost::units::grouped;
use wodehost::{
    EngineConfig, JobId, Plugin, Profile, Receipt, Replay, ReplayError, Replayed, Runtime,
    RuntimeConfig, Value, Variables, Was,
};

/// Flags of `replay`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost replay --store jobs.db k3f9ax-17 --attempt 1\n\n\
    The attempt gets the job, the state, the options and the plugin that the store has of it, and the\n\
    outcomes that the jobs had which it submitted; nothing is recorded or delivered. Its fuel is compared\n\
    where the job was deterministic.\n\
    Exit codes: 0 it ended as it did, 10 it did not."
)]
pub(crate) struct ReplayArgs {
    /// The job's id
    job: JobId,
    /// Which of its attempts, from 1 [default: the last one]
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,
    /// The file that the job is recorded in
    #[arg(long, value_name = "FILE")]
    store: PathBuf,
    /// Run this component instead of the one that was recorded
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// Give the plugin what it was granted: files and network as they are now
    #[arg(long)]
    grants: bool,
    #[command(flatten)]
    look: LookFlag,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &ReplayArgs, look: Option<Look>) -> Result<Exit, Error> {
    let config = configure(
        globals,
        &SlotFlags::default(),
        &CacheFlags::default(),
        &LimitFlags::default(),
        &JobFlags::default(),
    )?;
    let mut reader = SqliteStore::read_only(&args.store).map_err(|error| Error::store(&error))?;
    let replay = Replay::of(&mut *reader, args.job, args.attempt).map_err(|e| refused(&e))?;
    drop(reader);
    let other = args.plugin.as_ref().map(std::fs::read).transpose();
    let other = other.map_err(|error| {
        let path = args.plugin.as_deref().map(shown::path).unwrap_or_default();
        Error::new(Kind::Plugin, format!("{path} cannot be read")).because(in_words(&error))
    })?;
    let variable = |name: &str| std::env::var(name).ok();
    let variable: Variables<'_> = &variable;
    let source = replay.source(other, args.grants.then_some(variable));
    let source = source.map_err(|e| refused(&e))?;
    let runtime = runtime(&config, &replay)?;
    let name = replay.worker().to_owned();
    let path = args.plugin.clone().unwrap_or_else(|| args.store.clone());
    let plugin = runtime
        .load(source)
        .map_err(|error| Error::plugin(&name, &path, &error))?;
    let now = block_on(async { Ok(replay.run(&runtime, &plugin).await) })?;
    let compares_fuel = matches!(replay.profile(), Profile::Deterministic(_));
    let mut notes = Vec::new();
    let granted = replay.granted().map_err(|e| refused(&e))?;
    if !args.grants && !granted.is_empty() {
        notes.push("it was granted more than it is now; `--grants` gives it".to_owned());
    }
    let about = About::of(args.job, &replay, &plugin, &now, compares_fuel, notes);
    report(args.look.output, look, || about.render(), &about)?;
    Ok(if about.differs.is_empty() {
        Exit::Success
    } else {
        Exit::SomeFailed
    })
}

/// An engine for one attempt.
fn runtime(config: &Config, replay: &Replay) -> Result<Runtime, Error> {
    Ok(Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            live: 1,
            slots: 1,
            limits: (*replay.options().limits).clone(),
            profile: replay.profile(),
            ..EngineConfig::default()
        },
        threads: Some(1),
        cache: config.cache().value,
        compiler: compile_child::compiler(config),
        component_bytes_max: config.bound(Bound::ComponentSize).value,
    })?)
}

fn refused(error: &ReplayError) -> Error {
    match error {
        ReplayError::Store(error) => Error::store(error),
        ReplayError::Unknown(_) => {
            Error::usage(error.to_string()).hint("`wodehost jobs list` shows the jobs of a store")
        }
        ReplayError::NoAttempt { .. } | ReplayError::Parallel { .. } => {
            Error::usage(error.to_string())
        }
        ReplayError::NoComponent(_) => Error::new(Kind::Plugin, error.to_string())
            .hint("give the component with `--plugin FILE`"),
        ReplayError::Unfit(_) => Error::new(Kind::Store, error.to_string()),
    }
}

/// What is known of it.
#[derive(Debug, Serialize)]
struct About {
    schema: u32,
    job: String,
    attempt: u32,
    plugin: String,
    same: bool,
    differs: Vec<&'static str>,
    recorded: End,
    now: End,
    notes: Vec<String>,
}

/// How it ended, once.
#[derive(Debug, Serialize)]
struct End {
    reason: String,
    status: Option<String>,
    message: Option<String>,
    data: Option<serde_json::Value>,
    state: serde_json::Value,
    fuel: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    backtrace: Vec<String>,
}

impl About {
    fn of(
        job: JobId,
        replay: &Replay,
        plugin: &Plugin,
        now: &Replayed,
        compares_fuel: bool,
        notes: Vec<String>,
    ) -> About {
        let was = replay.was();
        let differs = was.differs(now, compares_fuel);
        About {
            schema: 1,
            job: job.to_string(),
            attempt: replay.attempt(),
            plugin: plugin.to_string(),
            same: differs.is_empty(),
            differs,
            recorded: End::of_was(was),
            now: End::of_now(now),
            notes,
        }
    }

    fn render(&self) -> String {
        let mut text = format!(
            "job {}, attempt {}, {}\n",
            self.job,
            self.attempt,
            shown::text(&self.plugin)
        );
        self.recorded.render("recorded", &mut text);
        self.now.render("now", &mut text);
        for (what, said) in [
            ("stdout", &self.now.stdout),
            ("stderr", &self.now.stderr),
            ("log", &self.now.log),
        ] {
            for line in said.iter().flat_map(|said| said.lines()) {
                let _ = writeln!(text, "  {what}: {}", shown::text(line));
            }
        }
        for note in &self.notes {
            let _ = writeln!(text, "{note}");
        }
        let verdict = if self.differs.is_empty() {
            "it ended as it did".to_owned()
        } else {
            format!(
                "it did not end as it did: another {}",
                self.differs.join(", ")
            )
        };
        let _ = writeln!(text, "{verdict}");
        text
    }
}

impl End {
    fn of_was(was: &Was) -> End {
        End {
            reason: was.reason.to_string(),
            status: was.status.map(|status| status.to_string()),
            message: was.message.clone(),
            data: was.data.as_ref().map(json),
            state: json(&was.state),
            fuel: was.receipt.map(|receipt| receipt.fuel),
            stdout: None,
            stderr: None,
            log: None,
            backtrace: Vec::new(),
        }
    }

    fn of_now(now: &Replayed) -> End {
        let outcome = &now.outcome;
        End {
            reason: outcome.reason.to_string(),
            status: Some(outcome.status.to_string()),
            message: outcome.message.clone(),
            data: Some(json(&outcome.data)),
            state: json(&now.state),
            fuel: outcome
                .receipts
                .latest()
                .map(|receipt: &Receipt| receipt.fuel),
            stdout: outcome.stdout.clone(),
            stderr: outcome.stderr.clone(),
            log: outcome.log.clone(),
            backtrace: outcome.backtrace.clone(),
        }
    }

    fn render(&self, when: &str, text: &mut String) {
        let status = self.status.as_deref().unwrap_or("tried again");
        let _ = write!(text, "{when:<9} {status} ({})", self.reason);
        if let Some(fuel) = self.fuel {
            let _ = write!(text, ", fuel {}", grouped(fuel));
        }
        text.push('\n');
        if let Some(message) = &self.message {
            let _ = writeln!(text, "  {}", shown::text(message));
        }
        if let Some(data) = &self.data {
            let _ = writeln!(text, "  data: {}", shown::text(&cut(&data.to_string())));
        }
        let _ = writeln!(
            text,
            "  state: {}",
            shown::text(&cut(&self.state.to_string()))
        );
    }
}

/// What a person reads of a value.
const VALUE_CHARS_MAX: usize = 400;

fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn json(value: &Value) -> serde_json::Value {
    // What cannot be said so is a text.
    let text = value.to_json();
    serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
}
