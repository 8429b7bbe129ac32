//! The producer's loop: asks for dispatches, makes jobs of them, waits when there
//! are enough.

use super::hub::Hub;
use super::order::{Delivery, Order, Sink, never_started};
use super::slot::TURN;
use crate::limits::{Limit, Limits};
use crate::plugin::Plugin;
use crate::sandbox::{Dispatch, Ending, Resident, error_text};
use crate::task::{Reason, tighten};
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
    /// The options of the latest dispatch and the limits that came of them:
    /// producers tend to say the same again and again.
    latest: Option<(Arc<str>, Vec<u8>, Arc<Limits>)>,
}

/// Why a dispatch does not become a job.
struct Refusal {
    reason: Reason,
    message: String,
}

impl Pump {
    pub(crate) fn new(hub: Arc<Hub>, producer: Resident) -> Pump {
        hub.watch_producer(producer.pulse());
        Pump {
            hub,
            producer,
            latest: None,
        }
    }

    /// Pulls until the producer has no more, fails, or a stop comes.
    pub(crate) async fn run(mut self) -> Result<(), ProducerError> {
        let mut turn = Instant::now();
        while !self.hub.is_stopping() {
            if self.hub.is_held() {
                self.hub.producer_wake.notified().await;
                continue;
            }
            match self.producer.next().await {
                Ok(Ok(Some(dispatch))) => {
                    self.take(dispatch);
                    self.producer.commit();
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
    fn take(&mut self, dispatch: Dispatch) {
        let id = self.hub.next_id();
        let Dispatch {
            worker,
            args,
            options,
        } = dispatch;
        match self.order(&worker, args, options) {
            Ok((plugin, value, limits)) => self.hub.submit(Order {
                id,
                plugin,
                value,
                limits,
                sink: Sink::Consumer,
            }),
            Err(Refusal { reason, message }) => {
                let worker: Arc<str> = escape_for_people(&worker, 200).into();
                self.hub.settle(Delivery {
                    job: Value::nil(),
                    outcome: never_started(id, worker, reason, Some(message)),
                });
            }
        }
    }

    fn order(
        &mut self,
        worker: &str,
        args: Vec<Vec<u8>>,
        options: Option<Vec<u8>>,
    ) -> Result<(Plugin, Value, Arc<Limits>), Refusal> {
        let Some(plugin) = self.hub.workers.get(worker).cloned() else {
            return Err(self.unknown(worker));
        };
        let limits = match options {
            None => plugin.limits().clone(),
            Some(options) => self.limits(&plugin, options)?,
        };
        let value = arguments(args, &limits)?;
        Ok((plugin, value, limits))
    }

    fn unknown(&self, worker: &str) -> Refusal {
        let mut names: Vec<&str> = self.hub.workers.keys().map(AsRef::as_ref).collect();
        names.sort_unstable();
        let message = format!(
            "no worker is called `{}`; there is {}",
            escape_for_people(worker, 80),
            names.join(", ")
        );
        Refusal {
            reason: Reason::UnknownWorker,
            message,
        }
    }

    fn limits(&mut self, plugin: &Plugin, options: Vec<u8>) -> Result<Arc<Limits>, Refusal> {
        if let Some((worker, bytes, limits)) = &self.latest
            && *bytes == options
            && **worker == *plugin.name()
        {
            return Ok(limits.clone());
        }
        let bad = |message: String| Refusal {
            reason: Reason::BadOptions,
            message,
        };
        let value = Value::check(options.clone(), &ScanLimits::default())
            .map_err(|e| bad(format!("the options are no value: {e}")))?;
        let mut limits = (**plugin.limits()).clone();
        tighten(&mut limits, &value).map_err(|e| bad(e.to_string()))?;
        let limits = Arc::new(limits);
        self.latest = Some((plugin.shared_name().clone(), options, limits.clone()));
        Ok(limits)
    }
}

/// Checks the arguments and makes them the one value that the worker gets.
fn arguments(args: Vec<Vec<u8>>, limits: &Limits) -> Result<Value, Refusal> {
    let scan = limits.scan(Limit::Value);
    let refusal = |reason, message| Refusal { reason, message };
    let several = args.len() > 1;
    let mut values = Vec::with_capacity(args.len());
    for (i, bytes) in args.into_iter().enumerate() {
        let value = Value::check(bytes, &scan).map_err(|error| {
            refusal(
                value_reason(&error),
                format!("argument {} was not taken: {error}", i + 1),
            )
        })?;
        values.push(value);
    }
    let value = Value::arguments(values);
    if several {
        value.within(&scan).map_err(|error| {
            refusal(
                value_reason(&error),
                format!("the arguments together were not taken: {error}"),
            )
        })?;
    }
    Ok(value)
}

/// The reason for a value that was not taken.
pub(crate) fn value_reason(error: &crate::value::ValueError) -> Reason {
    if crate::sandbox::is_too_large(error) {
        Reason::ValueTooLarge
    } else {
        Reason::BadValue
    }
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
