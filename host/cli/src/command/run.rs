//! `wodehost run`: producer, workers, consumer, until the producer has no more.

use crate::args::Globals;
use crate::config::Config;
use crate::error::{Error, Kind};
use crate::exit::{Ended, Exit};
use crate::flags::{CacheFlags, KeepFlags, PluginFlags, SlotFlags, StoreFlags};
use crate::halt::Halt;
use crate::job_flags::JobFlags;
use crate::output::trace_of;
use crate::printer;
use crate::recording::{recording, say_recovered};
use crate::run::{Delivery, Named, Plan, Role, Watcher, deliver_to_stdout};
use crate::session::{Runs, Session, block_on, check_expressions, configure, host};
use crate::signals::{Stopper, listen};
use crate::top::server::Server;
use crate::watching::{Watch, Watched};
use std::sync::Arc;
use wodehost::board::Source;
use wodehost::units::grouped;
use wodehost::value::escape_for_people;
use wodehost::{Deliver, Host, Plugin, Serve, ServeError, ServeReport};

/// How many undelivered outcomes are named.
const UNDELIVERED_SHOWN_MAX: usize = 20;

/// Flags of `run`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost run\n  wodehost run --producer list.wasm --worker scale.wasm --consumer sheet.wasm\n\n\
    Without flags, what [run] in wodehost.toml says. With --store a producer goes on from its checkpoint;\n    one that saves none begins from its start. Ctrl-C: nothing new starts and running jobs may\n\
    finish; again: they are cancelled; a third time: out.\n\
    Exit codes: 0 all succeeded, 10 some failed, 11 only timeouts, 12 stopped, 14 producer failed."
)]
pub(crate) struct RunArgs {
    /// The producer: a component's file, or a name in wodehost.toml [default: run.producer]
    #[arg(long, value_name = "P")]
    producer: Option<String>,
    /// A worker, which the producer calls NAME or by its file's stem; may be repeated [default:
    /// run.workers]
    #[arg(long = "worker", value_name = "[NAME=]W")]
    workers: Vec<String>,
    /// The consumer [default: run.consumer, else outcomes go to stdout as JSON lines]
    #[arg(long, value_name = "C")]
    consumer: Option<String>,
    /// Load and check everything, show it, and start nothing
    #[arg(long)]
    dry_run: bool,
    /// When failures end it: never, now,fail=N (cancel the rest) or soon,fail=N (let running ones end)
    /// [default: run.halt, else never]
    #[arg(long, value_name = "RULE")]
    halt: Option<Halt>,
    #[command(flatten)]
    store: StoreFlags,
    #[command(flatten)]
    keep: KeepFlags,
    #[command(flatten)]
    slots: SlotFlags,
    #[command(flatten)]
    cache: CacheFlags,
    #[command(flatten)]
    plugins: PluginFlags,
    #[command(flatten)]
    job: JobFlags,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &RunArgs) -> Result<Exit, Error> {
    let config = configure(
        globals,
        &args.slots,
        &args.cache,
        &args.plugins.limits,
        &args.job,
    )?;
    let named = Named {
        producer: args.producer.as_deref(),
        workers: &args.workers,
        consumer: args.consumer.as_deref(),
        halt: args.halt,
    };
    let plan = Plan::of(&config, &named, &args.plugins)?;
    let session = Session::start(&config, &plan.specs, Runs::Many, globals.printer())?;
    let plugins = session.load_all(&plan.specs)?;
    check_roles(&plan, &plugins)?;
    let workers = plan.with(Role::Worker);
    let workers = workers.map(|place| (&plan.specs[place], &plugins[place]));
    check_expressions(&session, &config, workers)?;
    if args.dry_run {
        printer::report(&plan.render(&config, &plugins))?;
        return Ok(Exit::Success);
    }
    let run = Run {
        globals,
        config: &config,
        plan: &plan,
        plugins: &plugins,
        store: &args.store,
        keep: args.keep,
    };
    run.serve(&session)
}

/// Each plugin must be what it is meant to be, before anything starts.
fn check_roles(plan: &Plan, plugins: &[Plugin]) -> Result<(), Error> {
    for (role, place) in &plan.roles {
        let plugin = &plugins[*place];
        let has = plugin.roles();
        let wanted = role.as_str();
        if !has.contains(&wanted) {
            return Err(Error::new(
                Kind::Plugin,
                format!("plugin `{}` is no {wanted} (wrong-world)", plugin.name()),
            )
            .because(format!(
                "{} is a {}",
                plugin.path().display(),
                has.join(" and ")
            ))
            .hint("is this the right file for this place?"));
        }
    }
    Ok(())
}

