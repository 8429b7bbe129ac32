//! `wodehost jobs retry`: jobs that did not succeed are queued again.

use super::change::{self, Verb};
use crate::args::Globals;
use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::choice::ChoiceFlags;
use crate::jobs::filter::DEAD;
use wodehost::store::{Change, Filter};

/// Flags of `jobs retry`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost jobs retry k3f9ax-17 --store jobs.db\n  wodehost jobs retry --store jobs.db --dead --reason quarantined --yes\n\n\
    They go on when the command that they belong to is started again with the same --store and, for\n\
    `map`, the same input. Of a parallel job only the items run again that did not succeed.\n\
    Without --status, filters mean those that did not succeed. A host that has the store does it itself.\n\
    Exit codes: 0; 2 when a job that was named could not be queued; 30 when the store cannot be used."
)]
pub(crate) struct RetryArgs {
    /// Begin without the state that they carried from attempt to attempt
    #[arg(long)]
    reset_state: bool,
    #[command(flatten)]
    choice: ChoiceFlags,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &RetryArgs) -> Result<Exit, Error> {
    let verb = Verb {
        change: Change::Retry {
            resets_state: args.reset_state,
        },
        done: "queued again",
        usual,
        then: Some("start their command again, and they go on"),
    };
    change::run(globals, &args.choice, &verb)
}

fn usual(filter: &mut Filter) {
    if filter.statuses.is_empty() {
        filter.statuses = DEAD.to_vec();
    }
}
