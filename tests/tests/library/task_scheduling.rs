//! Rows M1 to M3, M35 and M36: which job runs when, which ones are stopped together,
//! and which are refused.

use super::task_events::{listened, wait_for, wait_for_start};
use super::tasks::{end, one_slot};
use std::sync::{Arc, Mutex};
use wodehost::task::Happened;
use wodehost::{Host, HostWorker, JobHandle, Outcome, Stop};
use wodehost_tests::{
    data, load, load_configured, once, options, runtime, serve, soon, told, value,
};

/// A host for `script` jobs, each with one attempt.
fn scripts(slots: u32) -> Host {
    let host = Host::builder(runtime()).slots(slots);
    host.worker(once(load("script"))).build().unwrap()
}

/// Submits a `script` job with options of its own.
fn submitted(host: &Host, options: &str, job: &str) -> JobHandle {
    let job = host.job("script").unwrap().argument(value(job));
    let own = wodehost_tests::options(options);
    job.options(own).submit().unwrap()
}

/// Occupies a slot until it is cancelled.
fn occupied(host: &Host) -> JobHandle {
    let (handle, mut events) = listened(host, "script", r#"[["live"]]"#);
    wait_for_start(&mut events);
    handle
}

const SINGLE: &str = r#"{"retries": 0, "keepalive": "500ms", "singleton": "night"}"#;

fn expect_rejected(outcome: &Outcome) {
    assert_eq!(end(outcome), ("rejected".to_owned(), 0), "{outcome:?}");
    assert!(outcome.is_rejected());
    assert!(outcome.message.as_ref().unwrap().contains("`night`"));
}

// M36
#[test]
fn a_singleton_is_rejected_at_once_while_its_key_is_in_use() {
    let host = scripts(1);
    let first = submitted(&host, SINGLE, r#"[["live"]]"#);
    // It needs no slot, and there is none.
    expect_rejected(&soon(submitted(&host, SINGLE, "[[]]")));
    // Another key, and another host, have nothing to do with it.
    let other = submitted(&host, r#"{"singleton": "day"}"#, "[[]]");
    let elsewhere = scripts(1);
    assert!(soon(submitted(&elsewhere, SINGLE, "[[]]")).is_success());
    first.cancel();
    assert!(soon(first).is_cancelled());
    assert!(soon(other).is_success());
    assert_eq!(host.tally().rejected, 1);
}

// M36: however it ended, the next one with the key is taken.
#[test]
fn the_key_of_a_singleton_is_free_when_its_job_has_ended_in_any_way() {
    let host = scripts(1);
    let ends = [
        ("[[]]", "returned"),
        (r#"[[{"success": 1}]]"#, "declared"),
        (r#"[[{"failure": 1}]]"#, "declared"),
        (r#"[[{"error": 1}]]"#, "error"),
        (r#"[["spin"]]"#, "silent"),
        (r#"[["trap"]]"#, "trap:unreachable"),
        (r#"[["restart"]]"#, "restart-asked"),
    ];
    for (job, reason) in ends {
        let outcome = soon(submitted(&host, SINGLE, job));
        assert_eq!(outcome.reason.to_string(), reason);
    }
    // One that cannot become a job at all.
    let bad = r#"{"unwrap": true, "singleton": "night"}"#;
    let outcome = soon(submitted(&host, bad, "1"));
    assert_eq!(end(&outcome), ("bad-options".to_owned(), 0));
    let large = r#"{"value": 10, "singleton": "night"}"#;
    let outcome = soon(submitted(&host, large, r#"[["restart"], ["restart"]]"#));
    assert_eq!(end(&outcome), ("value-too-large".to_owned(), 0));
    // One that is cancelled while it runs, and one while it waits.
    let running = submitted(&host, SINGLE, r#"[[{"sleep": 60000}]]"#);
    running.cancel();
    assert!(soon(running).is_cancelled());
    let slot = occupied(&host);
    let queued = submitted(&host, SINGLE, "[[]]");
    expect_rejected(&soon(submitted(&host, SINGLE, "[[]]")));
    queued.cancel();
    assert!(soon(queued).is_cancelled());
    let next = submitted(&host, SINGLE, "[[]]");
    slot.cancel();
    assert!(soon(next).is_success());
}

// M36: between two attempts the key is not free.
#[test]
fn a_singleton_keeps_its_key_from_attempt_to_attempt() {
    let host = scripts(2);
    let patient = r#"{"retries": 1, "backoff": "1h", "singleton": "night"}"#;
    let mut job = host
        .job("script")
        .unwrap()
        .argument(value(r#"[["trap"], []]"#));
    let mut events = job.events();
    let delayed = job.options(options(patient)).submit().unwrap();
    wait_for(&mut events, |what| {
        matches!(what, Happened::Restarted { .. })
    });
    expect_rejected(&soon(submitted(&host, SINGLE, "[[]]")));
    delayed.cancel();
    assert_eq!(end(&soon(delayed)), ("cancelled".to_owned(), 1));
    assert!(soon(submitted(&host, SINGLE, "[[]]")).is_success());
}

// M2: running, queued and delayed jobs of the group, and nobody else.
#[test]
fn cancelling_a_group_ends_its_jobs_and_leaves_others_alone() {
    let host = scripts(2);
    let group = r#"{"retries": 1, "backoff": "1h", "group": "night"}"#;
    let mut job = host.job("script").unwrap();
    job = job.argument(value(r#"[[{"update": 5}, "trap"]]"#));
    let mut events = job.events();
    let delayed = job.options(options(group)).submit().unwrap();
    wait_for(&mut events, |what| {
        matches!(what, Happened::Restarted { .. })
    });
    let other_runs = occupied(&host);
    let mut job = host.job("script").unwrap();
    job = job.argument(value(r#"[[{"update": 6}, {"emit": 1}, "spin"]]"#));
    let mut events = job.events();
    let runs = job.options(options(group)).submit().unwrap();
    wait_for(&mut events, |what| matches!(what, Happened::Emitted { .. }));
    let queued = submitted(&host, group, "[[]]");
    let other_queued = submitted(&host, r#"{"group": "day"}"#, "[[]]");
    host.cancel_group("nobody");
    host.cancel_group("night");
    let ends = [(delayed, 1, "5"), (runs, 1, "6"), (queued, 0, "null")];
    for (handle, attempts, left) in ends {
        let outcome = soon(handle);
        assert_eq!(end(&outcome), ("cancelled".to_owned(), attempts));
        assert_eq!(data(&outcome), left);
    }
    assert!(soon(other_queued).is_success());
    let tally = host.tally();
    assert_eq!((tally.cancelled, tally.success), (3, 1));
    // Later jobs of the group are taken as ever.
    assert!(soon(submitted(&host, group, "[[]]")).is_success());
    other_runs.cancel();
    assert!(soon(other_runs).is_cancelled());
}

// M1 M2 M3: groups of one name in two hosts are two groups; a stop is for one host.
#[test]
fn hosts_do_not_disturb_each_other() {
    let (one, two) = (scripts(1), scripts(1));
    let group = r#"{"group": "night"}"#;
    let job = |host| submitted(host, group, r#"[[{"sleep": 400}]]"#);
    let (first, second) = (job(&one), job(&two));
    one.cancel_group("night");
    assert!(soon(first).is_cancelled());
    one.stop(Stop::Cancel);
    assert!(soon(second).is_success());
}

// M2 M16: whatever it does just now, and with what it had.
#[test]
fn a_cancel_ends_a_job_wherever_it_is() {
    let host = scripts(1);
    for steps in [
        r#""spin""#,
        r#"{"sleep": 60000}"#,
        r#""chatter""#,
        r#""live""#,
    ] {
        let job = format!(r#"[[{{"update": [1]}}, {{"emit": 1}}, {steps}]]"#);
        let (handle, mut events) = listened(&host, "script", &job);
        wait_for(&mut events, |what| matches!(what, Happened::Emitted { .. }));
        handle.cancel();
        handle.cancel();
        let outcome = soon(handle);
        assert_eq!(end(&outcome), ("cancelled".to_owned(), 1), "{steps}");
        assert_eq!(
            (data(&outcome), outcome.receipts.len()),
            ("[1]".to_owned(), 1)
        );
    }
    // One that is over already stays what it is.
    let (handle, mut events) = listened(&host, "script", "[[]]");
    wait_for(&mut events, |what| {
        matches!(what, Happened::Finished { .. })
    });
    handle.cancel();
    assert!(soon(handle).is_success());
    // A job that is restarted without end ends, too.
    let job = host.job("script").unwrap();
    let mut job = job.argument(value(r#"[["trap"]]"#));
    let mut events = job.events();
    let endless = job.options(options(r#"{"retries": "inf"}"#));
    let endless = endless.submit().unwrap();
    wait_for(&mut events, |what| {
        matches!(what, Happened::Restarted { .. })
    });
    drop(events);
    endless.cancel();
    let outcome = soon(endless);
    assert!(outcome.is_cancelled(), "{outcome:?}");
}

// M9 M35: an hour to wait, and one slot.
#[test]
fn a_job_that_pauses_leaves_its_slot_to_others() {
    let host = scripts(1);
    let patient = r#"{"retries": 3, "backoff": "1h..2h"}"#;
    let steps = r#"[[{"update": "kept"}, "trap"], []]"#;
    let mut job = host.job("script").unwrap().argument(value(steps));
    let mut events = job.events();
    let delayed = job.options(options(patient)).submit().unwrap();
    wait_for(
        &mut events,
        |what| matches!(what, Happened::Restarted { pause, .. } if pause.as_secs() >= 1800),
    );
    for _ in 0..3 {
        assert!(soon(submitted(&host, "{}", "[[]]")).is_success());
    }
    delayed.cancel();
    let outcome = soon(delayed);
    assert_eq!(end(&outcome), ("cancelled".to_owned(), 1));
    assert_eq!(
        (data(&outcome), outcome.receipts.len()),
        (r#""kept""#.to_owned(), 1)
    );
    // It comes back when its time has come.
    let short = r#"{"retries": 2, "backoff": "50ms"}"#;
    let outcome = soon(submitted(
        &host,
        short,
        r#"[["note", "trap"], ["note", "trap"], ["note"]]"#,
    ));
    assert_eq!(end(&outcome), ("returned".to_owned(), 3));
    assert_eq!(outcome.data.elements().unwrap().count(), 3);
}

/// A host that writes down what the jobs gave back, in the order in which they ended.
fn written_down(slots: u32, worker: HostWorker) -> (Host, Arc<Mutex<Vec<String>>>) {
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = order.clone();
    let host = Host::builder(runtime())
        .slots(slots)
        .worker(worker)
        .observe(Box::new(move |outcome: &Outcome| {
            seen.lock().unwrap().push(data(outcome));
        }));
    (host.build().unwrap(), order)
}

// M35
#[test]
fn waiting_jobs_start_by_priority_and_then_as_they_were_submitted() {
    let (host, order) = written_down(1, once(load("script")));
    let slot = occupied(&host);
    let jobs = [
        (0, 1),
        (-1, 2),
        (5, 3),
        (0, 4),
        (i32::MAX, 5),
        (5, 6),
        (i32::MIN, 7),
    ];
    let handles: Vec<JobHandle> = jobs
        .iter()
        .map(|(priority, n)| {
            let options = format!(r#"{{"priority": {priority}}}"#);
            submitted(&host, &options, &format!(r#"[[{{"return": {n}}}]]"#))
        })
        .collect();
    slot.cancel();
    for handle in handles {
        assert!(soon(handle).is_success());
    }
    let order = order.lock().unwrap();
    assert_eq!(order[1..], ["5", "3", "6", "1", "4", "2", "7"]);
}

// M35
#[test]
fn a_worker_runs_no_more_attempts_than_it_may_and_lets_others_pass() {
    let span = HostWorker::from(load("span")).running_max(1);
    let host = Host::builder(runtime()).slots(4).worker(span);
    let host = host.worker(load("double")).build().unwrap();
    let spans: Vec<JobHandle> = (0..4)
        .map(|_| host.submit("span", [value("150")]).unwrap())
        .collect();
    // Three slots are free for it.
    let passed = soon(host.submit("double", [value("2")]).unwrap());
    assert!(passed.is_success());
    let mut spans: Vec<[u64; 2]> = spans
        .into_iter()
        .map(|handle| soon(handle).data.to().unwrap())
        .collect();
    spans.sort_unstable();
    // In the guests' own clock, none begins before the one ahead of it is done.
    assert!(
        spans.windows(2).all(|pair| pair[0][1] <= pair[1][0]),
        "{spans:?}"
    );
}

// M9 M35: a job that pauses is none of its worker's attempts meanwhile.
#[test]
fn a_bounded_worker_counts_neither_jobs_that_pause_nor_jobs_that_are_gone() {
    let script = told(load("script"), r#"{"backoff": "1h", "keepalive": "5s"}"#);
    let host = Host::builder(runtime()).slots(2);
    let host = host.worker(script.running_max(1)).build().unwrap();
    let (delayed, mut events) = listened(&host, "script", r#"[["trap"]]"#);
    wait_for(&mut events, |what| {
        matches!(what, Happened::Restarted { .. })
    });
    let slot = occupied(&host);
    let held_back = host.submit("script", [value("[[]]")]).unwrap();
    let next = host.submit("script", [value("[[]]")]).unwrap();
    held_back.cancel();
    assert_eq!(end(&soon(held_back)), ("cancelled".to_owned(), 0));
    slot.cancel();
    assert!(soon(next).is_success());
    delayed.cancel();
    assert!(soon(delayed).is_cancelled());
}

// M2 M36: a run ends only when nothing is left, so that whatever is counted wrongly hangs it.
#[test]
fn jobs_that_were_cancelled_or_rejected_are_off_the_books() {
    let host = Host::builder(runtime())
        .slots(1)
        .worker(once(load("script")))
        .worker(load("double"))
        .build()
        .unwrap();
    let patient = r#"{"retries": 1, "backoff": "1h", "singleton": "night", "group": "g"}"#;
    let delayed = submitted(&host, patient, r#"[["trap"]]"#);
    let rejected = submitted(&host, patient, "[[]]");
    let slot = occupied(&host);
    let queued = submitted(&host, r#"{"group": "g"}"#, "[[]]");
    host.cancel_group("g");
    slot.cancel();
    let producer = load_configured("count_to", r#"{"n": 3, "worker": "double"}"#);
    let (report, _) = serve(&host, producer);
    assert_eq!(report.tally.success, 3);
    assert!(soon(delayed).is_cancelled() && soon(queued).is_cancelled());
    assert!(soon(rejected).is_rejected() && soon(slot).is_cancelled());
}

// M2 M9: a job between two attempts waits, and a drain ends what waits.
#[test]
fn a_stop_of_the_host_ends_jobs_that_pause() {
    let drain = |host: Host| {
        let grace = std::time::Duration::from_secs(30);
        host.stop(Stop::Drain { grace });
        Some(host)
    };
    let cancel = |host: Host| {
        host.stop(Stop::Cancel);
        Some(host)
    };
    let gone = |host: Host| {
        drop(host);
        None
    };
    let stops: [&dyn Fn(Host) -> Option<Host>; 3] = [&drain, &cancel, &gone];
    for stop in stops {
        let host = one_slot(told(load("script"), r#"{"backoff": "1h"}"#));
        let (delayed, mut events) = listened(&host, "script", r#"[[{"update": "kept"}, "trap"]]"#);
        wait_for(&mut events, |what| {
            matches!(what, Happened::Restarted { .. })
        });
        let _host = stop(host);
        let outcome = soon(delayed);
        assert_eq!(end(&outcome), ("cancelled".to_owned(), 1));
        assert_eq!(data(&outcome), r#""kept""#);
    }
}
