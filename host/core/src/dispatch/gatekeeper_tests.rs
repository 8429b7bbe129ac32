//! The gatekeeper over a machine and a clock that are made up.

use super::*;
use crate::gate::Told;
use std::fmt::Write as _;
use std::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const MS: Duration = Duration::from_millis(1);

/// A gatekeeper of built-in gates on a machine without anything.
fn keeper(gates: &[&str]) -> (Gatekeeper, Told, Instant) {
    let machine = Told::default();
    let now = Instant::now();
    let gates = gates.iter().map(|text| Gate::parse(text).unwrap());
    let keeper = Gatekeeper::on(
        Box::new(machine.clone()),
        gates.collect(),
        &"host".into(),
        now,
    );
    (keeper.unwrap(), machine, now)
}

fn ask(keeper: &mut Gatekeeper, now: Instant) -> Asked {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(keeper.ask(now))
}

fn wait(gate: &str, pause: Duration) -> Asked {
    Asked::Wait {
        gate: gate.into(),
        pause,
    }
}

// J22
#[test]
fn without_gates_every_job_may_start() {
    let (mut keeper, _, now) = keeper(&[]);
    assert_eq!(ask(&mut keeper, now), Asked::Go);
}

// J22
#[test]
fn the_first_gate_that_says_wait_counts() {
    let (mut keeper, machine, now) = keeper(&["file:/go", "load:1", "file:!/stop"]);
    machine.put("/proc/loadavg", "3.0 0 0");
    machine.put("/stop", "");
    assert_eq!(ask(&mut keeper, now), wait("file", 100 * MS));
    machine.put("/go", "");
    assert_eq!(ask(&mut keeper, now), wait("load", 100 * MS));
    machine.put("/proc/loadavg", "0.5 0 0");
    assert_eq!(ask(&mut keeper, now), wait("file", 100 * MS));
    machine.remove("/stop");
    assert_eq!(ask(&mut keeper, now), Asked::Go);
}

// J22
#[test]
fn a_token_is_taken_only_when_all_the_others_said_go() {
    let (mut keeper, machine, now) = keeper(&["rate:1", "file:/go"]);
    for _ in 0..3 {
        assert_eq!(ask(&mut keeper, now), wait("file", 100 * MS));
    }
    machine.put("/go", "");
    assert_eq!(ask(&mut keeper, now), Asked::Go);
    assert_eq!(ask(&mut keeper, now), wait("rate", 1000 * MS));
    assert_eq!(ask(&mut keeper, now + 400 * MS), wait("rate", 600 * MS));
    assert_eq!(ask(&mut keeper, now + 1000 * MS), Asked::Go);
}

// J22
#[test]
fn of_two_rates_none_loses_a_token_to_the_other() {
    let (mut keeper, _, now) = keeper(&["rate:2", "rate:1/m"]);
    assert_eq!(ask(&mut keeper, now), Asked::Go);
    for _ in 0..5 {
        assert_eq!(ask(&mut keeper, now), wait("rate", 60_000 * MS));
    }
    let later = now + 60_000 * MS;
    assert_eq!(ask(&mut keeper, later), Asked::Go);
}

// J22
#[test]
fn a_pause_is_neither_nothing_nor_for_ever() {
    let (mut keeper, _, now) = keeper(&["rate:0.001"]);
    assert_eq!(ask(&mut keeper, now), Asked::Go);
    assert_eq!(ask(&mut keeper, now), wait("rate", 60_000 * MS));
    let almost = now + Duration::from_nanos(999_999_999_999);
    assert_eq!(ask(&mut keeper, almost), wait("rate", MS));
}

// J22
#[test]
fn a_gate_that_cannot_look_holds_nothing_back_and_is_counted() {
    let (mut keeper, _, now) = keeper(&["load:1", "mem-free:1GiB", "file:/go"]);
    for _ in 0..3 {
        assert_eq!(ask(&mut keeper, now), wait("file", 100 * MS));
    }
    let failures: Vec<(&str, u64)> = keeper.failures().map(|(name, n)| (&**name, n)).collect();
    assert_eq!(failures, [("load", 3), ("mem-free", 3), ("file", 0)]);
}

// J22
#[test]
fn failures_are_told_twenty_times_then_once_that_more_follow() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Listener(told.clone());
    let (mut keeper, _, now) = keeper(&["load:1"]);
    tracing::subscriber::with_default(listener, || {
        for _ in 0..30 {
            assert_eq!(ask(&mut keeper, now), Asked::Go);
        }
    });
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 21, "{told:#?}");
    let first = "wodehost::gate the gate failed and holds nothing back: /proc/loadavg cannot be \
                 read: entity not found load";
    assert!(told[..20].iter().all(|line| line == first), "{told:#?}");
    assert!(told[20].contains("goes on failing"), "{told:#?}");
}

#[test]
fn any_thread_may_ask() {
    fn goes_to_any_thread(_: impl Send) {}
    let (mut keeper, _, now) = keeper(&[]);
    goes_to_any_thread(keeper.ask(now));
}

/// Keeps the lines of gates.
struct Listener(Arc<Mutex<Vec<String>>>);

/// A line's target and its fields.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            _ => write!(self.0, " {}={value:?}", field.name()),
        };
    }

    fn record_str(&mut self, _: &Field, value: &str) {
        let _ = write!(self.0, " {value}");
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
