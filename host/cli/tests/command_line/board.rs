//! The board as people, files and programs get it.
//!
//! Where the rows of the board are proved:
//!
//! | row | where |
//! |---|---|
//! | A1 A2 | `tests/library/board.rs`; `rows.rs` (W12 W14) |
//! | A3 | `tests/library/emits.rs`, `emits.rs` here |
//! | A4 A8 A11 | `board/line.rs`, `tests/library/board.rs`, here |
//! | A5 A6 A7 | `board/words.rs`, `board/model_tests.rs`, here |
//! | A9 A23 | `board/line.rs`, `tests/library/board.rs`, `cli/board/tests.rs` |
//! | A10 A12 A13 | `board/model_tests.rs`, `cli/board/tests.rs` |
//! | A14 A16 | `cli/board/tests.rs`, here |
//! | A15 | `tests/library/board.rs`, here |
//! | A17–A22 | `board/{said,line,words}.rs`, `tests/library/board.rs`, here |
//! | A24 | here |
//! | A25 A26 | `cli/board/tests.rs`, here |
//! | A27 | here, `cli/screen/frame_tests.rs` |
//! | A28 A29 | `dispatch/seat.rs`, `tests/library/board.rs`, here |
//! | A30 | `board/words.rs`, `cli/board/tests.rs` |
//! | A31 | here |

use crate::terminal::{Terminal, on_terminal};
use crate::tool::{feed, guest, quietly, say, wodehost};
use serde_json::{Value as Json, json};
use std::process::Command;

/// A job of `board_steps`.
fn steps(steps: &Json) -> String {
    steps.to_string()
}

/// `call` of `board_steps`.
fn call(told: &Json, more: &[&str]) -> Command {
    let (worker, job) = (guest("board_steps"), steps(told));
    wodehost(
        &[
            &["call", &worker, &job, "--retries", "0", "--slots", "4"],
            more,
        ]
        .concat(),
    )
}

fn shown(told: &Json, more: &[&str]) -> Terminal {
    on_terminal(&call(told, more), 24, 80)
}

/// A line of the board, without ids, which are others each time.
fn without_ids(text: &str) -> String {
    let is_id = |word: &&str| word.len() > 7 && word.as_bytes()[6] == b'-';
    let words = |line: &str| {
        let words: Vec<&str> = line.split(' ').filter(|word| !is_id(word)).collect();
        words.join(" ")
    };
    text.lines().map(|line| words(line) + "\n").collect()
}

// A4 A5 A6 A8 A25 A30
#[test]
fn on_a_terminal_each_slot_has_its_line() {
    let mut terminal = shown(&json!([{"say": "hello"}, "wait"]), &["--board", "tty"]);
    let screen = terminal.until("hello");
    let screen = without_ids(&screen);
    assert!(
        screen.starts_with("worker  1: board_steps: hello"),
        "{screen}"
    );
    assert!(screen.contains("\nworker  2: waiting\nworker  3: waiting\nworker  4: waiting\n"));
    assert!(screen.contains("1 running"), "{screen}");
    assert!(screen.contains("\nelapsed: "), "{screen}");
    // A24 A7: the last frame stays.
    terminal.press("\u{3}");
    terminal.until("stopping");
    terminal.press("\u{3}");
    let text = terminal.left_with(12);
    // Of the slots those that were used.
    let done = "worker  1: done\n1 of 1: 1 cancelled\nelapsed: ";
    assert!(text.contains(done), "{text}");
    // What was said above the board stays there, once.
    assert_eq!(
        text.matches("stopping: nothing new starts").count(),
        1,
        "{text}"
    );
    assert_eq!(text.matches("worker  1: ").count(), 1, "{text}");
}

// A14 A16 A15 A17 A20 A21
#[test]
fn a_pinned_line_scrolls_up_and_stays() {
    let told = json!([
        {"name": "oven"}, {"look": "warning"}, {"pin": true}, {"start": 4}, {"tick": 1},
        {"say": "kept"}
    ]);
    let mut terminal = shown(&told, &["--board", "tty"]);
    let text = without_ids(&terminal.left_with(0));
    let kept = "oven: board_steps: warning: kept [#######.......................]  25% 1/4\n";
    assert!(text.starts_with(kept), "{text}");
    assert!(text.contains("1 succeeded"), "{text}");
}

// A command that answers at once leaves nothing behind.
#[test]
fn a_moment_is_too_short_for_a_board() {
    let mut terminal = shown(&json!([{"say": "hello"}]), &[]);
    assert_eq!(terminal.left_with(0).trim(), "[]");
    assert!(!terminal.written.contains(&0x1b), "nothing was drawn");
}

