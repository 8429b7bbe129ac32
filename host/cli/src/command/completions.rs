//! `wodehost completions`: what a shell needs to complete our command line.

use crate::args::Cli;
use crate::error::Error;
use crate::exit::Exit;
use crate::printer;
use clap::CommandFactory;
use clap_complete::Shell;

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost completions bash > ~/.local/share/bash-completion/completions/wodehost"
)]
pub(crate) struct CompletionsArgs {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(hide_possible_values = true)]
    shell: Shell,
}

/// Runs it.
pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Cli::<crate::args::Command>::command(),
        "wodehost",
        &mut script,
    );
    printer::data(&script)?;
    Ok(Exit::Success)
}
