//! `wodehost jobs logs`: what the attempts of a job logged and wrote.

use super::report_value;
use crate::command::LookFlag;
use crate::config::Look;
use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::SCHEMA;
use crate::jobs::looking::{Looking, StoreFlag, store_error};
use crate::shown;
use std::fmt::Write as _;
use wodehost::store::{Entry, PastAttempt};
use wodehost::{JobId, Value};

/// Flags of `jobs logs`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost jobs logs k3f9ax-17 --store jobs.db\n\n\
    Only the end of what an attempt wrote is kept, and only when the attempt has ended. It is escaped\n\
    for people; `-o json` has it as it came."
)]
pub(crate) struct LogsArgs {
    /// The job
    #[arg(value_name = "ID")]
    job: JobId,
    #[command(flatten)]
    store: StoreFlag,
    /// Only of this attempt, from 1
    #[arg(long, value_name = "N")]
    attempt: Option<u32>,
    #[command(flatten)]
    look: LookFlag,
}

/// What an attempt left.
struct Wrote {
    attempt: u32,
    reason: String,
    log: Option<String>,
    stdout: Option<String>,
    stderr: Option<String>,
}

/// Runs it.
pub(crate) fn run(args: &LogsArgs, user: Option<Look>) -> Result<Exit, Error> {
    let mut looking = Looking::at(&args.store)?;
    let entry = looking.job(args.job)?;
    let past = looking.reader.past(entry.job.number);
    let mut wrote = all(past.map_err(|e| store_error(&e))?, &entry);
    if let Some(wanted) = args.attempt {
        wrote.retain(|wrote| wrote.attempt == wanted);
        if wrote.is_empty() {
            return Err(
                Error::usage(format!("no attempt {wanted} of {} has ended", args.job))
                    .because(format!("attempts that ended: {}", entry.attempts)),
            );
        }
    }
    report_value(
        &args.look,
        user,
        || human(args.job, &wrote),
        || json(args.job, &wrote),
    )
}

/// What is kept, the oldest attempt first.
fn all(past: Vec<PastAttempt>, entry: &Entry) -> Vec<Wrote> {
    let past = past.into_iter().map(|past| Wrote {
        attempt: past.earlier.attempt,
        reason: past.earlier.reason.to_string(),
        log: past.earlier.log,
        stdout: past.earlier.stdout,
        stderr: past.earlier.stderr,
    });
    let mut all: Vec<Wrote> = past.collect();
    let last = entry.done().filter(|done| {
        let known = all.last().map_or(0, |last| last.attempt);
        // One that was lost, or that never was, is not there twice.
        done.outcome.attempts > known
    });
    all.extend(last.map(|done| Wrote {
        attempt: done.outcome.attempts,
        reason: done.outcome.reason.to_string(),
        log: done.outcome.log.clone(),
        stdout: done.outcome.stdout.clone(),
        stderr: done.outcome.stderr.clone(),
    }));
    all
}

fn human(job: JobId, wrote: &[Wrote]) -> String {
    let mut text = String::new();
    for wrote in wrote {
        let _ = writeln!(text, "{job}, attempt {}: {}", wrote.attempt, wrote.reason);
        let parts = [
            ("log", &wrote.log),
            ("stdout", &wrote.stdout),
            ("stderr", &wrote.stderr),
        ];
        let mut is_empty = true;
        for (name, part) in parts {
            for line in part.iter().flat_map(|part| part.lines()) {
                is_empty = false;
                let _ = writeln!(text, "  {name:<6} {}", shown::text(line));
            }
        }
        if is_empty {
            text.push_str("  wrote nothing\n");
        }
    }
    if wrote.is_empty() {
        let _ = writeln!(text, "{job}: no attempt has ended");
    }
    text
}

fn json(job: JobId, wrote: &[Wrote]) -> Value {
    let text = |text: &Option<String>| text.as_deref().map_or_else(Value::nil, Value::from);
    let attempts: Vec<Value> = wrote
        .iter()
        .map(|wrote| {
            Value::map([
                ("attempt", Value::from(wrote.attempt)),
                ("reason", Value::from(wrote.reason.as_str())),
                ("log", text(&wrote.log)),
                ("stdout", text(&wrote.stdout)),
                ("stderr", text(&wrote.stderr)),
            ])
        })
        .collect();
    Value::map([
        ("schema", Value::from(SCHEMA)),
        ("id", Value::from(job.to_string())),
        ("attempts", Value::array(&attempts)),
    ])
}
