//! A job on its way to a slot, and how it becomes an outcome.

use super::chunk::Chunk;
use super::completion::Promise;
use super::family::Crib;
use super::gathering::Gathering;
use super::lanes::{Facts, Special};
use super::singleton::SingletonKey;
use crate::job::JobId;
use crate::plugin::Plugin;
use crate::sandbox::{AttemptEnd, Emitted};
use crate::task::{
    Earlier, Event, EventSender, Happened, JobEvent, JobOptions, Outcome, Over, PipelineOn, Reason,
    Receipts, Recorded, Status, TaskState,
};
use crate::value::Value;
use std::sync::Arc;
use std::time::Duration;

/// A job on its way to a slot.
pub(crate) struct Order {
    pub(crate) id: JobId,
    pub(crate) plugin: Plugin,
    pub(crate) value: Value,
    pub(crate) options: Arc<JobOptions>,
    pub(crate) sink: Sink,
    pub(crate) task: TaskState,
    /// What most jobs do not have.
    pub(crate) more: Option<Box<More>>,
}

/// What most jobs do not have.
#[derive(Default)]
pub(crate) struct More {
    /// The carried state, after the first attempt.
    pub(crate) data: Option<Value>,
    /// Receipts of the attempts so far.
    pub(crate) receipts: Receipts,
    /// How they ended.
    pub(crate) earlier: Vec<Earlier>,
    /// The outcome of the attempts, while stages or `finally` wait for a slot.
    pub(crate) over: Option<Outcome>,
    /// Held until the job is over.
    pub(crate) key: Option<SingletonKey>,
    /// Time of the attempts so far, and of the pauses behind them, by the virtual clock.
    pub(crate) elapsed_nanos: u64,
    /// How deep it is nested.
    pub(crate) depth: u16,
    /// How many fences came after its first one, where there is a store.
    pub(crate) fences: u32,
    /// It comes from an earlier host.
    pub(crate) is_recovered: bool,
    /// It is part of another job, which is not there.
    pub(crate) is_part: bool,
    pub(crate) events: Option<EventSender>,
}

/// Who gets the outcome.
pub(crate) enum Sink {
    /// The consumer of the run.
    Consumer,
    /// Whoever holds the job's handle, if anybody still does.
    Handle(Promise),
    /// The parallel job that it is an item of, with its place in it.
    Item(Box<(Arc<Gathering>, usize)>),
    /// The job that submitted it.
    Child(Box<Crib>),
    /// Nobody: it is a chunk, which has these jobs run one after the other.
    Chunk(Box<Chunk>),
}

/// What is on its way to the consumer.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are outcomes, and none is to cost an allocation"
)]
pub(crate) enum Delivery {
    /// An outcome, with the value that the job was given.
    Outcome { job: Value, outcome: Outcome },
    /// A value that a job emitted.
    Emitted(Emitted),
}

impl Delivery {
    /// The job that it is of.
    pub(crate) fn job(&self) -> JobId {
        match self {
            Delivery::Outcome { outcome, .. } => outcome.id,
            Delivery::Emitted(emitted) => emitted.job,
        }
    }

    /// What it counts against the high-water mark.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = match self {
            Delivery::Outcome { job, outcome } => job.len() + outcome.data.len(),
            Delivery::Emitted(emitted) => emitted.value.len(),
        };
        bytes as u64
    }
}

impl Order {
    /// What the scheduling machine has to know.
    /// `bounded` = its worker's place among those with a bound of their own.
    pub(crate) fn facts(&self, bounded: Option<u32>) -> Facts {
        let (priority, group) = (self.options.priority, &self.options.group);
        let (depth, slotless) = (self.depth(), self.options.slotless);
        let is_special =
            priority != 0 || bounded.is_some() || group.is_some() || depth > 0 || slotless;
        let special = is_special.then(|| {
            Box::new(Special {
                priority,
                bounded,
                comes_again: false,
                group: group.clone(),
                depth,
                slotless,
            })
        });
        Facts {
            number: self.id.number,
            bytes: self.value.len() as u64,
            special,
        }
    }

