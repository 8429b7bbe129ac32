//! Builds the SDKs and the templates of `wodehost new` in: a table of paths and files.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where a language's SDK is: folders and files from `guest-sdk/`, and where each goes in a
/// project's `sdk/`.
struct Sdk {
    language: &'static str,
    parts: &'static [(&'static str, &'static str)],
}

const SDKS: [Sdk; 1] = [Sdk {
    language: "rust",
    parts: &[
        ("rust/build.rs", "build.rs"),
        ("rust/sdk.wit", "sdk.wit"),
        ("rust/src", "src"),
        ("rust/macros/src", "macros/src"),
        ("rust/wit", "wit"),
    ],
}];

/// The manifests of Rust's SDK: they lean on the repository's, and stand alone in a project.
const MANIFESTS: [(&str, &str); 2] = [
    ("rust/Cargo.toml", "Cargo.toml"),
    ("rust/macros/Cargo.toml", "macros/Cargo.toml"),
];

/// Writes the table into `out`, a folder; `root` is the repository.
pub(crate) fn write(root: &Path, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let sdks = root.join("guest-sdk");
    println!("cargo::rerun-if-changed={}", sdks.display());
    println!("cargo::rerun-if-changed={}", root.join("wit").display());
    let mut table = String::from("static FILES: &[(&str, &[u8])] = &[\n");
    let mut add = |path: &str, file: &Path| {
        let _ = writeln!(table, "    ({path:?}, include_bytes!({file:?})),");
    };
    for Sdk { language, parts } in SDKS {
        for (from, to) in parts {
            each(&sdks.join(from), &format!("{language}/sdk/{to}"), &mut add)?;
        }
        let template = sdks.join(language).join("template");
        each(&template, &format!("{language}/template"), &mut add)?;
    }
    let workspace = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    println!(
        "cargo::rerun-if-changed={}",
        root.join("Cargo.toml").display()
    );
    for (from, to) in MANIFESTS {
        let manifest = alone(&fs::read_to_string(sdks.join(from))?.parse()?, &workspace)?;
        let file = out.join(to.replace('/', "-"));
        fs::write(&file, manifest.to_string())?;
        add(&format!("rust/sdk/{to}"), &file);
    }
    table.push_str("];\n");
    fs::write(out.join("embedded.rs"), table)?;
    Ok(())
}

/// Calls `add` with each file below a folder, or with the file, in the order of their names.
fn each(from: &Path, to: &str, add: &mut impl FnMut(&str, &Path)) -> io::Result<()> {
    if from.is_file() {
        add(to, from);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(from)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        each(&entry, &format!("{to}/{name}"), add)?;
    }
    Ok(())
}

/// A package's manifest without what it has from its workspace.
fn alone(manifest: &toml::Table, workspace: &toml::Table) -> Result<toml::Table, String> {
    let workspace = workspace["workspace"].as_table().ok_or("no workspace")?;
    let mut manifest = manifest.clone();
    manifest.remove("lints");
    for (section, of) in [("package", "package"), ("dependencies", "dependencies")] {
        let Some(section) = manifest
            .get_mut(section)
            .and_then(toml::Value::as_table_mut)
        else {
            continue;
        };
        for (key, value) in section.iter_mut() {
            if value.get("workspace").is_some() {
                let known = workspace[of].get(key).ok_or_else(|| format!("no {key}"))?;
                *value = from_here(known.clone());
            }
        }
    }
    Ok(manifest)
}

/// A dependency whose path is from the repository's root, as it is from the SDK's folder.
fn from_here(mut dependency: toml::Value) -> toml::Value {
    if let Some(toml::Value::String(path)) = dependency.get_mut("path") {
        *path = path.trim_start_matches("guest-sdk/rust/").to_owned();
    }
    dependency
}
