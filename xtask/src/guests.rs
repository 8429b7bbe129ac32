//! Builds the plugins and the test guests, and puts the plugins where their
//! `wodehost.toml` looks for them.
//!
//! Nothing is listed by name. A package whose library is a `cdylib` is a
//! plugin; one with `cdylib` examples has test guests. A plugin whose folder has a
//! `wodehost.toml`, or lies in one that has, is copied there under the name of its
//! own folder: `plugins/thumbnails/scale` becomes `plugins/thumbnails/scale.wasm`,
//! and `plugins/crawl` becomes `plugins/crawl/crawl.wasm`.
//! All others stay in `target/wasm32-wasip2/guest/`; the jq plugin also goes where
//! the program looks for it.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::cargo;
use crate::error::Error;
use crate::process;
use crate::toolchain;
use crate::workspace::{GUEST_PROFILE, GUEST_TARGET, Package, Workspace};

/// Brings all guests up to date; silent if they are.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Error> {
    toolchain::ensure_target(workspace)?;
    build(workspace)?;
    let beside = beside_programs(workspace);
    for (from, to) in placements(workspace, Path::is_file)
        .into_iter()
        .chain(beside)
    {
        if place(&from, &to)? {
            eprintln!("updated {}", workspace.shown(&to));
        }
    }
    Ok(())
}

fn build(workspace: &Workspace) -> Result<(), Error> {
    let mut cargo = cargo::at_root(workspace);
    cargo.args(build_args(workspace));
    if std::io::stderr().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        // Cargo sees a pipe, but what it says ends on a terminal.
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    process::run_seeing_stderr(&mut cargo, |line| {
        if !line.contains("Finished") {
            eprintln!("{line}");
        }
    })
}

/// One call for all of them: crates that they share are built once.
fn build_args(workspace: &Workspace) -> Vec<String> {
    let mut args: Vec<String> = ["build", "--lib", "--examples"].map(String::from).into();
    args.extend(["--profile", GUEST_PROFILE, "--target", GUEST_TARGET].map(String::from));
    for package in guest_packages(workspace) {
        args.extend(["--package".to_owned(), package.name.clone()]);
    }
    args
}

fn guest_packages(workspace: &Workspace) -> impl Iterator<Item = &Package> {
    workspace
        .packages
        .iter()
        .filter(|package| package.is_component || package.component_examples > 0)
}

/// Which built component goes where.
fn placements(workspace: &Workspace, is_file: impl Fn(&Path) -> bool) -> Vec<(PathBuf, PathBuf)> {
    let built = workspace.components();
    workspace
        .packages
        .iter()
        .filter(|package| package.is_component)
        .filter_map(|package| {
            let stem = package.folder.file_name()?.to_str()?;
            let mut folders = package.folder.ancestors().take(2);
            let beside = folders.find(|folder| is_file(&folder.join("wodehost.toml")))?;
            Some((
                built.join(package.component_file()),
                beside.join(format!("{stem}.wasm")),
            ))
        })
        .collect()
}

/// The program looks for the jq plugin beside itself.
fn beside_programs(workspace: &Workspace) -> [(PathBuf, PathBuf); 2] {
    let jq = workspace.components().join("jq.wasm");
    ["debug", "release"].map(|profile| {
        let beside = workspace.target.join(profile).join("jq.wasm");
        (jq.clone(), beside)
    })
}

/// Copies if the content differs, so that nothing that watches or caches the
/// file sees a change where there is none. Says whether it copied.
fn place(from: &Path, to: &Path) -> Result<bool, Error> {
    let new = fs::read(from).map_err(|error| {
        Error::new(format!("{} cannot be read: {error}", from.display()))
            .hint("the build should have left it there; is its crate-type [\"cdylib\"]?")
    })?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(false);
    }
    // In two moves: a host that loads the plugin meanwhile sees all or nothing.
    let staged = to.with_extension("wasm.new");
    to.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&staged, new))
        .and_then(|()| fs::rename(&staged, to))
        .map_err(|error| Error::new(format!("{} cannot be written: {error}", to.display())))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::sample;

    #[test]
    fn guests_are_found_by_their_crate_type_and_built_in_one_call() {
        assert_eq!(
            build_args(&sample()).join(" "),
            "build --lib --examples --profile guest --target wasm32-wasip2 \
             --package hello --package thumbs-scale --package guests"
        );
    }

    #[test]
    fn only_a_plugin_beside_a_configuration_is_placed_there() {
        let beside = Path::new("/w/plugins/thumbs/wodehost.toml");
        assert_eq!(
            placements(&sample(), |file| file == beside),
            [(
                "/elsewhere/target/wasm32-wasip2/guest/thumbs_scale.wasm".into(),
                "/w/plugins/thumbs/scale.wasm".into()
            )]
        );
    }

    #[test]
    fn a_plugin_with_a_configuration_of_its_own_is_placed_beside_that() {
        let own = Path::new("/w/plugins/hello/wodehost.toml");
        assert_eq!(
            placements(&sample(), |file| file == own),
            [(
                "/elsewhere/target/wasm32-wasip2/guest/hello.wasm".into(),
                "/w/plugins/hello/hello.wasm".into()
            )]
        );
    }
}
