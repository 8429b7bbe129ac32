//! What the attempt on a loop may ask of its host: to run other jobs for it.

use super::admission::{Refusal, Submission, checked_arguments};
use super::course::TARGET;
use super::emits::Entry;
use super::events::Why;
use super::family::{Child, Crib, Known, Name, Said};
use super::hub::{Hub, Worker};
use super::kin::{TreeLimit, TreeLimits};
use super::live::LoopId;
use super::order::Sink;
use super::recorder::Draft;
use super::relay;
use crate::job::JobId;
use crate::limits::{Limit, Limits};
use crate::sandbox::{Answer, Asked, Emitted, Nested, NestedError, Nesting, Pulse};
use crate::store;
use crate::task::{JobOptions, OptionsError, Reason};
use crate::value::{ScanLimits, Value, escape_for_people};
use std::future::poll_fn;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task::Poll;
use std::time::Duration;

/// The name of the limit on live attempts, as guests see it.
const LIVE: &str = "live";

/// See the module.
pub(crate) struct Nest {
    pub(super) hub: Weak<Hub>,
    pub(super) at: LoopId,
    pub(super) pulse: Arc<Pulse>,
    /// The attempt has no slot: it waits, or stands still.
    pub(super) is_lent: AtomicBool,
    /// The number of the slot that its attempt has; 0 = none.
    pub(super) slot: AtomicU32,
    /// The host is being stopped.
    pub(super) stopping: Arc<AtomicBool>,
    /// The host has a store.
    pub(super) is_recording: bool,
}

/// A child that is asked for.
struct Wanted<'h> {
    worker: &'h Worker,
    name: Name,
    said: Said,
    options: Arc<JobOptions>,
    arguments: Vec<Value>,
    /// The options as they were said.
    given: Option<Value>,
}

impl Nest {
    /// Waits until there is a slot again. When it takes longer than `at_most`, `too_long`
    /// has to see to it that one comes.
    async fn lent(&self, at_most: Option<Duration>, too_long: impl FnOnce()) {
        let came_back = poll_fn(|cx| {
            self.pulse.watch(cx.waker());
            if self.is_lent.load(Ordering::Acquire) {
                Poll::Pending
            } else {
                relay::goes_on();
                Poll::Ready(())
            }
        });
        let Some(at_most) = at_most else {
            return came_back.await;
        };
        let mut came_back = std::pin::pin!(came_back);
        let in_time = tokio::time::timeout(at_most, came_back.as_mut()).await;
        if in_time.is_err() {
            too_long();
            came_back.await;
        }
    }

    async fn submitted(&self, asked: Asked<'_>) -> Result<Nested, NestedError> {
        let hub = self.hub.upgrade().ok_or(NestedError::Closed)?;
        let (own_limits, timeout) = (asked.options.limits.clone(), asked.timeout);
        let parent = asked.parent.number;
        let wanted = Wanted::of(&hub, asked)?;
        let known = hub.known_family(parent);
        match known
            .as_ref()
            .map(|family| family.find(&wanted.name, wanted.said))
        {
            Some(Known::Same(nested)) => {
                let family = hub.family(parent);
                if let Some(entry) = family.wake(&wanted.name) {
                    let crib = Crib {
                        family,
                        parent,
                        name: wanted.name,
                        nested: nested.clone(),
                        asked_bytes: entry.job.value.len() as u64,
                        bytes_max: own_limits.get(Limit::Memory),
                    };
                    self.go_on(&hub, crib, entry, tree_limits(&own_limits))?;
                }
                return Ok(nested);
            }
            Some(Known::Other(Child { nested, .. })) => {
                hub.replace_child(nested.id, hub.family(parent).wake(&wanted.name));
                hub.cancel_job(nested.id.number, Why::Cancelled);
            }
            Some(Known::Nothing) | None => {}
        }
        if hub.is_cancelling() {
            return Err(NestedError::Closed);
        }
        if hub.has_no_place() {
            return Err(NestedError::Limit(LIVE.to_owned()));
        }
        let name = wanted.name.clone();
        let limits = tree_limits(&own_limits);
        let bytes_max = own_limits.get(Limit::Memory);
        let has_room = known
            .unwrap_or_default()
            .has_room(wanted.bytes(), bytes_max);
        if !has_room {
            return Err(NestedError::Limit(Limit::Memory.info().key.to_owned()));
        }
        let nested = self.take_in(&hub, parent, wanted, limits, bytes_max)?;
        // The parent may tell others of it as soon as it has the id.
        let kept = hub.until_kept().await;
        kept.map_err(|_| NestedError::Closed)?;
        let Some(timeout) = timeout else {
            return Ok(nested);
        };
        let failed = self.started(&hub, &nested, timeout).await.err();
        match failed {
            None => Ok(nested),
            Some(error) => {
                if let Some(family) = hub.known_family(parent) {
                    family.forget(&name, nested.id.number);
                }
                Err(error)
            }
        }
    }

