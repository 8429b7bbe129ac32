//! The commands that `wasmtime run` runs, one in Rust and one in Python, compiled ahead of time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{jobserver, sources, wasmtime};
use crate::cargo;
use crate::error::Error;
use crate::process;
use crate::toolchain;
use crate::workspace::{GUEST_PROFILE, GUEST_TARGET, Workspace};

/// The version that plugins in Python are built with.
const COMPONENTIZE: &str = "componentize-py==0.25.1";

/// The world of a command; its version is that of the files.
const WORLD: &str = "wasi:cli/command";

const APP: &str = "bench/peers/command/app.py";

const RUST: &str = "wodehost-bench-command";

pub(super) fn rust_wanted(workspace: &Workspace) -> Result<String, Error> {
    let wasmtime = wasmtime::wanted(workspace)?;
    let sources = sources(
        workspace,
        &["rust-toolchain.toml", "bench/peers/command/src/main.rs"],
    )?;
    Ok(wasmtime + "\n" + &sources)
}

/// Builds the one in Rust, as plugins are built.
pub(super) fn set_up_rust(workspace: &Workspace, place: &Path) -> Result<(), Error> {
    needs_wasmtime(workspace)?;
    toolchain::ensure_target(workspace)?;
    let mut build = cargo::at_root(workspace);
    build.args(["build", "--package", RUST]).args([
        "--profile",
        GUEST_PROFILE,
        "--target",
        GUEST_TARGET,
    ]);
    process::run(&mut build)?;
    let component = workspace.components().join(format!("{RUST}.wasm"));
    compile(workspace, &component, place)
}

pub(super) fn python_wanted(workspace: &Workspace) -> Result<String, Error> {
    let wasmtime = wasmtime::wanted(workspace)?;
    let app = sources(workspace, &[APP])?;
    Ok(wasmtime + "\n" + COMPONENTIZE + "\n" + &app)
}

/// Builds the one in Python, with the componentize-py that builds plugins, if that is there.
pub(super) fn set_up_python(workspace: &Workspace, place: &Path) -> Result<(), Error> {
    needs_wasmtime(workspace)?;
    let made = place.join("command.wasm");
    // Beside the module componentize-py leaves what its interpreter makes of it.
    let module = place.join("app.py");
    fs::copy(workspace.root.join(APP), &module).map_err(|error| Error::at(&module, &error))?;
    let mut componentize = Command::new(componentize(workspace, place)?);
    componentize
        .arg("--quiet")
        .arg("--wit-path")
        .arg(wit(workspace)?)
        .args(["--world", WORLD, "componentize", "app", "--output"])
        .arg(&made)
        .arg("--python-path")
        .arg(place)
        // It looks for modules in whatever environment is active, too.
        .env_remove("VIRTUAL_ENV")
        .env_remove("PYTHONPATH");
    process::run(&mut componentize)?;
    compile(workspace, &made, place)
}

/// Its program: that of `cargo xtask languages`, or one of our own.
fn componentize(workspace: &Workspace, place: &Path) -> Result<PathBuf, Error> {
    let tool = workspace.target.join("tools/componentize-py");
    if super::is_installed(&tool, COMPONENTIZE) {
        return Ok(tool.join("bin/componentize-py"));
    }
    let own = place.join("tools");
    jobserver::environment(&own, &["--only-binary", ":all:", COMPONENTIZE])?;
    Ok(own.join("bin/componentize-py"))
}

/// The folder with WASI's definitions that came with wasmtime.
fn wit(workspace: &Workspace) -> Result<PathBuf, Error> {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args(["--print", "host-tuple"])
        .current_dir(&workspace.root);
    let host = process::stdout_of(&mut rustc)?;
    let mut metadata = cargo::at_root(workspace);
    metadata
        .args(["metadata", "--locked", "--format-version", "1"])
        // Other systems' packages would be fetched, too.
        .args(["--filter-platform", host.trim()]);
    let metadata = process::stdout_of(&mut metadata)?;
    package_folder(&metadata, "wasmtime-wasi")
        .map(|folder| folder.join("src/p2/wit"))
        .filter(|folder| folder.is_dir())
        .ok_or_else(|| Error::new("WASI's definitions are not where wasmtime-wasi had them"))
}

/// Where the sources of a package are, by what `cargo metadata` says.
fn package_folder(metadata: &str, name: &str) -> Option<PathBuf> {
    let metadata: Value = serde_json::from_str(metadata).ok()?;
    let mut packages = metadata["packages"].as_array()?.iter();
    let package = packages.find(|package| package["name"] == name)?;
    Path::new(package["manifest_path"].as_str()?)
        .parent()
        .map(Path::to_owned)
}

fn needs_wasmtime(workspace: &Workspace) -> Result<(), Error> {
    if wasmtime::program(workspace).is_file() {
        return Ok(());
    }
    Err(Error::new("there is no wasmtime to compile it"))
}

/// Compiles a component into the place where the benchmark finds it, and tries it out.
fn compile(workspace: &Workspace, component: &Path, place: &Path) -> Result<(), Error> {
    let program = wasmtime::program(workspace);
    let compiled = place.join("command.cwasm");
    let mut compile = Command::new(&program);
    compile
        .args(["compile", "-o"])
        .arg(&compiled)
        .arg(component);
    process::run(&mut compile)?;
    let mut run = Command::new(&program);
    run.args(["run", "--allow-precompiled"])
        .arg(&compiled)
        .arg("21");
    let said = process::stdout_of(&mut run)?;
    if said == "42\n" {
        return Ok(());
    }
    Err(Error::new(format!(
        "`{}` printed {said:?} and not 42",
        process::line(&run)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_package_is_that_of_its_manifest() {
        let metadata = r#"{"packages": [{"name": "wasi", "manifest_path": "/r/wasi-1/Cargo.toml"},
            {"name": "wasmtime-wasi", "manifest_path": "/r/wasmtime-wasi-48/Cargo.toml"}]}"#;
        assert_eq!(
            package_folder(metadata, "wasmtime-wasi"),
            Some("/r/wasmtime-wasi-48".into())
        );
        assert_eq!(package_folder(metadata, "wit"), None);
    }

    #[test]
    fn componentize_is_at_the_version_that_builds_plugins() {
        let build = include_str!("../../../host/cli/src/project/build/python.rs");
        let (name, version) = COMPONENTIZE.split_once("==").expect("a pinned version");
        for line in [
            format!("name: \"{name}\""),
            format!("version: \"{version}\""),
        ] {
            assert!(build.contains(&line), "{line}");
        }
    }
}
