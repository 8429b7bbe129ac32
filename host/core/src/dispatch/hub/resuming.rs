//! What a store had of earlier hosts goes on: suspects alone, outcomes that nobody took, jobs
//! that are not over.

use super::{Hub, Worker, lock};
use crate::dispatch::admission::Refusal;
use crate::dispatch::completion::{Awaited, Completion, Promise};
use crate::dispatch::events::Event;
use crate::dispatch::family::Family;
use crate::dispatch::gathering::Gathering;
use crate::dispatch::order::{Delivery, Order, Sink};
use crate::dispatch::recorder::Recorder;
use crate::dispatch::recovery::{is_root, outcome_of, with_earlier};
use crate::job::JobId;
use crate::store::{Broken, Claims, Entry, StoreError, TARGET};
use crate::task::{JobOptions, Outcome, Reason, TaskState};
use crate::value::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Jobs and outcomes that are fetched at once.
const PAGE: usize = 256;

impl Hub {
    /// Runs the suspects of the host's stream, one at a time and nothing else.
    pub(crate) async fn run_suspects(&self) -> Result<(), StoreError> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        let suspects = recorder.ledger.read(|reader| reader.suspects())?;
        let ours = |entry: &Entry| {
            entry.job.stream == recorder.stream
                && is_root(entry)
                && self.workers.contains_key(&entry.job.worker)
        };
        recorder.is_alone.store(true, Ordering::Relaxed);
        for suspect in suspects.into_iter().filter(ours) {
            if self.is_shut() {
                break;
            }
            let number = suspect.job.number;
            tracing::info!(target: TARGET, job = %self.id_of(number),
                "its host died while it ran; it runs alone now");
            let claimed = recorder.claim(Claims::One(number)).await;
            for entry in claimed.map_err(|Broken(error)| error)? {
                let completion = self.completion_of(&entry);
                let promise = Promise::new(completion.clone()).recorded(true);
                self.go_on(recorder, &entry, Sink::Handle(promise), true)?;
                completion.wait(Awaited::End, None).await;
            }
        }
        recorder.is_alone.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// A run goes on: the consumer gets what it has not taken, then what is not over goes on. All
    /// of it waits where the consumer is behind.
    pub(in crate::dispatch) async fn resume_run(&self) -> Result<(), StoreError> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        self.run_suspects().await?;
        let mut after = None;
        while self.has_room().await {
            let page = recorder
                .ledger
                .read(|reader| reader.undelivered(&recorder.stream, after, PAGE))?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.done().map(|done| (done.ended_ms, last.job.number));
            for entry in page {
                let outcome = recorder.ledger.read(|reader| outcome_of(reader, &entry))?;
                if let Some(outcome) = outcome {
                    self.deliver_again(entry.job.value, outcome);
                }
            }
        }
        let mut homeless = Vec::new();
        while self.has_room().await {
            let stream = recorder.stream.clone();
            let claimed = recorder.claim(Claims::Next { stream, most: PAGE }).await;
            let claimed = claimed.map_err(|Broken(error)| error)?;
            if claimed.is_empty() {
                break;
            }
            for entry in claimed {
                if self.workers.contains_key(&entry.job.worker) {
                    self.go_on(recorder, &entry, Sink::Consumer, false)?;
                } else {
                    homeless.push(entry);
                }
            }
        }
        if let Some(one) = homeless.first() {
            tracing::warn!(target: TARGET,
                "{} unfinished jobs stay in the store: {}",
                homeless.len(), self.no_such_worker(&one.job.worker));
        }
        for entry in homeless {
            recorder.release_entry(&entry);
        }
        Ok(())
    }

    /// Waits until more may come; false when nothing more is taken.
    async fn has_room(&self) -> bool {
        while !self.is_shut() {
            if !self.is_held() {
                return true;
            }
            self.producer_wake.notified().await;
        }
        false
    }

    fn deliver_again(&self, job: Value, outcome: Outcome) {
        let number = outcome.id.number;
        self.note(&outcome);
        let delivery = Delivery::Outcome { job, outcome };
        let bytes = delivery.bytes();
        self.handle(Event::Opened { number, bytes }, None);
        self.deliver(delivery);
    }

    /// A job that was claimed goes on.
    pub(in crate::dispatch) fn go_on(
        &self,
        recorder: &Recorder,
        entry: &Entry,
        sink: Sink,
        is_alone: bool,
    ) -> Result<(), StoreError> {
        let Some(worker) = self.workers.get(&entry.job.worker) else {
            return Ok(());
        };
        let (order, items) = self.order_of(recorder, worker, entry, sink, is_alone)?;
        self.set_going(recorder, (order, items), entry, worker.bounded)
    }

    /// The order of a job that an earlier host had is on its way again, with what it submitted
    /// or was spread over. It starts when what was written before is kept.
    fn set_going(
        &self,
        recorder: &Recorder,
        (order, items): (Order, Result<Option<Vec<Value>>, Refusal>),
        entry: &Entry,
        bounded: Option<u32>,
    ) -> Result<(), StoreError> {
        let number = order.id.number;
        if items.is_ok() {
            recorder.runs_under(&order, entry);
        }
        let children = recorder.ledger.read(|reader| reader.children(number))?;
        match items {
            Err(refusal) => self.turn_away(order, refusal),
            Ok(Some(items)) => self.spread(order, items, bounded, children),
            Ok(None) => {
                self.remember_children(recorder, order.id, children)?;
                self.submit_kept(order, bounded);
            }
        }
        Ok(())
    }

    /// An item of a parallel job that an earlier host had.
    pub(in crate::dispatch) fn go_on_with_item(
        &self,
        (gathering, index): (&Arc<Gathering>, usize),
        options: &Arc<JobOptions>,
        bounded: Option<u32>,
        entry: Entry,
    ) {
        let (Some(recorder), Some(worker)) = (&self.recorder, self.workers.get(&entry.job.worker))
        else {
            return;
        };
        let number = entry.job.number;
        let outcome = recorder.ledger.read(|reader| outcome_of(reader, &entry));
        let sink = || Sink::Item(Box::new((gathering.clone(), index)));
        let (order, failed) = match outcome {
            Ok(Some(outcome)) => return self.gather_in((gathering.clone(), index), outcome),
            Ok(None) => {
                let entry = claimed(entry);
                match self.order_of(recorder, worker, &entry, sink(), false) {
                    Ok((order, _)) => (Some((order, entry)), None),
                    Err(error) => (None, Some(error)),
                }
            }
            Err(error) => (None, Some(error)),
        };
        if let Some((mut order, entry)) = order {
            order.options = options.clone();
            recorder.claim_known(number);
            recorder.runs_under(&order, &entry);
            return self.submit_kept(order, bounded);
        }
        let worker = worker.plugin.shared_name().clone();
        let why = failed.map(|error| error.to_string());
        let id = self.id_of(number);
        let outcome = Outcome::without_attempt(id, worker, Reason::Internal, why);
        self.gather_in((gathering.clone(), index), outcome);
    }

    /// A child that an earlier host had goes on, as its parent submitted it again.
    pub(in crate::dispatch) fn go_on_child(
        &self,
        entry: Entry,
        sink: Sink,
        depth: u16,
    ) -> Result<(), StoreError> {
        let (Some(recorder), Some(worker)) = (&self.recorder, self.workers.get(&entry.job.worker))
        else {
            return Ok(());
        };
        let entry = claimed(entry);
        let (mut order, items) = self.order_of(recorder, worker, &entry, sink, false)?;
        order.more().depth = depth;
        recorder.claim_known(entry.job.number);
        self.set_going(recorder, (order, items), &entry, worker.bounded)
    }

    /// Another job takes the name of this child, which an earlier host may have had.
    pub(in crate::dispatch) fn replace_child(&self, child: JobId, asleep: Option<Entry>) {
        let Some(recorder) = &self.recorder else {
            return;
        };
        recorder.replaced(child);
        if let Some(entry) = asleep {
            let worker = entry.job.worker.clone();
            let message = Some("its parent submitted another job in its place".to_owned());
            let outcome = Outcome::without_attempt(child, worker, Reason::Cancelled, message);
            recorder.end_asleep(&entry, outcome);
        }
    }

    /// The order of a job that an earlier host had, and its items where it is parallel.
    #[expect(
        clippy::type_complexity,
        reason = "two answers, of which one may be refused"
    )]
    fn order_of(
        &self,
        recorder: &Recorder,
        worker: &Worker,
        entry: &Entry,
        sink: Sink,
        is_alone: bool,
    ) -> Result<(Order, Result<Option<Vec<Value>>, Refusal>), StoreError> {
        let job = &entry.job;
        let options = options_of(worker, entry);
        let (options, refusal) = match options {
            Ok(options) => (options, None),
            Err(error) => {
                let refusal = Refusal::new(Reason::BadOptions, error.to_string());
                (worker.options.clone(), Some(refusal))
            }
        };
        let is_item = is_alone && job.parent.is_some();
        let mut options = if is_item {
            Arc::new(options.of_item())
        } else {
            options
        };
        // A child is in the group of its parent.
        if options.group != job.group {
            Arc::make_mut(&mut options).group.clone_from(&job.group);
        }
        let items = options.spread.parallel.then(|| items_of(entry, &options));
        let singleton = options.singleton.as_ref();
        let held = recorder.take_key(job.number);
        let key = held.or_else(|| self.singletons.take(singleton?));
        let mut order = Order {
            id: self.id_of(job.number),
            plugin: worker.plugin.clone(),
            value: job.value.clone(),
            options,
            sink,
            task: TaskState::recovered(entry.attempts, entry.lost),
            more: None,
        };
        let more = order.more();
        more.data.clone_from(&entry.carried);
        more.fences = entry.fence.saturating_sub(1);
        more.is_recovered = true;
        more.is_part = is_item;
        more.key = key;
        recorder
            .ledger
            .read(|reader| with_earlier(reader, entry, &mut order))?;
        Ok((order, refusal.map_or(Ok(items), Err)))
    }

    /// The jobs that a job submitted are there for its next attempt.
    fn remember_children(
        &self,
        recorder: &Recorder,
        parent: JobId,
        children: Vec<Entry>,
    ) -> Result<(), StoreError> {
        if children.is_empty() {
            return Ok(());
        }
        let family = Family::default();
        for entry in children {
            let outcome = recorder.ledger.read(|reader| outcome_of(reader, &entry))?;
            let said = &entry.job.said;
            let said = (!said.is_nil()).then_some(said);
            let arguments = arguments_of(&entry);
            let said = self.sayings.of_job(&entry.job.worker, &arguments, said);
            family.recall(self.id_of(entry.job.number), said, outcome, entry);
        }
        lock(&self.families).insert(parent.number, Arc::new(family));
        Ok(())
    }

    /// The id of a job of the store.
    pub(crate) fn id_of(&self, number: u64) -> JobId {
        JobId {
            host: self.id,
            number,
        }
    }

    fn completion_of(&self, entry: &Entry) -> Arc<Completion> {
        let id = self.id_of(entry.job.number);
        let worker = entry.job.worker.clone();
        Arc::new(Completion::new(id, worker, self.callbacks.clone()))
    }

    /// A job with a key that an earlier host had: its outcome, or that it goes on for `promise`.
    pub(crate) fn go_on_keyed(
        &self,
        recorder: &Recorder,
        entry: Entry,
    ) -> Result<Arc<Completion>, StoreError> {
        let outcome = recorder.ledger.read(|reader| outcome_of(reader, &entry))?;
        if let Some(outcome) = outcome {
            return Ok(Arc::new(Completion::of(outcome)));
        }
        let completion = self.completion_of(&entry);
        let promise = Promise::new(completion.clone()).recorded(true);
        recorder.claim_known(entry.job.number);
        self.go_on(recorder, &claimed(entry), Sink::Handle(promise), false)?;
        Ok(completion)
    }
}

