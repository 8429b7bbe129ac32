//! Chunks: jobs that run one after the other in one store.

use std::time::Duration;
use wodehost::task::{Retries, job_events};
use wodehost::{Executor, Host, JobHandle, Map, MapError, Outcome, Reason, Shutdown, Status};
use wodehost::{Limit, Stop, SubmitError, Value};
use wodehost_tests::{data, limits, load, load_with, once, options, runtime, soon, told, value};

fn host(slots: u32, worker: &str) -> Host {
    let builder = Host::builder(runtime()).slots(slots);
    builder.worker(once(load(worker))).build().unwrap()
}

fn jobs(jobs: &[&str]) -> Vec<Value> {
    jobs.iter().map(|job| value(job)).collect()
}

const COUNT: &str = r#"{"do": "count"}"#;
const FOR_EVER: &str = r#"{"do": "sleep", "n": 3600000}"#;

/// Runs jobs of `act` as one chunk.
fn chunk(of: &[&str]) -> Vec<Outcome> {
    ended(host(1, "act").submit_chunk("act", jobs(of)).unwrap())
}

fn ended(jobs: Vec<JobHandle>) -> Vec<Outcome> {
    soon(async {
        let mut outcomes = Vec::new();
        for job in jobs {
            outcomes.push(job.await);
        }
        outcomes
    })
}

/// The data of successes, the reasons of the others.
fn said(outcomes: &[Outcome]) -> Vec<String> {
    let said = |outcome: &Outcome| {
        if outcome.is_success() {
            data(outcome)
        } else {
            outcome.reason.to_string()
        }
    };
    outcomes.iter().map(said).collect()
}

async fn all<I: Iterator<Item = Value>>(map: &mut Map<I>) -> (Vec<Outcome>, Option<MapError>) {
    let mut outcomes = Vec::new();
    while let Some(next) = map.next().await {
        match next {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => return (outcomes, Some(error)),
        }
    }
    (outcomes, None)
}

// J26: the chunk is what is isolated.
#[test]
fn the_jobs_of_a_chunk_share_a_store_and_have_outcomes_of_their_own() {
    let outcomes = chunk(&[COUNT, COUNT, COUNT]);
    assert_eq!(said(&outcomes), ["1", "2", "3"]);
    let mut ids: Vec<_> = outcomes.iter().map(|outcome| outcome.id).collect();
    assert!(ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), 3);
    for outcome in &outcomes {
        assert_eq!((outcome.attempts, outcome.receipts.len()), (1, 1));
        assert!(outcome.receipts.latest().unwrap().fuel > 0);
    }
}