    /// The same for a job whose attempts are over: it is none of its worker's any more.
    pub(crate) fn facts_again(&self) -> Facts {
        let mut facts = self.facts(None);
        let special = facts.special.get_or_insert_default();
        special.comes_again = true;
        facts
    }

    pub(crate) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// How deep it is nested.
    pub(crate) fn depth(&self) -> u16 {
        self.more.as_ref().map_or(0, |more| more.depth)
    }

    /// What its writes have to name, where there is a store.
    pub(crate) fn fence(&self) -> u32 {
        1 + self.more.as_ref().map_or(0, |more| more.fences)
    }

    /// Whether a store may have children of it that are not over.
    pub(super) fn may_have_children(&self, outcome: &Outcome) -> bool {
        let is_recovered = self.more.as_ref().is_some_and(|more| more.is_recovered);
        is_recovered || outcome.receipts.iter().any(|receipt| receipt.submitted > 0)
    }

    pub(crate) fn events(&self) -> Option<&EventSender> {
        self.more.as_ref()?.events.as_ref()
    }

    /// Tells what happened to whoever listens.
    pub(crate) fn tell(&self, what: impl FnOnce() -> Happened) {
        if let Some(events) = self.events() {
            events.tell(self.event(what()));
        }
    }

    /// Tells who waits for it that the job has started.
    pub(crate) fn tell_started(&self) {
        match &self.sink {
            Sink::Handle(promise) => promise.started(),
            Sink::Item(item) => item.0.started(),
            Sink::Consumer | Sink::Child(_) | Sink::Chunk(_) => {}
        }
    }

    /// Whether what it emits is for the consumer of a run: who gets its outcome, or that of
    /// the parallel job that it is an item of.
    pub(crate) fn is_for_consumer(&self) -> bool {
        match &self.sink {
            Sink::Consumer => true,
            Sink::Item(item) => item.0.is_for_consumer,
            Sink::Handle(_) | Sink::Child(_) | Sink::Chunk(_) => false,
        }
    }

    fn event(&self, what: Happened) -> JobEvent {
        JobEvent {
            job: self.id,
            attempt: self.task.attempts(),
            what,
        }
    }

    /// The carried state.
    pub(crate) fn data(&self) -> Value {
        let carried = self.more.as_ref().and_then(|more| more.data.clone());
        carried.unwrap_or_else(Value::empty_map)
    }

    /// What the job begins with where attempts are deterministic. Unless somebody said
    /// it, it follows from what the job is, and not from when it came.
    pub(super) fn recorded(&self) -> Option<Recorded> {
        let host = self.plugin.profile().recorded()?;
        let (base, is_own) = match self.options.recorded {
            Some(said) => (said, !matches!(self.sink, Sink::Item(_))),
            None => (host.of_worker(self.plugin.name()), false),
        };
        if is_own {
            return Some(base);
        }
        Some(base.of_job(self.value.as_bytes()))
    }

    /// Whether its time is virtual, and pauses pass at once.
    pub(crate) fn is_virtual(&self) -> bool {
        self.plugin.profile().recorded().is_some()
    }

    /// The same for its next attempt.
    pub(crate) fn attempt_recorded(&self) -> Option<Recorded> {
        let job = self.recorded()?;
        let elapsed = self.more.as_ref().map_or(0, |more| more.elapsed_nanos);
        Some(job.of_attempt(self.task.attempts(), elapsed))
    }

    /// The jitter of the pause behind its latest attempt, where it is deterministic.
    pub(crate) fn jitter(&self) -> Option<u32> {
        Some(self.recorded()?.jitter(self.task.attempts()))
    }

    /// The same for what else runs for the job.
    pub(crate) fn recorded_for(&self, what: &str) -> Option<Recorded> {
        Some(self.recorded()?.derived(what, &[]))
    }

