//! Makes sure that there is a make for the tests of its jobserver. Where the system
//! has none, Debian's package is unpacked into `target/make`: nobody has to be root,
//! and nothing is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// The variable that tells the tests which make to call.
pub(crate) const VARIABLE: &str = "WODEHOST_MAKE";

/// The make to call: the unpacked one, else that of the system.
pub(crate) fn program(workspace: &Workspace) -> PathBuf {
    let unpacked = folder(workspace).join("usr/bin/make");
    if unpacked.is_file() {
        unpacked
    } else {
        "make".into()
    }
}

/// Gets one if there is none.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Error> {
    if is_there(&program(workspace)) {
        return Ok(());
    }
    let folder = folder(workspace);
    eprintln!(
        "there is no make: unpacking Debian's package into {}",
        workspace.shown(&folder)
    );
    unpack(&folder).map_err(|error| error.hint("install make, as with `apt-get install make`"))?;
    if is_there(&program(workspace)) {
        return Ok(());
    }
    Err(Error::new("the make that was unpacked does not run")
        .hint("install make, as with `apt-get install make`"))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("make")
}

fn is_there(program: &Path) -> bool {
    process::succeeds(Command::new(program).arg("--version"))
}

/// Fetches the package and unpacks it.
fn unpack(folder: &Path) -> Result<(), Error> {
    // Lists of our own, for where the system has none and they are not ours to fetch.
    for part in ["lists/partial", "cache/archives/partial"] {
        let part = folder.join(part);
        fs::create_dir_all(&part).map_err(|error| cannot(&part, &error))?;
    }
    if process::run(apt_get(folder).args(["download", "make"])).is_err() {
        let own = [
            format!("Dir::State::lists={}/lists", folder.display()),
            format!("Dir::Cache={}/cache", folder.display()),
        ];
        let with_own = |verb: &[&str]| {
            let mut apt_get = apt_get(folder);
            for option in &own {
                apt_get.args(["-o", option]);
            }
            process::run(apt_get.args(verb))
        };
        with_own(&["update"])?;
        with_own(&["download", "make"])?;
    }
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.arg("-x").arg(package(folder)?).arg(folder);
    process::run(&mut dpkg)
}

fn apt_get(folder: &Path) -> Command {
    let mut apt_get = Command::new("apt-get");
    apt_get.arg("--quiet").current_dir(folder);
    apt_get
}

/// The package that was fetched.
fn package(folder: &Path) -> Result<PathBuf, Error> {
    let entries = fs::read_dir(folder).map_err(|error| cannot(folder, &error))?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .find(|path| path.extension().is_some_and(|ending| ending == "deb"))
        .ok_or_else(|| Error::new("`apt-get download make` left no package"))
}

fn cannot(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::sample;

    // J37
    #[test]
    fn the_systems_make_is_called_until_one_was_unpacked() {
        assert_eq!(program(&sample()), Path::new("make"));
    }
}