// J26: an element that ends badly costs only itself.
#[test]
fn behind_every_bad_end_there_is_a_fresh_store() {
    for (bad, reason) in [
        (r#"{"do": "trap"}"#, "trap:unreachable"),
        (r#"{"do": "error", "value": 1}"#, "error"),
        (r#"{"do": "raise"}"#, "error"),
        (r#"{"do": "failure"}"#, "declared"),
        (r#"{"do": "exit", "n": 3}"#, "exit:3"),
        (r#"{"do": "bad"}"#, "bad-value"),
    ] {
        let said = said(&chunk(&[COUNT, COUNT, bad, COUNT, COUNT]));
        assert_eq!(said[..2], ["1", "2"], "{bad}");
        assert_eq!(said[3..], ["1", "2"], "{bad}");
        assert!(said[2].starts_with(&reason[..4]), "{bad}: {}", said[2]);
    }
    let declared = r#"{"do": "success", "value": 9}"#;
    assert_eq!(said(&chunk(&[COUNT, declared, COUNT])), ["1", "9", "1"]);
}

// J26: each element refills fuel and keepalive.
#[test]
fn fuel_and_keepalive_are_each_jobs_own() {
    let alone = chunk(&[r#"{"do": "burn", "n": 100000}"#]);
    let fuel = alone[0].receipts.latest().unwrap().fuel;
    let limit = (fuel * 2).to_string();
    let limits = limits(&[(Limit::Fuel, &limit), (Limit::Keepalive, "400ms")]);
    let worker = once(load_with("act", limits));
    let host = Host::builder(runtime()).worker(worker).build().unwrap();
    let burn = [r#"{"do": "burn", "n": 100000, "value": 1}"#; 6];
    let burned = ended(host.submit_chunk("act", jobs(&burn)).unwrap());
    assert_eq!(said(&burned), ["1"; 6]);
    let sleep = [r#"{"do": "sleep", "n": 100, "value": 2}"#; 6];
    let slept = ended(host.submit_chunk("act", jobs(&sleep)).unwrap());
    assert_eq!(said(&slept), ["2"; 6]);
}

// J26: the deadline of an attempt holds for those that share a store.
#[test]
fn the_deadline_is_that_of_the_store() {
    let worker = once(load_with("act", limits(&[(Limit::Deadline, "1s")])));
    let host = Host::builder(runtime()).worker(worker).build().unwrap();
    let sleep = [r#"{"do": "sleep", "n": 400, "value": 2}"#; 5];
    let slept = said(&ended(host.submit_chunk("act", jobs(&sleep)).unwrap()));
    assert!(slept[..3].contains(&"deadline".to_owned()), "{slept:?}");
}

// J26 M7: what is tried again is a job of its own.
#[test]
fn a_job_that_is_tried_again_leaves_the_chunk() {
    for backoff in ["", r#", "backoff": "20ms""#] {
        let retries = format!(r#"{{"retries": 2{backoff}}}"#);
        let worker = told(load("script"), &retries);
        let host = Host::builder(runtime()).slots(1).worker(worker);
        let host = host.build().unwrap();
        let good = r#"[[{"return": "good"}]]"#;
        let late = r#"[[{"update": 5}, {"error": "no"}], ["trap"], []]"#;
        let never = r#"[[{"error": "no"}]]"#;
        let of = jobs(&[good, late, never, good]);
        let outcomes = ended(host.submit_chunk("script", of).unwrap());
        assert_eq!(said(&outcomes), ["\"good\"", "5", "error", "\"good\""]);
        let attempts: Vec<u32> = outcomes.iter().map(|outcome| outcome.attempts).collect();
        assert_eq!(attempts, [1, 3, 3, 1]);
        assert_eq!(outcomes[1].receipts.len(), 3);
        soon(host.shutdown(None)).unwrap();
        assert_eq!(host.tally().total(), 4);
    }
}

// J26
#[test]
fn what_a_job_printed_is_its_own() {
    let host = host(1, "script");
    let of = [
        r#"[[{"print": "one"}]]"#,
        "[[]]",
        r#"[[{"print": "three"}]]"#,
    ];
    let outcomes = ended(host.submit_chunk("script", jobs(&of)).unwrap());
    let printed: Vec<_> = outcomes.iter().map(|o| o.stdout.as_deref()).collect();
    assert_eq!(printed, [Some("one"), None, Some("three")]);
}

// J26
#[test]
fn a_job_knows_who_it_is_and_carries_no_state_over() {
    let name = r#"{"do": "name"}"#;
    let outcomes = chunk(&[name, name]);
    for outcome in &outcomes {
        let expected = format!("[\"{}\",1,0]", outcome.id);
        assert_eq!(data(outcome), expected);
    }
    let state = r#"{"do": "state", "value": {"a": 1}}"#;
    assert_eq!(said(&chunk(&[state, state])), ["{}", "{}"]);
}

// J11 J26
#[test]
fn a_chunk_is_cancelled_as_a_whole() {
    let host = host(1, "act");
    let running = host
        .submit_chunk("act", jobs(&["1", FOR_EVER, "3"]))
        .unwrap();
    let waiting = host.submit_chunk("act", jobs(&["4", "5"])).unwrap();
    soon(async {
        assert!(running[0].clone().await.is_success());
        waiting[1].cancel();
        for job in waiting {
            assert!(job.await.is_cancelled());
        }
        running[2].cancel();
        let ended: Vec<Outcome> = vec![running[1].clone().await, running[2].clone().await];
        assert_eq!(said(&ended), ["cancelled", "cancelled"]);
        assert_eq!(ended[1].attempts, 0);
    });
    let after = soon(host.submit("act", [value("7")]).unwrap());
    assert!(after.is_success());
}

// J26 J33
#[test]
fn a_chunk_is_paused_as_a_whole() {
    let host = host(1, "act");
    let blocker = value(r#"{"do": "sleep", "n": 200}"#);
    let blocker = host.submit("act", [blocker]).unwrap();
    let of = host.submit_chunk("act", jobs(&["1", "2"])).unwrap();
    of[1].pause();
    soon(async {
        assert!(blocker.await.is_success());
        assert!(!of[0].wait(Duration::from_millis(50)).await);
    });
    of[0].resume();
    assert_eq!(said(&ended(of)), ["1", "2"]);
}

// J26 W17
#[test]
fn a_drain_lets_the_running_job_end_and_starts_none() {
    let host = host(1, "stop_when_asked");
    let of = host
        .submit_chunk("stop_when_asked", jobs(&["1", "2", "3"]))
        .unwrap();
    soon(async {
        // It has started when another one is the next.
        while host.tally().total() == 0 && !of[0].wait(Duration::from_millis(50)).await {
            host.stop(Stop::Drain {
                grace: Duration::from_mins(10),
            });
        }
    });
    let status: Vec<Status> = ended(of).iter().map(|outcome| outcome.status).collect();
    assert_eq!(status[1..], [Status::Cancelled; 2]);
    assert!(matches!(status[0], Status::Success | Status::Cancelled));
}

// J26
#[test]
fn a_stopped_host_leaves_an_outcome_for_each_job_of_a_chunk() {
    let host = host(1, "act");
    let running = host.submit_chunk("act", jobs(&[FOR_EVER, "1"])).unwrap();
    let waiting = host.submit_chunk("act", jobs(&["2", "3"])).unwrap();
    host.stop(Stop::Cancel);
    let all: Vec<JobHandle> = running.into_iter().chain(waiting).collect();
    assert!(ended(all).iter().all(Outcome::is_cancelled));
    soon(host.shutdown(None)).unwrap();
    assert_eq!(host.tally().cancelled, 4);
    let closed = host.submit_chunk("act", jobs(&["1"])).err();
    assert_eq!(closed, Some(SubmitError::Closed));
    drop(host);
}

// J26
#[test]
fn what_one_job_cannot_share_is_told() {
    for (key, option) in [
        ("parallel", r#"{"parallel": true}"#),
        ("singleton", r#"{"singleton": "k"}"#),
        ("filter", r#"{"filter": "identity"}"#),
        ("flatten", r#"{"flatten": true}"#),
        ("finally", r#"{"finally": "act"}"#),
    ] {
        let worker = told(load("act"), option);
        let host = Host::builder(runtime()).worker(worker).build().unwrap();
        let error = host.submit_chunk("act", jobs(&["1"])).err().unwrap();
        let text = error.to_string();
        assert!(text.starts_with(key) && text.contains("chunk"), "{text}");
        let mut map = host.map("act", jobs(&["1", "2"])).unwrap().chunk(2);
        let error = soon(map.next()).unwrap().err();
        assert!(matches!(
            error,
            Some(MapError::Submit(SubmitError::Options(_)))
        ));
    }
    assert!(host(1, "act").submit_chunk("act", []).unwrap().is_empty());
}

// J26
#[test]
fn a_value_that_is_too_large_fails_alone() {
    let worker = once(load_with("act", limits(&[(Limit::Value, "100")])));
    let host = Host::builder(runtime()).worker(worker).build().unwrap();
    let large = format!("\"{}\"", "x".repeat(200));
    let outcomes = ended(host.submit_chunk("act", jobs(&["1", &large, "3"])).unwrap());
    assert_eq!(said(&outcomes), ["1", "value-too-large", "3"]);
    assert_eq!(outcomes[1].reason, Reason::ValueTooLarge);
}

// J26
#[test]
fn a_map_in_chunks_gives_back_what_one_without_does() {
    let host = host(4, "double");
    for (chunk, buffer) in [
        (1, None),
        (7, None),
        (100, None),
        (100, Some(10)),
        (3, Some(3)),
    ] {
        for unordered in [false, true] {
            let items = (1..=1000_i64).map(Value::from);
            let mut map = host.map("double", items).unwrap().chunk(chunk);
            if let Some(buffer) = buffer {
                map = map.buffer(buffer);
            }
            if unordered {
                map = map.unordered();
            }
            let (outcomes, error) = soon(all(&mut map));
            let mut doubled: Vec<u64> = outcomes.iter().map(|o| o.data.to().unwrap()).collect();
            if unordered {
                doubled.sort_unstable();
            }
            assert!(doubled.into_iter().eq((1..=1000).map(|n| n * 2)));
            assert_eq!(error, None);
        }
    }
}

// J26
#[test]
fn the_deadline_of_a_map_cuts_chunks_off() {
    let host = host(2, "act");
    let of = jobs(&["1", "2", FOR_EVER, "4", "5", "6"]);
    let mut map = host.map("act", of).unwrap().chunk(3);
    map = map.deadline(Duration::from_millis(400));
    let (outcomes, error) = soon(all(&mut map));
    assert_eq!(error, Some(MapError::Blocked));
    assert!(outcomes.len() <= 2, "{outcomes:?}");
    soon(host.shutdown(None)).unwrap();
    assert_eq!(host.tally().total(), 6);
}

// J32
#[test]
fn an_executor_cancels_chunks_that_have_not_started() {
    let host = host(1, "act");
    let executor = Executor::new(&host, "act").unwrap();
    let slow = std::iter::repeat_with(|| value(r#"{"do": "sleep", "n": 200, "value": 1}"#));
    let mut map = executor.map(slow.take(6)).chunk(3).buffer(6);
    soon(async {
        let first = map.next().await.unwrap().unwrap();
        assert!(first.is_success());
        executor.shutdown(Shutdown::CancelPending).await;
        let (outcomes, error) = all(&mut map).await;
        assert_eq!(error, None);
        // The chunk that has started goes on, the other one never starts.
        let status: Vec<Status> = outcomes.iter().map(|outcome| outcome.status).collect();
        assert_eq!(status[..2], [Status::Success; 2]);
        assert_eq!(status[2..], [Status::Cancelled; 3]);
    });
}

// J26: each job of a chunk may have its options.
#[test]
fn the_options_of_a_map_hold_for_its_chunks() {
    let host = host(1, "script");
    let fails = r#"[[{"error": "no"}], [{"return": 2}]]"#;
    let mut options = options("{}");
    options.retry.retries = Retries::Of(1);
    let mut map = host.map("script", jobs(&[fails, fails])).unwrap();
    map = map.chunk(2).options(options);
    assert_eq!(said(&soon(all(&mut map)).0), ["2", "2"]);
}

// J26 M41: one stream for all of them; each is in order.
#[test]
fn the_jobs_of_a_chunk_are_heard_of_in_one_stream() {
    let host = Host::builder(runtime()).slots(1);
    let host = host.worker(told(load("script"), r#"{"retries": 1}"#));
    let host = host.build().unwrap();
    let (sender, events) = job_events();
    let job = host.job("script").unwrap().events_to(&sender);
    let values = [
        r#"[[{"emit": "a"}]]"#,
        r#"[[{"emit": "b"}, "trap"], [{"emit": "c"}]]"#,
        "[[]]",
    ];
    let handles = job.submit_chunk(jobs(&values)).unwrap();
    let alone = host.job("script").unwrap().events_to(&sender);
    let alone = alone.argument(value(r#"[[{"emit": "d"}]]"#)).submit();
    drop(sender);
    let of = |handle: &JobHandle| handle.id();
    let ids: Vec<_> = handles.iter().chain(&alone).map(of).collect();
    let told = soon(async {
        let mut events = events;
        let mut told = vec![Vec::new(); 4];
        while let Some(event) = events.next().await {
            let job = ids.iter().position(|id| *id == event.job).unwrap();
            told[job].push(super::task_events::in_words(event.attempt, &event.what));
        }
        told
    });
    let returned = |attempt| format!("{attempt} finished success returned");
    assert_eq!(
        told[0],
        ["0 queued", "1 started", r#"1 emitted 1 "a""#, &returned(1)]
    );
    let due = [
        "0 queued",
        "1 started",
        r#"1 emitted 1 "b""#,
        "1 restarted trap:unreachable",
        "2 started",
        r#"2 emitted 1 "c""#,
        &returned(2),
    ];
    assert_eq!(told[1], due);
    assert_eq!(told[2], ["0 queued", "1 started", &returned(1)]);
    assert_eq!(
        told[3],
        ["0 queued", "1 started", r#"1 emitted 1 "d""#, &returned(1)]
    );
}
