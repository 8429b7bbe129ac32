//! The command line of wasmtime at the version of the host's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{folder, install, sources};
use crate::error::Error;
use crate::workspace::{Workspace, program_file};

/// What compiling a component and running it takes, and no more, so that it starts as fast as it
/// can. `gc` is compiled in as it is in the host: builds without it have an abort.
const FEATURES: &str = "run,compile,cranelift,component-model,gc";

pub(super) fn wanted(workspace: &Workspace) -> Result<String, Error> {
    Ok(format!("{} {FEATURES}", version(workspace)?))
}

/// The program.
pub(super) fn program(workspace: &Workspace) -> PathBuf {
    let bin = folder(workspace).join("wasmtime/bin");
    bin.join(program_file("wasmtime"))
}

/// Installs it.
pub(super) fn set_up(workspace: &Workspace, place: &Path) -> Result<(), Error> {
    let version = format!("={}", version(workspace)?);
    let program = [
        "wasmtime-cli",
        "--version",
        &version,
        "--no-default-features",
        "--features",
        FEATURES,
    ];
    install(workspace, place, &program.map(OsStr::new))
}

/// The version of wasmtime that the host is built with.
pub(super) fn version(workspace: &Workspace) -> Result<String, Error> {
    let lock = sources(workspace, &["Cargo.lock"])?;
    locked(&lock, "wasmtime")
        .map(str::to_owned)
        .ok_or_else(|| Error::new("Cargo.lock has no wasmtime"))
}

/// The version of a package in a lock file.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, after) = lock.split_once(&format!("\nname = \"{package}\"\nversion = \""))?;
    Some(after.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_package_with_just_this_name() {
        let lock = "\n[[package]]\nname = \"wasmtime-wasi\"\nversion = \"1.0.0\"\n\
                    \n[[package]]\nname = \"wasmtime\"\nversion = \"48.0.8\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasmtime"), Some("48.0.8"));
        assert_eq!(locked(lock, "wasm"), None);
    }
}
