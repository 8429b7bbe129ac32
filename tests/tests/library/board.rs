//! What whoever looks at a host sees: lines, what waits, producer and consumer, details.
//!
//! A worker of `board_steps` does on its line what its job says; looks are taken until they
//! show it, so that no test depends on how fast anything is.

use super::gates::{behind, built_in};
use super::nest;
use serde_json::{Value as Json, json};
use std::time::Duration;
use wodehost::board::{LineNow, Look, Progress, ResidentStanding, RowId, Snapshot, Standing};
use wodehost::{Deliver, Host, HostWorker, JobHandle, JobId, Serve};
use wodehost_tests::{load, load_configured, once, soon, told, value};

fn host(slots: u32, worker: HostWorker) -> Host {
    nest::host(slots, [worker])
}

/// A host with one slot for `board_steps`.
fn one_slot() -> Host {
    host(1, once(load("board_steps")))
}

fn steps(host: &Host, steps: &Json) -> JobHandle {
    host.submit("board_steps", [value(&steps.to_string())])
        .unwrap()
}

/// Looks until what is seen is what is waited for.
fn seen<T>(host: &Host, what: impl Fn(&Snapshot) -> Option<T>) -> T {
    soon(async {
        loop {
            if let Some(found) = what(&host.look(100)) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
}

/// The line of a job, when its guest has said a text.
fn line_saying(host: &Host, text: &str) -> LineNow {
    seen(host, |now| {
        let mut lines = now.lines.iter();
        lines.find(|line| line.said.text == text).cloned()
    })
}

fn texts(host: &Host) -> Vec<(RowId, String, bool)> {
    let changes = host.take_changes().into_iter();
    let texts = changes.map(|c| (c.row, c.change.said.text, c.change.is_last));
    texts.collect()
}

// A4 A8 A11 A10 A17 A18 A19 A20 A16
#[test]
fn what_a_worker_writes_stands_on_its_line() {
    let host = one_slot();
    let job = steps(
        &host,
        &json!([
            {"look": "warning"}, {"pin": true}, {"start": 4}, {"tick": 1}, {"tick": 2},
            {"say": "three of four"}, "wait"
        ]),
    );
    let line = line_saying(&host, "three of four");
    assert_eq!(
        (line.slot, line.attempt, &*line.worker),
        (Some(1), 1, "board_steps")
    );
    assert_eq!(line.job, job.id().to_string());
    assert_eq!(line.said.progress, Some(Progress { done: 3, total: 4 }));
    assert_eq!((line.said.look, line.said.is_pinned), (Look::Warning, true));
    assert_eq!(line.standing, Standing::Running);
    job.cancel();
    soon(job);
    // The line is free, and what stood on it last is told once.
    seen(&host, |now| now.lines.is_empty().then_some(()));
    let changes = texts(&host);
    let last = changes.last().expect("it wrote something");
    assert_eq!(last, &(RowId::Slot(1), "three of four".to_owned(), true));
    assert!(texts(&host).is_empty());
}

// A18
#[test]
fn a_tick_before_start_is_an_error_value() {
    let host = one_slot();
    let told = json!([{"tick": 1}, {"start": 0}, {"tick": 1}, "complete", "clear", {"tick": 5}]);
    let outcome = soon(steps(&host, &told));
    let refused = "`tick` before `start`";
    assert_eq!(outcome.data, value(&json!([refused, refused]).to_string()));
}

// A4: totals of 0 and of 2^64 - 1, and steps beyond them.
#[test]
fn totals_may_be_anything() {
    let host = one_slot();
    for total in [0, u64::MAX] {
        let told = json!([{"start": total}, {"tick": u64::MAX}, {"tick": 7}, {"say": "x"}, "wait"]);
        let job = steps(&host, &told);
        let line = line_saying(&host, "x");
        let progress = line.said.progress.expect("a bar");
        assert_eq!((progress.done, progress.percent()), (u64::MAX, 100));
        job.cancel();
        soon(job);
    }
}

// A15 W8: set-process-name.
#[test]
fn a_worker_may_name_its_line() {
    let host = one_slot();
    let job = steps(
        &host,
        &json!([{"name": "Käthe\u{1b}[2J"}, {"say": "hi"}, "wait"]),
    );
    let line = line_saying(&host, "hi");
    assert_eq!(
        line.said.name.as_deref(),
        Some("Käthe\u{1b}[2J"),
        "as it came"
    );
    job.cancel();
    soon(job);
    // The next job has its line's own name.
    let job = steps(&host, &json!([{"say": "ho"}, "wait"]));
    assert_eq!(line_saying(&host, "ho").said.name, None);
    job.cancel();
    soon(job);
}

// A1 A2 A6: slots 1 to N have their lines; what is queued has none.
#[test]
fn lines_are_those_of_the_slots_and_the_rest_waits() {
    let host = host(
        2,
        told(load("board_steps"), r#"{"group": "night", "retries": 0}"#),
    );
    let jobs: Vec<JobHandle> = (0..5).map(|_| steps(&host, &json!(["wait"]))).collect();
    let now = seen(&host, |now| (now.lines.len() == 2).then(|| now.clone()));
    let slots: Vec<Option<u32>> = now.lines.iter().map(|line| line.slot).collect();
    assert_eq!(slots, [Some(1), Some(2)]);
    assert_eq!(
        (now.slots, now.queue.queued, now.queue.load_jobs),
        (2, 3, 5)
    );
    let waiting: Vec<&str> = now.queue.first.iter().map(|job| &*job.job).collect();
    let expected: Vec<String> = jobs[2..].iter().map(|job| job.id().to_string()).collect();
    assert_eq!(waiting, expected);
    assert_eq!(now.queue.first[0].group.as_deref(), Some("night"));
    assert_eq!(host.look(1).queue.first.len(), 1);
    // J11: whoever knows an id may pause, resume and cancel.
    let last = jobs[4].id();
    host.pause(last);
    let paused = seen(&host, |now| (now.queue.paused == 1).then(|| now.clone()));
    assert_eq!(paused.queue.queued, 2);
    assert!(
        paused
            .queue
            .first
            .iter()
            .any(|job| job.is_paused && job.job == last.to_string())
    );
    host.resume(last);
    seen(&host, |now| (now.queue.queued == 3).then_some(()));
    host.pause(jobs[0].id());
    seen(&host, |now| {
        let is_paused = |line: &LineNow| line.standing == Standing::Paused && line.slot.is_none();
        now.lines.iter().any(is_paused).then_some(())
    });
    host.cancel(jobs[0].id());
    host.cancel(JobId::NONE);
    host.pause(JobId::NONE);
    assert!(host.detail(JobId::NONE).is_none());
    host.cancel_group("night");
    for job in jobs {
        assert!(soon(job).is_cancelled());
    }
    assert_eq!(host.look(0).tally.cancelled, 5);
}

// Waiting states are told as what they are.
#[test]
fn a_parent_waits_for_so_many_jobs() {
    let host = nest::host(1, [nest::nest(), nest::busy()]);
    let told = json!([
        nest::submit("busy", json!([["spin"]])),
        nest::submit("busy", json!([["spin"]])),
        ["wait-any", [0, 1]]
    ]);
    let job = nest::steps(&host, &told);
    let (parent, child) = seen(&host, |now| {
        let of = |name: &str| now.lines.iter().find(|line| line.worker == name).cloned();
        let parent = of("nest").filter(|line| line.standing != Standing::Running)?;
        Some((parent, of("busy")?))
    });
    assert_eq!((child.slot, child.depth), (Some(1), 1));
    assert_eq!(
        (parent.slot, parent.standing),
        (None, Standing::WaitsForJobs(2))
    );
    job.cancel();
    assert!(soon(job).is_cancelled());
}

#[test]
fn a_gate_that_holds_jobs_back_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let host = behind(
        [built_in(&format!("file:{}", go.display()))],
        [load("noop")],
    );
    let job = host.submit("noop", []).unwrap();
    let gate = seen(&host, |now| now.gate.clone());
    assert_eq!(gate, "file");
    std::fs::write(go, "").unwrap();
    assert!(soon(job).is_success());
}

// A28 A29: producer and consumer have lines and counters of their own; A12.
#[test]
fn producer_and_consumer_are_seen_with_what_they_write() {
    let host = host(1, once(load("noop")));
    let producer = load_configured("board_ends", r#"{"jobs": 3, "waits": true}"#);
    let deliver = Deliver::Consumer(load("board_ends"));
    let running = host.clone();
    let run = std::thread::spawn(move || soon(running.serve(Serve { producer, deliver })));
    let now = seen(&host, |now| {
        let producer = now.producer.as_ref()?;
        let consumer = now.consumer.as_ref()?;
        let waits = matches!(producer.standing, ResidentStanding::WorkingFor(1..));
        (waits && consumer.count == 3).then(|| now.clone())
    });
    let (producer, consumer) = (now.producer.unwrap(), now.consumer.unwrap());
    assert_eq!((&*producer.plugin, producer.count), ("board_ends", 3));
    assert_eq!(producer.said.text, "gave 3");
    assert_eq!(producer.said.progress, Some(Progress { done: 3, total: 3 }));
    assert_eq!(
        (&*consumer.said.text, consumer.standing),
        ("took 3", ResidentStanding::Waiting)
    );
    let changes = host.take_changes();
    let of = |row: RowId| {
        let of_row = changes.iter().filter(move |change| change.row == row);
        of_row
            .map(|c| (&*c.change.said.text, &*c.change.worker))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(RowId::Producer).last(), Some(&("gave 3", "board_ends")));
    assert_eq!(
        of(RowId::Consumer),
        [
            ("took 1", "board_ends"),
            ("took 2", "board_ends"),
            ("took 3", "board_ends")
        ]
    );
    host.stop(wodehost::Stop::Cancel);
    run.join().unwrap().unwrap();
    let now = host.look(0);
    assert_eq!(now.producer.unwrap().standing, ResidentStanding::Done);
    assert_eq!(now.consumer.unwrap().standing, ResidentStanding::Done);
    assert!(now.is_stopping);
}

#[test]
fn a_detail_tells_what_an_attempt_logged_printed_used_and_carries() {
    let host = host(1, told(load("board_steps"), r#"{"retries": 5}"#));
    let told = json!([
        {"log": "first"}, {"log": "second"}, {"print": "to stdout"}, {"update": {"at": 7}},
        {"until": 2}, {"say": "here"}, "wait"
    ]);
    let job = steps(&host, &told);
    let line = line_saying(&host, "here");
    let detail = soon(async {
        loop {
            // What is used is told with a call that takes its time.
            match host.detail(job.id()) {
                Some(detail) if detail.used.len() > 2 => return detail,
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    });
    assert_eq!(
        (line.attempt, detail.line.attempt, detail.retries_left),
        (2, 2, Some(4))
    );
    let log: Vec<(&str, &str)> = detail.log.iter().map(|l| (&*l.level, &*l.text)).collect();
    assert_eq!(log, [("info", "first"), ("info", "second")]);
    assert_eq!((&*detail.stdout, &*detail.stderr), ("to stdout\n", ""));
    assert_eq!(detail.state, r#"{"at":7}"#);
    let memory = detail
        .used
        .iter()
        .find(|used| used.limit == "memory")
        .unwrap();
    assert!(memory.amount.ends_with(" of 128 MiB"), "{memory:?}");
    let keys: Vec<&str> = detail.used.iter().map(|used| &*used.limit).collect();
    for key in ["keepalive", "deadline", "fuel", "host-calls", "log"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    job.cancel();
    let outcome = soon(job);
    // The attempt before keeps its own tail.
    assert_eq!(outcome.earlier.len(), 1);
    assert_eq!(outcome.earlier[0].stdout.as_deref(), Some("to stdout\n"));
    assert_eq!(
        outcome.earlier[0].log.as_deref(),
        Some("info: first\ninfo: second\n")
    );
    assert_eq!(outcome.log.as_deref(), Some("info: first\ninfo: second\n"));
    let more = outcome.more().to_json();
    assert!(
        more.contains(r#""earlier":[{"attempt":1,"reason":"error","message""#),
        "{more}"
    );
}

// A9 A23: however much is said, it costs nobody but the guest that says it, and what was
// said last is there.
#[test]
fn a_guest_that_says_too_much_is_not_held_up() {
    let host = one_slot();
    let mut told: Vec<Json> = (0..5000).map(|n| json!({"say": format!("{n}")})).collect();
    told.push(json!("wait"));
    let job = steps(&host, &json!(told));
    line_saying(&host, "4999");
    let changes = host.take_changes();
    let last: Vec<&str> = changes.iter().map(|c| &*c.change.said.text).collect();
    assert_eq!(last.len(), 8);
    assert_eq!((last[7], changes[0].left_out), ("4999", 4992));
    job.cancel();
    soon(job);
}

// A look is data that can be sent.
#[test]
fn a_look_goes_through_json() {
    let host = one_slot();
    let job = steps(
        &host,
        &json!([{"start": 2}, {"say": "x\u{202e}\n"}, "wait"]),
    );
    line_saying(&host, "x\u{202e}\n");
    let now = host.look(10);
    let text = serde_json::to_string(&now).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), now);
    job.cancel();
    soon(job);
}

// A job of a chunk is seen under its own id, and steered by it.
#[test]
fn the_jobs_of_a_chunk_are_seen_one_after_the_other() {
    let host = one_slot();
    let job = |text: &str| value(&json!([{"say": text}, "wait"]).to_string());
    let jobs = host
        .submit_chunk("board_steps", ["one", "two"].map(job))
        .unwrap();
    let line = line_saying(&host, "one");
    assert_eq!(line.job, jobs[0].id().to_string());
    assert_eq!(host.detail(jobs[0].id()).unwrap().line.said.text, "one");
    host.pause(jobs[0].id());
    seen(&host, |now| {
        (now.lines[0].standing == Standing::Paused).then_some(())
    });
    host.resume(jobs[0].id());
    seen(&host, |now| {
        (now.lines[0].standing == Standing::Running).then_some(())
    });
    host.cancel(jobs[0].id());
    for job in jobs {
        assert!(soon(job).is_cancelled());
    }
}
