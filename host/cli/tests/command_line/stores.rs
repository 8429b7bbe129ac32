//! `--store` with files that are no stores, or not usable ones: a clear refusal, and the file stays
//! as it is.

use crate::crash::{numbers, sums};
use crate::tool::{Said, feed, guest, piped, wodehost};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Doubles some numbers with a store.
fn map(store: &Path) -> Said {
    let store = store.to_str().unwrap();
    feed(&["map", &guest("double"), "--store", store], "1\n2\n3\n")
}

/// A folder with a store that has jobs.
fn used() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("jobs.db");
    map(&store).exits(0).prints("2\n4\n6\n");
    (folder, store)
}

/// All files of a folder, but for who last had the lock.
fn files(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|path| !path.to_str().unwrap().ends_with("-lock"));
    files
        .map(|path| (path.clone(), std::fs::read(path).ok()))
        .collect()
}

/// It is refused for this reason, and nothing of its folder has changed.
#[track_caller]
fn refused(store: &Path, why: &str) {
    let folder = store.parent().unwrap();
    let before = files(folder);
    let said = map(store).exits(30).prints("");
    assert!(said.err.contains("error: the store "), "{said:?}");
    said.complains(why).complains("hint:");
    assert_eq!(files(folder), before);
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("folder")).unwrap();
    refused(&path("folder"), "it is a folder");
    refused(&path("nowhere/jobs.db"), "No such file");
    std::fs::write(path("text"), "Dear diary,\n".repeat(500)).unwrap();
    refused(&path("text"), "it is no store");
    std::fs::write(path("text-wal"), "not a log").unwrap();
    refused(&path("text"), "it is no store");
    std::fs::write(path("empty"), "").unwrap();
    refused(&path("empty"), "the file is empty");
    let foreign = Connection::open(path("foreign")).unwrap();
    foreign.execute_batch("CREATE TABLE t (a)").unwrap();
    drop(foreign);
    refused(&path("foreign"), "the database of another program");
    std::os::unix::fs::symlink(path("foreign"), path("link")).unwrap();
    refused(&path("link"), "symbolic link");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_nobody_may_write_to_is_no_place_for_a_store() {
    let said = map(Path::new("/sys/wodehost-jobs.db")).exits(30);
    said.complains("error: the store /sys/").complains("hint:");
}

#[test]
fn a_store_of_a_later_version_is_refused() {
    let (_folder, store) = used();
    let conn = Connection::open(&store).unwrap();
    conn.pragma_update(None, "user_version", 1000).unwrap();
    drop(conn);
    refused(&store, "its version is 1000");
}

#[test]
fn a_damaged_store_is_refused() {
    let (folder, store) = used();
    let whole = std::fs::read(&store).unwrap();
    let damaged = folder.path().join("damaged.db");
    for len in [whole.len() - 1, whole.len() / 2, 4096, 1000] {
        std::fs::write(&damaged, &whole[..len]).unwrap();
        refused(&damaged, "");
    }
    let mut bytes = whole.clone();
    let mut bits = 0;
    for at in (0..whole.len()).step_by(1021) {
        bytes[at] ^= 4;
        std::fs::write(&damaged, &bytes).unwrap();
        let before = files(folder.path());
        let said = map(&damaged);
        if said.code == Some(0) {
            // Where nothing is kept.
            assert_eq!(said.out, "2\n4\n6\n", "byte {at}");
        } else {
            let said = said
                .exits(30)
                .complains("error: the store ")
                .complains("hint:");
            // What is read of a job is looked at when it is read.
            if !said.err.contains(" come to harm") {
                assert_eq!(files(folder.path()), before, "byte {at}: {}", said.err);
            }
            bits += 1;
        }
        bytes[at] ^= 4;
    }
    assert!(bits > 3, "{bits} were noticed");
}

#[test]
fn a_second_host_is_told_who_has_the_store() {
    let (_folder, store) = used();
    let path = store.to_str().unwrap();
    let mut first = piped(&["map", &guest("double"), "--store", path]);
    let mut input = first.stdin.take().unwrap();
    writeln!(input, "1").unwrap();
    let pid = first.id();
    let is_its = || {
        let lock = std::fs::read_to_string(store.with_extension("db-lock"));
        lock.is_ok_and(|lock| lock.starts_with(&format!("{pid} ")))
    };
    while !is_its() {
        std::thread::yield_now();
    }
    let second = map(&store).exits(30).prints("");
    second
        .complains(&format!("process {pid} uses it"))
        .complains("hint:");
    writeln!(input, "2\n3").unwrap();
    drop(input);
    let first: Said = first.wait_with_output().unwrap().into();
    first.exits(0).prints("2\n4\n6\n");
}

#[test]
fn a_clock_that_was_set_back_is_no_hindrance() {
    let (_folder, store) = used();
    let conn = Connection::open(&store).unwrap();
    sums::change_session(&conn, |session| session.began_ms += 3_600_000);
    drop(conn);
    let path = store.to_str().unwrap();
    let map = ["map", &guest("double"), "--store", path];
    feed(&map, "1\n2\n3\n4\n").exits(0).prints("2\n4\n6\n8\n");
}

#[test]
fn names_are_only_names() {
    let (_folder, store) = used();
    let path = store.to_str().unwrap();
    let name = "x'); DROP TABLE job; --";
    let map = ["map", &guest("double"), "--store", path, "--group", name];
    feed(&map, "1\n2\n3\n4\n").exits(0).prints("2\n4\n6\n8\n");
    let conn = Connection::open(&store).unwrap();
    let sql = "SELECT count(*) FROM job JOIN name ON grp = name.id WHERE text = ?1";
    let count: u32 = conn.query_row(sql, [name], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

// The limit of a process, which SQLite is told of as of any error but a full disk.
#[test]
fn a_store_that_may_not_grow_ends_the_run_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("jobs.db");
    let input = numbers(0..5000);
    let lines = folder.path().join("input");
    std::fs::write(&lines, &input).unwrap();
    let (worker, path) = (guest("double"), store.to_str().unwrap().to_owned());
    let arguments = ["map", &worker, lines.to_str().unwrap(), "--store", &path];
    let plain = wodehost(&arguments);
    // In blocks of 512 bytes; the signal that comes with it would end the process.
    let script = "trap '' XFSZ; ulimit -f 700; exec \"$0\" \"$@\"";
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", script]).arg(plain.get_program());
    limited.args(plain.get_args());
    let mut limited = crate::tool::quietly(limited);
    let said: Said = limited.output().unwrap().into();
    let said = said.exits(30).complains("hint:");
    assert_eq!(said.err.matches("the host stops").count(), 1, "{said:?}");
    let expected = numbers((0..5000).map(|n| n * 2));
    assert!(expected.starts_with(&said.out), "{said:?}");
    let mut again = wodehost(&arguments);
    let said: Said = again.output().unwrap().into();
    let said = said.exits(0).prints(&expected);
    assert!(said.err.contains("done"), "{said:?}");
    // No job is to blame for the disk.
    assert!(!said.err.contains("host died"), "{said:?}");
}
