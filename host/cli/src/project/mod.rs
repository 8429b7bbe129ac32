//! Projects of plugins: a folder with a `plugin.toml`, which `wodehost new` makes and
//! `wodehost build` turns into a component.
//!
//! From above to below: [`scaffold`] writes a new project from the files of an SDK that are
//! built in ([`embedded`]); [`build`] runs a language's own build with tools that [`tools`]
//! finds or installs; [`world`] and [`component`] make a component where the language's build
//! ends with less.

pub(crate) mod build;
mod component;
mod embedded;
mod language;
mod manifest;
pub(crate) mod scaffold;
pub(crate) mod tools;
mod world;

pub(crate) use language::{Language, Role};
pub(crate) use manifest::{FILE, Manifest};

use crate::error::{Error, in_words};
use std::path::{Path, PathBuf};

/// The folder of a project in which its build leaves what it may need again.
pub(crate) const SCRATCH: &str = ".wodehost";

/// A folder with a `plugin.toml`.
#[derive(Debug)]
pub(crate) struct Project {
    /// Its folder, from the root.
    pub(crate) folder: PathBuf,
    /// What `plugin.toml` says.
    pub(crate) manifest: Manifest,
}

impl Project {
    /// Reads a project.
    pub(crate) fn open(folder: &Path) -> Result<Project, Error> {
        let manifest = Manifest::read(&folder.join(FILE))?;
        let folder = std::path::absolute(folder).map_err(|error| {
            Error::config(format!("{} cannot be found", folder.display())).because(in_words(&error))
        })?;
        Ok(Project { folder, manifest })
    }

    /// Where its component goes.
    pub(crate) fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.manifest.name))
    }

    /// Where the SDK stands that it is built with.
    pub(crate) fn sdk(&self) -> PathBuf {
        self.folder.join(&self.manifest.sdk)
    }

    /// Where its build leaves what it may need again.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.folder.join(SCRATCH)
    }
}
