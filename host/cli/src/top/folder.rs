//! Where the sockets of commands that run lie, and which folders are trusted.
//!
//! That is `wodehost` in the folder that `XDG_RUNTIME_DIR` names, or else `wodehost-<uid>`
//! among the temporary files. A socket is called `<pid>-<command>.sock`. Whoever could
//! write to the folder could put a socket of his own there, and would be told what to
//! cancel: such a folder is not used.

use std::fs::{DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Group and others may write.
const OTHERS_WRITE: u32 = 0o022;

/// Only owners take away what lies in the folder.
const STICKY: u32 = 0o1000;

/// A command that says it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its process.
    pub(crate) pid: u32,
    /// `run`, `map` or `call`.
    pub(crate) command: String,
    /// Its socket.
    pub(crate) path: PathBuf,
}

/// Who we are.
pub(crate) fn our_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Where sockets may lie, the best place first.
pub(crate) fn folders() -> Vec<PathBuf> {
    let named = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let named = named.filter(|path| path.is_absolute());
    let named = named.map(|path| path.join("wodehost"));
    let temporary = std::env::temp_dir().join(format!("wodehost-{}", our_uid()));
    named.into_iter().chain([temporary]).collect()
}

/// Makes the folder, unless it is there, and checks it.
pub(crate) fn make(folder: &Path, uid: u32) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        Err(_) | Ok(()) => check(folder, uid),
    }
}

/// Whether nobody but us can put anything there.
pub(crate) fn check(folder: &Path, uid: u32) -> io::Result<()> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    let found = folder.symlink_metadata()?;
    if !found.is_dir() {
        return refused("it is no folder");
    }
    if found.uid() != uid {
        return refused("it belongs to somebody else");
    }
    if found.mode() & OTHERS_WRITE != 0 {
        return refused("others may write to it");
    }
    let above = folder.parent().map(Path::metadata).transpose()?;
    if !above.is_none_or(|above| keeps(&above, uid)) {
        return refused("others may put another folder in its place");
    }
    Ok(())
}

/// Whether what is ours in a folder stays there.
fn keeps(folder: &Metadata, uid: u32) -> bool {
    let mode = folder.mode();
    let is_trusted = folder.uid() == uid || folder.uid() == 0;
    is_trusted && (mode & OTHERS_WRITE == 0 || mode & STICKY != 0)
}

/// The name of a command's socket.
pub(crate) fn name(pid: u32, command: &str) -> String {
    format!("{pid}-{command}.sock")
}

fn read_name(path: PathBuf) -> Option<Place> {
    let name = path.file_name()?.to_str()?;
    let (pid, command) = name.strip_suffix(".sock")?.split_once('-')?;
    let is_word = !command.is_empty() && command.bytes().all(|b| b.is_ascii_lowercase());
    let command = command.to_owned();
    let pid = pid.parse().ok().filter(|_| is_word)?;
    Some(Place { pid, command, path })
}

/// The sockets that lie in folders that are trusted, by process. Whether anybody listens
/// to them is not known.
pub(crate) fn places(folders: &[PathBuf], uid: u32) -> Vec<Place> {
    let mut found = Vec::new();
    for folder in folders {
        if let Err(error) = check(folder, uid) {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(path = %folder.display(), %error, "a folder is not looked into");
            }
            continue;
        }
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        found.extend(entries.filter_map(|entry| read_name(entry.path())));
    }
    found.sort_by(|a, b| (a.pid, &a.command).cmp(&(b.pid, &b.command)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn why(folder: &Path, uid: u32) -> String {
        make(folder, uid).expect_err("refused").to_string()
    }

    #[test]
    fn a_folder_that_is_made_is_ours_alone() {
        let above = tempfile::tempdir().expect("a folder");
        let folder = above.path().join("wodehost");
        make(&folder, our_uid()).expect("made");
        let mode = folder.metadata().expect("there").mode();
        assert_eq!(mode & 0o777, 0o700);
        make(&folder, our_uid()).expect("there already");
    }

    #[test]
    fn a_folder_that_others_have_a_hand_in_is_refused() {
        let above = tempfile::tempdir().expect("a folder");
        let folder = above.path().join("wodehost");
        make(&folder, our_uid()).expect("made");
        let link = above.path().join("link");
        symlink(&folder, &link).expect("linked");
        assert_eq!(why(&link, our_uid()), "it is no folder");
        let file = above.path().join("file");
        std::fs::write(&file, "").expect("written");
        assert_eq!(why(&file, our_uid()), "it is no folder");
        assert_eq!(why(&folder, our_uid() + 1), "it belongs to somebody else");
        for mode in [0o720, 0o702] {
            std::fs::set_permissions(&folder, Permissions::from_mode(mode)).expect("changed");
            assert_eq!(why(&folder, our_uid()), "others may write to it");
        }
        std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("changed");
        let open = Permissions::from_mode(0o777);
        std::fs::set_permissions(above.path(), open).expect("changed");
        assert!(why(&folder, our_uid()).starts_with("others may put"));
        let sticky = Permissions::from_mode(0o1777);
        std::fs::set_permissions(above.path(), sticky).expect("changed");
        make(&folder, our_uid()).expect("as among temporary files");
        assert!(make(&above.path().join("none/wodehost"), our_uid()).is_err());
    }

    #[test]
    fn only_names_of_sockets_are_read() {
        let read = |name: &str| read_name(Path::new("/x").join(name)).map(|p| (p.pid, p.command));
        assert_eq!(read("4711-map.sock"), Some((4711, "map".to_owned())));
        for other in [
            ".4711-map.sock",
            "map.sock",
            "-map.sock",
            "1-.sock",
            "1-a b.sock",
            "1-map",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(name(4711, "map"), "4711-map.sock");
    }
}
