//! Where the workspace is, where it is built, and which packages it has, as
//! `cargo metadata` tells it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cargo;
use crate::error::Error;
use crate::process;

/// The profile that plugins are built with; also the name of its folder.
pub(crate) const GUEST_PROFILE: &str = "guest";
/// What plugins are built for; also the name of its folder.
pub(crate) const GUEST_TARGET: &str = "wasm32-wasip2";

/// All paths are absolute.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// `CARGO_TARGET_DIR` and `build.target-dir` are considered.
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// What the xtask needs to know of a package.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// Whether the library is a `cdylib`, which makes a component of it.
    pub(crate) is_component: bool,
    /// How many of the examples are a `cdylib`.
    pub(crate) component_examples: usize,
}

impl Workspace {
    /// Asks cargo about the workspace that this program belongs to.
    pub(crate) fn load() -> Result<Self, Error> {
        // `cargo run` sets the variable; the other is for who starts the
        // program by its path.
        let own = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let mut metadata: Command = cargo::bare();
        metadata
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .arg("--manifest-path")
            .arg(own.join("Cargo.toml"));
        let text = process::stdout_of(&mut metadata)?;
        Self::parse(&text)
            .ok_or_else(|| Error::new("`cargo metadata` answered in a form that is not understood"))
    }

    fn parse(metadata: &str) -> Option<Self> {
        let metadata: Value = serde_json::from_str(metadata).ok()?;
        Some(Self {
            root: metadata["workspace_root"].as_str()?.into(),
            target: metadata["target_directory"].as_str()?.into(),
            packages: metadata["packages"]
                .as_array()?
                .iter()
                .map(Package::parse)
                .collect::<Option<_>>()?,
        })
    }

    /// The folder with the components that the last build left.
    pub(crate) fn components(&self) -> PathBuf {
        self.target.join(GUEST_TARGET).join(GUEST_PROFILE)
    }

    /// The release build of the program `name`.
    pub(crate) fn release_program(&self, name: &str) -> PathBuf {
        self.target.join("release").join(program_file(name))
    }

    /// A path as people want to read it: relative to the root where it is below.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

impl Package {
    fn parse(package: &Value) -> Option<Self> {
        let targets = package["targets"].as_array()?;
        let count = |kind| {
            targets
                .iter()
                .filter(|target| {
                    has(&target["kind"], kind) && has(&target["crate_types"], "cdylib")
                })
                .count()
        };
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            folder: Path::new(package["manifest_path"].as_str()?)
                .parent()?
                .to_owned(),
            is_component: count("cdylib") > 0,
            component_examples: count("example"),
        })
    }

    /// The file that cargo makes of a package that is a component.
    pub(crate) fn component_file(&self) -> String {
        format!("{}.wasm", self.name.replace('-', "_"))
    }
}

/// The file name of a program on this system.
pub(crate) fn program_file(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

fn has(list: &Value, wanted: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.iter().any(|item| item == wanted))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An excerpt of what cargo 1.95 prints.
    const METADATA: &str = r#"{
        "packages": [
            {"name": "wodehost", "manifest_path": "/w/host/core/Cargo.toml", "targets": [
                {"kind": ["lib"], "crate_types": ["lib"], "name": "wodehost"},
                {"kind": ["example"], "crate_types": ["bin"], "name": "first"}]},
            {"name": "hello", "manifest_path": "/w/plugins/hello/Cargo.toml", "targets": [
                {"kind": ["cdylib"], "crate_types": ["cdylib"], "name": "hello"}]},
            {"name": "plugin-files", "manifest_path": "/w/plugins/thumbs/files/Cargo.toml", "targets": [
                {"kind": ["lib"], "crate_types": ["lib"], "name": "plugin_files"}]},
            {"name": "thumbs-scale", "manifest_path": "/w/plugins/thumbs/scale/Cargo.toml", "targets": [
                {"kind": ["lib", "cdylib"], "crate_types": ["lib", "cdylib"], "name": "thumbs_scale"}]},
            {"name": "guests", "manifest_path": "/w/tests/guests/Cargo.toml", "targets": [
                {"kind": ["lib"], "crate_types": ["lib"], "name": "guests"},
                {"kind": ["example"], "crate_types": ["cdylib"], "name": "echo"},
                {"kind": ["example"], "crate_types": ["cdylib"], "name": "spin"}]}
        ],
        "workspace_root": "/w",
        "target_directory": "/elsewhere/target",
        "version": 1
    }"#;

    pub(crate) fn sample() -> Workspace {
        Workspace::parse(METADATA).expect("the sample is complete")
    }

    #[test]
    fn paths_are_taken_as_cargo_says() {
        let workspace = sample();
        assert_eq!(workspace.root, Path::new("/w"));
        assert_eq!(
            workspace.components(),
            Path::new("/elsewhere/target/wasm32-wasip2/guest")
        );
    }

    #[test]
    fn components_are_told_by_their_crate_type() {
        let found: Vec<_> = sample()
            .packages
            .into_iter()
            .map(|package| {
                (
                    package.name,
                    package.is_component,
                    package.component_examples,
                )
            })
            .collect();
        let expected = [
            ("wodehost", false, 0),
            ("hello", true, 0),
            ("plugin-files", false, 0),
            ("thumbs-scale", true, 0),
            ("guests", false, 2),
        ];
        assert_eq!(found, expected.map(|(n, c, e)| (n.to_owned(), c, e)));
    }

    #[test]
    fn a_component_is_named_as_its_crate() {
        assert_eq!(sample().packages[3].component_file(), "thumbs_scale.wasm");
    }

    #[test]
    fn metadata_that_lacks_something_is_no_workspace() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"packages": [{}], "workspace_root": "/w"}"#,
        ] {
            assert_eq!(Workspace::parse(text), None, "{text}");
        }
    }
}
