//! From what was submitted to jobs: arguments are unwrapped and checked, a singleton's
//! key is taken, a parallel job is spread over its items.
//!
//! What cannot become a job is a job that ends at once, with an outcome that says why.

use super::chunk::Chunk;
use super::events::Why;
use super::gathering::{Gathering, gathered_outcome};
use super::hub::{Hub, Worker};
use super::jq;
use super::order::{More, Order, Sink};
use super::recorder::Draft;
use super::recovery::KnownItems;
use super::singleton::SingletonKey;
use crate::job::JobId;
use crate::limits::{Limit, Limits};
use crate::sandbox::is_too_large;
use crate::store::Entry;
use crate::task::{
    EventSender, Happened, JobOptions, OptionsError, Outcome, Reason, Stage, TaskState,
};
use crate::units::grouped;
use crate::value::{Value, ValueError, escape_for_people};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

/// The most items of a parallel job. Each has an order and an outcome in memory, and a
/// value of a megabyte could stand for a million of them.
pub(crate) const ITEMS_MAX: usize = 100_000;

/// A job as it was submitted.
pub(crate) struct Submission<'a> {
    pub(crate) worker: &'a Worker,
    /// The arguments, or why they or the options were not taken.
    pub(crate) arguments: Result<Vec<Value>, Refusal>,
    /// Whether each argument alone was checked against the limit for values.
    pub(crate) each_checked: bool,
    pub(crate) options: Arc<JobOptions>,
    pub(crate) events: Option<EventSender>,
    /// What else a store is to know; the rest of it is filled in here.
    pub(crate) draft: Draft,
}

/// Jobs of one value each, as they were submitted.
pub(crate) struct ChunkSubmission<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) values: Vec<Value>,
    /// They have passed `check_chunk`.
    pub(crate) options: &'a Arc<JobOptions>,
    pub(crate) events: Option<EventSender>,
}

/// Why something does not become a job.
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Refusal {
        Refusal {
            reason,
            message: message.into(),
        }
    }

    /// A value that was not taken.
    pub(crate) fn of_value(error: &ValueError, what: &str) -> Refusal {
        let reason = if is_too_large(error) {
            Reason::ValueTooLarge
        } else {
            Reason::BadValue
        };
        Refusal::new(reason, format!("{what} was not taken: {error}"))
    }
}

/// What the arguments make: the value of the job, and its items where it is parallel.
struct Taken {
    value: Value,
    items: Option<Vec<Value>>,
    key: Option<SingletonKey>,
}

impl Hub {
    /// Takes a job in. `sink` gets its id, and says who gets the outcome and what its
    /// submitter gets.
    pub(crate) fn admit<T>(
        &self,
        submission: Submission<'_>,
        sink: impl FnOnce(JobId) -> (Sink, T),
    ) -> T {
        let taken = self.admit_with(submission, |id, _| {
            let (sink, given) = sink(id);
            Ok::<_, Infallible>((0, sink, given))
        });
        taken.unwrap_or_else(|never| match never {})
    }

    /// Takes a job in that may be nested. `adopt` gets its id, its number with those of its
    /// items, and says besides how deep it is nested.
    pub(crate) fn admit_with<T, E>(
        &self,
        submission: Submission<'_>,
        adopt: impl FnOnce(JobId, Range<u64>) -> Result<(u16, Sink, T), E>,
    ) -> Result<T, E> {
        let Submission {
            worker,
            arguments,
            each_checked,
            options,
            events,
            mut draft,
        } = submission;
        draft.arity = arguments
            .as_ref()
            .map_or(0, |arguments| arguments.len() as u32);
        let taken = arguments
            .map_err(|refusal| (Value::nil(), refusal))
            .and_then(|arguments| self.take(arguments, each_checked, &options));
        let (value, items, key, refusal) = match taken {
            Ok(Taken { value, items, key }) => (value, items, key, None),
            Err((value, refusal)) => (value, None, None, Some(refusal)),
        };
        let count = items.as_ref().map_or(0, |items| items.len() as u64);
        let id = self.next_id(count);
        let (depth, sink, given) = adopt(id, id.number..id.number + 1 + count)?;
        let more = (key.is_some() || events.is_some() || depth > 0).then(|| {
            Box::new(More {
                key,
                depth,
                events,
                ..More::default()
            })
        });
        let order = Order {
            id,
            plugin: worker.plugin.clone(),
            value,
            options,
            sink,
            task: TaskState::NEW,
            more,
        };
        order.tell(|| Happened::Queued);
        draft.items = count;
        match (refusal, items) {
            (Some(refusal), _) => {
                self.record(&order, draft);
                self.turn_away(order, refusal);
            }
            (None, Some(items)) => {
                self.record(&order, draft);
                self.spread(order, items, worker.bounded, Vec::new());
            }
            (None, None) => self.submit_new(order, worker.bounded, draft),
        }
        Ok(given)
    }

