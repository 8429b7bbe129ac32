//! Looks at the engine's version before anything is built with it, and tells `doctor` of it;
//! builds the SDKs in.

#![expect(clippy::print_stdout, reason = "that is how a build script speaks")]

mod advisories;
mod embedded;

use advisories::Known;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
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
