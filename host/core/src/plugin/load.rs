//! From a file to a plugin that is ready to run.
//!
//! Each step has an error of its own: reading, recognising, compiling or the
//! cache, the contract's exports, the imports, the grants.

use super::cache::{self, Cache, Cached, Seen};
use super::compile::{self, Compiler, CompilerProgram, Failure};
use super::complexity;
use super::digest::Digest;
use super::error::PluginError;
use super::kind::FileKind;
use super::roles::Roles;
use super::{CodeKind, Grants, Plugin, PluginInner, PluginSource};
use crate::sandbox::{GuestState, MemoryTotal, Profile, Room, Ticks};
use crate::value::escape_for_people;
use std::borrow::Cow;
use std::fs::Metadata;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};

/// The largest component when nobody says otherwise, bytes. The largest toolchain's
/// components are 18 MiB.
pub const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// What plugins are loaded with.
pub(crate) struct Loader<'a> {
    pub(crate) engine: &'a Engine,
    /// What the engine asks of code.
    pub(crate) code: CodeKind,
    /// How attempts run.
    pub(crate) profile: Profile,
    /// What a component may need, where no pool bounds it.
    pub(crate) room: Option<Room>,
    pub(crate) linker: &'a Linker<GuestState>,
    pub(crate) cache: Option<&'a Cache>,
    pub(crate) compiler: &'a Compiler,
    pub(crate) memory_total: &'a Arc<MemoryTotal>,
    pub(crate) ticks: &'a Ticks,
    /// The largest component, bytes.
    pub(crate) bytes_max: u64,
}

/// Code, and what it was made of.
struct Compiled {
    component: Component,
    digest: Digest,
    /// The component's size.
    bytes: u64,
}

