//! Packages from npm's registry, as a project's lock file pins them.

use super::{Command, Program, Tools, Version, is_stamped, stamp};
use crate::error::{Error, in_words};
use crate::project::Language;
use std::path::{Path, PathBuf};

const NODE: Program = Program {
    title: "Node",
    names: &["node"],
    ask: &["--version"],
    at_least: Version([20, 0, 0]),
    how: "install Node from your system's packages or from nodejs.org; npm comes with it",
};

impl Tools {
    /// Finds Node, and brings `node_modules` of a project to what its lock file says.
    pub(in crate::project) fn node_modules(
        &self,
        folder: &Path,
        language: Language,
    ) -> Result<PathBuf, Error> {
        let node = NODE.find(language)?;
        let lock = folder.join("package-lock.json");
        let wanted = std::fs::read_to_string(&lock).map_err(|error| {
            Error::config(format!("{} cannot be read", lock.display()))
                .because(in_words(&error))
                .hint("`npm install` in the project's folder makes it")
        })?;
        let modules = folder.join("node_modules");
        let mark = modules.join(".wodehost-installed");
        if is_stamped(&mark, &wanted) {
            return Ok(node);
        }
        self.begin(&format!("what {} names", lock.display()))?;
        Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .within(folder)
            .run(self.printer, || {
                Error::config(format!(
                    "the packages of {} cannot be installed",
                    lock.display()
                ))
            })?;
        stamp(&mark, &wanted)?;
        Ok(node)
    }
}
