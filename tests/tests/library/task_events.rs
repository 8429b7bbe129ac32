//! Rows M41 and M42: what is told of a job while it goes on, in which order, and to a
//! listener that is slow or gone.

use super::tasks::one_slot;
use std::time::Duration;
use wodehost::task::Happened;
use wodehost::{Host, JobEvents, JobHandle, Limit};
use wodehost_tests::{limits, load, load_with, once, soon, told, value};

/// Submits a job and listens.
pub(crate) fn listened(host: &Host, worker: &str, job: &str) -> (JobHandle, JobEvents) {
    let mut job = host.job(worker).unwrap().argument(value(job));
    let events = job.events();
    (job.submit().unwrap(), events)
}

/// An event in words: the attempt, and what happened.
pub(crate) fn in_words(attempt: u32, what: &Happened) -> String {
    let what = match what {
        Happened::Queued => "queued".to_owned(),
        Happened::Held { gate } => format!("held {gate}"),
        Happened::Started { .. } => "started".to_owned(),
        Happened::State(value) => format!("state {}", value.to_json()),
        Happened::Restarted { reason, pause, .. } => {
            let paused = if pause.is_zero() { "" } else { " later" };
            format!("restarted {reason}{paused}")
        }
        Happened::Emitted { seq, value } => format!("emitted {seq} {}", value.to_json()),
        Happened::Finished { status, reason } => format!("finished {status} {reason}"),
    };
    format!("{attempt} {what}")
}

/// All events up to the end, in words.
pub(crate) async fn all(mut events: JobEvents) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        told.push(in_words(event.attempt, &event.what));
    }
    told
}

/// Waits for the first event for which this is true.
pub(crate) fn wait_for(events: &mut JobEvents, wanted: impl Fn(&Happened) -> bool) {
    let happened = soon(async {
        while let Some(event) = events.next().await {
            if wanted(&event.what) {
                return true;
            }
        }
        false
    });
    assert!(happened);
}

/// Waits until an attempt runs.
pub(crate) fn wait_for_start(events: &mut JobEvents) {
    wait_for(events, |what| matches!(what, Happened::Started { .. }));
}

