//! A JSON schema of `wodehost.toml`, for editors; made from the table of keys.

use super::keys::{KEYS, Key, Shape};
use super::profile::ProfileName;
use serde_json::{Map, Value, json};
use wodehost::Limit;
use wodehost::task::OptionShape;
use wodehost::units::Unit;

/// The schema, draft 2020-12.
pub(crate) fn schema() -> Value {
    let mut root = object();
    for key in KEYS.iter() {
        let path: Vec<&str> = key.path.split('.').collect();
        insert(&mut root, &path, key);
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wodehost.toml",
        "description": "What wodehost runs, and what it may do.",
    });
    if let (Value::Object(schema), Value::Object(root)) = (&mut schema, root) {
        schema.extend(root);
    }
    schema
}

fn object() -> Value {
    json!({"type": "object", "properties": {}, "additionalProperties": false})
}

/// Puts a key where its path says; `NAME` is any name.
fn insert(table: &mut Value, path: &[&str], key: &Key) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let place = if *first == "NAME" {
        let slot = &mut table["additionalProperties"];
        if !slot.is_object() {
            *slot = object();
        }
        slot
    } else {
        let slot = &mut table["properties"][*first];
        if slot.is_null() {
            *slot = if rest.is_empty() { leaf(key) } else { object() };
        }
        slot
    };
    insert(place, rest, key);
}

fn leaf(key: &Key) -> Value {
    let mut leaf = Map::new();
    leaf.insert("description".into(), key.about.clone().into());
    if let Value::Object(shape) = shape(key) {
        leaf.extend(shape);
    }
    if let Some(default) = default(&key.default) {
        leaf.insert("default".into(), default);
    }
    Value::Object(leaf)
}

/// A default as it is written in TOML, as JSON.
fn default(text: &str) -> Option<Value> {
    match text {
        "" => None,
        "[]" => Some(json!([])),
        "{}" => Some(json!({})),
        "true" | "false" => Some(json!(text == "true")),
        number if number.parse::<i64>().is_ok() => number.parse::<i64>().ok().map(Value::from),
        text => Some(json!(text.trim_matches('"'))),
    }
}

fn shape(key: &Key) -> Value {
    match key.shape {
        Shape::CountOrAuto => {
            json!({"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": 65536}]})
        }
        Shape::Cache | Shape::Text => json!({"type": "string"}),
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Profile => json!({"enum": ProfileName::NAMES}),
        Shape::Jobserver => json!({"enum": ["auto", "off"]}),
        Shape::Board => json!({"enum": ["auto", "tty", "plain", "json", "off"]}),
        Shape::Summary => json!({"enum": ["off", "short", "full"]}),
        Shape::Halt => {
            json!({"type": "string", "pattern": "^(never|(now|soon),fail=[1-9][0-9]*)$"})
        }
        Shape::SizeOrAuto => quantity(Unit::Bytes, "|inf|auto"),
        Shape::Time => quantity(Unit::Time, "|inf"),
        Shape::Finite(unit) => quantity(unit, ""),
        Shape::Limit(limit) => limit_shape(limit, !key.path.starts_with("plugins.")),
        Shape::Job(shape) => job_shape(shape),
        Shape::Anything => json!({"type": "object"}),
    }
}

fn job_shape(shape: OptionShape) -> Value {
    match shape {
        OptionShape::Count => {
            json!({"anyOf": [{"const": "inf"}, {"type": "integer", "minimum": 0}]})
        }
        OptionShape::Ends => {
            let ends = json!(["timeout", "trap", "error", "none"]);
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"enum": ends}}]})
        }
        OptionShape::Pause => json!({"type": ["string", "number"]}),
        OptionShape::Switch => json!({"type": "boolean"}),
        OptionShape::On => json!({"enum": ["success", "any"]}),
        OptionShape::Slots => json!({"enum": [0, 1]}),
        OptionShape::Stage | OptionShape::Text | OptionShape::Worker => json!({"type": "string"}),
        OptionShape::Integer => json!({"type": "integer"}),
        OptionShape::Env => {
            json!({"type": "object", "additionalProperties": {"type": "string"}})
        }
    }
}

/// `for_all`: whether it stands where it holds for the whole host.
fn limit_shape(limit: Limit, for_all: bool) -> Value {
    let info = limit.info();
    quantity(
        info.unit,
        match (info.may_be_infinite, for_all && limit == Limit::Fuel) {
            (_, true) => "|inf|off",
            (true, false) => "|inf",
            (false, false) => "",
        },
    )
}

fn quantity(unit: Unit, words: &str) -> Value {
    let suffixes = match unit {
        Unit::Bytes => "(B|kB|MB|GB|KiB|MiB|GiB)?",
        Unit::Time => "(ns|us|µs|ms|s|min|h|d)?",
        Unit::Count => "[kMG]?",
    };
    let pattern = format!("^([0-9][0-9_.]* ?{suffixes}{words})$");
    json!({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": pattern}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_the_schema() {
        let schema = schema();
        for key in KEYS.iter() {
            let mut place = &schema;
            for part in key.path.split('.') {
                place = match part {
                    "NAME" => &place["additionalProperties"],
                    part => &place["properties"][part],
                };
            }
            assert!(place["description"].is_string(), "{}", key.path);
        }
    }
}
