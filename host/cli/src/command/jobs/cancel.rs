//! `wodehost jobs cancel`: jobs that are not over end as cancelled.

use super::change::{self, Verb};
use crate::args::Globals;
use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::choice::ChoiceFlags;
use wodehost::store::{Change, Filter, Standing};

/// Flags of `jobs cancel`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost jobs cancel k3f9ax-17 --store jobs.db\n  wodehost jobs cancel --store jobs.db --worker scale --yes\n\n\
    Without --state, filters mean those that are not over. A host that has the store does it itself.\n\
    Exit codes: 0; 2 when a job that was named could not be cancelled; 30 when the store cannot be used."
)]
pub(crate) struct CancelArgs {
    #[command(flatten)]
    choice: ChoiceFlags,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &CancelArgs) -> Result<Exit, Error> {
    let verb = Verb {
        change: Change::Cancel,
        done: "cancelled",
        usual,
        then: None,
    };
    change::run(globals, &args.choice, &verb)
}

fn usual(filter: &mut Filter) {
    if filter.states.is_empty() {
        filter.states = vec![Standing::Queued, Standing::Claimed];
    }
}
