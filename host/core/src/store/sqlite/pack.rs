//! Outcomes and receipts as bytes, in as few as is simple.
//!
//! What nearly every outcome has is in columns of its own. The rest, where there is any, is a
//! map in one blob: [`More`]. Words are kept as numbers that never change; a reason is kept as its
//! text, and as a number too where its text is another one's as well.

use super::fault::{Result, Trouble};
use crate::job::{HostId, JobId};
use crate::limits::{LIMITS, Limit};
use crate::sandbox::{Interface, Receipt};
use crate::store::{ChildName, Key};
use crate::task::{Earlier, Outcome, Reason, Receipts, Status};
use crate::value::Value;
use rusqlite::types::ValueRef;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::sync::Arc;
use wasmtime::Trap;

/// All statuses, each at its number.
const STATUSES: [Status; 7] = [
    Status::Unspecified,
    Status::Success,
    Status::Failure,
    Status::Timeout,
    Status::Mixed,
    Status::Rejected,
    Status::Cancelled,
];

/// The number of a status; 1 = success, as the tables say too.
pub(super) fn status_number(status: Status) -> i64 {
    match status {
        Status::Unspecified => 0,
        Status::Success => 1,
        Status::Failure => 2,
        Status::Timeout => 3,
        Status::Mixed => 4,
        Status::Rejected => 5,
        Status::Cancelled => 6,
    }
}

pub(super) fn status(number: i64) -> Result<Status> {
    let known = usize::try_from(number).ok().and_then(|n| STATUSES.get(n));
    known
        .copied()
        .ok_or_else(|| Trouble::damaged(format!("{number} is no status")))
}

fn limit_number(limit: Limit) -> u8 {
    match limit {
        Limit::Memory => 1,
        Limit::Tables => 2,
        Limit::Instances => 3,
        Limit::Fuel => 4,
        Limit::Keepalive => 5,
        Limit::Deadline => 6,
        Limit::Value => 7,
        Limit::State => 8,
        Limit::Log => 9,
        Limit::LogLine => 10,
        Limit::HostCalls => 11,
        Limit::Handles => 12,
        Limit::Emits => 13,
        Limit::Depth => 14,
        Limit::Children => 15,
        Limit::Tree => 16,
    }
}

fn limit(number: u8) -> Result<Limit> {
    let mut all = LIMITS.iter().map(|info| info.limit);
    all.find(|limit| limit_number(*limit) == number)
        .ok_or_else(|| Trouble::damaged(format!("{number} is no limit")))
}

/// What a reason's text does not tell.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Exact {
    #[serde(rename = "t")]
    Trap(u8),
    #[serde(rename = "l")]
    Limit(u8),
}

impl Exact {
    fn of(reason: Reason) -> Option<Exact> {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the others have words of their own"
        )]
        let exact = match reason {
            Reason::Trap(trap) => Exact::Trap(trap as u8),
            Reason::Limit(limit) => Exact::Limit(limit_number(limit)),
            _ => return None,
        };
        (reason.to_string().parse() != Ok(reason)).then_some(exact)
    }

    fn reason(self) -> Result<Reason> {
        match self {
            Exact::Trap(number) => Trap::from_u8(number)
                .map(Reason::Trap)
                .ok_or_else(|| Trouble::damaged(format!("{number} is no trap"))),
            Exact::Limit(number) => limit(number).map(Reason::Limit),
        }
    }
}

/// A reason from its text, and from what the text does not tell.
fn reason(text: &str, exact: Option<Exact>) -> Result<Reason> {
    match exact {
        Some(exact) => exact.reason(),
        None => text
            .parse()
            .map_err(|error| Trouble::damaged(format!("{error}"))),
    }
}

/// A receipt as integers one after the other; those of the interfaces last.
pub(super) fn receipt(receipt: &Receipt) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    let (nearest, percent) = receipt
        .nearest
        .map_or((0, 0), |(limit, percent)| (limit_number(limit), percent));
    let numbers = [
        receipt.fuel,
        receipt.wall_nanos,
        receipt.silent_nanos,
        receipt.guest_nanos,
        receipt.memory_peak_bytes,
        receipt.bytes_in,
        receipt.bytes_out,
        receipt.emitted,
        receipt.submitted,
        receipt.log_kept_bytes,
        receipt.log_dropped_bytes,
        nearest.into(),
        percent.into(),
    ];
    let calls = receipt.host_calls.map(u64::from);
    for number in numbers.into_iter().chain(calls) {
        // Writing to a vector cannot fail.
        let _ = rmp::encode::write_uint(&mut out, number);
    }
    out
}

