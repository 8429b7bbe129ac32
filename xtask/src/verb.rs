//! The command line: which verb, and what follows it.

use std::ffi::OsString;

use crate::error::Error;

/// Printed by `--help`, and after an error of usage.
pub(crate) const USAGE: &str = "\
usage: cargo xtask VERB

  demo            build everything and run the thumbnails plugins on the samples
  test [--all-languages] [--deep]
                  all checks: format, lints, tests, the installed program, the demo;
                  with --all-languages the tools of all languages are installed first, into
                  target/tools, without it what needs them is left out;
                  with --deep also each fuzz target for a minute
  languages       build the plugins that are written in other languages, and install
                  their tools into target/tools
  fuzz TARGET [ARG…]
                  fuzz one target until it finds something; ARGs are libFuzzer's own
  install         install `wodehost` for you, with the jq plugin built in
  plugins         build the plugins and the test guests for wasm32-wasip2
  bench [ARG…]    measure, beside other ways to run jobs, which are set up in target/peers
                  (not with --no-peers); ARGs are the benchmark's own (--help lists them)
  bench --parts [ARG…]
                  measure single parts; ARGs are criterion's own, such as a part of a name
  help            this text

All of them install what is missing by rustup or cargo, and say so.
";

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Demo,
    Test,
    Fuzz,
    Install,
    Plugins,
    Languages,
    Bench,
}

/// The arguments of `test`.
pub(crate) const DEEP: &str = "--deep";
pub(crate) const ALL_LANGUAGES: &str = "--all-languages";

impl Verb {
    const ALL: [(&str, Self); 7] = [
        ("demo", Self::Demo),
        ("test", Self::Test),
        ("fuzz", Self::Fuzz),
        ("install", Self::Install),
        ("plugins", Self::Plugins),
        ("languages", Self::Languages),
        ("bench", Self::Bench),
    ];

    /// Whether these arguments may follow it; what they say is its own business.
    fn takes(self, rest: &[OsString]) -> bool {
        match self {
            Self::Bench | Self::Fuzz => true,
            Self::Test => rest
                .iter()
                .all(|argument| argument == DEEP || argument == ALL_LANGUAGES),
            Self::Demo | Self::Install | Self::Plugins | Self::Languages => false,
        }
    }
}

/// A command line that makes sense.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request<'a> {
    Help,
    Run(Verb, &'a [OsString]),
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(args: &[OsString]) -> Result<Request<'_>, Error> {
    let Some((first, rest)) = args.split_first() else {
        return Err(Error::new("no verb given"));
    };
    let first = first.to_string_lossy();
    if is_help(&first) {
        return Ok(Request::Help);
    }
    let Some((name, verb)) = Verb::ALL.into_iter().find(|(name, _)| *name == first) else {
        let error = Error::new(format!("there is no verb `{first}`"));
        return Err(match nearest(&first) {
            Some(name) => error.hint(format!("did you mean `{name}`?")),
            None => error,
        });
    };
    let stranger = rest
        .iter()
        .find(|argument| !verb.takes(std::slice::from_ref(argument)));
    match stranger {
        Some(argument) => {
            let argument = argument.to_string_lossy();
            if is_help(&argument) {
                return Ok(Request::Help);
            }
            Err(Error::new(format!(
                "`{name}` does not take the argument `{argument}`"
            )))
        }
        _ => Ok(Request::Run(verb, rest)),
    }
}

fn is_help(argument: &str) -> bool {
    matches!(argument, "help" | "--help" | "-h")
}

/// The verb that a mistyped one most likely meant, if any is near.
fn nearest(typed: &str) -> Option<&'static str> {
    Verb::ALL
        .into_iter()
        .map(|(name, _)| (strsim::jaro_winkler(&typed.to_lowercase(), name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    fn message(words: &[&str]) -> String {
        parse(&args(words)).map_or_else(|error| error.to_string(), |request| format!("{request:?}"))
    }

    #[test]
    fn every_verb_is_read_and_listed_in_the_usage() {
        for (name, verb) in Verb::ALL {
            let args = args(&[name]);
            let request = parse(&args).ok();
            assert_eq!(request, Some(Request::Run(verb, &[])));
            assert!(USAGE.contains(&format!("\n  {name} ")), "{name}");
        }
    }

    #[test]
    fn arguments_of_bench_are_handed_on_and_help_among_them() {
        let args = args(&["bench", "--help", "x"]);
        let request = parse(&args).ok();
        assert_eq!(request, Some(Request::Run(Verb::Bench, &args[1..])));
    }

    #[test]
    fn arguments_behind_the_parts_of_bench_are_handed_on() {
        let args = args(&["bench", "--parts", "scan/"]);
        let request = parse(&args).ok();
        assert_eq!(request, Some(Request::Run(Verb::Bench, &args[1..])));
    }

    #[test]
    fn test_takes_its_arguments_and_no_other() {
        for words in [
            &["test", "--deep"][..],
            &["test", "--all-languages", "--deep"],
        ] {
            assert!(message(words).starts_with("Run(Test, "), "{words:?}");
        }
        for words in [&["test", "--fast"][..], &["test", "--deep", "x"]] {
            assert!(
                message(words).starts_with("error: `test` does not"),
                "{words:?}"
            );
        }
    }

    #[test]
    fn help_is_understood_in_every_usual_place() {
        for words in [&["help"][..], &["-h"], &["--help"], &["test", "--help"]] {
            assert_eq!(parse(&args(words)).ok(), Some(Request::Help), "{words:?}");
        }
    }

    #[test]
    fn a_mistyped_verb_gets_a_suggestion() {
        for (typed, meant) in [
            ("tset", "test"),
            ("plugin", "plugins"),
            ("Demo", "demo"),
            ("benhc", "bench"),
        ] {
            let message = message(&[typed]);
            assert!(
                message.contains(&format!("did you mean `{meant}`?")),
                "{message}"
            );
        }
    }

    #[test]
    fn a_verb_like_none_gets_no_suggestion() {
        assert_eq!(message(&["xyz"]), "error: there is no verb `xyz`\n");
    }

    #[test]
    fn no_verb_and_stray_arguments_are_errors() {
        assert_eq!(message(&[]), "error: no verb given\n");
        assert_eq!(
            message(&["demo", "--deep"]),
            "error: `demo` does not take the argument `--deep`\n"
        );
    }
}