    fn take_in(
        &self,
        hub: &Arc<Hub>,
        parent: u64,
        wanted: Wanted<'_>,
        limits: TreeLimits,
        bytes_max: u64,
    ) -> Result<Nested, NestedError> {
        let asked_bytes = wanted.bytes();
        let Wanted {
            worker,
            name,
            said,
            options,
            arguments,
            given,
        } = wanted;
        let its_name = name.clone();
        let submission = Submission {
            worker,
            arguments: Ok(arguments),
            each_checked: true,
            options,
            events: None,
            draft: Draft {
                said: given,
                ..Draft::default()
            },
        };
        let taken = hub.admit_with(submission, |id: JobId, numbers: Range<u64>| {
            let depth = hub.adopt(self.at, numbers, limits)?;
            let by = JobId {
                number: parent,
                ..id
            };
            tracing::debug!(target: TARGET, job = %id, worker = worker.plugin.name(), %by, depth,
                "submitted by a job");
            let nested = Nested {
                id,
                outcome: Arc::new(OnceLock::new()),
            };
            // Made here, where the machine knows that there are children, so that it will
            // tell when they are no longer of use.
            let family = hub.family(parent);
            family.add(name, said, nested.clone());
            family.ask(asked_bytes);
            let crib = Crib {
                family,
                parent,
                name: its_name,
                nested: nested.clone(),
                asked_bytes,
                bytes_max,
            };
            Ok((depth, Sink::Child(Box::new(crib)), nested))
        });
        taken.map_err(over_tree_limit)
    }

    /// A child that an earlier host had goes on.
    fn go_on(
        &self,
        hub: &Hub,
        crib: Crib,
        entry: store::Entry,
        limits: TreeLimits,
    ) -> Result<(), NestedError> {
        let numbers = entry.job.number..entry.job.number + entry.job.span;
        let depth = hub.adopt(self.at, numbers, limits);
        let depth = depth.map_err(over_tree_limit)?;
        crib.family.ask(crib.asked_bytes);
        let gone_on = hub.go_on_child(entry, Sink::Child(Box::new(crib)), depth);
        gone_on.map_err(|error| {
            tracing::error!(target: TARGET, "{error}");
            NestedError::Closed
        })
    }

    /// Waits until a child has started; one that has not in time is withdrawn.
    async fn started(
        &self,
        hub: &Arc<Hub>,
        nested: &Nested,
        timeout: Duration,
    ) -> Result<(), NestedError> {
        let number = nested.id.number;
        let mut is_withdrawn = false;
        if relay::hand_over(|| hub.wait_for_start(self, number)) {
            self.lent(Some(timeout), || is_withdrawn = hub.withdraw(number))
                .await;
        }
        if is_withdrawn {
            return Err(match hub.shut_gate() {
                Some(gate) => NestedError::Gate(gate.to_string()),
                None => NestedError::NoSlot,
            });
        }
        let has_no_place = |outcome: &crate::task::Outcome| {
            outcome.reason == Reason::NestedLimit && outcome.attempts == 0
        };
        if nested.outcome.get().is_some_and(has_no_place) {
            return Err(NestedError::Limit(LIVE.to_owned()));
        }
        Ok(())
    }
}

fn tree_limits(own: &Limits) -> TreeLimits {
    TreeLimits {
        depth: own.get(Limit::Depth),
        jobs: own.get(Limit::Tree),
    }
}

fn over_tree_limit(limit: TreeLimit) -> NestedError {
    let key = match limit {
        TreeLimit::Depth => Limit::Depth,
        TreeLimit::Jobs => Limit::Tree,
    };
    NestedError::Limit(key.info().key.to_owned())
}

impl<'h> Wanted<'h> {
    /// Bytes of what the child is asked to do.
    fn bytes(&self) -> u64 {
        self.arguments.iter().map(|value| value.len() as u64).sum()
    }

