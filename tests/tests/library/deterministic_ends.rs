//! Limits on time in the deterministic profile: they run on the virtual clock, so each
//! ends its attempt at the same instruction.

use super::deterministic::{call, seeded};
use wodehost::Limit::{Deadline, Fuel, HostCalls, Keepalive};
use wodehost::{Limit, Outcome, Runtime};
use wodehost_tests::limits;

fn ended(runtime: &Runtime, guest: &str, job: &str, changes: &[(Limit, &str)]) -> Outcome {
    call(runtime, guest, limits(changes), job)
}

#[test]
fn whichever_limit_is_reached_first_is_named() {
    let runtime = seeded(0);
    // Keepalive, deadline, fuel, reason, and the fuel at the end, which is the time as well.
    let table = [
        ("50ms", "15min", "10G", "silent", 50_000_000),
        ("inf", "70ms", "10G", "deadline", 70_000_000),
        ("5s", "15min", "30M", "out-of-fuel", 30_000_000),
    ];
    for (keepalive, deadline, fuel, reason, used) in table {
        let limits = [(Keepalive, keepalive), (Deadline, deadline), (Fuel, fuel)];
        let outcome = ended(&runtime, "spin", "null", &limits);
        assert_eq!(outcome.reason.to_string(), reason, "{outcome:?}");
        let receipt = outcome.receipts.latest().unwrap();
        assert_eq!((receipt.fuel, receipt.wall_nanos), (used, used));
    }
}

#[test]
fn sleeping_past_the_keepalive_is_silence() {
    let runtime = seeded(0);
    for (guest, job) in [
        ("sleep", "5000"),
        ("sleep_forever", "null"),
        ("wasi_sleep", "null"),
    ] {
        let outcome = ended(&runtime, guest, job, &[]);
        assert_eq!(outcome.reason.to_string(), "silent", "{outcome:?}");
        let receipt = outcome.receipts.latest().unwrap();
        assert_eq!(receipt.wall_nanos, 5_000_000_000, "{guest}");
        let message = outcome.message.unwrap();
        assert_eq!(message, "no sign of life for 5 s");
    }
    let outcome = ended(&runtime, "sleep", "4900", &[]);
    assert!(outcome.is_success(), "{outcome:?}");
}

#[test]
fn signs_of_life_refill_up_to_the_deadline() {
    let runtime = seeded(0);
    let alive = [(Keepalive, "300ms"), (Deadline, "5s")];
    let outcome = ended(&runtime, "slow_alive", r#"{"n": 20, "ms": 200}"#, &alive);
    assert!(outcome.is_success(), "{outcome:?}");
    let outcome = ended(&runtime, "slow_alive", r#"{"n": 30, "ms": 200}"#, &alive);
    assert_eq!(outcome.reason.to_string(), "deadline");
    let receipt = outcome.receipts.latest().unwrap();
    assert_eq!(receipt.wall_nanos, 5_000_000_000);
    let forever = [(Deadline, "2ms"), (HostCalls, "inf")];
    let outcome = ended(&runtime, "spin_forever_keepalive", "null", &forever);
    assert_eq!(outcome.reason.to_string(), "deadline");
    let receipt = outcome.receipts.latest().unwrap();
    assert_eq!(receipt.fuel, 2_000_000, "all windows together");
}

#[test]
fn too_many_calls_end_at_the_same_fuel() {
    let fuel = |job| {
        let runtime = seeded(0);
        let outcome = ended(&runtime, "mischief", job, &[(HostCalls, "1000")]);
        assert_eq!(outcome.reason.to_string(), "host-call-limit");
        outcome.receipts.latest().unwrap().fuel
    };
    for job in [
        r#"{"do": "wasi-calls"}"#,
        r#"{"do": "say", "text": "x", "times": 10}"#,
    ] {
        assert_eq!(fuel(job), fuel(job));
    }
    // Writes to stdout are WASI's, and are not counted one by one.
    let flood = || {
        let runtime = seeded(0);
        let outcome = ended(
            &runtime,
            "stdout_flood",
            "100000000",
            &[(HostCalls, "1000")],
        );
        assert_eq!(outcome.reason.to_string(), "host-call-limit");
        outcome
    };
    assert_eq!(flood(), flood());
}
