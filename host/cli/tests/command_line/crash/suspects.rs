//! Which jobs a host that died makes suspects, and which ends of a host make none.

use super::driver::{Ran, Work};
use super::sums;
use crate::tool::{guest, signal};
use rusqlite::Connection;
use std::fmt::Write;
use std::process::Child;
use std::time::{Duration, Instant};

/// So long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// Jobs `[n, ms]` for `note`, as many as there are times.
fn notes(times: &[u64]) -> Work {
    let mut input = String::new();
    for (n, ms) in times.iter().enumerate() {
        writeln!(input, "[{n},{ms}]").unwrap();
    }
    let worker = guest("note");
    let arguments = [
        &["map", &worker, "--slots", "2", "--keepalive", "inf"][..],
        &["--allow-write", "{}::/out", "--set", "note.file=/out/notes"],
    ];
    Work::new(&arguments.concat()).with_input(&input)
}

#[track_caller]
fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_there() {
        assert!(began.elapsed() < PATIENCE, "waited for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The word and the job of each line from `from` on.
fn lines(work: &Work, from: usize) -> Vec<(String, usize)> {
    let lines = work.lines("notes").into_iter().skip(from);
    let parsed = lines.map(|line| {
        let mut parts = line.split(' ');
        let first = parts.next().unwrap().to_owned();
        (first, parts.next_back().unwrap().parse().unwrap())
    });
    parsed.collect()
}

fn started(n: usize) -> (String, usize) {
    ("start".to_owned(), n)
}

/// The job that runs until its host is killed.
const KILLER: usize = 3;

/// A killed host, while the killer ran beside many others.
fn killed() -> Work {
    let mut times = [40; 30];
    times[KILLER] = 600_000;
    let mut work = notes(&times);
    let child = work.start();
    wait_for("the killer", || lines(&work, 0).contains(&started(KILLER)));
    assert_eq!(work.kill(child), Ran::Killed);
    work
}

#[test]
fn a_job_that_kills_its_host_again_while_it_is_alone_is_quarantined() {
    let mut work = killed();
    let before = work.lines("notes").len();
    let child = work.start();
    wait_for("the killer alone", || {
        lines(&work, before).contains(&started(KILLER))
    });
    // Time enough for others to start, if they could.
    std::thread::sleep(Duration::from_millis(300));
    let alone = lines(&work, before);
    assert!(alone.len() <= 3, "{alone:?}");
    assert_eq!(alone.last(), Some(&started(KILLER)), "{alone:?}");
    if let [(_, first), second, _] = &alone[..] {
        // The one that ran beside it came first, and to its end.
        assert_eq!(second, &("end".to_owned(), *first));
    }
    let said = work.said();
    assert!(
        said.contains("that ran when the host died and run alone first"),
        "{said}"
    );
    assert_eq!(work.kill(child), Ran::Killed);

    assert_eq!(
        work.run_for(PATIENCE),
        Ran::Ended(Some(10)),
        "{}",
        work.said()
    );
    let said = work.said();
    assert!(
        said.contains("1 quarantined: the host died while nothing else ran"),
        "{said}"
    );
    let starts = lines(&work, 0).into_iter();
    assert_eq!(starts.filter(|line| *line == started(KILLER)).count(), 2);
    let ledger = work.ledger().unwrap();
    assert_eq!(ledger.jobs.len(), 30);
    for job in ledger.jobs.values() {
        if job.value.ends_with(",600000]") {
            assert_eq!(job.reason.as_deref(), Some("quarantined"), "{job:?}");
            assert_eq!((job.attempts, job.lost), (2, 2), "{job:?}");
        } else {
            assert!(job.is_success(), "{job:?}");
        }
    }
}

/// The jobs that were lost with a host.
fn lost(work: &Work) -> u32 {
    work.ledger()
        .unwrap()
        .jobs
        .values()
        .map(|job| job.lost)
        .sum()
}

/// Interrupts it so often, as soon as a job runs, and waits for its end.
fn interrupt(work: &mut Work, times: u32) -> Option<i32> {
    let mut child: Child = work.start();
    wait_for("a job", || !work.lines("notes").is_empty());
    for said in ["stopping", "cancelling", ""]
        .into_iter()
        .take(times as usize)
    {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        signal(&child, "INT");
        wait_for(said, || {
            work.said().contains(said) || child.try_wait().unwrap().is_some()
        });
    }
    let mut code = None;
    wait_for("the end", || {
        code = child.try_wait().unwrap();
        code.is_some()
    });
    code.unwrap().code()
}

// W17
#[test]
fn a_host_that_is_stopped_leaves_no_suspects() {
    for times in 1..=3 {
        let mut work = notes(&[100; 12]);
        let code = interrupt(&mut work, times);
        assert!(matches!(code, Some(12 | 130)), "{code:?}: {}", work.said());
        let marks = std::fs::read(work.store().with_extension("db-running")).unwrap();
        assert_eq!(marks, [0; 0], "after {times} interrupts");
        assert_eq!(
            work.run_for(PATIENCE),
            Ran::Ended(Some(0)),
            "{}",
            work.said()
        );
        assert!(!work.said().contains("host died"), "{}", work.said());
        assert_eq!(lost(&work), 0);
    }
}

#[test]
fn no_job_is_to_blame_for_a_machine_that_was_started_anew() {
    for is_reboot in [true, false] {
        let mut work = notes(&[200; 6]);
        let child = work.start();
        wait_for("a job", || !work.lines("notes").is_empty());
        assert_eq!(work.kill(child), Ran::Killed);
        if is_reboot {
            let conn = Connection::open(work.store()).unwrap();
            sums::change_session(&conn, |session| session.boot = "another".to_owned());
        }
        assert_eq!(
            work.run_for(PATIENCE),
            Ran::Ended(Some(0)),
            "{}",
            work.said()
        );
        assert_eq!(
            work.said().contains("host died"),
            !is_reboot,
            "{}",
            work.said()
        );
        assert_eq!(lost(&work) == 0, is_reboot);
    }
}