/// All that is needed once everything is loaded.
struct Run<'a> {
    globals: &'a Globals,
    config: &'a Config,
    plan: &'a Plan,
    plugins: &'a [Plugin],
    store: &'a StoreFlags,
    keep: KeepFlags,
}

impl Run<'_> {
    fn serve(&self, session: &Session) -> Result<Exit, Error> {
        let workers = self.plan.with(Role::Worker);
        let workers = workers.map(|place| (&self.plan.specs[place], &self.plugins[place]));
        let halt = self.plan.halt.value;
        let printer = self.globals.printer();
        let watch = Watch::of(self.config, printer, self.globals.log_json);
        let watcher = Watcher::new(printer, self.globals.verbose, halt, watch.taking());
        let seen = watcher.clone();
        let gates = self.plan.gates(self.plugins);
        let mut host = host(session, self.config, workers, gates)?
            .name("run")
            .observe(Box::new(move |outcome| seen.see(outcome)));
        if let Some(recording) = recording(self.store, "run")? {
            host = host.record(recording.acknowledged().keep(self.keep.retention()));
        }
        let host = host.build().map_err(|e| Error::host(&e))?;
        say_recovered(&host, self.store, printer);
        let host = Arc::new(host);
        let grace = self.config.grace();
        let stopper = Stopper::new(host.clone(), grace, self.globals.printer(), || ());
        watcher.may_stop(stopper.clone());
        let consumer = self.plan.with(Role::Consumer).next();
        let (deliver, delivery) = if let Some(place) = consumer {
            (Deliver::Consumer(self.plugins[place].clone()), None)
        } else {
            let (deliver, delivery) = deliver_to_stdout(stopper.clone(), Host::clone(&host))?;
            (deliver, Some(delivery))
        };
        let producer = self
            .plan
            .with(Role::Producer)
            .map(|place| self.plugins[place].clone());
        let (report, written, at_end) = block_on(async {
            listen(stopper.clone());
            let _top = Server::of_host("run", host.clone(), stopper.clone());
            let watching = watch.start(Host::clone(&host), Box::new(Source::default))?;
            let Some(producer) = producer.into_iter().next() else {
                return Err(Error::new(Kind::Internal, "the plan has no producer"));
            };
            let served = host.serve(Serve { producer, deliver }).await;
            // What is still to be written stands above the last board.
            let written = delivery.map_or(Ok(()), Delivery::end);
            let at_end = watching.end().await;
            Ok((served.map_err(|e| not_served(&e))?, written, at_end))
        })?;
        written?;
        self.tell(&report, &at_end);
        let ended = Ended {
            tally: report.tally,
            refused: 0,
            undelivered: report.undelivered_count + u64::from(report.finish_error.is_some()),
            internal: watcher.internal(),
            producer_failed: report.producer_error.is_some(),
            by_user: stopper.by_user(),
            is_late: false,
        };
        Ok(ended.exit())
    }

    /// Says what a run left.
    fn tell(&self, report: &ServeReport, at_end: &Watched) {
        let printer = self.globals.printer();
        for undelivered in report.undelivered.iter().take(UNDELIVERED_SHOWN_MAX) {
            let message = escape_for_people(&undelivered.message, 300);
            printer.note(&format!("undelivered {}: {message}", undelivered.id));
        }
        let more = report
            .undelivered_count
            .saturating_sub(UNDELIVERED_SHOWN_MAX as u64);
        if more > 0 {
            printer.note(&format!("… {more} more are undelivered"));
        }
        let mut more = String::new();
        if report.undelivered_count > 0 {
            more = format!("; {} undelivered", grouped(report.undelivered_count));
        }
        if report.consumer_errors > 0 {
            let errors = grouped(report.consumer_errors);
            more = format!("{more}; the consumer answered {errors} with an error");
        }
        at_end.say(&report.tally, 0, true, &more);
        if let Some(message) = &report.finish_error {
            let message = escape_for_people(message, 300);
            printer::error(
                &Error::new(Kind::JobFailed, "the consumer did not finish").because(message),
            );
        }
        if let Some(error) = &report.producer_error {
            let message = escape_for_people(&error.message, 300);
            let what = format!("the producer ended with an error ({})", error.reason);
            let trace = error.data.as_ref().map(trace_of).unwrap_or_default();
            let said = Error::new(Kind::Producer, what).because(message);
            let said = trace.into_iter().fold(said, Error::because);
            printer::error(&said.hint_if(error.reason.hint()));
        }
    }
}

/// The library refuses a role; ours are checked before, so this is rare.
fn not_served(error: &ServeError) -> Error {
    match error {
        ServeError::Plugin(error) => Error::new(Kind::Plugin, error.to_string()).hint(error.hint()),
        ServeError::Store(error) => Error::store(error),
    }
}
