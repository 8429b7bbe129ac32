//! Writes a new project: a template's files with the plugin's name in them, and the SDK.

use super::embedded::{self, File};
use super::{Language, Project, Role, manifest};
use crate::error::{Error, Kind, in_words};
use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::Path;

/// What stands in templates where the plugin's name goes.
const NAME: &[u8] = b"{{name}}";

/// Makes a project in a folder that is not there yet, or is empty; its last part is the
/// plugin's name.
pub(crate) fn make(folder: &Path, language: Language, role: Role) -> Result<Project, Error> {
    let place = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    if !manifest::is_name(&name) {
        return Err(manifest::not_a_name(&name));
    }
    if is_taken(folder) {
        return Err(
            Error::usage(format!("{} is there already", folder.display()))
                .hint("give another name, or remove what is there"),
        );
    }
    for file in embedded::template(language, role) {
        put(folder, file, &name)?;
    }
    for file in embedded::sdk(language) {
        put(folder, file, &name)?;
    }
    Project::open(folder)
}

/// Whether there is something that could be overwritten.
fn is_taken(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn put(folder: &Path, (path, bytes): File, name: &str) -> Result<(), Error> {
    let path = folder.join(path);
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&path, named(bytes, name)))
        .map_err(|error| {
            Error::new(
                Kind::Output,
                format!("{} cannot be written", path.display()),
            )
            .because(in_words(&error))
        })
}

/// A template with the plugin's name in it.
fn named<'b>(bytes: &'b [u8], name: &str) -> Cow<'b, [u8]> {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.windows(NAME.len()).any(|part| part == NAME) => {
            text.replace("{{name}}", name).into_bytes().into()
        }
        Ok(_) | Err(_) => bytes.into(),
    }
}
