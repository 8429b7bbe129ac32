//! Walks the table: every row ends as it has to, and the host goes on as before.

use super::watch::{Held, expect_no_more_than, held, resident};
use wodehost::plugin::PluginError;
use wodehost::{Host, Limit, Outcome, Plugin, Receipt, Status};
use wodehost_tests::corpus::{Case, Changes, cases};
use wodehost_tests::{limits, load, once, runtime, soon, value, workspace};

/// A host with one slot, with the plugin of a row and a good one.
fn host(plugin: Plugin) -> Host {
    let builder = Host::builder(runtime()).slots(1);
    let builder = builder.worker(once(plugin)).worker(load("echo"));
    builder.build().unwrap()
}

/// Runs a row under limits; `None` = its plugin was refused, and rightly.
fn run(case: &Case, changes: Changes) -> Result<Option<Outcome>, String> {
    let folder = tempfile::tempdir().unwrap();
    let source = case.source(folder.path()).limits(limits(changes));
    let plugin = match (runtime().load(source), case.end.status) {
        (Ok(plugin), Some(_)) => plugin,
        (Ok(_), None) => return Err("it was loaded".to_owned()),
        (Err(error), Some(_)) => return Err(format!("it was refused: {error}")),
        (Err(error), None) => return refusal(case, &error).map(|()| None),
    };
    let name = plugin.name().to_owned();
    let host = host(plugin);
    let outcome = soon(host.submit(&name, [value(&case.job)]).unwrap());
    let good = soon(host.submit("echo", [value(r#"["good"]"#)]).unwrap());
    if !good.is_success() {
        return Err(format!("the good job after it: {good:?}"));
    }
    soon(host.shutdown(None)).unwrap();
    Ok(Some(outcome))
}

fn refusal(case: &Case, error: &PluginError) -> Result<(), String> {
    let text = error.to_string();
    if error.code() != case.end.reason || !text.contains(&*case.end.message) {
        return Err(format!("it was refused: {} {text}", error.code()));
    }
    if error.hint().is_empty() {
        return Err("there is no hint".to_owned());
    }
    Ok(())
}

/// What is wrong with how a row ended.
fn check(case: &Case, outcome: &Outcome) -> Result<(), String> {
    let wanted = &case.end;
    let is_so = wanted.status == Some(outcome.status)
        && outcome.reason.to_string() == wanted.reason
        && outcome.message.iter().all(|text| is_told(text))
        && (wanted.message.is_empty()
            || outcome
                .message
                .as_deref()
                .is_some_and(|text| text.contains(&*wanted.message)))
        && outcome.data.to_json().contains(&*wanted.data);
    if !is_so {
        return Err(format!("wanted {wanted:?}\n    {outcome:?}"));
    }
    // A limit that ended the attempt is in its receipt; where there was an attempt.
    let receipt = outcome.receipts.latest();
    if let (Some(limit), Some(receipt)) = (outcome.reason.limit(), receipt)
        && receipt.nearest != Some((limit, 100))
    {
        return Err(format!("{limit:?} is not in {receipt:?}"));
    }
    // Nothing of where the host lives.
    let all = outcome.to_value().to_json();
    let places = [
        workspace().display().to_string(),
        std::env::var("HOME").unwrap(),
    ];
    match places
        .into_iter()
        .find(|place| place.len() > 1 && all.contains(place))
    {
        Some(place) => Err(format!("{place} is in {all}")),
        None => Ok(()),
    }
}

/// Whether a message is for people: nothing in it steers a terminal.
fn is_told(message: &str) -> bool {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !message.chars().any(steers)
}

/// Walks all rows once and says what went wrong.
fn walk(before: Option<Held>) -> Vec<String> {
    let mut wrong = Vec::new();
    for case in cases() {
        let name = format!("{}: {}", case.group, case.name);
        let ended = run(&case, case.limits);
        let checked = ended.and_then(|outcome| match &outcome {
            Some(outcome) => check(&case, outcome),
            None => Ok(()),
        });
        if let Err(how) = checked {
            wrong.push(format!("{name}: {how}"));
        }
        if let Some(before) = before {
            expect_no_more_than(before, &name);
        }
    }
    wrong
}

/// What the whole corpus may leave resident, when it was walked before: 16 MiB.
const GROWTH_BYTES_MAX: u64 = 16 << 20;

#[test]
fn every_row_ends_as_it_has_to_and_leaves_nothing() {
    let _turn = crate::alone();
    let wrong = walk(None);
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // Threads for files, and memory that is kept for the next attempt, are there by now.
    let (before, filled) = (held(), resident());
    assert!(walk(Some(before)).is_empty());
    let grown = resident().saturating_sub(filled);
    assert!(grown < GROWTH_BYTES_MAX, "{grown} bytes more are resident");
}

// A test has to be able to fail: what a limit ends goes on without it.
#[test]
fn without_its_limit_a_row_goes_beyond_it() {
    let _turn = crate::alone();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in cases() {
        let Some((changes, status, reason)) = case.unlimited else {
            continue;
        };
        seen += 1;
        let outcome = match run(&case, changes) {
            Ok(outcome) => outcome.unwrap(),
            Err(how) => {
                wrong.push(format!("{}: {how}", case.name));
                continue;
            }
        };
        let is_so = outcome.status == status && outcome.reason.to_string() == reason;
        if !is_so || !goes_beyond(&case, &outcome) {
            wrong.push(format!(
                "{}: wanted {status} {reason}\n    {outcome:?}",
                case.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 20, "{seen}");
}

/// Whether the attempt used more than the row's limits allow, as far as its receipt tells.
fn goes_beyond(case: &Case, outcome: &Outcome) -> bool {
    let receipt = *outcome.receipts.latest().unwrap();
    let limits = case.limits();
    case.limits
        .iter()
        .all(|(limit, _)| used(*limit, &receipt).is_none_or(|used| used > limits.get(*limit)))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the receipt tells no more, and the reason has to do"
)]
fn used(limit: Limit, receipt: &Receipt) -> Option<u64> {
    Some(match limit {
        Limit::Memory => receipt.memory_peak_bytes,
        Limit::Fuel => receipt.fuel,
        Limit::Keepalive | Limit::Deadline => receipt.wall_nanos,
        Limit::HostCalls => receipt
            .host_calls
            .iter()
            .map(|calls| u64::from(*calls))
            .sum(),
        _ => return None,
    })
}

/// Ends that cost little, many times over.
const RUNS: usize = 10_000;

#[test]
fn ten_thousand_traps_leave_no_memory_behind() {
    let _turn = crate::alone();
    let guests = ["unreachable", "out_of_bounds", "recurse", "panic", "exit"];
    let builder = guests
        .iter()
        .fold(Host::builder(runtime()).slots(4), |builder, guest| {
            builder.worker(once(load(guest)))
        });
    let host = builder.build().unwrap();
    let round = |runs: usize| {
        // All at once: the queue is as long as it gets.
        let jobs = (0..runs).map(|n| host.submit(guests[n % guests.len()], [value("1")]).unwrap());
        for job in jobs.collect::<Vec<_>>() {
            assert_eq!(soon(job).status, Status::Failure);
        }
    };
    round(RUNS);
    let (before, filled) = (held(), resident());
    round(RUNS);
    let grown = resident().saturating_sub(filled);
    assert!(grown < 5 << 20, "{grown} bytes more are resident");
    expect_no_more_than(before, "ten thousand traps");
}
