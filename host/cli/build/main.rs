//! Looks at the engine's version before anything is built with it, and tells `doctor` of it;
//! builds the SDKs in.

#![expect(clippy::print_stdout, reason = "that is how a build script speaks")]

mod advisories;
mod embedded;

use advisories::Known;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if has_packed_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (known, lock) = (
        folder.join("advisories.toml"),
        folder.join("../../Cargo.lock"),
    );
    for file in [&known, &lock] {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let known: Known = toml::from_str(&std::fs::read_to_string(known)?)?;
    let said = known.judge(&std::fs::read_to_string(lock)?)?;
    // Not `WODEHOST_…`: cargo gives it to programs that it runs, too.
    println!("cargo::rustc-env=BUILT_WITH={said}");
    let out = std::env::var("OUT_DIR")?;
    embedded::write(&folder.join("../.."), Path::new(&out))
}

/// Whether the C library that this is built with takes the places of a program's pointers packed,
/// as glibc does from 2.36 on: 12 KiB instead of 1.2 MiB are read at each start, which saves a
/// twentieth of the shortest one.
fn has_packed_relocations() -> bool {
    let is_ours = std::env::var("TARGET") == std::env::var("HOST");
    if !is_ours || std::env::var("CARGO_CFG_TARGET_ENV").as_deref() != Ok("gnu") {
        return false;
    }
    let output = std::process::Command::new("getconf")
        .arg("GNU_LIBC_VERSION")
        .output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let version = text.trim().strip_prefix("glibc 2.");
    version
        .and_then(|minor| minor.parse().ok())
        .is_some_and(|minor: u32| minor >= 36)
}
