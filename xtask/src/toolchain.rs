//! Makes sure that the parts of the Rust toolchain that the work needs are
//! there, by rustup where one is missing.

use std::path::Path;
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::process;
use crate::workspace::{GUEST_TARGET, Workspace};

/// The standard library for plugins.
pub(crate) fn ensure_target(workspace: &Workspace) -> Result<(), Error> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args(["--print", "target-libdir", "--target", GUEST_TARGET])
        .current_dir(&workspace.root);
    // The answer is a folder that is there if the target is: true without rustup too.
    let folder = process::stdout_of(&mut rustc)?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    rustup(
        workspace,
        &["target", "add", GUEST_TARGET],
        &format!("the target {GUEST_TARGET}"),
    )
}

/// What `cargo xtask test` calls beside the compiler.
pub(crate) fn ensure_components(workspace: &Workspace) -> Result<(), Error> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !process::succeeds(cargo::at_root(workspace).args([subcommand, "--version"])) {
            rustup(workspace, &["component", "add", component], component)?;
        }
    }
    Ok(())
}

/// Adds to the toolchain that rust-toolchain.toml at the root pins.
fn rustup(workspace: &Workspace, args: &[&str], what: &str) -> Result<(), Error> {
    if !process::succeeds(Command::new("rustup").arg("--version")) {
        return Err(Error::new(format!(
            "this Rust toolchain lacks {what}, and there is no rustup to add it"
        ))
        .hint(format!(
            "install rustup from https://rustup.rs, or add {what} the way this toolchain was installed"
        )));
    }
    let mut rustup = Command::new("rustup");
    rustup.args(args).current_dir(&workspace.root);
    eprintln!("installing {what}: {}", process::line(&rustup));
    process::run(&mut rustup).map_err(|error| {
        error.hint("it is fetched once from https://static.rust-lang.org; is that reachable?")
    })
}
