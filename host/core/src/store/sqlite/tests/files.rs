//! Files that are no stores, and stores that cannot be had.

use super::super::schema::{APPLICATION_ID, VERSIONS};
use super::*;
use crate::store::Fault;
use crate::store::sqlite::{open, place::beside};
use rusqlite::Connection;
use std::os::unix::net::UnixListener;

/// Opening is refused for this, and nothing is different afterwards.
fn untouched(place: &Place, fault: Fault) -> String {
    let before = place.files();
    let error = refused(&place.file());
    assert_eq!(error.fault, fault, "{error}");
    assert_eq!(place.files(), before, "{error}");
    if let Err(error) = SqliteStore::read_only(place.file()) {
        assert!(matches!(
            error.fault,
            Fault::Foreign | Fault::Newer | Fault::Corrupt | Fault::Open
        ));
    }
    assert_eq!(place.files(), before, "{error}");
    error.to_string()
}

fn write(place: &Place, bytes: &[u8]) {
    std::fs::write(place.file(), bytes).unwrap();
}

/// A store with jobs in it that nobody has open.
fn closed() -> Place {
    let place = Place::new();
    run_jobs(&mut place.open(), 1, 200);
    std::fs::remove_file(beside(&place.file(), "-lock")).unwrap();
    assert_eq!(place.files().len(), 1);
    place
}

#[test]
fn files_that_are_no_stores_are_left_as_they_are() {
    let place = Place::new();
    let long = b"This is no database at all. ".repeat(1000);
    for bytes in [&b"x"[..], b"", b"SQLite format 3\0", &long, &[0; 4096]] {
        write(&place, bytes);
        untouched(&place, Fault::Foreign);
    }
}

#[test]
fn databases_of_others_are_left_as_they_are() {
    let place = Place::new();
    let conn = Connection::open(place.file()).unwrap();
    conn.execute_batch("CREATE TABLE job (number); INSERT INTO job VALUES (1)")
        .unwrap();
    untouched(&place, Fault::Foreign);
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.close().unwrap();
    untouched(&place, Fault::Foreign);
    // One that says that it is ours.
    let conn = Connection::open(place.file()).unwrap();
    conn.pragma_update(None, "application_id", APPLICATION_ID)
        .unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    conn.close().unwrap();
    let what = untouched(&place, Fault::Foreign);
    assert!(
        what.ends_with(": its tables are not those of a store"),
        "{what}"
    );
    // One of ours with something more.
    let place = closed();
    let conn = Connection::open(place.file()).unwrap();
    conn.execute_batch("CREATE TABLE mine (x)").unwrap();
    conn.close().unwrap();
    untouched(&place, Fault::Foreign);
}

#[test]
fn a_store_that_was_cut_off_is_left_as_it_is() {
    let place = closed();
    let whole = std::fs::read(place.file()).unwrap();
    assert!(whole.len() > 8 * 4096);
    for len in [
        whole.len() - 1,
        whole.len() - 4096,
        whole.len() / 2,
        4096,
        1000,
    ] {
        write(&place, &whole[..len]);
        untouched(&place, Fault::Corrupt);
    }
    write(&place, &whole);
    place.open();
}

#[test]
fn a_store_whose_file_is_gone_is_not_made_anew() {
    let place = Place::new();
    let store = place.open();
    let left = beside(&place.file(), "-wal");
    drop(store);
    std::fs::remove_file(place.file()).unwrap();
    std::fs::remove_file(beside(&place.file(), "-lock")).unwrap();
    std::fs::write(left, b"log").unwrap();
    untouched(&place, Fault::Corrupt);
}

#[test]
fn a_store_of_a_newer_program_is_left_as_it_is() {
    let place = closed();
    let conn = Connection::open(place.file()).unwrap();
    conn.pragma_update(None, "user_version", 2).unwrap();
    conn.close().unwrap();
    let what = untouched(&place, Fault::Newer);
    assert!(
        what.ends_with(": its version is 2, this program's 1"),
        "{what}"
    );
}

