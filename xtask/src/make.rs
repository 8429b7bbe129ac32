//! Makes sure that there is a make for the tests of its jobserver. Where the system
//! has none, Debian's package is unpacked into `target/make`: nobody has to be root,
//! and nothing is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
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
    debian::unpack("make", &folder)
        .map_err(|error| error.hint("install make, as with `apt-get install make`"))?;
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
