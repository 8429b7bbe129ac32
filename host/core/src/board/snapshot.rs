//! What a host is doing at one moment: plain data, without anything that is the host's.

use super::said::{Change, Said};
use crate::task::Tally;
use serde::{Deserialize, Serialize};

/// What a host is doing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The host's name.
    pub host: String,
    /// How many attempts may run at the same time.
    pub slots: u32,
    /// The live attempts: by their slots, then those without one, those that began first in
    /// front.
    pub lines: Vec<LineNow>,
    /// What waits.
    pub queue: QueueNow,
    /// How the jobs ended that are over.
    pub tally: Tally,
    /// The producer of a run.
    pub producer: Option<ResidentNow>,
    /// The consumer of a run.
    pub consumer: Option<ResidentNow>,
    /// The gate that holds jobs back.
    pub gate: Option<String>,
    /// The host is being stopped.
    pub is_stopping: bool,
    /// What stood on lines since the last look, the oldest first. Of one line the last few;
    /// each is told once, to whoever looks first.
    pub changes: Vec<LineChange>,
}

/// Which line of the board it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowId {
    /// The producer's.
    Producer,
    /// That of a slot.
    Slot(u32),
    /// That of an attempt without a slot, by its job.
    Job(String),
    /// The consumer's.
    Consumer,
}

/// A change, and the line that it was on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineChange {
    /// Which line.
    pub row: RowId,
    /// What changed.
    pub change: Change,
    /// Changes of this line before it that were left out.
    pub left_out: u64,
}

/// A live attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineNow {
    /// Its slot, from 1; none while it is lent, or where it needs none.
    pub slot: Option<u32>,
    /// The job's id.
    pub job: String,
    /// The worker's name.
    pub worker: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// How long it has been running, milliseconds.
    pub running_ms: u64,
    /// What it is doing.
    pub standing: Standing,
    /// How deep its job is nested; 0 = no other job submitted it.
    pub depth: u16,
    /// The job's group.
    pub group: Option<String>,
    /// What the guest wrote.
    pub said: Said,
}

/// What a live attempt is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It runs.
    Running,
    /// It waits for so many jobs that it submitted.
    WaitsForJobs(u32),
    /// What it waited for has come; it waits for a slot.
    WaitsForSlot,
    /// It is paused.
    Paused,
    /// Its attempts are over; stages or `finally` of its job run.
    Afterwards,
}

/// The jobs that wait.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct QueueNow {
    /// Jobs that wait for a slot.
    pub queued: u64,
    /// Jobs between two attempts, that wait for their time.
    pub delayed: u64,
    /// Paused jobs that have no live attempt.
    pub paused: u64,
    /// Jobs and outcomes that count against the high-water mark.
    pub load_jobs: u64,
    /// Their bytes.
    pub load_bytes: u64,
    /// The queue is full: the producer waits.
    pub is_full: bool,
    /// The first of those that wait, as many as were asked for.
    pub first: Vec<QueuedNow>,
}

/// A job that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuedNow {
    /// Its id.
    pub job: String,
    /// The worker's name.
    pub worker: String,
    /// Attempts so far.
    pub attempts: u32,
    /// Its priority.
    pub priority: i32,
    /// Its group.
    pub group: Option<String>,
    /// How deep it is nested.
    pub depth: u16,
    /// It is paused.
    pub is_paused: bool,
}

/// A producer or a consumer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResidentNow {
    /// The plugin's name.
    pub plugin: String,
    /// Jobs that came of it, or outcomes that it took.
    pub count: u64,
    /// What it is doing.
    pub standing: ResidentStanding,
    /// What the guest wrote.
    pub said: Said,
}

/// What a producer or a consumer is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResidentStanding {
    /// A call of it runs.
    Working,
    /// A call of it has been running for so many milliseconds: a producer that waits for
    /// something to do, a consumer that takes its time.
    WorkingFor(u64),
    /// It waits for something to do.
    Waiting,
    /// It waits for room in the queue.
    QueueFull,
    /// It will not be called again.
    Done,
}

/// More about one live attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// What the board shows of it.
    pub line: LineNow,
    /// Restarts that are left; none = without end.
    pub retries_left: Option<u32>,
    /// What it has used of its limits, as of its last call or tick.
    pub used: Vec<Use>,
    /// The last lines that it logged, the oldest first.
    pub log: Vec<LogLine>,
    /// The last that it wrote to stdout, not escaped.
    pub stdout: String,
    /// The last that it wrote to stderr, not escaped.
    pub stderr: String,
    /// The carried state as JSON, cut.
    pub state: String,
}

/// How much of a limit is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The limit's key, such as `memory`.
    pub limit: String,
    /// Whole percent.
    pub percent: u8,
    /// What was used and the limit, as people write them: `12 MiB of 128 MiB`.
    pub amount: String,
}

/// A line that a guest logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `error`, `warn`, `info` or `debug`.
    pub level: String,
    /// The text, not escaped.
    pub text: String,
}