#[test]
fn the_board_follows_the_size_of_the_terminal() {
    let mut terminal = shown(
        &json!([{"say": "a text that is longer than the terminal will be wide"}, "wait"]),
        &["--board", "tty"],
    );
    terminal.until("longer");
    for (rows, columns) in [(24, 40), (3, 40), (24, 1), (1, 1), (24, 200)] {
        terminal.resize(rows, columns);
        // Of what does not fit the end stays.
        let end = match columns {
            1 => "…",
            _ => "elapsed:",
        };
        let is_drawn =
            |contents: &str| rows == 1 || contents.lines().any(|line| line.starts_with(end));
        terminal.until_it("a frame of that size", is_drawn);
    }
    let screen = terminal.until("elapsed");
    assert!(screen.contains("will be wide"), "{screen}");
    terminal.press("\u{3}");
    terminal.until("stopping");
    terminal.press("\u{3}");
    terminal.left_with(12);
}

// A12: without colours everything is said all the same, and the cursor still moves.
#[test]
fn no_color_means_no_colours() {
    let told = json!([{"look": "error"}, {"say": "oh"}, "wait"]);
    let coloured = |env: Option<(&str, &str)>, flags: &[&str]| {
        let mut command = call(&told, &[&["--board", "tty"], flags].concat());
        command.envs(env);
        let mut terminal = on_terminal(&command, 24, 80);
        terminal.until("error: oh");
        terminal.press("\u{3}");
        terminal.until("stopping");
        terminal.press("\u{3}");
        terminal.left_with(12);
        let written = String::from_utf8_lossy(&terminal.written).into_owned();
        assert!(written.contains("\u{1b}["), "the cursor moves");
        written.split("\u{1b}[").any(|part| {
            let end = part.find(|c: char| c.is_ascii_alphabetic());
            end.is_some_and(|end| part[end..].starts_with('m'))
        })
    };
    assert!(coloured(None, &[]));
    assert!(!coloured(Some(("NO_COLOR", "1")), &[]));
    assert!(!coloured(None, &["--color", "never"]));
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_has_no_board() {
    for term in ["dumb", ""] {
        let mut command = call(&json!([{"say": "hello"}, {"sleep": 500}]), &[]);
        command.env("TERM", term);
        let mut terminal = on_terminal(&command, 24, 80);
        let text = without_ids(&terminal.left_with(0));
        assert!(
            text.starts_with("worker  1: board_steps: hello\n"),
            "{text}"
        );
        assert!(!text.contains("waiting"), "{text}");
        assert!(!terminal.written.contains(&0x1b));
    }
}

// A27: whatever a guest writes, says, logs or calls itself cannot disturb the board.
#[test]
fn hostile_texts_are_escaped_everywhere() {
    let bad = "a\u{1b}[2Jb\r\nc\u{202e}d\u{7}\u{0}e";
    let told = json!([
        {"name": bad}, {"say": bad}, {"pin": true}, {"print": bad}, {"log": bad}, {"fail": bad}
    ]);
    for board in ["tty", "plain", "json", "off"] {
        let mut terminal = shown(&told, &["--board", board, "-v", "--color", "never"]);
        let text = terminal.left_with(10);
        assert!(text.contains("[2Jb"), "it is said, escaped: {text}");
        let written = String::from_utf8_lossy(&terminal.written).into_owned();
        for sign in ["\u{1b}[2Jb", "\u{202e}", "\u{7}", "\u{0}"] {
            assert!(!written.contains(sign), "{board} {sign:?}: {written:?}");
        }
    }
}

// A25 A26 A31
#[test]
fn in_a_pipe_there_is_a_line_per_change() {
    let told = json!([
        {"say": "one"}, {"say": "one"}, {"look": "success"}, {"say": "two"}, {"start": 2},
        {"tick": 1}, {"tick": 1}
    ]);
    let said = call(&told, &[]).output().unwrap();
    let text = without_ids(&String::from_utf8(said.stderr).unwrap());
    let states = [
        "worker  1: board_steps: one",
        "worker  1: board_steps: ok: two",
        "worker  1: board_steps: ok: two [..............................]   0% 0/2",
        "worker  1: board_steps: ok: two [###############...............]  50% 1/2",
        "worker  1: board_steps: ok: two [##############################] 100% 2/2",
    ];
    // Between the first and the last one it shows what there is when it looks, and nothing twice.
    let place = |line: &str| states.iter().position(|state| *state == line);
    let places: Vec<_> = text.lines().map(place).collect();
    assert!(!places.contains(&None), "{text}");
    assert!(places.is_sorted_by(|a, b| a < b), "{text}");
    assert_eq!(places.first(), Some(&Some(0)), "{text}");
    assert_eq!(places.last(), Some(&Some(4)), "{text}");
    assert_eq!(String::from_utf8(said.stdout).unwrap(), "[]\n");
}

// A31
#[test]
fn nohup_leaves_a_file_that_reads_well() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nohup.out");
    let (worker, job) = (
        guest("board_steps"),
        steps(&json!([{"say": "one"}, {"fail": "x"}])),
    );
    let line = format!(
        "printf '%s\\n' '{job}' | nohup \"$0\" map {worker} --retries 0 > {} 2>&1",
        file.display()
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &line, env!("CARGO_BIN_EXE_wodehost")]);
    assert_eq!(quietly(shell).status().unwrap().code(), Some(10));
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("$outcome"))
        .collect();
    let last = lines.pop().unwrap();
    let text = without_ids(&(lines.join("\n") + "\n"));
    assert!(text.contains("worker  1: board_steps: one\n"), "{text}");
    assert!(
        text.contains("failed   line 1 board_steps error: "),
        "{text}"
    );
    assert!(last.starts_with("1 failed in "), "{last}");
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
}

