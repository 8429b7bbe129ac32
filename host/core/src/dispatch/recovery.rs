//! What a host finds in its store: what ran when the last one died, and what that means.
//!
//! A host claims its jobs in batches, long before they start; the marks say which attempts had
//! started. Where a host died, each of those is lost, and its job a suspect: it runs before
//! everything else, and alone. One whose host dies even then is quarantined. Where the machine
//! itself was started anew since, no job is to blame.

use super::order::Order;
use super::recorder::{After, Keeping, Recorder, RecorderParts, now_ms};
use crate::job::{HostId, JobId};
use crate::store::{
    Answer, Broken, ChildName, Entry, Expiry, Fault, Ledger, Mark, Marks, PastAttempt, Reader,
    Retention, Session, SessionId, State, Store, StoreError, Summary, TARGET, Upkeep, Write,
    beside,
};
use crate::task::{Earlier, FAULTS_MAX, Outcome, Reason};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

/// Where a host records its jobs; see [`crate::HostBuilder::record`].
pub struct Recording {
    store: Box<dyn Store>,
    stream: Arc<str>,
    is_acknowledged: bool,
    retention: Option<Retention>,
}

/// What a host found in its store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The jobs of the host's stream, after what follows.
    pub jobs: Summary,
    /// Attempts, of any stream, that ran when an earlier host died.
    pub lost: u64,
    /// Jobs that ended for it, because it was not the first time.
    pub ended: u64,
    /// Of them those that are quarantined.
    pub quarantined: u64,
}

impl Recovered {
    /// Whether an earlier host has had jobs of the stream.
    pub(crate) fn has_jobs(&self) -> bool {
        self.jobs.queued + self.jobs.claimed + self.jobs.done > 0
    }
}

impl Recording {
    /// Records the jobs of a host in `store` as those of `stream`. A stream is what goes on when
    /// a store is opened again: its unfinished jobs, its outcomes that nobody took.
    ///
    /// An outcome counts as taken when it is recorded, except for a run with a consumer, where
    /// the consumer takes it.
    pub fn new(store: impl Store + 'static, stream: &str) -> Recording {
        Recording {
            store: Box::new(store),
            stream: stream.into(),
            is_acknowledged: false,
            retention: None,
        }
    }

    /// Drops successes that are not wanted any more, once a minute: those without a key whose
    /// outcome was taken. What failed stays until somebody drops it.
    #[must_use]
    pub fn keep(mut self, retention: Retention) -> Recording {
        self.retention = Some(retention);
        self
    }

    /// An outcome counts as taken only when the consumer of a run took it, or
    /// [`crate::Host::acknowledge`] says so. Until then a later host finds it.
    #[must_use]
    pub fn acknowledged(mut self) -> Recording {
        self.is_acknowledged = true;
        self
    }

    /// Opens what there is, and says what ran when the last host died.
    pub(crate) fn open(self) -> Result<Opened, StoreError> {
        let id = self.store.id();
        let path = self.store.path().map(beside);
        let (keeping, hub) = Keeping::new();
        let ledger: Ledger<After> =
            Ledger::start(self.store, self.retention.map(Upkeep::new), keeping)?;
        let before = ledger.read(|reader| reader.session())?;
        let boot = boot();
        let session = begin(&ledger, boot.clone())?;
        let died = Died {
            marks: path.as_deref().and_then(Marks::read),
            // Where nobody knows, it may have been the job.
            is_machine: before.is_some_and(|(_, before)| {
                !boot.is_empty() && !before.boot.is_empty() && before.boot != boot
            }),
            is_acknowledged: self.is_acknowledged,
            id,
        };
        let claimed = ledger.read(|reader| reader.claimed_by_others(session))?;
        let mut found = Recovered::default();
        let mut writes = vec![Write::Expire(Expiry::AllBut(session))];
        for entry in &claimed {
            died.with(entry, &mut writes, &mut found);
        }
        ask(&ledger, writes)?;
        let marks = path.as_deref().and_then(create_marks);
        let next_number = ledger.read(|reader| reader.next_number())?;
        found.jobs = ledger.read(|reader| reader.summary(Some(&self.stream)))?;
        let recorder = Recorder::new(RecorderParts {
            ledger,
            session,
            stream: self.stream,
            is_acknowledged: self.is_acknowledged,
            marks,
        });
        Ok(Opened {
            id,
            recorder,
            next_number,
            found,
            hub,
        })
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

/// A store that a host has.
pub(crate) struct Opened {
    pub(crate) id: HostId,
    pub(crate) recorder: Recorder,
    pub(crate) next_number: u64,
    pub(crate) found: Recovered,
    /// To be set when there is a hub.
    pub(crate) hub: Arc<Mutex<Weak<super::Hub>>>,
}

fn ask(ledger: &Ledger<After>, writes: Vec<Write>) -> Result<Vec<Answer>, StoreError> {
    ledger.ask(writes).map_err(|Broken(error)| error)
}

fn begin(ledger: &Ledger<After>, boot: String) -> Result<SessionId, StoreError> {
    let begin = Write::Begin(Session {
        began_ms: now_ms(),
        pid: std::process::id(),
        boot,
        // Whoever could take it over waits for the lock.
        until_ms: u64::MAX,
    });
    let answers = ask(ledger, vec![begin])?;
    match answers.as_slice() {
        [Answer::Session(session)] => Ok(*session),
        other => Err(StoreError {
            path: PathBuf::new(),
            fault: Fault::Internal,
            what: format!("it gave no session: {other:?}"),
        }),
    }
}

/// Which start of the machine this is; empty where that is not known.
fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map(|id| id.trim().to_owned()).unwrap_or_default()
}

fn create_marks(path: &Path) -> Option<Marks> {
    match Marks::create(path) {
        Ok(marks) => Some(marks),
        Err(error) => {
            tracing::warn!(target: TARGET,
                "{}: {error}; should this host die, all jobs that it had count as running",
                path.display());
            None
        }
    }
}

/// The host that had the store before.
struct Died {
    /// What it had started; none where that is not known.
    marks: Option<Vec<Mark>>,
    /// The whole machine was started anew since.
    is_machine: bool,
    is_acknowledged: bool,
    id: HostId,
}

impl Died {
    /// What becomes of a job that it had.
    fn with(&self, entry: &Entry, writes: &mut Vec<Write>, found: &mut Recovered) {
        let (number, attempt) = (entry.job.number, entry.attempts + 1);
        let mark = self.marks.as_ref().map(|marks| {
            let mut its = marks.iter();
            its.find(|mark| mark.number == number && mark.attempt == attempt)
        });
        let (has_started, is_alone) = match mark {
            None => (true, false),
            Some(mark) => (mark.is_some(), mark.is_some_and(|mark| mark.is_alone)),
        };
        if self.is_machine || !has_started {
            return;
        }
        found.lost += 1;
        let past = PastAttempt {
            earlier: Earlier {
                attempt,
                reason: Reason::Lost,
                message: Some("its host died".to_owned()),
                stdout: None,
                stderr: None,
                log: None,
            },
            receipt: None,
            state: entry.carried.clone(),
            recorded: None,
            ended_ms: now_ms(),
            conditions: None,
            is_reset: false,
        };
        writes.push(Write::Lost {
            number,
            past: Box::new(past),
        });
        if !is_root(entry) {
            return;
        }
        let reason = if is_alone {
            Reason::Quarantined
        } else if entry.lost >= u32::from(FAULTS_MAX) {
            Reason::Lost
        } else {
            return;
        };
        found.ended += 1;
        found.quarantined += u64::from(is_alone);
        writes.push(self.ends(entry, attempt, reason));
    }

