//! JavaScript and TypeScript: the SDK's own script bundles the plugin and puts it with an
//! engine into a component.

use super::{failed, read};
use crate::error::Error;
use crate::project::tools::{Command, Tools};
use crate::project::{Project, Role, world};

/// The script, in a project's folder.
const SCRIPT: &str = "node_modules/@wodehost/guest/build.mjs";

/// Builds it.
pub(super) fn build(project: &Project, tools: &Tools) -> Result<Vec<u8>, Error> {
    let manifest = &project.manifest;
    let node = tools.node_modules(&project.folder, manifest.language)?;
    let scratch = project.scratch();
    let (wit, made) = (scratch.join("wit"), scratch.join("made.wasm"));
    world::write(&wit, &manifest.roles)?;
    let roles: Vec<&str> = manifest.roles.iter().copied().map(Role::name).collect();
    Command::new(node)
        .args([SCRIPT, "--roles", &roles.join(",")])
        .arg("--wit")
        .arg(&wit)
        .arg("--output")
        .arg(&made)
        .within(&project.folder)
        .run(tools.printer, || failed(project))?;
    read(&made)
}
