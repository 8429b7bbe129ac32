//! `wodehost jobs drop`: jobs that are over are forgotten.

use super::change::{self, Verb};
use crate::args::Globals;
use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::choice::ChoiceFlags;
use wodehost::store::{Change, Filter, Standing};

/// Flags of `jobs drop`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost jobs drop k3f9ax-17 --store jobs.db\n  wodehost jobs drop --store jobs.db --dead --older-than 30d --yes\n\n\
    A job that is not over has to be cancelled before, with `jobs cancel`. `map` runs a line again whose job was dropped.\n\
    Without --state, filters mean those that are over. A host that has the store does it itself.\n\
    Exit codes: 0; 2 when a job that was named could not be dropped; 30 when the store cannot be used."
)]
pub(crate) struct DropArgs {
    #[command(flatten)]
    choice: ChoiceFlags,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &DropArgs) -> Result<Exit, Error> {
    let verb = Verb {
        change: Change::Drop,
        done: "dropped",
        usual,
        then: None,
    };
    change::run(globals, &args.choice, &verb)
}

fn usual(filter: &mut Filter) {
    if filter.states.is_empty() {
        filter.states = vec![Standing::Done, Standing::Undelivered];
    }
}
