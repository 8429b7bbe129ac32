//! Parallel jobs: one item for each argument, one outcome for all (rows M23 to M25).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use wodehost::task::Happened;
use wodehost::{
    Deliver, Host, HostBuilder, HostWorker, Job, JobEvents, Limit, Outcome, Reason, Serve, Status,
    Stop, Value,
};
use wodehost_tests::{
    data, host_of, limits, load, load_configured, load_with, options, quick, runtime, serve,
    serve_to, soon, told, value,
};

/// A host of so many slots.
pub(crate) fn host(slots: u32, workers: impl IntoIterator<Item = HostWorker>) -> Host {
    let builder = Host::builder(runtime()).slots(slots);
    let builder = workers.into_iter().fold(builder, HostBuilder::worker);
    builder.build().unwrap()
}

/// A job with these arguments, an array, and options; both as JSON.
pub(crate) fn job<'h>(host: &'h Host, worker: &str, arguments: &str, said: &str) -> Job<'h> {
    let arguments = value(arguments).elements().unwrap();
    let job = host.job(worker).unwrap().arguments(arguments);
    job.options(options(said))
}

/// The same, submitted and awaited.
pub(crate) fn done(host: &Host, worker: &str, arguments: &str, said: &str) -> Outcome {
    soon(job(host, worker, arguments, said).submit().unwrap())
}

/// Waits until so many items are over.
async fn items_over(events: &mut JobEvents, items: usize) {
    let mut over = 0;
    while over < items {
        let event = events.next().await.unwrap();
        over += usize::from(matches!(event.what, Happened::Finished { .. }));
    }
}

const PARALLEL: &str = r#"{"parallel": true, "retries": 0}"#;

// M23
#[test]
fn each_argument_is_an_item_and_their_data_keep_its_place() {
    let host = host(4, [load("sleep").into()]);
    // The first one ends last.
    let outcome = done(&host, "sleep", "[400, 200, 1, 0]", PARALLEL);
    assert_eq!(
        (outcome.status, outcome.reason),
        (Status::Success, Reason::Returned)
    );
    assert_eq!(data(&outcome), "[400,200,1,0]");
    assert_eq!((outcome.attempts, outcome.items.len()), (4, 4));
    let mut ids: Vec<_> = outcome.items.iter().map(|item| item.id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    ids.push(outcome.id);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5, "each has an id of its own");
    for (item, ms) in outcome.items.iter().zip(["400", "200", "1", "0"]) {
        assert_eq!((data(item).as_str(), item.attempts), (ms, 1));
        assert_eq!((&*item.worker, item.receipts.len()), ("sleep", 1));
    }
}

// M23
#[test]
fn no_argument_is_an_empty_array_and_a_success() {
    let host = host_of("unreachable");
    for said in [PARALLEL, r#"{"parallel": true, "items": true}"#] {
        let outcome = done(&host, "unreachable", "[]", said);
        assert_eq!(
            (outcome.status, outcome.reason),
            (Status::Success, Reason::Returned)
        );
        assert_eq!((data(&outcome).as_str(), outcome.attempts), ("[]", 0));
        assert!(outcome.items.is_empty() && outcome.message.is_none());
    }
    assert_eq!(host.tally().success, 2);
}

// M23
#[test]
fn one_argument_is_one_item() {
    let outcome = done(&host_of("double"), "double", "[4]", PARALLEL);
    assert_eq!((data(&outcome).as_str(), outcome.items.len()), ("[8]", 1));
}

// M23
#[test]
fn items_are_tried_again_each_with_a_state_of_its_own() {
    let host = host(2, [load("state").into()]);
    let said = r#"{"parallel": true, "retries": 2}"#;
    let outcome = done(&host, "state", "[0, 2, 1, 9]", said);
    let attempts: Vec<u32> = outcome.items.iter().map(|item| item.attempts).collect();
    assert_eq!(attempts, [1, 3, 2, 3]);
    assert_eq!(outcome.attempts, 9);
    assert_eq!(
        data(&outcome),
        r#"[{"count":1},{"count":3},{"count":2},{"count":3}]"#
    );
    assert_eq!(outcome.status, Status::Mixed);
    assert_eq!(outcome.items[3].reason.to_string(), "trap:unreachable");
}

