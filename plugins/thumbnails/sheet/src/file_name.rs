//! Names for files that are made from names in jobs.
//!
//! A job's name is data from outside: it may hold separators, `..`, control
//! characters, be empty or endless. Nothing of it reaches the file system but
//! letters and digits of ASCII; a digest of the whole keeps two names apart that
//! look alike after that, and makes the same name give the same file, so that a
//! second delivery overwrites the first.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Of the readable part; the digest follows.
const READABLE_CHARS_MAX: usize = 48;
/// 64 bits: enough against chance, and who forges a collision of his own
/// pictures' names only hides one of them.
const DIGEST_BYTES: usize = 8;

/// The name of the file for `name`: always one plain component.
pub(crate) fn file_name(name: &str, extension: &str) -> String {
    let mut out = readable(name);
    out.push('-');
    for byte in &Sha256::digest(name.as_bytes())[..DIGEST_BYTES] {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out.push('.');
    out.push_str(extension);
    out
}

/// What can be kept of `name`, in lower case; other characters become one `-`.
fn readable(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if out.len() >= READABLE_CHARS_MAX {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    if out.is_empty() {
        out.push_str("picture");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Component, Path};

    #[test]
    fn names_stay_readable() {
        let name = file_name("sub/My Cat.PNG", "jpg");
        assert_eq!(name, "sub-my-cat-png-1891e13a0f3084f3.jpg");
    }

    #[test]
    fn whatever_a_job_says_the_file_is_one_plain_component() {
        let long = "x".repeat(10_000);
        let names = [
            "",
            ".",
            "..",
            "../../etc/passwd",
            "/etc/passwd",
            "a/../b",
            "C:\\x",
            "con",
            "a\0b",
            "\u{202e}gnp.a",
            "ä.png",
            "a.png",
            "A.png",
            "a/png",
            "sub/a.png",
            "sub-a.png",
            &long,
        ];
        let mut files = BTreeSet::new();
        for name in names {
            let file = file_name(name, "png");
            let mut parts = Path::new(&file).components();
            assert!(matches!(parts.next(), Some(Component::Normal(_))), "{file}");
            assert_eq!(parts.next(), None, "{file}");
            assert!(file.len() < 80, "{file}");
            assert!(
                file.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'),
                "{file}"
            );
            assert!(files.insert(file), "{name:?} collides");
        }
    }
}
