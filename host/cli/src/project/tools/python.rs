//! Tools from Python's registry, in a virtual environment.

use super::{Command, Program, Tools, Version, is_stamped, stamp};
use crate::error::Error;
use crate::project::Language;
use std::path::{Path, PathBuf};

const PYTHON: Program = Program {
    title: "Python",
    names: &["python3", "python"],
    ask: &["--version"],
    at_least: Version([3, 10, 0]),
    how: "install Python from your system's packages, with its module venv (on Debian: apt-get install python3 python3-venv)",
};

/// A package at the version that is known to work.
#[derive(Debug, Clone, Copy)]
pub(in crate::project) struct Pinned {
    pub(in crate::project) name: &'static str,
    pub(in crate::project) version: &'static str,
}

impl Tools {
    /// A virtual environment with a package, which is installed if it is not there: its
    /// folder of programs.
    pub(in crate::project) fn python_package(
        &self,
        package: Pinned,
        language: Language,
    ) -> Result<PathBuf, Error> {
        let Pinned { name, version } = package;
        let environment = self.folder.join(name);
        let (bin, mark) = (environment.join("bin"), environment.join("installed"));
        let wanted = format!("{name}=={version}");
        if is_stamped(&mark, &wanted) {
            return Ok(bin);
        }
        let python = PYTHON.find(language).map_err(|error| {
            error.because(format!("it installs {name}, which builds the plugin"))
        })?;
        let _turn = self.lock()?;
        if is_stamped(&mark, &wanted) {
            return Ok(bin);
        }
        self.begin(&format!("{name} {version}"))?;
        let failed = || Error::config(format!("{name} {version} cannot be installed"));
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&environment)
            .run(self.printer, || {
                failed().hint(
                    "Python's module venv may be missing (on Debian: apt-get install python3-venv)",
                )
            })?;
        self.pip(&bin, &["--only-binary", ":all:", &wanted], failed)?;
        stamp(&mark, &wanted)?;
        Ok(bin)
    }

    /// Runs `pip install` of a virtual environment.
    pub(in crate::project) fn pip(
        &self,
        bin: &Path,
        args: &[&str],
        failed: impl FnOnce() -> Error,
    ) -> Result<(), Error> {
        Command::new(bin.join("python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(args)
            .run(self.printer, failed)
    }
}
