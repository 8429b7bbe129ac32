//! Slots from the jobserver of a make: a real one, and a pool whose tokens are counted.

use crate::tool::{Said, ended, guest, signal, wodehost};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wodehost_tests::TokenPool;

/// The tokens of a pool that has two of them. A host may then run three attempts, the
/// first on the slot that it has by itself.
const TWO: &[u8] = b"ab";

/// A folder where each job at work leaves a mark, and a file of jobs.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("marks")).unwrap();
        Bench { folder }
    }

    /// A file of jobs whose names begin with `host`.
    fn jobs(&self, host: &str, count: usize) -> String {
        let path = self.folder.path().join(format!("{host}.ndjson"));
        let names = (0..count).fold(String::new(), |mut text, number| {
            let _ = writeln!(text, "\"{host}-{number}\"");
            text
        });
        std::fs::write(&path, names).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What makes a host with four slots do the jobs of a file, each `ms` long.
    fn arguments(&self, jobs: &str, ms: u64) -> Vec<String> {
        let marks = self.folder.path().join("marks");
        let (guest, ms) = (guest("at_once"), format!("ms={ms}"));
        let grant = format!("{}::/marks", marks.display());
        [
            &["map", &guest, jobs, "--unordered", "--slots", "4"][..],
            &["--allow-write", &grant, "--set", "folder=/marks"],
            &["--set", &ms, "--keepalive", "inf"],
        ]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
    }

    /// Waits until so many jobs are at work.
    fn until_at_work(&self, count: usize) {
        let marks = self.folder.path().join("marks");
        let began = Instant::now();
        while std::fs::read_dir(&marks).unwrap().count() < count {
            assert!(began.elapsed() < Duration::from_mins(1), "they never start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The program with its surroundings, as `command` has it: under a pool.
fn under(mut command: Command, arguments: &[String]) -> Command {
    let plain = wodehost(&[]);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            // What says where the pool is stays.
            None if name.to_string_lossy().ends_with("FLAGS") => &mut command,
            None => command.env_remove(name),
        };
    }
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What it says at its end, which must come.
fn run(mut command: Command) -> Said {
    ended(command.spawn().unwrap())
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_wodehost"))
}

/// The most jobs that were at work at the same time, as they counted it themselves.
fn most_at_once(out: &str) -> usize {
    let counted = out.lines().map(|line| line.parse::<usize>().unwrap());
    counted.max().unwrap()
}

/// A host whose jobs are at work and never end, with both tokens of a pool.
fn busy(pool: &TokenPool, bench: &Bench, more: &[&str]) -> Child {
    let mut arguments = bench.arguments(&bench.jobs("a", 6), 3_600_000);
    arguments.extend(more.iter().map(|&text| text.to_owned()));
    let child = under(pool.for_path(program()), &arguments).spawn();
    bench.until_at_work(1 + TWO.len());
    child.unwrap()
}

/// Runs one job whose surroundings are odd.
fn oddly(flags: &str, more: &[&str]) -> Said {
    let mut command = wodehost(&["call", &guest("double"), "21"]);
    command.args(more).env("MAKEFLAGS", flags);
    command.output().unwrap().into()
}

// J37
#[test]
fn two_hosts_in_one_make_run_no_more_than_it_allows() {
    let bench = Bench::new();
    let mut rules = "all: a b\n\n.PHONY: all a b\n".to_owned();
    for host in ["a", "b"] {
        let arguments = bench.arguments(&bench.jobs(host, 12), 100).join("' '");
        let program = env!("CARGO_BIN_EXE_wodehost");
        let _ = writeln!(
            rules,
            "\n{host}:\n\t+'{program}' '{arguments}' -v > {host}.out"
        );
    }
    std::fs::write(bench.folder.path().join("Makefile"), rules).unwrap();
    let make = std::env::var_os("WODEHOST_MAKE").unwrap_or_else(|| "make".into());
    let mut make = Command::new(make);
    make.args(["-j3", "-C"]).arg(bench.folder.path());
    for name in ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CARGO_MAKEFLAGS"] {
        make.env_remove(name);
    }
    let said = run(under(make, &[])).exits(0);
    // Make counts its tokens at its end, and says when some are missing.
    assert!(!said.err.contains("INTERNAL"), "{said:#?}");
    assert_eq!(said.err.matches("make's jobserver").count(), 2, "{said:#?}");
    let counted = ["a", "b"].map(|host| {
        let out = std::fs::read_to_string(bench.folder.path().join(format!("{host}.out")));
        most_at_once(&out.unwrap())
    });
    assert_eq!(counted.into_iter().max(), Some(3), "{counted:?}");
}

// J37
#[test]
fn a_host_takes_its_own_slot_and_the_pools_and_gives_them_back() {
    for style in [TokenPool::for_path, TokenPool::for_heir] {
        let (pool, bench) = (TokenPool::of(TWO), Bench::new());
        let arguments = bench.arguments(&bench.jobs("a", 12), 50);
        let command = style(&pool, program());
        let said = run(under(command, &arguments)).exits(0);
        assert_eq!(most_at_once(&said.out), 1 + TWO.len());
        assert_eq!(pool.left(), TWO);
    }
}

// J37
#[test]
fn a_host_whose_pool_is_empty_has_its_own_slot() {
    let (pool, bench) = (TokenPool::of(b""), Bench::new());
    let arguments = bench.arguments(&bench.jobs("a", 6), 10);
    let said = run(under(pool.for_path(program()), &arguments)).exits(0);
    assert_eq!(most_at_once(&said.out), 1);
}

// J37
#[test]
fn tokens_go_back_when_jobs_fail() {
    let (pool, bench) = (TokenPool::of(TWO), Bench::new());
    // Every second has a name that is no file's.
    let jobs = bench.folder.path().join("jobs");
    std::fs::write(&jobs, "\"a\"\n\"/\"\n".repeat(6)).unwrap();
    let arguments = bench.arguments(jobs.to_str().unwrap(), 10);
    run(under(pool.for_path(program()), &arguments)).exits(10);
    assert_eq!(pool.left(), TWO);
}

// J37
#[test]
fn tokens_go_back_when_a_signal_ends_the_host() {
    let ends = [
        (&["TERM"][..], 12),
        (&["HUP"], 12),
        (&["INT"], 12),
        (&["INT", "INT"], 12),
        (&["INT", "INT", "INT"], 130),
        (&["QUIT"], 130),
        (&["USR1"], 130),
    ];
    for (signals, code) in ends {
        let (pool, bench) = (TokenPool::of(TWO), Bench::new());
        let child = busy(&pool, &bench, &["--grace", "100ms"]);
        for name in signals {
            signal(&child, name);
        }
        let said = ended(child);
        // Signals that come close together are one.
        let is_near = signals.len() > 1 && matches!(said.code, Some(12 | 130));
        assert!(said.code == Some(code) || is_near, "{signals:?}: {said:#?}");
        assert_eq!(pool.left(), TWO, "{signals:?}: {said:#?}");
    }
}

// J37
#[test]
fn tokens_go_back_when_nobody_reads_the_results() {
    let (pool, bench) = (TokenPool::of(TWO), Bench::new());
    let arguments = bench.arguments(&bench.jobs("a", 2000), 5);
    let mut child = under(pool.for_path(program()), &arguments).spawn().unwrap();
    child
        .stdout
        .take()
        .unwrap()
        .read_exact(&mut [0; 2])
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(pool.left(), TWO);
}

// J37
#[test]
fn a_pool_that_was_not_handed_on_is_told_once_with_what_to_do() {
    for pair in ["77,78", "-2,-2"] {
        let flags = format!(" -j3 --jobserver-auth={pair}");
        let said = oddly(&flags, &["--slots", "2"]).exits(0).prints("42\n");
        assert_eq!(
            said.err,
            "warning: the jobserver that MAKEFLAGS names was not handed on to wodehost; all 2 slots \
             are our own (begin the recipe's line with `+`; `--jobserver off` ends this warning)\n"
        );
    }
}

// J37
#[test]
fn a_pool_that_is_gone_or_unreadable_is_told() {
    let said = oddly("-j3 --jobserver-auth=fifo:/nonexistent/pool", &[]).exits(0);
    said.prints("42\n")
        .complains("names cannot be opened (No such file or directory); all");
    for auth in ["", "pool", "1,2,3", "0,1", "99999999999,4", "fifo"] {
        let said = oddly(&format!("-j --jobserver-auth={auth}"), &[]).exits(0);
        said.prints("42\n")
            .complains("warning: the jobserver that MAKEFLAGS");
    }
    let said = oddly("--jobserver-auth=pool", &["-q"]).exits(0);
    assert_eq!(said.err, "", "it was asked to be quiet");
}

// J37
#[test]
fn where_there_is_no_pool_nothing_is_said() {
    for flags in ["", "-j", "n", " -j3 -- V=1", "--jobserver-style=fifo"] {
        let said = oddly(flags, &[]).exits(0).prints("42\n");
        assert_eq!(said.err, "", "{flags:?}");
    }
    let gone = "-j3 --jobserver-auth=fifo:/nonexistent/pool";
    let said = oddly(gone, &["--jobserver", "off"]).exits(0);
    assert_eq!(said.err, "");
    oddly(gone, &["--jobserver", "on"]).exits(2);
}

// J37
#[test]
fn a_host_that_is_told_to_leaves_the_pool_alone() {
    let (pool, bench) = (TokenPool::of(b""), Bench::new());
    let mut arguments = bench.arguments(&bench.jobs("a", 12), 100);
    arguments.extend(["--jobserver".to_owned(), "off".to_owned()]);
    let said = run(under(pool.for_path(program()), &arguments)).exits(0);
    assert_eq!(most_at_once(&said.out), 4);
}

// J37
#[test]
fn the_doctor_says_where_slots_come_from() {
    let doctor = |command| run(under(command, &["doctor".to_owned()])).exits(0).out;
    let pool = TokenPool::of(TWO);
    let out = doctor(pool.for_path(program()));
    assert!(out.contains("the others come from the jobserver"), "{out}");
    let out = doctor(wodehost(&[]));
    assert!(out.contains("no jobserver is around us"), "{out}");
    let mut lost = Command::new(program());
    lost.env("MAKEFLAGS", "-j3 --jobserver-auth=77,78");
    assert!(doctor(lost).contains("begin the recipe's line with `+`"));
}
