//! Other ways to run the same jobs, for `cargo xtask bench` to measure beside ours: each is set up
//! once, in a folder below `target/peers`, from its own registry.
//!
//! In a peer's folder, `installed` says what it was set up from, and `missing` in one line why it
//! cannot be had. A peer that cannot is left out and tried again the next time; it fails nothing. How
//! they are run is the benchmark's business.

mod commands;
mod extism;
mod jobserver;
mod parallel;
mod wasmtime;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo;
use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// The variable that tells the benchmark where they are.
pub(crate) const VARIABLE: &str = "WODEHOST_PEERS";

struct Peer {
    /// Also the name of its folder; the benchmark looks for it there.
    name: &'static str,
    /// All that decides what the set-up makes: versions, sources.
    wanted: fn(&Workspace) -> Result<String, Error>,
    set_up: fn(&Workspace, &Path) -> Result<(), Error>,
}

/// In order: the commands are compiled by wasmtime. Pool and `ProcessPoolExecutor` need nothing
/// but a Python.
const PEERS: [Peer; 6] = [
    Peer {
        name: "jobserver",
        wanted: |_| Ok(jobserver::PACKAGE.to_owned()),
        set_up: jobserver::set_up,
    },
    Peer {
        name: "parallel",
        wanted: |_| Ok("GNU parallel".to_owned()),
        set_up: parallel::set_up,
    },
    Peer {
        name: "extism",
        wanted: extism::wanted,
        set_up: extism::set_up,
    },
    Peer {
        name: "wasmtime",
        wanted: wasmtime::wanted,
        set_up: wasmtime::set_up,
    },
    Peer {
        name: "command-rust",
        wanted: commands::rust_wanted,
        set_up: commands::set_up_rust,
    },
    Peer {
        name: "command-python",
        wanted: commands::python_wanted,
        set_up: commands::set_up_python,
    },
];

/// Where they are.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("peers")
}

/// Sets up what is not there; says what cannot be had.
pub(crate) fn set_up(workspace: &Workspace) {
    for peer in &PEERS {
        let place = folder(workspace).join(peer.name);
        let Err(error) = peer.ensure(workspace, &place) else {
            continue;
        };
        let root = format!("{}/", workspace.root.display());
        let reason = error.what().replace(&root, "");
        eprintln!("left out: {}: {reason}", peer.name);
        // Without the note the benchmark says that it is not set up, which is true as well.
        let _ = fs::write(place.join(MISSING), reason);
    }
}

const INSTALLED: &str = "installed";
const MISSING: &str = "missing";

impl Peer {
    fn ensure(&self, workspace: &Workspace, place: &Path) -> Result<(), Error> {
        fs::create_dir_all(place).map_err(|error| Error::at(place, &error))?;
        let wanted = (self.wanted)(workspace)?;
        if is_installed(place, &wanted) {
            return Ok(());
        }
        eprintln!("setting up {}", workspace.shown(place));
        forget(place)?;
        (self.set_up)(workspace, place)?;
        let mark = place.join(INSTALLED);
        fs::write(&mark, wanted).map_err(|error| Error::at(&mark, &error))
    }
}

/// Whether just this was set up.
fn is_installed(place: &Path, wanted: &str) -> bool {
    fs::read_to_string(place.join(INSTALLED)).is_ok_and(|text| text == wanted)
}

/// Removes what an earlier set-up noted.
fn forget(place: &Path) -> Result<(), Error> {
    for note in [INSTALLED, MISSING] {
        let note = place.join(note);
        match fs::remove_file(&note) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::at(&note, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Builds a program with its own lock file into `bin`.
fn install(workspace: &Workspace, place: &Path, program: &[&OsStr]) -> Result<(), Error> {
    let build = place.join("build");
    let mut install = cargo::at_root(workspace);
    install
        .args(["install", "--locked", "--force"])
        .args(program)
        .arg("--root")
        .arg(place)
        .arg("--target-dir")
        .arg(&build);
    process::run(&mut install)?;
    // Up to a gigabyte. Where it failed, it goes on from there.
    fs::remove_dir_all(&build).map_err(|error| Error::at(&build, &error))
}

/// The text of files below the root, for `wanted`.
fn sources(workspace: &Workspace, files: &[&str]) -> Result<String, Error> {
    let mut text = String::new();
    for file in files {
        let path = workspace.root.join(file);
        text += &fs::read_to_string(&path).map_err(|error| Error::at(&path, &error))?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::sample;
    use std::cell::Cell;

    thread_local! {
        static SET_UPS: Cell<u32> = const { Cell::new(0) };
        static FAILS: Cell<bool> = const { Cell::new(false) };
        static VERSION: Cell<u32> = const { Cell::new(1) };
    }

    const PEER: Peer = Peer {
        name: "peer",
        wanted: |_| Ok(format!("peer {}", VERSION.get())),
        set_up: |_, _| {
            SET_UPS.set(SET_UPS.get() + 1);
            if FAILS.get() {
                return Err(Error::new("no network"));
            }
            Ok(())
        },
    };

    /// Ensures it `times` times; how often it was set up.
    fn set_ups(place: &Path, times: u32) -> u32 {
        SET_UPS.set(0);
        for _ in 0..times {
            let _ = PEER.ensure(&sample(), place);
        }
        SET_UPS.get()
    }

    #[test]
    fn a_peer_is_set_up_once_for_each_version_and_again_where_it_failed() {
        let place = std::env::temp_dir().join(format!("xtask-peers-{}", std::process::id()));
        assert_eq!(set_ups(&place, 2), 1);
        VERSION.set(2);
        assert_eq!(set_ups(&place, 2), 1);
        VERSION.set(3);
        FAILS.set(true);
        assert_eq!(set_ups(&place, 2), 2);
        // What was there before is of another version.
        assert!(!place.join(INSTALLED).exists());
        FAILS.set(false);
        fs::write(place.join(MISSING), "no network").expect("the folder is there");
        assert_eq!(set_ups(&place, 2), 1);
        assert!(!place.join(MISSING).exists());
        fs::remove_dir_all(&place).expect("it is ours");
    }
}
