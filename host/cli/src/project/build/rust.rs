//! Rust: cargo makes a component at once.

use super::{failed, read};
use crate::error::{Error, Kind};
use crate::printer::Printer;
use crate::project::tools::{Command, Program, Version};
use crate::project::{Language, Project};
use serde::Deserialize;
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-wasip2";

const CARGO: Program = Program {
    title: "Rust",
    names: &["cargo"],
    ask: &["--version"],
    at_least: Version([1, 85, 0]),
    how: "install rustup from https://rustup.rs",
};

/// A line of `cargo build --message-format json`, as far as it tells of files.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Builds it.
pub(super) fn build(project: &Project, printer: Printer) -> Result<Vec<u8>, Error> {
    let cargo = CARGO.find(Language::Rust)?;
    ensure_target(project, printer)?;
    let messages = Command::new(cargo)
        .args(["build", "--release", "--target", TARGET])
        .args(["--message-format", "json-render-diagnostics"])
        .within(&project.folder)
        .run_reading(printer, || failed(project))?;
    let component = component(&messages).ok_or_else(|| {
        Error::new(Kind::Plugin, "the build left no component")
            .hint(r#"Cargo.toml needs [lib] crate-type = ["cdylib"]"#)
    })?;
    read(&component)
}

/// The library's component among what cargo has built: the last one.
fn component(messages: &str) -> Option<PathBuf> {
    let files = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .flat_map(|message| message.filenames);
    files
        .rev()
        .find(|file| file.extension().is_some_and(|ending| ending == "wasm"))
}

/// Adds the standard library for plugins by rustup if it is not there.
fn ensure_target(project: &Project, printer: Printer) -> Result<(), Error> {
    let folder = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .within(&project.folder)
        .answer();
    if folder.is_some_and(|folder| Path::new(folder.trim()).is_dir()) {
        return Ok(());
    }
    printer.note(&format!("installing the target {TARGET}"));
    Command::new("rustup")
        .args(["target", "add", TARGET])
        .within(&project.folder)
        .run(printer, || {
            Error::config(format!("this Rust toolchain lacks the target {TARGET}"))
                .hint("add it the way this toolchain was installed; with rustup: `rustup target add wasm32-wasip2`")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_is_found_in_what_cargo_says() {
        let messages = r#"{"reason":"compiler-artifact","filenames":["/t/libserde.rlib"]}
{"reason":"compiler-artifact","filenames":["/t/hello.wasm"],"fresh":true}
{"reason":"build-finished","success":true}"#;
        assert_eq!(component(messages), Some(PathBuf::from("/t/hello.wasm")));
        assert_eq!(component("warning: no JSON"), None);
    }
}
