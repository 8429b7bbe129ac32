//! A store on a disk that fails, is full, or loses its power: what was acknowledged is there, and
//! of what was not, all or nothing.
//!
//! A test process of its own: the disk is put in place of SQLite's for all of it.

#![expect(
    clippy::unwrap_used,
    clippy::cast_sign_loss,
    reason = "tests stop at the first thing that goes wrong"
)]

mod disk;
mod script;
mod shim;

use disk::{Disk, Plan};
use script::{Step, contents, steps};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;
use wodehost::store::{Fault, MemoryStore, SqliteStore, Store, StoreError};

/// Does something on a disk; comes back with the disk.
fn on<T>(disk: Disk, what: impl FnOnce() -> T) -> (T, Disk) {
    shim::install();
    shim::DISK.set(Some(disk));
    let done = what();
    (done, shim::DISK.take().unwrap())
}

/// The disk of this thread.
fn with_disk<T>(what: impl FnOnce(&mut Disk) -> T) -> T {
    shim::DISK.with_borrow_mut(|disk| what(disk.as_mut().unwrap()))
}

/// What is in a store in memory after so many steps.
fn after(taken: usize) -> &'static [String] {
    static ALL: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let mut store = MemoryStore::new();
        let mut all = vec![found(&store)];
        for step in steps(store.id()) {
            step.take(&mut store).unwrap();
            all.push(found(&store));
        }
        all
    });
    &all[taken]
}

/// What is in a store, but for its id.
fn found(store: &dyn Store) -> Vec<String> {
    let id = store.id().to_string();
    let lines = contents(&mut *store.reader().unwrap());
    lines
        .into_iter()
        .map(|line| line.replace(&id, "HOST"))
        .collect()
}

/// Whether just that is there.
fn compare(found: &[String], expected: &[String]) -> Result<(), String> {
    let differs = |(a, b): &(&String, &String)| a != b;
    match found.iter().zip(expected).find(differs) {
        Some((found, expected)) => Err(format!("there is {found}\nand not {expected}")),
        None if found.len() != expected.len() => {
            Err(format!("{} lines and not {}", found.len(), expected.len()))
        }
        None => Ok(()),
    }
}

/// A folder with a new store.
struct Place {
    folder: TempDir,
}

impl Place {
    fn empty() -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place { folder }
    }

    fn with_store() -> Place {
        let place = Place::empty();
        on(Disk::new(Plan::Nothing), || {
            drop(SqliteStore::open(place.file()).unwrap());
        });
        place
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("jobs")
    }

    /// The same store once more.
    fn copy(&self) -> Place {
        let copy = Place::empty();
        std::fs::copy(self.file(), copy.file()).unwrap();
        copy
    }

    /// No power, no memory.
    fn forget_index(&self) {
        let _ = std::fs::remove_file(self.folder.path().join("jobs-shm"));
    }
}

/// Takes all steps, as far as it goes: how many were acknowledged, and why it ended.
fn take_steps(file: &Path) -> (usize, Option<StoreError>) {
    let mut store = match SqliteStore::open(file) {
        Ok(store) => store,
        Err(error) => return (0, Some(error)),
    };
    for (taken, step) in steps(store.id()).iter().enumerate() {
        if let Err(error) = step.take(&mut store) {
            return (taken, Some(error));
        }
    }
    (steps(store.id()).len(), None)
}

/// Whether after so many acknowledged steps just those are there, or the next one as well; then goes
/// on to the end, on a disk without faults.
fn goes_on(place: &Place, acknowledged: usize) -> Result<(), String> {
    let (held, _) = on(Disk::new(Plan::Nothing), || {
        let opened = SqliteStore::open(place.file());
        let mut store = opened.map_err(|error| format!("it cannot be opened: {error}"))?;
        let steps = steps(store.id());
        let mut taken = acknowledged;
        let there = found(&store);
        if let Err(why) = compare(&there, after(taken)) {
            taken = steps.len().min(taken + 1);
            compare(&there, after(taken))
                .map_err(|_| format!("after {acknowledged} steps {why}"))?;
        }
        for step in &steps[taken..] {
            step.take(&mut store).unwrap();
        }
        compare(&found(&store), after(steps.len()))
    });
    held
}

