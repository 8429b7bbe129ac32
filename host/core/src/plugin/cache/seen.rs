//! Components that were read before: a file of the same number, size and times has the same
//! digest, and need not be read again to know it. For 18 MiB that is 30 ms of each start. Beside
//! the digest stands what decides how large the pools of an engine have to be, which is made before
//! any plugin is loaded.
//!
//! The time of the last change of a file's entry (`ctime`) cannot be set by who writes the
//! file, so nothing that is written into it goes unseen, but for what is written within the
//! same tick of the clock: a file that has just been changed is not remembered.
//!
//! In the same way it is remembered that the component's code was whole when it was read last,
//! which for Python's 31 MiB is half of a start. Only for a day: that a disk loses a bit does not
//! change the times of a file.

use super::deserialize::{self, Code};
use super::{CODE, Cache, check_whole};
use crate::plugin::Digest;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use wasmtime::Engine;
use wasmtime::component::Component;

/// How long a file has to have been as it is. Ticks of file systems are some milliseconds.
const SETTLED: Duration = Duration::from_secs(1);

/// How long code is taken for whole that was found so, seconds.
const WHOLE_FOR: i64 = 24 * 60 * 60;

/// What is kept of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct State {
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
    changed: (i64, i64),
}

/// A component that was read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Seen {
    digest: [u8; 32],
    /// Of the component, which need not be the file's.
    pub(crate) bytes: u64,
    /// Whether it imports what submits jobs.
    submits: bool,
    whole: Option<Whole>,
}

/// A file of code that was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Whole {
    file: State,
    /// Seconds since 1970.
    at: i64,
}

impl Seen {
    pub(crate) fn new(digest: Digest, bytes: u64, submits: bool) -> Seen {
        Seen {
            digest: *digest.as_bytes(),
            bytes,
            submits,
            whole: None,
        }
    }

    pub(crate) fn digest(self) -> Digest {
        Digest::from_bytes(self.digest)
    }
}

impl Cache {
    /// Whether the plugin in a file may submit jobs; also where that is not known without reading
    /// it.
    #[must_use]
    pub fn may_submit(&self, file: &Path) -> bool {
        let seen = std::fs::metadata(file)
            .ok()
            .and_then(|about| self.seen(&about));
        seen.is_none_or(|seen| seen.submits)
    }

    /// What this file was when it was read last; none where it has changed since.
    pub(crate) fn seen(&self, about: &Metadata) -> Option<Seen> {
        let path = self.place(about);
        if !self.is_trusted(&path) {
            return None;
        }
        let body = super::body(&path).ok()?;
        let (state, seen): (State, Seen) = rmp_serde::from_slice(&body).ok()?;
        (state == State::of(about)).then_some(seen)
    }

    /// The code of a component that was seen, and what to remember of it where that is new.
    pub(crate) fn load_seen(
        &self,
        seen: Seen,
        engine: &Engine,
    ) -> Option<(Component, Option<Seen>)> {
        let path = self.path(&seen.digest(), engine, CODE);
        let about = self.own(&path)?;
        let now = SystemTime::now();
        let is_known = seen.whole.is_some_and(|whole| whole.holds(&about, now));
        if !is_known && check_whole(&path).is_err() {
            // Whoever looks for the code without us says why.
            return None;
        }
        let component = deserialize::component(engine, Code::Entry(&path)).ok()?;
        let whole = Whole::of(&about, now).filter(|_| !is_known);
        let new = whole.map(|whole| Seen {
            whole: Some(whole),
            ..seen
        });
        Some((component, new))
    }

    /// Remembers what this file is. A failure costs only time later.
    pub(crate) fn remember(&self, about: &Metadata, seen: Seen) {
        let (state, path) = (State::of(about), self.place(about));
        if !state.is_settled(SystemTime::now()) {
            return;
        }
        let kept = rmp_serde::to_vec(&(state, seen))
            .map_err(std::io::Error::other)
            .and_then(|packed| self.write(&path, &packed));
        if let Err(error) = kept {
            tracing::debug!(target: "wodehost::plugin", %error, "a file cannot be remembered");
        }
    }

