//! Rows W1 to W18 of the semantics, each by a test that names it.

use std::sync::Arc;
use wodehost::{Deliver, HighWater, Host, Runtime, RuntimeConfig, Serve, Status, Stop, Value};
use wodehost_tests::{
    call, call_value, data, host_of, load, load_configured, runtime, serve, serve_to, soon, value,
};

// W1 W2 W13
#[test]
fn values_come_out_byte_for_byte() {
    let bytes: &[&[u8]] = &[
        b"\xc0",
        b"\xcf\x00\x00\x00\x00\x00\x00\x00\x01", // a small number in nine bytes
        b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xca\x7f\xc0\x00\x01",                 // f32 NaN with a payload
        b"\xcb\x80\x00\x00\x00\x00\x00\x00\x00", // -0.0
        b"\xc4\x02\xff\x00",
        b"\xd9\x02hi",
        b"\xd6\xff\x00\x00\x00\x01", // a timestamp
        b"\xc7\x03\x05abc",
        b"\x82\xa1b\x01\xa1a\x02", // a map keeps its order
    ];
    for bytes in bytes {
        let job = Value::check(bytes.to_vec(), &wodehost::value::ScanLimits::default()).unwrap();
        let outcome = call_value(load("echo"), job);
        assert_eq!(outcome.data.as_bytes(), *bytes);
    }
}

// W3
#[test]
fn a_worker_turns_a_job_into_a_result() {
    assert_eq!(data(&call(load("double"), "21")), "42");
    let arguments = [value("2"), value("3")];
    let host = host_of("add");
    assert_eq!(data(&soon(host.submit("add", arguments).unwrap())), "5");
}

