//! How a hub comes to its end.

use super::{Hub, lock};
use crate::dispatch::callbacks::CallbackRaised;
use crate::dispatch::events::{Event, Stopping};
use crate::sandbox::Cause;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Hub {
    /// Stops, as far as asked; never goes back.
    pub(crate) fn stop(&self, stopping: Stopping) {
        self.stopping.store(true, Ordering::Relaxed);
        self.shut.store(true, Ordering::Relaxed);
        self.handle(Event::Stop(stopping), None);
        // A pull is cut off: what the producer saved before it still counts.
        if let Some(pulse) = &*lock(&self.producer_pulse) {
            pulse.cancel(Cause::Cancelled);
        }
        self.producer_wake.notify_one();
        self.consumer_wake.notify_one();
    }

    /// Takes nothing new in. What was taken in may go on for the grace and is cancelled
    /// then. Comes back when everything is over; the callbacks that failed.
    pub(crate) async fn shut_down(&self, grace: Option<Duration>) -> Vec<CallbackRaised> {
        self.shut.store(true, Ordering::Relaxed);
        self.producer_wake.notify_one();
        if let Some(grace) = grace {
            self.act_later(grace, |hub| hub.stop(Stopping::Cancelling));
        }
        loop {
            // Made before the question, so that no wake-up in between is missed.
            let idle = self.idle_wake.notified();
            if self.is_idle() && !self.is_writing() {
                break;
            }
            idle.await;
        }
        self.callbacks.drain().await
    }

    /// Whether nothing new is taken in.
    pub(crate) fn is_shut(&self) -> bool {
        self.shut.load(Ordering::Relaxed)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Whether all jobs ended and all outcomes are delivered.
    pub(crate) fn is_idle(&self) -> bool {
        lock(&self.machine).is_idle()
    }

    /// The host is gone.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.stop(Stopping::Closing);
        let desks = self.desks.iter().filter_map(OnceLock::get);
        desks.for_each(|desk| desk.wake.notify_one());
        if let Some(recorder) = &self.recorder {
            recorder.close();
        }
    }
}