    /// Checks what an attempt asks for, in the order in which it is to hear of it.
    fn of(hub: &'h Hub, asked: Asked<'_>) -> Result<Wanted<'h>, NestedError> {
        let Asked {
            plugin,
            options: own,
            ordinal,
            recorded,
            dispatch,
            ..
        } = asked;
        let may_submit = |name: &str| plugin.name() == name || plugin.grants().may_submit(name);
        let not_permitted = |name: &str| {
            let name = escape_for_people(name, 80);
            NestedError::NotPermitted(format!("to submit to `{name}`; `allow.submit` grants it"))
        };
        if !may_submit(&dispatch.worker) {
            return Err(not_permitted(&dispatch.worker));
        }
        let Some(worker) = hub.workers.get(dispatch.worker.as_str()) else {
            return Err(NestedError::UnknownWorker(dispatch.worker));
        };
        let mut options = worker.nested.clone();
        let (mut key, mut said) = (None, None);
        if let Some(bytes) = dispatch.options {
            let bad = |error: String| NestedError::BadOptions(error);
            let given = Value::check(bytes, &ScanLimits::default())
                .map_err(|e| bad(format!("they are no value: {e}")))?;
            key = Arc::make_mut(&mut options)
                .tighten_nested(&given)
                .and_then(|key| hub.check_names(&options).map(|()| key))
                .map_err(|e: OptionsError| bad(e.to_string()))?;
            // Whoever may not submit to a worker may not make it a stage either.
            if let Some(other) = options.workers().find(|name| !may_submit(name)) {
                return Err(not_permitted(other));
            }
            said = Some(given);
        }
        if options.group.is_none() && own.group.is_some() {
            Arc::make_mut(&mut options).group.clone_from(&own.group);
        }
        if recorded.is_some() {
            Arc::make_mut(&mut options).recorded = recorded;
        }
        let arguments = checked_arguments(dispatch.args, &options.limits)
            .map_err(|Refusal { message, .. }| NestedError::BadValue(message))?;
        Ok(Wanted {
            worker,
            name: key.map_or(Name::Ordinal(ordinal), Name::Key),
            said: hub
                .sayings
                .of_job(&dispatch.worker, &arguments, said.as_ref()),
            options,
            arguments,
            given: said,
        })
    }
}

impl Nesting for Nest {
    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn submit<'a>(&'a self, asked: Asked<'a>) -> Answer<'a, Result<Nested, NestedError>> {
        Box::pin(self.submitted(asked))
    }

    fn wait<'a>(&'a self, jobs: &'a [u64], at_most: Option<Duration>) -> Answer<'a, ()> {
        Box::pin(async move {
            // Without a host nothing will come any more; the attempt is being cancelled.
            let Some(hub) = self.hub.upgrade() else {
                return;
            };
            if relay::hand_over(|| hub.wait_for_jobs(self, jobs)) {
                self.lent(at_most, || hub.back(self.at)).await;
            }
        })
    }

    fn cancel(&self, job: u64, grace: Option<Duration>) {
        if let Some(hub) = self.hub.upgrade() {
            hub.cancel_after(job, grace);
        }
    }

    fn pause(&self, job: u64, is_paused: bool) {
        if let Some(hub) = self.hub.upgrade() {
            hub.pause_child(job, is_paused);
        }
    }

    fn hand_on(&self, emitted: Emitted) -> Result<(), Emitted> {
        let Some(hub) = self.hub.upgrade() else {
            return Ok(());
        };
        match hub.emits.enter(emitted.value.len()) {
            Entry::Open => hub.emit(emitted),
            Entry::Full => return Err(emitted),
            Entry::Closed => {}
        }
        Ok(())
    }

    fn room(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            if let Some(hub) = self.hub.upgrade() {
                hub.emits.room().await;
            }
        })
    }

    fn keep(&self, job: JobId, fence: u32, state: Value) -> Option<Answer<'_, Result<(), String>>> {
        if !self.is_recording {
            return None;
        }
        let hub = self.hub.upgrade()?;
        Some(Box::pin(async move {
            let Some(recorder) = &hub.recorder else {
                return Ok(());
            };
            let kept = recorder.checkpoint(job.number, fence, state).await;
            kept.map_err(|error| error.to_string())
        }))
    }
}
