//! The producer's loop: asks for dispatches, makes jobs of them, waits when there
//! are enough.

use super::admission::{Refusal, Submission, checked_arguments};
use super::hub::{Hub, Worker};
use super::loops::TURN;
use super::order::Sink;
use super::recorder::{Cursor, Draft, Given};
use super::seat::Seat;
use crate::limits::Limits;
use crate::sandbox::{Dispatch, Ending, Resident, error_text};
use crate::store::Key;
use crate::task::{JobOptions, Outcome, Reason};
use crate::value::{ScanLimits, Value, escape_for_people};
use std::sync::Arc;
use std::time::Instant;

/// A producer that ended with an error, or did not end at all.
#[derive(Debug, Clone)]
pub struct ProducerError {
    /// Why, in one word.
    pub reason: Reason,
    /// The sentence for people.
    pub message: String,
    /// The error value, when it gave one.
    pub data: Option<Value>,
}

/// See the module.
pub(crate) struct Pump {
    hub: Arc<Hub>,
    producer: Resident,
    seat: Option<Arc<Seat>>,
    /// Those of the latest dispatch: producers tend to say the same again and again.
    latest: Option<Latest>,
}

/// Options of a dispatch, as bytes and as they were read.
struct Latest {
    worker: Arc<str>,
    bytes: Vec<u8>,
    said: Said,
}

/// What a dispatch said of its job besides the arguments.
#[derive(Clone)]
struct Said {
    options: Arc<JobOptions>,
    /// As it was said, where a store is to know.
    words: Option<Value>,
    key: Option<Key>,
}

impl Said {
    /// Nothing.
    fn of_worker(worker: &Worker) -> Said {
        Said {
            options: worker.options.clone(),
            words: None,
            key: None,
        }
    }
}

impl Pump {
    pub(crate) fn new(hub: Arc<Hub>, producer: Resident, seat: Option<Arc<Seat>>) -> Pump {
        hub.watch_producer(producer.pulse());
        Pump {
            hub,
            producer,
            seat,
            latest: None,
        }
    }

    /// Pulls until the producer has no more, fails, or a stop comes.
    pub(crate) async fn run(mut self) -> Result<(), ProducerError> {
        self.hub.resume_run().await.map_err(|error| ProducerError {
            reason: Reason::Internal,
            message: format!("the store: {error}"),
            data: None,
        })?;
        let mut turn = Instant::now();
        while !self.hub.is_shut() {
            if self.hub.is_held() {
                self.hub.producer_wake.notified().await;
                continue;
            }
            match self.producer.next().await {
                Ok(Ok(Some(dispatch))) => {
                    let saved = self.producer.commit();
                    self.take(dispatch, saved);
                    if let Some(seat) = &self.seat {
                        seat.counts();
                    }
                }
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(value)) => {
                    return Err(ProducerError {
                        reason: Reason::Error,
                        message: error_text(&value),
                        data: Some(value),
                    });
                }
                Err(ending) if ending.reason == Reason::Cancelled => return Ok(()),
                Err(ending) => return Err(fallen(ending)),
            }
            if turn.elapsed() > TURN {
                tokio::task::yield_now().await;
                turn = Instant::now();
            }
        }
        Ok(())
    }

    /// Makes a job of a dispatch; one that cannot be ends as a failed job.
    /// What the producer `saved` is kept with it.
    fn take(&mut self, dispatch: Dispatch, saved: Option<Value>) {
        let Dispatch {
            worker: name,
            args,
            options,
        } = dispatch;
        let cursor = self.cursor(saved);
        let Pump { hub, latest, .. } = self;
        let Some(worker) = hub.workers.get(name.as_str()) else {
            let message = hub.no_such_worker(&name);
            let refusal = Refusal::new(Reason::UnknownWorker, message);
            return self.turn_away(&name, refusal, given(args, cursor));
        };
        if worker.is_reserved {
            return self.turn_away(&name, reserved(&name), given(args, cursor));
        }
        let said = match options {
            None => Ok(Said::of_worker(worker)),
            Some(options) => read_options(hub, latest, worker, options),
        };
        let (said, arguments) = match said {
            Ok(said) => {
                let arguments = checked_arguments(args, &said.options.limits);
                (said, arguments)
            }
            Err(refusal) => (Said::of_worker(worker), Err(refusal)),
        };
        let Said {
            options,
            words,
            key,
        } = said;
        let submission = Submission {
            worker,
            arguments,
            each_checked: true,
            options,
            events: None,
            draft: Draft {
                said: words,
                key,
                cursor,
                ..Draft::default()
            },
        };
        hub.admit(submission, |_| (Sink::Consumer, ()));
    }

    /// Ends a job whose worker is not known.
    fn turn_away(&self, worker: &str, refusal: Refusal, given: Given) {
        let Refusal { reason, message } = refusal;
        let worker: Arc<str> = escape_for_people(worker, 200).into();
        let id = self.hub.next_id(0);
        let outcome = Outcome::without_attempt(id, worker, reason, Some(message));
        self.hub.settle(outcome, given);
    }

    /// What a store is to know of what the producer saved.
    fn cursor(&self, saved: Option<Value>) -> Option<Cursor> {
        let value = saved.filter(|_| self.hub.recorder.is_some())?;
        let name = Cursor::name("producer", self.producer.plugin().name());
        Some(Cursor { name, value })
    }
}

