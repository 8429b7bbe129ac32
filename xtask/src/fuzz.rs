//! The fuzz targets of `fuzz/`: for a minute each in `cargo xtask test --deep`, and by hand
//! for as long as one likes.
//!
//! cargo-fuzz builds them, with the flags that libFuzzer needs; the programs are called
//! directly. What they find goes below the target folder, never among the seeds.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::process;
use crate::workspace::{Workspace, program_file};

/// All targets.
pub(crate) const TARGETS: [&str; 5] = ["attempt", "component", "configuration", "json", "scanner"];

/// The cargo-fuzz that is called.
const VERSION: &str = "0.13.2";

/// What a target is given besides its folders in a test: a minute, and for one input as
/// long as only something that hangs takes.
const TEST_ARGUMENTS: [&str; 2] = ["-max_total_time=60", "-timeout=60"];

/// `cargo xtask fuzz TARGET [ARG…]`.
pub(crate) fn by_hand(workspace: &Workspace, args: &[OsString]) -> Result<(), Error> {
    let (target, rest) = args
        .split_first()
        .ok_or_else(|| Error::new("`fuzz` needs a target").hint(known()))?;
    let target = target.to_string_lossy();
    let Some(target) = TARGETS.into_iter().find(|known| *known == target) else {
        return Err(Error::new(format!("there is no target `{target}`")).hint(known()));
    };
    ensure(workspace)?;
    build(workspace)?;
    run(workspace, target, rest)
}

fn known() -> String {
    format!("the targets are {}", TARGETS.join(", "))
}

/// Gets cargo-fuzz if it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Error> {
    let root = tools(workspace);
    let program = root.join("bin").join(program_file("cargo-fuzz"));
    let version = process::stdout_of(Command::new(&program).args(["fuzz", "--version"]));
    if version.is_ok_and(|version| version.trim().ends_with(VERSION)) {
        return Ok(());
    }
    eprintln!(
        "installing cargo-fuzz {VERSION} into {}",
        workspace.shown(&root)
    );
    let mut install = cargo::at_root(workspace);
    install
        .args(["install", "cargo-fuzz", "--locked", "--version", VERSION])
        .arg("--root")
        .arg(&root);
    process::run(&mut install)
}

/// Builds all targets, optimised and with assertions, without a sanitizer: those need
/// another toolchain than the one that is pinned.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Error> {
    let mut cargo = cargo::at_root(workspace);
    cargo
        .args(["fuzz", "build", "--sanitizer", "none", "--target-dir"])
        .arg(folder(workspace));
    let found = std::env::var_os("PATH").unwrap_or_default();
    let own = std::iter::once(tools(workspace).join("bin"));
    let paths = std::env::join_paths(own.chain(std::env::split_paths(&found)));
    cargo.env(
        "PATH",
        paths.map_err(|error| Error::new(format!("PATH: {error}")))?,
    );
    process::run(&mut cargo).map_err(|error| {
        error.hint("libFuzzer is C++: there has to be a compiler, as with `apt-get install g++`")
    })
}

/// Runs a target for a minute.
pub(crate) fn for_test(workspace: &Workspace, target: &str) -> Result<(), Error> {
    let arguments = TEST_ARGUMENTS.map(OsString::from);
    run(workspace, target, &arguments)
}

/// Runs a target: on its seeds and what was found before, unless inputs are named.
fn run(workspace: &Workspace, target: &str, arguments: &[OsString]) -> Result<(), Error> {
    let found = folder(workspace).join("found").join(target);
    let artifacts = folder(workspace).join("artifacts").join(target);
    for folder in [&found, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| Error::at(folder, &error))?;
    }
    let mut fuzz = Command::new(program(workspace, target)?);
    fuzz.current_dir(&workspace.root)
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(arguments);
    if !names_inputs(arguments) {
        fuzz.arg(&found)
            .arg(workspace.root.join("fuzz/corpus").join(target));
    }
    let before = files(&artifacts)?;
    process::run(&mut fuzz).map_err(|error| {
        let after = files(&artifacts).unwrap_or_default();
        let new: Vec<String> = after
            .iter()
            .filter(|file| !before.contains(file))
            .map(|file| workspace.shown(file).to_string())
            .collect();
        match new.last() {
            Some(file) => error.hint(format!(
                "the input is {}; again: `cargo xtask fuzz {target} {file}`",
                new.join(", ")
            )),
            None => error,
        }
    })
}

/// Whether one of libFuzzer's arguments is a file or a folder.
fn names_inputs(arguments: &[OsString]) -> bool {
    arguments
        .iter()
        .any(|argument| !argument.to_string_lossy().starts_with('-'))
}

/// Where all of it is built.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("fuzz")
}

/// Where cargo-fuzz is installed.
fn tools(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}

/// The program of a target, which cargo-fuzz builds for a target of the compiler's that is
/// named, even if it is this machine's.
fn program(workspace: &Workspace, target: &str) -> Result<PathBuf, Error> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args(["--print", "host-tuple"])
        .current_dir(&workspace.root);
    let host = process::stdout_of(&mut rustc)?;
    let built = folder(workspace).join(host.trim()).join("release");
    Ok(built.join(program_file(target)))
}

/// The files of a folder, the oldest first.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::at(folder, &error))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
        })
        .collect();
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::sample;

    fn message(args: &[&str]) -> String {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        by_hand(&sample(), &args).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn a_target_has_to_be_one() {
        for (args, said) in [
            (&[][..], "`fuzz` needs a target"),
            (&["scaner"], "there is no target `scaner`"),
        ] {
            let message = message(args);
            assert!(message.contains(said), "{message}");
            assert!(message.contains("attempt, component"), "{message}");
        }
    }

    #[test]
    fn inputs_are_told_from_options() {
        let args = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert!(!names_inputs(&args(&["-runs=1"])));
        assert!(names_inputs(&args(&["-runs=1", "crash-1"])));
    }
}
