//! The reading side: values become jobs, in order, as fast as the window allows.

use super::window::Window;
use crate::error::{Error, Kind};
use crate::input::{Place, Record, Refusal};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedSender;
use wodehost::task::EventSender;
use wodehost::{Host, JobHandle, JobId, SubmitError, Value};

/// What the writing side gets for a value.
#[derive(Debug)]
pub(crate) enum Entry {
    /// It became a job.
    Job(Place, JobHandle),
    /// It could not become one.
    Refused(Place, Refusal),
    /// The input cannot be read on.
    Broken(Error),
}

/// The door between both sides. Once it is closed nothing comes through, and
/// everything that was submitted has come through.
///
/// The channel behind it has no bound of its own: the window is its bound.
#[derive(Debug)]
pub(crate) struct Gate(Mutex<Option<UnboundedSender<Entry>>>);

impl Gate {
    /// An open door.
    pub(crate) fn new(sender: UnboundedSender<Entry>) -> Gate {
        Gate(Mutex::new(Some(sender)))
    }

    /// Closes the door for good.
    pub(crate) fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Waits until whatever was submitted so far has come through.
    pub(crate) fn settle(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Makes entries and lets them through, in one step; false when the door is closed.
    fn pass(&self, make: impl FnOnce() -> Option<Vec<Entry>>) -> bool {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = &*sender else {
            return false;
        };
        make().is_some_and(|entries| {
            let mut entries = entries.into_iter();
            entries.all(|entry| sender.send(entry).is_ok())
        })
    }
}

/// Makes jobs of what is read.
pub(crate) struct Feeder {
    host: Arc<Host>,
    worker: String,
    /// Values in a chunk.
    chunk: usize,
    /// Where the jobs tell what happens to them, if anybody listens.
    events: Option<EventSender>,
    /// Those that wait until their chunk is full.
    gathered: Vec<(Place, Value)>,
}

impl Feeder {
    /// One for chunks of so many values.
    pub(crate) fn new(
        host: Arc<Host>,
        worker: String,
        chunk: usize,
        events: Option<EventSender>,
    ) -> Feeder {
        Feeder {
            host,
            worker,
            chunk,
            events,
            gathered: Vec::new(),
        }
    }

    /// Reads until the input, the door or the window ends. Blocks.
    pub(crate) fn feed(
        mut self,
        mut records: impl Iterator<Item = Result<Record, Error>>,
        window: &Window,
        gate: &Gate,
    ) {
        let mut places = 0;
        loop {
            if places == 0 {
                // Behind a value that was refused a chunk may be half full.
                if !self.take(None, gate) {
                    break;
                }
                places = window.take();
                if places == 0 {
                    break;
                }
            }
            let record = records.next();
            places -= 1;
            let is_last = record.is_none();
            let is_full = record.as_ref().is_some_and(|record| weighs(record, window));
            if !self.take(record, gate) || is_last {
                break;
            }
            if is_full {
                // What is gathered has to go on, or nothing is ever given back.
                if !self.take(None, gate) {
                    break;
                }
                window.wait_for_bytes();
            }
        }
        gate.close();
    }

    /// Takes what was read; what was gathered is submitted when its chunk is full or when
    /// there is nothing. False when nothing more is taken.
    fn take(&mut self, record: Option<Result<Record, Error>>, gate: &Gate) -> bool {
        let other = match record {
            Some(Ok(Record {
                place,
                value: Ok(value),
            })) => {
                self.gathered.push((place, value));
                if self.gathered.len() < self.chunk {
                    return true;
                }
                None
            }
            Some(Ok(Record {
                place,
                value: Err(refusal),
            })) => Some(Entry::Refused(place, refusal)),
            Some(Err(error)) => Some(Entry::Broken(error)),
            None => None,
        };
        let gathered = std::mem::take(&mut self.gathered);
        let mut is_broken = false;
        let has_passed = gate.pass(|| {
            let mut entries = self.submitted(gathered)?;
            entries.extend(other);
            is_broken = matches!(entries.last(), Some(Entry::Broken(_)));
            Some(entries)
        });
        has_passed && !is_broken
    }

    /// Submits values; `None` when the host takes no more.
    fn submitted(&self, mut values: Vec<(Place, Value)>) -> Option<Vec<Entry>> {
        if values.is_empty() {
            return Some(Vec::new());
        }
        let job = self.host.job(&self.worker).map(|job| match &self.events {
            Some(events) => job.events_to(events),
            None => job,
        });
        let first = values.first().map(|(place, _)| *place);
        let submitted = if values.len() == 1 {
            let (place, value) = values.pop()?;
            let job = job.and_then(|job| job.argument(value).key(place.key()).submit_ahead());
            job.map(|handle| vec![Entry::Job(place, handle)])
        } else {
            let (places, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
            let jobs = job.and_then(|job| job.submit_chunk(values));
            jobs.map(|jobs| places.into_iter().zip(jobs).map(entry).collect())
        };
        match submitted {
            Ok(entries) => Some(entries),
            Err(SubmitError::Closed) => None,
            Err(SubmitError::KeyTaken(id)) => Some(vec![Entry::Broken(changed(first, id))]),
            Err(
                error @ (SubmitError::UnknownWorker(_)
                | SubmitError::Options(_)
                | SubmitError::Store(_)
                | SubmitError::Blocked(_)),
            ) => Some(vec![Entry::Broken(error.into())]),
        }
    }
}

/// Weighs what was read: whether that is enough for now.
fn weighs(record: &Result<Record, Error>, window: &Window) -> bool {
    match record {
        Ok(Record {
            place,
            value: Ok(value),
        }) => window.weigh(*place, value.len()),
        Ok(_) | Err(_) => false,
    }
}

/// A line that is another one than it was.
fn changed(place: Option<Place>, id: JobId) -> Error {
    let place = place.map_or_else(String::new, |place| place.to_string());
    Error::new(
        Kind::Store,
        format!("{place} of the input is not what the store has of it"),
    )
    .because(format!("job {id} has another value"))
    .hint(format!(
        "give the input that the store was begun with, or another --store; `wodehost jobs drop {id} \
         --store FILE` lets the line be another one"
    ))
}

fn entry((place, handle): (Place, JobHandle)) -> Entry {
    Entry::Job(place, handle)
}
