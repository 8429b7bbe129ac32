//! `cargo xtask demo`: the thumbnails plugins at work on the shipped samples.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo;
use crate::error::Error;
use crate::guests;
use crate::installed;
use crate::process;
use crate::workspace::Workspace;

/// Exit code of `wodehost run` when some of the jobs failed.
const SOME_JOBS_FAILED: i32 = 10;

/// Builds what is needed, runs it, and says what one sees.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    guests::ensure(workspace)?;
    let mut cargo = cargo::at_root(workspace);
    cargo.args(["build", "--release", "--package", "wodehost-cli"]);
    installed::with_jq(&mut cargo, workspace);
    process::run(&mut cargo)?;
    let folder = workspace.root.join("plugins/thumbnails");
    let sheet = folder.join("out/index.html");
    prepare(&sheet)?;

    let mut wodehost = Command::new(workspace.release_program("wodehost"));
    wodehost.arg("run").current_dir(&folder);
    eprintln!(
        "\nin {}: {}",
        workspace.shown(&folder),
        process::line(&wodehost)
    );
    let status = process::status(&mut wodehost)?;
    match status.code() {
        Some(0) => {}
        Some(SOME_JOBS_FAILED) => eprintln!("{DAMAGED}"),
        Some(_) | None => {
            return Err(Error::new(format!("the demo ended with {status}"))
                .hint("expected is 10, because three samples are damaged on purpose, or 0"));
        }
    }
    if !sheet.is_file() {
        let sheet = workspace.shown(&sheet);
        return Err(Error::new(format!(
            "the demo left no contact sheet at {sheet}"
        )));
    }
    eprintln!("The contact sheet, to open in a browser:");
    println!("{}", sheet.display());
    Ok(())
}

const DAMAGED: &str = "
What you see: each picture was decoded and scaled by a plugin in a sandbox of
its own, which had no file and no network to lose.
3 of the samples are damaged on purpose: a JPEG that is cut off, a PNG of 48 KiB
that unpacks to 1.1 GiB, and a text named .png. Each ended as one failed job with
its reason, the others were done all the same, and exit code 10 says that some
jobs failed.";

/// Makes the folder that the configuration grants, and takes an older sheet
/// away, which could be taken for the new one.
fn prepare(sheet: &Path) -> Result<(), Error> {
    let folder = sheet.parent().unwrap_or(sheet);
    fs::create_dir_all(folder)
        .and_then(|()| match fs::remove_file(sheet) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .map_err(|error| {
            Error::new(format!(
                "the folder {} cannot be prepared: {error}",
                folder.display()
            ))
        })
}
