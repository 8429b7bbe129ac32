//! `cargo install` as the README gives it, and what the installed program does.

use std::path::PathBuf;
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::guests;
use crate::process;
use crate::workspace::{Workspace, program_file};

/// `cargo xtask install`: installs for the user, with the jq plugin built in.
pub(crate) fn install_for_user(workspace: &Workspace) -> Result<(), Error> {
    guests::ensure(workspace)?;
    process::run(&mut install(workspace))
}

/// Installs into the target folder. The release build is used again: a path
/// inside a workspace is built in the workspace's own target folder.
pub(crate) fn install_for_test(workspace: &Workspace) -> Result<(), Error> {
    let mut install = install(workspace);
    process::run(install.arg("--force").arg("--root").arg(root(workspace)))
}

fn install(workspace: &Workspace) -> Command {
    let mut cargo = cargo::at_root(workspace);
    cargo.args(["install", "--path", "host/cli", "--locked"]);
    with_jq(&mut cargo, workspace);
    cargo
}

/// Builds the jq plugin into the program. All release builds do, so that there is one.
pub(crate) fn with_jq(cargo: &mut Command, workspace: &Workspace) {
    let jq = workspace.components().join("jq.wasm");
    cargo.args(["--features", "jq"]).env("WODEHOST_JQ_WASM", jq);
}

/// The installed program tells its version and does a job.
pub(crate) fn try_out(workspace: &Workspace) -> Result<(), Error> {
    expect(workspace, &["--version"], "wodehost ")?;
    let hello = workspace.components().join("hello.wasm");
    let hello = hello.to_string_lossy();
    expect(workspace, &["call", &hello, r#"{"name":"Ada"}"#], "Ada")?;
    let post = ["call", &hello, r#"{"name":"Ada"}"#, "--post", "jq:length"];
    expect(workspace, &post, "11")
}

/// Runs the installed program, whose stdout has to contain `expected`.
fn expect(workspace: &Workspace, args: &[&str], expected: &str) -> Result<(), Error> {
    let root = root(workspace);
    let mut wodehost = Command::new(root.join("bin").join(program_file("wodehost")));
    // Outside of the source tree, as for a user.
    wodehost.args(args).current_dir(&root);
    let stdout = process::stdout_of(&mut wodehost)?;
    print!("{stdout}");
    if stdout.contains(expected) {
        return Ok(());
    }
    Err(Error::new(format!(
        "`{}` printed {stdout:?}, which lacks {expected:?}",
        process::line(&wodehost)
    )))
}

fn root(workspace: &Workspace) -> PathBuf {
    workspace.target.join("xtask/installed")
}
