//! The table of options: what each is called, what its value looks like, its default.
//!
//! It is the only list of them beside that of the limits, whose keys are options too:
//! flags, configuration and the parser are made from it.

use crate::limits::{LIMITS, LimitError};

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
    /// `consume`
    Consume,
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
    /// 0 or 1.
    Slots,
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
const COUNT: usize = 20;

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
            "pause before a restart, with jitter, doubled each time up to a minute, or as in 100ms..30s",
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
            "what makes another result of the whole one, before it is sorted",
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
            "what makes another result of the whole one, in the end",
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
            "reject the job while another one of the host with this key is unfinished",
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
            "variables that the job sees as its environment; a name alone (in a file: false) hides one",
        ),
        row(
            O::Finally,
            "finally",
            S::Worker,
            "",
            "worker that gets the outcome, however the job ended; it has one attempt",
        ),
        row(
            O::Consume,
            "consume",
            S::Slots,
            "1",
            "slots that an attempt takes: 1, or 0 for a job that does little but wait",
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

    pub(super) fn wrong(self, why: impl Into<String>) -> OptionsError {
        OptionsError::Wrong {
            key: self.info().key,
            why: why.into(),
        }
    }
}
