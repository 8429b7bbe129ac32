//! Row A3 in a run: emitted values come to the consumer in order, before the outcome of
//! their job, and hold whoever emits faster than it takes them.

use super::grants::writer;
use super::tasks::one_slot;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use wodehost::plugin::Folder;
use wodehost::{Grants, HighWater, Host, Limit, Plugin, PluginSource, ServeReport, Stop};
use wodehost_tests::{
    guest, limits, load, load_configured, load_with, once, runtime, serve_to, soon, told, value,
};

/// A producer of these jobs for `script`.
fn scripts(jobs: &[&str], options: &str) -> Plugin {
    let job =
        |job: &&str| format!(r#"{{"worker": "script", "args": [{job}], "options": {options}}}"#);
    let jobs: Vec<String> = jobs.iter().map(job).collect();
    load_configured(
        "dispatches",
        &format!(r#"{{"jobs": [{}]}}"#, jobs.join(",")),
    )
}

/// The consumer `hears`, with more of its configuration. Its calls may last.
fn hears(folder: &Path, more: &str) -> Plugin {
    let out = format!("{}::/out", folder.display());
    let grants = Grants {
        write: vec![Folder::parse(&out, Path::new("/")).unwrap()],
        ..Grants::none()
    };
    let source = PluginSource::file(guest("hears"))
        .grants(grants)
        .config(value(&format!(r#"{{"file": "/out/heard"{more}}}"#)))
        .limits(limits(&[
            (Limit::Keepalive, "inf"),
            (Limit::Deadline, "inf"),
        ]));
    runtime().load(source).unwrap()
}

/// What it heard.
fn heard(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("heard")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Runs jobs of `script` one after the other: the report, and what the consumer heard.
fn run(jobs: &[&str], options: &str, more: &str) -> (ServeReport, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let host = one_slot(told(load("script"), r#"{"retries": 2}"#));
    let report = serve_to(&host, scripts(jobs, options), hears(folder.path(), more));
    (report, heard(folder.path()))
}

/// Waits until something is so.
fn wait_until(is_so: impl Fn() -> bool) {
    soon(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}

// A3 W5
#[test]
fn values_come_in_order_and_before_the_outcome() {
    let jobs = [
        r#"[[{"emit": "a"}, {"emit": "b"}]]"#,
        r#"[[{"emit": "c"}]]"#,
    ];
    let (report, heard) = run(&jobs, "{}", "");
    let due = [
        r#"1.1 "a""#,
        r#"1.2 "b""#,
        "returned",
        r#"1.1 "c""#,
        "returned",
        "took 3",
    ];
    assert_eq!(heard, due);
    assert_eq!((report.undelivered_count, report.consumer_errors), (0, 0));
}

// A3 M41
#[test]
fn values_of_every_attempt_come() {
    let job = r#"[[{"emit": 1}, {"emit": 2}, "trap"], [{"emit": 3}, {"error": "no"}], []]"#;
    let (_, heard) = run(&[job], r#"{"retries": 2}"#, "");
    assert_eq!(heard, ["1.1 1", "1.2 2", "2.1 3", "returned", "took 3"]);
    let job = r#"[[{"emit": 1}, "trap"], [{"emit": 2}, "fall"]]"#;
    let (_, heard) = run(&[job], r#"{"retries": 1, "backoff": "1ms"}"#, "");
    assert_eq!(heard, ["1.1 1", "2.1 2", "trap:unreachable", "took 2"]);
}

/// Runs jobs on many slots for the consumer `write_results`; its lines.
fn written(producer: Plugin) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    let builder = Host::builder(runtime()).slots(8);
    let host = builder.worker(once(load("script"))).build().unwrap();
    let consumer = writer("write_results", folder.path(), r#"{"file": "/out/lines"}"#);
    let report = serve_to(&host, producer, consumer);
    assert_eq!(
        (report.tally.total(), report.tally.failure),
        (report.tally.success, 0)
    );
    let text = std::fs::read_to_string(folder.path().join("lines")).unwrap();
    let lines = text.lines().filter(|line| *line != "finished");
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

// A3 W5
#[test]
fn no_value_is_late_however_many_jobs_run() {
    let jobs = vec![r#"[[{"emits": 40}]]"#; 60];
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut ended = 0;
    for line in written(scripts(&jobs, "{}")) {
        if let Some(id) = line["job_id"].as_str() {
            let seen = seen.entry(id.to_owned()).or_default();
            *seen += 1;
            assert_eq!(line["seq"], *seen);
            assert_eq!(line["emitted"], *seen);
        } else {
            ended += 1;
            assert_eq!(seen.get(line["id"].as_str().unwrap()), Some(&40));
        }
    }
    assert_eq!((seen.len(), ended), (60, 60));
}

// A3 M23: items have ids of their own.
#[test]
fn values_of_items_come_before_the_outcome_of_the_whole() {
    let items = r#"[[{"emit": 1}, {"emit": 2}]], [[{"emit": 3}]]"#;
    let lines = written(scripts(&[items], r#"{"parallel": true}"#));
    let of = |line: &serde_json::Value| line["job_id"].as_str().map(str::to_owned);
    let mut emitted: Vec<(String, u64, u64)> = lines[..3]
        .iter()
        .map(|line| {
            let seq = line["seq"].as_u64().unwrap();
            (of(line).unwrap(), seq, line["emitted"].as_u64().unwrap())
        })
        .collect();
    emitted.sort();
    let whole = lines[3]["id"].as_str().unwrap().to_owned();
    assert_eq!((lines.len(), of(&lines[3])), (4, None));
    let [(one, 1, 1), (same, 2, 2), (other, 1, 3)] = emitted.as_slice() else {
        panic!("{emitted:?}");
    };
    assert!(one == same && one != other && ![one, other].contains(&&whole));
}

// A3 W16: the same value again; the checkpoint of a call that trapped does not count.
#[test]
fn a_consumer_that_traps_on_a_value_gets_it_again() {
    let job = r#"[[{"emit": 1}, {"emit": 2}, {"emit": 3}]]"#;
    let (report, heard) = run(&[job], "{}", r#", "trap_on": 2, "times": 2"#);
    assert_eq!(report.undelivered_count, 0);
    let due = [
        "1.1 1", "1.2 2", "1.2 2", "1.2 2", "1.3 3", "returned", "took 3",
    ];
    assert_eq!(heard, due);
}

// A3 W16: after three times it is set aside, and what comes behind it is taken.
#[test]
fn a_value_that_the_consumer_always_traps_on_is_set_aside_and_named() {
    let jobs = [
        r#"[["trap"], [{"emit": 7}, {"emit": 8}, {"emit": 9}]]"#,
        "[[]]",
    ];
    let (report, heard) = run(&jobs, r#"{"retries": 1}"#, r#", "trap_on": 8"#);
    let due = [
        "2.1 7", "2.2 8", "2.2 8", "2.2 8", "2.3 9", "returned", "returned", "took 2",
    ];
    assert_eq!(heard, due);
    let [undelivered] = report.undelivered.as_slice() else {
        panic!("{report:?}");
    };
    assert_eq!((report.undelivered_count, report.tally.success), (1, 2));
    let message = &undelivered.message;
    assert!(
        message.starts_with("value 2 of attempt 2: trap:unreachable"),
        "{message}"
    );
}

// A3 W5
#[test]
fn an_error_in_answer_to_a_value_is_counted_and_costs_nothing() {
    let job = r#"[[{"emit": 1}, {"emit": 2}]]"#;
    let (report, heard) = run(&[job], "{}", r#", "error_on": 1"#);
    assert_eq!(heard, ["1.1 1", "1.2 2", "returned", "took 2"]);
    assert_eq!((report.consumer_errors, report.undelivered_count), (1, 0));
}

/// A run on a thread of its own, of a consumer that takes nothing before its door opens.
struct Doored {
    folder: tempfile::TempDir,
    run: std::thread::JoinHandle<ServeReport>,
}

impl Doored {
    fn start(host: &Host, producer: impl FnOnce(&Path) -> Plugin) -> Doored {
        let folder = tempfile::tempdir().unwrap();
        let consumer = hears(folder.path(), r#", "door": "/out/door""#);
        let (host, producer) = (host.clone(), producer(folder.path()));
        let run = std::thread::spawn(move || serve_to(&host, producer, consumer));
        let doored = Doored { folder, run };
        // The consumer has the first value in its hands.
        wait_until(|| !doored.heard().is_empty());
        doored
    }

    fn heard(&self) -> Vec<String> {
        heard(self.folder.path())
    }

    /// Opens the door: the report, and what the consumer heard.
    fn open(self) -> (ServeReport, Vec<String>) {
        std::fs::write(self.folder.path().join("door"), "").unwrap();
        let report = self.run.join().unwrap();
        (report, heard(self.folder.path()))
    }
}

/// Values that are emitted in one attempt, more than may wait.
const MANY: u64 = 3000;

// A3 M6: the guest is held, which is no silence. The witness is silent for as long as the
// script may be, and is ended for it twice while the script waits.
#[test]
fn a_slow_consumer_holds_the_guest_and_its_silence_stands_still() {
    let quick = || limits(&[(Limit::Keepalive, "700ms")]);
    let host = Host::builder(runtime()).slots(2);
    let host = host.worker(once(load_with("script", quick())));
    let host = host.worker(once(load_with("sleep_forever", quick())));
    let host = host.build().unwrap();
    let doored = Doored::start(&host, |_| scripts(&[r#"[[{"emits": 3000}]]"#], "{}"));
    for _ in 0..2 {
        let witness = soon(host.submit("sleep_forever", []).unwrap());
        assert_eq!(witness.reason.to_string(), "silent");
    }
    assert_eq!(doored.heard().len(), 1);
    let (report, heard) = doored.open();
    assert_eq!(
        (report.tally.success, report.tally.timeout),
        (1, 2),
        "{report:?}"
    );
    let due = (1..=MANY).map(|n| format!("1.{n} {n}"));
    let due: Vec<String> = due.chain(["returned".into(), "took 3000".into()]).collect();
    assert_eq!(heard, due);
}

// A3 M2: who is held ends by a cancel, and what was taken before comes.
#[test]
fn a_held_guest_ends_at_once_when_it_is_cancelled() {
    let cancels: [fn(&Host); 2] = [
        |host| host.cancel_group("day"),
        |host| host.stop(Stop::Cancel),
    ];
    for cancel in cancels {
        let host = one_slot(once(load("script")));
        let job = r#"[[{"emits": 3000}]]"#;
        let doored = Doored::start(&host, |_| scripts(&[job], r#"{"group": "day"}"#));
        cancel(&host);
        wait_until(|| host.tally().cancelled == 1);
        assert_eq!(doored.heard().len(), 1, "the consumer has not gone on");
        let (report, heard) = doored.open();
        assert_eq!(report.tally.cancelled, 1);
        let [values @ .., outcome, took] = heard.as_slice() else {
            panic!("{heard:?}");
        };
        assert_eq!(
            (outcome.as_str(), took),
            ("cancelled", &format!("took {}", values.len()))
        );
        assert!(values.len() < 1100, "{} values waited", values.len());
        let due: Vec<String> = (1..=values.len()).map(|n| format!("1.{n} {n}")).collect();
        assert_eq!(values, due);
    }
}

// A3 W12: what waits counts, though no job more is there.
#[test]
fn values_that_wait_hold_the_producer_back() {
    let host = Host::builder(runtime()).slots(1);
    let host = host
        .worker(once(load("emit_long")))
        .worker(once(load("noop")));
    let high_water = HighWater {
        jobs: 10_000,
        bytes: 50_000,
    };
    let host = host.high_water(high_water).build().unwrap();
    let doored = Doored::start(&host, |folder| {
        let config = r#"{"first": 60000, "file": "/out/heard", "n": 500}"#;
        writer("after_file", folder, config)
    });
    // The call that waited for the value may bring one more. Then nobody asks the producer,
    // however much comes to pass.
    for _ in 0..300 {
        assert!(soon(host.submit("noop", []).unwrap()).is_success());
    }
    let of_run = host.tally().total() - 300;
    assert!(of_run <= 2, "{of_run} jobs came");
    let (report, heard) = doored.open();
    assert_eq!((report.tally.success, heard.len()), (801, 503));
}

// A3: without a taker nothing is queued, so that nobody is held.
#[test]
fn nobody_is_held_for_who_takes_no_values() {
    let folder = tempfile::tempdir().unwrap();
    let consumer = writer("consumer_door", folder.path(), r#"{"file": "/out/door"}"#);
    let host = one_slot(once(load("script")));
    let producer = scripts(&["[[]]", r#"[[{"emits": 3000}]]"#], "{}");
    let other = host.clone();
    let run = std::thread::spawn(move || serve_to(&other, producer, consumer));
    // The consumer takes nothing at all, and yet both end.
    wait_until(|| host.tally().success == 2);
    std::fs::write(folder.path().join("door"), "").unwrap();
    let report = run.join().unwrap();
    assert_eq!((report.tally.success, report.undelivered_count), (2, 0));
}
