//! What a host that has a store writes into it, and what it does when that is kept.
//!
//! | what happens | what is written | what waits for it |
//! |---|---|---|
//! | a job comes in | the job, claimed at once, with the checkpoint of the producer that gave it | its start, and the job that submitted it |
//! | a job goes on with other options | what it runs under now | its start |
//! | carried state changes | the state | the guest |
//! | an attempt ended, another one follows | the attempt, the next claim | nothing |
//! | a job is over | the outcome | whoever is to have it, unless it is part of another job |
//! | an outcome was taken | that, with the checkpoint of the consumer | nothing |
//! | the host stops before a job is over | the job is free again | nothing |
//!
//! Everything is kept in the order in which it was written. Neither a job nor who submitted it does
//! anything before it is kept: its number would be another job's if the host died, and what was
//! done in its name could be taken for the other one's.
//!
//! Invariant: a slot is never held for the sake of the store, but by a guest that records its
//! carried state or submits a job.

use super::family::Name;
use super::hub::Hub;
use super::order::{Order, Sink};
use super::singleton::{SingletonKey, Singletons};
use crate::job::JobId;
use crate::plugin::{Digest, Plugin};
use crate::store::{
    Answer, Broken, ChildName, Claims, Conditions, Entry, Kept, Key, Ledger, Mark, Marks, NewJob,
    Parent, PastAttempt, Refused, SessionId, StoreError, TARGET, Write,
};
use crate::task::{JobOptions, Outcome};
use crate::value::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many sets of options are remembered with what was made of them: those of the workers,
/// and the latest of the producers.
const CONDITIONS_MAX: usize = 32;

/// See the module.
pub(crate) struct Recorder {
    pub(super) ledger: Ledger<After>,
    pub(super) session: SessionId,
    /// What the host's jobs belong to.
    pub(super) stream: Arc<str>,
    /// Whether somebody says when an outcome was taken; otherwise it is when it is kept.
    is_acknowledged: bool,
    marks: Option<Marks>,
    /// Suspects run, one at a time.
    pub(super) is_alone: AtomicBool,
    /// Jobs that are no part of another and that a stop left in the store.
    pub(super) interrupted: AtomicU64,
    conditions: Mutex<VecDeque<Remembered>>,
    /// The keys of jobs that are not over and have not gone on, by the jobs' numbers.
    held: Mutex<HashMap<u64, SingletonKey>>,
    pub(crate) keyed: super::keyed::Keyed,
}

/// What jobs with these options run under.
struct Remembered {
    options: Arc<JobOptions>,
    plugin: Digest,
    conditions: Arc<Conditions>,
}

/// What is done when something is kept.
pub(crate) enum After {
    /// The job with this number may start.
    Due(u64),
    /// Whoever is to have the outcome gets it.
    Over(Box<(Order, Outcome)>),
    /// The same for a job of the run that never had an order.
    Settled(Box<(Value, Outcome)>),
}

/// What is known of a job besides the order.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// How many arguments it was given.
    pub(crate) arity: u32,
    /// How many jobs it becomes, where it is parallel.
    pub(crate) items: u64,
    /// Options of its own, as they were said.
    pub(crate) said: Option<Value>,
    /// What it is known by in its stream.
    pub(crate) key: Option<Key>,
    /// What its producer goes on from.
    pub(crate) cursor: Option<Cursor>,
}

impl Draft {
    /// Of a job with one argument and nothing else.
    pub(super) fn of_one() -> Draft {
        Draft {
            arity: 1,
            ..Draft::default()
        }
    }
}

/// What is known of a job that has no worker.
#[derive(Debug)]
pub(crate) struct Given {
    /// What its worker would have got.
    pub(crate) value: Value,
    /// How many arguments that was made of.
    pub(crate) arity: u32,
    /// What its producer goes on from.
    pub(crate) cursor: Option<Cursor>,
}

