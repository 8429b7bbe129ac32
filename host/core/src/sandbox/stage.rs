//! A stage of a pipeline: one attempt of a worker in one store, fed element by element.
//!
//! Each element refills fuel and keepalive; the deadline of an attempt holds for all
//! of them together. An element that declares success leaves its value, and the next
//! one gets a fresh store. Every other end is the end of the stage.

use super::attempt::{Watch, bounds};
use super::ending::{Ending, Returned};
use super::guard::{Bounds, Silence};
use super::session::Session;
use super::state::{AttemptState, Role};
use crate::job::JobId;
use crate::limits::{Limit, Limits};
use crate::plugin::{Plugin, WorkerExports};
use crate::task::{JobOptions, Reason, Recorded};
use crate::value::Value;
use std::sync::Arc;

/// What a stage belongs to.
#[derive(Clone)]
pub(crate) struct StageOf {
    pub(crate) job: JobId,
    /// `filter`, `sort-key` …: the stage's own process-name is `<job>/filter`.
    pub(crate) key: &'static str,
    pub(crate) options: Arc<JobOptions>,
    /// What it begins with where attempts are deterministic.
    pub(crate) recorded: Option<Recorded>,
}

/// See the module.
pub(crate) struct StageSession {
    session: Session,
    worker: WorkerExports,
    of: StageOf,
    /// When the stage got its first element, on the pulse's clock, and how long attempts
    /// had stood still by then.
    began: Option<(u64, u64)>,
}

impl StageSession {
    /// A stage that has not begun; its store is made with the first element.
    pub(crate) fn new(
        plugin: Plugin,
        limits: Arc<Limits>,
        worker: WorkerExports,
        of: StageOf,
    ) -> StageSession {
        StageSession {
            session: Session::new(plugin, limits),
            worker,
            of,
            began: None,
        }
    }

    /// Feeds one element: what the guest makes of it.
    pub(crate) async fn feed(
        &mut self,
        element: &[u8],
        watch: &mut Watch,
    ) -> Result<Value, Ending> {
        match self.called(element, watch).await {
            Ok(Ok(bytes)) => self.checked(bytes),
            Ok(Err(bytes)) => Err(self.raised(bytes)),
            // It declared the element's end; the store is gone.
            Err(ending) if ending.status.is_success() => Ok(ending.data.unwrap_or(Value::nil())),
            Err(ending) => Err(ending),
        }
    }

    /// Makes the store and sets the guest up, before there is an element.
    pub(crate) async fn prepare(&mut self, watch: &mut Watch) -> Result<(), Ending> {
        match self.opened(watch).await? {
            Ok(()) => Ok(()),
            Err(problem) => Err(self.raised(problem)),
        }
    }

    /// Makes the store where there is none; the inner error is what `set-up` gave.
    async fn opened(&mut self, watch: &mut Watch) -> Result<Result<(), Vec<u8>>, Ending> {
        if self.session.is_open() {
            return Ok(Ok(()));
        }
        let bounds = self.bounds(watch);
        self.session.open(self.role(watch), bounds, watch).await?;
        let Some(set_up) = self.worker.set_up else {
            return Ok(Ok(()));
        };
        let session = &mut self.session;
        let (answer,) = session.call(set_up, (), bounds, watch).await?;
        Ok(answer)
    }

    async fn called(&mut self, element: &[u8], watch: &mut Watch) -> Result<Returned, Ending> {
        if let Err(problem) = self.opened(watch).await? {
            return Ok(Err(problem));
        }
        let bounds = self.bounds(watch);
        let call = self
            .session
            .call::<_, (Returned,)>(self.worker.run, (element,), bounds, watch);
        let (returned,) = call.await?;
        Ok(returned)
    }

    /// The end that an error value means.
    fn raised(&mut self, bytes: Vec<u8>) -> Ending {
        self.session.close();
        // An exception in some languages ends so, with no value at all.
        if bytes.is_empty() {
            return Ending::new(Reason::Error, None);
        }
        match self.checked(bytes) {
            Ok(value) => Ending::new(Reason::Error, super::error_text(&value)),
            Err(ending) => ending,
        }
    }

    fn role(&self, watch: &Watch) -> Role {
        Role::Attempt(AttemptState {
            job: self.of.job,
            attempt: 1,
            fence: 0,
            recorded: self.of.recorded,
            name: Some(format!("{}/{}", self.of.job, self.of.key)),
            data: Value::empty_map(),
            options: self.of.options.clone(),
            retries_left: Some(0),
            events: None,
            is_for_consumer: false,
            emitted: 0,
            nesting: watch.nesting.clone(),
            may_submit: false,
            submitted: 0,
        })
    }

    /// The deadline runs from the first element on.
    fn bounds(&mut self, watch: &Watch) -> Bounds {
        let pulse = &watch.pulse;
        let began = || (pulse.now(), pulse.stood_still_nanos());
        let (since, stood_still) = *self.began.get_or_insert_with(began);
        Bounds {
            since: Some(since + (pulse.stood_still_nanos() - stood_still)),
            ..bounds(
                self.session.plugin().profile(),
                self.session.limits(),
                Silence::Always,
            )
        }
    }

    fn checked(&self, bytes: Vec<u8>) -> Result<Value, Ending> {
        let limits = self.session.limits().scan(Limit::Value);
        Value::check(bytes, &limits)
            .map_err(|error| Ending::of_bad_value(&error, "what it answered"))
    }
}

impl Drop for StageSession {
    fn drop(&mut self) {
        self.session.close();
    }
}
