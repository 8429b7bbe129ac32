//! The typed error that becomes a job's failure value.

use std::error::Error;
use std::fmt;

use serde::Serialize;

use crate::value::{Raw, ToValue};

/// Why a plugin could not do what it was asked.
///
/// It carries the *failure value*: what the consumer and the caller of the job
/// read. Made from a text or an error, that value is a map:
///
/// | made by | failure value |
/// |---|---|
/// | [`Failure::new`] | `{"message"}` |
/// | [`Failure::code`] | `{"code", "message"}` |
/// | `?` on any [`std::error::Error`] | `{"message", "causes": [text, …]}` |
/// | [`Failure::of`] | exactly the value that was given |
///
/// Like `anyhow::Error` it is not an `Error` itself, which is what lets `?` take
/// every error.
///
/// ```
/// use wodehost_guest::Failure;
///
/// fn port(text: &str) -> Result<u16, Failure> {
///     let port: u16 = text.trim().parse()?;
///     if port < 1024 {
///         return Err(Failure::code("reserved-port", format!("port {port} is reserved")));
///     }
///     Ok(port)
/// }
///
/// assert_eq!(port("x").unwrap_err().message(), "invalid digit found in string");
/// assert_eq!(port("80").unwrap_err().message(), "port 80 is reserved");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    value: Raw,
    message: String,
}

/// The shape of a failure value that is made from texts.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    causes: Option<Vec<String>>,
}

impl Failure {
    /// A failure that says `message`.
    ///
    /// `.map_err(Failure::new)` takes whatever can be displayed.
    #[must_use]
    pub fn new(message: impl fmt::Display) -> Self {
        Self::report(None, message.to_string(), None)
    }

    /// A failure with a stable code for programs and a `message` for people.
    ///
    /// The codes that this crate uses itself are `bad-argument`, `bad-config`,
    /// `bad-value` and `not-taken`.
    #[must_use]
    pub fn code(code: &str, message: impl fmt::Display) -> Self {
        Self::report(Some(code), message.to_string(), None)
    }

    /// A failure whose value is `value`, whatever it is.
    ///
    /// If `value` cannot be encoded, the failure says so instead.
    #[must_use]
    pub fn of<T: ToValue + ?Sized>(value: &T) -> Self {
        match value.to_value() {
            Ok(value) => Self {
                value,
                message: format!("a failure value ({})", crate::wording::type_name::<T>()),
            },
            Err(problem) => problem,
        }
    }

    /// The text for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The failure value as it goes to the host.
    #[must_use]
    pub fn value(&self) -> &Raw {
        &self.value
    }

    fn report(code: Option<&str>, message: String, causes: Option<Vec<String>>) -> Self {
        let report = Report {
            code,
            message: &message,
            causes,
        };
        // Texts always encode; nil is what the contract takes for "no value".
        let value = rmp_serde::to_vec_named(&report).map_or_else(|_| Raw::nil(), Raw);
        Self { value, message }
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        Self::report(None, error.to_string(), Some(causes))
    }
}

impl ToValue for Failure {
    fn to_value(&self) -> Result<Raw, Failure> {
        Ok(self.value.clone())
    }

    fn into_value(self) -> Result<Raw, Failure> {
        Ok(self.value)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Failure {
    /// As [`fmt::Display`]: this is what `main` and `unwrap` print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
