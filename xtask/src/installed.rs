//! `cargo install` as the README gives it, and what the installed program does.

use std::path::PathBuf;
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::process;
use crate::workspace::{Workspace, program_file};

/// Installs into the target folder. The release build is used again: a path
/// inside a workspace is built in the workspace's own target folder.
pub(crate) fn install(workspace: &Workspace) -> Result<(), Error> {
    process::run(
        cargo::at_root(workspace)
            .args([
                "install", "--path", "host/cli", "--locked", "--force", "--root",
            ])
            .arg(root(workspace)),
    )
}

/// The installed program tells its version and does a job.
pub(crate) fn try_out(workspace: &Workspace) -> Result<(), Error> {
    expect(workspace, &["--version"], "wodehost ")?;
    let hello = workspace.components().join("hello.wasm");
    let hello = hello.to_string_lossy();
    expect(workspace, &["call", &hello, r#"{"name":"Ada"}"#], "Ada")
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
