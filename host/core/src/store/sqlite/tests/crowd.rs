//! Others that have the file open.

use super::*;
use crate::store::{Fault, Filter, Page};

#[test]
fn a_second_host_is_told_who_has_it() {
    let place = Place::new();
    let first = place.open();
    let error = refused(&place.file());
    assert_eq!(error.fault, Fault::InUse);
    let pid = std::process::id();
    assert!(
        error
            .to_string()
            .ends_with(&format!(": process {pid} uses it")),
        "{error}"
    );
    drop(first);
    let lock = &place.files()["jobs-lock"];
    assert!(lock.starts_with(pid.to_string().as_bytes()));
    place.open();
}

#[test]
fn an_id_stays() {
    let place = Place::new();
    let id = place.open().id();
    assert_eq!(place.open().id(), id);
    assert_ne!(Place::new().open().id(), id);
}

// Also one that was opened when nobody had the store, and one of a host that went.
#[test]
fn a_reader_sees_what_was_committed_before_each_call() {
    let place = Place::new();
    run_jobs(&mut place.open(), 1, 3);
    let mut reader = SqliteStore::read_only(place.file()).unwrap();
    assert_eq!(reader.next_number().unwrap(), 4);
    let mut store = place.open();
    assert_eq!(find(&mut *reader, 3).job.number, 3);
    for number in 4..50 {
        commit(&mut store, &[submit(job(number, None))]);
        assert_eq!(find(&mut *reader, number).job.number, number);
        let mut second = SqliteStore::read_only(place.file()).unwrap();
        assert_eq!(find(&mut *second, number).job.number, number);
    }
    drop(store);
    assert_eq!(reader.next_number().unwrap(), 50);
    run_jobs(&mut place.open(), 50, 60);
    assert_eq!(reader.next_number().unwrap(), 61);
}

#[test]
fn a_reader_beside_a_writer_never_sees_half_of_a_batch() {
    let place = Place::new();
    let mut store = place.open();
    let path = place.file();
    let writer = std::thread::spawn(move || {
        for round in 0..100 {
            let jobs = (1..=10).map(|n| submit(job(10 * round + n, None)));
            commit(&mut store, &jobs.collect::<Vec<_>>());
        }
        store
    });
    let mut reader = SqliteStore::read_only(path).unwrap();
    let page = Page {
        below: u64::MAX,
        most: usize::MAX,
    };
    let mut seen = 0;
    while !writer.is_finished() {
        let listed = reader.list(&Filter::default(), page).unwrap();
        assert_eq!(listed.len() % 10, 0);
        assert!(listed.len() >= seen);
        seen = listed.len();
        let next = reader.next_number().unwrap();
        assert!(next > seen as u64 && next % 10 == 1);
    }
    drop(writer.join().unwrap());
    assert_eq!(reader.summary(None).unwrap().queued, 1000);
}

#[test]
fn looking_at_a_store_makes_and_changes_nothing() {
    let place = Place::new();
    run_jobs(&mut place.open(), 1, 3);
    let before = place.files();
    let mut reader = SqliteStore::read_only(place.file()).unwrap();
    assert_eq!(find(&mut *reader, 2).attempts, 1);
    assert_eq!(place.files(), before);
    drop(reader);
    assert_eq!(place.files(), before);
    // Where a host died.
    let copy = dead(&mut place.open(), &place);
    let before = copy.files();
    let mut reader = SqliteStore::read_only(copy.file()).unwrap();
    assert_eq!(find(&mut *reader, 7).job.number, 7);
    drop(reader);
    assert_eq!(copy.files(), before);
    // Where there is nothing.
    let nowhere = Place::new();
    let error = SqliteStore::read_only(nowhere.file()).err().unwrap();
    assert_eq!(error.fault, Fault::Open);
    assert_eq!(nowhere.files(), BTreeMap::new());
}

/// What a host leaves that dies in this moment, with a job 7 in the log.
fn dead(store: &mut SqliteStore, place: &Place) -> Place {
    commit(store, &[submit(job(7, None))]);
    let copy = Place::new();
    for ending in ["", "-wal"] {
        let from = super::super::place::beside(&place.file(), ending);
        std::fs::copy(from, super::super::place::beside(&copy.file(), ending)).unwrap();
    }
    assert!(!copy.files()["jobs-wal"].is_empty());
    copy
}

#[test]
fn what_was_answered_is_there_after_a_host_died() {
    let place = Place::new();
    let mut store = place.open();
    run_jobs(&mut store, 1, 3);
    let copy = dead(&mut store, &place);
    let mut again = copy.open();
    let mut reader = again.reader().unwrap();
    assert_eq!(
        find(&mut *reader, 7),
        find(&mut *store.reader().unwrap(), 7)
    );
    run_jobs(&mut again, 8, 9);
}

#[test]
fn a_copy_is_made_while_a_host_writes() {
    let place = Place::new();
    let mut store = place.open();
    run_jobs(&mut store, 1, 100);
    let to = place.folder.path().join("copy");
    SqliteStore::backup(&place.file(), &to).unwrap();
    run_jobs(&mut store, 101, 110);
    let error = SqliteStore::backup(&place.file(), &to).unwrap_err();
    assert!(
        error.to_string().ends_with("copy is there already"),
        "{error}"
    );
    let mut copy = SqliteStore::open(&to).unwrap();
    assert_eq!(copy.id(), store.id());
    let mut reader = copy.reader().unwrap();
    assert_eq!(reader.next_number().unwrap(), 101);
    for number in 1..=100 {
        let original = find(&mut *store.reader().unwrap(), number);
        assert_eq!(find(&mut *reader, number), original);
    }
    run_jobs(&mut copy, 101, 102);
}
