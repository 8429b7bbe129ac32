//! Ctrl-C once, twice, three times; SIGTERM; a pseudo-terminal is not needed for
//! them.

use crate::tool::{ended, guest, piped, say, signal, until};
use std::io::{BufRead, BufReader, Write};
use std::process::Child;

/// A run whose only job is going on.
fn running(worker: &str, more: &[&str]) -> Child {
    let (producer, path) = (guest("count_to"), guest(worker));
    let name = format!("count_to.worker={worker}");
    let mut arguments = vec!["run", "--producer", &producer, "--worker", &path];
    arguments.extend(["--set", "count_to.n=1", "--set", &name]);
    arguments.extend(["--keepalive", "inf", "--fuel", "inf", "-v"]);
    arguments.extend(more);
    let child = piped(&arguments);
    // It is ready for signals when it has been at work for a while.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    child
}

/// A run with a job that computes for ever, and one Ctrl-C answered.
fn interrupted() -> Child {
    let mut child = running("spin", &[]);
    let mut err = child.stderr.take().unwrap();
    signal(&child, "INT");
    until(&mut err, "Ctrl-C");
    child.stderr = Some(err);
    child
}

// W17
#[test]
fn one_interrupt_lets_what_runs_finish() {
    let child = running("stop_when_asked", &[]);
    signal(&child, "INT");
    // The run was cut short, though nothing that ran was cancelled.
    let said = ended(child).exits(12);
    assert!(said.out.contains("\"success\""), "{said:?}");
}

// W17
#[test]
fn a_second_interrupt_cancels_and_delivers() {
    let child = interrupted();
    signal(&child, "INT");
    let said = ended(child).exits(12);
    assert!(said.out.contains("\"cancelled\""), "{said:?}");
}

// W17 M39: a cancel does not mean what is to come on every end.
#[test]
fn finally_runs_after_a_second_interrupt() {
    let folder = tempfile::tempdir().unwrap();
    let out = format!("append_job={}::/out", folder.path().display());
    let append = guest("append_job");
    let flags = [
        &["--finally", &append, "--allow-write", &out][..],
        &["--set", "append_job.file=/out/f"],
    ];
    let mut child = running("spin", &flags.concat());
    let mut err = child.stderr.take().unwrap();
    signal(&child, "INT");
    until(&mut err, "Ctrl-C");
    child.stderr = Some(err);
    signal(&child, "INT");
    ended(child).exits(12);
    let text = std::fs::read_to_string(folder.path().join("f")).unwrap();
    assert!(text.contains("\"status\":\"cancelled\""), "{text}");
}

// W17
#[test]
fn a_third_interrupt_leaves_at_once() {
    let child = interrupted();
    // The second and third close together: the run must not need its own end.
    signal(&child, "INT");
    signal(&child, "INT");
    let said = ended(child);
    assert!(matches!(said.code, Some(130 | 12)), "{said:?}");
}

// W17
#[test]
fn sigterm_gives_a_grace_and_then_cancels() {
    let child = running("sleep_forever", &["--grace", "300ms"]);
    signal(&child, "TERM");
    let said = ended(child).exits(12);
    assert!(said.out.contains("\"cancelled\""), "{said:?}");
}

#[test]
fn a_closed_terminal_ends_it_like_sigterm() {
    let child = running("sleep_forever", &["--grace", "300ms"]);
    signal(&child, "HUP");
    let said = ended(child).exits(12);
    assert!(said.out.contains("\"cancelled\""), "{said:?}");
}

#[test]
fn a_cancelled_call_does_not_show_what_it_carried() {
    let child = piped(&[
        "call",
        &guest("spin"),
        "--keepalive",
        "inf",
        "--fuel",
        "inf",
    ]);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    signal(&child, "TERM");
    std::thread::sleep(std::time::Duration::from_millis(200));
    signal(&child, "TERM");
    let said = ended(child).exits(12);
    assert!(
        !said.err.contains("{}") && !said.err.contains("Ctrl-C"),
        "{said:?}"
    );
}

#[test]
fn an_interrupted_map_has_written_what_was_finished() {
    let mut child = piped(&["map", &guest("double")]);
    let mut stdin = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for i in 1..=20 {
        writeln!(stdin, "{i}").unwrap();
    }
    stdin.flush().unwrap();
    for i in 1..=20u64 {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), (i * 2).to_string());
    }
    signal(&child, "INT");
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 12)), "{status:?}");
    drop(stdin);
}

#[test]
fn what_is_killed_is_no_hindrance_to_what_comes_after() {
    let mut child = running("spin", &[]);
    let id = child.id().to_string();
    say(&["top", &id, "--once"]).exits(0);
    child.kill().unwrap();
    child.wait().unwrap();
    let said = say(&["top", &id, "--once"]).exits(2);
    assert!(!said.err.contains("refused"), "{said:?}");
    say(&["call", &guest("double"), "21"])
        .exits(0)
        .prints("42\n");
}

#[cfg(target_os = "linux")]
#[test]
fn who_compiles_ends_with_who_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = folder.path().join("bomb.wasm");
    std::fs::write(&bomb, wodehost_tests::bombs::branches(36_000)).unwrap();
    let mut parent = piped(&["call", "--no-cache", bomb.to_str().unwrap()]);
    let children = format!("/proc/{0}/task/{0}/children", parent.id());
    let compiler = loop {
        let ids = std::fs::read_to_string(&children).unwrap_or_default();
        if let Some(id) = ids.split_whitespace().next() {
            break std::path::PathBuf::from(format!("/proc/{id}/stat"));
        }
        std::thread::yield_now();
    };
    // Its state, and hundredths of a second that it has computed.
    let state = || -> Option<(String, u64)> {
        let text = std::fs::read_to_string(&compiler).ok()?;
        let (_, fields) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        Some((fields[0].to_owned(), fields[11].parse().unwrap()))
    };
    while state().unwrap().1 < 20 {
        std::thread::yield_now();
    }
    parent.kill().unwrap();
    parent.wait().unwrap();
    // Gone, or dead and not yet fetched by whoever fetches orphans.
    let begun = std::time::Instant::now();
    while state().is_some_and(|(state, _)| state != "Z") {
        assert!(begun.elapsed().as_secs() < 10, "it goes on: {:?}", state());
        std::thread::yield_now();
    }
}
