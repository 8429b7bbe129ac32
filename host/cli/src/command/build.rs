//! `wodehost build`: the language's own build, and a component that is checked.

use crate::args::Globals;
use crate::config::{ENV_TOOLS, pick_one};
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::flags::{CacheFlags, LimitFlags, PluginFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::project::build::{self, Built};
use crate::project::tools::Tools;
use crate::project::{Project, SCRATCH};
use crate::session::{Runs, Session, configure};
use crate::shown;
use std::path::{Path, PathBuf};

/// Flags of `build`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost build hello\n\nExit codes: 0 built and usable, 20 not; 3 when a tool is missing or plugin.toml is wrong."
)]
pub(crate) struct BuildArgs {
    /// The plugins' folders, each with a plugin.toml
    #[arg(default_value = ".", value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Where tools are installed [default: .wodehost/tools in the plugin's folder]
    #[arg(long, value_name = "DIR", env = ENV_TOOLS, hide_env = true)]
    tools: Option<PathBuf>,
    /// Fail where a tool would have to be installed
    #[arg(long)]
    no_install: bool,
    #[command(flatten)]
    cache: CacheFlags,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &BuildArgs) -> Result<Exit, Error> {
    for folder in &args.folders {
        let project = Project::open(folder)?;
        let tools = args.tools.clone();
        let tools = tools.unwrap_or_else(|| project.folder.join(SCRATCH).join("tools"));
        let tools = std::path::absolute(&tools).unwrap_or(tools);
        let mut tools = Tools::new(tools, globals.printer());
        if args.no_install {
            tools = tools.without_installing();
        }
        let built = build::build(&project, &tools)?;
        // As the user wrote it.
        let component = folder.join(format!("{}.wasm", project.manifest.name));
        let plugin = check(globals, args, &project, &component)?;
        let component = shown::path(&component);
        globals.printer().note(&match built {
            Built::Anew => format!("built {component}: {plugin}"),
            Built::Before => format!("{component} is up to date: {plugin}"),
        });
    }
    Ok(Exit::Success)
}

/// Loads it as a run would, and compares its roles with those that it should have. The
/// first run finds it compiled.
fn check(
    globals: &Globals,
    args: &BuildArgs,
    project: &Project,
    component: &Path,
) -> Result<String, Error> {
    let config = configure(
        globals,
        &SlotFlags::default(),
        &args.cache,
        &LimitFlags::default(),
        &JobFlags::default(),
    )?;
    let specs = pick_one(
        &config,
        &PluginFlags::default(),
        &component.to_string_lossy(),
    )?;
    let plugin = Session::start(&config, &specs, Runs::Many, globals.printer())?.load(&specs[0])?;
    let roles = plugin.roles();
    if let Some(role) = project
        .manifest
        .roles
        .iter()
        .find(|role| !roles.contains(&role.name()))
    {
        return Err(Error::new(
            Kind::Plugin,
            format!("{} is no {}", component.display(), role.name()),
        )
        .because(format!("it is a {}", roles.join(" and ")))
        .hint("plugin.toml says which roles the plugin has"));
    }
    Ok(format!("a {}, {plugin}", roles.join(" and ")))
}
