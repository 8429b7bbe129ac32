//! The options of a job. One parser reads them wherever they come from: flags, keys of
//! `wodehost.toml`, the options of a dispatch; each hands over a [`Value`].
//!
//! The table [`OPTIONS`] is the only list of them beside that of the limits, whose keys
//! are options too.

use super::env::{EnvError, JobEnv};
use super::pipeline::{Pipeline, PipelineOn, Stage};
use super::retry::{Backoff, Retries, Retry, RetryOn};
use crate::limits::{LIMITS, Limit, LimitError, Limits};
use crate::units::{INFINITE, Unit};
use crate::value::{Kind, Value, escape_for_people};
use std::sync::Arc;
use std::time::Duration;

/// Everything that a job is told besides its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOptions {
    /// The limits of its attempts.
    pub limits: Arc<Limits>,
    /// How it is tried again.
    pub retry: Retry,
    /// How its arguments become jobs.
    pub spread: Spread,
    /// What is done with its data.
    pub pipeline: Pipeline,
    /// While a job with this key is unfinished, another one is rejected.
    pub singleton: Option<Arc<str>>,
    /// Jobs with one group can be stopped together.
    pub group: Option<Arc<str>>,
    /// Jobs with a higher number start earlier.
    pub priority: i32,
    /// Its environment.
    pub env: JobEnv,
    /// A worker that gets the outcome, however the job ended.
    pub finally: Option<Arc<str>>,
}

/// How the arguments of a job become jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread {
    /// Each argument is an item, a job of its own.
    pub parallel: bool,
    /// The only argument is an array; its elements are the arguments.
    pub unwrap: bool,
    /// The data are the outcomes of the items, not their data.
    pub items: bool,
}

/// One option of a job that is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobOption {
    /// `retries`
    Retries,
    /// `retry-on`
    RetryOn,
    /// `backoff`
    Backoff,
    /// `parallel`
    Parallel,
    /// `unwrap`
    Unwrap,
    /// `items`
    Items,
    /// `flatten`
    Flatten,
    /// `filter`
    Filter,
    /// `pre`
    Pre,
    /// `sort-key`
    SortKey,
    /// `sort-op`
    SortOp,
    /// `sort-cache-keys`
    SortCacheKeys,
    /// `post`
    Post,
    /// `pipeline-on`
    PipelineOn,
    /// `singleton`
    Singleton,
    /// `group`
    Group,
    /// `priority`
    Priority,
    /// `env`
    Env,
    /// `finally`
    Finally,
}

/// What the value of an option looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionShape {
    /// A whole number, or `inf`.
    Count,
    /// Names of ends, separated by commas or in an array.
    Ends,
    /// A time, or two with `..` between them.
    Pause,
    /// True or false.
    Switch,
    /// Who does a stage.
    Stage,
    /// `success` or `any`.
    On,
    /// A text.
    Text,
    /// A whole number, which may be negative.
    Integer,
    /// Names to values.
    Env,
    /// A worker's name.
    Worker,
}

/// What is known of an option.
#[derive(Debug, Clone, Copy)]
pub struct OptionInfo {
    /// Which one.
    pub option: JobOption,
    /// Its key in configuration and options, and its flag without the dashes.
    pub key: &'static str,
    /// What its value looks like.
    pub shape: OptionShape,
    /// What it is when nobody says, as it would be written; empty = nothing.
    pub default: &'static str,
    /// One sentence for people.
    pub about: &'static str,
}

/// How many there are.
const COUNT: usize = 19;

