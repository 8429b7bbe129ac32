//! The granted folder: what is written where.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plugin_files::Journal;

use crate::record::Record;
use crate::totals::Totals;

/// The folder, open for a run.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    journal: Journal,
}

impl Folder {
    /// Opens `root`; only a restarted consumer keeps what the journal holds.
    pub(crate) fn open(root: &Path, restarted: bool) -> io::Result<Self> {
        fs::create_dir_all(root)?;
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

    /// Keeps one record. Sums are made at the end: kept in memory they would be
    /// lost with a restart, and a second delivery would count twice.
    pub(crate) fn keep(&mut self, record: &Record) -> io::Result<()> {
        self.journal.append(record)
    }

    /// The sums of everything that was kept.
    pub(crate) fn totals(&self) -> io::Result<Totals> {
        let mut totals = Totals::default();
        for record in plugin_files::read::<Record>(&journal_path(&self.root))? {
            totals.add(record?);
        }
        Ok(totals)
    }

    /// Puts a file in its place in one step.
    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let unfinished = self.root.join(format!("{name}.new"));
        fs::write(&unfinished, text)?;
        fs::rename(unfinished, self.root.join(name))
    }

    /// Takes the journal away: it is as large as the texts, and all it says is
    /// in the tables.
    pub(crate) fn tidy(&self) -> io::Result<()> {
        fs::remove_file(journal_path(&self.root))
    }
}

fn journal_path(root: &Path) -> PathBuf {
    root.join("table.ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::totals::tests::counted;

    #[test]
    fn after_a_restart_and_a_second_delivery_the_sums_are_right() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(root.path(), false).unwrap();
        folder.keep(&counted("a", 1, &[("the", 2)])).unwrap();
        folder.keep(&counted("a", 2, &[("the", 3)])).unwrap();
        let mut folder = Folder::open(root.path(), true).unwrap();
        folder.keep(&counted("a", 2, &[("the", 3)])).unwrap();
        folder.keep(&counted("b", 1, &[("the", 4)])).unwrap();
        assert_eq!(folder.totals().unwrap().ranking(), [("the", 9)]);
    }

    #[test]
    fn only_the_tables_stay() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), false).unwrap();
        folder.write("table.md", "text").unwrap();
        folder.tidy().unwrap();
        let files: Vec<_> = fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(files, ["table.md"]);
    }
}
