//! `cargo xtask bench`: the benchmark of `bench/`, with guests that are up to date, and with the
//! peers that it measures beside ours; with `--parts` the benchmark of `bench/parts/`.

use std::ffi::OsString;
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::guests;
use crate::languages;
use crate::peers;
use crate::process;
use crate::workspace::Workspace;

/// The argument that asks for the benchmark of single parts; those behind it are criterion's.
const PARTS: &str = "--parts";

/// Asks the benchmark what is to be set up for its other arguments.
const NEEDS: &str = "--needs";

/// Hands `args` on to the benchmark.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<(), Error> {
    guests::ensure(workspace)?;
    match args.split_first() {
        Some((first, rest)) if first == PARTS => parts(workspace, rest),
        Some(_) | None => whole(workspace, args),
    }
}

fn parts(workspace: &Workspace, args: &[OsString]) -> Result<(), Error> {
    let mut bench = cargo::at_root(workspace);
    bench
        .args(["bench", "--package", "wodehost-bench-parts", "--"])
        .args(args)
        .env("RUST_BACKTRACE", "0");
    process::run(&mut bench)
}

fn whole(workspace: &Workspace, args: &[OsString]) -> Result<(), Error> {
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
    let program = workspace.release_program("wodehost-bench");
    // Wrong arguments are told before anything is set up.
    let needs = process::stdout_of(Command::new(&program).args(args).arg(NEEDS))?;
    if needs.trim() == "peers" {
        set_up(workspace);
    }
    let mut bench = Command::new(program);
    bench
        .args(args)
        .env(cargo::GUESTS, workspace.components())
        .env(peers::VARIABLE, peers::folder(workspace))
        // A backtrace for each failed job is not what is to be measured.
        .env("RUST_BACKTRACE", "0");
    process::run(&mut bench)
}

/// What is measured beside our own: peers, and plugins in other languages. The first time it takes
/// 40 minutes. What cannot be had is reported as such and fails nothing.
fn set_up(workspace: &Workspace) {
    peers::set_up(workspace);
    let program = workspace.release_program("wodehost");
    if let Err(error) = languages::build(workspace, &program, languages::Tools::Installed) {
        eprintln!("not all languages can be measured: {error}");
    }
}
