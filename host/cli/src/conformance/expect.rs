//! What is compared, and how it is told when it differs.

use super::Found;
use wodehost::value::escape_for_people;
use wodehost::{Outcome, Reason, Status, Value};

/// Letters of a value that are shown.
const SHOWN_MAX: usize = 120;

/// A value for people: JSON, cut.
pub(super) fn shown(value: &Value) -> String {
    escape_for_people(&value.to_json(), SHOWN_MAX)
}

/// An outcome for people.
pub(super) fn ended(outcome: &Outcome) -> String {
    let message = outcome
        .message
        .as_deref()
        .map_or_else(String::new, |message| format!(": {message}"));
    let message = escape_for_people(&message, SHOWN_MAX);
    let data = shown(&outcome.data);
    format!(
        "{} ({}) with {data}{message}",
        outcome.status, outcome.reason
    )
}

/// A success with this data, byte for byte.
pub(super) fn data(outcome: &Outcome, expected: &Value) -> Found {
    if outcome.status == Status::Success && outcome.data == *expected {
        return Ok(());
    }
    let came = if outcome.data.to_json() == expected.to_json() {
        format!("{}, in other bytes", ended(outcome))
    } else {
        ended(outcome)
    };
    Err(format!("expected {}, came {came}", shown(expected)))
}

/// A failure with this error value, byte for byte.
pub(super) fn error(outcome: &Outcome, expected: &Value) -> Found {
    let is_so = outcome.status == Status::Failure && outcome.data == *expected;
    so(is_so, || {
        format!(
            "expected the error value {}, came {}",
            shown(expected),
            ended(outcome)
        )
    })
}

/// A failure with a `code` in its error value, and a message.
pub(super) fn code(outcome: &Outcome, expected: &str) -> Found {
    let code = outcome.data.get("code");
    let code = code.as_ref().and_then(Value::as_str);
    let has_message = outcome
        .data
        .get("message")
        .is_some_and(|text| text.as_str().is_some());
    let is_so = outcome.reason == Reason::Error && code == Some(expected) && has_message;
    so(is_so, || {
        format!(
            "expected a failure with the code `{expected}` and a message, came {}",
            ended(outcome)
        )
    })
}

/// An end of this status, with a reason that begins so.
pub(super) fn end(outcome: &Outcome, status: Status, reason: &str) -> Found {
    let is_so = outcome.status == status && outcome.reason.to_string().starts_with(reason);
    so(is_so, || {
        format!("expected {status} ({reason}), came {}", ended(outcome))
    })
}

/// Something that has to be so.
pub(super) fn so(is_so: bool, otherwise: impl FnOnce() -> String) -> Found {
    if is_so { Ok(()) } else { Err(otherwise()) }
}

/// A text that has to have another one in it.
pub(super) fn contains(text: &str, part: &str, what: &str) -> Found {
    so(text.contains(part), || {
        format!(
            "expected `{part}` in {what}, which is `{}`",
            escape_for_people(text, 400)
        )
    })
}

/// A value that has to be this, byte for byte.
pub(super) fn equal(value: &Value, expected: &Value, what: &str) -> Found {
    so(value == expected, || {
        format!(
            "expected {} as {what}, came {}",
            shown(expected),
            shown(value)
        )
    })
}

/// What a map has under a key; nil where it has nothing.
pub(super) fn field(map: &Value, key: &str) -> Value {
    map.get(key).unwrap_or_else(Value::nil)
}
