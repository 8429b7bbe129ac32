//! `wodehost map`: a stream of values through a worker.

use crate::args::Globals;
use crate::config::{Bound, Config, pick_job};
use crate::error::Error;
use crate::exit::{Ended, Exit};
use crate::flags::{CacheFlags, PluginFlags, SlotFlags, StoreFlags, time};
use crate::halt::Halt;
use crate::input::{self, Format};
use crate::job_flags::JobFlags;
use crate::map::{Collector, Counts, Feeder, Gate, Hearing, Order, Window};
use crate::output::{Encoding, Failures, Records};
use crate::recording::{recording, say_recovered};
use crate::session::{Runs, Session, block_on, check_expressions, configure, host};
use crate::signals::{Stopper, listen};
use crate::top::server::Server;
use crate::watching::Watch;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wodehost::task::{EventSender, job_events};
use wodehost::units::INFINITE;
use wodehost::{Host, Limit, Plugin, default_buffer};

/// Flags of `map`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  seq 10 | wodehost map double.wasm\n  wodehost map worker.wasm jobs.json --unordered > results.ndjson\n\n\
    A value that fails has its outcome in its place: {\"$outcome\":{…}}, with its `line` of the input\n    (or `item`, of an array or a stream). Ctrl-C ends the input: jobs that\n\
    run may finish, those that wait are written as cancelled; what was not read has no line.\n\
    With --emits a later line's values may come before an earlier result: kept back, they would hold\n\
    the later job in a slot that the earlier one may need.\n\
    Exit codes: 0 all succeeded, 10 some failed, 11 only timeouts, 12 stopped, 13 the --timeout was over."
)]
pub(crate) struct MapArgs {
    /// The worker: a component's file, or a name in wodehost.toml
    worker: String,
    /// Where the values are; - is stdin, too [default: stdin]
    file: Option<PathBuf>,
    /// How the input is written: ndjson, json (an array) or msgpack (a stream) [default: by the
    /// file's name, else ndjson]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    from: Option<Format>,
    /// How to write the results: jsonl, json (an array) or msgpack (a stream)
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "jsonl",
        hide_possible_values = true
    )]
    output: Encoding,
    /// Write results as jobs end, not in the order of the input; with --outcomes each says its line
    #[arg(long)]
    unordered: bool,
    /// Write every result as an outcome, successes too
    #[arg(long)]
    outcomes: bool,
    /// Write also what jobs emit, as it comes: {"$emit":{…}} with line, attempt, seq and value. Those of
    /// a later line may come before the result of an earlier one; those of one job come before its
    /// result
    #[arg(long, conflicts_with = "store")]
    emits: bool,
    /// Values in memory at the same time; nothing is read beyond them [default: 64 for each slot, at
    /// most 4096, but two chunks for each]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    buffer: Option<u32>,
    /// Values that one sandbox takes one after the other, as long as they succeed: faster for small
    /// jobs, which are then not isolated from each other [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "store", allow_hyphen_values = true, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    chunk: Option<u32>,
    /// When failures end it: never, now,fail=N (cancel the rest) or soon,fail=N (let running ones end)
    #[arg(long, value_name = "RULE", default_value = "never")]
    halt: Halt,
    /// Cancel what has not ended so long after the start of the command, and read no more
    /// [default: no end]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = timeout)]
    timeout: Option<u64>,
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

/// Reads the time for all of it.
fn timeout(text: &str) -> Result<u64, String> {
    match time(text)? {
        0 => Err("it would be over before the first job; write for example `1.5s`".to_owned()),
        timeout => Ok(timeout),
    }
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &MapArgs) -> Result<Exit, Error> {
    let began = Instant::now();
    let config = configure(
        globals,
        &args.slots,
        &args.cache,
        &args.plugin.limits,
        &args.job,
    )?;
    // Opened first: a name that is wrong is told before anything is compiled.
    let reader = input::open(args.path())?;
    let picked = pick_job(&config, &args.plugin, &args.worker)?;
    let session = Session::start(&config, &picked.specs, Runs::Many, globals.printer())?;
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
    .name("map")
    .observe(Box::new(move |outcome| taking.take(outcome)));
    let stream = format!("map/{}", plugin.name());
    if let Some(recording) = recording(&args.store, &stream)? {
        host = host.record(recording);
    }
    let host = host.build().map_err(|e| Error::host(&e))?;
    say_recovered(&host, &args.store, globals.printer());
    if args.path().is_none() && std::io::stdin().is_terminal() {
        globals
            .printer()
            .note("reading values from the terminal, a line each; Ctrl-D ends them");
    }
    let limits = plugin.limits().scan(Limit::Value);
    let progress = reader.progress.clone();
    let records = input::records(reader, args.format(), limits);
    Mapping {
        globals,
        args,
        config: &config,
        plugin,
        host: Arc::new(host),
        end: args.end(began),
    }
    .run(records, watch, progress)
}

impl MapArgs {
    /// The file to read; none is stdin.
    fn path(&self) -> Option<&Path> {
        self.file.as_deref().filter(|path| *path != Path::new("-"))
    }

    fn format(&self) -> Format {
        self.from
            .or_else(|| Format::of_path(self.path()?))
            .unwrap_or(Format::Ndjson)
    }

    fn buffer(&self, slots: u32) -> usize {
        let chunks = match self.chunk() {
            1 => 0,
            chunk => chunk.saturating_mul(slots as usize).saturating_mul(2),
        };
        let buffer = self.buffer.map(|buffer| buffer as usize);
        buffer.unwrap_or_else(|| default_buffer(slots).max(chunks))
    }

    /// Values in a chunk, no more than the buffer has room for.
    fn chunk(&self) -> usize {
        self.chunk.unwrap_or(1).min(self.buffer.unwrap_or(u32::MAX)) as usize
    }