// A25
#[test]
fn json_is_an_object_a_line() {
    let told = json!([{"look": "warning"}, {"start": 3}, {"tick": 1}, {"say": "x\u{202e}"}]);
    let said = call(&told, &["--board", "json"]).output().unwrap();
    let text = String::from_utf8(said.stderr).unwrap();
    assert!(!text.contains('\u{202e}'));
    let lines: Vec<Json> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = lines
        .iter()
        .find(|line| line["text"] == "x\u{202e}")
        .unwrap();
    assert_eq!(line["board"], 1);
    assert_eq!(
        (&line["row"], &line["look"]),
        (&json!("worker 1"), &json!("warning"))
    );
    assert_eq!(
        line["progress"],
        json!({"done": 1, "total": 3, "percent": 33})
    );
    let counts = lines
        .iter()
        .rev()
        .find_map(|line| line.get("summary"))
        .unwrap();
    assert_eq!(counts["succeeded"], 1);
}

#[test]
fn what_is_off_or_quiet_shows_nothing() {
    let told = json!([{"say": "one"}, {"pin": true}]);
    for flags in [
        ["--board", "off"],
        ["-q", "--board=plain"],
        ["-q", "--board=json"],
    ] {
        let said = call(&told, &flags).output().unwrap();
        assert_eq!(String::from_utf8(said.stderr).unwrap(), "", "{flags:?}");
    }
}

// A5 A6 A7 A22
#[test]
fn the_words_of_the_board_are_those_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "[board]\nmode = \"tty\"\nprefix = \"#%d \"\nwaiting = \"idle\"\ndone = \"over\"\n\
                bar = \"%p%% of %t\"\n";
    std::fs::write(folder.path().join("wodehost.toml"), toml).unwrap();
    let mut command = call(
        &json!([{"start": 4}, {"tick": 1}, {"say": "x"}, "wait"]),
        &[],
    );
    command.current_dir(folder.path());
    let mut terminal = on_terminal(&command, 24, 80);
    let screen = without_ids(&terminal.until("25% of 4"));
    assert!(
        screen.starts_with("#1 board_steps: x 25% of 4\n#2 idle\n"),
        "{screen}"
    );
    terminal.press("\u{3}");
    terminal.until("stopping");
    terminal.press("\u{3}");
    let text = terminal.left_with(12);
    assert!(text.contains("#1 over\n1 of 1: 1 cancelled"), "{text}");
    for (key, why) in [
        (
            "prefix = \"%x\"",
            "`%x` is no place in `%x`; there are `%d` and `%%`",
        ),
        ("bar = \"%\"", "ends with a `%`"),
        ("mode = \"shiny\"", "shiny"),
        (
            "done = \"a\\u001bb\"",
            "`a\\x1bb` has characters in it that cannot be shown",
        ),
    ] {
        std::fs::write(
            folder.path().join("wodehost.toml"),
            format!("[board]\n{key}\n"),
        )
        .unwrap();
        let mut command = call(&json!([]), &[]);
        command.current_dir(folder.path());
        let said = crate::tool::Said::from(command.output().unwrap());
        said.exits(3).complains("wodehost.toml:2").complains(why);
    }
}

// A28 A29
#[test]
fn producer_and_consumer_have_lines() {
    let ends = guest("board_ends");
    let worker = guest("noop");
    let command = wodehost(&[
        "run",
        "--producer",
        &ends,
        "--worker",
        &worker,
        "--consumer",
        &ends,
        "--slots",
        "2",
        "--set",
        "board_ends.waits=true",
        "--board",
        "tty",
    ]);
    let mut terminal = on_terminal(&command, 24, 100);
    let screen = terminal.until("waiting 1 s");
    assert!(
        screen.starts_with("producer: board_ends, 3 jobs: gave 3 [###"),
        "{screen}"
    );
    assert!(
        screen.contains("\nconsumer: board_ends, 3 outcomes: took 3 (waiting)\n"),
        "{screen}"
    );
    terminal.press("\u{3}");
    let text = terminal.left_with(12);
    assert!(text.contains("(done)"), "{text}");
}

