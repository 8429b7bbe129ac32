//! Compiled code, kept from run to run.
//!
//! An entry is named by the component's digest, the engine's settings and the
//! version of wasmtime; anything else compiled is another entry. Only this host
//! writes here: the folder and its files belong to their owner alone, and what
//! does not is not read. A damaged or foreign entry means compiling again.

mod deserialize;

use super::digest::Digest;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

/// A folder of compiled components.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// Hashes bytes to 64 bits; for names of files, not against attackers.
#[derive(Default)]
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Cache {
    /// A cache in `folder`, which is made for its owner only if it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or when it is there and others may write into it.
    pub fn open(folder: impl Into<PathBuf>) -> std::io::Result<Cache> {
        let folder = folder.into();
        if !folder.is_dir() {
            make_for_owner(&folder)?;
        }
        if others_may_write(&folder)? {
            let kind = std::io::ErrorKind::PermissionDenied;
            let why = "others may write into it, and compiled code is trusted";
            return Err(std::io::Error::new(kind, why));
        }
        // Found out now rather than when something is to be kept.
        tempfile::tempfile_in(&folder)?;
        Ok(Cache { folder })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, digest: &Digest, engine: &Engine) -> PathBuf {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        engine.precompile_compatibility_hash().hash(&mut hash);
        // The engine's hash covers its settings and the version of wasmtime.
        self.folder
            .join(format!("{digest}-{:016x}.bin", hash.finish()))
    }

    /// Gets a component from the cache; `None` = not there, or not to be trusted.
    pub(crate) fn load(&self, digest: &Digest, engine: &Engine) -> Option<Component> {
        let path = self.path(digest, engine);
        if !is_ours(&path).ok()? {
            tracing::warn!(target: "wodehost::plugin", path = %path.display(),
                "a cache entry is not owned by this user alone; compiling again");
            return None;
        }
        match deserialize::component(engine, &path) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(target: "wodehost::plugin", path = %path.display(), %error,
                    "a cache entry cannot be used; compiling again");
                None
            }
        }
    }

    /// Puts a component's code into the cache. A failure costs only time later.
    pub(crate) fn store(&self, digest: &Digest, engine: &Engine, code: &[u8]) {
        let path = self.path(digest, engine);
        if let Err(error) = self.write(&path, code) {
            tracing::warn!(target: "wodehost::plugin", path = %path.display(), %error,
                "compiled code cannot be kept");
        }
    }

    /// Writes aside and renames, so that nobody ever reads half an entry. A
    /// temporary file is made for its owner only.
    fn write(&self, path: &Path, code: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(code)?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }
}

#[cfg(unix)]
fn make_for_owner(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn others_may_write(folder: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata(folder)?.mode() & 0o022 != 0)
}

/// Whether a file belongs to who owns its folder and nobody else may write it.
#[cfg(unix)]
fn is_ours(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::symlink_metadata(path)?;
    let folder = std::fs::metadata(path.parent().unwrap_or(path))?;
    Ok(file.is_file() && file.uid() == folder.uid() && file.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn make_for_owner(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn others_may_write(_: &Path) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(not(unix))]
fn is_ours(path: &Path) -> std::io::Result<bool> {
    Ok(std::fs::symlink_metadata(path)?.is_file())
}
