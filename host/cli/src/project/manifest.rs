//! `plugin.toml`: what `wodehost build` makes of a folder. Read strictly, as
//! `wodehost.toml` is.

use super::{Language, Role};
use crate::config::read_strictly;
use crate::error::{Error, in_words, nearest};
use serde::Deserialize;
use std::path::Path;

/// The file of a project.
pub(crate) const FILE: &str = "plugin.toml";

/// The keys that there are, for suggestions.
const KEYS: [&str; 6] = ["name", "language", "roles", "sdk", "sources", "flags"];

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Manifest {
    /// The plugin's name: that of its file, and of the worker.
    pub(crate) name: String,
    pub(crate) language: Language,
    /// What it exports.
    pub(crate) roles: Vec<Role>,
    /// The SDK's folder, from the project's.
    #[serde(default = "sdk")]
    pub(crate) sdk: String,
    /// C and C++: the sources, from the project's folder; empty = all that are there.
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    /// C and C++: what the compiler is told besides, for these sources.
    #[serde(default)]
    pub(crate) flags: Vec<String>,
}

fn sdk() -> String {
    "sdk".to_owned()
}

impl Manifest {
    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Manifest, Error> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::config(format!("{shown} cannot be read"))
                .because(in_words(&error))
                .hint("a plugin's folder has a plugin.toml; `wodehost new NAME` makes one")
        })?;
        Manifest::parse(&shown, &text)
    }

    fn parse(shown: &str, text: &str) -> Result<Manifest, Error> {
        let near = |path: &[String]| {
            let [key] = path else { return None };
            nearest(key, KEYS).map(str::to_owned)
        };
        let (manifest, _): (Manifest, _) = read_strictly(shown, text, near)?;
        if !is_name(&manifest.name) {
            return Err(not_a_name(&manifest.name).in_config(format!("{shown}: name")));
        }
        if manifest.roles.is_empty() {
            return Err(Error::config(format!("{shown}: roles is empty"))
                .hint(r#"write what the plugin is, such as roles = ["worker"]"#));
        }
        Ok(manifest)
    }
}

/// Whether a plugin can be called so: it is a file's name and one in many languages.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// What is said to a name that is none.
pub(super) fn not_a_name(name: &str) -> Error {
    Error::usage(format!("a plugin cannot be called `{name}`"))
        .hint("a name has small letters, digits and `-`, begins with a letter, and has at most 64 of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let error = Manifest::parse("plugin.toml", text).expect_err("wrong");
        anstream::adapter::strip_str(&error.render()).to_string()
    }

    #[test]
    fn a_manifest_is_read() {
        let text = "name = \"hello\"\nlanguage = \"cpp\"\nroles = [\"worker\", \"gate\"]\n";
        let manifest = Manifest::parse("plugin.toml", text).expect("right");
        assert_eq!(
            manifest,
            Manifest {
                name: "hello".to_owned(),
                language: Language::Cpp,
                roles: vec![Role::Worker, Role::Gate],
                sdk: "sdk".to_owned(),
                sources: Vec::new(),
                flags: Vec::new(),
            }
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let wrong = error("name = \"a\"\nlanguage = \"java\"\nroles = [\"worker\"]\n");
        assert!(
            wrong.starts_with("error: plugin.toml:2: language cannot be read\n"),
            "{wrong}"
        );
        let wrong =
            error("name = \"a\"\nlangage = \"go\"\nlanguage = \"go\"\nroles = [\"gate\"]\n");
        assert_eq!(
            wrong,
            "error: plugin.toml:2: there is no key `langage`\nhint: did you mean `language`?\n"
        );
        let wrong = error("name = \"A b\"\nlanguage = \"go\"\nroles = [\"gate\"]\n");
        assert!(wrong.contains("cannot be called `A b`"), "{wrong}");
        let wrong = error("name = \"a\"\nlanguage = \"go\"\nroles = []\n");
        assert!(wrong.contains("roles is empty"), "{wrong}");
    }

    #[test]
    fn names_are_those_of_files_and_packages() {
        for (name, is) in [
            ("a", true),
            ("a-1", true),
            ("1a", false),
            ("-a", false),
            ("", false),
            ("ä", false),
            ("a_b", false),
            ("a/b", false),
        ] {
            assert_eq!(is_name(name), is, "{name}");
        }
    }
}