/// What a producer or consumer goes on from.
#[derive(Debug)]
pub(crate) struct Cursor {
    pub(crate) name: Arc<str>,
    pub(crate) value: Value,
}

impl Cursor {
    /// The name of that of a plugin in its role.
    pub(crate) fn name(role: &str, plugin: &str) -> Arc<str> {
        format!("{role}/{plugin}").into()
    }
}

impl From<Cursor> for Write {
    fn from(Cursor { name, value }: Cursor) -> Write {
        Write::Cursor { name, value }
    }
}

/// What a recorder is made of.
pub(crate) struct RecorderParts {
    pub(crate) ledger: Ledger<After>,
    pub(crate) session: SessionId,
    pub(crate) stream: Arc<str>,
    pub(crate) is_acknowledged: bool,
    pub(crate) marks: Option<Marks>,
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

impl Recorder {
    pub(crate) fn new(parts: RecorderParts) -> Recorder {
        Recorder {
            ledger: parts.ledger,
            session: parts.session,
            stream: parts.stream,
            is_acknowledged: parts.is_acknowledged,
            marks: parts.marks,
            is_alone: AtomicBool::new(false),
            interrupted: AtomicU64::new(0),
            conditions: Mutex::default(),
            held: Mutex::default(),
            keyed: super::keyed::Keyed::default(),
        }
    }

    /// Whether somebody says when an outcome was taken.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.is_acknowledged
    }

    /// A job that comes in, and is this host's from the start: what is known of the order, and…
    pub(super) fn new_job(&self, order: &Order, draft: Draft) -> (Box<NewJob>, Option<Cursor>) {
        let Draft {
            arity,
            items,
            said,
            key,
            cursor,
        } = draft;
        let options = &order.options;
        let job = NewJob {
            number: order.id.number,
            span: 1 + items,
            stream: self.stream.clone(),
            key,
            parent: parent(&order.sink),
            worker: order.plugin.shared_name().clone(),
            conditions: self.conditions(&order.plugin, options),
            value: order.value.clone(),
            arity,
            said: said.unwrap_or_else(Value::nil),
            singleton: options.singleton.clone(),
            group: options.group.clone(),
            submitted_ms: now_ms(),
            claim: Some(self.session),
        };
        (Box::new(job), cursor)
    }

    /// … that it is written. What is to be done `then` waits until it is kept.
    pub(super) fn submit_job(
        &self,
        (job, cursor): (Box<NewJob>, Option<Cursor>),
        then: Option<After>,
    ) {
        let writes = [Some(Write::Submit(job)), cursor.map(Write::from)];
        self.ledger.write(writes.into_iter().flatten(), then);
    }

    /// A job that never had an order: it was turned away before it could have one.
    pub(super) fn turned_away(&self, outcome: Outcome, given: Given) {
        let Given {
            value,
            arity,
            cursor,
        } = given;
        let number = outcome.id.number;
        let job = NewJob {
            number,
            span: 1,
            stream: self.stream.clone(),
            key: None,
            parent: None,
            worker: outcome.worker.clone(),
            conditions: Arc::new(Conditions::new(Value::nil())),
            value: value.clone(),
            arity,
            said: Value::nil(),
            singleton: None,
            group: None,
            submitted_ms: now_ms(),
            claim: None,
        };
        let finish = Write::Finish {
            number,
            fence: None,
            outcome: Box::new(outcome.clone()),
            is_delivered: false,
            ends_children: false,
            now_ms: now_ms(),
        };
        let writes = [
            Some(Write::Submit(Box::new(job))),
            Some(finish),
            cursor.map(Write::from),
        ];
        let after = After::Settled(Box::new((value, outcome)));
        self.ledger.write(writes.into_iter().flatten(), Some(after));
    }

    /// What is done with `after` comes after all that was written so far is kept.
    pub(super) fn then(&self, after: After) {
        self.ledger.write([], Some(after));
    }