/// All options that are no limits, in the order in which they are shown.
pub const OPTIONS: [OptionInfo; COUNT] = {
    use JobOption as O;
    use OptionShape as S;
    [
        row(
            O::Retries,
            "retries",
            S::Count,
            "3",
            "how often a job is started again, with its carried state",
        ),
        row(
            O::RetryOn,
            "retry-on",
            S::Ends,
            "timeout,trap,error",
            "ends after which a job is started again: timeout, trap, error, or none",
        ),
        row(
            O::Backoff,
            "backoff",
            S::Pause,
            "0s",
            "pause before a restart, doubled each time, with jitter: 100ms..30s",
        ),
        row(
            O::Parallel,
            "parallel",
            S::Switch,
            "false",
            "make an item of each argument, a job of its own; the result is an array",
        ),
        row(
            O::Unwrap,
            "unwrap",
            S::Switch,
            "false",
            "take the elements of the only argument, an array, as the arguments",
        ),
        row(
            O::Items,
            "items",
            S::Switch,
            "false",
            "with parallel: the result holds the items' whole outcomes, not their data",
        ),
        row(
            O::Flatten,
            "flatten",
            S::Switch,
            "false",
            "replace outcomes inside the result by their data",
        ),
        row(
            O::Filter,
            "filter",
            S::Stage,
            "",
            "keep the elements of the result for which this answers true",
        ),
        row(
            O::Pre,
            "pre",
            S::Stage,
            "",
            "what gets the whole result before it is sorted",
        ),
        row(
            O::SortKey,
            "sort-key",
            S::Stage,
            "",
            "what gets an element and answers what is to be compared",
        ),
        row(
            O::SortOp,
            "sort-op",
            S::Stage,
            "",
            "sort the elements of the result: `<`, `>`, or what answers whether a of [a, b] comes first",
        ),
        row(
            O::SortCacheKeys,
            "sort-cache-keys",
            S::Switch,
            "false",
            "compute each sort key once, not for each comparison",
        ),
        row(
            O::Post,
            "post",
            S::Stage,
            "",
            "what gets the whole result in the end",
        ),
        row(
            O::PipelineOn,
            "pipeline-on",
            S::On,
            "success",
            "when the stages run: success, or any",
        ),
        row(
            O::Singleton,
            "singleton",
            S::Text,
            "",
            "reject the job while another one with this key is unfinished",
        ),
        row(
            O::Group,
            "group",
            S::Text,
            "",
            "name of the group of jobs that it can be stopped with",
        ),
        row(
            O::Priority,
            "priority",
            S::Integer,
            "0",
            "jobs with a higher number start earlier",
        ),
        row(
            O::Env,
            "env",
            S::Env,
            "{}",
            "variables that the job sees as its environment",
        ),
        row(
            O::Finally,
            "finally",
            S::Worker,
            "",
            "worker that gets the outcome, however the job ended",
        ),
    ]
};

const fn row(
    option: JobOption,
    key: &'static str,
    shape: OptionShape,
    default: &'static str,
    about: &'static str,
) -> OptionInfo {
    OptionInfo {
        option,
        key,
        shape,
        default,
        about,
    }
}

/// Why options were not taken.
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
    /// The limit was not taken.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The option's value is not what it has to be.
    #[error("{key}: {why}")]
    Wrong {
        /// The option.
        key: &'static str,
        /// What is wrong, and what to write.
        why: String,
    },
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or(String::new(), |n| format!("; did you mean `{n}`?"))
}

/// The option or limit whose key is most like `name`, if any is alike.
#[must_use]
pub fn nearest_option(name: &str) -> Option<&'static str> {
    let limits = LIMITS.iter().map(|info| info.key);
    limits
        .chain(OPTIONS.iter().map(|info| info.key))
        .map(|key| (strsim::jaro_winkler(key, name), key))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}

impl JobOption {
    /// What is known of it.
    #[must_use]
    pub fn info(self) -> &'static OptionInfo {
        &OPTIONS[self as usize]
    }

    /// Finds an option by its key.
    #[must_use]
    pub fn by_key(key: &str) -> Option<JobOption> {
        OPTIONS.iter().find(|i| i.key == key).map(|i| i.option)
    }

    fn wrong(self, why: impl Into<String>) -> OptionsError {
        OptionsError::Wrong {
            key: self.info().key,
            why: why.into(),
        }
    }
}

impl Default for JobOptions {
    fn default() -> Self {
        Self::of_limits(Arc::default())
    }
}

impl JobOptions {
    /// Defaults for everything but the limits.
    #[must_use]
    pub fn of_limits(limits: Arc<Limits>) -> JobOptions {
        JobOptions {
            limits,
            retry: Retry::default(),
            spread: Spread::default(),
            pipeline: Pipeline::default(),
            singleton: None,
            group: None,
            priority: 0,
            env: JobEnv::default(),
            finally: None,
        }
    }