/// What a queued job will be when the claim that is under way is kept.
fn claimed(mut entry: Entry) -> Entry {
    entry.fence += 1;
    entry
}

/// The options of a job: those of its worker, with what was said when it was submitted.
fn options_of(
    worker: &Worker,
    entry: &Entry,
) -> Result<Arc<JobOptions>, crate::task::OptionsError> {
    let said = &entry.job.said;
    let base = match entry.job.parent {
        Some(_) => &worker.nested,
        None => &worker.options,
    };
    // A program says all of them.
    if let Some(mut all) = said.elements()
        && let Some(all) = all.next()
    {
        return JobOptions::of_value(&all).map(Arc::new);
    }
    let mut options = base.clone();
    if !said.is_nil() {
        Arc::make_mut(&mut options).tighten_nested(said)?;
    }
    Ok(options)
}

/// The arguments of a job, as they were given.
fn arguments_of(entry: &Entry) -> Vec<Value> {
    match entry.job.arity {
        0 => Vec::new(),
        1 => vec![entry.job.value.clone()],
        _ => entry.job.value.elements().into_iter().flatten().collect(),
    }
}

/// What a parallel job becomes.
fn items_of(entry: &Entry, options: &JobOptions) -> Vec<Value> {
    if options.spread.unwrap {
        return entry.job.value.elements().into_iter().flatten().collect();
    }
    arguments_of(entry)
}
