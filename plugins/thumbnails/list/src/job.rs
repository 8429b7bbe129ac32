//! The job for one file: its bytes, or why they cannot be had.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use plugin_files::Found;
use serde::Serialize;
use wodehost_guest::ByteBuf;

/// What a worker is sent. A file that cannot be read is sent as well, without
/// bytes: so it ends as a failed job, is counted, and stands on the sheet.
#[derive(Debug, Serialize)]
pub(crate) struct Job {
    /// The path below the folder, with `/` between its parts.
    pub(crate) name: String,
    /// The longest side of the thumbnail, in pixels.
    pub(crate) size: u32,
    /// The file's length, where it is known.
    pub(crate) file_bytes: Option<u64>,
    /// The file.
    pub(crate) bytes: Option<ByteBuf>,
    /// Why there are no bytes.
    pub(crate) problem: Option<String>,
}

impl Job {
    /// The job for what was found; reads the file.
    pub(crate) fn new(found: Found, size: u32, limit_bytes: u64) -> Self {
        let Found { name, path } = found;
        let content = path
            .map_err(Unread::from)
            .and_then(|path| read(&path, limit_bytes));
        let (file_bytes, bytes, problem) = match content {
            Ok(bytes) => (Some(bytes.len() as u64), Some(ByteBuf::from(bytes)), None),
            Err(unread) => (unread.file_bytes, None, Some(unread.why)),
        };
        Self {
            name,
            size,
            file_bytes,
            bytes,
            problem,
        }
    }
}

/// Why a file was not read.
struct Unread {
    file_bytes: Option<u64>,
    why: String,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self {
            file_bytes: None,
            why: format!("cannot be read: {error}"),
        }
    }
}

fn read(path: &Path, limit_bytes: u64) -> Result<Vec<u8>, Unread> {
    let mut file = File::open(path)?;
    let claimed = file.metadata()?.len();
    let mut bytes = Vec::new();
    if claimed <= limit_bytes {
        bytes.reserve_exact(usize::try_from(claimed).unwrap_or_default());
        // A file that grows while it is read is no reason to grow with it.
        (&mut file).take(limit_bytes + 1).read_to_end(&mut bytes)?;
    }
    let length = claimed.max(bytes.len() as u64);
    if length > limit_bytes {
        return Err(Unread {
            file_bytes: Some(length),
            why: format!(
                "has {}; limit {}",
                mebibytes(length),
                mebibytes(limit_bytes)
            ),
        });
    }
    Ok(bytes)
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(path: io::Result<std::path::PathBuf>, limit_bytes: u64) -> Job {
        let name = "a.png".to_owned();
        Job::new(Found { name, path }, 160, limit_bytes)
    }

    #[test]
    fn a_file_is_sent_with_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, "bytes").unwrap();
        let job = job(Ok(path), 5);
        assert_eq!(
            job.bytes.as_deref().map(Vec::as_slice),
            Some(b"bytes".as_slice())
        );
        assert_eq!((job.file_bytes, job.problem), (Some(5), None));
    }

    #[test]
    fn a_file_over_the_limit_is_sent_without_bytes_and_with_both_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, vec![0; 3 << 20]).unwrap();
        let job = job(Ok(path), 2 << 20);
        assert!(job.bytes.is_none());
        assert_eq!(job.file_bytes, Some(3 << 20));
        assert_eq!(job.problem.as_deref(), Some("has 3.0 MiB; limit 2.0 MiB"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_sent_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let gone = job(Ok(folder.path().join("gone.png")), 10);
        let why = gone.problem.unwrap();
        assert!(why.starts_with("cannot be read: "), "{why}");
        assert!(!why.contains(&*folder.path().to_string_lossy()), "{why}");
        assert_eq!(gone.file_bytes, None);
    }
}
