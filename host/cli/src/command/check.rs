//! `wodehost check`: whether a plugin can be used, as an exit code.

use super::{LookFlag, report};
use crate::args::Globals;
use crate::config::{Look, pick_one};
use crate::conformance;
use crate::error::Error;
use crate::exit::Exit;
use crate::flags::{CacheFlags, PluginFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::logging::Guests;
use crate::session::{Runs, Session, configure};
use crate::shown;
use serde::Serialize;

/// Flags of `check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost check hello.wasm && echo usable\n\n\
    With --conformance the plugin is not granted anything, whatever the configuration says.\n\
    Exit codes: 0 usable, 20 not; 3 when a grant or folder is wrong."
)]
pub(crate) struct CheckArgs {
    /// The plugin: a component's file, or a name in wodehost.toml
    plugin: String,
    /// Run the contract's conformance suite against it and print a report
    #[arg(long)]
    conformance: bool,
    #[command(flatten)]
    look: LookFlag,
    #[command(flatten)]
    cache: CacheFlags,
    #[command(flatten)]
    grants: PluginFlags,
}

impl CheckArgs {
    /// The suite looks at what guests log.
    pub(super) fn guests(&self) -> Guests {
        if self.conformance {
            Guests::Kept
        } else {
            Guests::Shown
        }
    }
}

/// A plugin that can be used.
#[derive(Debug, Serialize)]
struct Usable {
    schema: u32,
    path: String,
    plugin: String,
    roles: Vec<&'static str>,
}

impl Usable {
    fn render(&self) -> String {
        let path = shown::text(&self.path);
        let (roles, plugin) = (self.roles.join(" and "), shown::text(&self.plugin));
        format!("ok: {path} is a {roles}, {plugin}\n")
    }
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &CheckArgs, look: Option<Look>) -> Result<Exit, Error> {
    let limits = &args.grants.limits;
    let config = configure(
        globals,
        &SlotFlags::default(),
        &args.cache,
        limits,
        &JobFlags::default(),
    )?;
    let specs = pick_one(&config, &args.grants, &args.plugin)?;
    let session = Session::start(&config, &specs, Runs::Many, globals.printer())?;
    let plugin = session.load(&specs[0])?;
    if args.conformance {
        let found = conformance::prove(&session, &specs[0].path)?;
        report(args.look.output, look, || found.render(), &found)?;
        return Ok(if found.is_green() {
            Exit::Success
        } else {
            Exit::Plugin
        });
    }
    let usable = Usable {
        schema: 1,
        path: plugin.path().to_string_lossy().into_owned(),
        plugin: plugin.to_string(),
        roles: plugin.roles(),
    };
    report(args.look.output, look, || usable.render(), &usable)?;
    Ok(Exit::Success)
}
