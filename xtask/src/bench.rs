//! `cargo xtask bench`: the benchmark of `bench/`, with guests that are up to date.

use std::ffi::OsString;
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::guests;
use crate::process;
use crate::workspace::Workspace;

/// Hands `args` on to the benchmark.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<(), Error> {
    guests::ensure(workspace)?;
    // Together with the program that it measures, so that both use one build
    // of wasmtime and its features.
    process::run(cargo::at_root(workspace).args([
        "build",
        "--release",
        "--package",
        "wodehost-cli",
        "--package",
        "wodehost-bench",
    ]))?;
    let mut bench = Command::new(workspace.release_program("wodehost-bench"));
    bench
        .args(args)
        .env(cargo::GUESTS, workspace.components())
        // A backtrace for each failed job is not what is to be measured.
        .env("RUST_BACKTRACE", "0");
    process::run(&mut bench)
}