    /// When the time is over; none when that is never.
    fn end(&self, began: Instant) -> Option<Instant> {
        let timeout = self.timeout.filter(|nanos| *nanos != INFINITE)?;
        began.checked_add(Duration::from_nanos(timeout))
    }
}

/// All that is needed once the worker is loaded.
struct Mapping<'a> {
    globals: &'a Globals,
    args: &'a MapArgs,
    config: &'a Config,
    plugin: Plugin,
    host: Arc<Host>,
    end: Option<Instant>,
}

impl Mapping<'_> {
    fn run(
        &self,
        records: input::Records,
        watch: Watch,
        progress: Arc<input::Progress>,
    ) -> Result<Exit, Error> {
        let printer = self.globals.printer();
        let (sender, entries) = tokio::sync::mpsc::unbounded_channel();
        let gate = Arc::new(Gate::new(sender));
        let slots = self.config.slots().value;
        let window = Arc::new(Window::new(
            self.args.buffer(slots),
            slots as usize,
            self.args.chunk(),
            self.config.bound(Bound::QueueMemory).value,
        ));
        let stopper = {
            let (gate, window) = (gate.clone(), window.clone());
            Stopper::new(self.host.clone(), self.config.grace(), printer, move || {
                gate.close();
                window.close();
            })
        };
        let order = if self.args.unordered {
            Order::Completion
        } else {
            Order::Input
        };
        let (events, hearing) = if self.args.emits {
            let (sender, events) = job_events();
            (
                Some(sender),
                Some(Hearing::new(events, gate.clone(), order)),
            )
        } else {
            (None, None)
        };
        let in_front = window.clone();
        let collector = Collector {
            entries,
            window,
            stopper: stopper.clone(),
            records: Records::new(self.args.output),
            failures: Failures::new(self.globals.verbose),
            printer,
            worker: self.plugin.name().to_owned(),
            halt: self.args.halt,
            outcomes: self.args.outcomes,
            emits: self.args.emits,
            is_interrupted: false,
            counts: Counts::default(),
            broken: None,
        };
        let (counts, watched) = block_on(async {
            listen(stopper.clone());
            let _top = Server::of_host("map", self.host.clone(), stopper.clone());
            let watching =
                watch.start(Host::clone(&self.host), Box::new(move || progress.source()))?;
            let alone = self.host.run_suspects().await;
            alone.map_err(|e| Error::store(&e))?;
            self.start_reader(records, gate, in_front, events)?;
            if let (Some(end), Some(timeout)) = (self.end, self.args.timeout) {
                stopper.clone().stop_at(end.into(), timeout);
            }
            let counts = collector.run(order, hearing).await;
            let watched = watching.end().await;
            Ok((counts?, watched))
        })?;
        let ended = Ended {
            // Lines that an earlier host has done count, too.
            tally: match &self.args.store.store {
                Some(_) => counts.tally,
                None => self.host.tally(),
            },
            refused: counts.refused,
            internal: counts.internal,
            by_user: stopper.by_user(),
            is_late: stopper.is_late(),
            ..Ended::default()
        };
        let matters =
            counts.failed > 0 || ended.by_user || ended.is_late || self.globals.verbose > 0;
        watched.say(&ended.tally, counts.refused, matters, "");
        Ok(ended.exit())
    }

    /// Starts the thread that reads. Nobody waits for its end: it may sit in a read
    /// that never comes back, and it ends with the process.
    fn start_reader(
        &self,
        records: input::Records,
        gate: Arc<Gate>,
        window: Arc<Window>,
        events: Option<EventSender>,
    ) -> Result<(), Error> {
        let feeder = Feeder::new(
            self.host.clone(),
            self.plugin.name().to_owned(),
            self.args.chunk(),
            events,
        );
        std::thread::Builder::new()
            .name("wodehost-reader".to_owned())
            .spawn(move || feeder.feed(records, &window, &gate))
            .map_err(|e| {
                Error::new(crate::error::Kind::Internal, "threads cannot be started")
                    .because(crate::error::in_words(&e))
            })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        map: MapArgs,
    }

    fn parse(args: &[&str]) -> MapArgs {
        Only::parse_from([&["map"], args].concat()).map
    }

    #[test]
    fn the_format_is_that_of_the_flag_or_the_name() {
        assert_eq!(parse(&["w.wasm"]).format(), Format::Ndjson);
        assert_eq!(parse(&["w.wasm", "-"]).path(), None);
        assert_eq!(parse(&["w.wasm", "a.json"]).format(), Format::Json);
        let args = parse(&["w.wasm", "a.json", "--from", "ndjson"]);
        assert_eq!(args.format(), Format::Ndjson);
    }

    #[test]
    fn the_buffer_grows_with_the_slots_to_a_bound() {
        assert_eq!(parse(&["w.wasm"]).buffer(4), 256);
        assert_eq!(parse(&["w.wasm"]).buffer(1000), 4096);
        assert_eq!(parse(&["w.wasm", "--buffer", "1"]).buffer(4), 1);
        assert_eq!(parse(&["w.wasm", "--chunk", "1000"]).buffer(4), 8000);
        let both = parse(&["w.wasm", "--chunk", "100", "--buffer", "30"]);
        assert_eq!((both.chunk(), both.buffer(4)), (30, 30));
    }

    // J26
    #[test]
    fn the_timeout_counts_from_the_start() {
        let began = Instant::now();
        let end = |time| parse(&["w.wasm", "--timeout", time]).end(began);
        assert_eq!(end("1.5s"), Some(began + Duration::from_millis(1500)));
        assert_eq!(end("inf"), None);
        assert_eq!(parse(&["w.wasm"]).end(began), None);
    }
}
