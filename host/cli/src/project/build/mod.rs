//! From a project's folder to its component: a file for each way in which languages build.

mod rust;

use super::tools::Tools;
use super::{Language, Project, world};
use crate::error::{Error, Kind, in_words};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds a project's component and puts it beside its `plugin.toml`.
pub(crate) fn build(project: &Project, tools: &Tools) -> Result<PathBuf, Error> {
    let component = match project.manifest.language {
        Language::Rust => rust::build(project, tools.printer)?,
        Language::Python
        | Language::JavaScript
        | Language::TypeScript
        | Language::Go
        | Language::C
        | Language::Cpp => todo!(),
    };
    let path = project.component();
    write(&path, &component)?;
    Ok(path)
}

/// Writes a file in two moves: a host that loads it meanwhile sees the old or the new one.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let staged = path.with_extension("wasm.new");
    fs::write(&staged, bytes)
        .and_then(|()| fs::rename(&staged, path))
        .map_err(|error| {
            Error::new(
                Kind::Output,
                format!("{} cannot be written", path.display()),
            )
            .because(in_words(&error))
        })
}

/// Reads what a build has left.
fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        Error::new(
            Kind::Plugin,
            format!("the build left no {}", path.display()),
        )
        .because(in_words(&error))
    })
}

/// A project whose own build failed; what it said stands above.
fn failed(project: &Project) -> Error {
    Error::new(
        Kind::Plugin,
        format!("`{}` cannot be built", project.manifest.name),
    )
}
