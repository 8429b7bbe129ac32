//! Reads the value of one option: of the kind that is meant, or as a text as a flag has
//! it.

use super::env::{EnvError, JobEnv};
use super::option::{JobOption, OptionsError};
use super::pipeline::{PipelineOn, Stage};
use super::retry::{Backoff, Retries, RetryOn};
use crate::units::{INFINITE, Unit};
use crate::value::{Kind, Value, escape_for_people};
use std::sync::Arc;
use std::time::Duration;

/// Reads the value of one option.
pub(super) struct Read<'a> {
    pub(super) option: JobOption,
    pub(super) value: &'a Value,
}

impl Read<'_> {
    fn wrong(&self, write: &str) -> OptionsError {
        let shown = match self.value.as_str() {
            Some(text) => format!("`{}` will not do", escape_for_people(text, 80)),
            None if matches!(self.value.kind(), Kind::Array | Kind::Map) => {
                format!("{} will not do", self.value.kind())
            }
            None => format!(
                "{} will not do",
                escape_for_people(&self.value.to_string(), 80)
            ),
        };
        self.option.wrong(format!("{shown}; write {write}"))
    }

    fn text(&self, write: &str) -> Result<&str, OptionsError> {
        self.value.as_str().ok_or_else(|| self.wrong(write))
    }

    fn whole(&self) -> Option<i64> {
        match self.value.as_str() {
            Some(text) => text.trim().parse().ok(),
            None => self.value.as_i64(),
        }
    }

    pub(super) fn retries(&self) -> Result<Retries, OptionsError> {
        if self.value.as_str().map(str::trim) == Some("inf") {
            return Ok(Retries::Unlimited);
        }
        let count = self.whole().and_then(|n| u32::try_from(n).ok());
        // What a guest sees stays where every language counts exactly.
        let count = count.filter(|n| i32::try_from(*n).is_ok());
        count
            .map(Retries::Of)
            .ok_or_else(|| self.wrong("a whole number such as `3`, `0` for none, or `inf`"))
    }

    pub(super) fn ends(&self) -> Result<RetryOn, OptionsError> {
        const WRITE: &str = "`timeout`, `trap`, `error`, several with commas, or `none`";
        let elements: Vec<Value> = match self.value.elements() {
            Some(elements) => elements.collect(),
            None => vec![Value::from(self.text(WRITE)?)],
        };
        let mut on = RetryOn::NONE;
        for element in &elements {
            let text = element.as_str().ok_or_else(|| self.wrong(WRITE))?;
            for word in text.split(',').map(str::trim) {
                match word {
                    "timeout" => on.timeout = true,
                    "trap" => on.trap = true,
                    "error" => on.error = true,
                    "none" if elements.len() == 1 && text.trim() == "none" => (),
                    _ => return Err(self.wrong(WRITE)),
                }
            }
        }
        Ok(on)
    }

    pub(super) fn pause(&self) -> Result<Option<Backoff>, OptionsError> {
        const WRITE: &str =
            "the first pause such as `100ms`, or the first and the longest such as `100ms..30s`";
        let time = |text: &str| match Unit::Time.parse(text) {
            Ok(INFINITE) | Err(_) => Err(self.wrong(WRITE)),
            Ok(nanos) => Ok(Duration::from_nanos(nanos)),
        };
        let number = || {
            let number = self.value.as_f64();
            let number = number.or_else(|| self.value.as_i64().map(|n| n as f64));
            let nanos = number.and_then(|n| Unit::Time.from_number(n).ok());
            nanos.filter(|nanos| *nanos != INFINITE)
        };
        let (first, most) = if let Some(text) = self.value.as_str() {
            match text.split_once("..") {
                Some((first, most)) => (time(first)?, time(most)?),
                None => (time(text)?, time(text)?.max(Backoff::MOST)),
            }
        } else {
            let pause = Duration::from_nanos(number().ok_or_else(|| self.wrong(WRITE))?);
            (pause, pause.max(Backoff::MOST))
        };
        if most < first {
            return Err(self.wrong("the shorter time first: `100ms..30s`"));
        }
        Ok((!first.is_zero()).then_some(Backoff { first, most }))
    }

    pub(super) fn switch(&self) -> Result<bool, OptionsError> {
        let said = self.value.as_bool().or(match self.value.as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) | None => None,
        });
        said.ok_or_else(|| self.wrong("`true` or `false`"))
    }

    pub(super) fn stage(&self) -> Result<Stage, OptionsError> {
        const WRITE: &str = "a worker's name, `jq:EXPRESSION` or a built-in";
        let text = self.text(WRITE)?;
        Stage::parse(self.option.info().key, text).map_err(|why| self.option.wrong(why))
    }

    pub(super) fn on(&self) -> Result<PipelineOn, OptionsError> {
        match self.value.as_str() {
            Some("success") => Ok(PipelineOn::Success),
            Some("any") => Ok(PipelineOn::Any),
            Some(_) | None => Err(self.wrong("`success` or `any`")),
        }
    }

    pub(super) fn name(&self) -> Result<Arc<str>, OptionsError> {
        const WRITE: &str = "a text that is not empty";
        match self.text(WRITE)? {
            "" => Err(self.wrong(WRITE)),
            text if self.option == JobOption::Finally && text.starts_with("jq:") => {
                Err(self.wrong("a worker's name; an expression cannot get the outcome"))
            }
            text => Ok(text.into()),
        }
    }

    pub(super) fn integer(&self) -> Result<i32, OptionsError> {
        let number = self.whole().and_then(|n| i32::try_from(n).ok());
        number.ok_or_else(|| self.wrong("a whole number such as `10` or `-1`"))
    }

    /// How many slots: 0 or 1.
    pub(super) fn slots(&self) -> Result<u64, OptionsError> {
        let number = self.whole().and_then(|n| u64::try_from(n).ok());
        let slots = number.filter(|slots| *slots < 2);
        slots.ok_or_else(|| self.wrong("0 or 1"))
    }

    pub(super) fn env(&self, env: &mut JobEnv) -> Result<(), OptionsError> {
        const WRITE: &str =
            "a map of names to texts, or to `false` where a variable is to be hidden";
        let of_env = |error: EnvError| self.option.wrong(error.to_string());
        let entries = self.value.entries().ok_or_else(|| self.wrong(WRITE))?;
        for (name, value) in entries {
            let name = name.as_str().ok_or_else(|| self.wrong(WRITE))?;
            let text = value.as_str();
            let hides = value.is_nil() || value.as_bool() == Some(false);
            if text.is_none() && !hides {
                let name = escape_for_people(name, 80);
                let kind = value.kind();
                let why = format!(
                    "the value of `{name}` is to be a text, or `false` to hide it, not {kind}"
                );
                return Err(self.option.wrong(why));
            }
            env.set(name, text).map_err(of_env)?;
        }
        Ok(())
    }
}
