//! Handles of jobs: submitted with and without a time, waited for, asked, dropped; and the
//! end of the host that they belong to.

use super::gates::{behind, built_in};
use super::nest::{
    Journal, LONG, answers_of, busy, expect_nothing_left, host, nest, occupied, submit,
};
use super::task_events::{listened, wait_for};
use serde_json::json;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use wodehost::task::Happened;
use wodehost::{
    Blocked, Host, Job, JobHandle, ResultError, Status, Stop, SubmitError, task_return_value,
};
use wodehost_tests::{data, load, once, options, soon, told, value};

const SHORT: Duration = Duration::from_millis(20);
const PATIENT: Duration = Duration::from_millis(LONG);

/// Waits on this thread without an executor that knows of time.
fn alone<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park();
    }
}

fn echo(host: &Host) -> Job<'_> {
    host.job("echo").unwrap().argument(value("7"))
}

fn blocked(job: Job<'_>, at_most: Duration) -> Blocked {
    match soon(job.submit_within(at_most)).unwrap_err() {
        SubmitError::Blocked(why) => why,
        other @ (SubmitError::UnknownWorker(_)
        | SubmitError::Closed
        | SubmitError::KeyTaken(_)
        | SubmitError::Store(_)
        | SubmitError::Options(_)) => {
            panic!("{other}")
        }
    }
}

