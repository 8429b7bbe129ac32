//! The granted folder: what is written where.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plugin_files::Journal;

use crate::entry::{End, Entry};
use crate::page::THUMBS;

/// The folder, open for a run.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    journal: Journal,
}

impl Folder {
    /// Opens `root`; only a restarted consumer keeps what the journal holds.
    pub(crate) fn open(root: &Path, restarted: bool) -> io::Result<Self> {
        fs::create_dir_all(root.join(THUMBS))?;
        let journal = journal_path(root);
        Ok(Self {
            root: root.to_owned(),
            journal: if restarted {
                Journal::resume(&journal)?
            } else {
                Journal::begin(&journal)?
            },
        })
    }

    /// Writes a thumbnail, then its line: a line never promises a file that is
    /// not there. A thumbnail that cannot be written makes the entry a failed
    /// one, and is an error as well.
    pub(crate) fn keep(&mut self, entry: Entry, thumb: Option<&[u8]>) -> io::Result<()> {
        let written = match (&entry.end, thumb) {
            (End::Done(picture), Some(bytes)) => {
                fs::write(self.root.join(THUMBS).join(&picture.file), bytes)
            }
            _ => Ok(()),
        };
        match written {
            Ok(()) => self.journal.append(&entry),
            Err(error) => {
                self.journal.append(&entry.unwritten(&error))?;
                Err(error)
            }
        }
    }

    /// Every entry once, by name; of two deliveries the later one.
    pub(crate) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut by_name = BTreeMap::new();
        for entry in plugin_files::read::<Entry>(&journal_path(&self.root))? {
            let entry = entry?;
            by_name.insert(entry.name.clone(), entry);
        }
        Ok(by_name.into_values().collect())
    }

    /// Puts the page in its place in one step: who looks meanwhile sees the old
    /// one or the new one.
    pub(crate) fn write_page(&self, page: &str) -> io::Result<()> {
        let unfinished = self.root.join("index.html.new");
        fs::write(&unfinished, page)?;
        fs::rename(unfinished, self.root.join("index.html"))
    }
}

fn journal_path(root: &Path) -> PathBuf {
    root.join("sheet.ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Picture;
    use crate::file_name::file_name;

    fn entry(name: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            file_bytes: None,
            end: End::Done(Picture {
                file: file_name(name, "jpg"),
                format: "JPEG".to_owned(),
                width: 1,
                height: 1,
                thumb_width: 1,
                thumb_height: 1,
            }),
        }
    }

    fn names(folder: &Folder) -> Vec<String> {
        let entries = folder.entries().unwrap();
        entries.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn after_a_restart_and_a_second_delivery_every_entry_is_there_once() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(root.path(), false).unwrap();
        folder.keep(entry("b.png"), Some(b"b")).unwrap();
        folder.keep(entry("a.png"), Some(b"a")).unwrap();
        let mut folder = Folder::open(root.path(), true).unwrap();
        folder.keep(entry("a.png"), Some(b"a")).unwrap();
        folder.keep(entry("sub/a.png"), Some(b"c")).unwrap();
        assert_eq!(names(&folder), ["a.png", "b.png", "sub/a.png"]);
        assert_eq!(fs::read_dir(root.path().join(THUMBS)).unwrap().count(), 3);
    }

    #[test]
    fn a_new_run_does_not_show_what_an_earlier_one_left() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(root.path(), false).unwrap();
        folder.keep(entry("gone.png"), Some(b"a")).unwrap();
        let folder = Folder::open(root.path(), false).unwrap();
        assert_eq!(names(&folder), [] as [String; 0]);
    }

    #[test]
    fn a_thumbnail_that_cannot_be_written_stands_on_the_sheet_as_failed() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(root.path(), false).unwrap();
        fs::remove_dir(root.path().join(THUMBS)).unwrap();
        folder.keep(entry("a.png"), Some(b"a")).unwrap_err();
        let entries = folder.entries().unwrap();
        let End::Failed { reason, message } = &entries[0].end else {
            panic!("{entries:?}");
        };
        assert_eq!(reason, "not-written");
        assert!(message.starts_with("the thumbnail cannot be written: "));
    }

    #[test]
    fn the_page_replaces_the_one_before() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), false).unwrap();
        folder.write_page("old").unwrap();
        folder.write_page("new").unwrap();
        assert_eq!(
            fs::read_to_string(root.path().join("index.html")).unwrap(),
            "new"
        );
        assert!(!root.path().join("index.html.new").exists());
    }
}
