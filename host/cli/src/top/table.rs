//! The three tables of `top`, made of a look: live attempts by their slots, jobs that
//! wait, groups. Filtered, sorted, and escaped; who draws them only cuts them to a width.

use super::words::{doing, escaped, said, seconds};
use crate::grid::{Column, Grid, Layout};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use wodehost::board::{LineNow, Look, QueuedNow, Snapshot, Standing};
use wodehost::units::grouped;

/// Slots that have a row although nothing runs on them.
const SLOTS_MAX: u32 = 500;

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Slots and live attempts.
    Attempts,
    /// Jobs that wait.
    Queue,
    /// Groups of jobs.
    Groups,
}

impl Tab {
    /// All of them, from the left.
    pub(crate) const ALL: [Tab; 3] = [Tab::Attempts, Tab::Queue, Tab::Groups];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tab::Attempts => "Attempts",
            Tab::Queue => "Queue",
            Tab::Groups => "Groups",
        }
    }

    /// What it can be sorted by; the first is the order that things have by themselves.
    pub(crate) fn sorts(self) -> &'static [&'static str] {
        match self {
            Tab::Attempts => &["slot", "time", "worker", "depth", "group"],
            Tab::Queue => &["order", "priority", "worker", "attempts", "group"],
            Tab::Groups => &["name", "live", "queued"],
        }
    }

    fn columns(self) -> &'static [Column] {
        match self {
            Tab::Attempts => ATTEMPTS,
            Tab::Queue => QUEUE,
            Tab::Groups => GROUPS,
        }
    }
}

const ATTEMPTS: &[Column] = &[
    Column::number("SLOT", 0),
    Column::text("JOB", 0),
    Column::text("WORKER", 1),
    Column::number("TRY", 4),
    Column::text("DOING", 2),
    Column::number("FOR", 3),
    Column::number("DEPTH", 6),
    Column::text("GROUP", 5),
    Column::text("SAYS", 0),
];

const QUEUE: &[Column] = &[
    Column::text("JOB", 0),
    Column::text("WORKER", 1),
    Column::number("TRIED", 3),
    Column::number("PRIORITY", 4),
    Column::number("DEPTH", 5),
    Column::text("STATE", 2),
    Column::text("GROUP", 0),
];

const GROUPS: &[Column] = &[
    Column::number("LIVE", 0),
    Column::number("QUEUED", 0),
    Column::text("GROUP", 0),
];

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A slot on which nothing runs, or jobs without a group.
    Nothing(String),
    /// A job.
    Job {
        /// Its id.
        id: String,
        /// Its worker, escaped.
        worker: String,
        /// It stands still.
        is_paused: bool,
    },
    /// A group.
    Group(String),
}

impl Target {
    /// Whether it is the same after another look.
    pub(crate) fn is_same(&self, other: &Target) -> bool {
        match (self, other) {
            (Target::Job { id, .. }, Target::Job { id: other, .. }) => id == other,
            (one, other) => one == other,
        }
    }

    /// Whether it is a certain job.
    pub(crate) fn is_job(&self, wanted: &str) -> bool {
        matches!(self, Target::Job { id, .. } if id == wanted)
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// What it is about.
    pub(crate) target: Target,
    /// How it looks; its cells say so, too.
    pub(crate) look: Look,
    /// Nothing is being done on it.
    pub(crate) is_idle: bool,
    /// Texts, one for each column, escaped.
    cells: Vec<String>,
}

impl Row {
    fn has(&self, filter: &str) -> bool {
        let mut cells = self.cells.iter();
        filter.is_empty() || cells.any(|cell| cell.to_lowercase().contains(filter))
    }
}

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Its rows, from the top.
    pub(crate) rows: Vec<Row>,
    /// How many there are without the filter.
    pub(crate) all: usize,
    grid: Grid,
}

impl Table {
    /// Makes a table of a look.
    pub(crate) fn of(snapshot: &Snapshot, tab: Tab, sort: usize, filter: &str) -> Table {
        let mut rows = match tab {
            Tab::Attempts => attempts(snapshot, sort),
            Tab::Queue => queue(snapshot, sort),
            Tab::Groups => groups(snapshot, sort),
        };
        let all = rows.len();
        let filter = filter.to_lowercase();
        rows.retain(|row| row.has(&filter));
        let cells = rows.iter().map(|row| row.cells.as_slice());
        let grid = Grid::of(tab.columns(), cells);
        Table { rows, all, grid }
    }

    /// Which columns there is room for, and how wide they are.
    pub(crate) fn layout(&self, room: usize) -> Layout {
        self.grid.layout(room)
    }

    /// The line above the rows.
    pub(crate) fn head(&self, layout: &Layout) -> String {
        self.grid.head(layout)
    }

    /// A row as a line.
    pub(crate) fn row(&self, row: &Row, layout: &Layout) -> String {
        self.grid.line(&row.cells, layout)
    }
}

fn group_of(group: Option<&str>) -> String {
    group.map_or_else(|| "-".to_owned(), escaped)
}

/// Those without a group come last.
fn by_group(one: Option<&String>, other: Option<&String>) -> Ordering {
    (one.is_none(), one).cmp(&(other.is_none(), other))
}