// J3 J4: the short way, and the long one.
#[test]
fn a_job_is_submitted_by_name_or_put_together() {
    let host = host(1, [once(load("echo")), nest()]);
    let slot = occupied(&host, "nest");
    // It comes back at once, though there is no slot.
    let short = host.submit("echo", [value("1"), value("2")]).unwrap();
    let long = host.job("echo").unwrap();
    let long = long.argument(value("1")).arguments([value("2")]);
    let long = long
        .options(options(r#"{"priority": 3}"#))
        .submit()
        .unwrap();
    assert!(!short.done() && !long.done());
    assert_ne!(short.id(), long.id());
    slot.cancel();
    assert_eq!(data(&soon(short)), "[1,2]");
    assert_eq!(data(&soon(long)), "[1,2]");
    let unknown = host.submit("nobody", []).unwrap_err();
    assert_eq!(unknown, SubmitError::UnknownWorker("nobody".to_owned()));
}

// J3 J13: it started, so that there is a handle; with no time to wait, too.
#[test]
fn a_job_that_starts_in_time_has_a_handle() {
    let host = host(1, [once(load("echo")), nest()]);
    for at_most in [PATIENT, Duration::MAX, Duration::ZERO] {
        let job = soon(echo(&host).submit_within(at_most)).unwrap();
        assert_eq!(data(&soon(job)), "7", "{at_most:?}");
    }
    // A parallel job needs no slot of its own.
    let slot = occupied(&host, "nest");
    let parallel = echo(&host).options(options(r#"{"parallel": true}"#));
    let parallel = soon(parallel.submit_within(Duration::ZERO)).unwrap();
    slot.cancel();
    assert_eq!(data(&soon(parallel)), "[7]");
}

// J3 J13 J14: it never runs, not even when there is a slot.
#[test]
fn a_job_that_finds_no_slot_in_time_is_taken_back() {
    let journal = Journal::new();
    let host = host(2, [journal.worker(), nest(), busy()]);
    let record = |text| host.job("record").unwrap().argument(value(text));
    let slots = [occupied(&host, "nest"), occupied(&host, "busy")];
    for at_most in [Duration::ZERO, SHORT] {
        assert_eq!(blocked(record("1"), at_most), Blocked::NoSlot);
    }
    // No slot for its worker, either.
    let [one, busy] = slots;
    one.cancel();
    assert!(soon(one).is_cancelled());
    let second = host.job("busy").unwrap().argument(value("[]"));
    assert_eq!(blocked(second, SHORT), Blocked::NoSlot);
    let started = soon(record("2").submit_within(PATIENT)).unwrap();
    assert!(soon(started).is_success());
    assert_eq!(journal.entries(), ["2"]);
    // It leaves no outcome behind.
    busy.cancel();
    assert!(soon(busy).is_cancelled());
    expect_nothing_left(&host, 2);
    assert_eq!(host.tally().total(), 5);
}

// J3 J22: another error, with the gate's name.
#[test]
fn a_job_behind_a_shut_gate_is_taken_back_and_told_which() {
    let host = behind([built_in("file:/nonexistent/go")], [load("echo")]);
    let mut first = echo(&host);
    let mut events = first.events();
    let first = first.submit().unwrap();
    wait_for(&mut events, |what| matches!(what, Happened::Held { .. }));
    for at_most in [Duration::ZERO, SHORT] {
        let gate = Blocked::Gate("file".to_owned());
        assert_eq!(blocked(echo(&host), at_most), gate);
    }
    first.cancel();
    assert!(soon(first).is_cancelled());
    soon(host.shutdown(None)).unwrap();
}

// J10 J11 J12 J14
#[test]
fn a_handle_is_asked_waited_for_and_gives_its_outcome() {
    let host = host(1, [nest()]);
    let job = occupied(&host, "nest");
    for at_most in [Duration::ZERO, SHORT] {
        assert!(!job.done() && !job.blocking_wait(at_most));
        assert!(!soon(job.wait(at_most)) && !alone(job.wait(at_most)));
        assert_eq!(soon(job.result(at_most)).unwrap_err(), ResultError::Blocked);
        let blocked = job.blocking_result(at_most).unwrap_err();
        assert_eq!(blocked, ResultError::Blocked);
    }
    let waiting = job.clone();
    let waiting = std::thread::spawn(move || waiting.blocking_wait(Duration::MAX));
    job.cancel();
    assert!(alone(job.wait(Duration::MAX)) && waiting.join().unwrap());
    // As often as one likes, whoever asks.
    for at_most in [
        None,
        Some(Duration::ZERO),
        Some(PATIENT),
        Some(Duration::MAX),
    ] {
        assert!(job.done() && job.blocking_wait(at_most) && soon(job.wait(at_most)));
        assert!(alone(job.result(at_most)).unwrap().is_cancelled());
        assert!(job.blocking_result(at_most).unwrap().is_cancelled());
    }
    assert!(soon(job.clone()).is_cancelled() && alone(job).is_cancelled());
    let made = task_return_value(value("3"));
    assert!(made.done() && made.blocking_wait(None));
    assert_eq!(data(&soon(made.result(SHORT)).unwrap()), "3");
    made.cancel();
    made.pause();
    assert_eq!(data(&alone(made)), "3");
}

// J21
#[test]
fn a_handle_is_cloned_sent_and_shared() {
    fn can_be_shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let host = host(1, [once(load("echo")), nest()]);
    can_be_shared(&host);
    let slot = occupied(&host, "nest");
    let job = host.submit("echo", [value("7")]).unwrap();
    can_be_shared(&job);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let job: JobHandle = job.clone();
            std::thread::spawn(move || data(&job.blocking_result(None).unwrap()))
        })
        .collect();
    slot.cancel();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "7");
    }
}

// J21
#[test]
fn a_job_goes_on_when_its_handle_is_dropped() {
    let journal = Journal::new();
    let host = host(1, [journal.worker(), nest()]);
    let slot = occupied(&host, "nest");
    drop(host.submit("record", [value("1")]).unwrap());
    slot.cancel();
    drop(slot);
    expect_nothing_left(&host, 1);
    assert_eq!(journal.entries(), ["1"]);
}

// J21: what was taken in may still start; nothing new is taken in.
#[test]
fn a_shutdown_lets_queued_jobs_run_and_takes_no_more() {
    let journal = Journal::new();
    let host = host(1, [journal.worker(), nest()]);
    let slot = occupied(&host, "nest");
    let queued: Vec<_> = (0..5_u64)
        .map(|n| host.submit("record", [n.into()]).unwrap())
        .collect();
    let (closing, slot_of) = (host.clone(), slot.clone());
    let closing = std::thread::spawn(move || soon(closing.shutdown(None)));
    super::nest::until(|| host.submit("record", [value("9")]).is_err());
    assert!(queued.iter().all(|job| !job.done()));
    let again = host.job("record").unwrap();
    let refused = soon(again.submit_within(PATIENT)).unwrap_err();
    assert_eq!(refused, SubmitError::Closed);
    slot_of.cancel();
    closing.join().unwrap().unwrap();
    assert!(slot.done() && queued.iter().all(JobHandle::done));
    let entries = journal.entries();
    assert_eq!(entries[..5], ["0", "1", "2", "3", "4"], "{entries:?}");
    // Once more it has nothing to do.
    soon(host.shutdown(None)).unwrap();
}

