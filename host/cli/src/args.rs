//! The command line's shape: global flags, and a command each with its own.

use crate::command::{
    build::BuildArgs, call::CallArgs, check::CheckArgs, completions::CompletionsArgs,
    config::ConfigArgs, doctor::DoctorArgs, inspect::InspectArgs, jobs::JobsArgs, man::ManArgs,
    map::MapArgs, new::NewArgs, replay::ReplayArgs, run::RunArgs, top::TopArgs,
};
use crate::printer::{Color, Printer};
use clap::builder::styling::{AnsiColor, Styles};
use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

/// Runs untrusted jobs as WebAssembly components, each in a sandbox of its own.
#[derive(Debug, Parser)]
#[command(
    name = "wodehost",
    bin_name = "wodehost",
    version,
    styles = STYLES,
    max_term_width = 100,
    after_help = "Example:\n  seq 10 | wodehost map double.wasm\n\nExit codes: 0 all succeeded, 10 some jobs failed, 11 only timeouts, 12 stopped, 14 producer failed; \
                  1, 2, 3, 20, 30, 74, 130 for what went wrong before or around them (see `wodehost man`)."
)]
pub(crate) struct Cli<C: Subcommand = Command> {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: C,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Configuration file [default: wodehost.toml in the current folder, if there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// When to use colours: auto, always or never [default: auto]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) color: Option<Color>,
    /// Say more: -v info, -vv debug, -vvv trace
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Write log lines, notes and errors on stderr as JSON, an object a line
    #[arg(long, global = true)]
    pub(crate) log_json: bool,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

impl Globals {
    /// How much is said.
    pub(crate) fn printer(&self) -> Printer {
        if self.quiet {
            Printer::Quiet
        } else {
            Printer::Normal
        }
    }
}

/// The commands, each with its flags and once more without.
macro_rules! commands {
    ($($(#[doc = $about:literal])+ $verb:ident($flags:ty),)+) => {
        /// The commands.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($(#[doc = $about])+ $verb($flags),)+
        }

        /// Their names alone, for all but the one that is meant: to make the flags of all takes
        /// half a millisecond.
        #[derive(Debug, Subcommand)]
        enum Bare {
            $($(#[doc = $about])+ $verb,)+
        }

        /// Gives a bare command its flags.
        fn dressed(bare: clap::Command) -> clap::Command {
            // The flags would bring a sentence of their own.
            let about = bare.get_about().cloned().unwrap_or_default();
            let name = bare.get_name().to_owned();
            $(if stringify!($verb).eq_ignore_ascii_case(&name) {
                return <$flags>::augment_args(bare).about(about).long_about(None::<&str>);
            })+
            bare
        }
    };
}

commands! {
    /// Runs a producer, its workers and a consumer until the producer has no more
    Run(RunArgs),
    /// Gives each value of the input to a worker and writes the results
    Map(MapArgs),
    /// Runs one job and prints its result
    Call(CallArgs),
    /// Runs a recorded attempt again and compares how it ends
    Replay(ReplayArgs),
    /// Shows live what a run, a map or a call is doing
    Top(TopArgs),
    /// Shows the jobs of a store, and retries, cancels or drops them
    Jobs(JobsArgs),
    /// Makes a project for a plugin
    New(NewArgs),
    /// Builds a plugin's component from its project
    Build(BuildArgs),
    /// Shows what a plugin is, what it may do, and its limits
    Inspect(InspectArgs),
    /// Tells by its exit code whether a plugin can be used
    Check(CheckArgs),
    /// Looks for what is missing or wrong on this machine
    Doctor(DoctorArgs),
    /// Shows the configuration, or its schema
    Config(ConfigArgs),
    /// Prints completions for a shell
    Completions(CompletionsArgs),
    /// Prints the manual, or writes the pages into a folder
    Man(ManArgs),
}

/// Reads the command line.
///
/// # Errors
///
/// Wrong usage, and what was asked for instead of a command: help, or the version.
pub(crate) fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let first = args.get(1).and_then(|arg| arg.to_str());
    let bare = Cli::<Bare>::command();
    let verb = first.filter(|name| bare.find_subcommand(name).is_some());
    let command = match verb {
        Some(verb) => bare.mut_subcommand(verb, dressed),
        None => Cli::<Command>::command(),
    };
    let matches = command.try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut Cli::<Command>::command()))
}

/// The verb that was meant where clap, which looks for letters in their places, has
/// no suggestion: two of them are swapped, or one is missing.
pub(crate) fn swapped(error: &clap::Error) -> Option<String> {
    let is_suggested = error.get(ContextKind::SuggestedSubcommand).is_some();
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let root = Cli::<Bare>::command();
    let mut verbs = root.get_subcommands().map(clap::Command::get_name);
    let verb = verbs.find(|verb| strsim::osa_distance(verb, word) == 1)?;
    (!is_suggested).then(|| verb.to_owned())
}

/// The colour choice as far as it can be known before the command line is
/// understood: for messages about the command line itself.
pub(crate) fn color_hint(args: impl IntoIterator<Item = OsString>) -> Color {
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let value = match arg.to_str() {
            Some("--color") => args.next(),
            Some(text) => match text.strip_prefix("--color=") {
                Some(value) => Some(value.into()),
                None => continue,
            },
            None => continue,
        };
        return match value.as_deref().and_then(|v| v.to_str()) {
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            Some(_) | None => Color::Auto,
        };
    }
    Color::Auto
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::<Command>::command().debug_assert();
    }

    #[test]
    fn a_command_has_the_same_flags_whether_it_is_alone_or_with_all_others() {
        let mut all = Cli::<Command>::command();
        all.build();
        let names = all.get_subcommands().map(|verb| verb.get_name().to_owned());
        for name in names.filter(|name| name != "help").collect::<Vec<_>>() {
            let mut alone = Cli::<Bare>::command().mut_subcommand(&name, dressed);
            alone.build();
            let help = |root: &mut clap::Command| {
                let verb = root.find_subcommand_mut(&name).expect("it is there");
                verb.render_long_help().to_string()
            };
            assert_eq!(help(&mut alone), help(&mut all));
            assert!(parse(&["wodehost".into(), name.into(), "--nonsense".into()]).is_err());
        }
    }

    #[test]
    fn a_verb_with_swapped_letters_is_found() {
        let meant = |word: &str| {
            let error = parse(&["wodehost".into(), word.into()]).expect_err("no verb");
            let said = error.to_string().contains("tip:");
            (said, swapped(&error))
        };
        assert_eq!(meant("mpa"), (false, Some("map".to_owned())));
        assert_eq!(meant("inspct"), (true, None));
        assert_eq!(meant("frobnicate"), (false, None));
    }

    #[test]
    fn colour_is_known_before_the_rest() {
        let hint = |args: &[&str]| color_hint(args.iter().map(Into::into));
        assert_eq!(
            hint(&["wodehost", "--nope", "--color", "never"]),
            Color::Never
        );
        assert_eq!(hint(&["wodehost", "--color=always"]), Color::Always);
        assert_eq!(hint(&["wodehost"]), Color::Auto);
    }
}
