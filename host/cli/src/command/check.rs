//! `wodehost check`: whether a plugin can be used, as an exit code.

use crate::args::Globals;
use crate::config::pick_one;
use crate::error::Error;
use crate::exit::Exit;
use crate::flags::{CacheFlags, PluginFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::printer;
use crate::session::{Session, configure};
use crate::shown;

/// Flags of `check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost check hello.wasm && echo usable\n\nExit codes: 0 usable, 20 not; 3 when a grant or folder is wrong."
)]
pub(crate) struct CheckArgs {
    /// The plugin: a component's file, or a name in wodehost.toml
    plugin: String,
    #[command(flatten)]
    cache: CacheFlags,
    #[command(flatten)]
    grants: PluginFlags,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &CheckArgs) -> Result<Exit, Error> {
    let limits = &args.grants.limits;
    let config = configure(
        globals,
        &SlotFlags::default(),
        &args.cache,
        limits,
        &JobFlags::default(),
    )?;
    let specs = pick_one(&config, &args.grants, &args.plugin)?;
    let session = Session::start(&config, &specs, globals.printer())?;
    let plugin = session.load(&specs[0])?;
    let roles = plugin.roles().join(" and ");
    let (path, plugin) = (shown::path(plugin.path()), plugin.to_string());
    let plugin = shown::text(&plugin);
    printer::report(&format!("ok: {path} is a {roles}, {plugin}\n"))?;
    Ok(Exit::Success)
}
