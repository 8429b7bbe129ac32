//! The flags of a job: retries, parallel, stages, and the like.
//!
//! They are made from the library's table, so that none can be forgotten; what they
//! hold is read by the library's own parser.

use crate::flags::capitalised;
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches};
use wodehost::task::{JobOption, OPTIONS, OptionInfo, OptionShape};
use wodehost::{JobOptions, Value};

/// The options that were given as flags, in the order of the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobFlags {
    pub(crate) given: Vec<(JobOption, Value)>,
}

/// Above the flags, because it holds for several of them.
const HEADING: &str =
    "Job options (STAGE: a plugin, jq:EXPRESSION, or one of identity, list, < and >)";

/// Checks a value as the library will read it; the error does not name the option,
/// because flag or key stand next to it.
pub(crate) fn checked(option: JobOption, value: Value) -> Result<Value, String> {
    match JobOptions::default().set(option, &value) {
        Ok(()) => Ok(value),
        Err(error) => {
            let text = error.to_string();
            let key = format!("{}: ", option.info().key);
            Err(text.strip_prefix(&key).unwrap_or(&text).to_owned())
        }
    }
}

/// `NAME=VALUE`, or `NAME` alone, which hides the variable.
fn variable(text: &str) -> Value {
    match text.split_once('=') {
        Some((name, value)) => Value::map([(name, Value::from(value))]),
        None => Value::map([(text, Value::nil())]),
    }
}

fn value_name(shape: OptionShape) -> &'static str {
    match shape {
        OptionShape::Count | OptionShape::Integer => "N",
        OptionShape::Ends => "ENDS",
        OptionShape::Pause => "TIME",
        OptionShape::Switch => "",
        OptionShape::Stage => "STAGE",
        OptionShape::On => "WHEN",
        OptionShape::Text => "KEY",
        OptionShape::Env => "NAME[=VALUE]",
        OptionShape::Worker => "W",
        OptionShape::Slots => "0|1",
    }
}

fn help(info: &OptionInfo) -> String {
    let about = capitalised(info.about);
    match (info.shape, info.default) {
        (OptionShape::Switch | OptionShape::Env, _) | (_, "") => about,
        (_, default) => format!("{about} [default: {default}]"),
    }
}

fn argument(info: &'static OptionInfo) -> Arg {
    let option = info.option;
    let arg = Arg::new(info.key)
        .long(info.key)
        .help(help(info))
        .help_heading(HEADING);
    if info.shape == OptionShape::Switch {
        return arg.action(ArgAction::SetTrue);
    }
    let is_env = info.shape == OptionShape::Env;
    arg.value_name(value_name(info.shape))
        .action(if is_env {
            ArgAction::Append
        } else {
            ArgAction::Set
        })
        // A negative value is to be told by our own sentence.
        .allow_hyphen_values(true)
        .value_parser(move |text: &str| {
            let value = if is_env {
                variable(text)
            } else {
                Value::from(text)
            };
            checked(option, value)
        })
}

impl FromArgMatches for JobFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for info in &OPTIONS {
            if info.shape == OptionShape::Switch {
                if matches.get_flag(info.key) {
                    given.push((info.option, Value::from(true)));
                }
            } else {
                let values = matches.get_many::<Value>(info.key).into_iter().flatten();
                given.extend(values.map(|value| (info.option, value.clone())));
            }
        }
        Ok(JobFlags { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for JobFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(OPTIONS.iter().map(argument))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        job: JobFlags,
    }

    fn given(args: &[&str]) -> Vec<String> {
        let only = Only::parse_from([&["x"], args].concat());
        let shown = |(option, value): &(JobOption, Value)| {
            format!("{}={}", option.info().key, value.to_json())
        };
        only.job.given.iter().map(shown).collect()
    }

    fn refused(args: &[&str]) -> String {
        let error = Only::try_parse_from([&["x"], args].concat()).expect_err("wrong");
        error.to_string()
    }

    #[test]
    fn each_option_is_a_flag() {
        assert_eq!(
            given(&[
                "--post",
                "jq:.[0]",
                "--retries",
                "inf",
                "--parallel",
                "--env",
                "A=b=c",
                "--env",
                "B"
            ]),
            [
                r#"retries="inf""#,
                "parallel=true",
                r#"post="jq:.[0]""#,
                r#"env={"A":"b=c"}"#,
                r#"env={"B":null}"#,
            ]
        );
        assert!(given(&[]).is_empty());
    }

    #[test]
    fn a_wrong_value_says_what_to_write() {
        let text = refused(&["--retries", "-1"]);
        assert!(
            text.contains("`-1` will not do; write a whole number such as `3`"),
            "{text}"
        );
        let text = refused(&["--env", "=x"]);
        assert!(text.contains("a variable needs a name"), "{text}");
        let text = refused(&["--sort-op", "identity"]);
        assert!(text.contains("a sort op compares two elements"), "{text}");
        assert!(refused(&["--backoff", "NaN"]).contains("write the first pause such as `100ms`"));
    }
}