// M23
#[test]
fn items_have_the_limits_of_their_job() {
    let host = host(2, [load("act").into()]);
    let arguments = r#"[{"do": "long", "n": 2000}, {"do": "long", "n": 5}]"#;
    let said = r#"{"parallel": true, "value": "1kB", "retries": 0}"#;
    let outcome = done(&host, "act", arguments, said);
    assert_eq!(outcome.items[0].reason, Reason::ValueTooLarge);
    assert_eq!(outcome.items[1].reason, Reason::Returned);
    let said = r#"{"parallel": true, "keepalive": "200ms", "retries": 0}"#;
    let arguments = r#"[{"do": "spin"}, {"do": "sleep", "n": 60000}]"#;
    let outcome = done(&host, "act", arguments, said);
    assert_eq!(outcome.items[0].reason, Reason::Silent);
    assert_eq!(outcome.items[1].reason, Reason::Silent);
}

// M23
#[test]
fn items_have_the_environment_and_the_group_of_their_job() {
    let host = host(2, [load("env_read").into()]);
    let said = r#"{"parallel": true, "env": {"WHO": "me"}, "retries": 0}"#;
    let outcome = done(&host, "env_read", r#"["WHO", "WHO"]"#, said);
    assert_eq!(outcome.status, Status::Success, "{outcome:?}");
    for item in &outcome.items {
        assert!(data(item).contains("me"), "{item:?}");
    }
}

// M23
#[test]
fn items_can_be_given_back_whole() {
    let host = host(2, [load("act").into()]);
    let said = r#"{"parallel": true, "items": true, "retries": 0}"#;
    let arguments = r#"[7, {"do": "error", "value": "no"}]"#;
    let outcome = done(&host, "act", arguments, said);
    let elements: Vec<Value> = outcome.data.elements().unwrap().collect();
    assert_eq!(elements.len(), 2);
    for (element, item) in elements.iter().zip(&outcome.items) {
        assert!(element.is_outcome());
        let inner = element.get("$outcome").unwrap();
        assert_eq!(inner.to_json(), item.to_value().to_json());
    }
    assert!(data(&outcome).contains(r#""reason":"error","data":"no""#));
}

// M23
#[test]
fn a_job_of_many_items_needs_no_more_than_a_few_slots() {
    let host = host(3, [load("double").into()]);
    let arguments = (0..5000_u64).map(Value::from);
    let job = host.job("double").unwrap().arguments(arguments);
    let job = job.with(|options| options.spread.parallel = true);
    let outcome = soon(job.submit().unwrap());
    assert_eq!(outcome.status, Status::Success, "{:?}", outcome.message);
    let doubled: Vec<u64> = outcome.data.to().unwrap();
    assert!(doubled.iter().copied().eq((0..5000).map(|n| 2 * n)));
    assert_eq!(host.tally().total(), 1);
}

// M23
#[test]
fn a_producer_spreads_a_job_and_the_consumer_gets_it_once() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    let host = Host::builder(runtime())
        .slots(2)
        .worker(load("double"))
        .observe(Box::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        }))
        .build()
        .unwrap();
    let producer = load_configured(
        "dispatches",
        r#"{"jobs": [{"worker": "double", "args": [1, 2, 3], "options": {"parallel": true}},
                     {"worker": "double", "args": [], "options": {"parallel": true}},
                     {"worker": "double", "args": [5], "options": {"parallel": true}},
                     {"worker": "double", "args": [9]}]}"#,
    );
    let (report, outcomes) = serve(&host, producer);
    let mut got: Vec<_> = outcomes
        .iter()
        .map(|(job, outcome)| (job.to_json(), data(outcome)))
        .collect();
    got.sort();
    let wanted = [
        ("5", "[10]"),
        ("9", "18"),
        ("[1,2,3]", "[2,4,6]"),
        ("null", "[]"),
    ];
    assert!(got.iter().map(|(a, b)| (a.as_str(), b.as_str())).eq(wanted));
    assert_eq!((report.tally.success, report.tally.total()), (4, 4));
    assert_eq!(seen.load(Ordering::Relaxed), 4, "items are not told");
}

// M23 W5
#[test]
fn a_consumer_plugin_gets_one_line_for_a_parallel_job() {
    let folder = tempfile::tempdir().unwrap();
    let consumer = super::grants::writer("write_results", folder.path(), r#"{"file": "/out/r"}"#);
    let producer = load_configured(
        "dispatches",
        r#"{"times": 3, "jobs": [{"worker": "act", "args": [1, {"do": "trap"}],
            "options": {"parallel": true, "retries": 0, "post": "list"}}]}"#,
    );
    let host = host(2, [load("act").into()]);
    let report = serve_to(&host, producer, consumer);
    assert_eq!((report.tally.mixed, report.undelivered_count), (3, 0));
    let text = std::fs::read_to_string(folder.path().join("r")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.pop(), Some("finished"));
    assert_eq!(lines.len(), 3, "{text}");
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["status"], &line["reason"]),
            (&"mixed".into(), &"items".into())
        );
        assert_eq!(line["job"], serde_json::json!([1, {"do": "trap"}]));
        assert_eq!(line["data"][0][0], 1, "{line}");
    }
}

