//! Producers, consumers, stages and gates that end badly, and jobs that flow badly: what
//! needs a whole run to be seen. A gate that says wait for ever is in `library/gates.rs`.

use super::watch::{Held, expect_no_more_than, held};
use wodehost::{Deliver, Gate, HighWater, Host, Limits, Plugin, PluginSource, Serve, ServeReport};
use wodehost_tests::{guest, limits, load, load_configured, quick, runtime, soon, told, value};

/// A plugin and its configuration.
type Part = (&'static str, &'static str);

/// A row: who takes part in a run, and what comes of it.
struct Run {
    name: &'static str,
    producer: Part,
    worker: &'static str,
    options: &'static str,
    consumer: Option<Part>,
    gate: Option<&'static str>,
    wanted: Wanted,
}

/// What is left of a run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    success: u64,
    failure: u64,
    timeout: u64,
    undelivered: u64,
    /// Why the producer ended.
    error: Option<&'static str>,
}

const COUNT: Part = ("count_to", r#"{"n": 6, "worker": "double"}"#);

fn of(name: &'static str, producer: Part, wanted: Wanted) -> Run {
    Run {
        name,
        producer,
        worker: "double",
        options: r#"{"retries": 0}"#,
        consumer: None,
        gate: None,
        wanted,
    }
}

/// The producer ends with an error, behind so many jobs.
fn ended(success: u64, error: &'static str) -> Wanted {
    Wanted {
        error: Some(error),
        ..done(success)
    }
}

fn done(success: u64) -> Wanted {
    Wanted {
        success,
        ..Wanted::default()
    }
}

fn failed(failure: u64) -> Wanted {
    Wanted {
        failure,
        ..Wanted::default()
    }
}

fn runs() -> Vec<Run> {
    [producers(), others()].into_iter().flatten().collect()
}

fn producers() -> Vec<Run> {
    let config = r#"{"worker": "double", "k": 3}"#;
    vec![
        of(
            "a producer traps",
            ("producer_trap", config),
            ended(3, "trap:unreachable"),
        ),
        of(
            "a producer computes for ever",
            ("producer_spin", config),
            ended(3, "silent"),
        ),
        of(
            "a producer gives an error",
            ("producer_error", r#"{"worker": "double", "k": 2}"#),
            ended(2, "error"),
        ),
        of(
            "a producer gives no value",
            (
                "producer_bad_value",
                r#"{"worker": "double", "kind": "c1"}"#,
            ),
            failed(1),
        ),
        of(
            "a producer names nobody",
            ("producer_unknown", "{}"),
            failed(1),
        ),
        of(
            "a job of 2 MiB",
            (
                "producer_large",
                r#"{"worker": "double", "bytes": 2000000}"#,
            ),
            failed(1),
        ),
        of(
            "a job of 40 MiB",
            (
                "producer_large",
                r#"{"worker": "double", "bytes": 40000000}"#,
            ),
            ended(0, "value-too-large"),
        ),
        of(
            "a job of 1 GiB",
            (
                "producer_large",
                r#"{"worker": "double", "bytes": 1073741824}"#,
            ),
            ended(0, "memory-limit"),
        ),
    ]
}

/// Consumers, stages, gates.
fn others() -> Vec<Run> {
    let undelivered = Wanted {
        undelivered: 1,
        ..done(6)
    };
    vec![
        Run {
            consumer: Some(("consumer_trap", r#"{"trap_on": 4}"#)),
            ..of("a consumer traps on an outcome", COUNT, undelivered)
        },
        Run {
            consumer: Some(("consumer_error", "{}")),
            ..of("a consumer gives errors", COUNT, done(6))
        },
        Run {
            consumer: Some(("consumer_slow", r#"{"ms": 5}"#)),
            ..of(
                "a consumer is slower than the workers",
                ("count_to", r#"{"n": 100, "worker": "double"}"#),
                done(100),
            )
        },
        Run {
            options: r#"{"retries": 0, "pre": "act", "post": "act"}"#,
            ..of("stages that end well", COUNT, done(6))
        },
        Run {
            options: r#"{"retries": 0, "post": "unreachable"}"#,
            ..of("a stage traps", COUNT, failed(6))
        },
        Run {
            options: r#"{"retries": 0, "pre": "spin"}"#,
            ..of(
                "a stage computes for ever",
                ("count_to", r#"{"n": 1, "worker": "double"}"#),
                failed(1),
            )
        },
        Run {
            gate: Some("gate_trap"),
            ..of("a gate traps", COUNT, done(6))
        },
        Run {
            gate: Some("gate_silent"),
            ..of("a gate computes for ever", COUNT, done(6))
        },
        Run {
            worker: "unreachable",
            ..of(
                "a thousand traps",
                ("count_to", r#"{"n": 1000, "worker": "unreachable"}"#),
                failed(1000),
            )
        },
    ]
}

/// Those that compute for ever are to end soon; the others may take their time.
fn part((name, config): Part) -> Plugin {
    let computes = name.contains("spin") || name.contains("silent");
    let limits = if computes { quick() } else { Limits::default() };
    let source = PluginSource::file(guest(name));
    let source = source.config(value(config)).limits(limits);
    runtime().load(source).unwrap()
}

/// Runs a row.
fn run(row: &Run) -> ServeReport {
    let mut builder = Host::builder(runtime())
        .slots(2)
        .worker(told(load(row.worker), row.options));
    for stage in ["act", "unreachable", "spin"] {
        if row.worker != stage {
            builder = builder.worker(part((stage, "{}")));
        }
    }
    if let Some(gate) = row.gate {
        builder = builder.gate(Gate::plugin(part((gate, "{}"))));
    }
    let host = builder.build().unwrap();
    let deliver = match row.consumer {
        Some(consumer) => Deliver::Consumer(part(consumer)),
        None => Deliver::Function(Box::new(|_, _| ())),
    };
    let producer = part(row.producer);
    let report = soon(host.serve(Serve { producer, deliver })).unwrap();
    soon(host.shutdown(None)).unwrap();
    report
}

fn differs(row: &Run, report: &ServeReport) -> bool {
    let tally = &report.tally;
    let error = report
        .producer_error
        .as_ref()
        .map(|error| error.reason.to_string());
    let wanted = &row.wanted;
    (tally.success, tally.failure, tally.timeout)
        != (wanted.success, wanted.failure, wanted.timeout)
        || report.undelivered_count != wanted.undelivered
        || error.as_deref() != wanted.error
}

#[test]
fn every_run_ends_as_it_has_to_and_leaves_nothing() {
    let _turn = crate::alone();
    let good = Host::builder(runtime()).worker(load("echo"));
    let good = good.build().unwrap();
    let walk = |before: Option<Held>| {
        let mut wrong = Vec::new();
        for row in runs() {
            let report = run(&row);
            if differs(&row, &report) {
                wrong.push(format!(
                    "{}: wanted {:?}\n    {report:?}",
                    row.name, row.wanted
                ));
            }
            let after = soon(good.submit("echo", []).unwrap());
            assert!(after.is_success(), "after: {}", row.name);
            if let Some(before) = before {
                expect_no_more_than(before, row.name);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    };
    // The compiler's threads are there when something was compiled.
    walk(None);
    walk(Some(held()));
}

/// The one that never ends, and the one that blocks for ever, end with their host.
#[test]
fn a_producer_without_end_ends_with_its_host() {
    let _turn = crate::alone();
    for (guest, config) in [
        ("produce_forever", r#"{"worker": "double"}"#),
        ("producer_block", r#"{"worker": "double", "k": 5}"#),
    ] {
        let host = Host::builder(runtime()).slots(2).worker(load("double"));
        let host = host.high_water(HighWater {
            jobs: 20,
            bytes: 1 << 20,
        });
        let host = std::sync::Arc::new(host.build().unwrap());
        let (stopper, mut taken) = (std::sync::Arc::downgrade(&host), 0);
        let deliver = Deliver::Function(Box::new(move |_, _| {
            taken += 1;
            if taken == 5 {
                stopper.upgrade().unwrap().stop(wodehost::Stop::Cancel);
            }
        }));
        let producer = load_configured(guest, config);
        let report = soon(host.serve(Serve { producer, deliver })).unwrap();
        assert!(report.stopped, "{guest}: {report:?}");
        assert!(report.tally.success >= 5, "{guest}: {report:?}");
    }
}

/// A run goes on with the plugin that it began with.
#[test]
fn a_file_that_is_replaced_changes_nothing_of_a_run() {
    let _turn = crate::alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("double.wasm");
    std::fs::copy(guest("double"), &path).unwrap();
    let plugin = runtime().load(PluginSource::file(&path)).unwrap();
    let host = Host::builder(runtime())
        .slots(1)
        .worker(plugin)
        .build()
        .unwrap();
    let other = std::fs::read(guest("unreachable")).unwrap();
    for bytes in [&b"no plugin"[..], b"", &other] {
        std::fs::write(&path, bytes).unwrap();
        let outcome = soon(host.submit("double", [value("21")]).unwrap());
        assert_eq!(outcome.data.to_json(), "42", "{outcome:?}");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(soon(host.submit("double", [value("21")]).unwrap()).is_success());
    // Whoever loads it now gets what is there now.
    std::fs::write(&path, &other).unwrap();
    let plugin = runtime()
        .load(PluginSource::file(&path).limits(limits(&[])))
        .unwrap();
    let outcome = wodehost_tests::call(plugin, "null");
    assert_eq!(outcome.reason.to_string(), "trap:unreachable");
}
