//! From a project's folder to its component: a file for each way in which languages build.

mod c;
mod go;
mod javascript;
mod python;
mod rust;
mod stamp;

use super::tools::{self, Tools};
use super::{Language, Project};
use crate::error::{Error, Kind, in_words};
use std::fs::{self, File};
use std::path::Path;

/// What a build did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Built {
    /// It made the component.
    Anew,
    /// Nothing had changed since it was made.
    Before,
}

/// Builds a project's component and puts it beside its `plugin.toml`. Two builds of a project
/// wait for each other.
pub(crate) fn build(project: &Project, tools: &Tools) -> Result<Built, Error> {
    let _turn = lock(project)?;
    let mark = project.scratch().join("built");
    // Cargo knows best what has changed.
    let is_stamped = project.manifest.language != Language::Rust;
    if is_stamped && tools::is_stamped(&mark, &stamp::of(project)?) {
        return Ok(Built::Before);
    }
    let component = match project.manifest.language {
        Language::Rust => rust::build(project, tools.printer)?,
        Language::Python => python::build(project, tools)?,
        Language::JavaScript | Language::TypeScript => javascript::build(project, tools)?,
        Language::Go => go::build(project, tools)?,
        Language::C | Language::Cpp => c::build(project, tools)?,
    };
    write(&project.component(), &component)?;
    if is_stamped {
        tools::stamp(&mark, &stamp::of(project)?)?;
    }
    Ok(Built::Anew)
}

/// Makes the folder for what a build leaves, and waits until nobody else builds in it.
fn lock(project: &Project) -> Result<File, Error> {
    let scratch = project.scratch();
    let locked = fs::create_dir_all(&scratch)
        .and_then(|()| File::create(scratch.join("lock")))
        .and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| {
        Error::config(format!("nothing can be built in {}", scratch.display()))
            .because(in_words(&error))
    })
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
