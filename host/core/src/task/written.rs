//! The options of a job as a value, for whoever keeps them: what [`JobOptions::set`] and the
//! limits' parser read back.

use super::option::{JobOption, OptionsError};
use super::options::JobOptions;
use super::pipeline::{PipelineOn, Stage};
use super::recorded::Recorded;
use super::retry::{Backoff, Retries, RetryOn};
use crate::limits::{LIMITS, Limit, Limits};
use crate::units::Unit;
use crate::value::Value;
use std::sync::Arc;
use std::time::Duration;

/// The entry for what a deterministic job begins with, which is no option.
const RECORDED: &str = "recorded";

impl JobOptions {
    /// All that differs from the defaults, as a map from keys to values.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let default = JobOptions::default();
        let limits = LIMITS.iter().filter_map(|info| {
            let value = self.limits.get(info.limit);
            let differs = value != default.limits.get(info.limit);
            differs.then(|| (info.key, Value::from(info.unit.format(value))))
        });
        let mut entries: Vec<(&str, Value)> = limits.collect();
        let mut put = |option: JobOption, value: Option<Value>| {
            entries.extend(value.map(|value| (option.info().key, value)));
        };
        let switch = |is_on: bool| is_on.then(|| Value::from(true));
        let text = |text: &Option<Arc<str>>| text.as_deref().map(Value::from);
        let stage = |stage: &Option<Stage>| stage.as_ref().map(stage_text);
        put(JobOption::Retries, retries(self.retry.retries));
        put(JobOption::RetryOn, ends(self.retry.on));
        put(JobOption::Backoff, self.retry.backoff.map(pause));
        put(JobOption::Parallel, switch(self.spread.parallel));
        put(JobOption::Unwrap, switch(self.spread.unwrap));
        put(JobOption::Items, switch(self.spread.items));
        put(JobOption::Flatten, switch(self.pipeline.flatten));
        put(JobOption::Filter, stage(&self.pipeline.filter));
        put(JobOption::Pre, stage(&self.pipeline.pre));
        put(JobOption::SortKey, stage(&self.pipeline.sort_key));
        put(JobOption::SortOp, stage(&self.pipeline.sort_op));
        let caches = switch(self.pipeline.sort_cache_keys);
        put(JobOption::SortCacheKeys, caches);
        put(JobOption::Post, stage(&self.pipeline.post));
        let any = (self.pipeline.on == PipelineOn::Any).then(|| Value::from("any"));
        put(JobOption::PipelineOn, any);
        put(JobOption::Singleton, text(&self.singleton));
        put(JobOption::Group, text(&self.group));
        let priority = (self.priority != 0).then(|| Value::from(i64::from(self.priority)));
        put(JobOption::Priority, priority);
        put(
            JobOption::Env,
            (!self.env.is_empty()).then(|| self.env_value()),
        );
        put(JobOption::Finally, text(&self.finally));
        put(
            JobOption::Consume,
            self.slotless.then(|| Value::from(0_u64)),
        );
        if let Some(Recorded { start_ms, seed }) = self.recorded {
            let pair = [Value::from(start_ms), Value::from(seed)];
            entries.push((RECORDED, Value::array(&pair)));
        }
        Value::map(entries)
    }

    /// The options that a map says, the defaults for what it does not say.
    pub fn of_value(written: &Value) -> Result<JobOptions, OptionsError> {
        let entries = written
            .entries()
            .ok_or_else(|| OptionsError::NotAMap(written.kind().to_string()))?;
        let mut options = JobOptions::default();
        let mut limits = Limits::default();
        for (key, value) in entries {
            let name = key.as_str().unwrap_or_default();
            if name == RECORDED {
                options.recorded = recorded(&value);
            } else if let Some(limit) = Limit::by_key(name) {
                limits.set(limit, limit.parse(value.as_str().unwrap_or_default())?);
            } else if let Some(option) = JobOption::by_key(name) {
                options.set(option, &value)?;
            } else {
                return Err(OptionsError::Unknown {
                    key: crate::value::escape_for_people(name, 80),
                    near: super::nearest_option(name),
                });
            }
        }
        options.limits = Arc::new(limits);
        options.check()?;
        Ok(options)
    }

    fn env_value(&self) -> Value {
        let entries = self.env.iter().map(|(name, value)| {
            let value = value.map_or_else(|| Value::from(false), Value::from);
            (name, value)
        });
        Value::map(entries)
    }
}

