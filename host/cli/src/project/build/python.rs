//! Python: componentize-py puts an interpreter and the plugin's modules, imported already, into
//! a component.

use super::{failed, read};
use crate::error::{Error, in_words};
use crate::project::tools::{Command, Pinned, Tools, is_stamped, stamp};
use crate::project::{Project, world};
use std::fs;
use std::path::{Path, PathBuf};

const COMPONENTIZE: Pinned = Pinned {
    name: "componentize-py",
    version: "0.25.1",
};

/// The Python that is in the component: packages are chosen for it.
const PYTHON_INSIDE: &str = "3.14";

/// Builds it.
pub(super) fn build(project: &Project, tools: &Tools) -> Result<Vec<u8>, Error> {
    let bin = tools.python_package(COMPONENTIZE, project.manifest.language)?;
    let scratch = project.scratch();
    let (wit, made) = (scratch.join("wit"), scratch.join("made.wasm"));
    world::write(&wit, &project.manifest.roles)?;
    let packages = packages(project, tools, &bin)?;
    Command::new(bin.join("componentize-py"))
        .args(["--quiet", "--world", world::WORLD, "--wit-path"])
        .arg(&wit)
        .args([
            "componentize",
            "wodehost_guest.plugin",
            "--python-path",
            ".",
            "--python-path",
        ])
        .arg(project.sdk())
        .arg("--output")
        .arg(&made)
        .within(&project.folder)
        // It looks for modules wherever the environment says; the plugin's own are in this one.
        .with_only(&["HOME", "TMPDIR"])
        .env("PATH", &bin)
        .env("RUST_BACKTRACE", "0")
        .env("VIRTUAL_ENV", packages)
        .run(tools.printer, || failed(project))?;
    read(&made)
}

/// The folder with what `requirements.txt` asks for, laid out as a virtual environment.
fn packages(project: &Project, tools: &Tools, bin: &Path) -> Result<PathBuf, Error> {
    let packages = project.scratch().join("python");
    let (site, mark) = (
        packages.join("lib/site-packages"),
        packages.join("installed"),
    );
    let file = project.folder.join("requirements.txt");
    let wanted = fs::read_to_string(&file).unwrap_or_default();
    if is_stamped(&mark, &wanted) {
        return Ok(packages);
    }
    let emptied = match fs::remove_dir_all(&packages) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(&site),
    };
    emptied.map_err(|error| {
        Error::config(format!("{} cannot be made", packages.display())).because(in_words(&error))
    })?;
    if !wanted.is_empty() {
        tools.begin("what requirements.txt names")?;
        let requirements = file.to_string_lossy();
        let (site, requirements) = (site.to_string_lossy(), &*requirements);
        let from_to = ["--requirement", requirements, "--target", &site];
        // A component has no place for compiled extensions.
        let pure = [
            "--only-binary",
            ":all:",
            "--implementation",
            "py",
            "--abi",
            "none",
        ];
        let inside = [
            "--no-compile",
            "--platform",
            "any",
            "--python-version",
            PYTHON_INSIDE,
        ];
        let args = [&from_to[..], &pure, &inside].concat();
        tools.pip(bin, &args, || {
            Error::config("the packages of requirements.txt cannot be installed")
                .hint("packages in pure Python only: there is no place for compiled extensions")
        })?;
    }
    stamp(&mark, &wanted)?;
    Ok(packages)
}
