//! The board: what was seen goes in, rows and news come out. Pure: times come in as data.
//!
//! | event | what it changes |
//! |---|---|
//! | [`BoardEvent::Looked`] | rows, counts, rate; what guests wrote becomes news |
//! | [`BoardEvent::Source`] | how many jobs there will be |
//! | [`BoardEvent::Over`] | every row is done; what is left of the news may be taken |
//!
//! Whoever draws takes [`BoardModel::rows`] as often as it draws, and [`BoardModel::news`]
//! where it prints a line per change. No line is news twice: what stands on it has to
//! differ from what was told of it before, and where only the progress differs, a second
//! has to have passed.

use super::pace::{Pace, Rate, Source};
use super::said::{Change, Look, Progress, Said};
use super::snapshot::{
    LineChange, LineNow, ResidentNow, ResidentStanding, RowId, Snapshot, Standing,
};
use super::words::Words;
use crate::units::{Unit, grouped};
use crate::value::escape_for_people;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// Rows without a slot that are shown; the others are counted.
const SLOTLESS_MAX: usize = 8;

/// Slots that have a row; the others are counted.
const SLOTS_MAX: u32 = 500;

/// How long a change is highlighted.
const HIGHLIGHT: Duration = Duration::from_secs(1);

/// A row whose only change is its progress is no news before this time.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Below this, a call of a producer or consumer is not worth a word.
const CALL_MS: u64 = 200;

/// From when on it is told how long an attempt has been running.
const RUNNING_MS: u64 = 1000;

/// Characters of a name that are shown: whose line it is has to be seen, too.
const NAME_CHARS_MAX: usize = 40;

/// Characters of a text that are shown.
const TEXT_CHARS_MAX: usize = 1000;

/// What a board is told.
#[derive(Debug, Clone)]
pub enum BoardEvent {
    /// What a host is doing now.
    Looked(Box<Snapshot>),
    /// How far the input was read.
    Source(Source),
    /// The run is over.
    Over,
}

/// A row of the board. Texts are escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which one.
    pub id: RowId,
    /// What stands in front: `worker  1: `.
    pub prefix: String,
    /// What stands on it, the progress bar too.
    pub text: String,
    /// Where in `text` progress bar, standing and time begin: when a line is too long, what
    /// stands before them is cut.
    pub tail_at: usize,
    /// How it looks; the text says so, too.
    pub look: Look,
    /// Nothing is being done on it.
    pub is_idle: bool,
    /// It changed a moment ago.
    pub is_fresh: bool,
}

/// Something that a guest wrote on its line, or the end of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// The line as text, as on the board.
    pub row: Row,
    /// What was written, as it came.
    pub of: LineChange,
    /// The same was told before: it comes again because the line is done and is to stay.
    pub is_repeat: bool,
}

/// The board.
#[derive(Debug)]
pub struct BoardModel {
    words: Words,
    seen: Snapshot,
    source: Source,
    is_over: bool,
    at: Duration,
    /// When which row got its text.
    changed: HashMap<RowId, (Said, Duration)>,
    /// What was told last of which line, and when.
    told: HashMap<RowId, (String, Said, Duration)>,
    news: Vec<News>,
    rate: Rate,
    /// Slots on which something ran.
    used: BTreeSet<u32>,
}

impl BoardModel {
    /// A board on which nothing has happened.
    #[must_use]
    pub fn new(words: Words) -> BoardModel {
        BoardModel {
            words,
            seen: Snapshot::default(),
            source: Source::default(),
            is_over: false,
            at: Duration::ZERO,
            changed: HashMap::new(),
            told: HashMap::new(),
            news: Vec::new(),
            rate: Rate::default(),
            used: BTreeSet::new(),
        }
    }

    /// Takes an event; `at` = since the start of the run. A time that goes back counts as no
    /// time.
    pub fn take(&mut self, event: BoardEvent, at: Duration) {
        self.at = self.at.max(at);
        match event {
            BoardEvent::Looked(snapshot) => self.looked(*snapshot),
            BoardEvent::Source(source) => self.source = source,
            BoardEvent::Over => self.is_over = true,
        }
    }

