//! The ledger: batches of jobs that come in and of jobs that are over, as a host writes them. A
//! batch has as many of the one as of the other, and is one transaction.

use crate::{Result, check, or_end};
use criterion::{BenchmarkId, Criterion, Throughput};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wodehost::store::{
    Answer, Conditions, MemoryStore, NewJob, Session, SessionId, SqliteStore, Store, Write,
};
use wodehost::{JobId, Outcome, Value};

/// A store is made anew after so many jobs, so that it does not grow with the time of a run.
const JOBS_MAX: u64 = 50_000;

/// The number of the store's first job.
const FIRST: u64 = 1;

pub(crate) fn bench(criterion: &mut Criterion) {
    let kinds = [("memory", Kind::Memory), ("SQLite", Kind::Sqlite)];
    for (name, kind) in kinds {
        let mut group = criterion.benchmark_group(format!("ledger/{name}"));
        // A commit waits for the disk.
        group.sample_size(10);
        for jobs in [1, 100, 1000] {
            group.throughput(Throughput::Elements(jobs));
            group.bench_function(BenchmarkId::new("a batch of", jobs), |b| {
                b.iter_custom(|batches| or_end(run(kind, jobs, batches)));
            });
        }
        group.finish();
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Memory,
    Sqlite,
}

/// How long so many batches take.
fn run(kind: Kind, jobs: u64, batches: u64) -> Result<Duration> {
    let mut elapsed = Duration::ZERO;
    let mut left = batches;
    while left > 0 {
        let some = left.min(JOBS_MAX / jobs);
        left -= some;
        let mut books = Books::new(kind)?;
        for _ in 0..some {
            elapsed += books.commit(jobs)?;
        }
        books.show()?;
    }
    Ok(elapsed)
}

/// A store with jobs that are over up to a number, and with some that are not.
struct Books {
    store: Box<dyn Store>,
    session: SessionId,
    conditions: Arc<Conditions>,
    /// The numbers from here on have not come in.
    next: u64,
    /// How many of those that have are not over.
    running: u64,
    /// Dropped behind the store.
    _folder: Option<TempDir>,
}

impl Books {
    fn new(kind: Kind) -> Result<Books> {
        let (mut store, folder): (Box<dyn Store>, _) = match kind {
            Kind::Memory => (Box::new(MemoryStore::new()), None),
            Kind::Sqlite => {
                // On the disk where the build is.
                let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
                let store = SqliteStore::open(folder.path().join("jobs.db"))?;
                (Box::new(store), Some(folder))
            }
        };
        let begin = Write::Begin(Session {
            began_ms: 1,
            pid: 1,
            boot: String::new(),
            until_ms: u64::MAX,
        });
        let answers = store.commit(&[begin])?;
        let Some(Answer::Session(session)) = answers.first() else {
            return Err("no session begins".into());
        };
        Ok(Books {
            session: *session,
            store,
            conditions: Arc::new(Conditions::new(Value::map([("worker", "double".into())]))),
            next: FIRST,
            running: 0,
            _folder: folder,
        })
    }

    /// Commits that so many jobs come in, and that those of the batch before are over: how
    /// long it takes.
    fn commit(&mut self, jobs: u64) -> Result<Duration> {
        let came = self.next..self.next + jobs;
        let over = self.next - self.running..self.next;
        let mut batch: Vec<Write> = came.clone().map(|number| self.submit(number)).collect();
        batch.extend(over.map(|number| self.finish(number)));
        let began = Instant::now();
        let answers = self.store.commit(&batch)?;
        let elapsed = began.elapsed();
        let is_taken = answers.iter().all(|answer| *answer == Answer::Done);
        check(is_taken, "the store refuses a write")?;
        (self.next, self.running) = (came.end, jobs);
        Ok(elapsed)
    }

    fn submit(&self, number: u64) -> Write {
        Write::Submit(Box::new(NewJob {
            number,
            span: 1,
            stream: "run".into(),
            key: None,
            parent: None,
            worker: "double".into(),
            conditions: self.conditions.clone(),
            value: Value::from(number),
            arity: 1,
            said: Value::nil(),
            singleton: None,
            group: None,
            submitted_ms: number,
            claim: Some(self.session),
        }))
    }

    fn finish(&self, number: u64) -> Write {
        Write::Finish {
            number,
            fence: Some(1),
            outcome: Box::new(Outcome {
                id: JobId::new(self.store.id(), number),
                worker: "double".into(),
                attempts: 1,
                ..Outcome::success(Value::from(2 * number))
            }),
            is_delivered: true,
            ends_children: false,
            now_ms: number,
        }
    }

    /// What was committed is there.
    fn show(&self) -> Result<()> {
        let mut reader = self.store.reader()?;
        let (first_running, last) = (self.next - self.running, self.next - 1);
        let running = reader.find(last)?.ok_or("a job is not there")?;
        check(running.done().is_none(), "a job is over too early")?;
        if first_running > FIRST {
            let over = reader
                .find(first_running - 1)?
                .ok_or("a job is not there")?;
            let data = over.done().map(|done| &done.outcome.data);
            let expected = Value::from(2 * over.job.number);
            check(data == Some(&expected), "a job has another outcome")?;
        }
        Ok(())
    }
}
