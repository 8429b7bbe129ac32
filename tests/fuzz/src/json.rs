//! The JSON mapping both ways: an input is read as JSON, and as a value.

use crate::Checked;
use serde::de::IgnoredAny;
use wodehost::Value;
use wodehost::value::{JsonErrorKind, ScanLimits, scan};

/// Reading and writing, or doubles of them.
#[derive(Debug, Clone, Copy)]
pub struct Mapping {
    /// From JSON to a value.
    pub read: fn(&[u8]) -> Result<Value, JsonErrorKind>,
    /// From a value to JSON.
    pub write: fn(&Value) -> String,
}

/// The mapping itself.
pub const OURS: Mapping = Mapping {
    read: |text| {
        let value = Value::from_json_slice(text, &ScanLimits::default());
        value.map_err(|error| error.kind)
    },
    write: Value::to_json,
};

/// Checks what the mapping makes of some bytes.
pub fn check(bytes: &[u8]) -> Checked {
    check_of(bytes, &OURS)
}

/// Checks what a mapping makes of some bytes.
pub fn check_of(bytes: &[u8], mapping: &Mapping) -> Checked {
    as_json(bytes, mapping)?;
    match Value::check(bytes.to_vec(), &ScanLimits::default()) {
        Ok(value) => as_value(&value, mapping),
        Err(_) => Ok(()),
    }
}

/// What is read as a value is one, is JSON to others, and comes back byte for byte.
fn as_json(text: &[u8], mapping: &Mapping) -> Checked {
    // Others who know nothing of our tags and limits, and do not recurse either.
    let others = serde_json::from_slice::<IgnoredAny>(text);
    let value = match (mapping.read)(text) {
        Ok(value) => value,
        Err(kind) if others.is_ok() && !is_ours_alone(&kind) => {
            return Err(format!("refused as {kind:?}, but it is JSON"));
        }
        Err(_) => return Ok(()),
    };
    others.map_err(|error| format!("read as {value}, but {error}"))?;
    scan(value.as_bytes(), &ScanLimits::default())
        .map_err(|error| format!("read as what is no value: {error}"))?;
    comes_back(&value, value.as_bytes(), mapping)
}

/// Whether a text that is JSON may be refused so.
fn is_ours_alone(kind: &JsonErrorKind) -> bool {
    matches!(
        kind,
        JsonErrorKind::DuplicateKey
            | JsonErrorKind::IntegerRange
            | JsonErrorKind::FloatRange
            | JsonErrorKind::UnknownTag { .. }
            | JsonErrorKind::TagNotAlone { .. }
            | JsonErrorKind::BadTag { .. }
            | JsonErrorKind::TooDeep { .. }
            | JsonErrorKind::TooLarge { .. }
            // Text that is skipped is not decoded.
            | JsonErrorKind::BadEscape
            | JsonErrorKind::NotUtf8
    )
}

/// A value comes back in its shortest encoding, which rmpv writes.
fn as_value(value: &Value, mapping: &Mapping) -> Checked {
    let mut shortest = Vec::new();
    let tree = rmpv::decode::read_value(&mut value.as_bytes());
    let tree = tree.map_err(|error| format!("it is no value to rmpv: {error}"))?;
    rmpv::encode::write_value(&mut shortest, &tree).map_err(|error| error.to_string())?;
    comes_back(value, &shortest, mapping)
}

/// The JSON of a value, plain or pretty, reads as these bytes, and steers no terminal.
fn comes_back(value: &Value, bytes: &[u8], mapping: &Mapping) -> Checked {
    for text in [(mapping.write)(value), value.to_json_pretty()] {
        let back = (mapping.read)(text.as_bytes());
        if back.as_ref().map(Value::as_bytes) != Ok(bytes) {
            return Err(format!("{value} is written as {text} and read as {back:?}"));
        }
        serde_json::from_str::<IgnoredAny>(&text)
            .map_err(|error| format!("{text} is written, but {error}"))?;
        let steers = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
        if text.chars().any(steers) {
            return Err(format!("{text:?} steers a terminal"));
        }
    }
    // What people see is made of it, too.
    let shown = value.to_string();
    if shown.chars().any(char::is_control) {
        return Err(format!("{shown:?} is shown"));
    }
    Ok(())
}
