//! Extism's Rust crate: the program of `bench/peers/extism`, a workspace for itself.

use std::ffi::OsStr;
use std::path::Path;

use super::{install, sources};
use crate::error::Error;
use crate::workspace::Workspace;

pub(super) fn wanted(workspace: &Workspace) -> Result<String, Error> {
    sources(
        workspace,
        &[
            "rust-toolchain.toml",
            "bench/peers/extism/Cargo.toml",
            "bench/peers/extism/Cargo.lock",
            "bench/peers/extism/double.wat",
            "bench/peers/extism/src/main.rs",
        ],
    )
}

/// Installs it. Extism says nothing of Rust's version, but the wasmtime that it stands on asks for
/// a newer one than ours, and has nothing in it that needs one.
pub(super) fn set_up(workspace: &Workspace, place: &Path) -> Result<(), Error> {
    let folder = workspace.root.join("bench/peers/extism");
    let program = [
        OsStr::new("--ignore-rust-version"),
        OsStr::new("--path"),
        folder.as_os_str(),
    ];
    install(workspace, place, &program)
}
