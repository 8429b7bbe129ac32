//! `--store`: the same command with the same file goes on where it stopped.

use crate::tool::{Said, feed, guest, id_of, piped, say, wodehost};
use rustix::process::{Pid, Signal, kill_process};
use std::process::Child;
use std::time::Duration;

/// A folder with a store in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn store(&self) -> String {
        self.0.path().join("jobs.db").to_str().unwrap().to_owned()
    }

    fn map(&self, worker: &str, input: &str, flags: &[&str]) -> Said {
        let (worker, store) = (guest(worker), self.store());
        feed(
            &[&["map", &worker, "--store", &store], flags].concat(),
            input,
        )
    }

    fn call(&self, worker: &str, job: &str) -> Said {
        let (worker, store) = (guest(worker), self.store());
        say(&[
            "call",
            &worker,
            job,
            "--store",
            &store,
            "--outcome",
            "-o",
            "jsonl",
        ])
    }

    /// How many jobs are in it that fit the filters.
    fn count(&self, filters: &[&str]) -> usize {
        let store = self.store();
        let list = [
            "jobs", "list", "--store", &store, "-o", "jsonl", "--limit", "1000",
        ];
        let said = say(&[&list[..], filters].concat()).exits(0);
        said.out.lines().count()
    }
}

fn interrupt(child: &Child) {
    let pid = Pid::from_child(child);
    kill_process(pid, Signal::INT).unwrap();
}

#[test]
fn a_map_prints_its_whole_output_each_time_and_runs_what_is_new() {
    let place = Place::new();
    let first = place.map("double", "1\n2\n\"x\"\n", &[]).exits(10);
    let lines: Vec<&str> = first.out.lines().collect();
    assert_eq!(lines[..2], ["2", "4"]);
    let again = place.map("double", "1\n2\n\"x\"\n", &[]).exits(10);
    assert_eq!(again.out, first.out);
    assert!(again.err.contains("has jobs: 3 done"), "{again:?}");
    let longer = place.map("double", "1\n2\n\"x\"\n5\n", &[]).exits(10);
    assert_eq!(longer.out, format!("{}10\n", first.out));
    assert_eq!(place.count(&[]), 4);
    // Another worker has lines of its own.
    place.map("echo", "7\n", &[]).exits(0).prints("7\n");
    assert_eq!(place.count(&["--stream", "map/echo"]), 1);
}

#[test]
fn a_line_that_was_changed_is_named_and_nothing_behind_it_is_run() {
    let place = Place::new();
    place.map("double", "1\n2\n3\n", &[]).exits(0);
    let said = place.map("double", "1\n9\n3\n4\n", &[]).exits(30);
    assert_eq!(said.out, "2\n");
    assert!(
        said.err
            .contains("line 2 of the input is not what the store has of it"),
        "{said:?}"
    );
    assert_eq!(place.count(&[]), 3);
}

