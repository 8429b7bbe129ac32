//! Plugins' own configuration as values: from TOML, and changed by `--set`.

use crate::error::Error;
use wodehost::Value;

/// A TOML value as one of ours. A date and time becomes its text.
pub(crate) fn of_toml(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(truth) => Value::from(*truth),
        toml::Value::Datetime(moment) => Value::from(moment.to_string()),
        toml::Value::Array(items) => items.iter().map(of_toml).collect(),
        toml::Value::Table(table) => {
            Value::map(table.iter().map(|(key, value)| (key, of_toml(value))))
        }
    }
}

/// What `--set` got behind the `=`: JSON if it is that, otherwise a text.
pub(crate) fn of_flag(text: &str) -> Value {
    Value::from_json(text).unwrap_or_else(|_| Value::from(text))
}

/// A map with the value behind a path replaced; maps on the way are made.
pub(crate) fn with(map: &Value, path: &[&str], value: Value) -> Value {
    let Some((first, rest)) = path.split_first() else {
        return value;
    };
    let mut entries: Vec<(String, Value)> = map
        .entries()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value)))
        .collect();
    match entries.iter_mut().find(|(key, _)| key == first) {
        Some((_, old)) => *old = with(old, rest, value),
        None => entries.push(((*first).to_owned(), with(&Value::empty_map(), rest, value))),
    }
    Value::map(entries)
}

/// `KEY=VALUE` of `--set`, with the key's parts.
pub(crate) fn assignment(text: &str) -> Result<(Vec<&str>, Value), Error> {
    let wrong = || {
        Error::usage(format!("`--set {text}` sets nothing"))
            .hint("write `--set KEY=VALUE` or `--set PLUGIN.KEY=VALUE`")
    };
    let (key, value) = text.split_once('=').ok_or_else(wrong)?;
    let parts: Vec<&str> = key.split('.').collect();
    if parts.iter().any(|part| part.is_empty()) {
        return Err(wrong());
    }
    Ok((parts, of_flag(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_becomes_a_value() {
        let table: toml::Table = "a = 1\nb = [1.5, true, \"x\"]\nday = 2026-01-02\n[c]\nd = {}"
            .parse()
            .expect("TOML");
        let value = of_toml(&toml::Value::Table(table));
        assert_eq!(
            value.to_json(),
            r#"{"a":1,"b":[1.5,true,"x"],"c":{"d":{}},"day":"2026-01-02"}"#
        );
    }

    #[test]
    fn set_reaches_into_maps_and_makes_them() {
        let map = Value::from_json(r#"{"a":{"b":1},"c":2}"#).expect("JSON");
        let map = with(&map, &["a", "x", "y"], Value::from(3_u64));
        assert_eq!(map.to_json(), r#"{"a":{"b":1,"x":{"y":3}},"c":2}"#);
        let map = with(&map, &["a"], Value::nil());
        assert_eq!(map.to_json(), r#"{"a":null,"c":2}"#);
    }

    #[test]
    fn a_flags_value_is_json_or_a_text() {
        let (path, value) = assignment("scale.size=160").expect("legal");
        assert_eq!((path, value), (vec!["scale", "size"], Value::from(160_u64)));
        let (_, value) = assignment("folder=/images=x").expect("legal");
        assert_eq!(value.as_str(), Some("/images=x"));
        assert!(assignment("novalue").is_err());
        assert!(assignment(".x=1").is_err());
    }
}
