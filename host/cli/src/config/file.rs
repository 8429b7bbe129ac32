//! `wodehost.toml` as it is written: read strictly, every key known, every error
//! with its line.

use super::board::{BoardMode, SummaryMode};
use super::keys::nearest_key;
use super::places::{Places, line_of};
use super::profile::ProfileName;
use crate::error::{Error, did_you_mean};
use crate::halt::Halt;
use crate::make_pool::Jobserver;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use wodehost::value::escape_for_people;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct File {
    pub(crate) slots: Option<Count>,
    pub(crate) live: Option<Count>,
    pub(crate) profile: Option<ProfileName>,
    pub(crate) cache: Option<String>,
    #[serde(rename = "memory-total")]
    pub(crate) memory_total: Option<Quantity>,
    pub(crate) queue: Option<Quantity>,
    #[serde(rename = "queue-memory")]
    pub(crate) queue_memory: Option<Quantity>,
    #[serde(rename = "wasm-stack")]
    pub(crate) wasm_stack: Option<Quantity>,
    #[serde(rename = "component-size")]
    pub(crate) component_size: Option<Quantity>,
    #[serde(rename = "compile-time")]
    pub(crate) compile_time: Option<Quantity>,
    #[serde(rename = "compile-memory")]
    pub(crate) compile_memory: Option<Quantity>,
    pub(crate) grace: Option<Quantity>,
    pub(crate) gates: Option<Vec<String>>,
    pub(crate) jobserver: Option<Jobserver>,
    pub(crate) limits: BTreeMap<String, Quantity>,
    pub(crate) job: toml::Table,
    pub(crate) run: Run,
    pub(crate) board: Board,
    pub(crate) plugins: BTreeMap<String, Plugin>,
}

/// `[run]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Run {
    pub(crate) producer: Option<String>,
    pub(crate) workers: Option<Vec<String>>,
    pub(crate) consumer: Option<String>,
    pub(crate) halt: Option<Halt>,
}

/// `[board]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Board {
    pub(crate) mode: Option<BoardMode>,
    pub(crate) summary: Option<SummaryMode>,
    pub(crate) prefix: Option<String>,
    pub(crate) waiting: Option<String>,
    pub(crate) done: Option<String>,
    pub(crate) bar: Option<String>,
}

/// `[plugins.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Plugin {
    pub(crate) path: Option<String>,
    pub(crate) allow: Allow,
    #[serde(rename = "max-running")]
    pub(crate) running_max: Option<Count>,
    pub(crate) limits: BTreeMap<String, Quantity>,
    pub(crate) job: toml::Table,
    pub(crate) config: toml::Table,
}

/// `[plugins.NAME.allow]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Allow {
    pub(crate) read: Vec<String>,
    pub(crate) write: Vec<String>,
    pub(crate) env: Vec<String>,
    pub(crate) net: Vec<String>,
    pub(crate) submit: Vec<String>,
}

/// A count, or `"auto"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// As many as fit.
    Auto,
    /// So many, at least 1.
    Of(u32),
}

/// A size, time or count as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Quantity {
    /// With its unit: `64MiB`, `1.5s`, `inf`.
    Text(String),
    /// A bare number.
    Number(f64),
}

impl Count {
    /// The most that is taken for a count.
    const MAX: u32 = 65_536;

    /// Reads a count from a text, as a variable holds it.
    pub(crate) fn parse(text: &str) -> Result<Count, String> {
        if text == "auto" {
            return Ok(Count::Auto);
        }
        let wrong = || format!("`{text}` is no count; write `auto` or 1 to {}", Count::MAX);
        let count: i64 = text.parse().map_err(|_| wrong())?;
        Count::of(count).ok_or_else(wrong)
    }

