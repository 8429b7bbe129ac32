//! Generates `src/bindings.rs`'s modules from `wit/` and `sdk.wit`.
//!
//! `wit_bindgen::generate!` would do but for one thing: it also leaves a
//! description of each world's imports in this crate, and with link-time
//! optimisation every plugin would carry them all, so that a worker would seem
//! to import what a consumer needs. Here the descriptions of the worlds with
//! exports are taken out; the export macros have their own, complete ones.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use syn::Item;
use wit_bindgen_core::wit_parser::{PackageId, Resolve, WorldKey};
use wit_bindgen_core::{Files, WorldGenerator};
use wit_bindgen_rust::{Opts, WithOption};

/// The static that carries a description.
const DESCRIPTION: &str = "__WIT_BINDGEN_COMPONENT_TYPE";

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut resolve = Resolve::default();
    let (contract, sources) = resolve.push_dir(root.join("wit"))?;
    let own = resolve.push_file(root.join("sdk.wit"))?;
    println!("cargo::rerun-if-changed=sdk.wit");
    for source in sources.paths() {
        println!("cargo::rerun-if-changed={}", source.display());
    }

    let options = Opts {
        generate_all: true,
        ..Opts::default()
    };
    write(
        &out,
        "imports",
        &generate(&resolve, (own, "imports"), options)?,
    )?;

    let worlds = [
        (contract, "worker"),
        (contract, "producer"),
        (contract, "consumer"),
        (contract, "gate"),
        (own, "set-up"),
        (own, "on-emit"),
        (own, "finish"),
    ];
    for (package, world) in worlds {
        let name = world.replace('-', "_");
        let options = Opts {
            pub_export_macro: true,
            export_macro_name: Some(format!("export_{name}")),
            default_bindings_module: Some(format!("wodehost_guest::bindings::{name}")),
            with: shared(&resolve, (package, world))?,
            ..Opts::default()
        };
        let source = generate(&resolve, (package, world), options)?;
        write(&out, &name, &without_description(&source, world)?)?;
    }
    Ok(())
}

/// A world of a package.
type Named<'a> = (PackageId, &'a str);

/// Where each interface that the world imports is generated already.
fn shared(resolve: &Resolve, (package, world): Named) -> Result<Vec<(String, WithOption)>> {
    let id = resolve.select_world(&[package], Some(world))?;
    let mut shared = Vec::new();
    for key in resolve.worlds[id].imports.keys() {
        if let WorldKey::Interface(interface) = key {
            let id = resolve
                .id_of(*interface)
                .context("an interface has a name")?;
            let name = resolve.interfaces[*interface].name.as_deref();
            let name = name.context("an interface has a name")?;
            let path = format!("crate::bindings::wit::{name}");
            shared.push((id, WithOption::Path(path)));
        }
    }
    Ok(shared)
}

fn generate(resolve: &Resolve, (package, world): Named, options: Opts) -> Result<String> {
    let mut resolve = resolve.clone();
    let id = resolve.select_world(&[package], Some(world))?;
    let mut files = Files::default();
    options.build().generate(&mut resolve, id, &mut files)?;
    let (_, source) = files.iter().next().context("nothing was generated")?;
    Ok(String::from_utf8(source.to_vec())?)
}

fn without_description(source: &str, world: &str) -> Result<String> {
    let mut file = syn::parse_file(source)?;
    let before = file.items.len();
    file.items
        .retain(|item| !matches!(item, Item::Static(item) if item.ident == DESCRIPTION));
    ensure!(
        before - file.items.len() == 1,
        "wit-bindgen describes world {world} in another way than this build script knows"
    );
    Ok(prettyplease::unparse(&file))
}

fn write(out: &Path, name: &str, source: &str) -> Result<()> {
    Ok(fs::write(out.join(name).with_extension("rs"), source)?)
}