// M41 M42
#[test]
fn a_listener_hears_everything_in_order() {
    let host = one_slot(told(load("script"), r#"{"retries": 2}"#));
    let attempts = r#"[
        [{"update": 1}, {"emit": "a"}, {"emit": "b"}, "trap"],
        [{"emit": "c"}, {"update": 2}, {"error": "no"}],
        [{"emit": "d"}, {"success": 3}]
    ]"#;
    let (handle, events) = listened(&host, "script", attempts);
    assert_eq!(
        soon(all(events)),
        [
            "0 queued",
            "1 started",
            "1 state 1",
            r#"1 emitted 1 "a""#,
            r#"1 emitted 2 "b""#,
            "1 restarted trap:unreachable",
            "2 started",
            r#"2 emitted 1 "c""#,
            "2 state 2",
            "2 restarted error",
            "3 started",
            r#"3 emitted 1 "d""#,
            "3 finished success declared",
        ]
    );
    assert!(soon(handle).is_success());
}

// M41: each reason for a restart is told.
#[test]
fn a_restart_is_told_with_its_reason_and_its_pause() {
    let options = r#"{"retries": 4, "backoff": "1ms", "keepalive": "500ms", "fuel": "10M"}"#;
    let host = one_slot(told(load("script"), options));
    let attempts =
        r#"[["restart"], [{"sleep": 60000}], [{"burn": 3000000}], [{"panic": "x"}], []]"#;
    let (_, events) = listened(&host, "script", attempts);
    let told = soon(all(events));
    let restarts: Vec<&str> = told
        .iter()
        .filter_map(|event| event.split_once(" restarted ").map(|(_, reason)| reason))
        .collect();
    assert_eq!(
        restarts,
        [
            "restart-asked later",
            "silent later",
            "out-of-fuel later",
            "trap:unreachable later"
        ]
    );
    assert_eq!(told.last().unwrap(), "5 finished success returned");
}

// M42: also what was said right before a trap that is the last.
#[test]
fn what_a_guest_emitted_before_it_trapped_is_heard_before_the_end() {
    let host = one_slot(told(load("script"), r#"{"retries": 1}"#));
    let (_, events) = listened(&host, "script", r#"[[{"emits": 300}, "trap"]]"#);
    let told = soon(all(events));
    let mut expected = vec!["0 queued".to_owned()];
    for attempt in 1..=2 {
        expected.push(format!("{attempt} started"));
        expected.extend((1..=300).map(|n| format!("{attempt} emitted {n} {n}")));
        if attempt == 1 {
            expected.push("1 restarted trap:unreachable".to_owned());
        }
    }
    expected.push("2 finished failure trap:unreachable".to_owned());
    assert_eq!(told, expected);
}

// M6 M41 M42: the host holds the guest up, which is no silence.
#[test]
fn a_slow_listener_holds_the_guest_and_loses_nothing() {
    let script = load_with("script", limits(&[(Limit::Keepalive, "700ms")]));
    let host = one_slot(once(script));
    let (handle, mut events) = listened(&host, "script", r#"[[{"emits": 3000}]]"#);
    let heard = soon(async {
        // Far longer than the keepalive, with the stream full.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let mut heard = Vec::new();
        while let Some(event) = events.next().await {
            if let Happened::Emitted { value, .. } = event.what {
                heard.push(value.as_u64().unwrap());
            }
            if heard.len() == 1700 {
                tokio::time::sleep(Duration::from_millis(1500)).await;
            }
        }
        heard
    });
    assert_eq!(heard, (1..=3000).collect::<Vec<u64>>());
    let outcome = soon(handle);
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(outcome.receipts.latest().unwrap().emitted, 3000);
}

// M41: a listener that is gone holds up nobody.
#[test]
fn a_guest_goes_on_when_its_listener_leaves() {
    let host = one_slot(once(load("script")));
    let (handle, events) = listened(&host, "script", r#"[[{"emits": 3000}]]"#);
    // Held, as the slot shows: nobody else gets it.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(host.tally().total(), 0);
    drop(events);
    assert!(soon(handle).is_success());
    // From the very first moment.
    let (handle, events) = listened(&host, "script", r#"[[{"emits": 3000}]]"#);
    drop(events);
    assert!(soon(handle).is_success());
}

// M6: a listener that never comes is no reason to run for ever, or to be safe from a cancel.
#[test]
fn a_held_guest_ends_by_its_deadline_or_by_a_cancel() {
    let script = load_with("script", limits(&[(Limit::Deadline, "700ms")]));
    let host = one_slot(once(script));
    let (handle, events) = listened(&host, "script", r#"[[{"emits": 3000}]]"#);
    assert_eq!(soon(handle).reason.to_string(), "deadline");
    drop(events);
    let host = one_slot(once(load("script")));
    let (handle, mut events) = listened(&host, "script", r#"[[{"update": 7}, {"emits": 3000}]]"#);
    wait_for(&mut events, |what| matches!(what, Happened::State(_)));
    handle.cancel();
    let outcome = soon(handle);
    assert!(outcome.is_cancelled(), "{outcome:?}");
    assert_eq!(outcome.data.as_u64(), Some(7));
    drop(events);
    // The next one on the slot has a life of its own.
    assert!(soon(host.submit("script", [value("[[]]")]).unwrap()).is_success());
}

// M2 M41: and so does one of a job that is cancelled while it runs.
#[test]
fn a_listener_of_a_job_that_never_started_hears_its_end() {
    let host = one_slot(once(load("script")));
    let (running, mut started) = listened(&host, "script", r#"[["spin"]]"#);
    wait_for_start(&mut started);
    let (queued, events) = listened(&host, "script", "[[]]");
    queued.cancel();
    assert_eq!(
        soon(all(events)),
        ["0 queued", "0 finished cancelled cancelled"]
    );
    running.cancel();
    assert_eq!(soon(all(started)), ["1 finished cancelled cancelled"]);
}

// M41: `event.rs` says that nothing but states is left out.
#[test]
fn a_restart_is_told_to_a_listener_whose_stream_is_full() {
    let host = one_slot(told(load("script"), r#"{"retries": 1}"#));
    // Queued, started and 1,022 values fill it to the brim; then nobody waits for room.
    let (handle, events) = listened(&host, "script", r#"[[{"emits": 1022}, "trap"], []]"#);
    let told = soon(async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        all(events).await
    });
    assert!(soon(handle).is_success());
    assert_eq!(
        told[told.len() - 3..],
        [
            "1 restarted trap:unreachable",
            "2 started",
            "2 finished success returned"
        ]
    );
}