impl Loader<'_> {
    /// Loads a plugin.
    pub(crate) fn load(&self, source: PluginSource) -> Result<Plugin, PluginError> {
        check_grants(&source)?;
        let grants = under(self.profile, source.grants, &source.name)?;
        let in_memory = source.component.clone();
        let Compiled {
            component,
            digest,
            bytes,
        } = match source.component {
            Some(bytes) => self.of_bytes(bytes)?,
            None => self.of_file(&source.path)?,
        };
        if let Some(lacks) = self.room.and_then(|room| room.lacks(&component)) {
            return Err(PluginError::TooComplex(lacks));
        }
        let roles = Roles::of(&component, self.engine)?;
        check_imports(&component, self.engine)?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(|e| PluginError::ImportMismatch(cause(&e)))?;
        Ok(Plugin(Arc::new(PluginInner {
            name: source.name.into(),
            path: source.path,
            component: in_memory,
            bytes,
            digest,
            roles,
            pre,
            grants,
            limits: Arc::new(source.limits),
            config: source.config,
            memory_total: self.memory_total.clone(),
            ticks: self.ticks.clone(),
            profile: self.profile,
        })))
    }

    fn of_bytes(&self, bytes: Cow<'static, [u8]>) -> Result<Compiled, PluginError> {
        self.check_size(bytes.len() as u64)?;
        let bytes = component(bytes)?;
        let digest = Digest::of(&bytes);
        Ok(Compiled {
            component: self.compiled(&bytes, &digest)?,
            digest,
            bytes: bytes.len() as u64,
        })
    }

    /// The same for a file, which need not be read where the cache knows it.
    fn of_file(&self, path: &Path) -> Result<Compiled, PluginError> {
        if let Some(known) = self.seen(path) {
            return Ok(known);
        }
        let (bytes, about) = self.read(path)?;
        let compiled = self.of_bytes(bytes.into())?;
        if let Some(cache) = self.cache {
            let submits = submits(&compiled.component, self.engine);
            cache.remember(&about, Seen::new(compiled.digest, compiled.bytes, submits));
        }
        Ok(compiled)
    }

    /// A component that was read before, and whose code is in the cache.
    fn seen(&self, path: &Path) -> Option<Compiled> {
        let cache = self.cache?;
        let about = std::fs::metadata(path).ok()?;
        let seen = cache.seen(&about)?;
        self.check_size(about.len()).ok()?;
        let (component, new) = cache.load_seen(seen, self.engine)?;
        if let Some(seen) = new {
            cache.remember(&about, seen);
        }
        Some(Compiled {
            component,
            digest: seen.digest(),
            bytes: seen.bytes,
        })
    }

    /// Compiles a component without anything in it, past the cache.
    pub(crate) fn try_compiler(&self) -> Result<(), PluginError> {
        let bytes = b"\0asm\x0d\0\x01\0";
        let loader = Loader {
            cache: None,
            ..*self
        };
        loader.compiled(bytes, &Digest::of(bytes)).map(|_| ())
    }

    fn compiled(&self, bytes: &[u8], digest: &Digest) -> Result<Component, PluginError> {
        if let Some(component) = self.known(bytes, digest)? {
            return Ok(component);
        }
        complexity::check(bytes)?;
        match self.compiler {
            Compiler::InProcess => self.compile_here(bytes, digest),
            Compiler::Child(program) => {
                let (_turn, has_waited) = compile::turn();
                // Who was before may have compiled the same.
                if has_waited && let Some(component) = self.known(bytes, digest)? {
                    return Ok(component);
                }
                self.compile_in_child(program, bytes, digest)
            }
        }
    }

    /// What the cache has; the error is a refusal that still holds.
    fn known(&self, bytes: &[u8], digest: &Digest) -> Result<Option<Component>, PluginError> {
        let Some(cache) = self.cache else {
            return Ok(None);
        };
        let limits = match self.compiler {
            Compiler::InProcess => None,
            Compiler::Child(program) => Some(&program.limits),
        };
        match cache.load(digest, self.engine) {
            Cached::Code(component) => Ok(Some(component)),
            Cached::Refusal(refusal, file) if refusal.still_holds(limits) => {
                let error = Box::new(refusal.into_error(bytes.len() as u64));
                Err(PluginError::Remembered { error, file })
            }
            Cached::Refusal(..) | Cached::Nothing => Ok(None),
        }
    }

    fn compile_here(&self, bytes: &[u8], digest: &Digest) -> Result<Component, PluginError> {
        let compiled = Component::from_binary(self.engine, bytes);
        let component =
            compiled.map_err(|e| compile::why_not(bytes, &e).into_error(bytes.len() as u64))?;
        if let Some(cache) = self.cache {
            match component.serialize() {
                Ok(code) => cache.store(digest, self.engine, &code),
                Err(error) => tracing::warn!(target: "wodehost::plugin", %error,
                    "compiled code cannot be kept"),
            }
        }
        Ok(component)
    }

    fn compile_in_child(
        &self,
        program: &CompilerProgram,
        bytes: &[u8],
        digest: &Digest,
    ) -> Result<Component, PluginError> {
        let code = match compile::in_child(program, bytes, self.engine, self.code) {
            Ok(code) => code,
            Err(Failure::Refused(refusal)) => {
                if let Some(cache) = self.cache.filter(|_| refusal.is_final()) {
                    cache.store_refusal(digest, self.engine, &refusal);
                }
                return Err(refusal.into_error(bytes.len() as u64));
            }
            Err(Failure::NotStarted(error)) => {
                let program = program.program.clone();
                return Err(PluginError::NoCompiler { program, error });
            }
            Err(Failure::Fault(why)) => {
                let why = escape_for_people(&why, 500);
                return Err(PluginError::Compile(format!("the compiler failed: {why}")));
            }
        };
        // It may need more than the pools of this engine hold, which depends on limits
        // of now and is not for the cache.
        let component =
            cache::fresh(self.engine, &code).map_err(|e| PluginError::TooComplex(cause(&e)))?;
        let Some(cache) = self.cache else {
            return Ok(component);
        };
        cache.store(digest, self.engine, &code);
        // From now on as everybody else has it: mapped, not copied.
        match cache.load(digest, self.engine) {
            Cached::Code(mapped) => Ok(mapped),
            Cached::Refusal(..) | Cached::Nothing => Ok(component),
        }
    }
    /// A component's file.
    /// A file's bytes, and what the file was like when they had been read.
    fn read(&self, path: &Path) -> Result<(Vec<u8>, Metadata), PluginError> {
        let unreadable = |error| PluginError::Read {
            path: path.to_owned(),
            error,
        };
        let about = std::fs::metadata(path).map_err(unreadable)?;
        if about.is_dir() {
            return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
        }
        if !about.is_file() {
            // Nobody may ever write to the other end.
            let why = "it is no regular file";
            return Err(unreadable(std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                why,
            )));
        }
        self.check_size(about.len())?;
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::with_capacity(about.len() as usize);
        // It may have grown since; one byte more than is allowed tells.
        (&file)
            .take(self.bytes_max.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        Ok((bytes, about))
    }

    fn check_size(&self, bytes: u64) -> Result<(), PluginError> {
        if bytes > self.bytes_max {
            let limit = self.bytes_max;
            return Err(PluginError::TooLarge { bytes, limit });
        }
        Ok(())
    }
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

/// What a plugin gets of its grants under a profile.
fn under(profile: Profile, mut grants: Grants, name: &str) -> Result<Grants, PluginError> {
    match profile {
        Profile::Standard => {}
        Profile::Paranoid if grants.net.is_empty() => {}
        Profile::Paranoid => {
            tracing::warn!(target: "wodehost::plugin", plugin = name,
                "it does not get the network that it is granted (`--paranoid`)");
            grants.net.clear();
        }
        Profile::Deterministic(_) => {
            let folders = !(grants.read.is_empty() && grants.write.is_empty());
            let is_granted = [(folders, "files"), (!grants.net.is_empty(), "the network")];
            if let Some((_, what)) = is_granted.into_iter().find(|(is, _)| *is) {
                return Err(PluginError::NotDeterministic(what));
            }
        }
    }
    Ok(grants)
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

/// An error of the engine with all its causes.
pub(super) fn cause(error: &wasmtime::Error) -> String {
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

/// Whether a component imports what submits jobs. Every plugin may submit to itself.
fn submits(component: &Component, engine: &Engine) -> bool {
    let ty = component.component_type();
    ty.imports(engine)
        .any(|(name, _)| name.starts_with("wodehost:plugin/jobs@"))
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