/// What is known of a job without a worker; arguments that are no values are not kept.
fn given(args: Vec<Vec<u8>>, cursor: Option<Cursor>) -> Given {
    let arguments = checked_arguments(args, &Limits::default()).unwrap_or_default();
    Given {
        arity: arguments.len() as u32,
        value: Value::arguments(arguments),
        cursor,
    }
}

/// The refusal of a worker that is not the producer's to name.
fn reserved(name: &str) -> Refusal {
    let name = escape_for_people(name, 80);
    let message = format!("`{name}` is not one of the run's workers");
    Refusal::new(Reason::NotPermitted, message)
}

/// What the options of a dispatch make of those of its worker.
fn read_options(
    hub: &Hub,
    latest: &mut Option<Latest>,
    worker: &Worker,
    bytes: Vec<u8>,
) -> Result<Said, Refusal> {
    let name = worker.plugin.shared_name();
    if let Some(latest) = latest
        && latest.bytes == bytes
        && latest.worker == *name
    {
        return Ok(latest.said.clone());
    }
    let bad = |message: String| Refusal::new(Reason::BadOptions, message);
    let value = Value::check(bytes.clone(), &ScanLimits::default())
        .map_err(|e| bad(format!("the options are no value: {e}")))?;
    let mut options = (*worker.options).clone();
    let is_recording = hub.recorder.is_some();
    let key = if is_recording {
        options.tighten_nested(&value)
    } else {
        // Nobody would know it again.
        options.tighten(&value).map(|()| None)
    };
    let key = key
        .and_then(|key| hub.check_names(&options).map(|()| key))
        .map_err(|e| bad(e.to_string()))?;
    // What the user set may name workers that the producer may not.
    let mut named = options.workers();
    let is_reserved = |name: &str| {
        let known = hub.workers.get(name);
        known.is_some_and(|known| known.is_reserved)
            && worker.options.workers().all(|other| other != name)
    };
    if let Some(name) = named.find(|name| is_reserved(name)) {
        return Err(reserved(name));
    }
    drop(named);
    let said = Said {
        options: Arc::new(options),
        words: is_recording.then_some(value),
        key: key.map(Key::Text),
    };
    *latest = Some(Latest {
        worker: name.clone(),
        bytes,
        said: said.clone(),
    });
    Ok(said)
}

fn fallen(ending: Ending) -> ProducerError {
    ProducerError {
        reason: ending.reason,
        message: ending
            .message
            .unwrap_or_else(|| format!("ended as {}", ending.reason)),
        data: ending.data,
    }
}
