//! Starts a command with a store, kills it at random moments and starts it again, until what
//! it has to do is done.

use super::checks::{self, Verdict};
use super::ledger::Ledger;
use crate::tool::wodehost;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// So long a run may take that nobody kills.
const PATIENCE: Duration = Duration::from_mins(2);

/// Random numbers from a seed, which is enough to get the same kills again as far as the machine
/// lets them be the same (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// From `CRASH_SEED`, or the clock.
    pub(super) fn new() -> Dice {
        let seed = std::env::var("CRASH_SEED").ok();
        let seed = seed.map_or_else(now, |seed| seed.parse().expect("CRASH_SEED is a number"));
        Dice(seed)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_nanos() as u64
}

/// A command that is started again and again, in a folder of its own.
pub(super) struct Work {
    folder: TempDir,
    arguments: Vec<String>,
    input: Option<PathBuf>,
    runs: u32,
    pub(super) kills: u32,
}

/// What became of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ran {
    Killed,
    Ended(Option<i32>),
}

impl Work {
    /// `{}` in an argument is the folder that plugins may write to.
    pub(super) fn new(arguments: &[&str]) -> Work {
        let folder = tempfile::tempdir().unwrap();
        let shared = folder.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        let shared = shared.to_str().unwrap();
        let arguments = arguments.iter().map(|part| part.replace("{}", shared));
        let mut arguments: Vec<String> = arguments.collect();
        let store = folder.path().join("jobs.db");
        // In front of the values of a call.
        let flags = ["--store".to_owned(), store.to_str().unwrap().to_owned()];
        arguments.splice(1..1, flags);
        Work {
            folder,
            arguments,
            input: None,
            runs: 0,
            kills: 0,
        }
    }

    /// Each run gets this on its stdin.
    pub(super) fn with_input(mut self, text: &str) -> Work {
        let path = self.folder.path().join("input");
        std::fs::write(&path, text).unwrap();
        self.input = Some(path);
        self
    }

    pub(super) fn store(&self) -> PathBuf {
        self.folder.path().join("jobs.db")
    }

    pub(super) fn ledger(&self) -> Option<Ledger> {
        Ledger::read(&self.store())
    }

    fn stream(&self, name: &str, run: u32) -> PathBuf {
        self.folder.path().join(format!("{name}-{run}"))
    }

    pub(super) fn start(&mut self) -> Child {
        self.runs += 1;
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let mut command = wodehost(&arguments);
        if let Some(input) = &self.input {
            command.stdin(File::open(input).unwrap());
        }
        let to = |name| Stdio::from(File::create(self.stream(name, self.runs)).unwrap());
        command.stdout(to("out")).stderr(to("err"));
        command.spawn().unwrap()
    }

    /// Starts it and kills it after this time, unless it has ended by then.
    pub(super) fn run_for(&mut self, time: Duration) -> Ran {
        let mut child = self.start();
        let began = Instant::now();
        while began.elapsed() < time {
            if let Some(status) = child.try_wait().unwrap() {
                return Ran::Ended(status.code());
            }
            let left = time.saturating_sub(began.elapsed());
            std::thread::sleep(left.min(Duration::from_millis(1)));
        }
        self.kill(child)
    }

    /// Kills a run with SIGKILL.
    pub(super) fn kill(&mut self, mut child: Child) -> Ran {
        if let Some(status) = child.try_wait().unwrap() {
            return Ran::Ended(status.code());
        }
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.code().is_some() {
            return Ran::Ended(status.code());
        }
        self.kills += 1;
        Ran::Killed
    }

    /// What each run wrote to stdout, in whole lines; the last run is the last.
    pub(super) fn outputs(&self) -> Vec<Vec<String>> {
        let runs = 1..=self.runs;
        runs.map(|run| whole_lines(&self.stream("out", run)))
            .collect()
    }

    /// What the last run wrote to stderr.
    pub(super) fn said(&self) -> String {
        std::fs::read_to_string(self.stream("err", self.runs)).unwrap()
    }

    /// What plugins wrote to a file, in whole lines.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        whole_lines(&self.folder.path().join("shared").join(name))
    }
}

/// A process that is killed may leave a part of a line.
fn whole_lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.split_inclusive('\n');
    let whole = lines.filter_map(|line| line.strip_suffix('\n'));
    whole.map(str::to_owned).collect()
}

/// Work, and what must hold of it.
pub(super) struct Scenario {
    pub(super) begin: fn() -> Work,
    /// It is killed after so many milliseconds at the latest.
    pub(super) longest_ms: u64,
    pub(super) retries: u32,
    /// Whether its work is done as soon as it has written it.
    pub(super) is_done_when_written: bool,
    /// The values of the jobs and what each gives, as JSON.
    pub(super) expected: fn() -> BTreeMap<String, String>,
    /// What must hold whenever it was killed: of what was before and what is now.
    pub(super) always: fn(&Work, &Ledger) -> Verdict,
    /// What must hold when all is done.
    pub(super) at_end: fn(&Work, &Ledger) -> Verdict,
}

impl Scenario {
    /// Kills it so many times, begins anew whenever all is done, and checks.
    pub(super) fn survives(&self, cycles: u32) {
        let mut dice = Dice::new();
        let seed = dice.0;
        let mut left = cycles;
        while left > 0 {
            let mut work = (self.begin)();
            if let Err(why) = self.run(&mut work, &mut left, &mut dice) {
                let (said, kills) = (work.said(), work.kills);
                let kept = work.folder.keep();
                panic!(
                    "CRASH_SEED={seed}, kill {kills}, {}: {why}\n{said}",
                    kept.display()
                );
            }
        }
    }

    fn run(&self, work: &mut Work, left: &mut u32, dice: &mut Dice) -> Verdict {
        let mut before = Ledger::default();
        loop {
            let noted = work.lines("notes").len();
            let time = if *left == 0 {
                PATIENCE
            } else {
                Duration::from_micros(dice.below(self.longest_ms * 1000))
            };
            let ran = work.run_for(time);
            if ran == Ran::Killed && *left == 0 {
                return Err("it should have ended long ago".to_owned());
            }
            let now = work.ledger().unwrap_or_default();
            checks::later(&before, &now)?;
            checks::attempts(&now, self.retries, work.kills)?;
            checks::not_again(&before, &work.lines("notes")[noted..])?;
            (self.always)(work, &now)?;
            before = now;
            let has_failed = work.said().contains("error:");
            let is_written = has_failed || !work.outputs().concat().is_empty();
            match ran {
                Ran::Killed if self.is_done_when_written && is_written => break,
                Ran::Killed => *left -= 1,
                Ran::Ended(Some(0 | 10)) => break,
                Ran::Ended(code) => return Err(format!("it ended with {code:?}")),
            }
        }
        checks::whole(&before, &(self.expected)())?;
        (self.at_end)(work, &before)
    }
}