    /// An attempt starts on this loop.
    pub(super) fn mark(&self, place: usize, order: &Order) {
        if let Some(marks) = &self.marks {
            marks.put(
                place,
                Mark {
                    number: order.id.number,
                    attempt: order.task.attempts(),
                    is_alone: self.is_alone.load(Ordering::Relaxed),
                },
            );
        }
    }

    /// The carried state of a job changes: comes back when that is kept.
    pub(super) async fn checkpoint(
        &self,
        number: u64,
        fence: u32,
        state: Value,
    ) -> Result<(), Broken> {
        let write = Write::Checkpoint {
            number,
            fence,
            state,
        };
        self.ledger.asked([write]).await.map(drop)
    }

    /// An attempt of a job ended, which it has been told, and there will be another one.
    pub(super) fn again(&self, order: &mut Order, attempt: Past) {
        let Some(past) = attempt.of(order) else {
            return;
        };
        let (number, fence) = (order.id.number, order.fence());
        self.ledger.write(
            [Write::Again {
                number,
                fence,
                past: Box::new(past),
            }],
            None,
        );
        order.more().fences += 1;
    }

    /// A job is over.
    pub(super) fn finish(&self, order: &Order, outcome: &Outcome) {
        self.ledger.write([self.end_of(order, outcome)], None);
    }

    /// What says that a job is over.
    pub(super) fn end_of(&self, order: &Order, outcome: &Outcome) -> Write {
        let is_part = matches!(order.sink, Sink::Item(_) | Sink::Child(_))
            || order.more.as_ref().is_some_and(|more| more.is_part);
        Write::Finish {
            number: order.id.number,
            fence: Some(order.fence()),
            outcome: Box::new(outcome.clone()),
            is_delivered: is_part || !self.is_acknowledged,
            ends_children: order.may_have_children(outcome),
            now_ms: now_ms(),
        }
    }

    /// A job is not over, and nobody has it any more.
    pub(super) fn release(&self, order: &Order) {
        let (number, fence) = (order.id.number, order.fence());
        self.ledger.write([Write::Release { number, fence }], None);
    }

    /// The same of one that was only claimed.
    pub(super) fn release_entry(&self, entry: &Entry) {
        let (number, fence) = (entry.job.number, entry.fence);
        self.ledger.write([Write::Release { number, fence }], None);
    }

    /// Nobody wants to know of a job that has not started.
    pub(super) fn withdraw(&self, order: &Order) {
        let (number, fence) = (order.id.number, Some(order.fence()));
        self.ledger.write([Write::Drop { number, fence }], None);
    }

    /// A job that nobody has is over.
    pub(super) fn end_asleep(&self, entry: &Entry, mut outcome: Outcome) {
        outcome.attempts = entry.attempts;
        let finish = Write::Finish {
            number: entry.job.number,
            fence: None,
            outcome: Box::new(outcome),
            is_delivered: true,
            ends_children: true,
            now_ms: now_ms(),
        };
        self.ledger.write([finish], None);
    }

    /// A child takes the name of this one.
    pub(super) fn replaced(&self, child: JobId) {
        let number = child.number;
        self.ledger.write([Write::Rename { number }], None);
    }

    /// A worker's component is kept, so that what it did can be run again.
    pub(super) fn keep_plugin(&self, plugin: &Plugin) -> Result<(), StoreError> {
        let digest = plugin.digest();
        if self.ledger.read(|reader| reader.has_plugin(digest))? {
            return Ok(());
        }
        match plugin.component() {
            Ok(bytes) => {
                let bytes = bytes.into();
                self.ledger.write([Write::Plugin { digest, bytes }], None);
            }
            Err(error) => tracing::warn!(target: TARGET, plugin = plugin.name(),
                "the component is not kept, and what it does cannot be run again: {error}"),
        }
        Ok(())
    }

