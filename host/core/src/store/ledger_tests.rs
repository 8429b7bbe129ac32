//! The writer's thread: order, groups, a full disk, one that fails, the end.

use super::super::{MemoryStore, Reader, Session, SessionId};
use super::*;
use crate::job::HostId;
use crate::value::Value;
use std::sync::atomic::AtomicU32;
use std::time::Instant;

/// A store that fails for a while, as it is told.
struct Moody {
    inner: MemoryStore,
    mood: Arc<Mood>,
}

#[derive(Default)]
struct Mood {
    /// So many commits find no room.
    full: AtomicU32,
    /// The next one fails for good.
    breaks: AtomicU32,
    /// How many writes each commit had.
    batches: Mutex<Vec<usize>>,
    /// A commit takes so many milliseconds.
    pause_ms: AtomicU32,
    /// What was to be kept each time.
    retained: Mutex<Vec<(u64, u64)>>,
}

impl Mood {
    fn error(fault: Fault) -> StoreError {
        StoreError {
            path: PathBuf::new(),
            fault,
            what: "as told".to_owned(),
        }
    }
}

impl Store for Moody {
    fn id(&self) -> HostId {
        self.inner.id()
    }

    fn commit(&mut self, batch: &[Write]) -> Result<Vec<Answer>, StoreError> {
        let pause = self.mood.pause_ms.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(pause.into()));
        if self.mood.full.load(Ordering::Relaxed) > 0 {
            self.mood.full.fetch_sub(1, Ordering::Relaxed);
            return Err(Mood::error(Fault::Full));
        }
        if self.mood.breaks.load(Ordering::Relaxed) > 0 {
            return Err(Mood::error(Fault::Io));
        }
        self.mood
            .batches
            .lock()
            .expect("no panic")
            .push(batch.len());
        self.inner.commit(batch)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }

    fn retain(&mut self, before_ms: u64, most: u64) -> Result<u64, StoreError> {
        let mut retained = self.mood.retained.lock().expect("no panic");
        retained.push((before_ms, most));
        if self.mood.full.load(Ordering::Relaxed) > 0 {
            return Err(Mood::error(Fault::Full));
        }
        self.inner.retain(before_ms, most)
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        self.inner.compact()
    }
}

/// What was heard of the writer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Heard {
    Kept(u32),
    Refused(u32, Refused),
    Through,
    Broke(Fault),
}

struct Ear(Arc<Mutex<Vec<Heard>>>);

impl Ear {
    fn hears(&self, what: Heard) {
        self.0.lock().expect("no panic").push(what);
    }
}

impl Kept<u32> for Ear {
    fn kept(&mut self, what: &mut Vec<u32>) {
        for what in what.iter() {
            self.hears(Heard::Kept(*what));
        }
    }

    fn is_through(&mut self) {
        self.hears(Heard::Through);
    }

    fn refused(&mut self, what: u32, why: Refused) {
        self.hears(Heard::Refused(what, why));
    }

    fn broke(&mut self, error: &StoreError) {
        self.hears(Heard::Broke(error.fault));
    }
}

struct Bench {
    ledger: Ledger<u32>,
    store: MemoryStore,
    mood: Arc<Mood>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(None)
    }

    fn with(upkeep: Option<Upkeep>) -> Bench {
        let store = MemoryStore::new();
        let mood = Arc::new(Mood::default());
        let moody = Moody {
            inner: store.again(),
            mood: mood.clone(),
        };
        let heard = Arc::default();
        let ear = Ear(Arc::clone(&heard));
        let ledger = Ledger::start(Box::new(moody), upkeep, ear).expect("a thread");
        Bench {
            ledger,
            store,
            mood,
            heard,
        }
    }

    fn heard(&self) -> Vec<Heard> {
        let mut heard = self.heard.lock().expect("no panic").clone();
        heard.retain(|heard| *heard != Heard::Through);
        heard
    }

    fn cursor(&self, name: &str) -> Option<Value> {
        let mut reader = self.store.reader().expect("readable");
        reader.cursor(name).expect("readable")
    }
}

fn cursor(name: &str, n: u64) -> Write {
    Write::Cursor {
        name: name.into(),
        value: Value::from(n),
    }
}

/// Nobody has such a job.
fn refused() -> Write {
    Write::Release {
        number: 99,
        fence: 1,
    }
}