// M23 M36
#[test]
fn the_job_alone_holds_its_key_until_its_last_stage_is_over() {
    let forever = load_with("sleep_forever", limits(&[(Limit::Keepalive, "60s")]));
    let host = host(1, [load("double").into(), forever.into()]);
    let said = r#"{"parallel": true, "singleton": "k", "post": "sleep_forever"}"#;
    let mut first = job(&host, "double", "[1, 2]", said);
    let mut events = first.events();
    let first = first.submit().unwrap();
    let again = || done(&host, "double", "[1, 2]", r#"{"singleton": "k"}"#);
    assert_eq!(again().status, Status::Rejected);
    soon(items_over(&mut events, 2));
    let rejected = again();
    assert_eq!(
        (rejected.status, rejected.attempts),
        (Status::Rejected, 0),
        "its stage is not over"
    );
    // A cancel on the way from the items to the stage is a matter of its own.
    std::thread::sleep(Duration::from_millis(300));
    first.cancel();
    let first = soon(first);
    assert_eq!(first.status, Status::Cancelled);
    assert!(first.items.iter().all(Outcome::is_success), "{first:?}");
    let said = r#"{"parallel": true, "singleton": "k"}"#;
    let after = done(&host, "double", "[1, 2]", said);
    assert_eq!(data(&after), "[2,4]", "its items need no key");
}

// M23
#[test]
fn cancelling_a_job_cancels_its_items_and_nothing_else() {
    let forever = load_with("sleep_forever", limits(&[(Limit::Keepalive, "inf")]));
    let host = host(2, [load("sleep").into(), forever.into()]);
    let meant = job(&host, "sleep_forever", "[1, 2, 3, 4]", PARALLEL);
    let meant = meant.submit().unwrap();
    let other = job(&host, "sleep", "[100, 100]", PARALLEL)
        .submit()
        .unwrap();
    meant.cancel();
    meant.cancel();
    let meant = soon(meant);
    assert_eq!(
        (meant.status, meant.reason),
        (Status::Cancelled, Reason::Cancelled)
    );
    assert_eq!(meant.items.len(), 4);
    assert!(meant.items.iter().all(Outcome::is_cancelled), "{meant:?}");
    assert_eq!(data(&soon(other)), "[100,100]");
    assert_eq!((host.tally().cancelled, host.tally().total()), (1, 2));
}

// M23 M24
#[test]
fn a_job_cancelled_half_way_is_cancelled_and_keeps_what_was_done() {
    let host = host(1, [load("act").into()]);
    let said = r#"{"parallel": true, "keepalive": "inf"}"#;
    let arguments = r#"[5, {"do": "sleep", "n": 600000}, 6]"#;
    let mut job = job(&host, "act", arguments, said);
    let mut events = job.events();
    let handle = job.submit().unwrap();
    soon(items_over(&mut events, 1));
    handle.cancel();
    let outcome = soon(handle);
    assert_eq!(outcome.status, Status::Cancelled);
    let statuses: Vec<Status> = outcome.items.iter().map(|item| item.status).collect();
    assert_eq!(
        statuses,
        [Status::Success, Status::Cancelled, Status::Cancelled]
    );
    assert_eq!(outcome.data.elements().unwrap().next(), Some(value("5")));
}

// M23
#[test]
fn a_cancel_reaches_items_that_wait_for_another_attempt() {
    let host = host(2, [load("fail").into()]);
    let said = r#"{"parallel": true, "retries": "inf", "backoff": "1h"}"#;
    let mut job = job(&host, "fail", "[1, 2, 3]", said);
    let mut events = job.events();
    let handle = job.submit().unwrap();
    soon(async {
        let mut restarts = 0;
        while restarts < 3 {
            let event = events.next().await.unwrap();
            restarts += usize::from(matches!(event.what, Happened::Restarted { .. }));
        }
    });
    // The event comes a moment before the item waits.
    std::thread::sleep(Duration::from_millis(300));
    handle.cancel();
    let outcome = soon(handle);
    assert!(outcome.items.iter().all(Outcome::is_cancelled));
    assert!(outcome.items.iter().all(|item| item.attempts == 1));
}

// M2 M23
#[test]
fn a_group_is_cancelled_with_its_parallel_jobs() {
    let forever = load_with("sleep_forever", limits(&[(Limit::Keepalive, "inf")]));
    let host = host(2, [load("sleep").into(), forever.into()]);
    let of_group = |group: &str, worker: &str, arguments: &str| {
        let said = format!(r#"{{"parallel": true, "group": "{group}"}}"#);
        job(&host, worker, arguments, &said).submit().unwrap()
    };
    let meant = of_group("night", "sleep_forever", "[1, 2, 3]");
    let too = of_group("night", "sleep", "[1, 2]");
    let other = of_group("day", "sleep", "[100, 1]");
    host.cancel_group("night");
    assert!(soon(meant).items.iter().all(Outcome::is_cancelled));
    assert_eq!(soon(too).status, Status::Cancelled);
    assert_eq!(data(&soon(other)), "[100,1]");
    let later = of_group("night", "sleep", "[1, 2]");
    assert_eq!(data(&soon(later)), "[1,2]", "later jobs are taken as ever");
}

// M23 W17
#[test]
fn a_stop_leaves_each_parallel_job_one_outcome() {
    let grace = Duration::from_secs(20);
    for stop in [Stop::Drain { grace }, Stop::Cancel] {
        let host = Arc::new(host(3, [load("sleep").into()]));
        let producer = load_configured(
            "dispatches",
            r#"{"times": 40, "jobs": [{"worker": "sleep", "args": [30, 20, 10, 0, 30],
                "options": {"parallel": true, "post": "list", "flatten": true}}]}"#,
        );
        let outcomes = Arc::new(Mutex::new(Vec::new()));
        let (sink, stopper) = (outcomes.clone(), host.clone());
        let deliver = Deliver::Function(Box::new(move |_, outcome: &Outcome| {
            let mut outcomes = sink.lock().unwrap();
            outcomes.push(outcome.clone());
            if outcomes.len() == 3 {
                stopper.stop(stop);
            }
        }));
        let report = soon(host.serve(Serve { producer, deliver })).unwrap();
        let outcomes = std::mem::take(&mut *outcomes.lock().unwrap());
        assert!(report.stopped, "{report:?}");
        assert_eq!(report.tally.total(), outcomes.len() as u64);
        let ids: std::collections::HashSet<_> = outcomes.iter().map(|o| o.id).collect();
        assert_eq!(ids.len(), outcomes.len(), "each job has one outcome");
        assert!(outcomes.iter().any(Outcome::is_cancelled));
        for outcome in &outcomes {
            assert_eq!(outcome.items.len(), 5, "{outcome:?}");
            let all_well = outcome.items.iter().all(Outcome::is_success);
            assert!(all_well || outcome.is_cancelled(), "{outcome:?}");
            let is_whole = data(outcome) == "[[30,20,10,0,30]]";
            assert_eq!(is_whole, outcome.is_success(), "{outcome:?}");
        }
    }
}

