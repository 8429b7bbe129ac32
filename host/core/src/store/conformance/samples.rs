//! Jobs, attempts, outcomes and values that checks are made with.

use crate::job::{HostId, JobId};
use crate::limits::Limit;
use crate::sandbox::{Interface, Receipt};
use crate::store::{ChildName, Conditions, Key, NewJob, Parent, PastAttempt, Session, Write};
use crate::task::{Earlier, Outcome, Reason, Receipts, Recorded};
use crate::value::{ScanLimits, Value};
use std::sync::Arc;
use wasmtime::Trap;

/// The stream of a [`job`].
pub(super) const STREAM: &str = "map/double";

/// A small value for each number.
pub(super) fn value(seed: u64) -> Value {
    Value::of(&("value", seed)).unwrap()
}

/// A value with everything that there is in `MessagePack`, in every width.
pub(super) fn every_kind() -> Value {
    let mut items: Vec<Vec<u8>> = vec![
        vec![0xc0],
        vec![0xc2],
        vec![0xc3],
        vec![0x05],
        vec![0xe0],
        vec![0xcc, 5],
        vec![0xcd, 0, 5],
        vec![0xce, 0, 0, 0, 5],
        vec![0xcf, 0, 0, 0, 0, 0, 0, 0, 5],
        vec![0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
        vec![0xd0, 5],
        vec![0xd1, 0, 5],
        vec![0xd2, 0, 0, 0, 5],
        vec![0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0],
        // A NaN with a payload, and minus zero.
        vec![0xca, 0x7f, 0xc0, 0, 1],
        vec![0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1],
        vec![0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0],
        vec![0xa0],
        vec![0xa3, b'a', 0, b'\''],
        vec![0xd9, 1, b'a'],
        vec![0xda, 0, 1, b'a'],
        vec![0xdb, 0, 0, 0, 1, b'a'],
        vec![0xc4, 1, 0],
        vec![0xc5, 0, 1, 255],
        vec![0xc6, 0, 0, 0, 1, 7],
        vec![0xc7, 1, 5, 0],
        vec![0xc8, 0, 1, 5, 0],
        vec![0xc9, 0, 0, 0, 1, 0x80, 0],
        vec![0x90],
        vec![0xdc, 0, 1, 0xc0],
        vec![0xdd, 0, 0, 0, 0],
        vec![0x80],
        vec![0x81, 0x01, 0x91, 0xc0],
        vec![0xde, 0, 0],
        vec![0xdf, 0, 0, 0, 1, 0xa1, b'k', 0xc3],
    ];
    for (head, bytes) in (0xd4..=0xd8).zip([1, 2, 4, 8, 16]) {
        let mut extension = vec![head, 0xff];
        extension.extend(std::iter::repeat_n(0x2a, bytes));
        items.push(extension);
    }
    let mut bytes = vec![0xdc, 0, items.len() as u8];
    bytes.extend(items.concat());
    Value::check(bytes, &ScanLimits::default()).unwrap()
}

/// A queued job with nothing special.
pub(super) fn job(number: u64) -> NewJob {
    NewJob {
        number,
        span: 1,
        stream: STREAM.into(),
        key: None,
        parent: None,
        worker: "double".into(),
        conditions: conditions(0),
        value: value(number),
        arity: 1,
        said: Value::nil(),
        singleton: None,
        group: None,
        submitted_ms: 1000 + number,
        claim: None,
    }
}

/// A job with everything special. What it says would be an attack on a careless store.
pub(super) fn special_job(number: u64) -> NewJob {
    NewJob {
        number,
        span: 12,
        stream: "run'; DROP TABLE job; --".into(),
        key: Some(Key::Text("key\0\"'\u{202e}ß".into())),
        parent: None,
        worker: "%_\\".into(),
        conditions: conditions(1),
        value: every_kind(),
        arity: u32::MAX,
        said: Value::map([("retries", Value::from(3)), ("x", every_kind())]),
        singleton: Some("only'one".into()),
        group: Some("".into()),
        submitted_ms: 1 << 42,
        claim: None,
    }
}

/// A child of another job.
pub(super) fn child(number: u64, parent: u64, name: ChildName) -> NewJob {
    NewJob {
        parent: Some(Parent {
            number: parent,
            name,
        }),
        ..job(number)
    }
}

/// Conditions of some sort.
pub(super) fn conditions(which: u64) -> Arc<Conditions> {
    Arc::new(Conditions::new(Value::map([("which", value(which))])))
}

/// What a job left that ended so in its first attempt.
pub(super) fn outcome(host: HostId, number: u64, reason: Reason) -> Outcome {
    let mut receipts = Receipts::default();
    receipts.push(receipt(number));
    Outcome {
        attempts: 1,
        data: value(1_000 + number),
        receipts,
        ..Outcome::without_attempt(JobId { host, number }, "double".into(), reason, None)
    }
}

/// What a job left that said and did everything, but what stands with past attempts.
pub(super) fn special_outcome(host: HostId, number: u64) -> Outcome {
    let text = |text: &str| Some(text.to_owned());
    let mut item = outcome(host, number + 1, Reason::Limit(Limit::Memory));
    item.earlier.push(past(1, None).earlier);
    item.receipts.push(receipt(3));
    item.backtrace.push("frame".to_owned());
    item.items.push(outcome(host, number + 2, Reason::Exit(-7)));
    Outcome {
        attempts: 3,
        data: every_kind(),
        message: text("it's a \"message\"\n\0"),
        stdout: text("out\u{1b}[1m"),
        stderr: text(""),
        log: text("info: ß\n"),
        backtrace: vec!["a".to_owned(), "b'".to_owned()],
        items: vec![item, outcome(host, number + 3, Reason::Returned)],
        finally_error: text("finally"),
        ..outcome(host, number, Reason::Trap(Trap::StackOverflow))
    }
}

/// A receipt with a number in each place.
pub(super) fn receipt(seed: u64) -> Receipt {
    let mut host_calls = [0; Interface::COUNT];
    for (place, calls) in (0_u32..).zip(&mut host_calls) {
        *calls = place * 7 + seed as u32;
    }
    Receipt {
        fuel: seed + 1_000_000_000_000,
        wall_nanos: seed + 2,
        silent_nanos: seed + 3,
        guest_nanos: seed + 4,
        memory_peak_bytes: seed + 5,
        host_calls,
        bytes_in: seed + 6,
        bytes_out: seed + 7,
        emitted: seed + 8,
        submitted: seed + 9,
        log_kept_bytes: seed + 10,
        log_dropped_bytes: seed + 11,
        nearest: (!seed.is_multiple_of(2)).then_some((Limit::Deadline, 100)),
    }
}

/// An attempt that ended with this state.
pub(super) fn past(attempt: u32, state: Option<Value>) -> PastAttempt {
    PastAttempt {
        earlier: Earlier {
            attempt,
            reason: Reason::Error,
            message: Some(format!("attempt {attempt}")),
            stdout: None,
            stderr: Some(String::new()),
            log: Some("warn: 'log'".to_owned()),
        },
        receipt: Some(receipt(u64::from(attempt))),
        state,
        recorded: Some(Recorded {
            start_ms: 7,
            seed: u64::MAX,
        }),
        ended_ms: 2000 + u64::from(attempt),
        conditions: None,
        is_reset: false,
    }
}

/// An attempt that was lost with its host.
pub(super) fn lost(attempt: u32) -> PastAttempt {
    let mut past = past(attempt, None);
    past.earlier.reason = Reason::Lost;
    PastAttempt {
        receipt: None,
        recorded: None,
        ..past
    }
}

/// A host whose claims hold until then.
pub(super) fn session(until_ms: u64) -> Session {
    Session {
        began_ms: 500,
        pid: 4_000_000_000,
        boot: "b'oot".to_owned(),
        until_ms,
    }
}

/// The end of a job.
pub(super) struct Finish {
    pub(super) number: u64,
    pub(super) fence: Option<u32>,
    pub(super) outcome: Outcome,
    pub(super) is_delivered: bool,
    pub(super) ends_children: bool,
    pub(super) now_ms: u64,
}

impl Finish {
    /// One of a claimed job without children, to be delivered, at 5000.
    pub(super) fn of(fence: u32, outcome: Outcome) -> Finish {
        Finish {
            number: outcome.id.number,
            fence: Some(fence),
            outcome,
            is_delivered: false,
            ends_children: false,
            now_ms: 5000,
        }
    }
}

impl From<Finish> for Write {
    fn from(finish: Finish) -> Write {
        Write::Finish {
            number: finish.number,
            fence: finish.fence,
            outcome: Box::new(finish.outcome),
            is_delivered: finish.is_delivered,
            ends_children: finish.ends_children,
            now_ms: finish.now_ms,
        }
    }
}

impl From<NewJob> for Write {
    fn from(job: NewJob) -> Write {
        Write::Submit(Box::new(job))
    }
}
