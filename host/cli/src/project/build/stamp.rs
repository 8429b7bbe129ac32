//! Whether a component is what its project's build would make again: builds take up to a
//! quarter of a minute.

use crate::error::{Error, in_words};
use crate::project::{Project, SCRATCH};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::Path;

/// Raised when one of the builds changes.
const RECIPES: u32 = 2;

/// Folders whose files follow from others.
const MADE: [&str; 5] = [SCRATCH, "node_modules", "target", "__pycache__", ".git"];

/// What a build makes its component of, and the component: all bytes of both.
pub(super) fn of(project: &Project) -> Result<String, Error> {
    let mut hash = Sha256::new();
    hash.update(format!("{} {RECIPES}", env!("CARGO_PKG_VERSION")));
    add_all(&mut hash, project).map_err(|error| {
        Error::config(format!("{} cannot be read", project.folder.display()))
            .because(in_words(&error))
    })?;
    let digest: Vec<String> = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(digest.concat())
}

fn add_all(hash: &mut Sha256, project: &Project) -> io::Result<()> {
    add(hash, &project.folder)?;
    let sdk = project.sdk();
    if !sdk.starts_with(&project.folder) || project.manifest.sdk.starts_with("..") {
        add(hash, &sdk)?;
    }
    match fs::read(project.component()) {
        Ok(bytes) => hash.update(bytes),
        // None is another state than any.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Adds the names and bytes of all files below a folder that nothing made.
fn add(hash: &mut Sha256, folder: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if entry.is_dir() {
            if !MADE.contains(&&*name) && !is_environment(&entry) {
                hash.update(format!("{name}/"));
                add(hash, &entry)?;
            }
        } else if !name.ends_with(".wasm") && !name.ends_with(".wasm.new") {
            let bytes = fs::read(&entry)?;
            hash.update(format!("{name} {} ", bytes.len()));
            hash.update(bytes);
        }
    }
    Ok(())
}

/// Whether it is a virtual environment of Python's, in which an editor runs: builds have their own.
fn is_environment(folder: &Path) -> bool {
    folder.join("pyvenv.cfg").is_file()
}
