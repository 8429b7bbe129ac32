//! Python's Jobserver, from its own registry, in a virtual environment.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// At the version whose figure the reach was set by.
pub(super) const PACKAGE: &str = "jobserver==3.0.1";

/// Installs it; pip builds it, as the registry has its sources only.
pub(super) fn set_up(_: &Workspace, place: &Path) -> Result<(), Error> {
    let python = environment(place, &["--no-deps", PACKAGE])?;
    process::run(Command::new(python).args(["-c", "import jobserver"]))
}

/// Makes a virtual environment with packages; its interpreter.
pub(super) fn environment(place: &Path, packages: &[&str]) -> Result<std::path::PathBuf, Error> {
    let mut venv = Command::new("python3");
    process::run(venv.args(["-m", "venv", "--clear"]).arg(place))?;
    let python = place.join("bin/python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet"])
        .arg("--disable-pip-version-check")
        .args(packages);
    process::run(&mut pip)?;
    Ok(python)
}