    /// The entry of a file, by its number.
    fn place(&self, about: &Metadata) -> PathBuf {
        let name = format!("{:x}-{:x}.seen", about.dev(), about.ino());
        self.folder.join(name)
    }
}

impl Whole {
    /// A file that has just been found whole; none where it is too young to be known again.
    fn of(about: &Metadata, now: SystemTime) -> Option<Whole> {
        let (file, at) = (State::of(about), seconds(now));
        file.is_settled(now).then_some(Whole { file, at })
    }

    fn holds(self, about: &Metadata, now: SystemTime) -> bool {
        let age = seconds(now) - self.at;
        self.file == State::of(about) && (0..WHOLE_FOR).contains(&age)
    }
}

/// Since 1970.
fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs().cast_signed()
}

impl State {
    fn of(about: &Metadata) -> State {
        State {
            inode: about.ino(),
            size: about.size(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        }
    }

    /// Whether whatever is written into the file from now on has another time.
    fn is_settled(&self, now: SystemTime) -> bool {
        let seconds = seconds(now) - SETTLED.as_secs().cast_signed();
        self.modified.0 < seconds && self.changed.0 < seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::without_pools;
    use std::fs;

    #[test]
    fn a_file_is_known_until_it_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path().join("cache")).expect("a cache");
        let file = folder.path().join("component");
        fs::write(&file, "one").expect("written");
        let about = || fs::metadata(&file).expect("there");
        let seen = Seen::new(Digest::of(b"one"), 3, false);
        // It has just been written.
        cache.remember(&about(), seen);
        assert_eq!(cache.seen(&about()), None);
        assert!(cache.may_submit(&file));
        std::thread::sleep(SETTLED * 3);
        cache.remember(&about(), seen);
        assert_eq!(cache.seen(&about()), Some(seen));
        assert!(!cache.may_submit(&file));
        // The same size, and the time that it had before.
        let modified = about().modified().expect("a time");
        fs::write(&file, "two").expect("written");
        let opened = fs::File::options().write(true).open(&file).expect("there");
        opened.set_modified(modified).expect("set");
        assert_eq!(about().modified().expect("a time"), modified);
        assert_eq!(cache.seen(&about()), None);
        assert!(cache.may_submit(&file));
    }

    #[test]
    fn code_that_was_found_whole_is_not_read_again_for_a_day() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path()).expect("a cache");
        let engine = without_pools();
        let component = b"\0asm\x0d\0\x01\0";
        let code = engine.precompile_component(component).expect("compiled");
        let digest = Digest::of(component);
        let seen = Seen::new(digest, component.len() as u64, false);
        assert!(cache.load_seen(seen, &engine).is_none());
        cache.store(&digest, &engine, &code);
        std::thread::sleep(SETTLED * 3);
        let (_, new) = cache.load_seen(seen, &engine).expect("it is there");
        let seen = new.expect("it was not known");
        let (_, new) = cache.load_seen(seen, &engine).expect("it is there");
        assert_eq!(new, None);
        let path = cache.path(&digest, &engine, CODE);
        let about = fs::metadata(&path).expect("there");
        let whole = seen.whole.expect("it was found whole");
        let day = Duration::from_hours(24);
        let now = SystemTime::now();
        assert!(whole.holds(&about, now));
        assert!(!whole.holds(&about, now + day));
        assert!(!whole.holds(&about, now - day));
        // One bit, at the time that it had before.
        let mut bytes = fs::read(&path).expect("read");
        bytes[code.len() / 2] ^= 1;
        fs::write(&path, bytes).expect("written");
        let opened = fs::File::options().write(true).open(&path).expect("there");
        opened
            .set_modified(about.modified().expect("a time"))
            .expect("set");
        assert!(cache.load_seen(seen, &engine).is_none());
    }
}
