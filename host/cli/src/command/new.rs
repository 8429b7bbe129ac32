//! `wodehost new`: a project for a plugin, in a language of one's own.

use crate::args::Globals;
use crate::error::Error;
use crate::exit::Exit;
use crate::project::{Language, Role, scaffold};
use crate::shown;
use std::path::PathBuf;

/// Flags of `new`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost new --lang python hello && wodehost build hello && wodehost call hello/hello.wasm '{\"name\": \"Ada\"}'"
)]
pub(crate) struct NewArgs {
    /// The folder to make; its last part is the plugin's name
    folder: PathBuf,
    /// The language: rust, python, javascript, typescript, go, c or cpp
    #[arg(
        long,
        value_name = "LANGUAGE",
        default_value = "rust",
        hide_possible_values = true
    )]
    lang: Language,
    /// What the plugin is: worker, producer or consumer
    #[arg(long, default_value = "worker", hide_possible_values = true)]
    role: Role,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &NewArgs) -> Result<Exit, Error> {
    let project = scaffold::make(&args.folder, args.lang, args.role)?;
    let folder = shown::path(&args.folder);
    let printer = globals.printer();
    printer.note(&format!(
        "made {folder}, a {} in {}",
        args.role.name(),
        args.lang
    ));
    printer.note(&format!("  wodehost build {folder}"));
    if args.role == Role::Worker {
        let component = args.folder.join(format!("{}.wasm", project.manifest.name));
        let component = shown::path(&component);
        printer.note(&format!(
            "  wodehost call {component} '{{\"name\": \"Ada\"}}'"
        ));
    }
    Ok(Exit::Success)
}