    /// An outcome was taken.
    pub(super) fn taken(&self, id: JobId, cursor: Option<Cursor>) {
        let deliver = Write::Deliver {
            number: id.number,
            frees_key: false,
        };
        let writes = [Some(deliver), cursor.map(Write::from)];
        self.ledger.write(writes.into_iter().flatten(), None);
    }

    /// The same where somebody says so; nobody will ask for it by its key.
    pub(super) fn acknowledged(&self, id: JobId) {
        let deliver = Write::Deliver {
            number: id.number,
            frees_key: true,
        };
        self.ledger.write([deliver], None);
    }

    /// A producer or consumer saved something without anything else.
    pub(super) fn saved(&self, cursor: Cursor) {
        self.ledger.write([cursor.into()], None);
    }

    /// The job with this key in the host's stream.
    pub(crate) fn find_key(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let stream = &self.stream;
        self.ledger.read(|reader| reader.find_key(stream, key))
    }

    /// Waits on this thread until all that was written is kept.
    pub(crate) fn wait_until_kept(&self) -> Result<(), StoreError> {
        let kept = self.ledger.ask([]);
        kept.map(drop).map_err(|Broken(error)| error)
    }

    /// The same for whoever may not block.
    pub(crate) async fn until_kept(&self) -> Result<(), StoreError> {
        let kept = self.ledger.asked([]).await;
        kept.map(drop).map_err(|Broken(error)| error)
    }

    /// Takes the keys of jobs that are not over, so that no other job has them before those go
    /// on.
    pub(super) fn hold(&self, singletons: &Singletons) -> Result<(), StoreError> {
        let open = self.ledger.read(|reader| reader.singletons())?;
        let keys = open.into_iter();
        // Of two with one key, of which one was tried again by hand, one goes without.
        let keys = keys.filter_map(|(number, key)| Some((number, singletons.take(&key)?)));
        self.held().extend(keys);
        Ok(())
    }

    /// The key of a job that goes on now.
    pub(super) fn take_key(&self, number: u64) -> Option<SingletonKey> {
        self.held().remove(&number)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<u64, SingletonKey>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims jobs.
    pub(super) async fn claim(&self, which: Claims) -> Result<Vec<Entry>, Broken> {
        let session = self.session;
        let claim = Write::Claim { session, which };
        let answers = self.ledger.asked([claim]).await?;
        let entries = answers.into_iter().filter_map(|answer| match answer {
            Answer::Claimed(entries) => Some(entries),
            Answer::Done | Answer::Refused(_) | Answer::Session(_) | Answer::Expired(_) => None,
        });
        Ok(entries.flatten().collect())
    }

    /// Claims a job whose entry is known.
    pub(super) fn claim_known(&self, number: u64) {
        let (session, which) = (self.session, Claims::One(number));
        self.ledger.write([Write::Claim { session, which }], None);
    }

    /// What jobs of a plugin with these options run under.
    pub(super) fn conditions(&self, plugin: &Plugin, options: &Arc<JobOptions>) -> Arc<Conditions> {
        let mut known = self
            .conditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let digest = plugin.digest();
        let is_it =
            |known: &&Remembered| Arc::ptr_eq(&known.options, options) && known.plugin == digest;
        if let Some(known) = known.iter().find(is_it) {
            return known.conditions.clone();
        }
        let conditions = Arc::new(super::conditions::of(plugin, options));
        if known.len() == CONDITIONS_MAX {
            known.pop_front();
        }
        known.push_back(Remembered {
            options: options.clone(),
            plugin: digest,
            conditions: conditions.clone(),
        });
        conditions
    }

    /// What a job that was claimed runs under from now on, where an earlier host had other
    /// options, or another component.
    pub(super) fn runs_under(&self, order: &Order, entry: &Entry) {
        let conditions = self.conditions(&order.plugin, &order.options);
        if conditions.digest() == entry.job.conditions.digest() {
            return;
        }
        let (number, fence) = (order.id.number, order.fence());
        self.ledger.write(
            [Write::Conditions {
                number,
                fence,
                conditions,
            }],
            None,
        );
    }

    /// The process ends, and no job is to blame.
    pub(super) fn forget_marks(&self) {
        if let Some(marks) = &self.marks {
            marks.clear();
        }
    }

    /// Writes what is left and ends; what ran is not told to have died, also where it was the store
    /// that failed.
    pub(super) fn close(&self) {
        // An error is there to be asked for.
        let _ = self.wait_until_kept();
        self.ledger.close();
        self.forget_marks();
    }
}

/// What is to be kept of an attempt that ended, noted before the order takes it over.
pub(super) struct Past {
    recorded: Option<crate::task::Recorded>,
}

impl Past {
    pub(super) fn note(order: &Order) -> Past {
        Past {
            recorded: order.attempt_recorded(),
        }
    }

