//! Each check catches the damage that it is for.

use super::checks::{self, Verdict};
use super::driver::{Ran, Work};
use super::ledger::Ledger;
use super::{doubles, five, of_consumer, run};
use rusqlite::Connection;
use std::time::Duration;

/// A run that nobody killed.
fn ended(mut work: Work) -> (Work, Ledger) {
    let ran = work.run_for(Duration::from_mins(1));
    assert_eq!(ran, Ran::Ended(Some(0)), "{}", work.said());
    let ledger = work.ledger().unwrap();
    (work, ledger)
}

/// The store of a run after somebody else changed it.
fn damaged(work: &Work, sql: &str) -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("jobs.db");
    std::fs::copy(work.store(), &copy).unwrap();
    let conn = Connection::open(&copy).unwrap();
    assert!(conn.execute(sql, []).unwrap() > 0, "{sql} does nothing");
    drop(conn);
    Ledger::read(&copy).unwrap()
}

#[track_caller]
fn catches(verdict: Verdict, part: &str) {
    let said = verdict.expect_err("should have been noticed");
    assert!(said.contains(part), "{said}");
}

#[test]
fn what_is_lost_or_changed_in_a_store_is_noticed() {
    let (work, whole) = ended(run("double", 20, &[]));
    let expected = doubles(0, 20);
    checks::whole(&whole, &expected).unwrap();
    checks::cursors(&whole).unwrap();
    checks::later(&whole, &whole).unwrap();
    checks::attempts(&whole, 0, 0).unwrap();
    let damaged = |sql| damaged(&work, sql);

    let gone = damaged("DELETE FROM job WHERE number = 7");
    catches(checks::whole(&gone, &expected), "missing");
    catches(checks::cursors(&gone), "producer/checkpoint_count is at 20");
    catches(checks::later(&whole, &gone), "job 7 is gone");
    let open = damaged("UPDATE job SET place = 2, status = NULL WHERE number = 7");
    catches(checks::whole(&open, &expected), "job 7 has no outcome");
    catches(checks::later(&whole, &open), "outcome of job 7");
    catches(checks::all_taken(&open), "job 7");
    let twice =
        damaged("UPDATE job SET value = (SELECT value FROM job WHERE number = 3) WHERE number = 7");
    catches(checks::whole(&twice, &expected), "job 7 is there twice");
    let other = damaged("UPDATE job SET data = x'05' WHERE number = 7");
    catches(checks::whole(&other, &expected), "job 7 should have given");
    let old = damaged("UPDATE job SET fence = fence - 1 WHERE number = 7");
    catches(checks::later(&whole, &old), "the fence of job 7 fell");
    let again = damaged("UPDATE job SET attempts = 2 WHERE number = 7");
    catches(checks::attempts(&again, 0, 3), "job 7 had too many");
    let lost = damaged("UPDATE job SET attempts = 3, lost = 2 WHERE number = 7");
    catches(checks::attempts(&lost, 0, 1), "job 7 had too many");
    let given_up = "UPDATE job SET status = 2, reason = 'quarantined' WHERE number = 7";
    catches(
        checks::whole(&damaged(given_up), &expected),
        "job 7 should have given",
    );
}

#[test]
fn what_is_delivered_twice_or_never_is_noticed() {
    let consumer = super::guest("append_outcome");
    let more = [
        &["--consumer", &consumer][..],
        &["--allow-write", "append_outcome={}::/out"],
        &["--set", "append_outcome.file=/out/outcomes"],
    ];
    let (work, whole) = ended(run("double", 20, &more.concat()));
    let lines = work.lines("outcomes");
    checks::cursors(&whole).unwrap();
    checks::delivered(&whole, &of_consumer(&lines)).unwrap();

    let mut same = lines.clone();
    same.push(lines[4].clone());
    checks::delivered(&whole, &of_consumer(&same)).unwrap();
    let mut other = lines.clone();
    other.push(format!("{} ", lines[4]));
    catches(
        checks::delivered(&whole, &of_consumer(&other)),
        "something else was delivered",
    );
    let mut never = lines.clone();
    never.remove(4);
    catches(
        checks::delivered(&whole, &of_consumer(&never)),
        "and was not",
    );
    let foreign = [lines.clone(), vec!["000000-1 2".to_owned()]].concat();
    catches(
        checks::delivered(&whole, &of_consumer(&foreign)),
        "no id of",
    );

    let undelivered = damaged(&work, "UPDATE job SET place = 3 WHERE number = 7");
    catches(
        checks::cursors(&undelivered),
        "consumer/append_outcome is at 20",
    );
    catches(
        checks::later(&whole, &undelivered),
        "job 7 is to be delivered again",
    );
}

#[test]
fn a_state_that_was_set_back_is_noticed() {
    let more = [
        &["--retries", "5", "--allow-write", "count_up={}::/out"][..],
        &["--set", "count_up.file=/out/told", "--set", "count_up.to=3"],
        &["--set", "count_up.ms=0"],
    ];
    let (work, whole) = ended(run("count_up", 3, &more.concat()));
    let told = work.lines("told");
    checks::states(&whole, &told).unwrap();
    // What a job carried that is not over, as a map of one.
    let state = "UPDATE job SET place = 2, carried = x'81a5636f756e7402' WHERE number = 2";
    catches(
        checks::states(&damaged(&work, state), &told),
        "the state of job 2 is 2",
    );
    let none = "UPDATE job SET place = 2, carried = NULL WHERE number = 2";
    catches(
        checks::states(&damaged(&work, none), &told),
        "the state of job 2 is 0",
    );
}

#[test]
fn children_that_are_lost_or_started_again_are_noticed() {
    let (work, whole) = ended(five(3));
    let lines = work.lines("children");
    checks::children(&whole, &lines).unwrap();
    let one =
        "DELETE FROM job WHERE number = (SELECT max(number) FROM job WHERE parent IS NOT NULL)";
    catches(
        checks::children(&damaged(&work, one), &lines),
        "has the children",
    );
    let mut more = lines.clone();
    let (parent, _) = lines[0].split_once(' ').unwrap();
    more.push(format!("{parent} {}-99", whole.host));
    catches(checks::children(&whole, &more), "has the children");

    let notes = work.lines("notes");
    checks::not_again(&Ledger::default(), &notes).unwrap();
    catches(checks::not_again(&whole, &notes), "and started again");
}
