//! All that a store knows of a job, as a value.

use super::looking::{Looking, store_error};
use super::row::{key, maybe};
use super::{SCHEMA, row};
use crate::error::Error;
use wodehost::store::{ChildName, Entry, PastAttempt, Standing, State};
use wodehost::{JobId, Receipt, Value};

/// See the module.
pub(crate) struct Record {
    pub(crate) id: JobId,
    pub(crate) entry: Entry,
    /// The attempts that are past, the oldest first.
    pub(crate) past: Vec<PastAttempt>,
    /// Its items, and jobs that it submitted.
    pub(crate) children: Vec<JobId>,
}

impl Record {
    /// Reads all of it.
    pub(crate) fn read(looking: &mut Looking, entry: Entry) -> Result<Record, Error> {
        let number = entry.job.number;
        let past = looking.reader.past(number).map_err(|e| store_error(&e))?;
        let children = looking.children(number)?.into_iter();
        Ok(Record {
            id: looking.id(number),
            past,
            children: children.map(|child| looking.id(child)).collect(),
            entry,
        })
    }

    /// Where it is.
    pub(crate) fn standing(&self) -> Standing {
        match &self.entry.state {
            State::Queued => Standing::Queued,
            State::Claimed(_) => Standing::Claimed,
            State::Done(done) if done.is_delivered => Standing::Done,
            State::Done(_) => Standing::Undelivered,
        }
    }

    /// The job that it is part of.
    pub(crate) fn parent(&self) -> Option<JobId> {
        let parent = self.entry.job.parent.as_ref()?;
        Some(JobId::new(self.id.host(), parent.number))
    }

    /// All of it.
    pub(crate) fn to_value(&self) -> Value {
        let Entry { job, .. } = &self.entry;
        let text = |text: Option<&str>| text.map_or_else(Value::nil, Value::from);
        let ids: Vec<Value> = self
            .children
            .iter()
            .map(|child| Value::from(child.to_string()))
            .collect();
        let past: Vec<Value> = self.past.iter().map(attempt).collect();
        let done = self.entry.done();
        Value::map([
            ("schema", Value::from(SCHEMA)),
            ("id", Value::from(self.id.to_string())),
            ("worker", Value::from(&*job.worker)),
            ("stream", Value::from(&*job.stream)),
            ("key", key(job.key.as_ref())),
            ("parent", self.parent_value()),
            ("state", Value::from(row::state(self.standing()))),
            ("is_suspect", Value::from(self.entry.is_suspect)),
            ("attempts", Value::from(self.entry.attempts)),
            ("lost", Value::from(self.entry.lost)),
            ("fence", Value::from(self.entry.fence)),
            ("submitted_ms", Value::from(job.submitted_ms)),
            ("ended_ms", maybe(done.map(|done| done.ended_ms))),
            ("singleton", text(job.singleton.as_deref())),
            ("group", text(job.group.as_deref())),
            ("arity", Value::from(job.arity)),
            ("value", job.value.clone()),
            ("options", job.said.clone()),
            (
                "carried",
                self.entry.carried.clone().unwrap_or_else(Value::nil),
            ),
            ("conditions", job.conditions.value().clone()),
            ("past", Value::array(&past)),
            (
                "outcome",
                done.map_or_else(Value::nil, |done| done.outcome.to_value()),
            ),
            ("children", Value::array(&ids)),
        ])
    }

    fn parent_value(&self) -> Value {
        let (Some(parent), Some(id)) = (&self.entry.job.parent, self.parent()) else {
            return Value::nil();
        };
        let name = match &parent.name {
            ChildName::Item(place) => ("item", Value::from(*place)),
            ChildName::Ordinal(ordinal) => ("ordinal", Value::from(*ordinal)),
            ChildName::Key(key) => ("key", Value::from(&**key)),
        };
        Value::map([("id", Value::from(id.to_string())), name])
    }
}

/// An attempt that is past.
fn attempt(past: &PastAttempt) -> Value {
    let said = past.earlier.to_value();
    let said: Vec<(Value, Value)> = said.entries().into_iter().flatten().collect();
    let said = said
        .iter()
        .filter_map(|(key, value)| Some((key.as_str()?, value.clone())));
    let receipt = past.receipt.as_ref().map(Receipt::to_value);
    let recorded = past.recorded;
    let more = [
        ("receipt", receipt.unwrap_or_else(Value::nil)),
        ("state", past.state.clone().unwrap_or_else(Value::nil)),
        (
            "start_ms",
            maybe(recorded.map(|recorded| recorded.start_ms)),
        ),
        ("seed", maybe(recorded.map(|recorded| recorded.seed))),
        ("ended_ms", Value::from(past.ended_ms)),
        (
            "conditions",
            past.conditions
                .as_ref()
                .map_or_else(Value::nil, |own| own.value().clone()),
        ),
        ("is_reset", Value::from(past.is_reset)),
    ];
    Value::map(said.chain(more))
}
