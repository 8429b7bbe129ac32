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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;
    use std::path::Path;

    #[test]
    fn every_language_has_an_sdk_and_a_template_of_each_role() {
        for language in Language::value_variants() {
            assert!(sdk(*language).count() > 5, "{language}");
            for role in Role::value_variants() {
                let has = |wanted: &str| template(*language, *role).any(|(path, _)| path == wanted);
                assert!(
                    has("plugin.toml") && has(".gitignore"),
                    "{language} {}",
                    role.name()
                );
            }
        }
    }

    // A file that is new is seen when another one changes.
    #[test]
    fn what_is_built_in_is_what_there_is() {
        let sdks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guest-sdk");
        for language in Language::value_variants() {
            for role in Role::value_variants() {
                let folder = sdks
                    .join(language.name())
                    .join("template")
                    .join(role.name());
                let files = std::fs::read_dir(folder).expect("a template").count();
                let tops = template(*language, *role).map(|(path, _)| path.split('/').next());
                let tops: std::collections::BTreeSet<_> = tops.collect();
                assert_eq!(
                    tops.len(),
                    files,
                    "{language}: touch host/cli/build/embedded.rs"
                );
            }
        }
    }
}
