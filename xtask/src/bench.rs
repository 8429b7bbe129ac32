//! `cargo xtask bench`: the benchmark of `bench/`, with guests that are up to date, and with the
//! peers that it measures beside ours; with `--parts` the benchmark of `bench/parts/`.

use std::ffi::OsString;
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::guests;
use crate::peers;
use crate::process;
use crate::workspace::Workspace;

/// The argument that asks for the benchmark of single parts; those behind it are criterion's.
const PARTS: &str = "--parts";

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
    if needs_peers(args) {
        peers::set_up(workspace);
    }
    let mut bench = Command::new(workspace.release_program("wodehost-bench"));
    bench
        .args(args)
        .env(cargo::GUESTS, workspace.components())
        .env(peers::VARIABLE, peers::folder(workspace))
        // A backtrace for each failed job is not what is to be measured.
        .env("RUST_BACKTRACE", "0");
    process::run(&mut bench)
}

/// The first time they take minutes: not for who only wants to read.
fn needs_peers(args: &[OsString]) -> bool {
    args.iter()
        .all(|arg| arg != peers::NONE && arg != "--help" && arg != "-h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_set_up_unless_they_are_left_out() {
        for (words, needed) in [
            (&[][..], true),
            (&["--quick", "--only", "peers"], true),
            (&["--quick", "--no-peers"], false),
            (&["--help"], false),
        ] {
            let args: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert_eq!(needs_peers(&args), needed, "{words:?}");
        }
    }
}
