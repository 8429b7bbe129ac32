//! The files of some kinds below a folder, in order of their names, one at a time.
//!
//! One folder's names are in memory at once, never a file and never the whole
//! tree. What cannot be listed is yielded like a file that cannot be read, so
//! that nothing gets lost on the way.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::vec;

/// A folder below a folder below …: where a loop or a mistake is assumed.
const DEPTH_MAX: usize = 32;

/// Something that was found.
#[derive(Debug)]
pub struct Found {
    /// The path below the root, with `/` between its parts.
    pub name: String,
    /// Where it is; or why that cannot be told.
    pub path: io::Result<PathBuf>,
}

/// An iterator over the files; folders come at the place of their name.
#[derive(Debug)]
pub struct Walk {
    extensions: &'static [&'static str],
    /// The folders that are being listed, the innermost last.
    open: Vec<vec::IntoIter<Entry>>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    path: PathBuf,
    kind: io::Result<FileType>,
}

impl Walk {
    /// Starts at `root`, which must be a folder that can be read. A file counts
    /// when its extension is one of `extensions`, in whatever case.
    pub fn new(root: &Path, extensions: &'static [&'static str]) -> io::Result<Self> {
        Ok(Self {
            extensions,
            open: vec![list(root, "")?],
        })
    }

    /// The file that `entry` is; none when it is something else.
    fn visit(&mut self, entry: Entry) -> Option<Found> {
        let Entry { name, path, kind } = entry;
        let problem = match kind {
            // A link to a folder is a link without an extension that counts, and is passed
            // over: it could lead round in a circle.
            Ok(kind) if kind.is_dir() => self.enter(&name, &path).err()?,
            Ok(_) if !self.is_wanted(&path) => return None,
            Ok(_) => {
                return Some(Found {
                    name,
                    path: Ok(path),
                });
            }
            Err(problem) => problem,
        };
        Some(Found {
            name,
            path: Err(problem),
        })
    }

    fn enter(&mut self, name: &str, path: &Path) -> io::Result<()> {
        if self.open.len() >= DEPTH_MAX {
            return Err(io::Error::other(format!(
                "folders are nested more than {DEPTH_MAX} deep"
            )));
        }
        self.open.push(list(path, &format!("{name}/"))?);
        Ok(())
    }

    fn is_wanted(&self, path: &Path) -> bool {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| {
            self.extensions
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(extension))
        })
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while let Some(folder) = self.open.last_mut() {
            match folder.next() {
                Some(entry) => {
                    if let Some(found) = self.visit(entry) {
                        return Some(found);
                    }
                }
                None => {
                    self.open.pop();
                }
            }
        }
        None
    }
}

/// The entries of one folder, sorted; `prefix` goes before their names.
fn list(folder: &Path, prefix: &str) -> io::Result<vec::IntoIter<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        entries.push(Entry {
            name: format!("{prefix}{}", name.to_string_lossy()),
            path: entry.path(),
            kind: entry.file_type(),
        });
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        Walk::new(root, &["png", "jpg", "jpeg", "gif", "webp"])
            .unwrap()
            .map(|found| {
                let state = if found.path.is_ok() { "" } else { " (failed)" };
                format!("{}{state}", found.name)
            })
            .collect()
    }

    #[test]
    fn files_come_in_order_and_folders_at_their_place() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("b/deep")).unwrap();
        for name in [
            "c.PNG",
            "a.jpeg",
            "b/2.gif",
            "b/10.webp",
            "b/deep/x.JPG",
            "notes.txt",
            "png",
        ] {
            fs::write(root.path().join(name), "x").unwrap();
        }
        assert_eq!(
            names(root.path()),
            ["a.jpeg", "b/10.webp", "b/2.gif", "b/deep/x.JPG", "c.PNG"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_followed_and_links_to_folders_are_not() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a.png"), "x").unwrap();
        std::os::unix::fs::symlink(".", root.path().join("again")).unwrap();
        std::os::unix::fs::symlink("a.png", root.path().join("b.png")).unwrap();
        assert_eq!(names(root.path()), ["a.png", "b.png"]);
    }

    #[test]
    fn folders_without_end_are_reported_once() {
        let root = tempfile::tempdir().unwrap();
        let deep = "d/".repeat(DEPTH_MAX + 5);
        fs::create_dir_all(root.path().join(&deep)).unwrap();
        fs::write(root.path().join(deep).join("a.png"), "x").unwrap();
        let names = names(root.path());
        assert_eq!(names.len(), 1);
        assert!(names[0].ends_with("d (failed)"), "{names:?}");
    }
}
