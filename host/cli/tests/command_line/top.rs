//! `wodehost top` on a pseudo-terminal, looking at a run that this test plays.

use crate::terminal::{SOON, Terminal, on_terminal};
use crate::tool::{Said, ended, guest, wodehost};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// What a run that this test plays shows.
fn snapshot() -> Value {
    json!({
        "host": "map", "slots": 2, "queue": {
            "queued": 0, "delayed": 0, "paused": 0, "load_jobs": 0, "load_bytes": 0,
            "is_full": false, "first": []
        },
        "lines": [{
            "slot": 1, "job": "k3f9ax-17", "worker": "scale", "attempt": 1, "running_ms": 1500,
            "standing": "running", "depth": 0, "group": null,
            "said": {
                "text": "odd\u{1b}[31mcolours", "look": "warning", "progress": null,
                "name": null, "is_pinned": false
            }
        }],
        "tally": {
            "success": 12, "failure": 0, "timeout": 0, "mixed": 0, "rejected": 0, "cancelled": 0
        },
        "producer": null, "consumer": null, "gate": null, "is_stopping": false, "changes": []
    })
}

/// A run that this test plays. It ends when it is dropped.
struct Played {
    folder: TempDir,
    /// What was asked of it, besides looks.
    asked: Receiver<Value>,
    streams: Receiver<UnixStream>,
}

fn play(name: &str) -> Played {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("wodehost");
    let mut maker = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(&below).unwrap();
    let (asked, streams) = also(&below, name);
    Played {
        folder,
        asked,
        streams,
    }
}

/// Plays a run in a folder.
fn also(folder: &Path, name: &str) -> (Receiver<Value>, Receiver<UnixStream>) {
    let listener = UnixListener::bind(folder.join(name)).unwrap();
    let (ask, asked) = channel();
    let (stream_sender, streams) = channel();
    let (pid, command) = name.trim_end_matches(".sock").split_once('-').unwrap();
    let pid: u32 = pid.parse().unwrap();
    let hello = json!({
        "wodehost-top": 1, "pid": pid, "command": command, "version": "0.1.0"
    });
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            stream_sender.send(stream.try_clone().unwrap()).unwrap();
            let (ask, hello) = (ask.clone(), hello.clone());
            std::thread::spawn(move || answer(&stream, &hello, &ask));
        }
    });
    (asked, streams)
}

fn answer(mut stream: &UnixStream, hello: &Value, ask: &std::sync::mpsc::Sender<Value>) {
    let _ = writeln!(stream, "{hello}");
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        let question: Value = serde_json::from_str(&line).unwrap();
        let answer = match question["ask"].as_str().unwrap() {
            "look" => json!({"look": {"uptime_ms": 62_000, "snapshot": snapshot()}}),
            "detail" => json!({"detail": null}),
            _ => {
                let _ = ask.send(question);
                json!({"asked": true})
            }
        };
        let _ = writeln!(stream, "{answer}");
    }
}

fn top(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = wodehost(&[&["top"], arguments].concat());
    command.env("XDG_RUNTIME_DIR", folder).env("TMPDIR", folder);
    command
}

fn show(folder: &Path, arguments: &[&str]) -> Terminal {
    on_terminal(&top(folder, arguments), 24, 80)
}

/// It has left, and nothing of it is left on the terminal.
#[track_caller]
fn has_left(mut shown: Terminal) {
    let text = shown.left_with(0);
    assert!(shown.was_alternate && text.trim().is_empty(), "{text}");
}

// J11 J33
#[test]
fn a_run_is_watched_and_steered_and_the_terminal_given_back() {
    let played = play("4711-map.sock");
    let mut shown = show(played.folder.path(), &[]);
    let screen = shown.until("warning: odd");
    assert!(
        screen.contains("wodehost map  pid 4711  up 1m02s"),
        "{screen}"
    );
    assert!(screen.contains("odd\\x1b[31mcolours"), "{screen}");
    assert!(shown.screen.screen().hide_cursor());
    shown.press("?");
    shown.until("leave; the run goes on");
    shown.press("?");
    shown.until("1 Attempts 1");
    shown.press("p");
    let asked = played.asked.recv_timeout(SOON).unwrap();
    assert_eq!(asked, json!({"ask": "pause", "job": "k3f9ax-17"}));
    shown.press("\u{b}");
    shown.until("cancel? y/n");
    shown.press("y");
    let asked = played.asked.recv_timeout(SOON).unwrap();
    assert_eq!(asked, json!({"ask": "cancel", "job": "k3f9ax-17"}));
    shown.press("?q");
    has_left(shown);
}

#[test]
fn ctrl_c_gives_the_terminal_back() {
    let played = play("4711-map.sock");
    let mut shown = show(played.folder.path(), &["4711"]);
    shown.until("k3f9ax-17");
    shown.press("\u{3}");
    has_left(shown);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let played = play("4711-map.sock");
    let mut shown = show(played.folder.path(), &["map"]);
    shown.until("k3f9ax-17");
    let killed = Command::new("kill")
        .args(["-TERM", &shown.program().to_string()])
        .status();
    assert!(killed.unwrap().success());
    has_left(shown);
}

#[test]
fn a_terminal_of_another_size_is_filled() {
    let played = play("4711-map.sock");
    let mut shown = show(played.folder.path(), &[]);
    shown.until("k3f9ax-17");
    shown.resize(40, 120);
    let screen = shown.until("DEPTH");
    assert!(screen.contains("k3f9ax-17"), "{screen}");
    shown.resize(3, 20);
    shown.until("q quit");
    shown.press("q");
    shown.until("left with 0");
}

