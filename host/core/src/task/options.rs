//! The options of a job as a guest gives them: a map that only tightens limits.

use crate::limits::{Limit, LimitError, Limits};
use crate::value::Value;

/// Why a job's options were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// They are no map.
    #[error("options are a map of names to values, not {0}")]
    NotAMap(String),
    /// There is no such option.
    #[error("there is no option `{key}`{}", did_you_mean(*.near))]
    Unknown {
        /// What was asked for.
        key: String,
        /// A known option with a similar name.
        near: Option<&'static str>,
    },
    /// The option's value is neither a text nor a number.
    #[error("{key}: write a number or a text such as `\"1.5s\"`, not {kind}")]
    Kind {
        /// The option.
        key: &'static str,
        /// What kind of value it had.
        kind: String,
    },
    /// The limit was not taken.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or(String::new(), |n| format!("; did you mean `{n}`?"))
}

/// Applies the options that a guest gave to the limits that the user allows.
pub fn tighten(limits: &mut Limits, options: &Value) -> Result<(), OptionsError> {
    let entries = options
        .entries()
        .ok_or_else(|| OptionsError::NotAMap(options.kind().to_string()))?;
    for (key, value) in entries {
        let limit = known(&key)?;
        limits.tighten(limit, quantity(limit, &value)?);
    }
    Ok(())
}

fn known(key: &Value) -> Result<Limit, OptionsError> {
    let name = key.as_str().unwrap_or_default();
    Limit::by_key(name).ok_or_else(|| OptionsError::Unknown {
        key: crate::value::escape_for_people(key.as_str().unwrap_or(&key.to_string()), 80),
        near: nearest_limit(name),
    })
}

/// The limit whose key is most like `name`, if any is alike.
#[must_use]
pub fn nearest_limit(name: &str) -> Option<&'static str> {
    crate::limits::LIMITS
        .iter()
        .map(|info| (strsim::jaro_winkler(info.key, name), info.key))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}

fn quantity(limit: Limit, value: &Value) -> Result<u64, OptionsError> {
    if let Some(text) = value.as_str() {
        return Ok(limit.parse(text)?);
    }
    #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^53")]
    let number = value
        .as_f64()
        .or_else(|| value.as_i64().map(|n| n as f64))
        .ok_or_else(|| OptionsError::Kind {
            key: limit.info().key,
            kind: value.kind().to_string(),
        })?;
    Ok(limit.from_number(number)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(json: &str) -> Result<Limits, OptionsError> {
        let mut limits = Limits::default();
        tighten(&mut limits, &Value::from_json(json).expect("JSON"))?;
        Ok(limits)
    }

    #[test]
    fn texts_and_numbers_are_options() {
        let limits = after(r#"{"keepalive": 0.25, "memory": "16MiB"}"#).expect("legal");
        assert_eq!(limits.get(Limit::Keepalive), 250_000_000);
        assert_eq!(limits.get(Limit::Memory), 16 << 20);
    }

    #[test]
    fn options_only_tighten() {
        let limits = after(r#"{"keepalive": "inf", "fuel": "20G"}"#).expect("legal");
        assert_eq!(limits, Limits::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = after(r#"{"keepalife": 1}"#).expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "there is no option `keepalife`; did you mean `keepalive`?"
        );
        let error = after("[1]").expect_err("no map");
        assert_eq!(
            error.to_string(),
            "options are a map of names to values, not array"
        );
        assert!(matches!(
            after(r#"{"memory": null}"#),
            Err(OptionsError::Kind { .. })
        ));
        assert!(matches!(
            after(r#"{"memory": -1}"#),
            Err(OptionsError::Limit(_))
        ));
    }
}
