//! `wodehost call`: one job.

use crate::args::Globals;
use crate::config::pick_job;
use crate::error::{Error, Kind};
use crate::exit::{Ended, Exit};
use crate::flags::{CacheFlags, PluginFlags, SlotFlags, StoreFlags, time};
use crate::input;
use crate::job_flags::JobFlags;
use crate::output::{code, hint, last_lines, message, trace};
use crate::printer;
use crate::recording::{self, recording, say_recovered};
use crate::session::{Runs, Session, block_on, check_expressions, configure, host};
use crate::signals::{Stopper, listen};
use crate::top::server::Server;
use crate::watching::Watch;
use std::sync::Arc;
use std::time::Duration;
use wodehost::board::Source;
use wodehost::plugin::Digest;
use wodehost::store::Key;
use wodehost::units::INFINITE;
use wodehost::{Host, Outcome, Plugin, Reason, Status, Tally, Value};

/// Lines of a guest's stderr that an error shows.
const STDERR_LINES_MAX: usize = 5;

/// All that there is to do.
const ONE_JOB: Source = Source {
    jobs: 1,
    refused: 0,
    fraction: None,
    has_ended: true,
};

/// Flags of `call`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost call hello.wasm '{\"name\":\"Ada\"}'\n  wodehost call hello.wasm @guest.json --outcome\n\n\
    On success the result is printed; otherwise nothing, and the error is on stderr.\n\
    Exit codes: 0 succeeded, 10 failed, 11 timed out, 12 cancelled, 13 not started."
)]
pub(crate) struct CallArgs {
    /// The worker: a component's file, or a name in wodehost.toml
    worker: String,
    /// Arguments: JSON, @FILE.json, @FILE.msgpack, or - for JSON on stdin [default: none, nil]
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    values: Vec<String>,
    /// Print the whole outcome, also of a job that failed
    #[arg(long)]
    outcome: bool,
    /// How to print it: human, json, jsonl or msgpack; human is json on a terminal, jsonl elsewhere
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "human",
        hide_possible_values = true
    )]
    output: Form,
    /// Give up when the job has not started after this time: no slot, or a gate [default: inf]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = time)]
    start_within: Option<u64>,
    #[command(flatten)]
    store: StoreFlags,
    #[command(flatten)]
    slots: SlotFlags,
    #[command(flatten)]
    cache: CacheFlags,
    #[command(flatten)]
    plugin: PluginFlags,
    #[command(flatten)]
    job: JobFlags,
}

/// How a value is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Human,
    Json,
    Jsonl,
    Msgpack,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &CallArgs) -> Result<Exit, Error> {
    let config = configure(
        globals,
        &args.slots,
        &args.cache,
        &args.plugin.limits,
        &args.job,
    )?;
    let values = input::arguments(&args.values, &mut std::io::stdin())?;
    let picked = pick_job(&config, &args.plugin, &args.worker)?;
    let runs = if args.store.store.is_some() {
        // There may be jobs in it.
        Runs::Many
    } else {
        Runs::of_one_job(&config, &picked.specs)
    };
    let session = Session::start(&config, &picked.specs, runs, globals.printer())?;
    let plugins = session.load_all(&picked.specs)?;
    let plugin = plugins[0].clone();
    check_expressions(&session, &config, picked.workers(&plugins))?;
    let watch = Watch::of(&config, globals.printer(), globals.log_json);
    let taking = watch.taking();
    let mut host = host(
        &session,
        &config,
        picked.workers(&plugins),
        picked.gates(&plugins),
    )?
    .name("call")
    .observe(Box::new(move |outcome| taking.take(outcome)));
    if let Some(recording) = recording(&args.store, "call")? {
        host = host.record(recording.acknowledged());
    }
    let host = Arc::new(host.build().map_err(|e| Error::host(&e))?);
    say_recovered(&host, &args.store, globals.printer());
    let stopper = Stopper::new(host.clone(), config.grace(), globals.printer(), || ());
    let (outcome, watched) = block_on(async {
        listen(stopper.clone());
        let _top = Server::of_host("call", host.clone(), stopper.clone());
        let watching = watch.start(Host::clone(&host), Box::new(|| ONE_JOB))?;
        let outcome = called(&host, &plugin, args, values).await;
        let watched = watching.end().await;
        Ok((outcome?, watched))
    })?;
    watched.say(&host.tally(), 0, false, "");
    if args.outcome {
        printer::data(&form(args.output, &outcome.to_value()))?;
    } else if outcome.is_success() {
        printer::data(&form(args.output, &outcome.data))?;
    }
    // A job in quarantine stays until somebody tries it again or drops it.
    if outcome.reason != Reason::Quarantined {
        recording::told_at_the_end(outcome.id);
    }
    if !args.outcome && !outcome.is_success() {
        return Err(failed(&outcome, &plugin));
    }
    // Its own, as an earlier host may have run it.
    let mut tally = Tally::default();
    tally.count(outcome.status);
    let ended = Ended {
        tally,
        internal: u64::from(outcome.reason == Reason::Internal),
        ..Ended::default()
    };
    Ok(ended.exit())
}

