//! What a hub shows to whoever looks at its host. Nothing of it is done for those who do
//! not look, and a look holds the machine for as long as it takes to note who is live.

use super::{Desk, Hub, lock};
use crate::board::{
    Detail, Line, LineChange, LineNow, QueueNow, QueuedNow, ResidentStanding, RowId, Runs,
    Snapshot, Use,
};
use crate::dispatch::look::LiveNow;
use crate::dispatch::seat::Seats;
use crate::job::JobId;
use crate::limits::{Limit, Limits};
use crate::units::INFINITE;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The ends of stdout and stderr that a detail shows.
const PRINTED_BYTES_MAX: usize = 2 << 10;

/// Characters of a carried state that a detail shows.
const STATE_CHARS_MAX: usize = 4000;

impl Hub {
    /// What the host is doing now, with the first of the jobs that wait.
    pub(crate) fn look(&self, queued_max: usize) -> Snapshot {
        let gate = self.shut_gate().map(|gate| gate.to_string());
        let (lives, queue) = {
            let machine = lock(&self.machine);
            let first = machine.first_waiting(queued_max);
            let first = first.map(|(facts, order, is_paused)| QueuedNow {
                job: order.id.to_string(),
                worker: order.plugin.name().to_owned(),
                attempts: order.task.attempts(),
                priority: facts.priority(),
                group: facts.group().map(ToString::to_string),
                depth: facts.depth(),
                is_paused,
            });
            let queue = QueueNow {
                first: first.collect(),
                ..machine.queue_now()
            };
            (machine.live_now(), queue)
        };
        let (now, Seats { producer, consumer }) = (Instant::now(), self.seats());
        let producer_waits = queue.is_full.then_some(ResidentStanding::QueueFull);
        let consumer_waits = lock(&self.deliveries).is_empty();
        let consumer_waits = consumer_waits.then_some(ResidentStanding::Waiting);
        Snapshot {
            host: self.name.to_string(),
            slots: u32::try_from(self.slots).unwrap_or(u32::MAX),
            lines: lives
                .iter()
                .filter_map(|live| self.line_now(live))
                .collect(),
            queue,
            tally: self.tally(),
            producer: producer.map(|seat| seat.look(producer_waits, now)),
            consumer: consumer.map(|seat| seat.look(consumer_waits, now)),
            gate,
            is_stopping: self.is_stopping(),
            changes: Vec::new(),
        }
    }

    /// The line of a live attempt. None for one that begins or ends just now.
    fn line_now(&self, live: &LiveNow) -> Option<LineNow> {
        let desk = self.desks.get(live.at.0)?.get()?;
        let (runs, said) = desk.line.read(live.number)?;
        let running = desk.pulse.now().saturating_sub(runs.began);
        Some(LineNow {
            slot: live.slot,
            job: runs.job.to_string(),
            worker: runs.worker.to_string(),
            attempt: runs.attempt,
            running_ms: running / 1_000_000,
            standing: live.standing,
            depth: live.depth,
            group: live.group.as_ref().map(ToString::to_string),
            said,
        })
    }

    /// What was written on lines since the last time.
    pub(crate) fn take_changes(&self) -> Vec<LineChange> {
        let mut changes = Vec::new();
        let mut take = |line: &Line, row: &dyn Fn(&str) -> RowId, plugin: &str| {
            let (taken, mut left_out) = line.take_changes();
            for mut change in taken {
                if change.worker.is_empty() {
                    plugin.clone_into(&mut change.worker);
                }
                changes.push(LineChange {
                    row: row(&change.job),
                    change,
                    left_out: std::mem::take(&mut left_out),
                });
            }
        };
        let Seats { producer, consumer } = self.seats();
        if let Some(seat) = producer {
            take(seat.line(), &|_| RowId::Producer, seat.plugin());
        }
        for desk in self.desks.iter().filter_map(|desk| desk.get()) {
            let row = |job: &str| match desk.nest.slot.load(Ordering::Relaxed) {
                0 => RowId::Job(job.to_owned()),
                slot => RowId::Slot(slot),
            };
            take(&desk.line, &row, "");
        }
        if let Some(seat) = consumer {
            take(seat.line(), &|_| RowId::Consumer, seat.plugin());
        }
        changes
    }

    /// More about a live attempt; none when its job has none.
    pub(crate) fn detail(&self, job: JobId) -> Option<Detail> {
        let (found, runs) = self.find(job)?;
        let line = self.line_now(&found)?;
        let desk = self.desks.get(found.at.0)?.get()?;
        let (written, (stdout, stderr)) = desk.line.written(PRINTED_BYTES_MAX);
        let limits = self.limits_of(&line.worker);
        let used = limits.map_or_else(Vec::new, |limits| {
            let told = written.used.iter().flatten();
            let told = told.filter_map(|(limit, used)| Some((*limit, (*used)?)));
            times(desk, &line)
                .into_iter()
                .chain(told)
                .filter(|(limit, _)| limits.get(*limit) != INFINITE)
                .map(|(limit, used)| in_words(&limits, limit, used))
                .collect()
        });
        let state = written.state.map(|state| state.to_json());
        Some(Detail {
            line,
            retries_left: runs.retries_left,
            used,
            log: written.log.into(),
            stdout,
            stderr,
            state: cut(state.unwrap_or_else(|| "{}".to_owned())),
        })
    }

    /// The live attempt of a job.
    fn find(&self, job: JobId) -> Option<(LiveNow, Runs)> {
        let lives = lock(&self.machine).live_now();
        lives.into_iter().find_map(|live| {
            let desk = self.desks.get(live.at.0)?.get()?;
            let (runs, _) = desk.line.read(live.number)?;
            (runs.job == job).then_some((live, runs))
        })
    }

    /// The numbers by which the machine knows a job: its own, with those of its items, or
    /// that of the chunk which has it run now.
    pub(super) fn numbers_behind(&self, job: JobId) -> Range<u64> {
        let own = self.numbers_of(job.number);
        match self.find(job) {
            Some((live, _)) if !own.contains(&live.number) => live.number..live.number + 1,
            Some(_) | None => own,
        }
    }

    /// The limits for jobs of a worker that say nothing.
    fn limits_of(&self, worker: &str) -> Option<Arc<Limits>> {
        let worker = self.workers.get(worker)?;
        Some(worker.options.limits.clone())
    }

    /// Who takes part in the run from now on.
    pub(crate) fn seat(&self, seats: Seats) {
        *lock(&self.seats) = seats;
    }

    /// Who takes part in the run, or did in the last one.
    pub(crate) fn seats(&self) -> Seats {
        lock(&self.seats).clone()
    }
}

/// How much of the limits on time is used, nanoseconds.
fn times(desk: &Desk, line: &LineNow) -> [(Limit, u64); 2] {
    let pulse = &desk.pulse;
    let silent = if pulse.is_held() || pulse.is_paused() {
        0
    } else {
        pulse.now().saturating_sub(pulse.last_sign())
    };
    let running = line.running_ms.saturating_mul(1_000_000);
    [(Limit::Keepalive, silent), (Limit::Deadline, running)]
}

fn in_words(limits: &Limits, limit: Limit, used: u64) -> Use {
    let unit = limit.info().unit;
    let amount = format!("{} of {}", unit.about(used), unit.about(limits.get(limit)));
    Use {
        limit: limit.info().key.to_owned(),
        percent: limits.percent(limit, used),
        amount,
    }
}

fn cut(mut text: String) -> String {
    if text.len() > STATE_CHARS_MAX {
        text.truncate(text.floor_char_boundary(STATE_CHARS_MAX));
        text.push('…');
    }
    text
}
