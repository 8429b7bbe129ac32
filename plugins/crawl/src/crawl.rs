//! What one job does: list its folder, have the folders in it crawled, add up.

use std::fs::{self, DirEntry};
use std::io;

use wodehost_guest::jobs::JobError;

use crate::totals::{Problem, Totals};

/// Who crawls the folders in a folder: this worker in further jobs, or what stands for it
/// in tests.
pub(crate) trait Nested {
    /// A result for each of the folders, in their order.
    fn crawl(&self, folders: Vec<String>) -> impl Iterator<Item = Result<Totals, JobError>>;

    /// A sign of life.
    fn alive(&self);
}

/// All below `root`. What cannot be read is told in the result.
pub(crate) fn crawl(root: String, largest: usize, nested: &impl Nested) -> Totals {
    let mut totals = Totals::default();
    // The folder of this job, and those that the host has no room for as jobs.
    let mut own = vec![root];
    while let Some(folder) = own.pop() {
        nested.alive();
        let folders = list(&folder, largest, &mut totals);
        for (folder, below) in folders.iter().zip(nested.crawl(folders.clone())) {
            match below {
                Ok(below) => totals.add(below, largest),
                Err(error) if is_limit(&error) => own.push(folder.clone()),
                Err(error) => totals.add_problem(Problem {
                    path: folder.clone(),
                    message: error.to_string(),
                    code: error.reason,
                }),
            }
        }
    }
    totals
}

/// Whether the job was not even submitted, for want of room.
fn is_limit(error: &JobError) -> bool {
    error.outcome().is_none() && error.reason == "limit"
}

/// Counts what is in a folder and gives the folders in it, by name.
fn list(folder: &str, largest: usize, totals: &mut Totals) -> Vec<String> {
    let mut folders = Vec::new();
    let listed = fs::read_dir(folder).and_then(|mut entries| {
        entries.try_for_each(|entry| {
            count(&entry?, largest, totals, &mut folders);
            Ok(())
        })
    });
    if let Err(problem) = listed {
        totals.add_problem(unreadable(folder.to_owned(), &problem));
    }
    // The same jobs in the same order, should this one be restarted.
    folders.sort();
    totals.folders += folders.len() as u64;
    folders
}

fn count(entry: &DirEntry, largest: usize, totals: &mut Totals, folders: &mut Vec<String>) {
    let path = entry.path().to_string_lossy().into_owned();
    // Of a link itself, not of what it leads to.
    match entry.metadata() {
        Ok(found) if found.is_symlink() => totals.links += 1,
        Ok(found) if found.is_dir() => folders.push(path),
        Ok(found) if found.is_file() => totals.add_file(path, found.len(), largest),
        Ok(_) => totals.others += 1,
        Err(problem) => totals.add_problem(unreadable(path, &problem)),
    }
}

fn unreadable(path: String, problem: &io::Error) -> Problem {
    Problem {
        path,
        code: "unreadable".to_owned(),
        message: problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::path::Path;

    use super::*;
    use wodehost_guest::jobs::SubmitError;

    /// Crawls in the same way, one inside the other, as many as there is room for.
    #[derive(Default)]
    struct Inside {
        room: Cell<usize>,
        /// What was crawled by a job of its own.
        jobs: RefCell<Vec<String>>,
        /// A folder whose name ends so is not permitted.
        forbidden: Option<&'static str>,
    }

    impl Nested for Inside {
        fn crawl(&self, folders: Vec<String>) -> impl Iterator<Item = Result<Totals, JobError>> {
            folders.into_iter().map(|folder| {
                if self
                    .forbidden
                    .is_some_and(|ending| folder.ends_with(ending))
                {
                    return Err(SubmitError::NotPermitted("crawl".into()).into());
                }
                if self.room.get() == 0 {
                    return Err(SubmitError::Limit("tree".into()).into());
                }
                self.room.set(self.room.get() - 1);
                self.jobs.borrow_mut().push(folder.clone());
                Ok(crawl(folder, 2, self))
            })
        }

        fn alive(&self) {}
    }

    fn inside(room: usize) -> Inside {
        Inside {
            room: Cell::new(room),
            ..Inside::default()
        }
    }

    fn totals(root: &Path, nested: &Inside) -> Totals {
        crawl(root.to_str().unwrap().to_owned(), 2, nested)
    }

    /// Three folders, one in another, with four files.
    fn sample() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/deep")).unwrap();
        fs::create_dir(root.path().join("b")).unwrap();
        for (name, bytes) in [
            ("top", 1),
            ("a/one", 20),
            ("a/deep/two", 300),
            ("b/three", 4),
        ] {
            fs::write(root.path().join(name), vec![b'x'; bytes]).unwrap();
        }
        root
    }

    #[test]
    fn each_folder_is_a_job_and_their_sums_come_together() {
        let (root, nested) = (sample(), inside(99));
        let totals = totals(root.path(), &nested);
        assert_eq!((totals.files, totals.folders, totals.bytes), (4, 3, 325));
        assert_eq!((totals.links, totals.others, totals.errors), (0, 0, 0));
        let largest: Vec<_> = totals.largest.iter().map(|file| file.bytes).collect();
        assert_eq!(largest, [300, 20]);
        assert!(totals.largest[0].path.ends_with("a/deep/two"));
        let below = |name| root.path().join(name).to_str().unwrap().to_owned();
        assert_eq!(*nested.jobs.borrow(), ["a", "a/deep", "b"].map(below));
    }

    #[test]
    fn what_there_is_no_room_for_is_crawled_by_the_job_itself() {
        let root = sample();
        let wanted = totals(root.path(), &inside(99));
        for room in 0..3 {
            let nested = inside(room);
            assert_eq!(totals(root.path(), &nested), wanted);
            assert_eq!(nested.jobs.borrow().len(), room);
        }
    }

    #[test]
    fn a_job_that_gives_no_result_is_told_and_the_others_count() {
        let root = sample();
        let nested = Inside {
            forbidden: Some("a"),
            ..inside(99)
        };
        let totals = totals(root.path(), &nested);
        assert_eq!((totals.files, totals.folders, totals.errors), (2, 2, 1));
        assert_eq!(totals.problems[0].code, "not-permitted");
        assert!(totals.problems[0].path.ends_with('a'));
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_told() {
        let root = sample();
        let totals = totals(&root.path().join("nowhere"), &inside(0));
        assert_eq!((totals.files, totals.errors), (0, 1));
        assert_eq!(totals.problems[0].code, "unreadable");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_counted_and_not_followed() {
        let root = sample();
        for (target, link) in [
            ("a", "b/again"),
            ("..", "a/up"),
            ("nowhere", "lost"),
            ("top", "l"),
        ] {
            std::os::unix::fs::symlink(target, root.path().join(link)).unwrap();
        }
        let totals = totals(root.path(), &inside(99));
        assert_eq!((totals.links, totals.files, totals.folders), (4, 4, 3));
        assert_eq!(totals.errors, 0);
    }
}