#[test]
fn a_call_that_was_printed_is_a_new_one_the_next_time() {
    let place = Place::new();
    let first = place.call("double", "4").exits(0);
    let second = place.call("double", "4").exits(0);
    assert_ne!(id_of(&first.out), id_of(&second.out));
    assert_eq!(place.count(&[]), 2);
    let failed = place.call("fail", r#""oh""#).exits(10);
    assert_ne!(
        id_of(&failed.out),
        id_of(&place.call("fail", r#""oh""#).exits(10).out)
    );
}

// W17
#[test]
fn a_call_that_was_interrupted_goes_on_as_the_same_job() {
    let place = Place::new();
    let (worker, store) = (guest("sleep"), place.store());
    let call = [
        "call",
        &worker,
        "1500",
        "--store",
        &store,
        "--outcome",
        "-o",
        "jsonl",
    ];
    let child = wodehost(&[&call[..], &["--grace", "0s"]].concat())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !std::path::Path::new(&store).exists() || place.count(&["--state", "running"]) == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    interrupt(&child);
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(12), "{out:?}");
    let first = String::from_utf8(out.stdout).unwrap();
    assert!(first.contains(r#""reason":"interrupted""#), "{first}");
    let told = String::from_utf8(out.stderr).unwrap();
    assert!(told.contains("1 job stays in "), "{told}");
    assert_eq!(place.count(&["--state", "queued"]), 1);
    let said = say(&call).exits(0);
    assert!(said.err.contains("1 to go on with"), "{said:?}");
    assert_eq!(id_of(&first), id_of(&said.out));
    assert_eq!(place.count(&[]), 1);
}

#[test]
fn a_run_keeps_no_more_successes_than_it_is_told() {
    let place = Place::new();
    let (producer, worker, store) = (guest("count_to"), guest("double"), place.store());
    let run = [
        "run",
        "--producer",
        &producer,
        "--worker",
        &worker,
        "--set",
        "count_to.n=30",
        "--set",
        "count_to.worker=double",
        "--store",
        &store,
        "--keep-jobs",
        "10",
    ];
    say(&run).exits(0);
    assert_eq!(place.count(&[]), 30);
    // A producer that saves nothing begins anew; what is not kept goes first.
    say(&run).exits(0);
    assert!(
        (30..=40).contains(&place.count(&[])),
        "{}",
        place.count(&[])
    );
    let without = say(&["run", "--keep-jobs", "10"]).exits(2);
    assert!(without.err.contains("--store"), "{without:?}");
}

#[test]
fn a_job_whose_worker_was_not_there_has_its_value_when_it_is() {
    let place = Place::new();
    let (producer, double, echo) = (guest("checkpoint_count"), guest("double"), guest("echo"));
    let store = place.store();
    let run = |workers: &[&str]| {
        let run = [
            "run",
            "--producer",
            &producer,
            "--set",
            "checkpoint_count.n=3",
            "--set",
            "checkpoint_count.worker=double",
            "--store",
            &store,
        ];
        say(&[&run[..], workers].concat())
    };
    let failed = run(&["--worker", &echo]).exits(10);
    assert_eq!(
        failed.out.matches("unknown-worker").count(),
        3,
        "{failed:?}"
    );
    let retry = ["jobs", "retry", "--store", &store, "--dead", "--yes"];
    say(&retry).exits(0);
    let said = run(&["--worker", &double]).exits(0);
    for data in [r#""data":0"#, r#""data":2"#, r#""data":4"#] {
        assert!(said.out.contains(data), "{said:?}");
    }
    assert_eq!(said.out.lines().count(), 3);
}

#[test]
fn a_producer_that_saved_nothing_is_said_to_begin_from_its_start() {
    let place = Place::new();
    let (producer, worker, store) = (guest("count_to"), guest("double"), place.store());
    let run = [
        "run",
        "--producer",
        &producer,
        "--worker",
        &worker,
        "--set",
        "count_to.n=2",
        "--set",
        "count_to.worker=double",
        "--store",
        &store,
    ];
    let warning = "has saved no checkpoint and begins from its start";
    assert!(!say(&run).exits(0).err.contains(warning));
    say(&run).exits(0).complains(warning);
}

#[test]
fn a_store_has_one_host_at_a_time() {
    let place = Place::new();
    let (worker, store) = (guest("double"), place.store());
    let mut first = piped(&["map", &worker, "--store", &store]);
    while !std::path::Path::new(&store).exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let said = place.map("double", "1\n", &[]).exits(30);
    let pid = first.id().to_string();
    assert!(said.err.contains(&pid), "{said:?}");
    drop(first.stdin.take());
    assert!(first.wait().unwrap().success());
    place.map("double", "1\n", &[]).exits(0).prints("2\n");
}

#[test]
fn what_is_not_recorded_does_not_go_with_a_store() {
    let place = Place::new();
    for flags in [&["--chunk", "8"][..], &["--emits"]] {
        let said = place.map("double", "1\n", flags).exits(2);
        assert!(said.err.contains("cannot be used with"), "{said:?}");
    }
}
