//! Plugins: from a file on disk to something that can be instantiated at once.

mod cache;
mod compile;
mod complexity;
mod digest;
mod error;
mod fingerprint;
mod grants;
mod inspect;
mod kind;
mod load;
mod roles;
mod source;

pub use cache::Cache;
pub(crate) use compile::CodeKind;
pub use compile::{CompileLimit, CompileLimits, CompileTask, Compiler, CompilerProgram};
pub use digest::Digest;
pub use error::PluginError;
pub(crate) use fingerprint::fingerprint;
pub use grants::{Folder, GrantError, Grants, NetRule};
pub use inspect::Import;
pub use kind::FileKind;
pub use load::COMPONENT_BYTES_MAX;
pub(crate) use load::Loader;
pub(crate) use roles::{ConsumerExports, Roles, WorkerExports};
pub use source::PluginSource;

use crate::limits::Limits;
use crate::sandbox::{GuestState, MemoryTotal, Profile, Ticks};
use crate::value::Value;
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::{ComponentExportIndex, InstancePre};

/// A loaded plugin: compiled, linked and ready. Cheap to clone.
#[derive(Clone)]
pub struct Plugin(Arc<PluginInner>);

struct PluginInner {
    name: Arc<str>,
    path: PathBuf,
    /// The component, where it came from memory.
    component: Option<Cow<'static, [u8]>>,
    bytes: u64,
    digest: Digest,
    roles: Roles,
    pre: InstancePre<GuestState>,
    grants: Grants,
    limits: Arc<Limits>,
    config: Value,
    memory_total: Arc<MemoryTotal>,
    ticks: Ticks,
    profile: Profile,
}

impl Plugin {
    /// What it is called here.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The file it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The size of its file in bytes.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.0.bytes
    }

    /// The SHA-256 of its file.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What it may reach.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.0.grants
    }

    /// The limits of its attempts.
    #[must_use]
    pub fn limits(&self) -> &Arc<Limits> {
        &self.0.limits
    }

    /// Its configuration, a map.
    #[must_use]
    pub fn config(&self) -> &Value {
        &self.0.config
    }

    /// What it can be used as: `worker`, `producer`, `consumer`, `gate`.
    #[must_use]
    pub fn roles(&self) -> Vec<&'static str> {
        self.0.roles.names()
    }

    /// The same plugin with another configuration.
    pub(crate) fn configured(&self, config: Value) -> Plugin {
        let inner = &*self.0;
        Plugin(Arc::new(PluginInner {
            name: inner.name.clone(),
            path: inner.path.clone(),
            component: inner.component.clone(),
            bytes: inner.bytes,
            digest: inner.digest,
            roles: inner.roles.clone(),
            pre: inner.pre.clone(),
            grants: inner.grants.clone(),
            limits: inner.limits.clone(),
            config,
            memory_total: inner.memory_total.clone(),
            ticks: inner.ticks.clone(),
            profile: inner.profile,
        }))
    }

    /// The component itself, for whoever keeps it.
    ///
    /// # Errors
    ///
    /// When its file cannot be read any more, or is another one now.
    pub(crate) fn component(&self) -> io::Result<Cow<'_, [u8]>> {
        let bytes = match &self.0.component {
            Some(bytes) => return Ok(Cow::Borrowed(bytes)),
            None => std::fs::read(self.path())?,
        };
        if Digest::of(&bytes) != self.digest() {
            return Err(io::Error::other("the file was changed since it was loaded"));
        }
        Ok(Cow::Owned(bytes))
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.0.name
    }

    pub(crate) fn pre(&self) -> &InstancePre<GuestState> {
        &self.0.pre
    }

    /// The clock's ticks.
    pub(crate) fn ticks(&self) -> &Ticks {
        &self.0.ticks
    }

    /// The memory that its attempts share with all others.
    pub(crate) fn memory_total(&self) -> &Arc<MemoryTotal> {
        &self.0.memory_total
    }

    /// How its attempts run.
    pub(crate) fn profile(&self) -> Profile {
        self.0.profile
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.0.pre.engine()
    }

    pub(crate) fn worker(&self) -> Result<&WorkerExports, PluginError> {
        let found = self.0.roles.worker.as_ref();
        found.ok_or_else(|| self.wrong_role("a worker"))
    }

    pub(crate) fn producer(&self) -> Result<&ComponentExportIndex, PluginError> {
        let found = self.0.roles.producer.as_ref();
        found.ok_or_else(|| self.wrong_role("a producer"))
    }

    pub(crate) fn consumer(&self) -> Result<&ConsumerExports, PluginError> {
        let found = self.0.roles.consumer.as_ref();
        found.ok_or_else(|| self.wrong_role("a consumer"))
    }

    pub(crate) fn gate(&self) -> Result<&ComponentExportIndex, PluginError> {
        let found = self.0.roles.gate.as_ref();
        found.ok_or_else(|| self.wrong_role("a gate"))
    }

    fn wrong_role(&self, wanted: &'static str) -> PluginError {
        let is = self.roles().join(" and ");
        PluginError::WrongRole {
            is: format!("a {is}"),
            wanted,
        }
    }
}

/// `name@digest`, the digest shortened.
impl std::fmt::Display for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.0.name, self.0.digest.short())
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
