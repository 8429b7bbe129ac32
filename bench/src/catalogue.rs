//! Everything that is measured, with its names and what it is to reach.

use crate::bare::{self, Part as Loop};
use crate::guests::Guests;
use crate::part::{Part, Turn};
use crate::point::Point;
use crate::series::{Series, Unit, seconds};
use crate::table::{Against, Reach};
use crate::{
    cancel, computing, counts, end_to_end, flood, languages, nested, peers, pipeline, recorded,
    restarts, start_up,
};
use crate::{spinning, watched};
use std::error::Error;
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wodehost::Runtime;

const PLAIN_ATTEMPTS: &str = "attempts of one each";
const RESTARTS: &str = "attempts that are restarts";
const PIPELINE: &str = "filter, sort key, sort, post";
const PIPELINE_PEER: &str = "3 × native, and the guests alone";
const TOP_LEVEL: &str = "jobs that nobody submits from a job";
const CHILDREN: &str = "jobs submitted and waited for in a job";
const UNWATCHED: &str = "a run on a terminal, `--board off`";
const WATCHED: &str = "a run on a terminal, `--board tty`";
const BESIDE_SPIN: &str = "jobs beside one that computes";
const BESIDE_FLOOD: &str = "jobs beside one that logs without end";
const WAITING: &str = "memory of a job that waits for another one, of 5,000";
const CANCEL: &str = "from a cancel to a free slot";
const MILLION: &str = "a store of a million finished jobs";
const SPINNING: &str = "beside four spinning guests a processor";

/// What a job that waits for another one may hold (the design's figure).
const WAITING_BYTES_MAX: f64 = 150.0 * 1024.0;

/// Restarts of a job in the row that measures them.
const RESTARTS_EACH: u32 = 9;

/// What all parts are measured with.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) runtime: &'a Runtime,
    /// An engine whose pool is as the library sets it up.
    pub(crate) default_pool: &'a Engine,
    pub(crate) guests: &'a Guests,
    /// Threads that the machine runs at once.
    pub(crate) threads: usize,
    /// Slots of a host that is told nothing.
    pub(crate) slots: u32,
}