/// The receipt that was packed so; of fewer interfaces where an earlier version did it.
pub(super) fn unpack_receipt(mut bytes: &[u8]) -> Result<Receipt> {
    let mut next = || -> Result<u64> {
        rmp::decode::read_int(&mut bytes)
            .map_err(|_| Trouble::damaged("a receipt has come to harm".to_owned()))
    };
    let mut receipt = Receipt {
        fuel: next()?,
        wall_nanos: next()?,
        silent_nanos: next()?,
        guest_nanos: next()?,
        memory_peak_bytes: next()?,
        bytes_in: next()?,
        bytes_out: next()?,
        emitted: next()?,
        submitted: next()?,
        log_kept_bytes: next()?,
        log_dropped_bytes: next()?,
        ..Receipt::default()
    };
    let (nearest, percent) = (next()? as u8, next()? as u8);
    if nearest > 0 {
        receipt.nearest = Some((limit(nearest)?, percent));
    }
    for place in 0..Interface::COUNT {
        if bytes.is_empty() {
            break;
        }
        let number: u64 = rmp::decode::read_int(&mut bytes)
            .map_err(|_| Trouble::damaged("a receipt has come to harm"))?;
        receipt.host_calls[place] = number as u32;
    }
    Ok(receipt)
}

/// Bytes in a blob: without this serde writes them as numbers.
#[derive(Debug)]
struct Bytes<'a>(Cow<'a, [u8]>);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes<'_> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> std::result::Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        let bytes = from.deserialize_bytes(Visitor)?;
        Ok(Bytes(Cow::Owned(bytes)))
    }
}

/// What few outcomes have. Keys are short: they stand in each blob.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct More<'a> {
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    reason: Option<Exact>,
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    worker: Option<Cow<'a, str>>,
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'a, str>>,
    #[serde(rename = "o", skip_serializing_if = "Option::is_none")]
    stdout: Option<Cow<'a, str>>,
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    stderr: Option<Cow<'a, str>>,
    #[serde(rename = "l", skip_serializing_if = "Option::is_none")]
    log: Option<Cow<'a, str>>,
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    finally: Option<Cow<'a, str>>,
    #[serde(rename = "b", skip_serializing_if = "Vec::is_empty")]
    backtrace: Vec<Cow<'a, str>>,
    #[serde(rename = "i", skip_serializing_if = "Vec::is_empty")]
    items: Vec<Item<'a>>,
}

/// The outcome of an item, with all that it has.
#[derive(Debug, Serialize, Deserialize)]
struct Item<'a> {
    #[serde(rename = "n")]
    number: u64,
    /// Where it is not that of the store.
    #[serde(rename = "h", skip_serializing_if = "Option::is_none", default)]
    host: Option<String>,
    #[serde(rename = "s")]
    status: i64,
    #[serde(rename = "r")]
    reason: String,
    #[serde(rename = "d")]
    data: Bytes<'a>,
    #[serde(rename = "a")]
    attempts: u32,
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty", default)]
    receipts: Vec<Bytes<'a>>,
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty", default)]
    earlier: Vec<Past<'a>>,
    #[serde(rename = "m")]
    more: More<'a>,
}

/// An attempt of an item that is past.
#[derive(Debug, Serialize, Deserialize)]
struct Past<'a> {
    #[serde(rename = "a")]
    attempt: u32,
    #[serde(rename = "r")]
    reason: String,
    #[serde(rename = "m")]
    more: More<'a>,
}

/// An outcome as it stands in columns.
pub(super) struct Packed {
    pub(super) status: i64,
    /// None = `returned`.
    pub(super) reason: Option<String>,
    pub(super) receipt: Option<Vec<u8>>,
    pub(super) more: Option<Vec<u8>>,
}

/// What columns say of an outcome.
pub(super) struct Columns<'a> {
    pub(super) id: JobId,
    /// The job's worker.
    pub(super) worker: Arc<str>,
    pub(super) status: i64,
    pub(super) reason: Option<&'a str>,
    pub(super) data: Value,
    pub(super) attempts: u32,
    pub(super) receipt: Option<&'a [u8]>,
    pub(super) more: Option<&'a [u8]>,
}