    fn of(self, order: &Order) -> Option<PastAttempt> {
        let more = order.more.as_ref()?;
        Some(PastAttempt {
            earlier: more.earlier.last()?.clone(),
            receipt: more.receipts.latest().copied(),
            state: more.data.clone(),
            recorded: self.recorded,
            ended_ms: now_ms(),
            conditions: None,
            is_reset: false,
        })
    }
}

/// Where a job belongs that is part of another.
fn parent(sink: &Sink) -> Option<Parent> {
    match sink {
        Sink::Item(item) => Some(Parent {
            number: item.0.numbers.start,
            name: ChildName::Item(item.1 as u32),
        }),
        Sink::Child(crib) => Some(Parent {
            number: crib.parent,
            name: match &crib.name {
                Name::Key(key) => ChildName::Key(key.clone()),
                Name::Ordinal(ordinal) => ChildName::Ordinal(*ordinal),
            },
        }),
        Sink::Consumer | Sink::Handle(_) | Sink::Chunk(_) => None,
    }
}

/// What the writer's thread does for a host.
pub(crate) struct Keeping(Arc<Mutex<Weak<Hub>>>);

impl Keeping {
    /// For a host that there is not yet; it is set later.
    pub(crate) fn new() -> (Keeping, Arc<Mutex<Weak<Hub>>>) {
        let hub = Arc::new(Mutex::new(Weak::new()));
        (Keeping(hub.clone()), hub)
    }

    fn hub(&self) -> Option<Arc<Hub>> {
        let hub: MutexGuard<'_, Weak<Hub>> = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hub.upgrade()
    }
}

impl Kept<After> for Keeping {
    fn kept(&mut self, what: &mut Vec<After>) {
        // Without a host nobody waits; what is kept is found again.
        let Some(hub) = self.hub() else {
            return;
        };
        for after in what.drain(..) {
            match after {
                After::Due(number) => hub.is_due(number),
                After::Over(over) => hub.is_kept(over.0, over.1),
                After::Settled(settled) => {
                    let (job, outcome) = *settled;
                    hub.is_settled(job, outcome);
                }
            }
        }
    }

    fn is_through(&mut self) {
        if let Some(hub) = self.hub() {
            hub.ledger_moved();
        }
    }

    fn refused(&mut self, what: After, why: Refused) {
        // Somebody else has the job: what it comes to is told by them.
        match what {
            After::Due(number) => {
                tracing::debug!(target: TARGET, number, "not taken, as it is known: {why:?}");
                if let Some(hub) = self.hub() {
                    hub.is_known(number);
                }
            }
            After::Settled(settled) => {
                let job = settled.1.id;
                tracing::error!(target: TARGET, %job, "an outcome was not taken: {why:?}");
            }
            After::Over(over) => {
                let job = over.0.id;
                tracing::error!(target: TARGET, %job, "an outcome was not taken: {why:?}");
                if let Some(hub) = self.hub() {
                    hub.is_refused(&over.0, &over.1);
                }
            }
        }
    }

    fn broke(&mut self, _: &StoreError) {
        if let Some(hub) = self.hub() {
            hub.store_broke();
        }
    }
}
