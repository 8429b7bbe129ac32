//! The same run with a store: every job, outcome and delivery is on the disk before anybody
//! hears of it.

use crate::end_to_end::{ends, serve, serve_of};
use crate::guests::Guests;
use crate::series::Unit;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wodehost::store::{Filter, Page, SqliteStore};
use wodehost::{Host, PluginSource, Recording, Runtime};

/// Finished jobs of the store that is opened and listed.
const JOBS: u64 = 1_000_000;

/// What is read of it, its unit, and the most that it may be.
pub(crate) const WHAT: [(&str, Unit, f64); 3] = [
    ("opened", Unit::Time, 2.0),
    ("newest page listed", Unit::Time, 0.05),
    ("each, with integers as values", Unit::Bytes, 300.0),
];

/// Runs `jobs` jobs on `slots` slots; how long it took, the last commit included.
pub(crate) fn run(
    runtime: &Runtime,
    guests: &Guests,
    slots: u32,
    jobs: u64,
) -> Result<Duration, Box<dyn Error>> {
    let folder = Folder::new()?;
    let host = host(runtime, guests, slots, &folder)?;
    let [producer, consumer] = ends(runtime, guests, jobs)?;
    let began = Instant::now();
    serve_of(&host, producer, consumer, jobs)?;
    host.close()?;
    Ok(began.elapsed())
}

/// A store of a million finished jobs: how long it takes to open it, to list its newest page, and
/// how many bytes each job has.
pub(crate) fn large(
    runtime: &Runtime,
    guests: &Guests,
    slots: u32,
) -> Result<[f64; 3], Box<dyn Error>> {
    let folder = Folder::new()?;
    let host = host(runtime, guests, slots, &folder)?;
    serve(&host, runtime, guests, JOBS)?;
    host.close()?;
    drop(host);
    let bytes = std::fs::metadata(folder.store())?.len() as f64 / JOBS as f64;
    let began = Instant::now();
    let store = SqliteStore::open(folder.store())?;
    let opened = began.elapsed();
    drop(store);
    let mut reader = SqliteStore::read_only(folder.store())?;
    let began = Instant::now();
    let page = Page {
        below: u64::MAX,
        most: 50,
    };
    let listed = reader.list(&Filter::default(), page)?;
    let took = began.elapsed();
    if listed.len() != page.most {
        return Err(format!("{} jobs are listed", listed.len()).into());
    }
    Ok([opened.as_secs_f64(), took.as_secs_f64(), bytes])
}

/// A host that records in this folder.
fn host(
    runtime: &Runtime,
    guests: &Guests,
    slots: u32,
    folder: &Folder,
) -> Result<Host, Box<dyn Error>> {
    let store = SqliteStore::open(folder.store())?;
    let worker = runtime.load(PluginSource::file(guests.worker()))?;
    let host = Host::builder(runtime).slots(slots).worker(worker);
    let recording = Recording::new(store, "run").acknowledged();
    Ok(host.record(recording).build()?)
}

/// A folder on the disk where the build is; gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Folder> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        let path = target.join(format!("bench-store-{}", std::process::id()));
        // What an earlier process with this number left.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    fn store(&self) -> PathBuf {
        self.0.join("jobs.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
