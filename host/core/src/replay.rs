//! A recorded attempt, run again: from the job, the carried state, the options and the plugin
//! that a store has of it, with the outcomes that its children had.
//!
//! Nothing comes of it: no outcome is recorded or delivered, no child runs. Where the attempt
//! was deterministic, it has the same moment and the same random numbers, and uses the same
//! fuel. It is granted nothing unless somebody says so: what a grant reaches is not what it was.

use crate::board::Line;
use crate::dispatch::outcome_of;
use crate::job::{HostId, JobId};
use crate::plugin::{Digest, Folder, GrantError, Grants, NetRule, Plugin, PluginSource};
use crate::sandbox::{
    Answer, Asked, AttemptEnd, AttemptOrder, Nested, NestedError, Nesting, Profile, Pulse, Receipt,
    Runtime, Watch, run,
};
use crate::store::{ChildName, Entry, PastAttempt, Reader, State, StoreError};
use crate::task::{JobOptions, OptionsError, Outcome, Reason, Recorded, Status};
use crate::value::{ScanLimits, Value};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// See the module.
pub struct Replay {
    id: JobId,
    entry: Entry,
    attempt: u32,
    state: Option<Value>,
    recorded: Option<Recorded>,
    options: JobOptions,
    conditions: Value,
    component: Option<Vec<u8>>,
    children: Vec<(ChildName, Nested)>,
    was: Was,
}

/// The value of a variable of the host, if it is set.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How a recorded attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Was {
    /// Why.
    pub reason: Reason,
    /// How, where it was the last one.
    pub status: Option<Status>,
    /// The sentence for people.
    pub message: Option<String>,
    /// What it left, where that is known: stages may have changed it, and of an attempt
    /// after which there was another one it is not kept.
    pub data: Option<Value>,
    /// The carried state after it.
    pub state: Value,
    /// What it used, unless that was lost with its host.
    pub receipt: Option<Receipt>,
}

/// What an attempt left that was run again.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// How it ended, as the outcome of a job with one attempt.
    pub outcome: Outcome,
    /// The carried state after it.
    pub state: Value,
}

/// Why an attempt cannot be run again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such job.
    #[error("the store has no job {0}")]
    Unknown(JobId),
    /// The job has no such attempt.
    #[error("job {job} has had {attempts} attempts, and none with the number {asked}")]
    NoAttempt {
        /// Which job.
        job: JobId,
        /// The number that was asked for.
        asked: u32,
        /// How many there are.
        attempts: u32,
    },
    /// It is a parallel job: its items have the attempts.
    #[error("job {job} is parallel: its items have the attempts, {first} to {last}")]
    Parallel {
        /// Which job.
        job: JobId,
        /// Its first item.
        first: JobId,
        /// Its last item.
        last: JobId,
    },
    /// The component is not in the store.
    #[error("the store does not have the component {0}")]
    NoComponent(String),
    /// What the store has of the job cannot be read.
    #[error("what the store has of the job does not fit: {0}")]
    Unfit(String),
}

impl From<OptionsError> for ReplayError {
    fn from(error: OptionsError) -> ReplayError {
        ReplayError::Unfit(error.to_string())
    }
}

impl From<GrantError> for ReplayError {
    fn from(error: GrantError) -> ReplayError {
        ReplayError::Unfit(error.to_string())
    }
}

