//! What is known against versions of the engine, and which version is built in.
//!
//! The build script judges with it, and the tests of the program judge it.

use serde::Deserialize;
use std::fmt::Write as _;

/// `advisories.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// The day on which the list was compared with what is published.
    checked: String,
    /// The oldest version that is taken.
    least: String,
    advisory: Vec<Advisory>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advisory {
    id: String,
    /// The first version that has the fault, on the branch that is used.
    first: String,
    /// The last one.
    last: String,
    /// What it is, in a few words; for who reads the list.
    #[serde(rename = "about")]
    _about: String,
    /// Why the fault is none of this program's, where that is so.
    unless: Option<String>,
}

type Version = (u64, u64, u64);

/// The crates that make up the engine.
const CRATES: [&str; 2] = ["wasmtime", "wasmtime-wasi"];

impl Known {
    /// The sentence about the engine that a lock file names; the error says why nothing
    /// may be built with it.
    pub(crate) fn judge(&self, lock: &str) -> Result<String, String> {
        let [engine, wasi] = CRATES.map(|name| locked(lock, name).ok_or(name));
        let engine = engine.map_err(|name| format!("the lock file has no {name}"))?;
        let wasi = wasi.map_err(|name| format!("the lock file has no {name}"))?;
        if engine != wasi {
            return Err(format!("wasmtime {engine} with wasmtime-wasi {wasi}"));
        }
        let version = read(engine)?;
        if version < read(&self.least)? {
            return Err(format!(
                "wasmtime {engine} is older than {}, the oldest without known faults",
                self.least
            ));
        }
        let mut said = format!(
            "wasmtime {engine}; of {} advisories known on {} none applies",
            self.advisory.len(),
            self.checked
        );
        for Advisory {
            id,
            first,
            last,
            unless,
            ..
        } in &self.advisory
        {
            if !(read(first)?..=read(last)?).contains(&version) {
                continue;
            }
            let why = unless
                .as_ref()
                .ok_or_else(|| format!("wasmtime {engine} has the fault {id}"))?;
            let _ = write!(said, " ({id}: {why})");
        }
        Ok(said)
    }
}

/// The version of a crate in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = lock.split_once(&begin)?;
    rest.split('"').next()
}

fn read(version: &str) -> Result<Version, String> {
    let mut parts = version.split('.').map(str::parse);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) => Ok((major, minor, patch)),
        _ => Err(format!("`{version}` is no version")),
    }
}
