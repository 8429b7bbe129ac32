//! Walks the table in the deterministic profile, each row twice in two hosts: both times
//! it gives the same bytes, uses the same fuel and ends the same way.

use super::table::refusal;
use wodehost::task::Recorded;
use wodehost::{Host, Outcome, Profile, Runtime};
use wodehost_tests::corpus::{Case, cases};
use wodehost_tests::{once, runtime_of, soon, value};

/// Rows that end another way than in the standard profile, and how. Calls to the host take
/// no time there but that of the instructions around them.
const OTHERWISE: &[(&str, &str)] = &[("says that it lives, for ever", "host-call-limit")];

/// Runs a row in a host of its own; `None` = its plugin was refused, and rightly.
fn run(runtime: &Runtime, case: &Case) -> Result<Option<Outcome>, String> {
    let folder = tempfile::tempdir().unwrap();
    let source = case.source(folder.path()).limits(case.limits());
    let plugin = match (runtime.load(source), case.end.status) {
        (Ok(plugin), Some(_)) => plugin,
        (Ok(_), None) => return Err("it was loaded".to_owned()),
        (Err(error), Some(_)) => return Err(format!("it was refused: {error}")),
        (Err(error), None) => return refusal(case, &error).map(|()| None),
    };
    let name = plugin.name().to_owned();
    let host = Host::builder(runtime).slots(4).worker(once(plugin)).build();
    let host = host.unwrap();
    let outcome = soon(host.submit(&name, [value(&case.job)]).unwrap());
    soon(host.shutdown(None)).unwrap();
    Ok(Some(outcome))
}

/// Whether it ended as the table says, or as it has to here.
fn ended_well(case: &Case, outcome: &Outcome) -> bool {
    let otherwise = OTHERWISE.iter().find(|(name, _)| *name == case.name);
    let wanted = otherwise.map_or(case.end.reason, |(_, reason)| reason);
    outcome.reason.to_string() == wanted
}

#[test]
fn every_row_ends_twice_with_the_same_bytes_and_fuel() {
    let _turn = crate::alone();
    let profile = Profile::Deterministic(Recorded::DEFAULT);
    let (one, other) = (runtime_of(profile), runtime_of(profile));
    let mut wrong = Vec::new();
    let (mut ran, mut fuel) = (0, 0);
    for case in cases() {
        let name = format!("{}: {}", case.group, case.name);
        let (first, second) = match (run(&one, &case), run(&other, &case)) {
            (Ok(Some(first)), Ok(Some(second))) => (first, second),
            (Ok(None), Ok(None)) => continue,
            (first, second) => {
                wrong.push(format!("{name}: {first:?}\n    {second:?}"));
                continue;
            }
        };
        ran += 1;
        fuel += first
            .receipts
            .iter()
            .map(|receipt| receipt.fuel)
            .sum::<u64>();
        // All that there is to an outcome: its id, its receipts, what it said and logged.
        if first != second || first.to_value() != second.to_value() {
            wrong.push(format!(
                "{name}: not the same\n    {first:?}\n    {second:?}"
            ));
        } else if !ended_well(&case, &first) {
            wrong.push(format!("{name}: wanted {:?}\n    {first:?}", case.end));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(ran > 200 && fuel > 500_000_000, "{ran} rows, {fuel} fuel");
}

// A test has to be able to fail: in the standard profile it is not the same.
#[test]
fn in_the_standard_profile_two_runs_differ() {
    let _turn = crate::alone();
    let runtimes = [(); 2].map(|()| runtime_of(Profile::Standard));
    let differ = |guest: &str, job: &str| {
        let [one, other] = runtimes.each_ref().map(|runtime| {
            let source = wodehost::PluginSource::file(wodehost_tests::guest(guest));
            let plugin = runtime.load(source).unwrap();
            let host = Host::builder(runtime).worker(once(plugin)).build().unwrap();
            soon(host.submit(guest, [value(job)]).unwrap())
        });
        (one.data != other.data, one.id != other.id, one != other)
    };
    assert_eq!(differ("random_bytes", "16"), (true, true, true));
    assert_eq!(differ("clock_report", "3"), (true, true, true));
}