fn in_time(is_there: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_there() {
        assert!(began.elapsed() < Duration::from_mins(1), "it never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_queues_up_is_one_batch_and_is_done_in_order() {
    let bench = Bench::new();
    bench.mood.pause_ms.store(50, Ordering::Relaxed);
    for n in 0..200 {
        bench.ledger.write([cursor("a", n)], Some(n as u32));
    }
    let answers = bench.ledger.ask([cursor("b", 1), refused()]);
    let refusal = Answer::Refused(Refused::Unknown);
    assert_eq!(answers, Ok(vec![Answer::Done, refusal]));
    let kept: Vec<Heard> = (0..200).map(Heard::Kept).collect();
    assert_eq!(bench.heard(), kept);
    assert_eq!(bench.cursor("a"), Some(Value::from(199_u64)));
    let batches = bench.mood.batches.lock().expect("no panic").clone();
    assert!(batches.len() < 10, "{batches:?}");
    assert_eq!(batches.iter().sum::<usize>(), 202);
}

#[test]
fn a_group_with_a_refused_write_is_refused_and_the_others_are_done() {
    let bench = Bench::new();
    bench.ledger.write([cursor("a", 1), refused()], Some(1));
    bench.ledger.write([], Some(2));
    bench.ledger.write([cursor("b", 1)], Some(3));
    assert_eq!(bench.ledger.ask([]), Ok(Vec::new()));
    assert_eq!(
        bench.heard(),
        [
            Heard::Refused(1, Refused::Unknown),
            Heard::Kept(2),
            Heard::Kept(3)
        ]
    );
}

#[test]
fn a_full_disk_is_waited_for_and_nothing_is_done_meanwhile() {
    let bench = Bench::new();
    bench.mood.full.store(2, Ordering::Relaxed);
    bench.ledger.write([cursor("a", 1)], Some(1));
    in_time(|| bench.mood.full.load(Ordering::Relaxed) < 2);
    bench.ledger.write([cursor("a", 2)], Some(2));
    assert!(!bench.ledger.is_idle());
    assert_eq!(bench.heard(), []);
    assert_eq!(bench.cursor("a"), None);
    in_time(|| bench.ledger.is_idle());
    assert_eq!(bench.heard(), [Heard::Kept(1), Heard::Kept(2)]);
    assert_eq!(bench.cursor("a"), Some(Value::from(2_u64)));
    assert_eq!(bench.ledger.error(), None);
}

#[test]
fn who_closes_does_not_wait_for_a_disk_that_stays_full() {
    let bench = Bench::new();
    bench.mood.full.store(u32::MAX, Ordering::Relaxed);
    bench.ledger.write([cursor("a", 1)], Some(1));
    bench.ledger.close();
    assert_eq!(
        bench.ledger.error().map(|error| error.fault),
        Some(Fault::Full)
    );
    assert_eq!(bench.heard(), [Heard::Broke(Fault::Full)]);
}

#[test]
fn after_an_error_nothing_is_done_and_everybody_hears_of_it() {
    let bench = Bench::new();
    bench.ledger.write([cursor("a", 1)], Some(1));
    assert_eq!(bench.ledger.ask([]), Ok(Vec::new()));
    bench.mood.breaks.store(1, Ordering::Relaxed);
    bench.ledger.write([cursor("a", 2)], Some(2));
    let error = Mood::error(Fault::Io);
    let broken = Broken(error.clone());
    assert_eq!(bench.ledger.ask([cursor("a", 3)]), Err(broken.clone()));
    assert_eq!(bench.ledger.ask([cursor("a", 4)]), Err(broken));
    assert_eq!(bench.ledger.error(), Some(error));
    assert_eq!(bench.heard(), [Heard::Kept(1), Heard::Broke(Fault::Io)]);
    assert_eq!(bench.cursor("a"), Some(Value::from(1_u64)));
}

#[test]
fn the_end_writes_what_is_left() {
    let bench = Bench::new();
    bench.mood.pause_ms.store(20, Ordering::Relaxed);
    for n in 1..=50 {
        bench.ledger.write([cursor("a", n)], None);
    }
    bench.ledger.close();
    assert_eq!(bench.cursor("a"), Some(Value::from(50_u64)));
    // What comes afterwards has nobody to write it, and nobody waits for ever.
    let late = bench.ledger.ask([Write::Renew {
        session: SessionId(1),
        until_ms: 1,
    }]);
    assert!(late.is_err());
    let closed = bench.ledger.read(|reader| reader.session());
    assert_eq!(closed.map_err(|error| error.fault), Err(Fault::Internal));
    bench.ledger.close();
}

#[test]
fn what_is_not_kept_is_dropped_now_and_then() {
    let retention = Retention {
        age: Some(Duration::from_hours(1)),
        jobs: Some(7),
    };
    let bench = Bench::with(Some(Upkeep::new(retention)));
    let often = Bench::with(Some(Upkeep {
        every: Duration::ZERO,
        ..Upkeep::new(Retention::default())
    }));
    for bench in [&bench, &often] {
        for n in 0..3 {
            let answers = bench.ledger.ask([cursor("a", n)]);
            assert_eq!(answers, Ok(vec![Answer::Done]));
        }
        bench.ledger.close();
        assert_eq!(bench.ledger.error(), None);
    }
    // The first batch, and no other one within a minute.
    let retained = bench.mood.retained.lock().expect("no panic").clone();
    let [(before_ms, 7)] = retained[..] else {
        panic!("{retained:?}");
    };
    let kept = UNIX_EPOCH.elapsed().expect("since 1970").as_millis() as u64 - before_ms;
    let hour_ms = 3_600_000;
    assert!((hour_ms..hour_ms + 60_000).contains(&kept), "{kept}");
    let retained = often.mood.retained.lock().expect("no panic").clone();
    assert_eq!(retained, [(0, u64::MAX); 3]);
}

#[test]
fn a_session_is_answered() {
    let bench = Bench::new();
    let begin = Write::Begin(Session {
        began_ms: 1,
        pid: 1,
        boot: String::new(),
        until_ms: u64::MAX,
    });
    let answers = bench.ledger.ask([begin]);
    assert!(
        matches!(answers.as_deref(), Ok([Answer::Session(_)])),
        "{answers:?}"
    );
}