impl Replay {
    /// An attempt of a job in the store of `host`: the one with this number, from 1, or the last
    /// one.
    ///
    /// # Errors
    ///
    /// When there is no such attempt, or what is known of it does not suffice.
    pub fn of(
        reader: &mut dyn Reader,
        job: JobId,
        attempt: Option<u32>,
    ) -> Result<Replay, ReplayError> {
        let entry = if reader.id() == job.host {
            reader.find(job.number)?
        } else {
            None
        };
        let entry = entry.ok_or(ReplayError::Unknown(job))?;
        let now = entry.job.conditions.value();
        if JobOptions::of_value(&field(now, "options")?)?
            .spread
            .parallel
        {
            let host: HostId = job.host;
            let id = |number| JobId { host, number };
            return Err(ReplayError::Parallel {
                job,
                first: id(job.number + 1),
                last: id(job.number + entry.job.span - 1),
            });
        }
        let is_item = matches!(
            entry.job.parent.as_ref().map(|parent| &parent.name),
            Some(ChildName::Item(_))
        );
        let past = reader.past(job.number)?;
        let last = last_outcome(reader, &entry)?;
        let attempts = last.as_ref().map_or(last_of(&past), |last| last.attempts);
        let asked = attempt.unwrap_or(attempts);
        if asked == 0 || asked > attempts {
            return Err(ReplayError::NoAttempt {
                job,
                asked,
                attempts,
            });
        }
        let its_past = past.iter().find(|past| past.earlier.attempt == asked);
        let own = its_past.and_then(|past| past.conditions.as_ref());
        let conditions = own.unwrap_or(&entry.job.conditions).value().clone();
        let field = |key: &str| field(&conditions, key);
        let mut options = JobOptions::of_value(&field("options")?)?;
        let base = base(&field("profile")?, &entry, &options, is_item);
        let before = past.iter().find(|past| past.earlier.attempt + 1 == asked);
        let recorded = match its_past.and_then(|past| past.recorded) {
            None => base.map(|base| base.of_attempt(asked, elapsed(base, &past, asked, &options))),
            recorded => recorded,
        };
        options.recorded = recorded;
        let plugin = field("plugin")?;
        let component = match plugin.as_str().and_then(Digest::parse) {
            None => None,
            Some(digest) => reader.plugin(digest)?,
        };
        let was = match (its_past, last) {
            (Some(past), _) => Was::of_past(past),
            (None, Some(last)) if last.attempts == asked => Was::of_last(&entry, &options, last),
            (None, Some(_) | None) => {
                let what = format!("it does not say how attempt {asked} ended");
                return Err(ReplayError::Unfit(what));
            }
        };
        Ok(Replay {
            id: job,
            attempt: asked,
            state: before.and_then(state_after),
            recorded,
            options,
            conditions,
            component,
            children: children(reader, job)?,
            was,
            entry,
        })
    }

    /// The worker's name.
    #[must_use]
    pub fn worker(&self) -> &str {
        &self.entry.job.worker
    }

    /// Which attempt it is.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How it ended when it was recorded.
    #[must_use]
    pub fn was(&self) -> &Was {
        &self.was
    }

    /// What it is to be loaded with: with another component where one is given, and with what
    /// was granted where that is wanted. Variables of the host that it may see come from
    /// `variable`.
    ///
    /// # Errors
    ///
    /// When the store does not have the component, or a grant cannot be read.
    pub fn source(
        &self,
        other: Option<Vec<u8>>,
        variable: Option<Variables<'_>>,
    ) -> Result<PluginSource, ReplayError> {
        let component = other.or_else(|| self.component.clone());
        let component = component.ok_or_else(|| {
            let digest = field(&self.conditions, "plugin").unwrap_or_else(|_| Value::nil());
            ReplayError::NoComponent(digest.as_str().unwrap_or("of a job without one").to_owned())
        })?;
        let grants = match variable {
            None => Grants::none(),
            Some(variable) => self.grants(variable)?,
        };
        Ok(PluginSource::bytes(self.worker(), component)
            .grants(grants)
            .config(field(&self.conditions, "config")?)
            .limits((*self.options.limits).clone()))
    }

    /// The profile that its runtime has to have.
    #[must_use]
    pub fn profile(&self) -> Profile {
        match (self.recorded, field(&self.conditions, "profile")) {
            (Some(recorded), _) => Profile::Deterministic(recorded),
            (None, Ok(word)) if word.as_str() == Some(Profile::Paranoid.as_str()) => {
                Profile::Paranoid
            }
            (None, _) => Profile::Standard,
        }
    }

    /// The limits that it had.
    #[must_use]
    pub fn options(&self) -> &JobOptions {
        &self.options
    }

    /// What was granted, in words; nothing where it was nothing.
    ///
    /// # Errors
    ///
    /// When a grant cannot be read.
    pub fn granted(&self) -> Result<Vec<String>, ReplayError> {
        let grants = self.grants(&|_| Some(String::new()))?;
        Ok(grants.in_words())
    }

