//! Gates in front of a host's jobs: what holds them back, and what does not.
//!
//! None of these waits for a time to pass: a job that reads a file, which is written only
//! once it should be held back, tells whether it was.

use crate::grants::{reader, writer};
use std::time::{Duration, Instant};
use wodehost::{Gate, Host, HostBuilder, HostError, Limit, Plugin, Status, Stop};
use wodehost_tests::{
    call, data, limits, load, load_configured, load_with, once, quick, runtime, soon, value,
};

/// A host with one slot behind gates.
pub(crate) fn behind(
    gates: impl IntoIterator<Item = Gate>,
    workers: impl IntoIterator<Item = Plugin>,
) -> Host {
    let builder = Host::builder(runtime()).slots(1);
    let builder = gates.into_iter().fold(builder, HostBuilder::gate);
    let workers = workers.into_iter().map(once);
    workers.fold(builder, HostBuilder::worker).build().unwrap()
}

pub(crate) fn built_in(text: &str) -> Gate {
    Gate::parse(text).unwrap()
}

/// So long that a job which nobody holds back has run.
fn long_enough() {
    assert_eq!(data(&call(load("double"), "21")), "42");
}

// J22
#[test]
fn a_plugin_that_is_no_gate_is_refused() {
    let gate = Gate::plugin(load("double"));
    let error = Host::builder(runtime()).gate(gate).build().unwrap_err();
    let HostError::Plugin { plugin, error } = error else {
        panic!("{error}")
    };
    assert_eq!(plugin.name(), "double");
    assert_eq!(error.to_string(), "this plugin is a worker, not a gate");
}

// J22
#[test]
fn a_job_starts_only_when_its_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let gate = built_in(&format!("file:{}", folder.path().join("go").display()));
    let host = behind([gate], [reader("read_file", folder.path())]);
    let job = host.submit("read_file", [value("\"/in/proof\"")]).unwrap();
    long_enough();
    std::fs::write(folder.path().join("proof"), "held").unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(data(&soon(job)), r#"{"ok":"held"}"#);
}

// J22
#[test]
fn gates_are_asked_before_each_start() {
    let folder = tempfile::tempdir().unwrap();
    let stop = folder.path().join("stop");
    let gate = built_in(&format!("file:!{}", stop.display()));
    let write = writer("write_file", folder.path(), "{}");
    let host = behind([gate], [write, reader("read_file", folder.path())]);
    let shut = value(r#"{"path": "/out/stop", "contents": ""}"#);
    let shut = host.submit("write_file", [shut]).unwrap();
    let held = host.submit("read_file", [value("\"/in/proof\"")]).unwrap();
    assert!(soon(shut).is_success());
    long_enough();
    std::fs::write(folder.path().join("proof"), "held").unwrap();
    std::fs::remove_file(stop).unwrap();
    assert_eq!(data(&soon(held)), r#"{"ok":"held"}"#);
}

// J22
#[test]
fn a_gate_that_says_wait_is_asked_again() {
    let gate = load_configured("gate_sometimes", r#"{"waits": 3, "ms": 1}"#);
    let host = behind([Gate::plugin(gate)], [load("double")]);
    let jobs: Vec<_> = (0..20)
        .map(|n: u64| host.submit("double", [n.into()]).unwrap())
        .collect();
    for (n, job) in jobs.into_iter().enumerate() {
        assert_eq!(data(&soon(job)), (2 * n).to_string());
    }
}

// J22
#[test]
fn jobs_start_no_faster_than_the_rate() {
    let host = behind([built_in("rate:20")], [load("double")]);
    let began = Instant::now();
    let jobs: Vec<_> = (0..25)
        .map(|n: u64| host.submit("double", [n.into()]).unwrap())
        .collect();
    for job in jobs {
        assert!(soon(job).is_success());
    }
    // Twenty at once, and a twentieth of a second for each of the others.
    let elapsed = began.elapsed();
    assert!(elapsed >= Duration::from_millis(250), "{elapsed:?}");
}

// J22
#[test]
fn a_gate_that_fails_holds_nothing_back() {
    let silent = load_with("gate_silent", quick());
    let waits_then_traps = load_configured("gate_trap", r#"{"waits": 2}"#);
    let no_config = load_configured("gate_sometimes", r#"{"waits": "many"}"#);
    for gate in [load("gate_trap"), waits_then_traps, silent, no_config] {
        let host = behind([Gate::plugin(gate)], [load("double")]);
        for n in 0..3_u64 {
            let outcome = soon(host.submit("double", [n.into()]).unwrap());
            assert_eq!(data(&outcome), (2 * n).to_string());
        }
    }
}

// J22
#[test]
fn what_a_gate_holds_back_can_be_stopped() {
    let patient = limits(&[(Limit::Keepalive, "inf"), (Limit::Deadline, "inf")]);
    let shut = built_in("file:/nonexistent/go");
    for gate in [
        Gate::plugin(load("gate_nonsense")),
        Gate::plugin(load_with("gate_silent", patient)),
        shut,
    ] {
        let host = behind([gate], [load("double")]);
        let job = host.submit("double", [value("1")]).unwrap();
        long_enough();
        host.stop(Stop::Cancel);
        let outcome = soon(job);
        assert_eq!(outcome.status, Status::Cancelled, "{outcome:?}");
        assert_eq!(outcome.attempts, 0);
    }
}

// J22
#[test]
fn dropping_the_host_ends_what_a_gate_holds_back() {
    let host = behind([built_in("file:/nonexistent/go")], [load("double")]);
    let job = host.submit("double", [value("1")]).unwrap();
    long_enough();
    drop(host);
    assert_eq!(soon(job).status, Status::Cancelled);
}
