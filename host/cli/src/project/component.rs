//! Makes a component of a core module, for languages whose compilers end there.
//!
//! The module's own exports say which of the contract's it has; a module that uses
//! WASI's preview 1 gets the adapter that answers it with preview 2.

use super::{Role, world};
use crate::error::{Error, Kind};
use std::collections::BTreeSet;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as PREVIEW1,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER,
};
use wasmparser::{CustomSectionReader, KnownCustom, Name, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// Makes a component with these roles of a module.
pub(super) fn of_module(module: Vec<u8>, roles: &[Role]) -> Result<Vec<u8>, Error> {
    let edges = Edges::of(&module).map_err(|error| failed(&error.into()))?;
    for role in roles {
        let export = role.required();
        if !edges.exports.contains(export) {
            return Err(Error::new(
                Kind::Plugin,
                format!(
                    "the module exports no `{export}`, which a {} has",
                    role.name()
                ),
            )
            .hint("plugin.toml says which roles the plugin has"));
        }
    }
    for role in Role::ALL.iter().filter(|role| !roles.contains(role)) {
        if edges.exports.contains(role.required()) {
            let name = role.name();
            return Err(Error::new(
                Kind::Plugin,
                format!("plugin.toml does not say that it is a {name}"),
            )
            .because(format!("the sources have an entry point of a {name}"))
            .hint(format!(
                "add \"{name}\" to roles, or take it out of the sources"
            )));
        }
    }
    encode(module, roles, &edges).map_err(|error| failed(&error))
}

fn failed(error: &anyhow::Error) -> Error {
    Error::new(Kind::Plugin, "no component can be made of the module").because(format!("{error:#}"))
}

fn encode(mut module: Vec<u8>, roles: &[Role], edges: &Edges) -> anyhow::Result<Vec<u8>> {
    let (resolve, world) = world::resolve(roles, |name| edges.exports.contains(name))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(&module)?;
    if edges.has_preview1 {
        encoder.adapter(PREVIEW1, ADAPTER)?;
    }
    encoder.encode()
}

/// Letters of a function's name that are kept: templates make hundreds of them.
const NAME_CHARS_MAX: usize = 120;

/// A module without what a debugger would want; of its names those of functions stay, for
/// backtraces.
pub(super) fn without_debug_sections(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| failed(&error.into()))?;
        if let Payload::CustomSection(section) = &payload {
            if section.name() == "name" {
                let names = function_names(section).map_err(|error| failed(&error.into()))?;
                out.section(&names);
                continue;
            }
            if is_left_out(section.name()) {
                continue;
            }
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &module[range.start as usize..range.end as usize];
            out.section(&wasm_encoder::RawSection { id, data });
        }
    }
    Ok(out.finish())
}

fn is_left_out(section: &str) -> bool {
    section.starts_with(".debug") || matches!(section, "producers" | "target_features")
}

fn function_names(
    section: &CustomSectionReader<'_>,
) -> Result<wasm_encoder::NameSection, wasmparser::BinaryReaderError> {
    let mut kept = wasm_encoder::NameMap::new();
    let KnownCustom::Name(names) = section.as_known() else {
        return Ok(wasm_encoder::NameSection::new());
    };
    for subsection in names {
        let Name::Function(functions) = subsection? else {
            continue;
        };
        for naming in functions {
            let naming = naming?;
            let short = &naming.name[..naming.name.floor_char_boundary(NAME_CHARS_MAX)];
            kept.append(naming.index, short);
        }
    }
    let mut section = wasm_encoder::NameSection::new();
    section.functions(&kept);
    Ok(section)
}

/// What a module has to do with the world around it.
struct Edges {
    exports: BTreeSet<String>,
    has_preview1: bool,
}

impl Edges {
    fn of(module: &[u8]) -> Result<Edges, wasmparser::BinaryReaderError> {
        let mut edges = Edges {
            exports: BTreeSet::new(),
            has_preview1: false,
        };
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            if let Payload::ExportSection(section) = payload {
                for export in section {
                    edges.exports.insert(export?.name.to_owned());
                }
            } else if let Payload::ImportSection(section) = payload {
                for import in section.into_imports() {
                    edges.has_preview1 |= import?.module == PREVIEW1;
                }
            }
        }
        Ok(edges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with the memory and the exports that a gate has, and what it imports.
    fn module(import: &str) -> Vec<u8> {
        let text = format!(
            r#"(module {import} (memory (export "memory") 1)
                 (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
                 (func (export "admit") (result i32) i32.const 0))"#
        );
        wat::parse_str(text).expect("a module")
    }

    #[test]
    fn a_module_becomes_a_component_and_gets_the_adapter_where_it_needs_it() {
        let plain = of_module(module(""), &[Role::Gate]).expect("a component");
        let wasi = r#"(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))"#;
        let adapted = of_module(module(wasi), &[Role::Gate]).expect("a component");
        assert!(Parser::is_component(&plain) && Parser::is_component(&adapted));
        assert!(
            plain.len() < 2_000 && adapted.len() > 5_000,
            "{} {}",
            plain.len(),
            adapted.len()
        );
    }

    #[test]
    fn names_of_functions_stay_and_all_else_for_debuggers_goes() {
        let long = "f".repeat(500);
        let text = format!(
            r#"(module $m (@custom ".debug_info" "xxxx") (@custom "mine" "yyyy")
                 (func ${long} (param $parameter i32)))"#
        );
        let module = wat::parse_str(text).expect("a module");
        let out = without_debug_sections(&module).expect("a module");
        let has = |part: &str| {
            out.windows(part.len())
                .any(|bytes| bytes == part.as_bytes())
        };
        assert!(has("mine") && has(&long[..NAME_CHARS_MAX]));
        assert!(!has(".debug") && !has("parameter") && !has(&long[..=NAME_CHARS_MAX]));
    }

    #[test]
    fn a_role_that_the_module_has_not_is_named() {
        let error = of_module(module(""), &[Role::Gate, Role::Worker]).expect_err("no worker");
        assert!(
            error
                .render()
                .contains("exports no `run`, which a worker has"),
            "{}",
            error.render()
        );
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(of_module(b"#!/bin/sh".to_vec(), &[Role::Gate]).is_err());
    }
}
