//! What happens to a job, as it happens: for whoever asked for it when the job was
//! submitted.
//!
//! The stream has a bound. A value that a guest emits waits for a place in it: the
//! guest is held meanwhile, and its keepalive stands still; so does a job before it is
//! started again. New states are left out while it is full, because a later one says
//! more; everything else is kept. Whoever asked for events has to take them, or drop
//! them: then nobody waits any more.

use super::status::{Reason, Status};
use crate::job::JobId;
use crate::value::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Events that may wait for whoever listens.
pub(crate) const WAITING_MAX: usize = 1024;

/// Bytes of the values in them.
pub(crate) const WAITING_BYTES_MAX: usize = 16 << 20;

/// Something that happened to a job or, where it is parallel, to one of its items.
#[derive(Debug, Clone)]
pub struct JobEvent {
    /// The job or item.
    pub job: JobId,
    /// The attempt that it happened in; 0 = before the first one.
    pub attempt: u32,
    /// What happened.
    pub what: Happened,
}

/// What happened to a job.
#[derive(Debug, Clone)]
pub enum Happened {
    /// It was taken in and waits for a slot.
    Queued,
    /// A gate holds it back, and what comes behind it.
    Held {
        /// The gate's name.
        gate: Arc<str>,
    },
    /// The attempt begins.
    Started {
        /// The slot that it runs on, from 1; none for a job that needs none.
        slot: Option<u32>,
    },
    /// The guest replaced the carried state.
    State(Value),
    /// The attempt ended, and there will be another one.
    Restarted {
        /// How the attempt ended.
        reason: Reason,
        /// The sentence for people.
        message: Option<String>,
        /// The pause before the next one; zero = at once.
        pause: Duration,
    },
    /// The guest emitted a value, the attempt's `seq`th, counted from 1.
    Emitted {
        /// Its number in the attempt.
        seq: u64,
        /// The value.
        value: Value,
    },
    /// The job is over: the last event.
    Finished {
        /// How it ended.
        status: Status,
        /// Why.
        reason: Reason,
    },
}

/// The events of a job, in order; ends behind [`Happened::Finished`] of the job itself.
/// Where several jobs have one stream, see [`job_events`], each of them is in order, and the
/// stream ends when all are over and no [`EventSender`] is left.
#[derive(Debug)]
pub struct JobEvents(Arc<Channel>);

/// Where events go in; the stream ends when the last of its clones is dropped.
#[derive(Debug, Clone)]
pub struct EventSender(Arc<Tail>);

#[derive(Debug)]
struct Tail(Arc<Channel>);

#[derive(Debug, Default)]
struct Channel {
    queue: Mutex<Queue>,
    /// Something came, or nothing more will.
    came: Notify,
    /// There is room again.
    room: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<JobEvent>,
    /// Of the values in them.
    bytes: usize,
    /// Nobody listens any more.
    is_abandoned: bool,
    /// Nobody speaks any more.
    has_ended: bool,
    /// Somebody waits for room.
    is_awaited: bool,
}

impl Queue {
    fn push(&mut self, event: JobEvent) {
        self.bytes += event.bytes();
        self.events.push_back(event);
    }

    fn pop(&mut self) -> Option<JobEvent> {
        let event = self.events.pop_front()?;
        self.bytes -= event.bytes();
        Some(event)
    }

    fn has_room(&self) -> bool {
        let fits = self.events.len() < WAITING_MAX && self.bytes < WAITING_BYTES_MAX;
        fits || self.is_abandoned
    }

    fn is_half_empty(&self) -> bool {
        self.events.len() <= WAITING_MAX / 2 && self.bytes <= WAITING_BYTES_MAX / 2
    }
}

impl JobEvent {
    fn bytes(&self) -> usize {
        match &self.what {
            Happened::State(value) | Happened::Emitted { value, .. } => value.len(),
            Happened::Queued
            | Happened::Held { .. }
            | Happened::Started { .. }
            | Happened::Restarted { .. }
            | Happened::Finished { .. } => 0,
        }
    }
}

/// A stream for the events of many jobs, which [`Job::events_to`](crate::Job::events_to)
/// sends there. They share its bound, so that no more is in memory than for one job.
#[must_use]
pub fn job_events() -> (EventSender, JobEvents) {
    let channel = Arc::new(Channel::default());
    (
        EventSender(Arc::new(Tail(channel.clone()))),
        JobEvents(channel),
    )
}

impl Channel {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // It is changed in one step each.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobEvents {
    /// The next event; `None` = there is no more.
    pub async fn next(&mut self) -> Option<JobEvent> {
        loop {
            {
                let mut queue = self.0.queue();
                if let Some(event) = queue.pop() {
                    // Guests that wait are not woken for every single place.
                    if queue.is_half_empty() && std::mem::take(&mut queue.is_awaited) {
                        self.0.room.notify_waiters();
                    }
                    return Some(event);
                }
                if queue.has_ended {
                    return None;
                }
            }
            self.0.came.notified().await;
        }
    }
}

impl Drop for JobEvents {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.is_abandoned = true;
        queue.events.clear();
        queue.bytes = 0;
        drop(queue);
        self.0.room.notify_waiters();
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.0.queue().has_ended = true;
        self.0.came.notify_one();
    }
}

impl EventSender {
    /// Tells what must not be left out. Whoever can wait asks for [`EventSender::room`]
    /// first.
    pub(crate) fn tell(&self, event: JobEvent) {
        let channel = &self.0.0;
        let mut queue = channel.queue();
        if !queue.is_abandoned {
            queue.push(event);
            channel.came.notify_one();
        }
    }

    /// Tells what a later event of its kind replaces, if there is room.
    pub(crate) fn mention(&self, event: JobEvent) {
        if self.has_room() {
            self.tell(event);
        }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.0.0.queue().has_room()
    }

    /// Waits until there is room, or nobody listens any more.
    pub(crate) async fn room(&self) {
        loop {
            // Made before the look, so that no wake-up in between is missed.
            let room = self.0.0.room.notified();
            {
                let mut queue = self.0.0.queue();
                if queue.has_room() {
                    return;
                }
                queue.is_awaited = true;
            }
            room.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::HostId;

    fn emitted(seq: u64) -> JobEvent {
        JobEvent {
            job: JobId {
                host: HostId::from_random(0),
                number: 1,
            },
            attempt: 1,
            what: Happened::Emitted {
                seq,
                value: Value::nil(),
            },
        }
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().expect("a runtime");
        runtime.block_on(future)
    }

    // M41
    #[test]
    fn events_come_in_order_and_then_the_end() {
        block_on(async {
            let (sender, mut events) = job_events();
            let attempt = sender.clone();
            (1..=3).for_each(|seq| attempt.tell(emitted(seq)));
            drop((sender, attempt));
            for expected in 1..=3 {
                let event = events.next().await.expect("an event");
                assert!(matches!(event.what, Happened::Emitted { seq, .. } if seq == expected));
            }
            assert!(events.next().await.is_none());
        });
    }

    #[test]
    fn who_has_time_waits_for_room() {
        block_on(async {
            let (sender, mut events) = job_events();
            (0..WAITING_MAX as u64).for_each(|seq| sender.tell(emitted(seq)));
            sender.mention(emitted(9));
            let mut room = std::pin::pin!(sender.room());
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(room.as_mut().poll(&mut cx).is_pending());
            for _ in 0..WAITING_MAX / 2 {
                events.next().await;
            }
            room.await;
            drop(events);
            sender.room().await;
            sender.tell(emitted(10));
        });
    }
}