    fn looked(&mut self, mut snapshot: Snapshot) {
        let at = self.at;
        for change in std::mem::take(&mut snapshot.changes) {
            self.note(change);
        }
        let mut before = std::mem::take(&mut self.changed);
        for (id, said) in Self::written(&snapshot) {
            let since = match before.remove(&id) {
                Some((before, since)) if !is_other(&before, &said) => since,
                Some(_) | None => at,
            };
            self.changed.insert(id, (said, since));
        }
        // Lines without a slot are never the same ones again.
        let changed = &self.changed;
        self.told
            .retain(|id, _| !matches!(id, RowId::Job(_)) || changed.contains_key(id));
        let done = snapshot.tally.total() - snapshot.tally.cancelled;
        self.rate.take(at, done);
        let busy = snapshot.lines.iter().filter_map(|line| line.slot);
        self.used.extend(busy.filter(|slot| *slot <= SLOTS_MAX));
        self.seen = snapshot;
    }

    /// What guests wrote, by row.
    fn written(snapshot: &Snapshot) -> Vec<(RowId, Said)> {
        let lines = snapshot.lines.iter();
        let lines = lines.map(|line| (row_of(line), line.said.clone()));
        let producer = snapshot.producer.iter();
        let producer = producer.map(|p| (RowId::Producer, p.said.clone()));
        let consumer = snapshot.consumer.iter();
        let consumer = consumer.map(|c| (RowId::Consumer, c.said.clone()));
        lines.chain(producer).chain(consumer).collect()
    }

    /// Makes news of a change, unless the same was told of its line before.
    fn note(&mut self, of: LineChange) {
        let change = &of.change;
        let id = of.row.clone();
        if let RowId::Slot(slot @ ..=SLOTS_MAX) = id {
            self.used.insert(slot);
        }
        let attempt = format!("{}/{}", change.job, change.attempt);
        let before = self.told.get(&id);
        let is_same_attempt = before.is_some_and(|(told, ..)| *told == attempt);
        let is_news = match before.filter(|_| is_same_attempt) {
            None => !change.said.is_empty(),
            Some((_, said, _)) if is_other(said, &change.said) => !change.said.is_empty(),
            Some((_, said, told_at)) => {
                let moves = said.progress != change.said.progress;
                let is_full = change.said.progress.is_some_and(|p| p.done >= p.total);
                let is_time = self.at.saturating_sub(*told_at) >= PROGRESS_EVERY;
                moves && (is_time || is_full || change.is_last)
            }
        };
        if is_news {
            let told = (attempt, change.said.clone(), self.at);
            self.told.insert(id.clone(), told);
        }
        let stays = change.is_last && change.said.is_pinned && !change.said.is_empty();
        if is_news || stays {
            let (text, tail_at) = self.news_text(change);
            let row = self.row(id, change.said.name.as_deref(), text);
            let look = change.said.look;
            let row = Row {
                tail_at,
                look,
                ..row
            };
            let is_repeat = !is_news;
            self.news.push(News { row, of, is_repeat });
        }
    }

    fn news_text(&self, change: &Change) -> (String, usize) {
        let who = who(&change.job, &change.worker, change.attempt);
        self.with_said(who, &change.said)
    }

