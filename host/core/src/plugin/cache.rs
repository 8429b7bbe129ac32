//! Compiled code, kept from run to run.
//!
//! An entry is named by the component's digest, the engine's settings and the
//! version of wasmtime; anything else compiled is another entry. Beside code there are
//! small entries for components that were refused, so that what took a minute to fail
//! fails at once the next time. Removing any file is safe at any time.
//!
//! Only this host writes here: the folder and its files belong to their owner alone, and
//! what does not is not read. That is what trust rests on. Behind each entry stands a
//! checksum against accidents, which whoever may write could forge. A damaged or foreign
//! entry means compiling again, and is never run.

mod checksum;
mod deserialize;
mod seen;

pub(crate) use seen::Seen;

use super::compile::Refusal;
use super::digest::Digest;
use super::fingerprint;
use deserialize::Code;
use std::fs::Metadata;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

/// A folder of compiled components.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    /// Whoever owns what this process writes.
    owner: Owner,
}

/// How entries are written. Raised when that changes: those of before are then nobody's.
const FORMAT: u32 = 2;

/// How the files of code and those of refusals end.
const CODE: &str = "code";
const REFUSAL: &str = "refused";

/// Who refused. Another version may judge otherwise, so that its refusals are no more than
/// components that nobody has seen; whoever changes what is refused, or why, raises the
/// number.
const JUDGE: &str = concat!(env!("CARGO_PKG_VERSION"), " 3");

/// What stands behind the body of an entry: this word, the body's length and checksum.
const TRAILER_MAGIC: &[u8; 8] = b"wodehost";
const TRAILER_BYTES: u64 = 8 + 8 + 8;

/// What the cache knows of a component.
pub(crate) enum Cached {
    /// Its code.
    Code(Component),
    /// That it was refused, and in which file that is written.
    Refusal(Refusal, PathBuf),
    /// Nothing, or nothing that can be trusted.
    Nothing,
}

impl Cache {
    /// A cache in `folder`, which is made for its owner only if it is not there.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or when it is there and somebody else owns it or may write
    /// into it.
    pub fn open(folder: impl Into<PathBuf>) -> std::io::Result<Cache> {
        let folder = folder.into();
        if !folder.is_dir() {
            make_for_owner(&folder)?;
        }
        // Found out now rather than when something is to be kept.
        let own = tempfile::tempfile_in(&folder)?.metadata()?;
        let owner = Owner::of(&own);
        let about = std::fs::metadata(&folder)?;
        let why = if !owner.may_trust(&about) {
            "it belongs to somebody else"
        } else if others_may_write(&about) {
            "others may write into it"
        } else {
            return Ok(Cache { folder, owner });
        };
        let why = format!("{why}, and compiled code is trusted");
        let kind = std::io::ErrorKind::PermissionDenied;
        Err(std::io::Error::new(kind, why))
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, digest: &Digest, engine: &Engine, ending: &str) -> PathBuf {
        let fingerprint = fingerprint(engine);
        self.folder
            .join(format!("{digest}-{fingerprint:016x}-{FORMAT}.{ending}"))
    }

    /// What is known of a component.
    pub(crate) fn load(&self, digest: &Digest, engine: &Engine) -> Cached {
        let path = self.path(digest, engine, CODE);
        if self.is_trusted(&path) {
            match deserialize::component(engine, Code::Entry(&path)) {
                Ok(component) => return Cached::Code(component),
                Err(error) => tracing::warn!(target: "wodehost::plugin", path = %path.display(),
                    %error, "a cache entry cannot be used; compiling again"),
            }
        }
        let path = self.path(digest, engine, REFUSAL);
        if !self.is_trusted(&path) {
            return Cached::Nothing;
        }
        let refusal = body(&path)
            .ok()
            .and_then(|body| rmp_serde::from_slice::<(String, Refusal)>(&body).ok());
        match refusal {
            Some((judge, refusal)) if judge == JUDGE => Cached::Refusal(refusal, path),
            Some(_) | None => Cached::Nothing,
        }
    }

    /// Puts a component's code into the cache. A failure costs only time later.
    pub(crate) fn store(&self, digest: &Digest, engine: &Engine, code: &[u8]) {
        let path = self.path(digest, engine, CODE);
        if let Err(error) = self.write(&path, code) {
            tracing::warn!(target: "wodehost::plugin", path = %path.display(), %error,
                "compiled code cannot be kept");
            return;
        }
        // What once was refused and is no longer.
        let _ = std::fs::remove_file(self.path(digest, engine, REFUSAL));
    }