// M23 J27
#[test]
fn dropping_the_host_ends_parallel_jobs() {
    let host = host(2, [load("spin").into(), load("double").into()]);
    let handles: Vec<_> = (0..3)
        .map(|_| {
            let said = r#"{"parallel": true, "pre": "double", "finally": "double"}"#;
            job(&host, "spin", "[1, 2, 3]", said).submit().unwrap()
        })
        .collect();
    drop(host);
    for handle in handles {
        let outcome = soon(handle);
        assert_eq!(outcome.status, Status::Cancelled, "{outcome:?}");
    }
}

// M23 M35
#[test]
fn items_go_by_the_priority_of_their_job() {
    let folder = tempfile::tempdir().unwrap();
    let record = super::grants::writer("record", folder.path(), r#"{"file": "/out/r"}"#);
    let host = host(1, [record.into(), load("sleep").into()]);
    let first = host.submit("sleep", [value("400")]).unwrap();
    let of_priority = |priority: i32, arguments: &str| {
        let said = format!(r#"{{"parallel": true, "priority": {priority}}}"#);
        job(&host, "record", arguments, &said).submit().unwrap()
    };
    let jobs = [
        of_priority(0, "[3, 4]"),
        of_priority(-1, "[5, 6]"),
        of_priority(7, "[1, 2]"),
    ];
    assert!(soon(first).is_success());
    for job in jobs {
        assert!(soon(job).is_success());
    }
    let text = std::fs::read_to_string(folder.path().join("r")).unwrap();
    assert_eq!(text, "1 1\n1 2\n1 3\n1 4\n1 5\n1 6\n");
}

// M23 M35
#[test]
fn items_keep_to_the_bound_of_their_worker() {
    let sleep = HostWorker::from(load("sleep")).running_max(1);
    let host = host(4, [sleep, load("double").into()]);
    let began = Instant::now();
    let slow = job(&host, "sleep", "[150, 150, 150, 150]", PARALLEL);
    let slow = slow.submit().unwrap();
    let others = done(&host, "double", "[1, 2]", PARALLEL);
    assert_eq!(data(&others), "[2,4]", "others pass");
    assert!(soon(slow).is_success());
    assert!(began.elapsed() >= Duration::from_millis(600));
}

// M23
#[test]
fn a_parallel_job_in_one_slot_lets_many_others_pass_through() {
    let host = host(1, [load("double").into()]);
    let handles: Vec<_> = (0..60)
        .map(|n| {
            let arguments = format!("[{n}, {n}, {n}]");
            let said = r#"{"parallel": true, "post": "list", "finally": "double"}"#;
            job(&host, "double", &arguments, said).submit().unwrap()
        })
        .collect();
    for (n, handle) in handles.into_iter().enumerate() {
        let n = 2 * n;
        assert_eq!(data(&soon(handle)), format!("[[{n},{n},{n}]]"));
    }
    assert_eq!(host.tally().total(), 60);
}

// M23
#[test]
fn arguments_that_are_too_large_together_are_one_failure() {
    let host = host(1, [load("echo").into()]);
    let long = Value::from("x".repeat(600).as_str());
    let job = host.job("echo").unwrap().arguments([long.clone(), long]);
    let job = job.options(options(r#"{"parallel": true, "value": "1kB"}"#));
    let outcome = soon(job.submit().unwrap());
    assert_eq!(outcome.reason, Reason::ValueTooLarge);
    assert!(outcome.items.is_empty() && outcome.attempts == 0);
    assert_eq!(host.tally().failure, 1);
}

// M23
#[test]
fn items_without_parallel_are_refused() {
    let host = host_of("echo");
    let job = host.job("echo").unwrap();
    let error = job.with(|options| options.spread.items = true).submit();
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("items: "), "{error}");
}

// M24
#[test]
fn a_parallel_job_ends_as_its_items_do() {
    let act = load("act");
    let host = host(4, [told(act, r#"{"keepalive": "300ms"}"#)]);
    let (ok, spin) = ("1", r#"{"do": "spin"}"#);
    let (bad, trap) = (r#"{"do": "failure"}"#, r#"{"do": "trap"}"#);
    let table = [
        (vec![ok, ok], Status::Success, "returned"),
        (vec![spin, spin], Status::Timeout, "items"),
        (vec![bad, trap], Status::Failure, "items"),
        (vec![spin, bad], Status::Failure, "items"),
        (vec![ok, spin], Status::Mixed, "items"),
        (vec![bad, ok, trap], Status::Mixed, "items"),
        (vec![spin], Status::Timeout, "items"),
        (vec![bad], Status::Failure, "items"),
    ];
    for (items, status, reason) in table {
        let arguments = value(&format!("[{}]", items.join(",")));
        let arguments = arguments.elements().unwrap();
        let job = host.job("act").unwrap().arguments(arguments);
        let job = job.with(|options| {
            options.spread.parallel = true;
            options.retry.retries = wodehost::task::Retries::Of(0);
        });
        let outcome = soon(job.submit().unwrap());
        assert_eq!(outcome.status, status, "{items:?}");
        assert_eq!(outcome.reason.to_string(), reason, "{items:?}");
        let of = |item: &&str| match *item {
            item if item == ok => "returned",
            item if item == spin => "silent",
            item if item == bad => "declared",
            _ => "trap:unreachable",
        };
        let reasons: Vec<_> = outcome.items.iter().map(|i| i.reason.to_string()).collect();
        assert!(items.iter().map(of).eq(reasons), "{outcome:?}");
        assert_eq!(outcome.message.is_none(), outcome.is_success());
    }
}

// M24
#[test]
fn the_message_names_the_first_item_that_went_wrong() {
    let host = host(2, [load("act").into()]);
    let arguments = r#"[1, {"do": "error", "value": "no\u001b[2Jpaper"}, {"do": "trap"}]"#;
    let message = done(&host, "act", arguments, PARALLEL).message.unwrap();
    assert!(
        message.starts_with("2 of 3 items did not succeed; item 2 ended as error: no"),
        "{message}"
    );
    assert!(!message.contains('\u{1b}'), "{message:?}");
}

// M24
#[test]
fn tallies_count_parallel_jobs_by_their_own_status() {
    let host = host(2, [load_with("act", quick()).into()]);
    let producer = load_configured(
        "dispatches",
        r#"{"jobs": [
            {"worker": "act", "args": [1, {"do": "trap"}], "options": {"parallel": true}},
            {"worker": "act", "args": [1, 2], "options": {"parallel": true}},
            {"worker": "act", "args": [{"do": "spin"}],
             "options": {"parallel": true, "retries": 0}},
            {"worker": "act", "args": [{"do": "trap"}, {"do": "failure"}],
             "options": {"parallel": true}}]}"#,
    );
    let (report, outcomes) = serve(&host, producer);
    let tally = report.tally;
    assert_eq!((tally.success, tally.mixed), (1, 1), "{tally:?}");
    assert_eq!((tally.timeout, tally.failure), (1, 1), "{tally:?}");
    assert_eq!(outcomes.len(), 4);
}

// M25
#[test]
fn the_elements_of_the_argument_become_the_arguments() {
    let host = host(2, [load("echo").into(), load("add").into()]);
    let unwrap = |worker, arguments| {
        let outcome = done(&host, worker, arguments, r#"{"unwrap": true}"#);
        assert!(outcome.is_success() && outcome.items.is_empty());
        data(&outcome)
    };
    assert_eq!(unwrap("add", "[[2, 3]]"), "5");
    assert_eq!(unwrap("echo", "[[7]]"), "7", "one argument comes alone");
    assert_eq!(unwrap("echo", "[[]]"), "null", "none is nil");
    assert_eq!(unwrap("echo", "[[[1], null]]"), "[[1],null]");
    let said = r#"{"unwrap": true, "parallel": true}"#;
    let outcome = done(&host, "echo", r#"[[1, [2, 3], {"a": 4}]]"#, said);
    assert_eq!(data(&outcome), r#"[1,[2,3],{"a":4}]"#);
    assert_eq!(outcome.items.len(), 3);
    let outcome = done(&host, "echo", "[[]]", said);
    assert_eq!((data(&outcome).as_str(), outcome.attempts), ("[]", 0));
}

// M25
#[test]
fn what_cannot_be_unwrapped_is_refused_as_bad_options() {
    let host = host(1, [load("echo").into()]);
    let wrong = ["[1]", r#"["a"]"#, r#"[{"a": [1]}]"#, "[null]"];
    let number = ["[]", "[[1], [2]]", "[[1], 2, 3]"];
    for said in [
        r#"{"unwrap": true}"#,
        r#"{"unwrap": true, "parallel": true}"#,
    ] {
        for arguments in wrong.iter().chain(&number) {
            let outcome = done(&host, "echo", arguments, said);
            assert_eq!(outcome.reason, Reason::BadOptions, "{arguments}");
            assert_eq!((outcome.status, outcome.attempts), (Status::Failure, 0));
            let message = outcome.message.unwrap();
            assert!(message.starts_with("unwrap: "), "{message}");
        }
    }
    assert_eq!(host.tally().failure, 14);
}

// M25
#[test]
fn a_producer_learns_the_same() {
    let host = host(1, [load("add").into()]);
    let producer = load_configured(
        "dispatches",
        r#"{"jobs": [
            {"worker": "add", "args": [[1, 2]], "options": {"unwrap": true}},
            {"worker": "add", "args": [1, 2], "options": {"unwrap": true}},
            {"worker": "add", "args": [3], "options": {"unwrap": true, "parallel": true}},
            {"worker": "add", "args": [3], "options": {"items": true}}]}"#,
    );
    let (report, outcomes) = serve(&host, producer);
    assert_eq!((report.tally.success, report.tally.failure), (1, 3));
    let bad = outcomes.iter().filter(|(_, o)| !o.is_success());
    for (_, outcome) in bad {
        assert_eq!(outcome.reason, Reason::BadOptions);
        let message = outcome.message.as_deref().unwrap_or_default();
        assert!(message.starts_with("unwrap: ") || message.starts_with("items: "));
    }
}