    /// Takes what is new since the last time.
    pub fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// The rows, from the top: producer, slots, attempts without a slot, consumer.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(producer) = &self.seen.producer {
            rows.push(self.resident(RowId::Producer, "producer: ", producer, "job"));
        }
        let mut lines = self
            .seen
            .lines
            .iter()
            .filter(|l| l.slot.is_some())
            .peekable();
        for slot in 1..=self.seen.slots.min(SLOTS_MAX) {
            if self.is_over && !self.used.contains(&slot) {
                continue;
            }
            let line = lines.next_if(|line| line.slot == Some(slot));
            rows.push(self.slot(slot, line));
            // One that stands there twice keeps nobody else from its row.
            while lines.next_if(|line| line.slot <= Some(slot)).is_some() {}
        }
        if !self.is_over {
            rows.extend(self.further_slots(lines.count() as u64));
        }
        rows.extend(self.without_slot());
        if let Some(consumer) = &self.seen.consumer {
            rows.push(self.resident(RowId::Consumer, "consumer: ", consumer, "outcome"));
        }
        rows
    }

    fn slot(&self, slot: u32, line: Option<&LineNow>) -> Row {
        let id = RowId::Slot(slot);
        match line {
            Some(line) if !self.is_over => self.live(id, line),
            Some(_) | None => {
                let text = if self.is_over {
                    self.words.done().to_owned()
                } else if let Some(gate) = &self.seen.gate {
                    format!("gate {}", escaped(gate))
                } else {
                    self.words.waiting().to_owned()
                };
                Row {
                    is_idle: true,
                    ..self.row(id, None, text)
                }
            }
        }
    }

    /// The slots that have no row, if there are some.
    fn further_slots(&self, busy: u64) -> Option<Row> {
        let more = self.seen.slots.checked_sub(SLOTS_MAX + 1)? + 1;
        let busy = busy.min(u64::from(more));
        let more = grouped(u64::from(more));
        let text = match busy {
            0 => format!("… and {more} more slots"),
            busy => format!("… and {more} more slots, {} of them busy", grouped(busy)),
        };
        Some(self.counted(text))
    }

    /// A row that stands for others.
    fn counted(&self, text: String) -> Row {
        let row = self.row(RowId::Job(String::new()), Some(""), text);
        Row {
            is_idle: true,
            prefix: String::new(),
            ..row
        }
    }

    fn without_slot(&self) -> Vec<Row> {
        let lines: Vec<&LineNow> = self
            .seen
            .lines
            .iter()
            .filter(|l| l.slot.is_none())
            .collect();
        if self.is_over {
            return Vec::new();
        }
        let mut rows: Vec<Row> = lines
            .iter()
            .take(SLOTLESS_MAX)
            .map(|line| self.live(row_of(line), line))
            .collect();
        if lines.len() > SLOTLESS_MAX {
            let more = grouped((lines.len() - SLOTLESS_MAX) as u64);
            rows.push(self.counted(format!("… and {more} more without a slot")));
        }
        rows
    }

    fn live(&self, id: RowId, line: &LineNow) -> Row {
        let who = who(&line.job, &line.worker, line.attempt);
        let (mut text, tail_at) = self.with_said(who, &line.said);
        if let Some(doing) = doing(line.standing) {
            text = format!("{text} ({doing})");
        }
        if line.running_ms >= RUNNING_MS {
            text = format!("{text} {}", seconds(line.running_ms));
        }
        let is_idle = matches!(
            line.standing,
            Standing::WaitsForJobs(_) | Standing::WaitsForSlot | Standing::Paused
        );
        Row {
            tail_at,
            look: line.said.look,
            is_idle,
            ..self.row(id, line.said.name.as_deref(), text)
        }
    }

    fn resident(&self, id: RowId, prefix: &str, resident: &ResidentNow, what: &str) -> Row {
        let count = grouped(resident.count);
        let plural = if resident.count == 1 { "" } else { "s" };
        let who = format!("{}, {count} {what}{plural}", escaped(&resident.plugin));
        let (mut text, tail_at) = self.with_said(who, &resident.said);
        let doing = match resident.standing {
            ResidentStanding::Working => None,
            ResidentStanding::WorkingFor(ms) if ms < CALL_MS => None,
            // A producer that takes its time waits for something to do.
            ResidentStanding::WorkingFor(ms) if id == RowId::Producer => {
                Some(format!("waiting {}", seconds(ms)))
            }
            ResidentStanding::WorkingFor(ms) => Some(format!("working {}", seconds(ms))),
            ResidentStanding::Waiting => Some(self.words.waiting().to_owned()),
            ResidentStanding::QueueFull => Some("queue full".to_owned()),
            ResidentStanding::Done => Some(self.words.done().to_owned()),
        };
        let doing = if self.is_over {
            Some(self.words.done().to_owned())
        } else {
            doing
        };
        let is_idle = doing.is_some();
        if let Some(doing) = doing {
            text = format!("{text} ({doing})");
        }
        let row = self.row(id, Some(""), text);
        Row {
            prefix: prefix.to_owned(),
            tail_at,
            look: resident.said.look,
            is_idle,
            ..row
        }
    }

    /// A row with what stands in front of it.
    fn row(&self, id: RowId, name: Option<&str>, text: String) -> Row {
        let prefix = match (name, &id) {
            (Some(name), _) if !name.is_empty() => {
                format!("{}: ", escape_for_people(name, NAME_CHARS_MAX))
            }
            (_, RowId::Slot(slot)) => self.words.prefix(*slot),
            (_, RowId::Producer) => "producer: ".to_owned(),
            (_, RowId::Consumer) => "consumer: ".to_owned(),
            (_, RowId::Job(_)) => "no slot: ".to_owned(),
        };
        let changed = self.changed.get(&id);
        let is_fresh = changed.is_some_and(|(said, since)| {
            !said.is_empty() && self.at.saturating_sub(*since) < HIGHLIGHT && !self.is_over
        });
        Row {
            id,
            tail_at: text.len(),
            prefix,
            text,
            look: Look::Normal,
            is_idle: false,
            is_fresh,
        }
    }

    /// The text of a line, and where its tail begins.
    fn with_said(&self, mut text: String, said: &Said) -> (String, usize) {
        let words = [look_in_words(said.look), &escaped(&said.text)].concat();
        if !words.is_empty() {
            text = format!("{text}: {words}");
        }
        let tail_at = text.len();
        if let Some(progress) = said.progress {
            text = format!("{text} {}", self.words.bar(progress));
        }
        (text, tail_at)
    }

    /// How the run gets on.
    #[must_use]
    pub fn pace(&self) -> Pace {
        let mut pace = self.rate.pace(&self.seen, self.source, self.at);
        if self.is_over {
            let done = pace.tally.total() - pace.tally.cancelled;
            let mean = done as f64 / pace.elapsed.as_secs_f64();
            (pace.per_second, pace.left) = (if mean.is_finite() { mean } else { 0.0 }, None);
        }
        pace
    }

    /// Whether the run is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// What was seen last.
    #[must_use]
    pub fn seen(&self) -> &Snapshot {
        &self.seen
    }
}

