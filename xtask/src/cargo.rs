//! How cargo is called from a program that cargo itself has started.

use std::ffi::OsStr;
use std::process::Command;

use crate::make;
use crate::workspace::Workspace;

/// The variable that tells tests and benchmarks where the guests are.
pub(crate) const GUESTS: &str = "WODEHOST_GUESTS";

/// The cargo that started this program, in the folder that it was started in.
pub(crate) fn bare() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `cargo run` describes the xtask to the xtask; builds are not to see it,
    // or they differ from those that are started by hand.
    for (name, _) in std::env::vars_os() {
        if describes_a_package(&name) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Cargo at the root of the workspace.
pub(crate) fn at_root(workspace: &Workspace) -> Command {
    let mut cargo = bare();
    cargo
        .current_dir(&workspace.root)
        .env(GUESTS, workspace.components())
        .env(make::VARIABLE, make::program(workspace));
    // A relative one was relative to the folder that we were started in.
    if std::env::var_os("CARGO_TARGET_DIR").is_some() {
        cargo.env("CARGO_TARGET_DIR", &workspace.target);
    }
    cargo
}

fn describes_a_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
        || name == "CARGO_PRIMARY_PACKAGE"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_set_for_cargo_is_kept() {
        for name in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_NET_OFFLINE",
            "RUSTFLAGS",
        ] {
            assert!(!describes_a_package(OsStr::new(name)), "{name}");
        }
        for name in [
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_PATH",
            "CARGO_PKG_NAME",
        ] {
            assert!(describes_a_package(OsStr::new(name)), "{name}");
        }
    }
}