    /// Keeps what the next attempt needs of the one that ended, `pause` before it.
    pub(crate) fn carry(&mut self, end: AttemptEnd, pause: Duration) {
        let attempt = self.task.attempts();
        let more = self.more();
        let passed = Duration::from_nanos(end.receipt.wall_nanos).saturating_add(pause);
        let passed = u64::try_from(passed.as_nanos()).unwrap_or(u64::MAX);
        more.elapsed_nanos = more.elapsed_nanos.saturating_add(passed);
        more.data = Some(end.state);
        more.receipts.push(end.receipt);
        let latest = Earlier {
            attempt,
            reason: end.ending.reason,
            message: end.ending.message,
            stdout: end.stdout,
            stderr: end.stderr,
            log: end.log,
        };
        Earlier::keep(&mut more.earlier, latest);
    }

    /// The outcome of a job whose last attempt ended; `stopped` = the reason of one that
    /// was.
    pub(crate) fn outcome(&mut self, end: AttemptEnd, over: Over, stopped: Reason) -> Outcome {
        let ending = end.ending;
        let (mut receipts, earlier) = self.left();
        receipts.push(end.receipt);
        let (status, reason, data) = match over {
            Over::Stopped => (Status::Cancelled, stopped, None),
            Over::Final | Over::NoneLeft | Over::SameTrap => {
                (ending.status, ending.reason, ending.data)
            }
        };
        Outcome {
            id: self.id,
            worker: self.plugin.shared_name().clone(),
            status,
            reason,
            // Without a value of its own the last carried state stands.
            data: data.unwrap_or(end.state),
            attempts: self.task.attempts(),
            message: with_note(ending.message, ending.reason, over),
            stdout: end.stdout,
            stderr: end.stderr,
            log: end.log,
            earlier,
            backtrace: ending.backtrace,
            receipts,
            items: Vec::new(),
            finally_error: None,
        }
    }

    /// What the attempts so far left.
    fn left(&mut self) -> (Receipts, Vec<Earlier>) {
        let left = self.more.as_mut().map(|more| {
            let receipts = std::mem::take(&mut more.receipts);
            (receipts, std::mem::take(&mut more.earlier))
        });
        left.unwrap_or_default()
    }

    /// The outcome of a job that was stopped between two attempts, or before the first.
    pub(crate) fn stopped(&mut self, reason: Reason) -> Outcome {
        let options = self.options.clone();
        self.task.next(Event::Cancelled, &options.retry);
        let attempts = self.task.attempts();
        let worker = self.plugin.shared_name().clone();
        if attempts == 0 {
            let message = Some("stopped before it started".to_owned());
            return Outcome::without_attempt(self.id, worker, reason, message);
        }
        let (receipts, earlier) = self.left();
        Outcome {
            attempts,
            data: self.data(),
            receipts,
            earlier,
            ..Outcome::without_attempt(self.id, worker, reason, None)
        }
    }

    /// Whether its stages are to run after this outcome.
    pub(crate) fn wants_stages(&self, outcome: &Outcome) -> bool {
        let pipeline = &self.options.pipeline;
        // A job that was turned away left nothing to work on.
        let has_data = outcome.attempts > 0 || outcome.is_success();
        !pipeline.is_empty()
            && has_data
            && match outcome.status {
                Status::Success | Status::Mixed => true,
                Status::Cancelled | Status::Rejected => false,
                Status::Failure | Status::Timeout | Status::Unspecified => {
                    pipeline.on == PipelineOn::Any
                }
            }
    }
}

/// What a person has to know about an end besides its own message.
fn with_note(message: Option<String>, reason: Reason, over: Over) -> Option<String> {
    let note = match (over, reason) {
        (Over::NoneLeft, Reason::RestartAsked) => "none is left",
        (Over::Final | Over::Stopped | Over::NoneLeft, _) => return message,
        (Over::SameTrap, _) => {
            "not tried again: the same trap twice with the same state (give a number of `retries` to try anyway)"
        }
    };
    Some(message.map_or(note.to_owned(), |text| format!("{text}; {note}")))
}