impl Packed {
    /// `worker`: that of the job.
    pub(super) fn of(outcome: &Outcome, worker: &str, host: HostId) -> Result<Packed> {
        Ok(Packed {
            status: status_number(outcome.status),
            reason: (outcome.reason != Reason::Returned).then(|| outcome.reason.to_string()),
            receipt: outcome.receipts.latest().map(receipt),
            more: More::of(outcome, worker, host).pack()?,
        })
    }
}

impl Columns<'_> {
    pub(super) fn outcome(self) -> Result<Outcome> {
        let more = More::unpack(self.more)?;
        let mut receipts = Receipts::default();
        if let Some(bytes) = self.receipt {
            receipts.push(unpack_receipt(bytes)?);
        }
        let text = self.reason.unwrap_or("returned");
        let outcome = Outcome {
            attempts: self.attempts,
            data: self.data,
            status: status(self.status)?,
            receipts,
            ..Outcome::without_attempt(self.id, self.worker, reason(text, more.reason)?, None)
        };
        more.fill(outcome)
    }
}

/// An attempt that is past, but for what has columns.
pub(super) fn pack_earlier(earlier: &Earlier) -> Result<Option<Vec<u8>>> {
    More::of_earlier(earlier).pack()
}

pub(super) fn unpack_earlier(attempt: u32, text: &str, more: Option<&[u8]>) -> Result<Earlier> {
    let more = More::unpack(more)?;
    more.earlier(attempt, text)
}

impl<'a> More<'a> {
    /// `worker`: that of the job, which nearly always is the outcome's.
    fn of(outcome: &'a Outcome, worker: &str, host: HostId) -> More<'a> {
        let items = outcome.items.iter();
        More {
            reason: Exact::of(outcome.reason),
            worker: (*worker != *outcome.worker).then(|| Cow::from(&*outcome.worker)),
            message: text(outcome.message.as_ref()),
            stdout: text(outcome.stdout.as_ref()),
            stderr: text(outcome.stderr.as_ref()),
            log: text(outcome.log.as_ref()),
            finally: text(outcome.finally_error.as_ref()),
            backtrace: outcome.backtrace.iter().map(Cow::from).collect(),
            items: items
                .map(|item| Item::of(item, &outcome.worker, host))
                .collect(),
        }
    }

    fn of_earlier(earlier: &'a Earlier) -> More<'a> {
        More {
            reason: Exact::of(earlier.reason),
            message: text(earlier.message.as_ref()),
            stdout: text(earlier.stdout.as_ref()),
            stderr: text(earlier.stderr.as_ref()),
            log: text(earlier.log.as_ref()),
            ..More::default()
        }
    }

    fn is_empty(&self) -> bool {
        let More {
            reason,
            worker,
            message,
            stdout,
            stderr,
            log,
            finally,
            backtrace,
            items,
        } = self;
        let texts = [worker, message, stdout, stderr, log, finally];
        reason.is_none()
            && texts.iter().all(|text| text.is_none())
            && backtrace.is_empty()
            && items.is_empty()
    }

    fn pack(&self) -> Result<Option<Vec<u8>>> {
        if self.is_empty() {
            return Ok(None);
        }
        let packed = rmp_serde::to_vec_named(self);
        packed.map(Some).map_err(|error| {
            Trouble::new(
                crate::store::Fault::Internal,
                format!("an outcome cannot be packed: {error}"),
            )
        })
    }

    fn unpack(bytes: Option<&[u8]>) -> Result<More<'static>> {
        let Some(bytes) = bytes else {
            return Ok(More::default());
        };
        rmp_serde::from_slice(bytes)
            .map_err(|error| Trouble::damaged(format!("an outcome cannot be read: {error}")))
    }

    fn fill(self, outcome: Outcome) -> Result<Outcome> {
        let worker = self.worker.as_deref().map(Arc::from);
        let worker = worker.unwrap_or_else(|| outcome.worker.clone());
        let items = self.items.into_iter();
        Ok(Outcome {
            message: self.message.map(Cow::into_owned),
            stdout: self.stdout.map(Cow::into_owned),
            stderr: self.stderr.map(Cow::into_owned),
            log: self.log.map(Cow::into_owned),
            finally_error: self.finally.map(Cow::into_owned),
            backtrace: self.backtrace.into_iter().map(Cow::into_owned).collect(),
            items: items
                .map(|item| item.outcome(&worker, outcome.id.host))
                .collect::<Result<_>>()?,
            worker,
            ..outcome
        })
    }

    fn earlier(self, attempt: u32, text: &str) -> Result<Earlier> {
        Ok(Earlier {
            attempt,
            reason: reason(text, self.reason)?,
            message: self.message.map(Cow::into_owned),
            stdout: self.stdout.map(Cow::into_owned),
            stderr: self.stderr.map(Cow::into_owned),
            log: self.log.map(Cow::into_owned),
        })
    }
}

impl<'a> Item<'a> {
    fn of(outcome: &'a Outcome, worker: &str, host: HostId) -> Item<'a> {
        let receipts = outcome.receipts.iter();
        let earlier = outcome.earlier.iter().map(|earlier| Past {
            attempt: earlier.attempt,
            reason: earlier.reason.to_string(),
            more: More::of_earlier(earlier),
        });
        Item {
            number: outcome.id.number,
            host: (outcome.id.host != host).then(|| outcome.id.host.to_string()),
            status: status_number(outcome.status),
            reason: outcome.reason.to_string(),
            data: Bytes(outcome.data.as_bytes().into()),
            attempts: outcome.attempts,
            receipts: receipts.map(|r| Bytes(receipt(r).into())).collect(),
            earlier: earlier.collect(),
            more: More::of(outcome, worker, host),
        }
    }

    fn outcome(self, worker: &Arc<str>, host: HostId) -> Result<Outcome> {
        let host = match self.host {
            None => host,
            Some(text) => host_id(&text)?,
        };
        let id = JobId {
            host,
            number: self.number,
        };
        let mut receipts = Receipts::default();
        for bytes in &self.receipts {
            receipts.push(unpack_receipt(&bytes.0)?);
        }
        let earlier = self.earlier.into_iter();
        let reason = reason(&self.reason, self.more.reason)?;
        let outcome = Outcome {
            status: status(self.status)?,
            // As it was written: the sum of the row says so.
            data: Value::trusted(self.data.0.into_owned()),
            attempts: self.attempts,
            receipts,
            earlier: earlier
                .map(|past| past.more.earlier(past.attempt, &past.reason))
                .collect::<Result<_>>()?,
            ..Outcome::without_attempt(id, worker.clone(), reason, None)
        };
        self.more.fill(outcome)
    }
}

pub(super) fn host_id(text: &str) -> Result<HostId> {
    text.parse()
        .map_err(|_| Trouble::damaged("the id of a host has come to harm"))
}

fn text(text: Option<&String>) -> Option<Cow<'_, str>> {
    text.map(|text| Cow::from(text.as_str()))
}

/// A key as a column: a number or a text.
pub(super) fn key(key: Option<&Key>) -> ValueRef<'_> {
    match key {
        None => ValueRef::Null,
        Some(Key::Place(place)) => ValueRef::Integer(place.cast_signed()),
        Some(Key::Text(text)) => ValueRef::Text(text.as_bytes()),
    }
}

