//! Builds the SDKs and the templates of `wodehost new` in: a table of paths and files.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A language, and where its SDK is: files and folders of `guest-sdk/`, and where each goes in a
/// project.
type Sdk = (&'static str, &'static [(&'static str, &'static str)]);

const SDKS: [Sdk; 7] = [
    (
        "rust",
        &[
            ("rust/build.rs", "sdk/build.rs"),
            ("rust/sdk.wit", "sdk/sdk.wit"),
            ("rust/src", "sdk/src"),
            ("rust/macros/src", "sdk/macros/src"),
            ("rust/wit", "sdk/wit"),
        ],
    ),
    ("python", &[("python/sdk", "sdk")]),
    ("javascript", &[("javascript/sdk", "sdk")]),
    ("typescript", &[("javascript/sdk", "sdk")]),
    ("go", &[("go/sdk", "sdk")]),
    ("c", &[("c/sdk", "sdk")]),
    // The SDK of C is in a folder of it.
    ("cpp", &[("cpp/sdk", "sdk")]),
];

/// What tools leave among the sources.
const LEFT: [&str; 2] = ["__pycache__", "node_modules"];

/// The manifests of Rust's SDK: they lean on the repository's, and stand alone in a project.
const MANIFESTS: [(&str, &str); 2] = [
    ("rust/Cargo.toml", "Cargo.toml"),
    ("rust/macros/Cargo.toml", "macros/Cargo.toml"),
];

/// Writes the table into `out`, a folder; `root` is the repository.
pub(crate) fn write(root: &Path, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let sdks = root.join("guest-sdk");
    let mut table = String::from("static FILES: &[(&str, &[u8])] = &[\n");
    let mut add = |path: &str, file: &Path| {
        let file = file.to_string_lossy();
        let _ = writeln!(table, "    ({path:?}, include_bytes!({file:?})),");
    };
    for (language, parts) in SDKS {
        for (from, to) in parts {
            each(&sdks.join(from), &format!("{language}/{to}"), &mut add)?;
        }
        let template = sdks.join(language).join("template");
        each(&template, &format!("{language}/template"), &mut add)?;
    }
    let workspace = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    follow(&root.join("Cargo.toml"));
    for (from, to) in MANIFESTS {
        follow(&sdks.join(from));
        let manifest = alone(&fs::read_to_string(sdks.join(from))?.parse()?, &workspace)?;
        let file = out.join(to.replace('/', "-"));
        fs::write(&file, manifest.to_string())?;
        add(&format!("rust/sdk/{to}"), &file);
    }
    table.push_str("];\n");
    fs::write(out.join("embedded.rs"), table)?;
    Ok(())
}

/// Has cargo build anew when a source changes. Never what is written here: it would be newer than
/// the build each time.
fn follow(source: &Path) {
    println!("cargo::rerun-if-changed={}", source.display());
}

/// Calls `add` with each file below a folder, or with the file, in the order of their names.
fn each(from: &Path, to: &str, add: &mut impl FnMut(&str, &Path)) -> io::Result<()> {
    if from.is_file() {
        // Not the folder: tools leave files of theirs in it.
        follow(from);
        add(to, from);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(from)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if LEFT.contains(&&*name) {
            continue;
        }
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
