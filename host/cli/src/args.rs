//! The command line's shape: global flags, and a command each with its own.

use crate::command::{
    build::BuildArgs, call::CallArgs, check::CheckArgs, completions::CompletionsArgs,
    config::ConfigArgs, doctor::DoctorArgs, inspect::InspectArgs, jobs::JobsArgs, man::ManArgs,
    map::MapArgs, new::NewArgs, replay::ReplayArgs, run::RunArgs, top::TopArgs,
};
use crate::printer::{Color, Printer};
use clap::builder::styling::{AnsiColor, Styles};
use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand};
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
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
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

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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

/// The verb that was meant where clap, which looks for letters in their places, has
/// no suggestion: two of them are swapped, or one is missing.
pub(crate) fn swapped(error: &clap::Error) -> Option<String> {
    let is_suggested = error.get(ContextKind::SuggestedSubcommand).is_some();
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let root = Cli::command();
    let mut verbs = root.get_subcommands().map(clap::Command::get_name);
    let verb = verbs.find(|verb| strsim::osa_distance(verb, word) == 1)?;
    (!is_suggested).then(|| verb.to_owned())
}

/// The colour choice as far as it can be known before the command line is
/// understood: for messages about the command line itself.
pub(crate) fn color_hint(args: impl IntoIterator<Item = std::ffi::OsString>) -> Color {
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
        Cli::command().debug_assert();
    }

    #[test]
    fn a_verb_with_swapped_letters_is_found() {
        let meant = |word: &str| {
            let error = Cli::try_parse_from(["wodehost", word]).expect_err("no verb");
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