    fn of(count: i64) -> Option<Count> {
        let count = u32::try_from(count).ok()?;
        (1..=Count::MAX)
            .contains(&count)
            .then_some(Count::Of(count))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Count, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "\"auto\" or a count from 1 to {}", Count::MAX)
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Count, E> {
                Count::of(count)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Signed(count), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
                match text {
                    "auto" => Ok(Count::Auto),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text such as \"64MiB\", \"1.5s\" or \"inf\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantity, E> {
                Ok(Quantity::Text(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quantity, E> {
                Ok(Quantity::Number(number as f64))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Quantity, E> {
                Ok(Quantity::Number(number))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl Quantity {
    /// It as a variable would hold it.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Quantity::Text(text) => text.into(),
            Quantity::Number(number) => number.to_string().into(),
        }
    }
}

/// Reads a file's text; `name` is how messages call the file.
pub(crate) fn read<'t, T: Deserialize<'t>>(
    name: &str,
    text: &'t str,
    near: impl Fn(&[String]) -> Option<String>,
) -> Result<(T, Places), Error> {
    let places = Places::of(name, text);
    let parsed = toml::Deserializer::parse(text).map_err(|e| no_toml(name, text, &e))?;
    let mut unknown: Vec<Vec<String>> = Vec::new();
    let mut collect = |path: serde_ignored::Path<'_>| unknown.push(parts(&path));
    let strict = serde_ignored::Deserializer::new(parsed, &mut collect);
    let file =
        serde_path_to_error::deserialize(strict).map_err(|e| wrong_value(&places, text, &e))?;
    match unknown.first() {
        None => Ok((file, places)),
        Some(path) => Err(unknown_key(&places, path, near(path).as_deref())),
    }
}

/// Reads `wodehost.toml`.
pub(crate) fn read_config(name: &str, text: &str) -> Result<(File, Places), Error> {
    read(name, text, nearest_key)
}

/// The names on the way to an unknown key.
fn parts(path: &serde_ignored::Path<'_>) -> Vec<String> {
    use serde_ignored::Path;
    match path {
        Path::Root => Vec::new(),
        Path::Seq { parent, .. }
        | Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => parts(parent),
        Path::Map { parent, key } => {
            let mut all = parts(parent);
            all.push(key.clone());
            all
        }
    }
}

fn no_toml(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(1, |span| line_of(text, &span));
    let why = error.message().lines().collect::<Vec<_>>().join("; ");
    Error::config(format!("{name}:{line}: this is not TOML")).because(escape_for_people(&why, 300))
}

fn wrong_value(
    places: &Places,
    text: &str,
    error: &serde_path_to_error::Error<toml::de::Error>,
) -> Error {
    let path = error.path().to_string();
    let line = error.inner().span().map_or_else(
        || places.line(&path.split('.').map(str::to_owned).collect::<Vec<_>>()),
        |span| line_of(text, &span),
    );
    let why = error
        .inner()
        .message()
        .lines()
        .collect::<Vec<_>>()
        .join("; ");
    Error::config(format!(
        "{}:{line}: {} cannot be read",
        places.file,
        escape_for_people(&path, 100)
    ))
    .because(escape_for_people(&why, 300))
}

fn unknown_key(places: &Places, path: &[String], near: Option<&str>) -> Error {
    let line = places.line(path);
    let key = escape_for_people(&path.join("."), 100);
    Error::config(format!("{}:{line}: there is no key `{key}`", places.file))
        .hint_if(did_you_mean(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let error = read_config("wodehost.toml", text).expect_err("wrong");
        anstream::adapter::strip_str(&error.render()).to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_line_and_suggestion() {
        let text = error("slots = 4\n[plugins.list]\npath = \"a\"\nalow.read = []\n");
        assert_eq!(
            text,
            "error: wodehost.toml:4: there is no key `plugins.list.alow`\nhint: did you mean `allow`?\n"
        );
    }

    #[test]
    fn a_value_of_another_kind_is_named_with_its_line() {
        let text = error("\n[plugins.list]\nallow.read = \"here\"\n");
        assert!(
            text.starts_with("error: wodehost.toml:3: plugins.list.allow.read cannot be read\n"),
            "{text}"
        );
        let text = error("slots = 0\n");
        assert!(
            text.contains("expected \"auto\" or a count from 1 to 65536"),
            "{text}"
        );
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_line() {
        let text = error("slots = 4\n]\n");
        assert!(
            text.starts_with("error: wodehost.toml:2: this is not TOML\n"),
            "{text}"
        );
    }

    #[test]
    fn any_text_is_read_or_refused() {
        use proptest::prelude::*;
        proptest!(|(text in "[a-z.=\\[\\]\"\n 0-9]{0,60}")| {
            let _ = read_config("wodehost.toml", &text);
        });
    }
}
