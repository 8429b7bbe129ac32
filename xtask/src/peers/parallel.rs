//! GNU parallel: that of the system, else Debian's package, a Perl script.

use std::path::Path;
use std::process::Command;

use crate::debian;
use crate::error::Error;
use crate::workspace::Workspace;

/// Unpacks one where the system has none. Others are called parallel, too.
pub(super) fn set_up(_: &Workspace, place: &Path) -> Result<(), Error> {
    let unpacked = place.join("usr/bin/parallel");
    if !unpacked.is_file() {
        if is_gnu(Command::new("parallel")) {
            return Ok(());
        }
        debian::unpack("parallel", place)?;
    }
    if is_gnu(Command::new(&unpacked)) {
        return Ok(());
    }
    Err(Error::new(
        "the GNU parallel that was unpacked does not run; it needs Perl",
    ))
}

fn is_gnu(mut parallel: Command) -> bool {
    let version = parallel.arg("--version").output();
    version.is_ok_and(|version| version.stdout.starts_with(b"GNU parallel"))
}