impl<'a> Bench<'a> {
    /// All of them, in the order of the report.
    pub(crate) fn parts(self) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        for (threads, slots) in [(1, 1), (self.threads, self.slots)] {
            parts.extend(self.loops(threads, slots));
        }
        parts.push(self.recorded());
        parts.extend(self.tasks());
        parts.extend(self.nested());
        parts.extend(self.watched());
        parts.extend(self.computing());
        parts.push(Self::backlog());
        parts.extend(self.counts());
        parts.push(self.waiting());
        parts.extend(self.cancels());
        parts.push(self.spinning());
        parts.push(self.million());
        parts.extend(self.languages());
        parts
    }

    /// The bare loop, and the host on top of it.
    fn loops(self, threads: usize, slots: u32) -> Vec<Part<'a>> {
        let bare = |name: String, engine: &'a Engine, part| {
            let measure = move |jobs| Ok(bare::run(engine, self.guests, part, threads, jobs)?);
            Part::rate(name, measure)
        };
        let mut parts = Vec::new();
        for (part, name) in [(Loop::Attempt, "attempt alone"), (Loop::Whole, "bare loop")] {
            let name = |pool| format!("{name}{pool}, {}", counted(threads, "thread"));
            let default = name(", default pool");
            parts.push(bare(default.clone(), self.default_pool, part));
            let tuned = bare(name(""), self.runtime.engine(), part);
            parts.push(tuned.against(default, Reach::AtLeast(3.0)));
        }
        let whole = move |jobs| end_to_end::run(self.runtime, self.guests, slots, jobs);
        let bare = format!("bare loop, {}", counted(threads, "thread"));
        parts.push(Part::rate(end_to_end(slots), whole).against(bare, Reach::AtLeast(0.7)));
        parts
    }

    fn recorded(self) -> Part<'a> {
        let measure = move |jobs| recorded::run(self.runtime, self.guests, self.slots, jobs);
        let name = format!("recorded {}", end_to_end(self.slots));
        Part::rate(name, measure).against(end_to_end(self.slots), Reach::AtLeast(0.4))
    }

    /// Pipelines and restarts.
    fn tasks(self) -> Vec<Part<'a>> {
        let Bench {
            runtime, guests, ..
        } = self;
        let restarts = |name, restarts| {
            let measure = move |attempts| restarts::run(runtime, guests, restarts, attempts);
            Part::rate_of("attempts", name, measure)
        };
        let peer = move |elements| pipeline::peer(runtime.engine(), guests, elements);
        let ours = move |elements| pipeline::run(runtime, guests, elements);
        vec![
            Part::rate_of("elements", PIPELINE_PEER, peer),
            Part::rate_of("elements", PIPELINE, ours).against(PIPELINE_PEER, Reach::AtLeast(1.0)),
            restarts(PLAIN_ATTEMPTS, 0),
            restarts(RESTARTS, RESTARTS_EACH).against(PLAIN_ATTEMPTS, Reach::AtLeast(0.33)),
        ]
    }

    fn nested(self) -> Vec<Part<'a>> {
        let Bench {
            runtime, guests, ..
        } = self;
        let chain = |depth: u64| format!("chains of nested jobs, depth {depth}");
        let chains = |depth| {
            Part::rate(chain(depth), move |jobs| {
                nested::chains(runtime, guests, depth, jobs)
            })
        };
        vec![
            Part::rate(TOP_LEVEL, move |jobs| {
                nested::top_level(runtime, guests, jobs)
            }),
            Part::rate(CHILDREN, move |jobs| {
                nested::children(runtime, guests, jobs)
            })
            .against(TOP_LEVEL, Reach::AtLeast(0.5)),
            chains(1),
            chains(64).against(chain(1), Reach::AtLeast(0.8)),
        ]
    }

    /// A board, and a neighbour that logs.
    fn watched(self) -> Vec<Part<'a>> {
        let Bench {
            runtime, guests, ..
        } = self;
        let watched = |name, board| Part::rate(name, move |jobs| watched::run(guests, board, jobs));
        let beside =
            |name, floods| Part::rate(name, move |jobs| flood::run(runtime, guests, floods, jobs));
        vec![
            watched(UNWATCHED, "off"),
            watched(WATCHED, "tty").against(UNWATCHED, Reach::AtLeast(0.9)),
            beside(BESIDE_SPIN, false),
            beside(BESIDE_FLOOD, true).against(BESIDE_SPIN, Reach::AtLeast(0.9)),
        ]
    }

    fn waiting(self) -> Part<'a> {
        let measure = move |_| Ok(vec![vec![nested::waiting_bytes(self.guests)? as f64]]);
        Part::of([Series::new(WAITING, Unit::Bytes)], Turn::Once, measure)
            .within(WAITING, WAITING_BYTES_MAX)
    }

    /// What metering costs a guest that computes.
    fn computing(self) -> Vec<Part<'a>> {
        let Bench { guests, .. } = self;
        let name = |how: &str| format!("a guest that computes, {how}");
        // A round of it is a third of a millisecond.
        let rounds = |jobs: u64| (jobs / 40).max(1);
        let metered = |how: &str, fuel, reach| {
            let measure = move |jobs| {
                let took = computing::metered(guests, fuel, rounds(jobs))?;
                Ok(vec![vec![rounds(jobs) as f64 / took.as_secs_f64()]])
            };
            let series = Series::new(name(how), Unit::PerSecond("rounds"));
            let part = Part::of([series], Turn::EachRound, measure);
            part.against(name("nothing metered"), Reach::AtLeast(reach))
        };
        let unmetered = move |jobs| {
            let took = computing::unmetered(guests, rounds(jobs))?;
            Ok(vec![vec![rounds(jobs) as f64 / took.as_secs_f64()]])
        };
        let series = Series::new(name("nothing metered"), Unit::PerSecond("rounds"));
        vec![
            Part::of([series], Turn::EachRound, unmetered),
            metered("with fuel", true, 0.65),
            metered("with epochs (`--fuel off`)", false, 0.85),
        ]
    }

    /// Many jobs that wait, and few.
    fn backlog() -> Part<'a> {
        let rate = |waiting: &str| format!("jobs while {waiting} others wait");
        let (few, many) = (rate("10,000"), rate("1,000,000"));
        let each = "memory of a queued job, of 1,000,000";
        let measure = move |jobs| {
            let mut samples = vec![Vec::new(); 3];
            for _ in 0..3 {
                let more = Point::Backlog { waiting: 1_000_000 }.in_process(jobs)?;
                let less = Point::Backlog { waiting: 10_000 }.in_process(jobs)?;
                samples[0].push(more.rate());
                samples[1].push(less.rate());
                samples[2].push(more.each.unwrap_or_default() as f64);
            }
            Ok(samples)
        };
        let series = [
            Series::new(&many, Unit::PerSecond("jobs")),
            Series::new(&few, Unit::PerSecond("jobs")),
            Series::new(each, Unit::Bytes),
        ];
        // An allocation of a few bytes, as a value's is here, takes 32.
        let limit = Against::Figure("the design's limit, and 32 bytes for the value", 332.0);
        Part::of(series, Turn::OnceInFull, measure)
            .against(few, Reach::AtLeast(0.9))
            .compared(each, limit, Reach::AtMost(1.0))
    }

    /// What is counted instead of timed.
    fn counts(self) -> Vec<Part<'a>> {
        let count = |name: &str, count: fn() -> Result<f64, Box<dyn Error>>| {
            let series = Series::new(name, Unit::Count(""));
            Part::of([series], Turn::Once, move |_| Ok(vec![vec![count()?]]))
        };
        let copies = "copies of a value of 1 MiB, from producer to consumer";
        let instructions = "instructions of a job, end to end, without pools";
        let whole = end_to_end(self.slots);
        let kernel = ["times that a thread waits", "page faults"]
            .map(|what| Series::new(format!("{what} for a job, {whole}"), Unit::Count("")));
        let count_kernel = move |_| {
            let found = counts::of_the_kernel(self.slots)?;
            Ok(found.map(|count| vec![count]).to_vec())
        };
        vec![
            count("allocations of a job, end to end", counts::allocations),
            count(copies, counts::copies).within(copies, 5.0),
            Part::of(kernel, Turn::Once, count_kernel),
            if counts::has_valgrind() {
                count(instructions, counts::instructions)
            } else {
                let reason = "valgrind is not installed".to_owned();
                Part::missing(instructions, Unit::Count(""), reason)
            },
        ]
    }

    fn cancels(self) -> Vec<Part<'a>> {
        let cancel = |kind| {
            let name = format!("{CANCEL}, {kind}");
            let measure = move |_| {
                Ok(vec![seconds(&cancel::run(
                    self.runtime,
                    self.guests,
                    kind,
                )?)])
            };
            let limit = Against::Figure("twice a tick", cancel::REACH.as_secs_f64());
            Part::of([Series::new(&name, Unit::Time)], Turn::Once, measure).compared(
                &name,
                limit,
                Reach::AtMost(1.0),
            )
        };
        let limit = |_| Ok(vec![seconds(&cancel::limit(self.runtime, self.guests)?)]);
        let name = "from a limit that is hit to a free slot";
        let reach = Against::Figure("twice a tick", cancel::REACH.as_secs_f64());
        let limit = Part::of([Series::new(name, Unit::Time)], Turn::Once, limit).compared(
            name,
            reach,
            Reach::AtMost(1.0),
        );
        cancel::KINDS
            .into_iter()
            .map(cancel)
            .chain([limit])
            .collect()
    }

    fn spinning(self) -> Part<'a> {
        let measure = move |_| {
            let found = spinning::run(self.runtime, self.guests, self.threads)?;
            Ok(found.iter().map(|times| seconds(times)).collect())
        };
        let names = spinning::WHAT.map(|what| format!("{SPINNING}: {what}"));
        let series = names.iter().map(|name| Series::new(name, Unit::Time));
        let mut part = Part::of(series, Turn::Once, measure);
        for name in &names {
            let limit = Against::Figure("the design's limit", spinning::REACH.as_secs_f64());
            part = part.compared(name, limit, Reach::MostAtMost(1.0));
        }
        part
    }

    fn million(self) -> Part<'a> {
        let measure = move |_| {
            let found = recorded::large(self.runtime, self.guests, self.slots)?;
            Ok(found.map(|sample| vec![sample]).to_vec())
        };
        let names = recorded::WHAT.map(|(what, ..)| format!("{MILLION}: {what}"));
        let of = |(name, (_, unit, _)): (&String, (_, _, _))| Series::new(name, unit);
        let series: Vec<Series> = names.iter().zip(recorded::WHAT).map(of).collect();
        let mut part = Part::of(series, Turn::OnceInFull, measure);
        for (name, (_, _, limit)) in names.iter().zip(recorded::WHAT) {
            part = part.within(name, limit);
        }
        part
    }

    /// A part for each language.
    fn languages(self) -> Vec<Part<'a>> {
        let of = |(language, figure): (&'static str, std::time::Duration)| {
            let name = |what: &str| format!("a plugin in {language}: {what}");
            let names = [
                "loaded from a warm cache",
                "a job",
                "an instance that sleeps",
            ]
            .map(name);
            let Some(path) = languages::component(self.guests, language) else {
                let reason = "not built (`cargo xtask languages` does)".to_owned();
                return Part::missing(&names[1], Unit::Time, reason);
            };
            let units = [Unit::Time, Unit::Time, Unit::Bytes];
            let series = names
                .iter()
                .zip(units)
                .map(|(name, unit)| Series::new(name, unit));
            let measure = move |_| {
                let found = languages::run(&path)?;
                Ok(vec![
                    seconds(&found.loads),
                    seconds(&found.jobs),
                    vec![found.instance as f64],
                ])
            };
            let load = languages::LOAD_REACH.as_secs_f64();
            let job = figure.as_secs_f64();
            Part::of(series, Turn::Once, measure)
                .within(&names[0], load)
                .compared(
                    &names[1],
                    Against::Figure("store, instance, call, drop alone, default pool, when the tools were chosen", job),
                    Reach::AtMost(languages::JOB_REACH),
                )
        };
        languages::LANGUAGES.into_iter().map(of).collect()
    }

    /// Other ways to run the same jobs, and how long it takes to start one.
    pub(crate) fn peers(self, folder: &Path) -> Vec<Part<'a>> {
        let rate = Unit::PerSecond("jobs");
        let ours = end_to_end(self.slots);
        let mut parts: Vec<Part<'a>> = peers::all(folder)
            .into_iter()
            .map(|peer| {
                let isolated = if peer.isolated { "" } else { ", not isolated" };
                let name = format!("{}, {} at once{isolated}", peer.name, peer.width);
                let part = match peer.kind {
                    peers::Kind::Missing(reason) => Part::missing(&name, rate, reason),
                    peers::Kind::Ready(measure) => {
                        let measure = move |_| Ok(vec![vec![measure()?]]);
                        Part::of([Series::new(&name, rate)], Turn::EachRound, measure)
                    }
                };
                part.compared(&ours, Against::Series(name), Reach::AtLeast(peer.reach))
            })
            .collect();
        parts.extend(self.start_up(folder));
        parts
    }

    /// A call as a process, and a command of `wasmtime run`, in turns.
    fn start_up(self, folder: &Path) -> Vec<Part<'a>> {
        let python = languages::component(self.guests, "python");
        let guests = [
            (Guest::Rust, Some(self.guests.worker()), "21"),
            (Guest::Python, python, r#"{"do": "echo", "with": 42}"#),
        ];
        let commands = start_up::commands(folder);
        let of = |(guest, plugin, job): (Guest, Option<PathBuf>, &'static str)| {
            let what = guest.name();
            let names = [
                format!("`wodehost call` of {what}, warm cache"),
                format!("`wasmtime run` of {what}'s like, compiled ahead"),
            ];
            let missing = |reason: &str| Part::missing(&names[0], Unit::Time, reason.to_owned());
            let commands = match &commands {
                Ok(commands) => commands.clone(),
                Err(reason) => return missing(reason),
            };
            let command = match guest {
                Guest::Rust => Some(commands.rust.clone()),
                Guest::Python => commands.python.clone(),
            };
            let (Some(plugin), Some(command)) = (plugin, command) else {
                return missing("the plugin or the command is not built");
            };
            let series = names.each_ref().map(|name| Series::new(name, Unit::Time));
            let measure = move |_| {
                let [ours, theirs] = start_up::run(&commands, &command, &plugin, job)?;
                Ok(vec![seconds(&ours), seconds(&theirs)])
            };
            Part::of(series, Turn::Once, measure).against(&names[1], Reach::AtMost(1.0))
        };
        guests.into_iter().map(of).collect()
    }
}

/// What is started.
#[derive(Clone, Copy)]
enum Guest {
    Rust,
    Python,
}

impl Guest {
    fn name(self) -> &'static str {
        match self {
            Guest::Rust => "a small Rust plugin",
            Guest::Python => "a Python plugin",
        }
    }
}

/// The name of the row for so many slots.
fn end_to_end(slots: u32) -> String {
    format!("end to end, {}", counted(slots as usize, "slot"))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
