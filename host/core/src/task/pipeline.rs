//! What is done with the data of a job that is over: flatten > filter > pre > sort >
//! post, each only where it is asked for. Here it is said; [`crate::dispatch`] does it.

use std::fmt;
use std::sync::Arc;

/// The stages of a job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pipeline {
    /// Outcomes inside the data are replaced by their data.
    pub flatten: bool,
    /// Gets each element and answers whether it stays.
    pub filter: Option<Stage>,
    /// Gets the whole data; its result takes their place.
    pub pre: Option<Stage>,
    /// Gets an element; what it answers is compared instead.
    pub sort_key: Option<Stage>,
    /// Gets `[a, b]` and answers whether a stands before b.
    pub sort_op: Option<Stage>,
    /// Keys are computed once for each element, not once for each comparison.
    pub sort_cache_keys: bool,
    /// Gets the whole data; its result takes their place.
    pub post: Option<Stage>,
    /// When the stages run.
    pub on: PipelineOn,
}

/// When the stages of a job run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PipelineOn {
    /// When it succeeded, or some items of a parallel job did.
    #[default]
    Success,
    /// However it ended, unless it was stopped.
    Any,
}

/// Who does the work of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// A worker of the host.
    Worker(Arc<str>),
    /// A jq expression.
    Jq(Arc<str>),
    /// What the host does by itself.
    Builtin(Builtin),
}

/// What the host can do by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builtin {
    /// `identity`: the value as it is.
    Identity,
    /// `list`: an array with the value as its only element.
    List,
    /// `<`: whether the first of two is less.
    Less,
    /// `>`: whether the first of two is greater.
    Greater,
}

/// One of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageName {
    /// `filter`
    Filter,
    /// `pre`
    Pre,
    /// `sort`: key and op
    Sort,
    /// `post`
    Post,
}

impl StageName {
    pub(super) const ALL: [StageName; 4] = [
        StageName::Filter,
        StageName::Pre,
        StageName::Sort,
        StageName::Post,
    ];

    /// The word in reasons.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            StageName::Filter => "filter",
            StageName::Pre => "pre",
            StageName::Sort => "sort",
            StageName::Post => "post",
        }
    }
}

impl Pipeline {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.flatten && self.stages().next().is_none()
    }

    /// The stages that are asked for, with the keys of their options.
    pub fn stages(&self) -> impl Iterator<Item = (&'static str, &Stage)> {
        [
            ("filter", &self.filter),
            ("pre", &self.pre),
            ("sort-key", &self.sort_key),
            ("sort-op", &self.sort_op),
            ("post", &self.post),
        ]
        .into_iter()
        .filter_map(|(key, stage)| Some((key, stage.as_ref()?)))
    }

    /// Whether the data are to be sorted.
    pub(crate) fn sorts(&self) -> bool {
        self.sort_key.is_some() || self.sort_op.is_some()
    }
}

impl Builtin {
    fn is_comparison(self) -> bool {
        matches!(self, Builtin::Less | Builtin::Greater)
    }
}

impl Stage {
    /// Reads a stage; the error says what is wrong with it for the option `key`.
    pub fn parse(key: &str, text: &str) -> Result<Stage, String> {
        let stage = if let Some(expression) = text.strip_prefix("jq:") {
            if expression.trim().is_empty() {
                return Err("write an expression behind `jq:`, such as `jq:.score`".to_owned());
            }
            Stage::Jq(expression.into())
        } else if let Some(name) = text.strip_prefix("worker:") {
            Stage::Worker(name.into())
        } else {
            match text {
                "identity" => Stage::Builtin(Builtin::Identity),
                "list" => Stage::Builtin(Builtin::List),
                "<" => Stage::Builtin(Builtin::Less),
                ">" => Stage::Builtin(Builtin::Greater),
                name => Stage::Worker(name.into()),
            }
        };
        stage.fits(key).map(|()| stage)
    }

    fn fits(&self, key: &str) -> Result<(), String> {
        match self {
            Stage::Worker(name) if name.is_empty() => {
                Err("write a worker's name, `jq:EXPRESSION` or a built-in".to_owned())
            }
            Stage::Builtin(builtin) => {
                let said = match (key == "sort-op", builtin.is_comparison()) {
                    (true, false) => {
                        "a sort op compares two elements: write `<`, `>`, a worker or `jq:.[0].n < .[1].n`"
                    }
                    (false, true) => {
                        "`<` and `>` compare two elements: they can be a `sort-op` only"
                    }
                    (true, true) | (false, false) => return Ok(()),
                };
                Err(said.to_owned())
            }
            Stage::Worker(_) | Stage::Jq(_) => Ok(()),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Stage::Jq(expression) => return write!(f, "jq:{expression}"),
            Stage::Worker(name) => name,
            Stage::Builtin(Builtin::Identity) => "identity",
            Stage::Builtin(Builtin::List) => "list",
            Stage::Builtin(Builtin::Less) => "<",
            Stage::Builtin(Builtin::Greater) => ">",
        };
        f.write_str(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // M27
    #[test]
    fn a_stage_is_a_worker_an_expression_or_a_builtin() {
        let parse = |text| Stage::parse("pre", text).expect("a stage");
        assert_eq!(parse("score"), Stage::Worker("score".into()));
        assert_eq!(parse("worker:list"), Stage::Worker("list".into()));
        assert_eq!(parse("jq:.a > 1"), Stage::Jq(".a > 1".into()));
        assert_eq!(parse("list"), Stage::Builtin(Builtin::List));
        for text in ["jq:", "", "worker:"] {
            assert!(Stage::parse("pre", text).is_err(), "{text}");
        }
    }

    // M30
    #[test]
    fn comparisons_are_for_sorting_and_nothing_else_is() {
        assert!(Stage::parse("sort-op", "<").is_ok());
        let error = Stage::parse("filter", "<").expect_err("no filter");
        assert!(error.contains("`sort-op` only"), "{error}");
        let error = Stage::parse("sort-op", "identity").expect_err("no op");
        assert!(error.contains("write `<`"), "{error}");
    }
}