    /// Runs it.
    pub async fn run(&self, runtime: &Runtime, plugin: &Plugin) -> Replayed {
        let guests = runtime.guests();
        let job = Running {
            id: self.id,
            plugin: plugin.clone(),
            options: Arc::new(self.options.clone()),
            attempt: self.attempt,
            recorded: self.recorded,
            value: self.entry.job.value.clone(),
            state: self.state.clone().unwrap_or_else(Value::empty_map),
            recalled: Arc::new(Recalled(self.children.clone())),
        };
        let lost = job.state.clone();
        let end = guests.spawn(job.run()).await;
        let end =
            end.unwrap_or_else(|error| AttemptEnd::internal(&error, lost, Receipt::default()));
        let AttemptEnd {
            ending,
            state,
            stdout,
            stderr,
            log,
            receipt,
        } = end;
        let worker = self.entry.job.worker.clone();
        let mut outcome = Outcome::without_attempt(self.id, worker, ending.reason, ending.message);
        outcome.status = ending.status;
        outcome.data = ending.data.unwrap_or_else(|| state.clone());
        outcome.attempts = self.attempt;
        outcome.backtrace = ending.backtrace;
        (outcome.stdout, outcome.stderr, outcome.log) = (stdout, stderr, log);
        outcome.receipts.push(receipt);
        Replayed { outcome, state }
    }

    fn grants(&self, variable: Variables<'_>) -> Result<Grants, ReplayError> {
        let written = field(&self.conditions, "grants")?;
        let folders = |key: &str| -> Result<Vec<Folder>, ReplayError> {
            let texts = texts(&written, key)?.into_iter();
            let folders = texts.map(|text| Folder::parse(&text, Path::new("/")));
            Ok(folders.collect::<Result<_, GrantError>>()?)
        };
        let rules = texts(&written, "net")?.into_iter();
        let rules = rules.map(|text| NetRule::parse(&text));
        let names = texts(&written, "env")?.into_iter();
        Ok(Grants {
            read: folders("read")?,
            write: folders("write")?,
            env: names
                .filter_map(|name| variable(&name).map(|value| (name, value)))
                .collect(),
            net: rules.collect::<Result<_, GrantError>>()?,
            submit: texts(&written, "submit")?,
        })
    }
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay")
            .field("id", &self.id)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl Was {
    fn of_past(past: &PastAttempt) -> Was {
        Was {
            reason: past.earlier.reason,
            status: None,
            message: past.earlier.message.clone(),
            data: None,
            state: past.state.clone().unwrap_or_else(Value::empty_map),
            receipt: past.receipt,
        }
    }

    fn of_last(entry: &Entry, options: &JobOptions, outcome: Outcome) -> Was {
        let is_whole = !options.has_afterwards();
        Was {
            reason: outcome.reason,
            status: Some(outcome.status),
            message: outcome.message,
            data: is_whole.then_some(outcome.data),
            state: entry.carried.clone().unwrap_or_else(Value::empty_map),
            receipt: outcome.receipts.latest().copied(),
        }
    }

    /// What is other now; nothing where it is the same. Of an attempt that was lost with its
    /// host there is nothing to compare.
    #[must_use]
    pub fn differs(&self, now: &Replayed, compares_fuel: bool) -> Vec<&'static str> {
        if matches!(self.reason, Reason::Lost | Reason::Quarantined) {
            return Vec::new();
        }
        let outcome = &now.outcome;
        let fuel = |receipt: Option<&Receipt>| receipt.map(|receipt| receipt.fuel);
        let was_fuel = fuel(self.receipt.as_ref());
        let parts = [
            ("reason", self.reason != outcome.reason),
            (
                "status",
                self.status.is_some_and(|status| status != outcome.status),
            ),
            (
                "data",
                self.data.as_ref().is_some_and(|data| *data != outcome.data),
            ),
            ("state", self.state != now.state),
            (
                "fuel",
                compares_fuel && was_fuel.is_some() && was_fuel != fuel(outcome.receipts.latest()),
            ),
        ];
        let parts = parts.into_iter();
        parts
            .filter_map(|(what, is_other)| is_other.then_some(what))
            .collect()
    }
}

/// An attempt on the guests' threads.
struct Running {
    id: JobId,
    plugin: Plugin,
    options: Arc<JobOptions>,
    attempt: u32,
    recorded: Option<Recorded>,
    value: Value,
    state: Value,
    recalled: Arc<Recalled>,
}

impl Running {
    async fn run(self) -> AttemptEnd {
        let worker = match self.plugin.worker() {
            Ok(worker) => worker,
            Err(error) => return AttemptEnd::internal(&error, self.state, Receipt::default()),
        };
        let retries = self.options.retry.retries.count();
        let order = AttemptOrder {
            plugin: &self.plugin,
            worker,
            options: &self.options,
            job: self.id,
            attempt: self.attempt,
            fence: 0,
            retries_left: retries.map(|count| (count + 1).saturating_sub(self.attempt)),
            recorded: self.recorded,
            value: &self.value,
            data: self.state,
            events: None,
            is_for_consumer: false,
            may_submit: true,
        };
        let line: Arc<Line> = Arc::default();
        let mut watch = Watch::with(Arc::new(Pulse::new()), line, self.recalled);
        run(order, &mut watch).await
    }
}