pub(super) fn unpack_key(column: ValueRef<'_>) -> Result<Option<Key>> {
    Ok(match column {
        ValueRef::Null => None,
        ValueRef::Integer(place) => Some(Key::Place(place.cast_unsigned())),
        ValueRef::Text(_) => Some(Key::Text(shared(column)?)),
        ValueRef::Real(_) | ValueRef::Blob(_) => return Err(Trouble::damaged("no key")),
    })
}

/// A child's name as a column: items from 0 up, ordinals from -1 down, or a text.
pub(super) fn child(name: &ChildName) -> ValueRef<'_> {
    match name {
        ChildName::Item(place) => ValueRef::Integer((*place).into()),
        ChildName::Ordinal(place) => ValueRef::Integer(-1 - i64::from(*place)),
        ChildName::Key(text) => ValueRef::Text(text.as_bytes()),
    }
}

pub(super) fn unpack_child(column: ValueRef<'_>) -> Result<ChildName> {
    let no_place = |_| Trouble::damaged("no name of a child");
    Ok(match column {
        ValueRef::Integer(place @ 0..) => ChildName::Item(u32::try_from(place).map_err(no_place)?),
        ValueRef::Integer(place) => {
            ChildName::Ordinal(u32::try_from(-1 - place).map_err(no_place)?)
        }
        ValueRef::Text(_) => ChildName::Key(shared(column)?),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => {
            return Err(Trouble::damaged("no name of a child"));
        }
    })
}

/// A text that many may have.
pub(super) fn shared(column: ValueRef<'_>) -> Result<Arc<str>> {
    let text = column.as_str();
    text.map(Arc::from)
        .map_err(|_| Trouble::damaged("a text has come to harm"))
}