    /// Sets one option from a value: a number, a text as a flag would have it, or what
    /// the shape says. Variables are added to those that are there.
    pub fn set(&mut self, option: JobOption, value: &Value) -> Result<(), OptionsError> {
        let read = Read { option, value };
        match option {
            JobOption::Retries => self.retry.retries = read.retries()?,
            JobOption::RetryOn => self.retry.on = read.ends()?,
            JobOption::Backoff => self.retry.backoff = read.pause()?,
            JobOption::Parallel => self.spread.parallel = read.switch()?,
            JobOption::Unwrap => self.spread.unwrap = read.switch()?,
            JobOption::Items => self.spread.items = read.switch()?,
            JobOption::Flatten => self.pipeline.flatten = read.switch()?,
            JobOption::Filter => self.pipeline.filter = Some(read.stage()?),
            JobOption::Pre => self.pipeline.pre = Some(read.stage()?),
            JobOption::SortKey => self.pipeline.sort_key = Some(read.stage()?),
            JobOption::SortOp => self.pipeline.sort_op = Some(read.stage()?),
            JobOption::SortCacheKeys => self.pipeline.sort_cache_keys = read.switch()?,
            JobOption::Post => self.pipeline.post = Some(read.stage()?),
            JobOption::PipelineOn => self.pipeline.on = read.on()?,
            JobOption::Singleton => self.singleton = Some(read.name()?),
            JobOption::Group => self.group = Some(read.name()?),
            JobOption::Priority => self.priority = read.integer()?,
            JobOption::Env => read.env(&mut self.env)?,
            JobOption::Finally => self.finally = Some(read.name()?),
        }
        Ok(())
    }

    /// Applies a map of options that a guest gave to what the user allows: limits and
    /// retries are only tightened.
    pub fn tighten(&mut self, options: &Value) -> Result<(), OptionsError> {
        let entries = options
            .entries()
            .ok_or_else(|| OptionsError::NotAMap(options.kind().to_string()))?;
        let said = self.retry.retries;
        for (key, value) in entries {
            match known(&key)? {
                Known::Limit(limit) => {
                    let value = quantity(limit, &value)?;
                    Arc::make_mut(&mut self.limits).tighten(limit, value);
                }
                Known::Option(option) => self.set(option, &value)?,
            }
        }
        self.retry.retries = said.tightened(self.retry.retries);
        self.check()
    }

    /// Whether the options fit together.
    pub fn check(&self) -> Result<(), OptionsError> {
        let Pipeline {
            sort_key,
            sort_cache_keys,
            on,
            ..
        } = &self.pipeline;
        if self.spread.items && !self.spread.parallel {
            return Err(JobOption::Items.wrong("only a parallel job has items; add `parallel`"));
        }
        if *sort_cache_keys && sort_key.is_none() {
            let why = "there are no keys to keep; add a `sort-key`";
            return Err(JobOption::SortCacheKeys.wrong(why));
        }
        if *on == PipelineOn::Any && self.pipeline.is_empty() {
            let why =
                "there is no stage to run; add `filter`, `pre`, `sort-op`, `post` or `flatten`";
            return Err(JobOption::PipelineOn.wrong(why));
        }
        Ok(())
    }

    /// What holds for each item of a parallel job: the attempts are like those of any
    /// job; what there is one of for all belongs to the job itself.
    #[must_use]
    pub fn of_item(&self) -> JobOptions {
        JobOptions {
            limits: self.limits.clone(),
            retry: self.retry,
            group: self.group.clone(),
            priority: self.priority,
            env: self.env.clone(),
            ..JobOptions::default()
        }
    }

    /// Whether something is to be done when the attempts are over.
    pub(crate) fn has_afterwards(&self) -> bool {
        !self.pipeline.is_empty() || self.finally.is_some()
    }
}

enum Known {
    Limit(Limit),
    Option(JobOption),
}

fn known(key: &Value) -> Result<Known, OptionsError> {
    let name = key.as_str().unwrap_or_default();
    let limit = Limit::by_key(name).map(Known::Limit);
    limit
        .or_else(|| JobOption::by_key(name).map(Known::Option))
        .ok_or_else(|| OptionsError::Unknown {
            key: escape_for_people(key.as_str().unwrap_or(&key.to_string()), 80),
            near: nearest_option(name),
        })
}

