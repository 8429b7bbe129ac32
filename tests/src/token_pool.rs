//! A jobserver's pool without a make: its tokens can be told from one another and
//! counted afterwards.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A fifo with a byte for each token. Make's own pipe differs in nothing but its name.
pub struct TokenPool {
    _folder: TempDir,
    path: PathBuf,
    file: File,
}

/// A byte that is no token.
const MARK: u8 = 0;

/// The number that the pool's file has in a program that inherits it.
const INHERITED: u32 = 9;

impl TokenPool {
    /// A pool with these tokens.
    pub fn of(tokens: &[u8]) -> TokenPool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pool");
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let file = OpenOptions::new().read(true).write(true).open(&path);
        let pool = TokenPool {
            _folder: folder,
            path,
            file: file.unwrap(),
        };
        pool.put(tokens);
        pool
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds tokens.
    pub fn put(&self, tokens: &[u8]) {
        (&self.file).write_all(tokens).unwrap();
    }

    /// A program that finds the pool by its path, as from make 4.4 on.
    pub fn for_path(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let auth = format!("-j9 --jobserver-auth=fifo:{}", self.path.display());
        command.env_remove("CARGO_MAKEFLAGS").env("MAKEFLAGS", auth);
        command
    }

    /// A program that inherits the pool's file, as before make 4.4.
    pub fn for_heir(&self, program: &Path) -> Command {
        let mut command = Command::new("sh");
        let open = format!("exec {INHERITED}<>\"$0\"; exec \"$@\"");
        command.args(["-c", &open]).arg(&self.path).arg(program);
        let auth = format!("-j9 --jobserver-auth={INHERITED},{INHERITED}");
        command.env_remove("CARGO_MAKEFLAGS").env("MAKEFLAGS", auth);
        command
    }

    /// The tokens that are in it, in order of their bytes. Nobody else may use it now.
    pub fn left(&self) -> Vec<u8> {
        self.put(&[MARK]);
        let mut left = Vec::new();
        let mut byte = [MARK];
        loop {
            (&self.file).read_exact(&mut byte).unwrap();
            if byte == [MARK] {
                break;
            }
            left.extend(byte);
        }
        self.put(&left);
        left.sort_unstable();
        left
    }
}