fn attempts(snapshot: &Snapshot, sort: usize) -> Vec<Row> {
    let mut lines: Vec<&LineNow> = snapshot.lines.iter().collect();
    match sort {
        1 => lines.sort_by_key(|line| Reverse(line.running_ms)),
        2 => lines.sort_by(|a, b| a.worker.cmp(&b.worker)),
        3 => lines.sort_by_key(|line| Reverse(line.depth)),
        4 => lines.sort_by(|a, b| by_group(a.group.as_ref(), b.group.as_ref())),
        _ => {
            // Slots on which nothing runs stand among the others.
            let mut rows = Vec::new();
            let slotted = lines.iter().filter(|line| line.slot.is_some());
            let mut slotted = slotted.peekable();
            for slot in 1..=snapshot.slots.min(SLOTS_MAX) {
                match slotted.next_if(|line| line.slot == Some(slot)) {
                    Some(line) => rows.push(attempt(line)),
                    None => rows.push(idle(slot, snapshot.gate.is_some())),
                }
            }
            rows.extend(slotted.map(|line| attempt(line)));
            let others = lines.iter().filter(|line| line.slot.is_none());
            rows.extend(others.map(|line| attempt(line)));
            return rows;
        }
    }
    lines.into_iter().map(attempt).collect()
}

fn attempt(line: &LineNow) -> Row {
    let slot = line.slot.map_or_else(|| "-".to_owned(), |s| s.to_string());
    let worker = escaped(&line.worker);
    Row {
        cells: vec![
            slot,
            escaped(&line.job),
            worker.clone(),
            line.attempt.to_string(),
            doing(line.standing),
            seconds(line.running_ms),
            line.depth.to_string(),
            group_of(line.group.as_deref()),
            said(&line.said),
        ],
        target: Target::Job {
            id: line.job.clone(),
            worker,
            is_paused: line.standing == Standing::Paused,
        },
        look: line.said.look,
        is_idle: matches!(
            line.standing,
            Standing::WaitsForJobs(_) | Standing::WaitsForSlot | Standing::Paused
        ),
    }
}

fn idle(slot: u32, is_held: bool) -> Row {
    let mut cells = vec![String::new(); Tab::Attempts.columns().len()];
    cells[0] = slot.to_string();
    cells[1].push('-');
    cells[4].push_str(if is_held { "gate" } else { "idle" });
    Row {
        target: Target::Nothing(format!("slot {slot}")),
        look: Look::Normal,
        is_idle: true,
        cells,
    }
}

fn queue(snapshot: &Snapshot, sort: usize) -> Vec<Row> {
    let mut jobs: Vec<&QueuedNow> = snapshot.queue.first.iter().collect();
    match sort {
        1 => jobs.sort_by_key(|job| Reverse(job.priority)),
        2 => jobs.sort_by(|a, b| a.worker.cmp(&b.worker)),
        3 => jobs.sort_by_key(|job| Reverse(job.attempts)),
        4 => jobs.sort_by(|a, b| by_group(a.group.as_ref(), b.group.as_ref())),
        _ => (),
    }
    jobs.into_iter().map(queued).collect()
}

fn queued(job: &QueuedNow) -> Row {
    let worker = escaped(&job.worker);
    let state = if job.is_paused { "paused" } else { "waits" };
    Row {
        cells: vec![
            escaped(&job.job),
            worker.clone(),
            job.attempts.to_string(),
            job.priority.to_string(),
            job.depth.to_string(),
            state.to_owned(),
            group_of(job.group.as_deref()),
        ],
        target: Target::Job {
            id: job.job.clone(),
            worker,
            is_paused: job.is_paused,
        },
        look: Look::Normal,
        is_idle: job.is_paused,
    }
}

fn groups(snapshot: &Snapshot, sort: usize) -> Vec<Row> {
    let mut counts: BTreeMap<Option<&str>, (u64, u64)> = BTreeMap::new();
    for line in &snapshot.lines {
        counts.entry(line.group.as_deref()).or_default().0 += 1;
    }
    for job in &snapshot.queue.first {
        counts.entry(job.group.as_deref()).or_default().1 += 1;
    }
    // Of a queue that is longer than what was asked for, not all is known.
    let is_part = snapshot.queue.queued > snapshot.queue.first.len() as u64;
    let more = if is_part { "+" } else { "" };
    let mut counts: Vec<_> = counts.into_iter().collect();
    match sort {
        1 => counts.sort_by_key(|(_, (live, _))| Reverse(*live)),
        2 => counts.sort_by_key(|(_, (_, queued))| Reverse(*queued)),
        _ => (),
    }
    let row = |(group, (live, queued)): (Option<&str>, (u64, u64))| Row {
        cells: vec![
            grouped(live),
            format!("{}{more}", grouped(queued)),
            group.map_or_else(|| "(no group)".to_owned(), escaped),
        ],
        target: group.map_or_else(
            || Target::Nothing("no group".to_owned()),
            |group| Target::Group(group.to_owned()),
        ),
        look: Look::Normal,
        is_idle: live == 0,
    };
    counts.into_iter().map(row).collect()
}
