//! `wodehost config`: what applies and where it came from, and the schema.

use super::{LookFlag, report};
use crate::args::Globals;
use crate::config::{DEFAULTS, Look, as_json, as_toml, schema};
use crate::error::Error;
use crate::exit::Exit;
use crate::flags::{CacheFlags, LimitFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::printer;
use crate::session::configure;

/// Flags of `config`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  wodehost config show")]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Shows each value that applies, and whether a file, a variable or a flag set it
    Show(Box<ShowArgs>),
    /// Prints a JSON schema of wodehost.toml, for editors
    #[command(after_help = "Example:\n  wodehost config schema > wodehost.schema.json")]
    Schema,
}

/// Flags of `config show`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost config show\n  wodehost config show --default > wodehost.toml"
)]
struct ShowArgs {
    /// Print the built-in defaults instead, as a commented file to start from
    #[arg(long)]
    default: bool,
    #[command(flatten)]
    look: LookFlag,
    #[command(flatten)]
    slots: SlotFlags,
    #[command(flatten)]
    cache: CacheFlags,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    job: JobFlags,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &ConfigArgs, look: Option<Look>) -> Result<Exit, Error> {
    match &args.what {
        What::Schema => printer::data(format!("{:#}\n", schema()).as_bytes())?,
        What::Show(args) if args.default => printer::data(DEFAULTS.as_bytes())?,
        What::Show(args) => {
            let config = configure(globals, &args.slots, &args.cache, &args.limits, &args.job)?;
            report(
                args.look.output,
                look,
                || as_toml(&config),
                &as_json(&config),
            )?;
        }
    }
    Ok(Exit::Success)
}