#[test]
fn a_store_of_an_older_program_is_changed_at_once_or_not_at_all() {
    let place = closed();
    let open = |versions: &[&str]| SqliteStore::open_as(&place.file(), versions);
    // The last statement fails.
    let before = place.files()["jobs"].clone();
    let broken = [
        VERSIONS[0],
        "CREATE TABLE extra (x); INSERT INTO job (x) VALUES (1)",
    ];
    assert_eq!(open(&broken).unwrap_err().fault, Fault::Internal);
    assert_eq!(place.files()["jobs"], before);
    // Two versions at a time.
    let later = [
        VERSIONS[0],
        "CREATE TABLE extra (x)",
        "INSERT INTO extra VALUES (17)",
    ];
    let store = open(&later).unwrap();
    let sql = "SELECT x, (SELECT count(*) FROM job) FROM extra";
    let found: (i64, i64) = store
        .conn
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(found, (17, 200));
    drop(store);
    std::fs::remove_file(beside(&place.file(), "-lock")).unwrap();
    // Now it is a newer one for this program.
    let what = untouched(&place, Fault::Newer);
    assert!(
        what.ends_with(": its version is 3, this program's 1"),
        "{what}"
    );
    open(&later).unwrap();
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let place = Place::new();
    let folder = place.folder.path();
    std::fs::create_dir(folder.join("folder")).unwrap();
    std::fs::write(folder.join("real"), b"").unwrap();
    std::os::unix::fs::symlink(folder.join("real"), folder.join("link")).unwrap();
    std::os::unix::fs::symlink(folder.join("nothing"), folder.join("dangling")).unwrap();
    let _socket = UnixListener::bind(folder.join("socket")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let before: Vec<String> = place.files_names();
    let table = [
        ("folder", "it is a folder"),
        ("link", "it is a symbolic link; name the file itself"),
        ("dangling", "it is a symbolic link; name the file itself"),
        ("socket", "it is no file"),
        ("pipe", "it is no file"),
        ("nowhere/jobs", "No such file or directory (os error 2)"),
        ("real/jobs", "Not a directory (os error 20)"),
    ];
    for (name, what) in table {
        let path = folder.join(name);
        let error = refused(&path);
        assert_eq!((error.fault, &*error.what), (Fault::Open, what), "{name}");
        let error = SqliteStore::read_only(&path).err().unwrap();
        assert_eq!(error.fault, Fault::Open, "{name}");
    }
    assert_eq!(refused("".as_ref()).fault, Fault::Open);
    assert_eq!(place.files_names(), before);
}

impl Place {
    fn files_names(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

// Names that SQLite would take for something else than a file.
#[test]
fn any_name_is_a_name() {
    let place = Place::new();
    for name in [
        ":memory:",
        "file:x?mode=memory",
        "a b#c%41?d=e&immutable=1",
        "ß'\"\n",
    ] {
        let path = place.folder.path().join(name);
        run_jobs(&mut SqliteStore::open(&path).unwrap(), 1, 2);
        assert!(path.is_file(), "{name}");
        let mut reader = SqliteStore::read_only(&path).unwrap();
        assert_eq!(reader.next_number().unwrap(), 3, "{name}");
        SqliteStore::open(&path).unwrap();
    }
}

// Where nobody may make files; root neither.
#[test]
fn a_folder_that_may_not_be_written_is_read_only() {
    let error = refused("/sys/kernel/wodehost-jobs".as_ref());
    assert_eq!(error.fault, Fault::ReadOnly, "{error}");
    assert!(
        error
            .fault
            .hint()
            .unwrap()
            .contains("that you may write to")
    );
}

#[test]
fn a_library_that_was_not_tested_is_refused() {
    open::check_library(rusqlite::version_number()).unwrap();
    open::check_library(3_051_003).unwrap();
    let error = open::check_library(3_051_002).unwrap_err();
    assert_eq!(error.fault, Fault::Library);
}

#[test]
fn how_a_store_is_kept_is_what_was_decided() {
    let place = Place::new();
    let store = place.open();
    let table = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("mmap_size", "0"),
        ("application_id", "2003788901"),
        ("user_version", "1"),
        ("cell_size_check", "1"),
        ("trusted_schema", "0"),
    ];
    for (name, value) in table {
        let found = store.conn.pragma_query_value(None, name, |row| {
            let number = |_| row.get::<_, i64>(0).map(|number| number.to_string());
            row.get::<_, String>(0).or_else(number)
        });
        assert_eq!(found.as_deref(), Ok(value), "{name}");
    }
}
