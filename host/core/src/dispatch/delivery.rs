//! The consumer's loop: hands over outcomes one by one, in the order in which jobs
//! ended, and before each what its job emitted. None is lost: one that the consumer traps
//! on is given again, and after three times set aside and reported.

use super::hub::Hub;
use super::loops::TURN;
use super::order::Delivery;
use super::recorder::Cursor;
use crate::job::JobId;
use crate::sandbox::{Emitted, Resident, error_text};
use crate::task::Outcome;
use crate::value::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// How often one outcome or value is given to a consumer that traps on it.
const TRIES: u32 = 3;

/// What is undelivered and reported by name; more are only counted.
const NAMED_MAX: usize = 1000;

/// Errors of the consumer that are told one by one; more are only counted.
const ERRORS_TOLD_MAX: u64 = 20;

/// The tracing target of the consumer's loop.
const TARGET: &str = "wodehost::consumer";

/// An outcome or an emitted value that the consumer did not take.
#[derive(Debug, Clone)]
pub struct Undelivered {
    /// The job whose outcome it is, or that emitted the value.
    pub id: JobId,
    /// How the consumer ended over it the last time; of a value it says first which it is.
    pub message: String,
}

/// A function that takes outcomes: the job's value, and its outcome. Emitted values do not
/// come to it.
pub type OnOutcome = Box<dyn FnMut(&Value, &Outcome) + Send>;

/// Who takes the outcomes of a run.
pub(crate) enum Taker {
    Plugin(Resident),
    Function {
        function: OnOutcome,
        /// Whether it is told later that an outcome was taken.
        is_told: bool,
    },
}

/// Whether a delivery was taken.
pub(crate) enum Taken {
    /// It was; the consumer saved this.
    Now(Option<Cursor>),
    /// Somebody will say so.
    Later,
    /// It was set aside.
    Not,
}

/// What a consumer's loop leaves.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    pub(crate) undelivered: Vec<Undelivered>,
    pub(crate) undelivered_count: u64,
    /// Outcomes and values that the consumer answered with an error.
    pub(crate) consumer_errors: u64,
    /// Why `finish` did not go through.
    pub(crate) finish_error: Option<String>,
}

/// Delivers until the producer is done and every job has ended and is delivered. Emitted
/// values are taken from the call on, not only when the answer is polled first.
pub(crate) fn deliver(
    hub: Arc<Hub>,
    taker: Taker,
    source_ended: Arc<AtomicBool>,
) -> impl Future<Output = Delivered> {
    let emits = taker.takes_emitted().then(|| Taking::of(hub.clone()));
    async move {
        let delivered = deliver_all(&hub, taker, &source_ended).await;
        drop(emits);
        delivered
    }
}

/// Somebody takes emitted values, until this is dropped: a guest waits for no loop that is
/// gone.
struct Taking(Arc<Hub>);

impl Taking {
    fn of(hub: Arc<Hub>) -> Taking {
        hub.emits.open(true);
        Taking(hub)
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.0.emits.open(false);
    }
}

async fn deliver_all(hub: &Hub, mut taker: Taker, source_ended: &AtomicBool) -> Delivered {
    let mut result = Delivered::default();
    let seat = hub.seats().consumer;
    let mut batch = VecDeque::new();
    let mut turn = Instant::now();
    loop {
        hub.take_deliveries(&mut batch);
        if batch.is_empty() {
            if source_ended.load(Ordering::Acquire) && hub.is_idle() {
                break;
            }
            hub.consumer_wake.notified().await;
            continue;
        }
        let (mut outcomes, mut bytes) = (0, 0);
        for delivery in batch.drain(..) {
            bytes += delivery.bytes();
            let is_taken = taker.take(&delivery, &mut result).await;
            hub.is_taken(&delivery, is_taken);
            match delivery {
                Delivery::Outcome { .. } => {
                    outcomes += 1;
                    if let Some(seat) = &seat {
                        seat.counts();
                    }
                }
                Delivery::Emitted(emitted) => hub.emits.left(emitted.value.len()),
            }
            if turn.elapsed() > TURN {
                // In between, so that a slow consumer does not hold the producer
                // back longer than it must.
                hub.delivered(outcomes, bytes);
                (outcomes, bytes) = (0, 0);
                tokio::task::yield_now().await;
                turn = Instant::now();
            }
        }
        hub.delivered(outcomes, bytes);
    }
    result.finish_error = taker.finish().await;
    result
}

impl Taker {
    /// The consumer, where it is a plugin.
    pub(crate) fn plugin(&self) -> Option<&Resident> {
        match self {
            Taker::Plugin(consumer) => Some(consumer),
            Taker::Function { .. } => None,
        }
    }

    async fn take(&mut self, delivery: &Delivery, result: &mut Delivered) -> Taken {
        let consumer = match self {
            Taker::Function { function, is_told } => {
                if let Delivery::Outcome { job, outcome } = delivery {
                    function(job, outcome);
                }
                return if *is_told {
                    Taken::Later
                } else {
                    Taken::Now(None)
                };
            }
            Taker::Plugin(consumer) => consumer,
        };
        let id = delivery.job();
        let mut last = String::new();
        for _ in 0..TRIES {
            let answer = match delivery {
                Delivery::Outcome { job, outcome } => consumer.consume(job, outcome).await,
                Delivery::Emitted(emitted) => consumer.on_emit(emitted).await,
            };
            match answer {
                Ok(answer) => {
                    let saved = consumer.commit();
                    if let Err(error) = answer {
                        result.consumer_errors += 1;
                        if result.consumer_errors <= ERRORS_TOLD_MAX {
                            let error = error_text(&error);
                            tracing::warn!(target: TARGET, job = %id,
                                plugin = consumer.plugin().name(), "the consumer returned an error: {error}");
                        }
                    }
                    let name = || Cursor::name("consumer", consumer.plugin().name());
                    return Taken::Now(saved.map(|value| {
                        let name = name();
                        Cursor { name, value }
                    }));
                }
                Err(ending) => {
                    last = ending.in_words();
                    tracing::warn!(target: TARGET, job = %id,
                        plugin = consumer.plugin().name(), "the consumer ended: {last}");
                }
            }
        }
        result.undelivered_count += 1;
        if result.undelivered.len() < NAMED_MAX {
            let message = match delivery {
                Delivery::Outcome { .. } => last,
                Delivery::Emitted(Emitted { attempt, seq, .. }) => {
                    format!("value {seq} of attempt {attempt}: {last}")
                }
            };
            result.undelivered.push(Undelivered { id, message });
        }
        Taken::Not
    }

    fn takes_emitted(&self) -> bool {
        match self {
            Taker::Plugin(consumer) => consumer.takes_emitted(),
            Taker::Function { .. } => false,
        }
    }

    /// Tells the consumer that no more will come; the answer is what went wrong.
    async fn finish(&mut self) -> Option<String> {
        let Taker::Plugin(consumer) = self else {
            return None;
        };
        let mut last = None;
        for _ in 0..TRIES {
            match consumer.finish().await {
                Ok(None | Some(Ok(()))) => return None,
                Ok(Some(Err(error))) => return Some(error_text(&error)),
                Err(ending) => last = Some(ending.in_words()),
            }
        }
        last
    }
}
