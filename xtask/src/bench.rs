//! `cargo xtask bench`: the benchmark of `bench/`, with guests that are up to date.

use std::ffi::OsString;

use crate::cargo;
use crate::error::Error;
use crate::guests;
use crate::process;
use crate::workspace::Workspace;

/// Hands `args` on to the benchmark.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<(), Error> {
    guests::ensure(workspace)?;
    let mut cargo = cargo::at_root(workspace);
    cargo
        .args(["run", "--release", "--package", "wodehost-bench", "--"])
        .args(args)
        // A backtrace for each failed job is not what is to be measured.
        .env("RUST_BACKTRACE", "0");
    process::run(&mut cargo)
}