/// The children that an attempt had, with how they ended.
struct Recalled(Vec<(ChildName, Nested)>);

impl Nesting for Recalled {
    fn submit<'a>(&'a self, asked: Asked<'a>) -> Answer<'a, Result<Nested, NestedError>> {
        let name = match key_of(&asked) {
            Ok(Some(key)) => ChildName::Key(key),
            Ok(None) => ChildName::Ordinal(asked.ordinal),
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        let found = self.0.iter().find(|(known, _)| *known == name);
        let found = found.map(|(_, nested)| nested.clone());
        Box::pin(std::future::ready(found.ok_or(NestedError::Closed)))
    }
}

/// What a child is called by its parent.
fn key_of(asked: &Asked<'_>) -> Result<Option<Arc<str>>, NestedError> {
    let Some(bytes) = &asked.dispatch.options else {
        return Ok(None);
    };
    let bad = |error: String| NestedError::BadOptions(error);
    let given = Value::check(bytes.clone(), &ScanLimits::default())
        .map_err(|error| bad(format!("they are no value: {error}")))?;
    let mut options = JobOptions::default();
    let key = options.tighten_nested(&given);
    key.map_err(|error| bad(error.to_string()))
}

/// The children of a job that ended.
fn children(reader: &mut dyn Reader, job: JobId) -> Result<Vec<(ChildName, Nested)>, StoreError> {
    let mut children = Vec::new();
    for entry in reader.children(job.number)? {
        let Some(parent) = entry.job.parent.clone() else {
            continue;
        };
        let Some(outcome) = outcome_of(reader, &entry)? else {
            continue;
        };
        let id = JobId {
            number: entry.job.number,
            ..job
        };
        let over = OnceLock::new();
        // It is the only one that is ever set.
        let _ = over.set(outcome);
        let outcome = Arc::new(over);
        children.push((parent.name, Nested { id, outcome }));
    }
    Ok(children)
}

/// The outcome of a job that is over after an attempt.
fn last_outcome(reader: &mut dyn Reader, entry: &Entry) -> Result<Option<Outcome>, StoreError> {
    match &entry.state {
        State::Done(_) => outcome_of(reader, entry),
        State::Queued | State::Claimed(_) => Ok(None),
    }
}

/// The number of the latest attempt that is past.
fn last_of(past: &[PastAttempt]) -> u32 {
    past.last().map_or(0, |past| past.earlier.attempt)
}

/// What the attempt behind a past one began with.
fn state_after(past: &PastAttempt) -> Option<Value> {
    past.state.clone().filter(|_| !past.is_reset)
}

/// What the job began with, where it was deterministic.
fn base(profile: &Value, entry: &Entry, options: &JobOptions, is_item: bool) -> Option<Recorded> {
    let mut parts = profile.elements()?.skip(1);
    let host = Recorded {
        start_ms: parts.next()?.as_u64()?,
        seed: parts.next()?.as_u64()?,
    };
    let value = entry.job.value.as_bytes();
    Some(match options.recorded {
        Some(said) if !is_item => said,
        Some(said) => said.of_job(value),
        None => host.of_worker(&entry.job.worker).of_job(value),
    })
}

/// The virtual time that had passed before an attempt: earlier ones, and the pauses behind them.
fn elapsed(base: Recorded, past: &[PastAttempt], before: u32, options: &JobOptions) -> u64 {
    let earlier = past.iter().filter(|past| past.earlier.attempt < before);
    earlier.fold(0, |elapsed: u64, past| {
        let (attempt, receipt) = (past.earlier.attempt, past.receipt.as_ref());
        elapsed.saturating_add(base.passed(attempt, receipt, options.retry.backoff))
    })
}

fn field(map: &Value, key: &str) -> Result<Value, ReplayError> {
    let mut entries = map.entries().into_iter().flatten();
    let found = entries.find(|(name, _)| name.as_str() == Some(key));
    let unfit = || ReplayError::Unfit(format!("it does not say `{key}`"));
    found.map(|(_, value)| value).ok_or_else(unfit)
}

fn texts(map: &Value, key: &str) -> Result<Vec<String>, ReplayError> {
    let texts = field(map, key)?;
    let texts = texts.elements().into_iter().flatten();
    Ok(texts
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect())
}