// W4
#[test]
fn a_producer_drives_many_workers() {
    let producer = load_configured(
        "producer_args",
        r#"{"worker": "add", "jobs": [[1, 2], [3, 4]]}"#,
    );
    let host = Host::builder(runtime())
        .worker(load("add"))
        .worker(load("double"))
        .build()
        .unwrap();
    let (report, outcomes) = serve(&host, producer);
    let mut sums: Vec<String> = outcomes.iter().map(|(_, o)| data(o)).collect();
    sums.sort();
    assert_eq!(sums, ["3", "7"]);
    assert_eq!(report.tally.success, 2);
    let (_, outcomes) = serve(
        &host,
        load_configured("count_to", r#"{"n": 1, "worker": "double"}"#),
    );
    assert_eq!(&*outcomes[0].1.worker, "double");
}

// W4: a producer goes on from its checkpoint; one that traps ends the run.
#[test]
fn a_producer_that_traps_ends_the_run_as_its_error() {
    let producer = load_configured("producer_trap", r#"{"worker": "double", "k": 3}"#);
    let host = host_of("double");
    let (report, outcomes) = serve(&host, producer);
    assert_eq!(outcomes.len(), 3, "what it gave before is done");
    let error = report.producer_error.unwrap();
    assert_eq!(error.reason.to_string(), "trap:unreachable");
}

// W5 W16
#[test]
fn a_consumer_gets_every_job_with_its_outcome_in_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let consumer = super::grants::writer("write_results", folder.path(), r#"{"file": "/out/r"}"#);
    let producer = load_configured("count_to", r#"{"n": 50, "worker": "double"}"#);
    let host = host_of("double");
    let report = serve_to(&host, producer, consumer);
    assert_eq!(report.tally.success, 50);
    assert_eq!(report.undelivered_count, 0);
    let text = std::fs::read_to_string(folder.path().join("r")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.pop(), Some("finished"));
    let jobs: std::collections::HashSet<u64> = lines
        .iter()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let job = line["job"].as_u64().unwrap();
            assert_eq!(line["data"].as_u64(), Some(job * 2));
            job
        })
        .collect();
    assert_eq!(jobs.len(), 50);
}

// W5
#[test]
fn an_outcome_that_a_consumer_traps_on_is_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = r#"{"trap_on": 4, "times": 2, "counter": "/out/traps"}"#;
    let consumer = super::grants::writer("consumer_trap", folder.path(), config);
    let producer = load_configured("count_to", r#"{"n": 5, "worker": "double"}"#);
    let host = host_of("double");
    let report = serve_to(&host, producer, consumer);
    assert_eq!(report.undelivered_count, 0);
    let traps = std::fs::read(folder.path().join("traps")).unwrap();
    assert_eq!(traps.len(), 2);
}

// W5
#[test]
fn an_outcome_that_a_consumer_traps_on_for_ever_is_set_aside_and_reported() {
    let consumer = load_configured("consumer_trap", r#"{"trap_on": 4}"#);
    let producer = load_configured("count_to", r#"{"n": 5, "worker": "double"}"#);
    let host = host_of("double");
    let report = serve_to(&host, producer, consumer);
    assert_eq!(report.tally.success, 5);
    assert_eq!(report.undelivered_count, 1);
    assert!(
        report.undelivered[0].message.starts_with("trap:"),
        "{report:?}"
    );
}

// W6
#[test]
fn a_guest_logs_with_a_level() {
    let outcome = call(load("log_levels"), r#""hello""#);
    let receipt = outcome.receipts.latest().unwrap().to_value().to_json();
    assert!(receipt.contains(r#""log":4"#), "{receipt}");
}

// W7 W8
#[test]
fn a_process_name_is_the_attempt_and_can_be_changed() {
    let outcome = call(load("name"), r#""indexer""#);
    let before = format!("{}/1", outcome.id);
    assert_eq!(data(&outcome), format!(r#"["{before}","indexer"]"#));
}

// W9
#[test]
fn the_parts_are_given_by_the_caller() {
    let host = Host::builder(runtime())
        .name("here")
        .slots(2)
        .worker(load("double"))
        .high_water(HighWater::default())
        .build()
        .unwrap();
    let serve = Serve {
        producer: load_configured("count_to", r#"{"n": 3, "worker": "double"}"#),
        deliver: Deliver::Consumer(load("tally")),
    };
    let report = soon(host.serve(serve)).unwrap();
    assert_eq!(report.tally.total(), 3);
}

// W10 W11
#[test]
fn an_idle_producer_may_wait_longer_than_a_keepalive() {
    let source = wodehost::PluginSource::file(wodehost_tests::guest("count_to"))
        .config(value(r#"{"n": 2, "worker": "double", "sleep_ms": 400}"#))
        .limits(wodehost_tests::quick());
    let producer = runtime().load(source).unwrap();
    let host = host_of("double");
    let (report, _) = serve(&host, producer);
    assert!(report.producer_error.is_none(), "{report:?}");
    assert_eq!(report.tally.success, 2);
}

// W11: waiting is free, computing is not.
#[test]
fn a_producer_that_computes_past_its_keepalive_is_silent() {
    let source = wodehost::PluginSource::file(wodehost_tests::guest("producer_spin"))
        .config(value(r#"{"worker": "double", "k": 1}"#))
        .limits(wodehost_tests::quick());
    let producer = runtime().load(source).unwrap();
    let host = host_of("double");
    let (report, outcomes) = serve(&host, producer);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(report.producer_error.unwrap().reason.to_string(), "silent");
}

// W12
#[test]
fn a_producer_ends_the_run_with_none_or_with_an_error() {
    let host = host_of("double");
    let (report, _) = serve(
        &host,
        load_configured("count_to", r#"{"n": 4, "worker": "double"}"#),
    );
    assert!(report.producer_error.is_none());
    let producer = load_configured("producer_error", r#"{"worker": "double", "k": 2}"#);
    let (report, outcomes) = serve(&host, producer);
    assert_eq!(outcomes.len(), 2, "queued jobs are done");
    assert_eq!(report.producer_error.unwrap().reason.to_string(), "error");
}

// W14
#[test]
fn slots_are_at_least_four_and_as_many_as_asked_for() {
    assert!(wodehost::default_slots() >= 4);
    let sleep = load("sleep");
    let host = Host::builder(runtime())
        .slots(8)
        .worker(sleep)
        .build()
        .unwrap();
    let began = std::time::Instant::now();
    let handles: Vec<_> = (0..8)
        .map(|_| host.submit("sleep", [value("300")]).unwrap())
        .collect();
    for handle in handles {
        assert!(soon(handle).is_success());
    }
    // One after the other they would take 2.4 s at the least.
    assert!(began.elapsed().as_millis() < 2400);
}

// W15
#[test]
fn nothing_survives_an_attempt() {
    let host = Host::builder(runtime())
        .slots(1)
        .worker(load("global_counter"))
        .build()
        .unwrap();
    for _ in 0..20 {
        let outcome = soon(host.submit("global_counter", []).unwrap());
        assert_eq!(data(&outcome), "1");
    }
}

// W17
#[test]
fn a_stop_drains_and_then_cancels() {
    let host = Arc::new(
        Host::builder(runtime())
            .slots(1)
            .worker(load("sleep"))
            .build()
            .unwrap(),
    );
    let running = host.submit("sleep", [value("300")]).unwrap();
    let queued = host.submit("sleep", [value("300")]).unwrap();
    host.stop(Stop::Drain {
        grace: std::time::Duration::from_secs(30),
    });
    assert_eq!(soon(running).status, Status::Success);
    let queued = soon(queued);
    assert_eq!(queued.status, Status::Cancelled);
    assert_eq!(queued.attempts, 0);
    assert!(host.submit("sleep", [value("1")]).is_err());
}

// W18
#[test]
fn several_hosts_share_a_runtime_or_have_their_own() {
    let own = Runtime::new(RuntimeConfig::default()).unwrap();
    let source = wodehost::PluginSource::file(wodehost_tests::guest("double"));
    let plugin = own.load(source).unwrap();
    let one = Host::builder(&own).worker(plugin).build().unwrap();
    let two = host_of("double");
    let three = host_of("double");
    assert!(one.id() != two.id() && two.id() != three.id());
    two.stop(Stop::Cancel);
    for host in [&one, &three] {
        assert_eq!(
            data(&soon(host.submit("double", [value("4")]).unwrap())),
            "8"
        );
    }
}

// W18: a runtime may be dropped inside async code.
#[test]
fn a_runtime_is_dropped_in_async_code() {
    wodehost_tests::block_on(async {
        let runtime = Runtime::new(RuntimeConfig::default()).unwrap();
        let source = wodehost::PluginSource::file(wodehost_tests::guest("double"));
        let plugin = runtime.load(source).unwrap();
        let host = Host::builder(&runtime).worker(plugin).build().unwrap();
        let outcome = host.submit("double", [value("1")]).unwrap().await;
        assert!(outcome.is_success());
        drop((host, runtime));
    });
}
