//! A fault of ours in a guest's call: it costs one attempt, and is told as what it is.

use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wodehost::{Host, Outcome, Reason, Status};
use wodehost_tests::{host_of, load, runtime, soon, told, value};

/// What a guest logs to bring the fault about.
const WORDS: &str = "the log is at fault";

/// A log that is at fault: it stands in for any bug below a host call.
struct Faulty;

struct Looking;

impl Visit for Looking {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        assert!(!format!("{value:?}").contains(WORDS), "on purpose");
    }
}

impl Subscriber for Faulty {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == wodehost::sandbox::GUEST_LOG
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Looking);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn with_a_fault() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Faulty).unwrap());
}

fn log(host: &Host, text: &str) -> Outcome {
    let job = format!(r#"[{{"log": "{text}"}}]"#);
    soon(host.submit("board_steps", [value(&job)]).unwrap())
}

#[test]
fn a_fault_of_ours_costs_one_attempt() {
    with_a_fault();
    let host = host_of("board_steps");
    for _ in 0..100 {
        let outcome = log(&host, WORDS);
        assert_eq!(outcome.reason, Reason::Internal);
        assert_eq!(outcome.status, Status::Failure);
        let message = outcome.message.unwrap();
        assert_eq!(message, "a fault of the host: on purpose");
        // Each is made up for, three times, whatever was said of retries.
        assert_eq!(outcome.attempts, 4);
        assert!(log(&host, "all is well").is_success());
    }
    assert_eq!(host.tally().failure, 100);
}

// In a chunk the store is gone, and the next job gets another one.
#[test]
fn a_fault_of_ours_costs_one_job_of_a_chunk() {
    with_a_fault();
    let worker = told(load("board_steps"), r#"{"retries": 0}"#);
    let host = Host::builder(runtime())
        .slots(1)
        .worker(worker)
        .build()
        .unwrap();
    let jobs = ["[]", &format!(r#"[{{"log": "{WORDS}"}}]"#), "[]"].map(value);
    let reasons = host.submit_chunk("board_steps", jobs).unwrap();
    let reasons: Vec<Reason> = reasons.into_iter().map(|job| soon(job).reason).collect();
    assert_eq!(
        reasons,
        [Reason::Returned, Reason::Internal, Reason::Returned]
    );
}
