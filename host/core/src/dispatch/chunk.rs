//! Chunks: jobs that run one after the other on one slot, in one store as long as they
//! return results.
//!
//! A chunk is to the machine what a job is: it is queued, runs, is paused, cancelled and
//! refused as a whole, and has no outcome. Each of its jobs has its own, as soon as it is
//! over; one that is to be tried again becomes a job of its own, with attempts in stores of
//! their own.

use super::course::{attempt_order, begin_line, judge, tell_restart};
use super::hub::Hub;
use super::live::LoopId;
use super::nest::Nest;
use super::order::Order;
use super::relay;
use crate::sandbox::{AttemptEnd, ChunkSession, Receipt, Watch};
use crate::task::{Event, Happened, JobOptions, OptionsError, Step};
use std::collections::VecDeque;
use std::time::Duration;

/// The jobs of a chunk that are still to run, in order.
pub(crate) struct Chunk(pub(super) VecDeque<Order>);

impl Chunk {
    pub(super) fn take(&mut self) -> VecDeque<Order> {
        std::mem::take(&mut self.0)
    }
}

/// Whether jobs with these options can be in a chunk.
pub(crate) fn check_chunk(options: &JobOptions) -> Result<(), OptionsError> {
    let wrong = |key, what: &str| {
        let why = format!("{what}, and cannot be in a chunk");
        Err(OptionsError::Wrong { key, why })
    };
    if options.spread.parallel {
        return wrong("parallel", "the job is many jobs");
    }
    if options.singleton.is_some() {
        return wrong("singleton", "the job is one at a time");
    }
    if let Some((key, _)) = options.pipeline.stages().next() {
        return wrong(key, "the job has a slot for its stages");
    }
    if options.pipeline.flatten {
        return wrong("flatten", "the job has a slot for its stages");
    }
    if options.finally.is_some() {
        return wrong("finally", "the job has a slot for what comes after it");
    }
    Ok(())
}

/// Runs the jobs of a chunk. Those that it does not come to are stopped.
pub(super) async fn run_chunk(
    hub: &Hub,
    jobs: VecDeque<Order>,
    at: LoopId,
    nest: &Nest,
    watch: &mut Watch,
) {
    let mut session = ChunkSession::default();
    for mut job in jobs {
        let pulse = &watch.pulse;
        // A drain lets running attempts end, and starts nothing.
        if pulse.is_cancelled() || pulse.is_asked() || hub.is_stopping() {
            let outcome = job.stopped(pulse.cause().reason());
            hub.over_in_chunk(job, outcome);
            continue;
        }
        run_job(hub, job, at, &mut session, nest, watch).await;
        if relay::turn_is_over() {
            tokio::task::yield_now().await;
        }
    }
}

async fn run_job(
    hub: &Hub,
    mut job: Order,
    at: LoopId,
    session: &mut ChunkSession,
    nest: &Nest,
    watch: &mut Watch,
) {
    job.tell_started();
    let retry = job.options.retry;
    job.task.next(Event::Started, &retry);
    job.tell(|| Happened::Started { slot: nest.slot() });
    begin_line(&job, watch);
    hub.mark(at, &job);
    let end = match job.plugin.worker() {
        // What it submitted would belong to the chunk, and outlive it.
        Ok(worker) => session.run(attempt_order(&job, worker, false), watch).await,
        Err(error) => AttemptEnd::internal(&error, job.data(), Receipt::default()),
    };
    watch.line.end();
    let pause = match judge(&mut job, &end, &retry, watch) {
        Step::Finish(over) => {
            let stopped = watch.pulse.cause().reason();
            let outcome = job.outcome(end, over, stopped);
            return hub.over_in_chunk(job, outcome);
        }
        Step::Again | Step::Run | Step::Nothing => Duration::ZERO,
        Step::Wait(pause) => pause,
    };
    if let Some(events) = job.events() {
        watch.pulse.or_cancelled(events.room()).await;
    }
    tell_restart(&job, job.task.attempts(), &end, pause);
    let at_once = job.is_virtual();
    hub.carry(&mut job, end, pause);
    let pause = if at_once { Duration::ZERO } else { pause };
    hub.leave_chunk(job, pause);
}

#[cfg(test)]
mod tests {
    use super::super::dispatcher::{Capacity, Dispatcher};
    use super::super::events::{Event, HighWater, Stopping, Target};
    use super::super::lanes::Facts;

    fn machine() -> Dispatcher<u64> {
        Dispatcher::new(Capacity {
            slots: 1,
            is_borrowing: false,
            live: 1,
            running_max: &[],
            high_water: HighWater::default(),
            is_gated: false,
        })
    }

    fn postponed(number: u64) -> Event<u64> {
        let facts = Facts {
            number,
            bytes: 1,
            special: None,
        };
        Event::Postponed {
            facts,
            payload: number,
        }
    }

    // J26
    #[test]
    fn a_postponed_job_counts_and_starts_when_its_time_has_come() {
        let mut machine = machine();
        assert!(machine.handle(postponed(7)).start.is_none());
        assert!(!machine.is_idle());
        assert!(!machine.is_live(&Target::Numbers(7..8)));
        let actions = machine.handle(Event::Due { number: 7 });
        assert_eq!(actions.start.map(|start| start.payload), Some(7));
        assert!(machine.is_live(&Target::Numbers(0..8)));
    }

    // J26 W17
    #[test]
    fn a_postponed_job_is_refused_by_a_host_that_stops() {
        let mut machine = machine();
        machine.handle(Event::Stop(Stopping::Draining));
        let mut actions = machine.handle(postponed(7));
        let refused = actions.take_rest().map_or(0, |rest| rest.refused.len());
        assert_eq!(refused, 1);
    }
}