    /// Takes in jobs of one value each that run one after the other on one slot. `adopt`
    /// gets the id of each and the numbers of all.
    pub(crate) fn admit_chunk<T, E>(
        &self,
        chunk: ChunkSubmission<'_>,
        mut adopt: impl FnMut(JobId, Range<u64>) -> Result<(Sink, T), E>,
    ) -> Result<Vec<T>, E> {
        let ChunkSubmission {
            worker,
            values,
            options,
            events,
        } = chunk;
        let count = values.len() as u64;
        let id = self.next_id(count);
        let numbers = id.number..id.number + 1 + count;
        let more = || {
            let of = |events: &EventSender| More {
                events: Some(events.clone()),
                ..More::default()
            };
            events.as_ref().map(|events| Box::new(of(events)))
        };
        let order = |id, value, sink, more| Order {
            id,
            plugin: worker.plugin.clone(),
            value,
            options: options.clone(),
            sink,
            task: TaskState::NEW,
            more,
        };
        let (mut jobs, mut given) = (VecDeque::new(), Vec::new());
        for (number, value) in (id.number + 1..).zip(values) {
            let id = JobId { number, ..id };
            let (sink, its) = adopt(id, numbers.clone())?;
            given.push(its);
            let (value, refusal) = match self.take(vec![value], false, options) {
                Ok(Taken { value, .. }) => (value, None),
                Err((value, refusal)) => (value, Some(refusal)),
            };
            let job = order(id, value, sink, more());
            job.tell(|| Happened::Queued);
            self.record(&job, Draft::of_one());
            match refusal {
                None => jobs.push_back(job),
                Some(refusal) => self.turn_away(job, refusal),
            }
        }
        if !jobs.is_empty() {
            let sink = Sink::Chunk(Box::new(Chunk(jobs)));
            let chunk = order(id, Value::nil(), sink, None);
            self.submit_kept(chunk, worker.bounded);
        }
        Ok(given)
    }

    fn take(
        &self,
        arguments: Vec<Value>,
        each_checked: bool,
        options: &JobOptions,
    ) -> Result<Taken, (Value, Refusal)> {
        let is_whole_checked = each_checked && arguments.len() < 2;
        // Cloned only where they are needed again: a clone shares the bytes.
        let spread = options.spread;
        let given = (spread.parallel || spread.unwrap).then(|| arguments.clone());
        let value = Value::arguments(arguments);
        if !is_whole_checked && let Err(error) = value.within(&options.limits.scan(Limit::Value)) {
            return Err((
                Value::nil(),
                Refusal::of_value(&error, "the arguments together"),
            ));
        }
        let (value, items) = match given {
            None => (value, None),
            Some(given) => match spread_out(given, options) {
                Ok((_, Some(items))) if items.len() > ITEMS_MAX => {
                    return Err((value, too_many(items.len())));
                }
                Ok((unwrapped, items)) => (unwrapped.unwrap_or(value), items),
                Err(refusal) => return Err((value, refusal)),
            },
        };
        let key = match &options.singleton {
            None => None,
            Some(key) => match self.singletons.take(key) {
                None => return Err((value, in_use(key))),
                key => key,
            },
        };
        Ok(Taken { value, items, key })
    }

    /// Ends a job that cannot be one.
    pub(super) fn turn_away(&self, order: Order, refusal: Refusal) {
        self.open(&order);
        let worker = order.plugin.shared_name().clone();
        let Refusal { reason, message } = refusal;
        let outcome = Outcome::without_attempt(order.id, worker, reason, Some(message));
        self.conclude(order, outcome);
    }

