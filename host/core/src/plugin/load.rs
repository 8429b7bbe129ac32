//! From a file to a plugin that is ready to run.
//!
//! Each step has an error of its own: reading, recognising, compiling or the
//! cache, the contract's exports, the imports, the grants.

use super::cache::Cache;
use super::digest::Digest;
use super::error::PluginError;
use super::kind::FileKind;
use super::roles::Roles;
use super::{Plugin, PluginInner, PluginSource};
use crate::sandbox::{FEATURES, GuestState, MemoryTotal};
use crate::value::escape_for_people;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use wasmparser::{BinaryReaderError, Validator, WasmFeatures};
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};

/// The largest component file, bytes. The largest toolchain's components are 18 MiB.
pub const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// Loads a plugin.
pub(crate) fn load(
    source: PluginSource,
    engine: &Engine,
    linker: &Linker<GuestState>,
    cache: Option<&Cache>,
    memory_total: &Arc<MemoryTotal>,
) -> Result<Plugin, PluginError> {
    check_grants(&source)?;
    let bytes = match source.component {
        Some(bytes) => component(bytes)?,
        None => component(read(&source.path)?.into())?,
    };
    let digest = Digest::of(&bytes);
    let component = match cache.and_then(|cache| cache.load(&digest, engine)) {
        Some(component) => component,
        None => compile(&bytes, &digest, engine, cache)?,
    };
    let roles = Roles::of(&component, engine)?;
    check_imports(&component, engine)?;
    let pre = linker
        .instantiate_pre(&component)
        .map_err(|e| PluginError::ImportMismatch(cause(&e)))?;
    Ok(Plugin(Arc::new(PluginInner {
        name: source.name.into(),
        path: source.path,
        bytes: bytes.len() as u64,
        digest,
        roles,
        pre,
        grants: source.grants,
        limits: Arc::new(source.limits),
        config: source.config,
        memory_total: memory_total.clone(),
    })))
}

fn check_grants(source: &PluginSource) -> Result<(), PluginError> {
    source.grants.check()?;
    for folder in source.grants.read.iter().chain(&source.grants.write) {
        std::fs::read_dir(&folder.host).map_err(|error| PluginError::Folder {
            path: folder.host.clone(),
            error,
        })?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, PluginError> {
    let unreadable = |error| PluginError::Read {
        path: path.to_owned(),
        error,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    // One byte more than is allowed tells a file that is too large, whatever its
    // metadata say.
    let mut bytes = Vec::with_capacity(about.len().min(COMPONENT_BYTES_MAX) as usize);
    file.take(COMPONENT_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > COMPONENT_BYTES_MAX {
        return Err(PluginError::TooLarge {
            bytes: about.len().max(bytes.len() as u64),
            limit: COMPONENT_BYTES_MAX,
        });
    }
    Ok(bytes)
}

/// The bytes, if they are those of a component.
fn component(bytes: Cow<'static, [u8]>) -> Result<Cow<'static, [u8]>, PluginError> {
    let kind = FileKind::of(&bytes);
    if kind == FileKind::Component {
        Ok(bytes)
    } else {
        Err(PluginError::NotAComponent(kind))
    }
}

fn compile(
    bytes: &[u8],
    digest: &Digest,
    engine: &Engine,
    cache: Option<&Cache>,
) -> Result<Component, PluginError> {
    let component = Component::from_binary(engine, bytes).map_err(|e| why_not(bytes, &e))?;
    if let Some(cache) = cache {
        match component.serialize() {
            Ok(code) => cache.store(digest, engine, &code),
            Err(error) => tracing::warn!(target: "wodehost::plugin", %error,
                "compiled code cannot be kept"),
        }
    }
    Ok(component)
}

/// Tells damage from a feature that is off, by validating with everything on and
/// then with what the engine has on.
fn why_not(bytes: &[u8], error: &wasmtime::Error) -> PluginError {
    let validate = |features| Validator::new_with_features(features).validate_all(bytes);
    let in_words = |invalid: &BinaryReaderError| {
        let text = escape_for_people(invalid.message(), 300);
        format!("{text} (at byte {})", invalid.offset())
    };
    if let Err(invalid) = validate(WasmFeatures::all()) {
        return PluginError::Damaged(in_words(&invalid));
    }
    match validate(FEATURES) {
        Err(invalid) => PluginError::UnsupportedFeature(in_words(&invalid)),
        Ok(_) => PluginError::TooComplex(cause(error)),
    }
}

fn cause(error: &wasmtime::Error) -> String {
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    escape_for_people(&chain.join(": "), 500)
}

/// The WASI packages that are linked; `wasi:http` and others are not.
const WASI: [&str; 6] = [
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

/// Names an import that this host does not have.
fn check_imports(component: &Component, engine: &Engine) -> Result<(), PluginError> {
    for (name, import) in component.component_type().imports(engine) {
        let known = match import.ty {
            // A world's `use` leaves its types as imports; there is nothing behind them.
            ComponentItem::Type(_) => true,
            ComponentItem::ComponentInstance(_) => is_known(name),
            ComponentItem::ComponentFunc(_)
            | ComponentItem::CoreFunc(_)
            | ComponentItem::Module(_)
            | ComponentItem::Component(_)
            | ComponentItem::Resource(_) => false,
        };
        if !known {
            return Err(PluginError::UnknownImport(escape_for_people(name, 200)));
        }
    }
    Ok(())
}

/// Whether an import's interface is one of the contract's or of WASI 0.2's.
pub(crate) fn is_known(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else {
        return false;
    };
    match interface.strip_prefix("wodehost:plugin/") {
        Some(own) => {
            version.starts_with("0.1.")
                && matches!(
                    own,
                    "types"
                        | "host"
                        | "log"
                        | "clock"
                        | "random"
                        | "task"
                        | "board"
                        | "jobs"
                        | "checkpoint"
                )
        }
        None => version.starts_with("0.2.") && WASI.iter().any(|p| interface.starts_with(p)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contract_and_wasi_are_known() {
        assert!(is_known("wodehost:plugin/task@0.1.0"));
        assert!(is_known("wasi:cli/stderr@0.2.6"));
        for other in [
            "wasi:http/types@0.2.6",
            "wasi:cli/stderr@0.3.0",
            "wodehost:plugin/secrets@0.1.0",
            "wodehost:plugin/task@0.2.0",
            "env",
        ] {
            assert!(!is_known(other), "{other}");
        }
    }
}