/// Submits the job and waits for it.
async fn called(
    host: &Host,
    plugin: &Plugin,
    args: &CallArgs,
    values: Vec<Value>,
) -> Result<Outcome, Error> {
    host.run_suspects().await.map_err(|e| Error::store(&e))?;
    let key = Key::Text(same_call(plugin, &values).into());
    let job = host.job(plugin.name())?.arguments(values).key(key);
    let handle = match args.start_within {
        Some(nanos) if nanos < INFINITE => job.submit_within(Duration::from_nanos(nanos)).await?,
        Some(_) | None => job.submit()?,
    };
    Ok(handle.await)
}

/// What the same call of the same worker has in common.
fn same_call(plugin: &Plugin, values: &[Value]) -> String {
    let what = Value::array(&[Value::from(plugin.name()), Value::array(values)]);
    Digest::of(what.as_bytes()).to_string()
}

/// A value as bytes for stdout.
fn form(form: Form, value: &Value) -> Vec<u8> {
    let pretty = match form {
        Form::Msgpack => return value.as_bytes().to_vec(),
        Form::Human => printer::stdout_is_terminal(),
        Form::Json => true,
        Form::Jsonl => false,
    };
    let mut text = if pretty {
        value.to_json_pretty()
    } else {
        value.to_json()
    };
    text.push('\n');
    text.into_bytes()
}

/// The error for a job that did not succeed.
fn failed(outcome: &Outcome, plugin: &Plugin) -> Error {
    let (kind, word) = match outcome.status {
        Status::Timeout => (Kind::JobTimedOut, "timed out"),
        Status::Cancelled => (Kind::JobCancelled, "was cancelled"),
        Status::Mixed => (Kind::JobFailed, "succeeded in part"),
        _ if outcome.reason == Reason::Internal => (Kind::Internal, "failed"),
        Status::Success | Status::Failure | Status::Rejected | Status::Unspecified => {
            (Kind::JobFailed, "failed")
        }
    };
    // Where the reason is the word, it need not be said twice.
    let reason = if outcome.reason == Reason::Cancelled {
        String::new()
    } else {
        let code = code(outcome).map_or_else(String::new, |code| format!(", {code}"));
        format!(" ({}{code})", outcome.reason)
    };
    let message = message(outcome).map_or_else(String::new, |text| format!(": {text}"));
    let mut error = Error::new(kind, format!("the job {word}{reason}{message}"));
    let attempts = match outcome.items.len() {
        0 => format!("attempt {}", outcome.attempts),
        items => format!("{items} items, {} attempts", outcome.attempts),
    };
    error = error.because(format!("job {} of {plugin}, {attempts}", outcome.id));
    for line in trace(outcome) {
        error = error.because(line);
    }
    let stderr = outcome.stderr.as_deref().unwrap_or_default();
    for line in last_lines(stderr, STDERR_LINES_MAX) {
        error = error.because(format!("stderr: {line}"));
    }
    error.hint_if(hint(outcome.reason, stderr))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_printed_in_each_form() {
        let value = Value::array(&[Value::from(1_u64)]);
        assert_eq!(form(Form::Json, &value), b"[\n  1\n]\n");
        assert_eq!(form(Form::Jsonl, &value), b"[1]\n");
        assert_eq!(form(Form::Msgpack, &value), b"\x91\x01");
    }
}