    /// Makes a job of each item; some may be `known` from an earlier host.
    pub(super) fn spread(
        &self,
        order: Order,
        items: Vec<Value>,
        bounded: Option<u32>,
        known: Vec<Entry>,
    ) {
        self.open(&order);
        if items.is_empty() {
            let outcome = gathered_outcome(&order, Vec::new(), false);
            return self.conclude(order, outcome);
        }
        let (id, plugin) = (order.id, order.plugin.clone());
        let options = Arc::new(order.options.of_item());
        let (events, depth) = (order.events().cloned(), order.depth());
        let gathering = Arc::new(Gathering::new(order, items.len()));
        self.gather(&gathering);
        let mut known = KnownItems::new(known);
        for (index, value) in items.into_iter().enumerate() {
            if let Some(entry) = known.take(index) {
                self.go_on_with_item((&gathering, index), &options, bounded, entry);
                continue;
            }
            let more = (events.is_some() || depth > 0).then(|| {
                Box::new(More {
                    events: events.clone(),
                    depth,
                    ..More::default()
                })
            });
            let number = id.number + 1 + index as u64;
            let item = Order {
                id: JobId { number, ..id },
                plugin: plugin.clone(),
                value,
                options: options.clone(),
                sink: Sink::Item(Box::new((gathering.clone(), index))),
                task: TaskState::NEW,
                more,
            };
            item.tell(|| Happened::Queued);
            self.submit_new(item, bounded, Draft::of_one());
        }
        if gathering.is_cancelled() {
            // Its group was stopped meanwhile; the stop missed items that came later.
            self.cancel_job(id.number, Why::Cancelled);
        }
    }

    /// Whether what the options name is there.
    pub(crate) fn check_names(&self, options: &JobOptions) -> Result<(), OptionsError> {
        for (key, stage) in options.pipeline.stages() {
            match stage {
                Stage::Worker(name) => self.check_name(key, name)?,
                Stage::Jq(_) if !self.jq.is_there() => {
                    let why = jq::MISSING.to_owned();
                    return Err(OptionsError::Wrong { key, why });
                }
                Stage::Jq(_) | Stage::Builtin(_) => (),
            }
        }
        match &options.finally {
            Some(name) => self.check_name("finally", name),
            None => Ok(()),
        }
    }

    fn check_name(&self, key: &'static str, name: &str) -> Result<(), OptionsError> {
        if self.workers.contains_key(name) {
            return Ok(());
        }
        let why = self.no_such_worker(name);
        Err(OptionsError::Wrong { key, why })
    }

    /// The sentence about a worker that is not there.
    pub(crate) fn no_such_worker(&self, name: &str) -> String {
        let mut names: Vec<&str> = self.workers.keys().map(AsRef::as_ref).collect();
        names.sort_unstable();
        format!(
            "no worker is called `{}`; there is {}",
            escape_for_people(name, 80),
            names.join(", ")
        )
    }
}

/// The value and the items that the arguments make after all.
fn spread_out(
    given: Vec<Value>,
    options: &JobOptions,
) -> Result<(Option<Value>, Option<Vec<Value>>), Refusal> {
    if !options.spread.unwrap {
        return Ok((None, Some(given)));
    }
    let [only] = given.as_slice() else {
        let message = format!(
            "unwrap: there is to be one argument, an array, not {}",
            given.len()
        );
        return Err(Refusal::new(Reason::BadOptions, message));
    };
    let Some(elements) = only.elements() else {
        let message = format!(
            "unwrap: the argument is to be an array, not {}",
            only.kind()
        );
        return Err(Refusal::new(Reason::BadOptions, message));
    };
    let elements: Vec<Value> = elements.collect();
    if options.spread.parallel {
        // The consumer gets the array as the job.
        return Ok((None, Some(elements)));
    }
    Ok((Some(Value::arguments(elements)), None))
}

/// Checks the arguments that a guest gave, each alone.
pub(super) fn checked_arguments(
    args: Vec<Vec<u8>>,
    limits: &Limits,
) -> Result<Vec<Value>, Refusal> {
    let scan = limits.scan(Limit::Value);
    let mut values = Vec::with_capacity(args.len());
    for (i, bytes) in args.into_iter().enumerate() {
        let value = Value::check(bytes, &scan)
            .map_err(|error| Refusal::of_value(&error, &format!("argument {}", i + 1)))?;
        values.push(value);
    }
    Ok(values)
}

fn too_many(items: usize) -> Refusal {
    let (items, most) = (grouped(items as u64), grouped(ITEMS_MAX as u64));
    let message = format!("parallel: {items} items; no more than {most} are taken");
    Refusal::new(Reason::BadOptions, message)
}

fn in_use(key: &str) -> Refusal {
    let key = escape_for_people(key, 80);
    Refusal::new(
        Reason::Rejected,
        format!("another job with the singleton key `{key}` is unfinished"),
    )
}
