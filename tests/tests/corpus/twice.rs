//! Walks the table in the other profiles. In the deterministic one each row runs twice in two
//! hosts, and both times it gives the same bytes, uses the same fuel and ends the same way.

use wodehost::task::Recorded;
use wodehost::{EngineConfig, Host, Limit, Outcome, PluginSource, Profile, Runtime, RuntimeConfig};
use wodehost_tests::corpus::{Case, cases};
use wodehost_tests::{cache, guest, limits, once, runtime_of, soon, value};

/// How a row ended.
#[derive(Debug, PartialEq)]
enum Ended {
    /// Its plugin was refused: the code, and the sentence.
    Refused(&'static str, String),
    Outcome(Box<Outcome>),
}

impl Ended {
    /// Runs a row in a host of its own.
    fn of(runtime: &Runtime, case: &Case) -> Ended {
        let folder = tempfile::tempdir().unwrap();
        let source = case.source(folder.path()).limits(case.limits());
        let plugin = match runtime.load(source) {
            Ok(plugin) => plugin,
            Err(error) => return Ended::Refused(error.code(), error.to_string()),
        };
        let name = plugin.name().to_owned();
        let host = Host::builder(runtime).slots(4).worker(once(plugin)).build();
        let host = host.unwrap();
        let outcome = soon(host.submit(&name, [value(&case.job)]).unwrap());
        soon(host.shutdown(None)).unwrap();
        Ended::Outcome(Box::new(outcome))
    }

    fn reason(&self) -> String {
        match self {
            Ended::Refused(code, _) => (*code).to_owned(),
            Ended::Outcome(outcome) => outcome.reason.to_string(),
        }
    }

    fn fuel(&self) -> u64 {
        match self {
            Ended::Refused(..) => 0,
            Ended::Outcome(outcome) => outcome.receipts.iter().map(|r| r.fuel).sum(),
        }
    }

    /// Whether it is as the table says, but for the rows that are named.
    fn is_as_told(&self, case: &Case, otherwise: &[(&str, &str)]) -> bool {
        let named = otherwise.iter().find(|(name, _)| *name == case.name);
        self.reason() == named.map_or(case.end.reason, |(_, reason)| reason)
    }
}

fn expect_none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A runtime that differs in what does not count: places in the pools, threads.
fn another(profile: Profile) -> Runtime {
    let config = RuntimeConfig {
        engine: EngineConfig {
            live: 40,
            slots: 1,
            limits: limits(&[(Limit::Memory, "256MiB")]),
            profile,
            ..EngineConfig::default()
        },
        threads: Some(1),
        cache: Some(cache()),
        ..RuntimeConfig::default()
    };
    Runtime::new(config).unwrap()
}

/// Rows that end another way where time is virtual: calls to the host take none but that of the
/// instructions around them.
const BY_FUEL: &[(&str, &str)] = &[("says that it lives, for ever", "host-call-limit")];

#[test]
fn every_row_ends_twice_with_the_same_bytes_and_fuel() {
    let _turn = crate::alone();
    let profile = Profile::Deterministic(Recorded::DEFAULT);
    let (one, other) = (runtime_of(profile), another(profile));
    let mut wrong = Vec::new();
    let (mut rows, mut fuel) = (0, 0);
    for case in cases() {
        let [first, second] = [&one, &other].map(|runtime| Ended::of(runtime, &case));
        // All that there is to an outcome: its id, its receipts, what it said and logged.
        let (is_same, is_told) = (first == second, first.is_as_told(&case, BY_FUEL));
        if !is_same || !is_told {
            let name = format!("{}: {}", case.group, case.name);
            let wanted = &case.end;
            wrong.push(format!(
                "{name}: wanted {wanted:?}\n    {first:?}\n    {second:?}"
            ));
        }
        rows += 1;
        fuel += first.fuel();
    }
    expect_none(&wrong);
    assert!(rows > 200 && fuel > 500_000_000, "{rows} rows, {fuel} fuel");
}

/// Rows that end another way where there are no pools: nobody counts instances before they are
/// made.
const WITHOUT_POOLS: &[(&str, &str)] = &[("has nine hundred instances", "instance-limit")];

#[test]
fn every_row_ends_in_the_paranoid_profile_as_in_the_standard_one() {
    let _turn = crate::alone();
    let runtime = runtime_of(Profile::Paranoid);
    let mut wrong = Vec::new();
    for case in cases() {
        let ended = Ended::of(&runtime, &case);
        if !ended.is_as_told(&case, WITHOUT_POOLS) {
            wrong.push(format!("{}: {}: {ended:?}", case.group, case.name));
        }
    }
    expect_none(&wrong);
}

// A test has to be able to fail: in the standard profile two runs differ.
#[test]
fn in_the_standard_profile_two_runs_differ() {
    let _turn = crate::alone();
    let runtimes = [(); 2].map(|()| runtime_of(Profile::Standard));
    let differ = |name: &str, job: &str| {
        let [one, other] = runtimes.each_ref().map(|runtime| {
            let plugin = runtime.load(PluginSource::file(guest(name))).unwrap();
            let host = Host::builder(runtime).worker(once(plugin)).build().unwrap();
            soon(host.submit(name, [value(job)]).unwrap())
        });
        one.data != other.data && one.id != other.id
    };
    assert!(differ("random_bytes", "16"));
    assert!(differ("clock_report", "3"));
}
