//! The options of a job. One parser reads them wherever they come from: flags, keys of
//! `wodehost.toml`, the options of a dispatch; each hands over a [`Value`].

use super::env::JobEnv;
use super::option::{JobOption, OptionsError, nearest_option};
use super::pipeline::{Pipeline, PipelineOn, Stage};
use super::reading::Read;
use super::recorded::Recorded;
use super::retry::Retry;
use crate::limits::{Limit, Limits};
use crate::value::{Value, escape_for_people};
use std::sync::Arc;

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
    /// Whether its attempts run without a slot: for jobs that do little but wait.
    pub slotless: bool,
    /// What a deterministic job begins with; none = what follows from its runtime's profile
    /// and its value. It means nothing to other jobs.
    pub recorded: Option<Recorded>,
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
            slotless: false,
            recorded: None,
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
            JobOption::Consume => self.slotless = read.slots()? == 0,
        }
        Ok(())
    }

    /// Applies a map of options that a guest gave to what the user allows: limits and
    /// retries are only tightened.
    pub fn tighten(&mut self, options: &Value) -> Result<(), OptionsError> {
        self.tighten_with(options, |_, _| Ok(false))
    }

    /// The same for a job that another one submits: the key that it is known by among
    /// that one's jobs, where there is one.
    pub(crate) fn tighten_nested(
        &mut self,
        options: &Value,
    ) -> Result<Option<Arc<str>>, OptionsError> {
        let mut found = None;
        self.tighten_with(options, |key, value| {
            if key.as_str() != Some(KEY) {
                return Ok(false);
            }
            let text = value.as_str().filter(|text| !text.is_empty());
            let text = text.ok_or_else(|| OptionsError::Wrong {
                key: KEY,
                why: format!("write a text, not {}", value.kind()),
            })?;
            found = Some(text.into());
            Ok(true)
        })?;
        Ok(found)
    }

    /// `takes` takes an entry that is no option of every job.
    fn tighten_with(
        &mut self,
        options: &Value,
        mut takes: impl FnMut(&Value, &Value) -> Result<bool, OptionsError>,
    ) -> Result<(), OptionsError> {
        let entries = options
            .entries()
            .ok_or_else(|| OptionsError::NotAMap(options.kind().to_string()))?;
        let (said, may_be_slotless) = (self.retry, self.slotless);
        for (key, value) in entries {
            if takes(&key, &value)? {
                continue;
            }
            match known(&key)? {
                Known::Limit(limit) => {
                    let value = quantity(limit, &value)?;
                    Arc::make_mut(&mut self.limits).tighten(limit, value);
                }
                Known::Option(option) => self.set(option, &value)?,
            }
        }
        self.retry.retries = said.retries.tightened(self.retry.retries);
        self.retry.on = said.on.tightened(self.retry.on);
        self.slotless &= may_be_slotless;
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
            slotless: self.slotless,
            recorded: self.recorded,
            ..JobOptions::default()
        }
    }

    /// The workers that it names.
    pub(crate) fn workers(&self) -> impl Iterator<Item = &str> {
        let stages = self.pipeline.stages().filter_map(|(_, stage)| match stage {
            Stage::Worker(name) => Some(&**name),
            Stage::Jq(_) | Stage::Builtin(_) => None,
        });
        stages.chain(self.finally.as_deref())
    }

    /// Whether something is to be done when the attempts are over.
    pub(crate) fn has_afterwards(&self) -> bool {
        !self.pipeline.is_empty() || self.finally.is_some()
    }
}

/// The option that names a job among those of its parent.
const KEY: &str = "key";

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

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
