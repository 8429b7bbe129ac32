//! What a stop does while a run goes on: nothing is lost, nothing hangs.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use wodehost::{Deliver, Host, Outcome, Plugin, Serve, ServeReport, Status, Stop};
use wodehost_tests::{load, load_configured, runtime, soon};

/// Starts a run, stops it after the first `after` outcomes, and collects the rest.
fn stopped(
    slots: u32,
    worker: Plugin,
    producer: Plugin,
    after: usize,
    stop: Stop,
) -> (ServeReport, Vec<Outcome>) {
    let host = Host::builder(runtime())
        .slots(slots)
        .worker(worker)
        .build()
        .unwrap();
    let host = Arc::new(host);
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let (sink, stopper) = (outcomes.clone(), host.clone());
    let deliver = Deliver::Function(Box::new(move |_, outcome: &Outcome| {
        let mut outcomes = sink.lock().unwrap();
        outcomes.push(outcome.clone());
        if outcomes.len() == after {
            stopper.stop(stop);
        }
    }));
    if after == 0 {
        let stopper = host.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            stopper.stop(stop);
        });
    }
    let report = soon(host.serve(Serve { producer, deliver })).unwrap();
    let outcomes = std::mem::take(&mut *outcomes.lock().unwrap());
    (report, outcomes)
}

const GRACE: Stop = Stop::Drain {
    grace: Duration::from_secs(20),
};

#[test]
fn a_producer_without_end_is_stopped_and_every_job_has_an_outcome() {
    let producer = load_configured("produce_forever", r#"{"worker": "double"}"#);
    let (report, outcomes) = stopped(2, load("double"), producer, 1000, GRACE);
    assert!(
        report.stopped && report.producer_error.is_none(),
        "{report:?}"
    );
    assert_eq!(report.tally.total(), outcomes.len() as u64);
    let cancelled = outcomes.iter().filter(|o| o.is_cancelled()).count() as u64;
    assert_eq!(report.tally.cancelled, cancelled);
    let numbers: std::collections::HashSet<_> = outcomes.iter().map(|o| o.id).collect();
    assert_eq!(numbers.len(), outcomes.len(), "each job has one outcome");
}

#[test]
fn a_producer_that_blocks_for_ever_does_not_hold_up_a_stop() {
    let producer = load_configured("producer_block", r#"{"worker": "double", "k": 2}"#);
    let (report, outcomes) = stopped(2, load("double"), producer, 2, GRACE);
    assert!(report.stopped && outcomes.len() == 2, "{report:?}");
}

#[test]
fn a_cancel_ends_guests_that_spin_and_guests_that_sleep() {
    for worker in ["spin", "sleep_forever"] {
        let config = format!(r#"{{"n": 4, "worker": "{worker}"}}"#);
        let producer = load_configured("count_to", &config);
        let (_, outcomes) = stopped(2, load(worker), producer, 0, Stop::Cancel);
        assert_eq!(outcomes.len(), 4, "{worker}");
        assert!(
            outcomes.iter().all(|o| o.status == Status::Cancelled),
            "{outcomes:?}"
        );
    }
}

#[test]
fn a_grace_that_runs_out_cancels() {
    let grace = Stop::Drain {
        grace: Duration::from_millis(200),
    };
    let producer = load_configured("count_to", r#"{"n": 1, "worker": "sleep_forever"}"#);
    let (_, outcomes) = stopped(1, load("sleep_forever"), producer, 0, grace);
    assert_eq!(outcomes[0].status, Status::Cancelled);
    assert_eq!(outcomes[0].attempts, 1);
}

#[test]
fn a_guest_sees_that_it_should_stop() {
    let producer = load_configured("count_to", r#"{"n": 1, "worker": "stop_when_asked"}"#);
    let (_, outcomes) = stopped(1, load("stop_when_asked"), producer, 0, GRACE);
    assert_eq!(outcomes[0].status, Status::Success, "{outcomes:?}");
}

#[test]
fn dropping_the_host_ends_what_waits() {
    let host = Host::builder(runtime())
        .slots(1)
        .worker(load("spin"))
        .build()
        .unwrap();
    let handles: Vec<_> = (0..3).map(|_| host.submit("spin", []).unwrap()).collect();
    drop(host);
    for handle in handles {
        assert_eq!(soon(handle).status, Status::Cancelled);
    }
}
