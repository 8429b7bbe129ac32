//! The course of a job on a loop: its attempts, its stages, its `finally`.

use super::chunk::run_chunk;
use super::hub::{Hub, Worker};
use super::live::LoopId;
use super::nest::Nest;
use super::order::{Order, Sink};
use super::place::Place;
use super::stages::run_stages;
use crate::board::Begins;
use crate::plugin::WorkerExports;
use crate::sandbox::{AttemptEnd, AttemptOrder, Receipt, Watch, run};
use crate::task::{
    End, Event, Happened, JobEvent, JobOptions, Outcome, Reason, Retry, Status, Step,
};
use crate::value::{OUTCOME_KEY, Value};
use std::sync::Arc;
use std::time::Duration;

/// The tracing target of what happens between attempts.
pub(super) const TARGET: &str = "wodehost::task";

/// How the course of a job on a loop ended.
pub(crate) enum Course {
    /// The job is over.
    Over(Outcome),
    /// It comes back for another attempt after this time.
    Later(Duration),
    /// It needs a slot for another attempt: the last one ended without.
    Again,
    /// It needs a slot for what comes after its attempts.
    Afterwards(Outcome),
}

/// Goes the course of a job.
pub(crate) async fn pursue(
    hub: &Hub,
    order: &mut Order,
    at: LoopId,
    nest: &Nest,
    watch: &mut Watch,
) -> Course {
    watch.place = order.id.number;
    if let Sink::Chunk(chunk) = &mut order.sink {
        run_chunk(hub, chunk.take(), at, nest, watch).await;
        return Course::Over(order.stopped(Reason::Cancelled));
    }
    let over = order.more.as_mut().and_then(|more| more.over.take());
    let mut outcome = match over {
        Some(outcome) => outcome,
        None => match attempts(hub, order, at, nest, watch).await {
            Ok(outcome) => outcome,
            Err(course) => return course,
        },
    };
    if order.options.has_afterwards() {
        if nest.is_lent() {
            return Course::Afterwards(outcome);
        }
        outcome = afterwards(hub, order, outcome, at, watch).await;
    }
    Course::Over(outcome)
}

/// Makes attempts until one is the last, or the next one has to wait.
async fn attempts(
    hub: &Hub,
    order: &mut Order,
    at: LoopId,
    nest: &Nest,
    watch: &mut Watch,
) -> Result<Outcome, Course> {
    order.tell_started();
    let retry = order.options.retry;
    // For one that was delayed: its time has come, as it is here.
    order.task.next(Event::Due, &retry);
    loop {
        order.task.next(Event::Started, &retry);
        order.tell(|| Happened::Started { slot: nest.slot() });
        begin_line(order, watch);
        hub.mark(at, order);
        let end = attempt(order, watch).await;
        watch.line.end();
        let number = order.task.attempts();
        let pause = match judge(order, &end, &retry, watch) {
            Step::Finish(over) => {
                let stopped = watch.pulse.cause().reason();
                return Ok(order.outcome(end, over, stopped));
            }
            Step::Again | Step::Run | Step::Nothing => Duration::ZERO,
            Step::Wait(pause) => pause,
        };
        if let Some(events) = order.events() {
            // A cancel ends the waiting; the job is over then.
            watch.pulse.or_cancelled(events.room()).await;
        }
        tell_restart(order, number, &end, pause);
        hub.carry(order, end, pause);
        if order.is_virtual() {
            // Its time has come at once.
            order.task.next(Event::Due, &retry);
        } else if !pause.is_zero() {
            return Err(Course::Later(pause));
        }
        if nest.is_lent() {
            return Err(Course::Again);
        }
        // A job that is tried without end must not keep its thread.
        tokio::task::yield_now().await;
        if watch.pulse.is_cancelled() {
            return Ok(order.stopped(watch.pulse.cause().reason()));
        }
    }
}

/// An attempt of a job begins on the loop's line of the board.
pub(super) fn begin_line(order: &Order, watch: &Watch) {
    let line = &watch.line;
    line.begin(Begins {
        place: watch.place,
        job: order.id,
        attempt: order.task.attempts(),
        worker: order.plugin.shared_name(),
        retries_left: order.task.retries_left(&order.options.retry),
        began: watch.pulse.now(),
    });
    if let Some(data) = order.more.as_ref().and_then(|more| more.data.as_ref()) {
        line.state(data);
    }
}