/// How many acts all of it takes.
fn acts(place: &Place) -> u64 {
    let (taken, disk) = on(Disk::new(Plan::Nothing), || take_steps(&place.file()));
    assert_eq!(taken.1, None);
    assert!(taken.0 > 30 && disk.count > 200, "{taken:?} {}", disk.count);
    disk.count
}

#[test]
fn a_disk_that_fails_once_costs_nothing_that_was_acknowledged() {
    let all = acts(&Place::empty());
    let mut faults = 0;
    for at in 1..=all {
        let place = Place::empty();
        let ((taken, error), _) = on(Disk::new(Plan::Fails(at)), || take_steps(&place.file()));
        if let Some(error) = &error {
            assert_eq!(error.fault, Fault::Io, "act {at}: {error}");
            faults += 1;
        }
        goes_on(&place, taken).unwrap_or_else(|why| panic!("act {at}, {error:?}: {why}"));
    }
    // What is not needed for an answer, such as tidying up at the end, may fail unheard.
    assert!(faults * 10 > all * 8, "{faults} of {all}");
}

#[test]
fn what_did_not_fit_fits_when_there_is_room() {
    let template = Place::with_store();
    for at in 1..=acts(&template.copy()) {
        let place = template.copy();
        let (taken, _) = on(Disk::new(Plan::Full(at)), || {
            let mut store = match SqliteStore::open(place.file()) {
                Ok(store) => store,
                Err(error) => {
                    assert_eq!(error.fault, Fault::Full, "act {at}: {error}");
                    return 0;
                }
            };
            let steps = steps(store.id());
            for (taken, step) in steps.iter().enumerate() {
                let Err(error) = step.take(&mut store) else {
                    continue;
                };
                assert_eq!(error.fault, Fault::Full, "act {at}: {error}");
                // Tidying up has steps of its own.
                if matches!(step, Step::Commit(_)) {
                    let same = compare(&found(&store), after(taken));
                    same.unwrap_or_else(|why| panic!("act {at}, step {taken}: {why}"));
                    // Still full.
                    assert_eq!(step.take(&mut store).unwrap_err().fault, Fault::Full);
                }
                with_disk(|disk| disk.plan = Plan::Nothing);
                step.take(&mut store)
                    .unwrap_or_else(|error| panic!("act {at}: {error}"));
            }
            with_disk(|disk| disk.plan = Plan::Nothing);
            steps.len()
        });
        goes_on(&place, taken).unwrap_or_else(|why| panic!("act {at}: {why}"));
    }
}

/// Cuts the power at each act; how often something was lost.
fn cuts(lies: bool, luck: impl Fn(u64) -> bool) -> Vec<String> {
    let template = Place::with_store();
    let mut lost = Vec::new();
    let mut seed = 0;
    for at in 1..=acts(&template.copy()) {
        let place = template.copy();
        let mut disk = Disk::new(Plan::Dead(at));
        disk.lies = lies;
        let ((taken, _), disk) = on(disk, || take_steps(&place.file()));
        disk.cut(|| {
            seed += 1;
            luck(seed)
        });
        place.forget_index();
        if let Err(why) = goes_on(&place, taken) {
            lost.push(format!("act {at}: {why}"));
        }
    }
    lost
}

#[test]
fn a_power_cut_that_loses_all_that_was_not_synced_loses_nothing_acknowledged() {
    assert_eq!(cuts(false, |_| false), [""; 0]);
}

#[test]
fn a_power_cut_that_loses_parts_of_it_loses_nothing_acknowledged() {
    // The top bit of a number that is mixed well enough for a coin.
    let coin = |seed: u64| seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) >> 63 == 1;
    assert_eq!(cuts(false, coin), [""; 0]);
}

// The control: a disk that does not sync, as if SQLite had not asked for it.
#[test]
fn a_power_cut_is_noticed_where_nothing_is_synced() {
    let lost = cuts(true, |_| false);
    assert!(lost.len() > 100, "{lost:#?}");
}