#[test]
fn when_the_run_ends_its_last_look_stays() {
    let played = play("4711-map.sock");
    let mut shown = show(played.folder.path(), &[]);
    shown.until("k3f9ax-17");
    std::fs::remove_file(played.folder.path().join("wodehost/4711-map.sock")).unwrap();
    while let Ok(stream) = played.streams.try_recv() {
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }
    let screen = shown.until("the run has ended; any key quits");
    assert!(screen.contains("k3f9ax-17"), "{screen}");
    shown.press("z");
    has_left(shown);
}

#[test]
fn one_of_two_runs_is_chosen() {
    let played = play("4711-map.sock");
    let below = played.folder.path().join("wodehost");
    let _other = also(&below, "4712-run.sock");
    let mut shown = show(played.folder.path(), &[]);
    let screen = shown.until("2 runs; which one?");
    assert!(
        screen.contains("pid 4711") && screen.contains("pid 4712"),
        "{screen}"
    );
    shown.press("j\r");
    shown.until("1 Attempts 1");
    assert!(
        shown
            .screen
            .screen()
            .contents()
            .contains("wodehost run  pid 4712")
    );
    shown.press("q");
    has_left(shown);
    // Scripts have to say which one.
    let once = |arguments: &[&str]| -> Said {
        top(played.folder.path(), arguments)
            .output()
            .unwrap()
            .into()
    };
    once(&["--once"]).exits(2).complains("2 runs are going on");
    once(&["--once", "run"]).exits(0);
}

#[test]
fn one_look_is_printed_for_scripts() {
    let played = play("4711-map.sock");
    let once = |arguments: &[&str]| -> Said {
        let command = &mut top(played.folder.path(), arguments);
        command.output().unwrap().into()
    };
    once(&["--once"]).exits(0).prints(
        "wodehost map  pid 4711  up 1m02s\n12 succeeded\nslots 1/2  live 1  queued 0\n\n\
         SLOT JOB       WORKER TRY DOING   FOR DEPTH GROUP SAYS\n   \
         1 k3f9ax-17 scale    1 running  1s     0 -     warning: odd\\x1b[31mcolours\n   \
         2 -                    idle\n",
    );
    let said = once(&["4711", "--once", "-o", "json"]).exits(0);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["command"], "map");
    assert_eq!(json["snapshot"], snapshot());
}

#[test]
fn what_cannot_be_shown_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let mut command = top(folder.path(), arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        ended(command.spawn().unwrap()).exits(2)
    };
    said(&[]).complains("hint: `wodehost top --once`");
    said(&["--once"]).complains("no run is going on");
    said(&["--once", "4711"]).complains("no run `4711` is going on");
    said(&["-o", "json"]).complains("--once");
    // Somebody listens but says nothing that we know.
    let played = play("4711-map.sock");
    let below = played.folder.path().join("wodehost");
    let listener = UnixListener::bind(below.join("4713-call.sock")).unwrap();
    let silent = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .write_all(
                b"{\"wodehost-top\":2,\"pid\":4713,\"command\":\"call\",\"version\":\"9.9.9\"}\n",
            )
            .unwrap();
    });
    let said: Said = top(played.folder.path(), &["--once", "call"])
        .output()
        .unwrap()
        .into();
    said.exits(2).complains("it is of version 9.9.9");
    silent.join().unwrap();
}

/// A `map` with one slot whose two jobs go on until they are cancelled.
fn going_on(folder: &Path) -> Child {
    let worker = guest("board_steps");
    let mut command = wodehost(&["map", &worker, "--slots", "1", "--group", "night"]);
    command.env("XDG_RUNTIME_DIR", folder).env("TMPDIR", folder);
    let mut map = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = map.stdin.take().unwrap();
    let job = r#"[{"log": "logged"}, {"update": {"at": 7}}, {"say": "here"}, "wait"]"#;
    writeln!(input, "{job}\n{job}").unwrap();
    map
}

// J11 J33 and what the board's issue asks of `top`: a real run.
#[test]
fn a_real_run_is_looked_into_and_its_jobs_are_paused_and_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let map = going_on(folder.path());
    let mut shown = loop {
        let said = top(folder.path(), &["--once", "map"]).output().unwrap();
        if String::from_utf8_lossy(&said.stdout).contains("here") {
            break show(folder.path(), &[]);
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    shown.until("here");
    shown.press("\r");
    for part in ["logged", r#"{"at":7}"#, "memory", "retries left"] {
        shown.until(part);
    }
    // The first one stands still, and the other one has its slot.
    shown.press("\u{1b}");
    shown.until("1 Attempts 1");
    shown.press("p");
    shown.until("paused");
    shown.until("1 Attempts 2");
    shown.press("3");
    shown.until("night");
    shown.press("x");
    shown.until("cancel?");
    shown.press("y");
    let said = ended(map).exits(12);
    assert_eq!(said.out.matches("\"cancelled\"").count(), 4, "{said:?}");
    shown.until("the run has ended");
    shown.press("q");
    has_left(shown);
    // Nothing is left of it.
    let left = std::fs::read_dir(folder.path().join("wodehost")).unwrap();
    assert_eq!(left.count(), 0);
}
