//! Runs the built binary and reads what it says.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The binary with a quiet, known surrounding: no user file, no colours, a cache
/// that the tests share.
pub(crate) fn wodehost(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wodehost"));
    command.args(arguments).stdin(Stdio::null());
    quietly(command)
}

/// Gives a command that quiet, known surrounding.
pub(crate) fn quietly(mut command: Command) -> Command {
    command
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE")
        .env_remove("WODEHOST_GUESTS")
        .env_remove("WODEHOST_MAKE")
        // Tests may be run by a make.
        .env_remove("CARGO_MAKEFLAGS")
        .env_remove("MAKEFLAGS")
        .env_remove("MFLAGS")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("XDG_RUNTIME_DIR", runtime_folder())
        .env("WODEHOST_CACHE", wodehost_tests::cache());
    command
}

/// Where commands can be looked at, apart from those of whoever runs the tests.
fn runtime_folder() -> std::path::PathBuf {
    let folder = wodehost_tests::workspace().join("target/test-runtime");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        Said {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Said {
    /// The exit code is as expected, and nothing looks like a crash.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Said {
        assert_eq!(self.code, Some(code), "{self:#?}");
        // What a guest wrote stands behind `stderr:` and may say what it likes.
        let ours = self.err.lines().filter(|line| !line.contains("stderr:"));
        for line in ours {
            for sign in ["panicked", "RUST_BACKTRACE", "Error {", "stack backtrace"] {
                assert!(!line.contains(sign), "{self:#?}");
            }
        }
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, out: &str) -> Said {
        assert_eq!(self.out, out, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn complains(self, part: &str) -> Said {
        assert!(self.err.contains(part), "wanted {part:?} in {self:#?}");
        self
    }
}

/// Runs to the end with nothing on stdin.
pub(crate) fn say(arguments: &[&str]) -> Said {
    wodehost(arguments).output().unwrap().into()
}

/// Runs in a folder.
pub(crate) fn say_in(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = wodehost(arguments);
    command.current_dir(folder).output().unwrap().into()
}

/// Runs to the end with `input` on stdin.
pub(crate) fn feed(arguments: &[&str], input: impl Into<Vec<u8>>) -> Said {
    feed_bytes(arguments, input).into()
}

/// The same, with stdout as bytes.
pub(crate) fn feed_bytes(arguments: &[&str], input: impl Into<Vec<u8>>) -> Output {
    let mut child = piped(arguments);
    let input = input.into();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        // A tool that stops reading early is not an error here.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Starts it with every stream piped.
pub(crate) fn piped(arguments: &[&str]) -> Child {
    wodehost(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The id in an outcome that was printed.
pub(crate) fn id_of(outcome: &str) -> &str {
    let (_, rest) = outcome.split_once(r#""id":""#).unwrap();
    rest.split('"').next().unwrap()
}

/// The path of a built guest.
pub(crate) fn guest(name: &str) -> String {
    wodehost_tests::guest(name).to_str().unwrap().to_owned()
}

/// Sends a signal to a child.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Waits for a child, but not for ever.
pub(crate) fn ended(mut child: Child) -> Said {
    let mut out = child.stdout.take().unwrap();
    let mut err = child.stderr.take().unwrap();
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
            panic!("should have ended long ago");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Output {
        status,
        stdout: out.join().unwrap(),
        stderr: err.join().unwrap(),
    }
    .into()
}

/// Reads from a child's stderr until a part was seen.
pub(crate) fn until(stream: &mut impl Read, part: &str) -> String {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains(part) {
        let n = stream.read(&mut byte).unwrap();
        assert!(
            n > 0,
            "ended before {part:?}: {}",
            String::from_utf8_lossy(&seen)
        );
        seen.push(byte[0]);
    }
    String::from_utf8_lossy(&seen).into_owned()
}
