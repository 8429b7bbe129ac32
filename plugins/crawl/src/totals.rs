//! What is in a folder, in sums, and how two of them become one.

use serde::{Deserialize, Serialize};

/// How many problems are named. All are counted.
const PROBLEMS_MAX: usize = 100;

/// The result of a job: all below its folder, which itself is not counted.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Totals {
    pub(crate) files: u64,
    pub(crate) folders: u64,
    /// The files' sizes together.
    pub(crate) bytes: u64,
    /// Symbolic links, wherever they lead.
    pub(crate) links: u64,
    /// Devices, pipes and the like.
    pub(crate) others: u64,
    /// The largest first.
    pub(crate) largest: Vec<File>,
    /// What could not be read, and jobs that gave no result.
    pub(crate) errors: u64,
    /// The first of them by name.
    pub(crate) problems: Vec<Problem>,
}

/// One of the largest files.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) bytes: u64,
}

/// Something that is missing in the sums.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Problem {
    pub(crate) path: String,
    /// `unreadable`, or why a job gave no result.
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Totals {
    /// Counts a file; `largest` are named at most.
    pub(crate) fn add_file(&mut self, path: String, bytes: u64, largest: usize) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.name(File { path, bytes }, largest);
    }

    /// Counts a problem.
    pub(crate) fn add_problem(&mut self, problem: Problem) {
        self.errors += 1;
        self.note(problem);
    }

    /// Adds what is in another folder.
    pub(crate) fn add(&mut self, other: Self, largest: usize) {
        self.files += other.files;
        self.folders += other.folders;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.links += other.links;
        self.others += other.others;
        self.errors += other.errors;
        for file in other.largest {
            self.name(file, largest);
        }
        for problem in other.problems {
            self.note(problem);
        }
    }

    /// In an order that does not depend on who came first.
    fn name(&mut self, file: File, largest: usize) {
        let place = self
            .largest
            .partition_point(|other| (other.bytes, &file.path) > (file.bytes, &other.path));
        self.largest.insert(place, file);
        self.largest.truncate(largest);
    }

    fn note(&mut self, problem: Problem) {
        let place = self
            .problems
            .partition_point(|other| other.path < problem.path);
        self.problems.insert(place, problem);
        self.problems.truncate(PROBLEMS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of these names and sizes.
    fn totals(files: &[(&str, u64)]) -> Totals {
        let mut totals = Totals::default();
        for (path, bytes) in files {
            totals.add_file((*path).to_owned(), *bytes, 3);
        }
        totals
    }

    fn names(totals: &Totals) -> Vec<&str> {
        let files = totals.largest.iter();
        files.map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn the_largest_come_first_and_of_equals_the_first_by_name() {
        let totals = totals(&[("c", 5), ("a", 1), ("b", 5), ("d", 9)]);
        assert_eq!(names(&totals), ["d", "b", "c"]);
        assert_eq!((totals.files, totals.bytes), (4, 20));
    }

    #[test]
    fn sums_of_parts_are_the_sum_of_the_whole_in_any_order() {
        let (first, second) = ([("a", 4), ("b", 3)], [("c", 4), ("d", 2)]);
        let mut one = totals(&first);
        one.add(totals(&second), 3);
        let mut other = totals(&second);
        other.add(totals(&first), 3);
        assert_eq!(one, other);
        assert_eq!(names(&one), ["a", "c", "b"]);
        assert_eq!(one, totals(&[first, second].concat()));
    }

    #[test]
    fn none_are_named_when_none_are_wanted() {
        let mut totals = Totals::default();
        totals.add_file("a".to_owned(), 1, 0);
        assert_eq!(names(&totals), [] as [&str; 0]);
        assert_eq!(totals.files, 1);
    }

    #[test]
    fn problems_are_all_counted_and_the_first_by_name_kept() {
        let mut totals = Totals::default();
        for number in (0..200).rev() {
            totals.add_problem(Problem {
                path: format!("{number:03}"),
                code: "unreadable".to_owned(),
                message: String::new(),
            });
        }
        assert_eq!((totals.errors, totals.problems.len()), (200, PROBLEMS_MAX));
        assert_eq!(totals.problems[0].path, "000");
        assert_eq!(totals.problems[99].path, "099");
    }
}