fn quantity(limit: Limit, value: &Value) -> Result<u64, OptionsError> {
    if let Some(text) = value.as_str() {
        return Ok(limit.parse(text)?);
    }
    #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^53")]
    let number = value
        .as_f64()
        .or_else(|| value.as_i64().map(|n| n as f64))
        .ok_or_else(|| OptionsError::Wrong {
            key: limit.info().key,
            why: format!(
                "write a number or a text such as `\"1.5s\"`, not {}",
                value.kind()
            ),
        })?;
    Ok(limit.from_number(number)?)
}

/// Reads the value of one option.
struct Read<'a> {
    option: JobOption,
    value: &'a Value,
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

    fn retries(&self) -> Result<Retries, OptionsError> {
        if self.value.as_str().map(str::trim) == Some("inf") {
            return Ok(Retries::Unlimited);
        }
        let count = self.whole().and_then(|n| u32::try_from(n).ok());
        // What a guest sees stays where every language counts exactly.
        let count = count.filter(|n| *n <= i32::MAX as u32);
        count
            .map(Retries::Of)
            .ok_or_else(|| self.wrong("a whole number such as `3`, `0` for none, or `inf`"))
    }

    fn ends(&self) -> Result<RetryOn, OptionsError> {
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

    fn pause(&self) -> Result<Option<Backoff>, OptionsError> {
        const WRITE: &str =
            "a time such as `100ms`, or the first and the longest such as `100ms..30s`";
        let time = |text: &str| match Unit::Time.parse(text) {
            Ok(INFINITE) | Err(_) => Err(self.wrong(WRITE)),
            Ok(nanos) => Ok(Duration::from_nanos(nanos)),
        };
        let (first, most) = match self.value.as_str() {
            Some(text) => match text.split_once("..") {
                Some((first, most)) => (time(first)?, time(most)?),
                None => (time(text)?, time(text)?),
            },
            None => {
                let number = self
                    .value
                    .as_f64()
                    .or_else(|| self.value.as_i64().map(|n| n as f64));
                let number = number.ok_or_else(|| self.wrong(WRITE))?;
                let nanos = Unit::Time
                    .from_number(number)
                    .map_err(|_| self.wrong(WRITE))?;
                let pause = Duration::from_nanos(nanos);
                (pause, pause)
            }
        };
        if most < first {
            return Err(self.wrong("the shorter time first: `100ms..30s`"));
        }
        Ok((!most.is_zero()).then_some(Backoff { first, most }))
    }

    fn switch(&self) -> Result<bool, OptionsError> {
        let said = self.value.as_bool().or(match self.value.as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) | None => None,
        });
        said.ok_or_else(|| self.wrong("`true` or `false`"))
    }

    fn stage(&self) -> Result<Stage, OptionsError> {
        const WRITE: &str = "a worker's name, `jq:EXPRESSION` or a built-in";
        let text = self.text(WRITE)?;
        Stage::parse(self.option.info().key, text).map_err(|why| self.option.wrong(why))
    }

    fn on(&self) -> Result<PipelineOn, OptionsError> {
        match self.value.as_str() {
            Some("success") => Ok(PipelineOn::Success),
            Some("any") => Ok(PipelineOn::Any),
            Some(_) | None => Err(self.wrong("`success` or `any`")),
        }
    }

    fn name(&self) -> Result<Arc<str>, OptionsError> {
        const WRITE: &str = "a text that is not empty";
        match self.text(WRITE)? {
            "" => Err(self.wrong(WRITE)),
            text => Ok(text.into()),
        }
    }

    fn integer(&self) -> Result<i32, OptionsError> {
        let number = self.whole().and_then(|n| i32::try_from(n).ok());
        number.ok_or_else(|| self.wrong("a whole number such as `10` or `-1`"))
    }

    fn env(&self, env: &mut JobEnv) -> Result<(), OptionsError> {
        const WRITE: &str = "a map of names to texts, or to nil where a variable is to be hidden";
        let of_env = |error: EnvError| self.option.wrong(error.to_string());
        let entries = self.value.entries().ok_or_else(|| self.wrong(WRITE))?;
        for (name, value) in entries {
            let name = name.as_str().ok_or_else(|| self.wrong(WRITE))?;
            let text = value.as_str();
            if text.is_none() && !value.is_nil() {
                return Err(self.wrong(WRITE));
            }
            env.set(name, text).map_err(of_env)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
