//! The jobs for one file: a piece each, or why there is none.

use std::fs::File;
use std::io;
use std::iter;

use plugin_files::Found;
use serde::Serialize;
use wodehost_guest::ByteBuf;

use crate::pieces::Pieces;

/// What a worker is sent. What cannot be read is sent as well, without a text:
/// so it ends as a failed job and stands in the table.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Job {
    /// The file's path below the folder, with `/` between its parts.
    pub(crate) file: String,
    /// Which piece of the file, from 1.
    pub(crate) piece: u32,
    /// The piece as it stands in the file, UTF-8 or not.
    pub(crate) text: Option<ByteBuf>,
    /// Why there is no text.
    pub(crate) problem: Option<String>,
}

/// The jobs for what was found, each read when it is asked for.
pub(crate) fn jobs(found: Found, piece_bytes: usize) -> Box<dyn Iterator<Item = Job>> {
    let Found { name, path } = found;
    let texts: Box<dyn Iterator<Item = io::Result<Vec<u8>>>> = match path.and_then(File::open) {
        Ok(file) => Box::new(Pieces::new(file, piece_bytes)),
        Err(error) => Box::new(iter::once(Err(error))),
    };
    Box::new((1..).zip(texts).map(move |(piece, text)| {
        let (text, problem) = match text {
            Ok(text) => (Some(ByteBuf::from(text)), None),
            Err(error) => (None, Some(format!("cannot be read: {error}"))),
        };
        Job {
            file: name.clone(),
            piece,
            text,
            problem,
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_a_job_for_each_piece() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "one two three").unwrap();
        let found = Found {
            name: "a.txt".to_owned(),
            path: Ok(path),
        };
        let jobs: Vec<_> = jobs(found, 8).map(|job| (job.piece, job.text)).collect();
        let text = |text: &[u8]| Some(ByteBuf::from(text));
        assert_eq!(jobs, [(1, text(b"one two ")), (2, text(b"three"))]);
    }

    #[test]
    fn a_file_that_cannot_be_read_gives_one_job_that_says_so() {
        let found = Found {
            name: "gone.txt".to_owned(),
            path: Err(io::Error::other("no such luck")),
        };
        let jobs: Vec<_> = jobs(found, 8).collect();
        assert_eq!(jobs.len(), 1);
        assert_eq!(jobs[0].text, None);
        let problem = jobs[0].problem.as_deref();
        assert_eq!(problem, Some("cannot be read: no such luck"));
    }
}