    /// Remembers why a component was refused, so that finding out takes no time again.
    pub(crate) fn store_refusal(&self, digest: &Digest, engine: &Engine, refusal: &Refusal) {
        let path = self.path(digest, engine, REFUSAL);
        let packed = rmp_serde::to_vec(&(JUDGE, refusal)).map_err(std::io::Error::other);
        if let Err(error) = packed.and_then(|packed| self.write(&path, &packed)) {
            tracing::warn!(target: "wodehost::plugin", path = %path.display(), %error,
                "a refusal cannot be remembered");
        }
    }

    /// Whether an entry is there, is ours and is whole; if not, the log says why.
    fn is_trusted(&self, path: &Path) -> bool {
        if self.own(path).is_none() {
            return false;
        }
        let whole = check_whole(path);
        if let Err(error) = &whole {
            tracing::warn!(target: "wodehost::plugin", path = %path.display(), %error,
                "a cache entry is damaged; compiling again");
        }
        whole.is_ok()
    }

    /// What is known of an entry that is there and ours; if it is not ours, the log says so.
    fn own(&self, path: &Path) -> Option<Metadata> {
        let about = std::fs::symlink_metadata(path).ok()?;
        if !(about.is_file() && self.owner.may_trust(&about)) || others_may_write(&about) {
            tracing::warn!(target: "wodehost::plugin", path = %path.display(),
                "a cache entry is not owned by this user alone; compiling again");
            return None;
        }
        Some(about)
    }

    /// Writes aside and renames, so that nobody ever reads half an entry. A
    /// temporary file is made for its owner only.
    fn write(&self, path: &Path, body: &[u8]) -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(body)?;
        let sum = checksum::of_bytes(body);
        file.write_all(&trailer_of(body.len() as u64, sum))?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    }
}

/// Makes a component of code that a compiler has just given.
pub(crate) fn fresh(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    deserialize::component(engine, Code::Bytes(code))
}

/// Checks that nothing happened to an entry since it was written.
fn check_whole(path: &Path) -> std::io::Result<()> {
    let damaged = || std::io::Error::from(std::io::ErrorKind::InvalidData);
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    let length = length.checked_sub(TRAILER_BYTES).ok_or_else(damaged)?;
    let sum = checksum::of_file(&file, length)?;
    file.seek(SeekFrom::Start(length))?;
    let mut trailer = Vec::new();
    file.take(TRAILER_BYTES + 1).read_to_end(&mut trailer)?;
    if trailer == trailer_of(length, sum) {
        Ok(())
    } else {
        Err(damaged())
    }
}

/// The body of an entry that was checked.
fn body(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = std::fs::read(path)?;
    bytes.truncate(bytes.len().saturating_sub(TRAILER_BYTES as usize));
    Ok(bytes)
}

fn trailer_of(length: u64, sum: u64) -> Vec<u8> {
    [*TRAILER_MAGIC, length.to_le_bytes(), sum.to_le_bytes()].concat()
}

#[cfg(unix)]
fn make_for_owner(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn others_may_write(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.mode() & 0o022 != 0
}

/// Who owns a file.
#[derive(Debug, Clone, Copy)]
struct Owner {
    #[cfg(unix)]
    user: u32,
}

#[cfg(unix)]
impl Owner {
    fn of(about: &Metadata) -> Owner {
        use std::os::unix::fs::MetadataExt;
        Owner { user: about.uid() }
    }

    /// Whether nobody but this owner, and who may do everything anyway, has made a file.
    fn may_trust(self, about: &Metadata) -> bool {
        [0, self.user].contains(&Owner::of(about).user)
    }
}

#[cfg(not(unix))]
fn make_for_owner(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn others_may_write(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
impl Owner {
    fn of(_: &Metadata) -> Owner {
        Owner {}
    }

    fn may_trust(self, _: &Metadata) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::without_pools;

    #[test]
    fn what_another_version_refused_is_not_known() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path()).expect("a cache");
        let engine = without_pools();
        let digest = Digest::of(b"some component");
        let refusal = Refusal::Damaged("by nobody".to_owned());
        cache.store_refusal(&digest, &engine, &refusal);
        let known = || matches!(cache.load(&digest, &engine), Cached::Refusal(..));
        assert!(known());
        let packed = rmp_serde::to_vec(&("0.0.9 1", &refusal)).expect("packed");
        let path = cache.path(&digest, &engine, REFUSAL);
        cache.write(&path, &packed).expect("written");
        assert!(!known());
    }
}
