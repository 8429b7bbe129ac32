//! What never comes to its end: computing, calling, waiting.

use super::wat::{Worker, with_core};
use super::{Case, Changes, built, case};
use wodehost::Limit::{Deadline, Fuel, HostCalls, Keepalive};
use wodehost::Status::{Failure, Success, Timeout};

const SPIN: &str = "(loop $again br $again) unreachable";
const SHORT: Changes = &[(Keepalive, "100ms")];
/// The deadline is seen to end what the keepalive does not.
const PATIENT: Changes = &[(Keepalive, "inf"), (Fuel, "inf"), (Deadline, "400ms")];
const SILENT: &str = "no sign of life for 100 ms";

pub(super) fn cases() -> Vec<Case> {
    let silent = |name: &'static str, plugin: super::Offered| {
        let case = case("loops", name, plugin).under(SHORT);
        let case = case.ends(Timeout, "silent", SILENT);
        case.unless(PATIENT, Timeout, "deadline")
    };
    let start = with_core(&format!("(func $s {SPIN}) (start $s)"), "i32.const 16");
    let realloc = Worker {
        realloc: SPIN,
        ..Worker::default()
    };
    let post = Worker {
        post: "(loop $again br $again)",
        ..Worker::default()
    };
    vec![
        silent("computes", built("spin")),
        silent("computes at its start", start.into()),
        silent("computes in `realloc`, for its job", realloc.text().into()),
        silent("computes in `post-return`", post.text().into()),
        silent("sleeps by the contract's clock", built("sleep_forever")),
        silent("sleeps by WASI's poll", built("wasi_sleep")),
        silent(
            "polls what is never ready, four thousand times over",
            polls(4000).into(),
        ),
        case("loops", "computes under little fuel", built("spin"))
            .under(&[(Fuel, "10M")])
            .ends(Timeout, "out-of-fuel", "used up 10,000,000 fuel")
            .unless(&[(Fuel, "50M")], Timeout, "out-of-fuel"),
        case(
            "loops",
            "computes in `realloc` under little fuel",
            realloc.text(),
        )
        .under(&[(Fuel, "10M")])
        .ends(Timeout, "out-of-fuel", "used up")
        .unless(&[(Fuel, "50M")], Timeout, "out-of-fuel"),
        case(
            "loops",
            "says that it lives, for ever",
            built("spin_forever_keepalive"),
        )
        .under(&[(Deadline, "200ms")])
        .ends(Timeout, "deadline", "not done after 200 ms")
        .unless(&[(HostCalls, "1M")], Failure, "host-call-limit"),
        case("loops", "calls the clock for ever", built("call_forever"))
            .under(&[(HostCalls, "1000")])
            .ends(Failure, "host-call-limit", "more than 1,000 times")
            .unless(
                &[(HostCalls, "inf"), (Deadline, "400ms")],
                Timeout,
                "deadline",
            ),
        case("loops", "calls WASI's clock for ever", built("mischief"))
            .job(r#"{"do": "wasi-calls"}"#)
            .under(&[(HostCalls, "1000")])
            .ends(Failure, "host-call-limit", "more than 1,000 times")
            .unless(
                &[(HostCalls, "inf"), (Deadline, "400ms")],
                Timeout,
                "deadline",
            ),
        case("loops", "writes on its line for ever", built("mischief"))
            .job(r#"{"do": "say", "text": "x", "times": 1000}"#)
            .under(&[(HostCalls, "1000")])
            .ends(Failure, "host-call-limit", "more than 1,000 times")
            .unless(
                &[(HostCalls, "inf"), (Deadline, "400ms")],
                Timeout,
                "deadline",
            ),
        case("loops", "polls a million at once", polls(1_000_000)).ends(
            Failure,
            "handle-limit",
            "held more than 4,096 handles at once",
        ),
        case("loops", "is slow and says so", built("slow_alive"))
            .job(r#"{"n": 10, "ms": 40}"#)
            .under(&[(Keepalive, "300ms")])
            .ends(Success, "returned", ""),
    ]
}

/// Polls one pollable, which is not ready for an hour, so many times over in one call.
fn polls(times: u32) -> String {
    let run = format!(
        "(local $i i32)
        (drop (memory.grow (i32.const 64)))
        (local.set 0 (call $subscribe (i64.const 3600000000000)))
        (loop $fill
            (i32.store (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 4))) (local.get 0))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $fill (i32.lt_u (local.get $i) (i32.const {times}))))
        (call $poll (i32.const 65536) (i32.const {times}) (i32.const 128))
        i32.const 16"
    );
    Worker {
        imports: super::wat::POLL,
        given: super::wat::POLL_GIVEN,
        wants: super::wat::POLL_WANTS,
        run: &run,
        ..Worker::default()
    }
    .text()
}