// J21 J38: a parent that a shutdown lets go on may still submit; the grace ends everything.
#[test]
fn a_shutdown_lets_families_end_and_its_grace_ends_them() {
    let host = host(1, [nest(), busy()]);
    let blocker = super::nest::busy_without_slot(&host);
    let steps = json!([
        submit("busy", json!([["return", 1]])),
        ["update", 1],
        ["wait", 0],
        submit("nest", json!([["return", 2]])),
        ["wait", 1],
    ]);
    let (parent, mut events) = super::nest::watched(&host, &steps);
    super::nest::wait_for_update(&mut events);
    let closing = host.clone();
    let closing = std::thread::spawn(move || soon(closing.shutdown(None)));
    super::nest::until(|| host.submit("nest", []).is_err());
    blocker.cancel();
    closing.join().unwrap().unwrap();
    assert_eq!(answers_of(&soon(parent))[4]["data"], 2);
    let host = super::nest::host(1, [nest()]);
    let spin = json!([submit("nest", json!([["spin"]])), ["wait", 0]]);
    let parent = super::nest::steps(&host, &spin);
    soon(host.shutdown(SHORT)).unwrap();
    assert_eq!(soon(parent).status, Status::Cancelled);
}

// J27 J34
#[test]
fn copies_of_a_host_share_its_slots_and_its_end() {
    let one = host(1, [once(load("echo")), nest()]);
    let two = one.clone();
    assert_eq!(one.id(), two.id());
    let slot = occupied(&one, "nest");
    assert_eq!(blocked(echo(&two), SHORT), Blocked::NoSlot);
    // Another host has slots of its own.
    let other = host(1, [once(load("echo"))]);
    assert!(soon(echo(&other).submit().unwrap()).is_success());
    // It lives as long as a copy of it does.
    drop(one);
    assert!(!slot.done());
    two.stop(Stop::Cancel);
    assert!(soon(slot).is_cancelled());
    assert_eq!(two.submit("echo", []).unwrap_err(), SubmitError::Closed);
    assert!(soon(echo(&other).submit().unwrap()).is_success());
}

// J15 J16 J17 J30: a value that looks like an error is none; an error keeps its value, a
// trap says what it is, and neither touches the next job.
#[test]
fn errors_are_values_and_lost_results_say_why() {
    let quick = told(load("script"), r#"{"retries": 0, "keepalive": "500ms"}"#);
    let host = host(1, [quick, once(load("echo")), nest()]);
    let ends = [
        (
            r#"[[{"return": {"error": "no"}}]]"#,
            Status::Success,
            "returned",
            r#"{"error":"no"}"#,
        ),
        (
            r#"[[{"error": [1, "no"]}]]"#,
            Status::Failure,
            "error",
            r#"[1,"no"]"#,
        ),
        (
            r#"[[{"update": 4}, "trap"]]"#,
            Status::Failure,
            "trap:unreachable",
            "4",
        ),
        (
            r#"[[{"update": 5}, "spin"]]"#,
            Status::Timeout,
            "silent",
            "5",
        ),
        (
            r#"[[{"panic": "oh"}]]"#,
            Status::Failure,
            "trap:unreachable",
            "{}",
        ),
    ];
    for (job, status, reason, left) in ends {
        let (handle, _) = listened(&host, "script", job);
        let outcome = handle.blocking_result(None).unwrap();
        assert_eq!((outcome.status, data(&outcome).as_str()), (status, left));
        assert_eq!(outcome.reason.to_string(), reason);
        assert_eq!(outcome.message.is_some(), !outcome.is_success());
        let last_words = outcome.stderr.unwrap_or_default();
        assert_eq!(last_words.contains("oh"), job.contains("panic"));
        assert!(soon(echo(&host).submit().unwrap()).is_success());
    }
    expect_nothing_left(&host, 1);
}
