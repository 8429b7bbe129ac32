//! Debian's packages, unpacked into a folder of the project's own: nobody has to be root, and
//! nothing is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

/// Fetches a package and unpacks it, without those it depends on.
pub(crate) fn unpack(package: &str, folder: &Path) -> Result<(), Error> {
    // Lists of our own, for where the system has none and they are not ours to fetch.
    for part in ["lists/partial", "cache/archives/partial"] {
        let part = folder.join(part);
        fs::create_dir_all(&part).map_err(|error| Error::at(&part, &error))?;
    }
    if said(apt_get(folder).args(["download", package])).is_err() {
        let own = [
            format!("Dir::State::lists={}/lists", folder.display()),
            format!("Dir::Cache={}/cache", folder.display()),
        ];
        let with_own = |verb: &[&str]| {
            let mut apt_get = apt_get(folder);
            for option in &own {
                apt_get.args(["-o", option]);
            }
            said(apt_get.args(verb))
        };
        with_own(&["update"])?;
        with_own(&["download", package])?;
    }
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.arg("-x").arg(archive(package, folder)?).arg(folder);
    process::run(&mut dpkg)
}

fn apt_get(folder: &Path) -> Command {
    let mut apt_get = Command::new("apt-get");
    apt_get.arg("--quiet").current_dir(folder);
    apt_get
}

/// Runs apt-get, which tells its progress on stdout, where reports go.
fn said(apt_get: &mut Command) -> Result<(), Error> {
    let said = process::stdout_of(apt_get)?;
    eprint!("{said}");
    Ok(())
}

/// The archive that was fetched.
fn archive(package: &str, folder: &Path) -> Result<PathBuf, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::at(folder, &error))?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .find(|path| path.extension().is_some_and(|ending| ending == "deb"))
        .ok_or_else(|| Error::new(format!("`apt-get download {package}` left no package")))
}
