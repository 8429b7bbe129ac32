//! The SDKs and the templates of new projects, built in: a project can be made wherever this
//! program is.

use super::{Language, Role};

// `FILES`: paths such as `python/sdk/…` and `python/template/worker/…`, and what is in them.
include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A file of an SDK or a template: where it goes in a project's folder, and what is in it.
pub(super) type File = (&'static str, &'static [u8]);

/// A language's SDK, under `sdk/`.
pub(super) fn sdk(language: Language) -> impl Iterator<Item = File> {
    let prefix = format!("{}/", language.name());
    let files = FILES
        .iter()
        .filter_map(move |(path, bytes)| Some((path.strip_prefix(&prefix)?, *bytes)));
    files.filter(|(path, _)| path.starts_with("sdk/"))
}

/// A new project.
pub(super) fn template(language: Language, role: Role) -> impl Iterator<Item = File> {
    let prefix = format!("{}/template/{}/", language.name(), role.name());
    FILES
        .iter()
        .filter_map(move |(path, bytes)| Some((path.strip_prefix(&prefix)?, *bytes)))
}