    fn ends(&self, entry: &Entry, attempts: u32, reason: Reason) -> Write {
        let message = if reason == Reason::Quarantined {
            "its host died while nothing else ran".to_owned()
        } else {
            format!("its hosts died {} times while it ran", entry.lost + 1)
        };
        let number = entry.job.number;
        let id = JobId {
            host: self.id,
            number,
        };
        let worker = entry.job.worker.clone();
        let mut outcome = Outcome::without_attempt(id, worker, reason, Some(message));
        outcome.attempts = attempts;
        if let Some(state) = &entry.carried {
            outcome.data = state.clone();
        }
        Write::Finish {
            number,
            fence: None,
            outcome: Box::new(outcome),
            is_delivered: !self.is_acknowledged || entry.job.parent.is_some(),
            ends_children: true,
            now_ms: now_ms(),
        }
    }
}

/// Whether a job can run by itself: a child runs for its parent.
pub(super) fn is_root(entry: &Entry) -> bool {
    entry
        .job
        .parent
        .as_ref()
        .is_none_or(|parent| matches!(parent.name, ChildName::Item(_)))
}

/// Items of a parallel job that an earlier host had.
pub(super) struct KnownItems(Vec<(usize, Entry)>);

impl KnownItems {
    pub(super) fn new(entries: Vec<Entry>) -> KnownItems {
        let place = |entry: &Entry| match entry.job.parent.as_ref()?.name {
            ChildName::Item(place) => Some(place as usize),
            ChildName::Ordinal(_) | ChildName::Key(_) => None,
        };
        let items = entries.into_iter();
        let mut items: Vec<_> = items
            .filter_map(|entry| Some((place(&entry)?, entry)))
            .collect();
        // The last one is the first that is looked for.
        items.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
        KnownItems(items)
    }

    /// The one in a place; asked for in rising order.
    pub(super) fn take(&mut self, place: usize) -> Option<Entry> {
        let (next, _) = self.0.last()?;
        if *next != place {
            return None;
        }
        self.0.pop().map(|(_, entry)| entry)
    }
}

/// Fills in what a store keeps apart: the attempts before the last one.
pub(super) fn with_past(
    reader: &mut dyn Reader,
    number: u64,
    outcome: &mut Outcome,
) -> Result<(), StoreError> {
    if outcome.attempts < 2 {
        return Ok(());
    }
    let latest = outcome.receipts.latest().copied();
    outcome.receipts = crate::task::Receipts::default();
    for past in reader.past(number)? {
        outcome.receipts.extend(past.receipt);
        Earlier::keep(&mut outcome.earlier, past.earlier);
    }
    outcome.receipts.extend(latest);
    Ok(())
}

/// Fills in what an order has of earlier attempts.
pub(super) fn with_earlier(
    reader: &mut dyn Reader,
    entry: &Entry,
    order: &mut Order,
) -> Result<(), StoreError> {
    if entry.attempts == 0 {
        return Ok(());
    }
    let past = reader.past(entry.job.number)?;
    let (base, backoff) = (order.recorded(), order.options.retry.backoff);
    let more = order.more();
    for past in past {
        if let Some(base) = base {
            let passed = base.passed(past.earlier.attempt, past.receipt.as_ref(), backoff);
            more.elapsed_nanos = more.elapsed_nanos.saturating_add(passed);
        }
        more.receipts.extend(past.receipt);
        Earlier::keep(&mut more.earlier, past.earlier);
    }
    Ok(())
}

/// The outcome of a job that is over.
pub(crate) fn outcome_of(
    reader: &mut dyn Reader,
    entry: &Entry,
) -> Result<Option<Outcome>, StoreError> {
    let State::Done(done) = &entry.state else {
        return Ok(None);
    };
    let mut outcome = done.outcome.clone();
    with_past(reader, entry.job.number, &mut outcome)?;
    Ok(Some(outcome))
}
