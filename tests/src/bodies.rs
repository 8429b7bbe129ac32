//! Workers with arbitrary code: modules of wasm-smith, with the imports and exports of our
//! world, as components.

use arbitrary::Unstructured;
use std::convert::Infallible;
use std::sync::OnceLock;
use wasm_encoder::reencode::{self, Reencode};
use wasm_smith::{Config, Module};
use wasmparser::{ExternalKind, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WorldId};

/// What a module exports as a worker.
const EXPORTS: &str = r#"(module
    (memory (export "memory") 2)
    (func (export "run") (param i32 i32) (result i32) unreachable)
    (func (export "cabi_post_run") (param i32) unreachable)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;

/// Our world, and how modules name its imports.
struct World {
    resolve: Resolve,
    id: WorldId,
    /// A module that has all of them.
    imports: Vec<u8>,
    /// A module that has the exports.
    exports: Vec<u8>,
}

fn world() -> Result<&'static World, String> {
    static WORLD: OnceLock<Result<World, String>> = OnceLock::new();
    let read = || {
        let mut resolve = Resolve::default();
        let folder = crate::workspace().join("wit");
        let (package, _) = resolve.push_path(folder).map_err(|e| format!("{e:#}"))?;
        let id = resolve.select_world(&[package], Some("worker"));
        let id = id.map_err(|e| format!("{e:#}"))?;
        let imports = dummy_module(&resolve, id, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
        Ok(World {
            imports,
            exports: crate::corpus::wat::assemble(EXPORTS),
            resolve,
            id,
        })
    };
    WORLD.get_or_init(read).as_ref().map_err(Clone::clone)
}

/// The component that some bytes make; none when they make none.
///
/// The first byte chooses: whether the code avoids to trap, whether its `cabi_realloc` is
/// arbitrary, too, and whether memories may begin larger than they may be; else few bodies
/// would ever be entered.
pub fn component(bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let Some((&choice, rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let world = world()?;
    let config = config(world, choice);
    let Ok(module) = Module::new(config, &mut Unstructured::new(rest)) else {
        return Ok(None);
    };
    let mut module = module.to_bytes();
    if choice & 6 != 0 {
        module = with_realloc(&module)?;
    }
    embed_component_metadata(
        &mut module,
        &world.resolve,
        world.id,
        StringEncoding::UTF8,
        false,
    )
    .map_err(|e| format!("{e:#}"))?;
    let mut encoder = ComponentEncoder::default();
    let component = encoder.module(&module).and_then(ComponentEncoder::encode);
    component
        .map(Some)
        .map_err(|e| format!("no component: {e:#}"))
}

/// The proposals that are on, and few of everything, so that the input becomes code.
fn config(world: &World, choice: u8) -> Config {
    Config {
        available_imports: Some(world.imports.clone()),
        exports: Some(world.exports.clone()),
        disallow_traps: choice & 1 == 0,
        max_data_segments: 4,
        max_element_segments: 4,
        max_elements: 10,
        max_funcs: 8,
        max_globals: 8,
        max_imports: 12,
        max_instructions: 300,
        max_memories: 2,
        max_memory32_bytes: if choice & 8 == 0 { 1 << 20 } else { 8 << 20 },
        max_table_elements: 1000,
        max_types: 16,
        compact_imports_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        // What is left of references without these are functions in one table: others need a
        // collector.
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}

/// The module with a `cabi_realloc` that gives the same 4 KiB again and again.
fn with_realloc(module: &[u8]) -> Result<Vec<u8>, String> {
    let mut reencoder = WithRealloc {
        realloc: defined_function(module, "cabi_realloc").map_err(|e| e.to_string())?,
        next: 0,
    };
    let mut made = wasm_encoder::Module::new();
    reencoder
        .parse_core_module(&mut made, Parser::new(0), module)
        .map_err(|e| e.to_string())?;
    Ok(made.finish())
}

/// The place of an exported function among the bodies; none for one that is imported.
fn defined_function(module: &[u8], name: &str) -> wasmparser::Result<Option<u32>> {
    let mut imported = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ImportSection(imports) = payload {
            for import in imports.into_imports() {
                imported += u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
            }
        } else if let Payload::ExportSection(exports) = payload {
            for export in exports {
                let export = export?;
                if export.kind == ExternalKind::Func && export.name == name {
                    return Ok(export.index.checked_sub(imported));
                }
            }
        }
    }
    Ok(None)
}

/// Replaces one body.
struct WithRealloc {
    realloc: Option<u32>,
    next: u32,
}

impl Reencode for WithRealloc {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut wasm_encoder::CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        let place = self.next;
        self.next += 1;
        if self.realloc != Some(place) {
            return reencode::utils::parse_function_body(self, code, body);
        }
        let mut function = wasm_encoder::Function::new([]);
        function.instructions().i32_const(60 << 10).end();
        code.function(&function);
        Ok(())
    }
}
