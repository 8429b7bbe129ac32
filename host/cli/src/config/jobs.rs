//! What the layers say about jobs: `[job]`, `[plugins.NAME.job]`, flags.

use super::Config;
use super::source::{Source, Sourced};
use crate::error::Error;
use crate::job_flags::JobFlags;
use std::path::Path;
use wodehost::task::{JobOption, OPTIONS, OptionShape, Stage};
use wodehost::{JobOptions, Limits, Value};

/// Options that a layer sets. Variables may come several times.
pub(crate) type JobLayer = Vec<(JobOption, Sourced<Value>)>;

/// What the flags say.
pub(super) fn of_flags(flags: &JobFlags) -> JobLayer {
    let given = flags.given.iter();
    given
        .map(|(option, value)| {
            let source = Source::Flag(option.info().key);
            (*option, Sourced::new(value.clone(), source))
        })
        .collect()
}

/// A stage's or `finally`'s value as a file has it: a relative file begins at the
/// configuration's folder.
pub(super) fn from_folder(option: JobOption, value: Value, base: &Path) -> Value {
    match worker_of(option, &value) {
        Some(text) => Value::from(super::roster::from_folder(text, base)),
        None => value,
    }
}

/// The plugin that an option names, if it names one.
pub(super) fn worker_of(option: JobOption, value: &Value) -> Option<String> {
    let info = option.info();
    let text = value.as_str()?;
    if info.shape == OptionShape::Worker {
        return Some(text.to_owned());
    }
    if info.shape != OptionShape::Stage {
        return None;
    }
    match Stage::parse(info.key, text) {
        Ok(Stage::Worker(name)) => Some(name.to_string()),
        Ok(Stage::Jq(_) | Stage::Builtin(_)) | Err(_) => None,
    }
}

impl Config {
    /// What holds for the jobs of a plugin: for each option the strongest that says
    /// something; of variables all, the weakest first.
    pub(crate) fn job_of(&self, plugin: &str) -> JobLayer {
        let own = self.file.plugins.get(plugin).map(|says| &says.job);
        let layers = [Some(&self.file.job), own, Some(&self.flags.job)];
        let said = || layers.into_iter().flatten().flatten();
        let mut job = JobLayer::new();
        for info in &OPTIONS {
            let of_option = said().filter(|(option, _)| *option == info.option);
            if info.shape == OptionShape::Env {
                job.extend(of_option.cloned());
            } else {
                job.extend(of_option.last().cloned());
            }
        }
        job
    }

    /// The same for `[job]` alone, with the flags.
    pub(super) fn job(&self) -> JobLayer {
        self.job_of("")
    }
}

/// The options of a job as the library has them; `named` = what the plugins that stages
/// name are called here.
pub(super) fn options(
    limits: Limits,
    job: &JobLayer,
    named: &[(JobOption, String)],
) -> Result<JobOptions, Error> {
    let mut options = JobOptions::of_limits(limits.into());
    for (option, value) in job {
        let named = named.iter().find(|(other, _)| other == option);
        let set = match named {
            Some((_, name)) if option.info().shape == OptionShape::Stage => {
                options.set(*option, &Value::from(format!("worker:{name}")))
            }
            Some((_, name)) => options.set(*option, &Value::from(name.as_str())),
            None => options.set(*option, &value.value),
        };
        set.map_err(|error| Error::usage(error.to_string()))?;
    }
    options.check().map_err(|error| {
        let is_flag =
            |(_, value): &(JobOption, Sourced<Value>)| matches!(value.source, Source::Flag(_));
        let message = format!("the options of the job do not fit: {error}");
        if job.iter().any(is_flag) {
            Error::usage(message)
        } else {
            Error::config(message)
        }
    })?;
    Ok(options)
}

/// An error over a plugin that a grant names, told where the grant stands.
pub(super) fn of_grant(source: &Source, error: Error) -> Error {
    if matches!(source, Source::File { .. }) {
        return error.in_config(format!("{source}: a worker of `submit` cannot be used"));
    }
    error
}

/// An error over a plugin that an option names, told where the option stands.
pub(super) fn of_option(option: JobOption, source: &Source, error: Error) -> Error {
    let info = option.info();
    let error = if matches!(source, Source::File { .. }) {
        error.in_config(format!("{source}: {} cannot be used", info.key))
    } else {
        error
    };
    if option == JobOption::SortOp {
        error.hint("a sort op is `<`, `>`, a worker, or `jq:.[0].n < .[1].n`")
    } else if info.shape == OptionShape::Stage {
        error.hint("a jq expression begins with `jq:`, as in `jq:.score > 10`")
    } else {
        error
    }
}
