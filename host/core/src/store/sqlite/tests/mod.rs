//! What a store in a file promises besides what every store does.

mod arbitrary;
mod crowd;
mod damage;
mod files;
mod outcomes;
mod upkeep;

use super::SqliteStore;
use crate::job::JobId;
use crate::sandbox::Receipt;
use crate::store::conformance::{self, Maker, property};
use crate::store::{
    Answer, Conditions, Entry, Key, NewJob, PastAttempt, Reader, Session, SessionId, Store,
    StoreError, Write,
};
use crate::task::{Outcome, Reason, Receipts};
use crate::value::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Makes stores in a folder of its own.
struct InFiles {
    folder: TempDir,
    made: u32,
}

impl InFiles {
    fn new() -> InFiles {
        InFiles {
            folder: TempDir::new().unwrap(),
            made: 0,
        }
    }

    /// The same where a sync costs nothing, if there is such a folder.
    fn in_memory() -> InFiles {
        InFiles {
            folder: TempDir::new_in("/dev/shm").unwrap_or_else(|_| TempDir::new().unwrap()),
            made: 0,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(format!("jobs-{}", self.made))
    }
}

impl Maker for InFiles {
    fn make(&mut self) -> Box<dyn Store> {
        self.made += 1;
        Box::new(SqliteStore::open(self.path()).unwrap())
    }

    fn reopen(&mut self, store: Box<dyn Store>) -> Box<dyn Store> {
        drop(store);
        Box::new(SqliteStore::open(self.path()).unwrap())
    }
}

conformance::conforms!(InFiles::new());

// The same random writes as for the store in memory, as often.
#[test]
fn random_writes_do_what_the_rules_say() {
    let half = || {
        let make = || Box::new(InFiles::in_memory()) as Box<dyn Maker>;
        property::holds(&make, property::cases(2_000) / 2)
    };
    let halves = std::thread::scope(|scope| {
        let halves = [scope.spawn(half), scope.spawn(half)];
        halves.map(|half| half.join().unwrap())
    });
    for half in halves {
        if let Err(why) = half {
            panic!("{why}");
        }
    }
}

/// A folder with a store in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        Place {
            folder: TempDir::new().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("jobs")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(self.file()).unwrap()
    }

    /// All files and what is in them.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let named = files.map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(file).unwrap_or_default())
        });
        named.collect()
    }
}

fn session() -> Session {
    Session {
        began_ms: 500,
        pid: 17,
        boot: "boot".to_owned(),
        until_ms: u64::MAX,
    }
}

fn begin(store: &mut dyn Store) -> SessionId {
    match store.commit(&[Write::Begin(session())]).unwrap()[..] {
        [Answer::Session(id)] => id,
        ref other => panic!("{other:?}"),
    }
}

fn conditions(what: &str) -> Arc<Conditions> {
    Arc::new(Conditions::new(Value::map([("plugin", Value::from(what))])))
}

fn job(number: u64, claim: Option<SessionId>) -> NewJob {
    NewJob {
        number,
        span: 1,
        stream: "map/double".into(),
        key: None,
        parent: None,
        worker: "double".into(),
        conditions: conditions("double"),
        value: Value::from(number),
        arity: 1,
        said: Value::nil(),
        singleton: None,
        group: None,
        submitted_ms: 1_763_800_000_000 + number,
        claim,
    }
}

fn submit(job: NewJob) -> Write {
    Write::Submit(Box::new(job))
}

fn outcome(store: &dyn Store, number: u64, reason: Reason) -> Outcome {
    let mut receipts = Receipts::default();
    receipts.push(Receipt {
        fuel: 58_000 + number,
        wall_nanos: 40_000,
        memory_peak_bytes: 1 << 20,
        ..Receipt::default()
    });
    let id = JobId {
        host: store.id(),
        number,
    };
    Outcome {
        attempts: 1,
        data: Value::from(2 * number),
        receipts,
        ..Outcome::without_attempt(id, "double".into(), reason, None)
    }
}

fn finish(outcome: Outcome, now_ms: u64) -> Write {
    Write::Finish {
        number: outcome.id.number,
        fence: Some(1),
        outcome: Box::new(outcome),
        is_delivered: false,
        ends_children: false,
        now_ms,
    }
}

fn deliver(number: u64) -> Write {
    Write::Deliver {
        number,
        frees_key: false,
    }
}

/// Commits writes none of which is refused.
fn commit(store: &mut dyn Store, batch: &[Write]) {
    let answers = store.commit(batch).unwrap();
    let refused = answers
        .iter()
        .find(|answer| matches!(answer, Answer::Refused(_)));
    assert_eq!(refused, None);
}

/// Jobs from the first number up to the last that are over, delivered, and were a success.
fn run_jobs(store: &mut SqliteStore, first: u64, last: u64) {
    let claim = begin(store);
    let submits = (first..=last).map(|number| submit(job(number, Some(claim))));
    commit(store, &submits.collect::<Vec<_>>());
    let finishes = (first..=last).map(|n| finish(outcome(store, n, Reason::Returned), 1000 + n));
    let finishes: Vec<Write> = finishes.collect();
    commit(store, &finishes);
    commit(store, &(first..=last).map(deliver).collect::<Vec<_>>());
}

fn find(reader: &mut dyn Reader, number: u64) -> Entry {
    reader.find(number).unwrap().expect("the job is there")
}

fn refused(path: &Path) -> StoreError {
    SqliteStore::open(path).expect_err("it is not opened")
}
