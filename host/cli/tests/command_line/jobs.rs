//! `wodehost jobs` on stores that real commands have written.

use crate::terminal::on_terminal;
use crate::tool::{Said, feed, guest, piped, say, until, wodehost};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wodehost::plugin::Digest;

/// What might do harm where a text is taken for something else.
const HOSTILE: &str = "'; DROP TABLE job; --";

/// A folder with a store in it.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("jobs.db")
    }

    fn store(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    /// `map` of a worker, without retries unless more is said.
    fn map(&self, worker: &str, more: &[&str], input: &str) -> Said {
        let (worker, store) = (guest(worker), self.store());
        let arguments = ["map", &worker, "--store", &store, "-q"];
        let retries: &[&str] = if more.contains(&"--retries") {
            &[]
        } else {
            &["--retries", "0"]
        };
        feed(&[&arguments, retries, more].concat(), input)
    }

    fn call(&self, worker: &str, value: &str, more: &[&str]) -> Said {
        let (worker, store) = (guest(worker), self.store());
        let arguments = ["call", &worker, value, "--store", &store, "--retries", "0"];
        say(&[&arguments, more].concat())
    }

    /// `jobs`, with the store.
    fn jobs(&self, arguments: &[&str]) -> Said {
        let store = self.store();
        say(&[&["jobs"], arguments, &["--store", &store]].concat())
    }

    /// What `-o json` says.
    fn json(&self, arguments: &[&str]) -> Value {
        let said = self.jobs(&[arguments, &["-o", "json"]].concat()).exits(0);
        serde_json::from_str(&said.out).unwrap()
    }

    /// The jobs that are listed, as they are on lines of their own.
    fn list(&self, filter: &[&str]) -> Vec<Value> {
        let said = self.jobs(&[&["list", "-o", "jsonl"], filter].concat());
        let lines = said.exits(0).out;
        let lines = lines.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The numbers of jobs that are listed.
    fn numbers(&self, filter: &[&str]) -> Vec<u64> {
        self.list(filter).iter().map(number).collect()
    }

    fn id(&self, number: u64) -> String {
        let some = self.list(&["--limit", "1"]);
        let (store, _) = some[0]["id"].as_str().unwrap().split_once('-').unwrap();
        format!("{store}-{number}")
    }

    /// Names and digests of all that lies in the folder, but of the log's index: it is no data,
    /// and notes who reads.
    fn files(&self) -> BTreeMap<PathBuf, Digest> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let files = files.filter(|path| !path.to_str().unwrap().ends_with("-shm"));
        files
            .map(|path| (path.clone(), Digest::of(&std::fs::read(&path).unwrap())))
            .collect()
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}

fn number(job: &Value) -> u64 {
    let (_, number) = job["id"].as_str().unwrap().split_once('-').unwrap();
    number.parse().unwrap()
}

/// Two lines that succeed and one that does not, and a call in a group that is silent.
fn mixed() -> Bench {
    let bench = Bench::new();
    bench.map("double", &[], "1\n\"x\"\n3\n").exits(10);
    let silent = ["--keepalive", "50ms", "--group", HOSTILE];
    bench.call("spin", "1", &silent).exits(11);
    let trap = bench.call("unreachable", "1", &[]);
    trap.exits(10);
    bench
}

#[test]
fn each_filter_leaves_what_fits() {
    let bench = mixed();
    let table: &[(&[&str], &[u64])] = &[
        (&[], &[5, 4, 3, 2, 1]),
        (&["--state", "queued"], &[]),
        (&["--state", "queued,done"], &[5, 4, 3, 2, 1]),
        (&["--state", "undelivered"], &[]),
        (&["--state", "running"], &[]),
        (&["--status", "success"], &[3, 1]),
        (&["--status", "failure", "--status", "timeout"], &[5, 4, 2]),
        (&["--status", "mixed,rejected,cancelled"], &[]),
        (&["--dead"], &[5, 4, 2]),
        (&["--reason", "error"], &[2]),
        (&["--reason", "trap:*"], &[5]),
        (&["--reason", "trap:unreachable"], &[5]),
        (&["--reason", "%"], &[]),
        (&["--worker", "double"], &[3, 2, 1]),
        (&["--worker", HOSTILE], &[]),
        (&["--stream", "call"], &[5, 4]),
        (&["--stream", "map/double", "--dead"], &[2]),
        (&["--group", HOSTILE], &[4]),
        (&["--since", "1h"], &[5, 4, 3, 2, 1]),
        (&["--older-than", "1h"], &[]),
        (&["--since", "0s"], &[]),
        (&["--older-than", "0s"], &[5, 4, 3, 2, 1]),
    ];
    for (filter, numbers) in table {
        if *filter == ["--reason", "%"] {
            bench.jobs(&["list", "--reason", "%"]).exits(2);
            continue;
        }
        assert_eq!(bench.numbers(filter), *numbers, "{filter:?}");
    }
    let other = bench.id(3);
    let page = ["--below", &other, "--limit", "1"];
    assert_eq!(bench.numbers(&page), [2]);
}

#[test]
fn a_list_is_a_table_with_how_many_there_are() {
    let bench = mixed();
    let said = bench.jobs(&["list", "--limit", "2"]).exits(0).out;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("JOB "), "{said}");
    assert!(lines[1].ends_with("failure trap:unreachable"), "{said}");
    assert!(lines[2].ends_with("timeout silent"), "{said}");
    let next = format!(
        "5 jobs: 0 queued, 0 running, 5 done, of them 3 dead; more with `--below {}`",
        bench.id(4)
    );
    assert_eq!(lines[3..], ["", next.as_str()]);
    let none = bench.jobs(&["list", "--worker", "nobody", "--stream", "call"]);
    none.exits(0)
        .prints("2 jobs: 0 queued, 0 running, 2 done, of them 2 dead\n");
    let list = bench.json(&["list", "--limit", "1"]);
    assert_eq!(list["schema"], 1);
    assert_eq!(list["next"], bench.id(5));
    assert_eq!(
        list["summary"],
        json!({"queued": 0, "running": 0, "done": 5, "dead": 3, "undelivered": 0})
    );
    let job = &list["jobs"][0];
    assert_eq!(job["reason"], "trap:unreachable");
    assert!(job["ended_ms"].as_u64() >= job["submitted_ms"].as_u64());
    assert_eq!(bench.json(&["list", "--dead"])["next"], Value::Null);
    assert_eq!(bench.list(&["--worker", "double"])[0]["key"], 3);
}