#[test]
fn a_closed_stderr_stops_nothing() {
    let (worker, job) = (
        guest("board_steps"),
        steps(&json!([{"say": "one"}, {"log": "x"}])),
    );
    for board in ["tty", "plain", "json"] {
        let line = format!("\"$0\" call {worker} '{job}' --board {board} -v 2>&-");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_wodehost")]);
        let said = crate::tool::Said::from(quietly(shell).output().unwrap());
        said.exits(0).prints("[]\n");
    }
}

#[test]
fn a_summary_says_as_much_as_it_is_to() {
    let worker = guest("board_steps");
    let jobs = "[]\n[\"clear\"]\n[{\"fail\": \"x\"}]\n";
    let said = |flags: &[&str]| {
        feed(&[&["map", &worker, "--retries", "1"], flags].concat(), jobs).exits(10)
    };
    let last = |said: &str| said.lines().last().unwrap_or_default().to_owned();
    let short = said(&[]).err;
    assert!(
        last(&short).starts_with("2 succeeded, 1 failed in "),
        "{short}"
    );
    let off = said(&["--summary", "off"]).err;
    assert!(last(&off).starts_with("failed   line 3"), "{off}");
    let full = said(&["--summary", "full"]).err;
    for part in [
        "\n  2  success  returned",
        "\n  1  failure  error",
        "\nslowest:",
        "2 attempts",
    ] {
        assert!(full.contains(part), "{full}");
    }
    assert!(last(&full).starts_with("retries 1, fuel "), "{full}");
    assert!(last(&full).contains("peak memory of an attempt"), "{full}");
    let well = |flags: &[&str]| {
        let arguments = [&["map", &worker], flags].concat();
        feed(&arguments, "[]\n").exits(0).err
    };
    assert_eq!(well(&[]), "");
    assert!(well(&["--summary", "short"]).starts_with("1 succeeded in "));
    say(&["call", &worker, "--summary", "long"])
        .exits(2)
        .complains("possible values");
}

#[test]
fn with_log_json_all_of_stderr_is_json() {
    let (worker, job) = (
        guest("board_steps"),
        json!([{"log": "a\u{1b}b"}, {"name": "oven"},
        {"log": "two"}, {"say": "s"}, {"print": "p"}, {"fail": "x"}]),
    );
    let arguments = [
        "call",
        &worker,
        &job.to_string(),
        "--retries",
        "0",
        "--log-json",
        "-v",
    ];
    let said = say(&arguments).exits(10);
    let lines: Vec<Json> = said
        .err
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let of = |message: &str| {
        lines
            .iter()
            .find(|line| line["message"] == message)
            .unwrap()
    };
    let first = of("a\\x1bb");
    assert_eq!(
        (&first["level"], &first["plugin"]),
        (&json!("info"), &json!("board_steps"))
    );
    assert_eq!(first["attempt"], 1);
    assert_eq!(
        first["name"],
        format!("{}/1", first["job"].as_str().unwrap())
    );
    assert_eq!(of("two")["name"], "oven");
    assert_eq!(of("stdout: p")["job"], first["job"]);
    let last = lines.last().unwrap();
    assert_eq!(last["level"], "error");
    assert!(
        last["message"]
            .as_str()
            .unwrap()
            .starts_with("the job failed (error)")
    );
    assert!(last["causes"][0].as_str().unwrap().contains("attempt 1"));
    assert!(
        lines
            .iter()
            .any(|line| line["board"] == 1 && line["text"] == "s")
    );
    // Whatever the board is to be, and where the command line is wrong.
    let job = format!("{job}\n");
    for flags in [
        &["--board", "plain"][..],
        &["--board", "tty"],
        &["--summary", "full"],
    ] {
        let arguments = ["map", &worker, "--retries", "0", "--log-json"];
        let said = feed(&[&arguments[..], flags].concat(), job.clone()).exits(10);
        let lines = said.err.lines().map(|l| serde_json::from_str(l).unwrap());
        let mut failed = lines.filter(|line: &Json| line["failed"] == "line 1");
        let line = failed.next().unwrap();
        assert_eq!(line["reason"], "error");
        assert_eq!(line["level"], "warn");
        assert!(failed.next().is_none());
    }
    let said = say(&["map", "--log-json", "--bord", "tty"]).exits(2);
    let line: Json = serde_json::from_str(said.err.trim_end()).unwrap();
    assert!(
        line["message"].as_str().unwrap().contains("--bord"),
        "{line}"
    );
}
