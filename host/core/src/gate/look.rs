//! Gates that look at the machine: free memory, load, a file.
//!
//! What a look finds is given by a [`Machine`], so that the decision is a function of
//! what was read. A look that fails is an error, never an answer.

use std::io;
use std::path::{Path, PathBuf};

/// What has to hold for a job to start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// So many bytes can be had without swapping.
    MemoryFree(u64),
    /// The load average of the last minute is lower.
    LoadBelow(f64),
    /// Something is at the path, or nothing is.
    File { path: PathBuf, there: bool },
}

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Go,
    Wait,
}

/// Why a look found nothing out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookError {
    /// It cannot be read.
    #[error("{path} cannot be read: {error}", path = path.display())]
    Read { path: PathBuf, error: io::Error },
    /// It reads otherwise than it should.
    #[error("{0} does not say it")]
    Odd(&'static str),
}

/// Where a gate looks.
pub(crate) trait Machine: Send + Sync {
    /// The text of a file.
    fn read(&self, path: &Path) -> io::Result<String>;

    /// Whether something is at a path.
    fn is_there(&self, path: &Path) -> io::Result<bool>;
}

/// The machine that the program runs on.
#[derive(Debug)]
pub(crate) struct ThisMachine;

impl Machine for ThisMachine {
    fn read(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn is_there(&self, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }
}

const MEMINFO: &str = "/proc/meminfo";
const LOADAVG: &str = "/proc/loadavg";

impl Condition {
    /// The gate's name.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Condition::MemoryFree(_) => "mem-free",
            Condition::LoadBelow(_) => "load",
            Condition::File { .. } => "file",
        }
    }

    /// Looks, and says whether a job may start.
    pub(crate) fn ask(&self, machine: &dyn Machine) -> Result<Answer, LookError> {
        let read = |path: &str| {
            let path = Path::new(path);
            machine.read(path).map_err(|error| unreadable(path, error))
        };
        let holds = match self {
            Condition::MemoryFree(bytes) => available_bytes(&read(MEMINFO)?)? >= *bytes,
            Condition::LoadBelow(load) => load_of_a_minute(&read(LOADAVG)?)? < *load,
            Condition::File { path, there } => {
                let is_there = machine.is_there(path);
                is_there.map_err(|error| unreadable(path, error))? == *there
            }
        };
        Ok(if holds { Answer::Go } else { Answer::Wait })
    }
}

fn unreadable(path: &Path, error: io::Error) -> LookError {
    LookError::Read {
        path: path.to_owned(),
        error,
    }
}

/// `MemAvailable` of `/proc/meminfo`, which is in KiB.
fn available_bytes(meminfo: &str) -> Result<u64, LookError> {
    let mut lines = meminfo.lines();
    let kib = lines.find_map(|line| {
        let rest = line.strip_prefix("MemAvailable:")?.trim();
        rest.strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    let bytes = kib.and_then(|kib| kib.checked_mul(1024));
    bytes.ok_or(LookError::Odd(MEMINFO))
}

/// The first number of `/proc/loadavg`.
fn load_of_a_minute(loadavg: &str) -> Result<f64, LookError> {
    let first = loadavg.split_whitespace().next();
    let load = first.and_then(|text| text.parse::<f64>().ok());
    load.filter(|load| load.is_finite())
        .ok_or(LookError::Odd(LOADAVG))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    /// A machine that is as a test says: files with their texts.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Told(Arc<Mutex<BTreeMap<PathBuf, String>>>);

    impl Told {
        pub(crate) fn put(&self, path: &str, text: &str) {
            self.0.lock().unwrap().insert(path.into(), text.to_owned());
        }

        pub(crate) fn remove(&self, path: &str) {
            self.0.lock().unwrap().remove(Path::new(path));
        }
    }

    impl Machine for Told {
        fn read(&self, path: &Path) -> io::Result<String> {
            let found = self.0.lock().unwrap().get(path).cloned();
            found.ok_or_else(|| io::ErrorKind::NotFound.into())
        }

        fn is_there(&self, path: &Path) -> io::Result<bool> {
            if path == Path::new("/closed/file") {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            Ok(self.0.lock().unwrap().contains_key(path))
        }
    }

    const MEMINFO_TEXT: &str =
        "MemTotal:       16303428 kB\nMemFree:          500000 kB\nMemAvailable:    1048576 kB\n";

    fn file(path: &str, there: bool) -> Condition {
        Condition::File {
            path: path.into(),
            there,
        }
    }

    // J22
    #[test]
    fn each_condition_holds_or_does_not() {
        let machine = Told::default();
        machine.put(MEMINFO, MEMINFO_TEXT);
        machine.put(LOADAVG, "2.50 0.40 0.30 3/800 4242\n");
        machine.put("/run/go", "");
        for (condition, answer) in [
            (Condition::MemoryFree(1 << 30), Answer::Go),
            (Condition::MemoryFree((1 << 30) + 1), Answer::Wait),
            (Condition::MemoryFree(0), Answer::Go),
            (Condition::LoadBelow(2.51), Answer::Go),
            (Condition::LoadBelow(2.5), Answer::Wait),
            (Condition::LoadBelow(1.0), Answer::Wait),
            (file("/run/go", true), Answer::Go),
            (file("/run/go", false), Answer::Wait),
            (file("/run/stop", true), Answer::Wait),
            (file("/run/stop", false), Answer::Go),
        ] {
            let said = condition.ask(&machine).expect("it can be seen");
            assert_eq!(said, answer, "{condition:?}");
        }
    }

    // J22
    #[test]
    fn what_cannot_be_seen_is_an_error_and_no_answer() {
        let odd = Told::default();
        odd.put(MEMINFO, "MemTotal: 1 kB\nMemAvailable: many kB\n");
        odd.put(LOADAVG, "nan\n");
        let gone = Told::default();
        for (machine, condition, why) in [
            (
                &gone,
                Condition::MemoryFree(1),
                "/proc/meminfo cannot be read: ",
            ),
            (
                &gone,
                Condition::LoadBelow(1.0),
                "/proc/loadavg cannot be read: ",
            ),
            (
                &gone,
                file("/closed/file", false),
                "/closed/file cannot be read: ",
            ),
            (
                &odd,
                Condition::MemoryFree(1),
                "/proc/meminfo does not say it",
            ),
            (
                &odd,
                Condition::LoadBelow(1.0),
                "/proc/loadavg does not say it",
            ),
        ] {
            let error = condition.ask(machine).expect_err("nothing to see");
            assert!(error.to_string().starts_with(why), "{error}");
        }
    }

    // J22
    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_can_be_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("go");
        let condition = Condition::File {
            path: path.clone(),
            there: true,
        };
        assert_eq!(condition.ask(&ThisMachine).unwrap(), Answer::Wait);
        std::fs::write(&path, "").unwrap();
        assert_eq!(condition.ask(&ThisMachine).unwrap(), Answer::Go);
        let any = Condition::MemoryFree(0).ask(&ThisMachine).unwrap();
        assert_eq!(any, Answer::Go);
        let any = Condition::LoadBelow(f64::MAX).ask(&ThisMachine).unwrap();
        assert_eq!(any, Answer::Go);
    }
}