/// Whether something other than the progress differs.
fn is_other(before: &Said, now: &Said) -> bool {
    before.text != now.text
        || before.look != now.look
        || before.name != now.name
        || before.progress.map(|p: Progress| p.total) != now.progress.map(|p| p.total)
}

fn row_of(line: &LineNow) -> RowId {
    match line.slot {
        Some(slot) => RowId::Slot(slot),
        None => RowId::Job(line.job.clone()),
    }
}

fn who(job: &str, worker: &str, attempt: u32) -> String {
    let worker = escaped(worker);
    match attempt {
        0 => worker,
        1 => format!("{job} {worker}"),
        _ => format!("{job} {worker}, attempt {attempt}"),
    }
}

fn doing(standing: Standing) -> Option<String> {
    Some(match standing {
        Standing::Running => return None,
        Standing::WaitsForJobs(1) => "waiting for 1 job".to_owned(),
        Standing::WaitsForJobs(jobs) => format!("waiting for {} jobs", grouped(u64::from(jobs))),
        Standing::WaitsForSlot => "waiting for a slot".to_owned(),
        Standing::Paused => "paused".to_owned(),
        Standing::Afterwards => "afterwards".to_owned(),
    })
}

/// Colour is never all that tells.
fn look_in_words(look: Look) -> &'static str {
    match look {
        Look::Normal => "",
        Look::Success => "ok: ",
        Look::Warning => "warning: ",
        Look::Error => "error: ",
    }
}

/// Whole seconds, so that not every look changes the row.
fn seconds(ms: u64) -> String {
    let nanos = (ms / 1000).max(1).saturating_mul(1_000_000_000);
    // The largest number would mean that there is no limit.
    Unit::Time.about(nanos.min(u64::MAX - 1))
}

fn escaped(text: &str) -> String {
    escape_for_people(text, TEXT_CHARS_MAX)
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