fn retries(retries: Retries) -> Option<Value> {
    match retries {
        Retries::Unsaid => None,
        Retries::Of(count) => Some(Value::from(count)),
        Retries::Unlimited => Some(Value::from("inf")),
    }
}

fn ends(on: RetryOn) -> Option<Value> {
    if on == RetryOn::default() {
        return None;
    }
    let words = [
        ("timeout", on.timeout),
        ("trap", on.trap),
        ("error", on.error),
    ];
    let words: Vec<&str> = words
        .into_iter()
        .filter_map(|(word, is_meant)| is_meant.then_some(word))
        .collect();
    if words.is_empty() {
        return Some(Value::from("none"));
    }
    Some(Value::from(words.join(",")))
}

fn pause(Backoff { first, most }: Backoff) -> Value {
    let time = |time: Duration| Unit::Time.format(time.as_nanos() as u64);
    Value::from(format!("{}..{}", time(first), time(most)))
}

/// A worker may be called like a built-in.
fn stage_text(stage: &Stage) -> Value {
    Value::from(match stage {
        Stage::Worker(name) => format!("worker:{name}"),
        Stage::Jq(_) | Stage::Builtin(_) => stage.to_string(),
    })
}

fn recorded(value: &Value) -> Option<Recorded> {
    let mut pair = value.elements()?;
    let mut number = || pair.next()?.as_u64();
    Some(Recorded {
        start_ms: number()?,
        seed: number()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{Builtin, OPTIONS};

    #[test]
    fn defaults_need_no_words() {
        let written = JobOptions::default().to_value();
        assert_eq!(written, Value::empty_map());
        assert_eq!(JobOptions::of_value(&written), Ok(JobOptions::default()));
    }

    // Each option and each limit, with a value that is no default.
    #[test]
    fn what_is_written_is_read_back() {
        let mut options = JobOptions::default();
        let mut limits = Limits::default();
        for (n, info) in LIMITS.iter().enumerate() {
            limits.set(info.limit, info.default / 2 + n as u64);
        }
        options.limits = Arc::new(limits);
        options.retry.retries = Retries::Unlimited;
        options.retry.on = RetryOn::NONE;
        options.retry.backoff = Some(Backoff {
            first: Duration::from_nanos(1_234_567),
            most: Duration::from_secs(90),
        });
        options.spread.parallel = true;
        options.spread.unwrap = true;
        options.spread.items = true;
        options.pipeline.flatten = true;
        options.pipeline.filter = Some(Stage::Jq(".a > 1".into()));
        options.pipeline.pre = Some(Stage::Worker("identity".into()));
        options.pipeline.sort_key = Some(Stage::Worker("worker:x".into()));
        options.pipeline.sort_op = Some(Stage::Builtin(Builtin::Greater));
        options.pipeline.sort_cache_keys = true;
        options.pipeline.post = Some(Stage::Builtin(Builtin::List));
        options.pipeline.on = PipelineOn::Any;
        options.singleton = Some("one".into());
        options.group = Some("it's".into());
        options.priority = -3;
        options.env.set("A", Some("b=c")).expect("legal");
        options.env.set("HIDDEN", None).expect("legal");
        options.finally = Some("last".into());
        options.slotless = true;
        options.recorded = Some(Recorded {
            start_ms: 7,
            seed: u64::MAX,
        });
        let written = options.to_value();
        assert_eq!(JobOptions::of_value(&written), Ok(options));
        let keys: Vec<Value> = written
            .entries()
            .expect("a map")
            .map(|(key, _)| key)
            .collect();
        let known = LIMITS.iter().map(|info| info.key);
        let known = known.chain(OPTIONS.iter().map(|info| info.key));
        for key in known {
            assert!(keys.contains(&Value::from(key)), "{key} is not written");
        }
    }

    #[test]
    fn retries_and_their_ends_are_read_back_one_by_one() {
        for retries in [Retries::Unsaid, Retries::Of(0), Retries::Of(7)] {
            for bits in 0..8 {
                let mut options = JobOptions::default();
                options.retry.retries = retries;
                options.retry.on = RetryOn {
                    timeout: bits & 1 > 0,
                    trap: bits & 2 > 0,
                    error: bits & 4 > 0,
                };
                assert_eq!(JobOptions::of_value(&options.to_value()), Ok(options));
            }
        }
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        for map in [
            Value::map([("retry", Value::from(1_u64))]),
            Value::map([("memory", Value::from("much"))]),
            Value::from(1_u64),
        ] {
            assert!(JobOptions::of_value(&map).is_err(), "{map}");
        }
    }
}
