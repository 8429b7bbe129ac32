//! `--store`: where the jobs of a command are recorded.

use crate::error::Error;
use crate::flags::StoreFlags;
use crate::printer::Printer;
use crate::shown;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use wodehost::store::SqliteStore;
use wodehost::units::grouped;
use wodehost::{Host, JobId, Recording, Recovered};

/// What the jobs of `stream` are recorded with, if they are.
pub(crate) fn recording(flags: &StoreFlags, stream: &str) -> Result<Option<Recording>, Error> {
    let Some(path) = &flags.store else {
        return Ok(None);
    };
    let store = SqliteStore::open(path).map_err(|error| Error::store(&error))?;
    Ok(Some(Recording::new(store, stream)))
}

/// The host that records, for who leaves at once.
static RECORDING: OnceLock<(Host, PathBuf, Printer)> = OnceLock::new();

/// Before the process ends on the spot: no job is to blame for it.
pub(crate) fn leave() {
    if let Some((host, ..)) = RECORDING.get() {
        host.leave();
    }
}

/// The job whose outcome is printed, be it as the error that ends the command.
static TOLD: OnceLock<JobId> = OnceLock::new();

/// The outcome of this job counts as taken when the command has come to its end.
pub(crate) fn told_at_the_end(job: JobId) {
    // There is one job of a call.
    let _ = TOLD.set(job);
}

/// The command has come to its end, and has said what it had to say: writes what is left and
/// closes the store.
pub(crate) fn end() -> Result<(), Error> {
    let Some((host, path, printer)) = RECORDING.get() else {
        return Ok(());
    };
    if let Some(job) = TOLD.get() {
        host.acknowledge(*job);
    }
    let closed = host.close();
    let interrupted = host.interrupted();
    if interrupted > 0 {
        let path = shown::path(path);
        let jobs = if interrupted == 1 {
            "job stays"
        } else {
            "jobs stay"
        };
        printer.note(&format!(
            "{} {jobs} in {path}; the same command goes on",
            grouped(interrupted)
        ));
    }
    closed.map_err(|error| Error::store(&error))
}

/// Says in one line what was found, where there was something.
pub(crate) fn say_recovered(host: &Host, flags: &StoreFlags, printer: Printer) {
    if let Some(path) = &flags.store {
        // There is one host a process.
        let _ = RECORDING.set((host.clone(), path.clone(), printer));
    }
    if let (Some(found), Some(path)) = (host.recovered(), &flags.store)
        && let Some(line) = in_words(path, &found)
    {
        printer.note(&line);
    }
}

/// The line; none where the store had nothing.
fn in_words(path: &Path, found: &Recovered) -> Option<String> {
    let jobs = &found.jobs;
    let unfinished = jobs.queued + jobs.claimed;
    if jobs.done + unfinished == 0 && found.lost == 0 {
        return None;
    }
    let done = grouped(jobs.done);
    let mut parts = vec![match jobs.undelivered {
        0 => format!("{done} done"),
        left => format!("{done} done ({} of them taken by nobody)", grouped(left)),
    }];
    let mut add = |count: u64, words: &str| {
        if count > 0 {
            parts.push(format!("{} {words}", grouped(count)));
        }
    };
    add(unfinished, "to go on with");
    add(
        found.lost - found.ended,
        "that ran when the host died and run alone first",
    );
    add(
        found.quarantined,
        "quarantined: the host died while nothing else ran",
    );
    add(
        found.ended - found.quarantined,
        "given up: the host died too often while they ran",
    );
    let path = shown::path(path);
    Some(format!("{path} has jobs: {}", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wodehost::store::Summary;

    #[test]
    fn what_was_found_is_one_line() {
        let line = |found: Recovered| in_words(Path::new("jobs.db"), &found);
        assert_eq!(line(Recovered::default()), None);
        let jobs = Summary {
            queued: 3,
            done: 1200,
            dead: 1,
            undelivered: 2,
            ..Summary::default()
        };
        let found = Recovered {
            jobs,
            ..Recovered::default()
        };
        assert_eq!(
            line(found).as_deref(),
            Some("jobs.db has jobs: 1,200 done (2 of them taken by nobody), 3 to go on with")
        );
        let found = Recovered {
            lost: 4,
            ended: 2,
            quarantined: 1,
            ..found
        };
        let line = line(found).expect("something");
        assert!(line.contains("2 that ran when the host died"), "{line}");
        assert!(
            line.contains("1 quarantined") && line.contains("1 given up"),
            "{line}"
        );
    }
}