pub(super) fn judge(order: &mut Order, end: &AttemptEnd, retry: &Retry, watch: &Watch) -> Step {
    let ending = &end.ending;
    let jitter = match retry.backoff {
        // Without randomness pauses are the longest, and all alike.
        Some(_) => order
            .jitter()
            .unwrap_or_else(|| getrandom::u32().unwrap_or(u32::MAX)),
        None => 0,
    };
    let before = order.more.as_ref().and_then(|more| more.data.as_ref());
    let state_changed = end.state != *before.unwrap_or(&Value::empty_map());
    let end = End {
        reason: ending.reason,
        place: ending.place,
        // What others leave is as good as another state.
        may_differ: state_changed || ending.is_contended,
        jitter,
        is_stopped: watch.pulse.is_cancelled() || watch.pulse.is_asked(),
    };
    order.task.next(Event::Ended(end), retry)
}

pub(super) fn tell_restart(order: &Order, attempt: u32, end: &AttemptEnd, pause: Duration) {
    let ending = &end.ending;
    tracing::info!(target: TARGET, job = %order.id, attempt, worker = order.plugin.name(),
        reason = %ending.reason, "started again: {}",
        ending.message.as_deref().unwrap_or_default());
    if let Some(events) = order.events() {
        events.tell(JobEvent {
            job: order.id,
            attempt,
            what: Happened::Restarted {
                reason: ending.reason,
                message: ending.message.clone(),
                pause,
            },
        });
    }
}

async fn attempt(order: &Order, watch: &mut Watch) -> AttemptEnd {
    let worker = match order.plugin.worker() {
        Ok(worker) => worker,
        // Workers are checked when the host is built.
        Err(error) => return AttemptEnd::internal(&error, order.data(), Receipt::default()),
    };
    run(attempt_order(order, worker, true), watch).await
}

/// The next attempt of a job.
pub(super) fn attempt_order<'a>(
    order: &'a Order,
    worker: &'a WorkerExports,
    may_submit: bool,
) -> AttemptOrder<'a> {
    AttemptOrder {
        plugin: &order.plugin,
        worker,
        options: &order.options,
        job: order.id,
        attempt: order.task.attempts(),
        fence: order.fence(),
        retries_left: order.task.retries_left(&order.options.retry),
        recorded: order.attempt_recorded(),
        value: &order.value,
        data: order.data(),
        events: order.events().cloned(),
        is_for_consumer: order.is_for_consumer(),
        may_submit,
    }
}

/// What comes when the attempts are over.
async fn afterwards(
    hub: &Hub,
    order: &Order,
    mut outcome: Outcome,
    at: LoopId,
    watch: &mut Watch,
) -> Outcome {
    hub.attempts_over(at);
    if order.wants_stages(&outcome) {
        outcome = run_stages(hub, order, outcome, watch).await;
    }
    if let Some(name) = &order.options.finally {
        outcome.finally_error = finally(hub, order, name, &outcome, at, watch).await;
        if let Some(error) = &outcome.finally_error
            && hub.may_warn()
        {
            tracing::warn!(target: TARGET, job = %order.id, worker = &**name,
                "the `finally` worker did not succeed: {error}");
        }
    }
    outcome
}

/// Hands the outcome to the worker that is to get it in any case: what went wrong.
async fn finally(
    hub: &Hub,
    order: &Order,
    name: &str,
    outcome: &Outcome,
    at: LoopId,
    watch: &mut Watch,
) -> Option<String> {
    // Whoever stopped the job did not mean this.
    if !hub.shield(at) {
        return Some(NOT_RUN.to_owned());
    }
    let Some(Worker {
        plugin,
        options,
        bounded,
        ..
    }) = hub.workers.get(name)
    else {
        return Some(hub.no_such_worker(name));
    };
    let _place = match bounded {
        None => None,
        Some(bounded) => match Place::take(hub, *bounded, &watch.pulse).await {
            None => return Some(NOT_RUN.to_owned()),
            place => place,
        },
    };
    let worker = match plugin.worker() {
        Ok(worker) => worker,
        Err(error) => return Some(error.to_string()),
    };
    let options = JobOptions {
        env: order.options.env.clone(),
        group: order.options.group.clone(),
        ..JobOptions::of_limits(options.limits.clone())
    };
    let value = Value::map([(OUTCOME_KEY, outcome.to_value())]);
    let attempt = AttemptOrder {
        plugin,
        worker,
        options: &Arc::new(options),
        job: order.id,
        attempt: 1,
        fence: 0,
        retries_left: Some(0),
        recorded: order.recorded_for("finally"),
        value: &value,
        data: Value::empty_map(),
        events: None,
        is_for_consumer: false,
        may_submit: false,
    };
    let ending = run(attempt, watch).await.ending;
    (ending.status != Status::Success).then(|| ending.in_words())
}

/// Why a `finally` did not run.
pub(super) const NOT_RUN: &str = "it was not run: the host was closed";

/// A job whose stages are cut off is a cancelled job.
pub(super) fn cut_off(outcome: &mut Outcome) {
    outcome.status = Status::Cancelled;
    outcome.reason = Reason::Cancelled;
}