#[test]
fn all_of_a_job_is_shown() {
    let bench = Bench::new();
    let worker = [r#"[{"update":{"at":7}},{"log":"\u001b[2Jlogged"},{"until":3}]"#];
    let flags = ["--retries", "1", "--group", HOSTILE, "--memory", "99MiB"];
    bench.map("board_steps", &flags, worker[0]).exits(10);
    let id = bench.id(1);
    let job = bench.json(&["show", &id]);
    for (key, value) in [
        ("schema", json!(1)),
        ("id", json!(id)),
        ("stream", json!("map/board_steps")),
        ("key", json!(1)),
        ("state", json!("done")),
        ("attempts", json!(2)),
        ("group", json!(HOSTILE)),
        ("value", serde_json::from_str(worker[0]).unwrap()),
        ("carried", json!({"at": 7})),
        ("children", json!([])),
    ] {
        assert_eq!(job[key], value, "{key}: {job:#}");
    }
    assert_eq!(job["conditions"]["options"]["memory"], "99MiB");
    assert_eq!(job["conditions"]["worker"], "board_steps");
    assert_eq!(job["past"][0]["attempt"], 1);
    assert_eq!(job["past"][0]["state"], json!({"at": 7}));
    assert!(job["past"][0]["receipt"]["fuel"].as_u64() > Some(0));
    assert_eq!(job["outcome"]["reason"], "error");
    let said = bench.jobs(&["show", &id]).exits(0).out;
    for part in [
        "board_steps, failure (error)",
        "map/board_steps, key 1",
        HOSTILE,
        "\"memory\":\"99MiB\"",
        "grants     none",
        "not yet",
        " fuel,",
        "host calls",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains('\u{1b}'), "{said}");
}

#[test]
fn logs_are_those_of_each_attempt() {
    let bench = Bench::new();
    let steps = r#"[{"log":"a\u001b[2Jb"},{"print":"out"},{"until":9}]"#;
    bench
        .map("board_steps", &["--retries", "1"], steps)
        .exits(10);
    bench.map("print_fail", &[], "\"x\"").exits(10);
    let id = bench.id(1);
    let said = bench.jobs(&["logs", &id]).exits(0).out;
    assert_eq!(
        said,
        format!(
            "{id}, attempt 1: error\n  log    info: a\\x1b[2Jb\n  stdout out\n\
             {id}, attempt 2: error\n  log    info: a\\x1b[2Jb\n  stdout out\n"
        )
    );
    let second = bench.json(&["logs", &id, "--attempt", "2"]);
    assert_eq!(
        second,
        json!({"schema": 1, "id": id, "attempts": [{
            "attempt": 2, "reason": "error", "log": "info: a\u{1b}[2Jb\n", "stdout": "out\n",
            "stderr": null,
        }]})
    );
    bench
        .jobs(&["logs", &id, "--attempt", "3"])
        .exits(2)
        .complains("no attempt 3");
    let other = bench.jobs(&["logs", &bench.id(2)]).exits(0).out;
    assert!(other.contains("stderr about to fail: x"), "{other}");
}

#[test]
fn a_retried_line_goes_on_with_the_same_map() {
    let bench = Bench::new();
    let input = "[{\"until\":2}]\n[]\n[{\"until\":4}]\n";
    bench.map("board_steps", &[], input).exits(10);
    let (first, second, third) = (bench.id(1), bench.id(2), bench.id(3));
    bench
        .jobs(&["retry", &first])
        .exits(0)
        .complains("1 job queued again");
    assert_eq!(bench.numbers(&["--state", "queued"]), [1]);
    // What cannot be retried is told, and the rest is done.
    bench
        .jobs(&["retry", &first, &second, &third])
        .exits(2)
        .complains("1 job queued again")
        .complains(&format!("{first}: it is not over"))
        .complains(&format!("{second}: it has succeeded"));
    assert_eq!(bench.numbers(&["--state", "queued"]), [3, 1]);
    bench.map("board_steps", &[], input).exits(10);
    assert_eq!(bench.numbers(&["--dead"]), [3]);
    assert_eq!(bench.json(&["show", &first])["attempts"], 2);
    assert_eq!(bench.json(&["show", &second])["attempts"], 1);
}

#[test]
fn a_retry_may_forget_the_carried_state() {
    let bench = Bench::new();
    let input = r#"[{"update":[1]},{"until":9}]"#;
    bench.map("board_steps", &[], input).exits(10);
    let carried = || bench.json(&["show", &bench.id(1)])["carried"].clone();
    bench.jobs(&["retry", &bench.id(1)]).exits(0);
    assert_eq!(carried(), json!([1]));
    bench.jobs(&["cancel", &bench.id(1)]).exits(0);
    bench
        .jobs(&["retry", &bench.id(1), "--reset-state"])
        .exits(0);
    assert_eq!(carried(), Value::Null);
}

#[test]
fn a_retried_job_tells_of_all_its_attempts() {
    let bench = Bench::new();
    let input = r#"[{"update":[1]},{"log":"here"},{"until":3}]"#;
    let again = |flags: &[&str]| bench.map("board_steps", flags, input);
    again(&[]).exits(10);
    let id = bench.id(1);
    let attempt = |number: u32| format!("{id}, attempt {number}: error\n  log    info: here\n");
    bench.jobs(&["retry", &id]).exits(0);
    let logs = || bench.jobs(&["logs", &id]).exits(0).out;
    assert_eq!(logs(), attempt(1), "it is queued, and has had one");
    let queued = bench.json(&["show", &id]);
    assert_eq!(queued["past"][0]["attempt"], 1);
    assert_eq!(queued["past"][0]["state"], json!([1]));
    assert_eq!(queued["past"][0]["message"], "not yet");
    assert!(queued["past"][0]["receipt"]["fuel"].as_u64() > Some(0));
    // The same options: there is nothing to tell of them.
    again(&[]).exits(10);
    assert_eq!(logs(), attempt(1) + &attempt(2));
    assert_eq!(
        bench.json(&["show", &id])["past"][0]["conditions"],
        Value::Null
    );
    // Other ones, under which it did not run before.
    bench.jobs(&["retry", &id, "--reset-state"]).exits(0);
    again(&["--memory", "99MiB"]).exits(0);
    let end = format!("{id}, attempt 3: returned\n  log    info: here\n");
    assert_eq!(logs(), attempt(1) + &attempt(2) + &end);
    let job = bench.json(&["show", &id]);
    assert_eq!(job["attempts"], 3);
    assert_eq!(job["conditions"]["options"]["memory"], "99MiB");
    let past = job["past"].as_array().unwrap();
    assert_eq!(past.len(), 2);
    for (past, is_reset) in past.iter().zip([false, true]) {
        let own = &past["conditions"];
        assert_eq!(own["worker"], "board_steps");
        assert_eq!(own["options"]["memory"], Value::Null, "{own}");
        assert_eq!(past["is_reset"], is_reset);
    }
    let said = bench.jobs(&["show", &id]).exits(0).out;
    assert!(said.contains("options    {\"memory\":\"99MiB\","), "{said}");
    assert_eq!(
        said.matches("under options {\"retries\":0}").count(),
        2,
        "{said}"
    );
    assert_eq!(said.matches("under ").count(), 2, "and nothing else");
    assert_eq!(said.matches("was forgotten then").count(), 1, "{said}");
}

#[test]
fn of_a_parallel_job_only_the_items_run_again_that_failed() {
    let bench = Bench::new();
    let flags = ["--parallel", "--unwrap"];
    let input = "[[{\"until\":2}],[]]\n";
    bench.map("board_steps", &flags, input).exits(10);
    let parent = bench.id(1);
    let items = ["--parent", &parent];
    assert_eq!(bench.numbers(&items), [3, 2]);
    assert_eq!(bench.numbers(&[]), [1]);
    bench
        .jobs(&["retry", &bench.id(2)])
        .exits(2)
        .complains("part of another job");
    bench
        .jobs(&["drop", &bench.id(2)])
        .exits(2)
        .complains("part of another job");
    bench.jobs(&["retry", &parent]).exits(0);
    let states: Vec<Value> = bench
        .list(&items)
        .iter()
        .map(|job| job["state"].clone())
        .collect();
    assert_eq!(states, ["done", "queued"]);
    bench
        .map("board_steps", &flags, input)
        .exits(0)
        .prints("[[],[]]\n");
    let attempts: Vec<Value> = bench
        .list(&items)
        .iter()
        .map(|job| job["attempts"].clone())
        .collect();
    assert_eq!(attempts, [1, 2]);
    let item = bench.json(&["show", &bench.id(2)]);
    assert_eq!(item["past"][0]["reason"], "error");
    assert_eq!(item["past"][0]["conditions"], Value::Null);
    assert_eq!(bench.json(&["show", &parent])["past"], json!([]));
    // An export has them behind their parent; dropped they are with it.
    let export = bench.jobs(&["export"]).exits(0).out;
    let exported: Vec<Value> = export
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(exported.iter().map(number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(exported[0]["children"], json!([bench.id(2), bench.id(3)]));
    assert_eq!(exported[1]["parent"], json!({"id": parent, "item": 0}));
    bench.jobs(&["drop", &parent]).exits(0);
    assert_eq!(bench.jobs(&["export"]).exits(0).out, "");
}

#[test]
fn cancelled_and_dropped_without_a_host() {
    let bench = mixed();
    bench.jobs(&["retry", &bench.id(2)]).exits(0);
    bench
        .jobs(&["drop", &bench.id(2)])
        .exits(2)
        .complains("it is not over");
    bench
        .jobs(&["cancel", &bench.id(2)])
        .exits(0)
        .complains("1 job cancelled");
    bench
        .jobs(&["cancel", &bench.id(2)])
        .exits(2)
        .complains("it is over already");
    assert_eq!(bench.numbers(&["--status", "cancelled"]), [2]);
    // `map` finds it by its line: nobody else has to take the outcome.
    assert_eq!(bench.numbers(&["--state", "undelivered"]), [] as [u64; 0]);
    bench
        .jobs(&["drop", &bench.id(2)])
        .exits(0)
        .complains("1 job dropped");
    assert_eq!(bench.numbers(&[]), [5, 4, 3, 1]);
    // `map` has no job of that line any more, and makes one.
    bench.map("double", &[], "1\n\"x\"\n3\n").exits(10);
    assert_eq!(bench.numbers(&["--worker", "double"]), [6, 3, 1]);
}

#[test]
fn filters_name_jobs_and_nobody_is_asked_without_a_terminal() {
    let bench = mixed();
    bench.jobs(&["drop"]).exits(2).complains("no job is named");
    bench
        .jobs(&["drop", &bench.id(1), "--dead"])
        .exits(2)
        .complains("either ids or filters");
    bench
        .jobs(&["drop", "--dead"])
        .exits(2)
        .complains("3 jobs would be dropped")
        .complains("--yes");
    assert_eq!(bench.numbers(&[]).len(), 5);
    bench
        .jobs(&["drop", "--group", HOSTILE, "--yes"])
        .exits(0)
        .complains("1 job dropped");
    assert_eq!(bench.numbers(&[]), [5, 3, 2, 1]);
    bench
        .jobs(&["cancel", "--worker", "double", "--yes"])
        .exits(0)
        .complains("0 jobs cancelled");
    // Calls that ended have no command that would go on with them.
    bench
        .jobs(&["retry", "--dead", "--yes"])
        .exits(0)
        .complains("1 job queued again")
        .complains("its command finds it no more");
    assert_eq!(bench.numbers(&["--state", "queued"]), [2]);
}

#[test]
fn who_sits_at_a_terminal_is_asked() {
    let bench = mixed();
    let store = bench.store();
    for (answer, left) in [("\r", 5), ("no\r", 5), ("y\r", 2)] {
        let drop = wodehost(&["jobs", "drop", "--dead", "--store", &store]);
        let mut terminal = on_terminal(&drop, 24, 100);
        terminal.until("3 jobs of ");
        terminal.until("will be dropped. Go on? [y/N]");
        terminal.press(answer);
        terminal.left_with(0);
        assert_eq!(bench.numbers(&[]).len(), left, "{answer:?}");
    }
}

#[test]
fn a_list_fits_a_terminal() {
    let bench = mixed();
    let store = bench.store();
    let list = wodehost(&["jobs", "list", "--store", &store]);
    let mut terminal = on_terminal(&list, 24, 60);
    let shown = terminal.left_with(0);
    assert!(!shown.contains("STREAM"), "{shown}");
    assert!(shown.contains("failure trap:unreachable"), "{shown}");
    let rows = shown.lines().filter(|row| row.contains("double"));
    assert_eq!(rows.count(), 3, "{shown}");
}

/// A run of two jobs that fail at first, and a consumer that never takes anything.
fn configured(bench: &Bench) {
    let text = format!(
        r#"
[run]
producer = "count"
workers = ["fail"]
[job]
retries = 0
[plugins.count]
path = "{}"
config = {{ n = 2, worker = "fail" }}
[plugins.fail]
path = "{}"
[plugins.door]
path = "{}"
config = {{ file = "nowhere" }}
limits.keepalive = "inf"
"#,
        guest("count_to"),
        guest("fail"),
        guest("consumer_door"),
    );
    std::fs::write(bench.folder.path().join("wodehost.toml"), text).unwrap();
}

fn run(bench: &Bench, more: &[&str]) -> Command {
    let store = bench.store();
    let mut command = wodehost(&[&["run", "--store", &store], more].concat());
    command.current_dir(bench.folder.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn what_nobody_took_is_undelivered_and_a_retried_job_of_a_run_goes_on() {
    let bench = Bench::new();
    configured(&bench);
    let mut command = run(&bench, &["--consumer", "door", "--board", "plain"]);
    let mut run_that_dies = Running(command.spawn().unwrap());
    let child = &mut run_that_dies.0;
    let undelivered = ["--state", "undelivered"];
    while !bench.path().exists() || bench.jobs(&["list"]).code != Some(0) {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::sleep(Duration::from_millis(5));
    }
    while bench.numbers(&undelivered).len() < 2 {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(bench.numbers(&["--state", "done"]), [2, 1]);
    child.kill().unwrap();
    child.wait().unwrap();
    // The log of the host that died is left as it is.
    let before = bench.files();
    assert_eq!(bench.numbers(&undelivered), [2, 1]);
    let list = bench.jobs(&["list"]).exits(0).out;
    assert!(
        list.ends_with("2 done, of them 2 dead and 2 undelivered\n"),
        "{list}"
    );
    assert_eq!(bench.files(), before);
    bench
        .jobs(&["retry", "--dead", "--yes"])
        .exits(0)
        .complains("2 jobs queued again");
    // Whoever takes the outcomes of the run is told what ended without it.
    bench.jobs(&["cancel", &bench.id(2)]).exits(0);
    assert_eq!(bench.numbers(&undelivered), [2]);
    bench.jobs(&["retry", &bench.id(2)]).exits(0);
    // The producer, which saved nothing, gives both once more.
    let said: Said = run(&bench, &[]).output().unwrap().into();
    let said = said.exits(10);
    assert_eq!(said.out.lines().count(), 4, "{said:?}");
    let attempts: Vec<Value> = bench
        .list(&["--dead"])
        .iter()
        .map(|job| job["attempts"].clone())
        .collect();
    assert_eq!(attempts, [1, 1, 2, 2]);
    for number in [1, 2] {
        let past = bench.json(&["show", &bench.id(number)])["past"].clone();
        assert_eq!(past.as_array().unwrap().len(), 1, "{past}");
        assert_eq!(past[0]["conditions"], Value::Null);
    }
    assert_eq!(bench.numbers(&undelivered), [] as [u64; 0]);
}

/// A host that does not outlive its test.
struct Running(Child);

impl Running {
    /// How it ends by itself.
    fn code(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < Duration::from_mins(1), "it goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The values that it has written when it has ended.
    fn written(&mut self) -> String {
        let mut text = String::new();
        let mut out = self.0.stdout.take().unwrap();
        out.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A `map` with one slot whose first job goes on until it is cancelled. The second waits, and
/// before them is one that failed.
fn going_on(bench: &Bench) -> (Running, ChildStdin) {
    let (worker, store) = (guest("board_steps"), bench.store());
    let arguments = ["map", &worker, "--store", &store, "--slots", "1"];
    let more = ["--retries", "0", "--board", "plain"];
    let mut map = Running(piped(&[&arguments[..], &more].concat()));
    let mut input = map.0.stdin.take().unwrap();
    writeln!(
        input,
        "[{{\"fail\":\"at once\"}}]\n[{{\"say\":\"here\"}},\"wait\"]\n[]"
    )
    .unwrap();
    until(map.0.stderr.as_mut().unwrap(), "here");
    (map, input)
}

#[test]
fn a_running_host_does_it_itself() {
    let bench = Bench::new();
    let (mut map, input) = going_on(&bench);
    // Looked at while it runs.
    assert_eq!(bench.numbers(&["--dead"]), [1]);
    let running = bench.list(&["--state", "running"]);
    assert!(running.iter().any(|job| number(job) == 2), "{running:?}");
    assert_eq!(bench.json(&["show", &bench.id(2)])["outcome"], Value::Null);
    bench
        .jobs(&["logs", &bench.id(2)])
        .exits(0)
        .complains("")
        .prints(&format!("{}: no attempt has ended\n", bench.id(2)));
    // It is in the way of who wants the file alone, and not of a copy.
    bench
        .jobs(&["compact"])
        .exits(30)
        .complains(&format!("process {} uses it", map.0.id()));
    let copy = bench.folder.path().join("copy.db");
    bench.jobs(&["backup", copy.to_str().unwrap()]).exits(0);
    bench
        .jobs(&["drop", &bench.id(2)])
        .exits(2)
        .complains("it is not over");
    bench.jobs(&["retry", &bench.id(1)]).exits(0);
    assert_eq!(bench.numbers(&["--state", "queued"]), [1]);
    bench.jobs(&["cancel", &bench.id(1)]).exits(0);
    bench.jobs(&["drop", &bench.id(1)]).exits(0);
    let cancelled = bench.jobs(&["cancel", &bench.id(2)]);
    cancelled.exits(0).complains("1 job cancelled");
    drop(input);
    assert_eq!(map.code(), Some(12));
    let written = map.written();
    assert_eq!(written.lines().count(), 3, "{written}");
    assert_eq!(bench.numbers(&[]), [3, 2]);
    assert_eq!(bench.numbers(&["--status", "cancelled"]), [2]);
    // The copy is from before.
    let store = copy.to_str().unwrap();
    let copied = say(&["jobs", "list", "--store", store, "-o", "jsonl"]).exits(0);
    assert_eq!(copied.out.lines().count(), 3, "{copied:?}");
}

#[test]
fn more_jobs_than_one_question_has_room_for() {
    let bench = Bench::new();
    let input = "[{\"fail\":\"\"}]\n".repeat(400);
    bench.map("board_steps", &[], &input).exits(10);
    let (worker, store) = (guest("board_steps"), bench.store());
    let map = wodehost(&["map", &worker, "--store", &store, "--board", "plain"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut map = Running(map.unwrap());
    let mut stdin = map.0.stdin.take().unwrap();
    let more = format!("{input}[{{\"say\":\"here\"}},\"wait\"]\n");
    stdin.write_all(more.as_bytes()).unwrap();
    until(map.0.stderr.as_mut().unwrap(), "here");
    bench
        .jobs(&["retry", "--dead", "--yes"])
        .exits(0)
        .complains("400 jobs queued again");
    assert_eq!(
        bench
            .numbers(&["--state", "queued", "--limit", "1000"])
            .len(),
        400
    );
    let id = bench.id(401);
    bench.jobs(&["cancel", &id]).exits(0);
    drop(stdin);
    assert_eq!(map.code(), Some(12));
    // Without a host it is the same.
    bench
        .jobs(&["cancel", "--worker", "board_steps", "--yes"])
        .exits(0)
        .complains("400 jobs cancelled");
}

#[test]
fn names_that_might_do_harm_are_names() {
    let bench = Bench::new();
    let folder = bench.folder.path();
    let worker = folder.join(format!("{HOSTILE}.wasm"));
    std::fs::copy(guest("echo"), &worker).unwrap();
    let toml = format!(
        "[plugins.evil]\npath = {:?}\nconfig = {{ a = \"{HOSTILE}\\u001b[2J\", \"b\\u001b\" = 1 }}\n",
        guest("echo")
    );
    std::fs::write(folder.join("wodehost.toml"), toml).unwrap();
    let store = bench.store();
    for worker in [worker.to_str().unwrap(), "evil"] {
        let call = ["call", worker, "1", "--store", &store, "--group", HOSTILE];
        let mut call = wodehost(&call);
        let said: Said = call.current_dir(folder).output().unwrap().into();
        said.exits(0);
    }
    assert_eq!(bench.numbers(&["--worker", HOSTILE]), [1]);
    assert_eq!(
        bench.numbers(&["--worker", "' OR 1 = 1 --"]),
        [] as [u64; 0]
    );
    assert_eq!(bench.numbers(&["--group", HOSTILE]), [2, 1]);
    let job = bench.json(&["show", &bench.id(2)]);
    let config = &job["conditions"]["config"];
    assert_eq!(config["a"], format!("{HOSTILE}\u{1b}[2J"));
    for arguments in [
        &["list"][..],
        &["show", &bench.id(1)],
        &["show", &bench.id(2)],
    ] {
        let said = bench.jobs(arguments).exits(0);
        assert!(said.out.contains("DROP"), "{said:?}");
        assert!(!said.out.contains('\u{1b}'), "{said:?}");
    }
    bench.jobs(&["drop", "--worker", HOSTILE, "--yes"]).exits(0);
    assert_eq!(bench.numbers(&[]), [2]);
}

#[test]
fn it_can_be_looked_at_all_the_time() {
    let bench = Bench::new();
    let (worker, store) = (guest("double"), bench.store());
    let mut map = piped(&["map", &worker, "--store", &store]);
    let mut input = map.stdin.take().unwrap();
    let mut out = map.stdout.take().unwrap();
    let reader = std::thread::spawn(move || out.read_to_end(&mut Vec::new()));
    let writer = std::thread::spawn(move || {
        for n in 0..10_000 {
            writeln!(input, "{n}").unwrap();
        }
    });
    while !bench.path().exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut seen = 0;
    while map.try_wait().unwrap().is_none() {
        let list = bench.json(&["list", "--limit", "1"]);
        let done = list["summary"]["done"].as_u64().unwrap();
        assert!(done >= seen, "{seen} {list}");
        seen = done;
        bench.jobs(&["export", "--since", "20ms"]).exits(0);
    }
    writer.join().unwrap();
    reader.join().unwrap().unwrap();
    let list = bench.json(&["list"]);
    assert_eq!(list["summary"]["done"], 10_000, "{seen}");
}

#[test]
fn looking_changes_nothing() {
    let bench = mixed();
    let before = bench.files();
    let id = bench.id(2);
    for arguments in [
        &["list"][..],
        &["list", "--dead", "-o", "json"],
        &["show", &id],
        &["logs", &id],
        &["export", "-o", "msgpack"],
        &["retry", "--worker", HOSTILE, "--yes"],
    ] {
        bench.jobs(arguments).exits(0);
        assert_eq!(bench.files(), before, "{arguments:?}");
    }
}

#[test]
fn an_export_loses_nothing() {
    let bench = Bench::new();
    let value = r#"{"b":{"$bin":"AAEC"},"f":{"$f32":1.5},"i":18446744073709551615}"#;
    bench.map("echo", &[], value).exits(0);
    let exported = bench.jobs(&["export"]).exits(0).out;
    assert!(
        exported.contains(&format!("\"value\":{value}")),
        "{exported}"
    );
    let array = bench.jobs(&["export", "-o", "json"]).exits(0).out;
    assert_eq!(array, format!("[\n{}\n]\n", exported.trim_end()));
    let store = bench.store();
    let packed = wodehost(&["jobs", "export", "--store", &store, "-o", "msgpack"])
        .output()
        .unwrap()
        .stdout;
    let file = bench.folder.path().join("jobs.msgpack");
    std::fs::write(&file, packed).unwrap();
    let echo = guest("echo");
    let back = say(&["map", &echo, file.to_str().unwrap()]).exits(0);
    assert_eq!(back.out, exported);
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let bench = Bench::new();
    let input: String = lines((0..2000).map(|n| n.to_string()));
    bench.map("double", &[], &input).exits(0);
    let store = bench.store();
    let mut export = wodehost(&["jobs", "export", "--store", &store])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = export.stdout.take().unwrap();
    out.read_exact(&mut [0; 10]).unwrap();
    drop(out);
    let mut said = String::new();
    export
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(
        (export.wait().unwrap().code(), said.as_str()),
        (Some(0), "")
    );
}

#[test]
fn a_store_is_compacted_and_copied() {
    let bench = Bench::new();
    let texts = (0..300).map(|n| format!("\"{}\"", "x".repeat(3000 + n)));
    let input = lines(texts);
    bench.map("echo", &[], &input).exits(0);
    bench.jobs(&["drop", "--worker", "echo", "--yes"]).exits(0);
    bench.map("double", &[], "1\n").exits(0);
    let before = bench.path().metadata().unwrap().len();
    bench
        .jobs(&["compact", "--keep", "0s"])
        .exits(0)
        .complains("0 jobs dropped; ");
    let after = bench.path().metadata().unwrap().len();
    assert!(after < before / 4, "{before} {after}");
    // A line of a `map` has a key, by which the same `map` finds it again.
    assert_eq!(bench.numbers(&[]).len(), 1);
    let copy = bench.folder.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    bench.jobs(&["backup", copy]).exits(0).complains("copy.db");
    bench
        .jobs(&["backup", copy])
        .exits(2)
        .complains("is there already");
    let listed = say(&["jobs", "list", "--store", copy]).exits(0);
    assert!(
        listed.out.ends_with("1 job: 0 queued, 0 running, 1 done\n"),
        "{listed:?}"
    );
    let nowhere = bench.folder.path().join("none/x.db");
    bench
        .jobs(&["backup", nowhere.to_str().unwrap()])
        .exits(30)
        .complains("none/x.db");
}

#[test]
fn what_is_no_store_is_told_and_left_alone() {
    let bench = mixed();
    let folder = bench.folder.path();
    let text = folder.join("text");
    std::fs::write(&text, "these are no jobs\n").unwrap();
    let fifo = folder.join("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let sub = folder.join("folder");
    std::fs::create_dir(&sub).unwrap();
    let damaged = folder.join("damaged.db");
    let mut bytes = std::fs::read(bench.path()).unwrap();
    bytes.truncate(5000);
    std::fs::write(&damaged, bytes).unwrap();
    let newer = folder.join("newer.db");
    let mut bytes = std::fs::read(bench.path()).unwrap();
    // The number of its version, as SQLite's format has it.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&newer, bytes).unwrap();
    let missing = folder.join("missing.db");
    let id = bench.id(2);
    for (path, why) in [
        (&text, "it is no store"),
        (&fifo, "it is no file"),
        (&sub, "it is a folder"),
        (&missing, "there is no such file"),
        (&damaged, "malformed"),
        (&newer, "version"),
    ] {
        let store = path.to_str().unwrap();
        for command in [
            &["list"][..],
            &["show", &id],
            &["logs", &id],
            &["retry", &id],
            &["cancel", "--dead", "--yes"],
            &["drop", &id],
            &["export"],
            &["compact"],
            &["backup", "none/copy"],
        ] {
            let said = say(&[&["jobs"], command, &["--store", store]].concat());
            said.exits(30).complains(why);
        }
        assert!(!Path::new(&format!("{store}-lock")).exists(), "{store}");
    }
    assert!(!missing.exists());
    assert_eq!(std::fs::read(&text).unwrap(), b"these are no jobs\n");
}

#[test]
fn a_wrong_word_is_told() {
    let bench = mixed();
    let (unknown, other) = (bench.id(99), "aaaaaa-1");
    let table: &[(&[&str], &str)] = &[
        (
            &["list", "--state", "runing"],
            "queued, running, undelivered, done",
        ),
        (&["list", "--status", "ok"], "success, failure, timeout"),
        (&["list", "--reason", "traps"], "`traps` is no reason"),
        (&["list", "--since", "yesterday"], "yesterday"),
        (&["list", "--limit", "0"], "0"),
        (&["list", "--parent", other], "another store"),
        (&["list", "--below", other], "another store"),
        (&["show", &unknown], "has no job"),
        (&["show", other], "another store"),
        (&["show", "17"], "reads like `k3f9ax-17`"),
        (&["logs", &unknown], "has no job"),
        (&["retry", &unknown], "has no job"),
        (&["drop", other], "another store"),
    ];
    for (arguments, part) in table {
        bench.jobs(arguments).exits(2).complains(part);
    }
    say(&["jobs", "list"]).exits(2).complains("--store");
    assert_eq!(bench.numbers(&[]).len(), 5);
}

/// A host that a store's lock names, and that does not answer.
#[test]
fn a_host_that_cannot_be_asked_is_told() {
    let bench = mixed();
    let store = bench.store();
    let lock = std::fs::OpenOptions::new()
        .write(true)
        .open(format!("{store}-lock"))
        .unwrap();
    lock.lock().unwrap();
    let said = bench.jobs(&["drop", &bench.id(1)]);
    said.exits(30).complains("uses it");
    drop(lock);
    bench.jobs(&["drop", &bench.id(1)]).exits(0);
}
