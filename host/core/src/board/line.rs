//! Where a guest writes and whoever looks reads: one for each loop, producer, consumer.
//!
//! Writers wait for nobody but a reader that copies what stands here, which takes
//! microseconds and happens some ten times a second. Everything is bounded.

use super::said::{Change, Look, Progress, Said};
use super::snapshot::LogLine;
use crate::job::JobId;
use crate::limits::Limit;
use crate::value::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of a text or name that are kept.
const TEXT_BYTES_MAX: usize = 1 << 10;

/// Changes that wait for somebody to look.
const CHANGES_MAX: usize = 8;

/// Lines of the log that are kept.
const LOG_LINES_MAX: usize = 20;

/// Bytes of all of them.
const LOG_BYTES_MAX: usize = 4 << 10;

/// The limits whose use is told while an attempt runs; those on time are known without.
pub(crate) const USED: usize = 6;

/// How much of each is used; none = as it was told before.
pub(crate) type Used = [(Limit, Option<u64>); USED];

/// What a guest printed so far.
pub(crate) trait Printed: Send + Sync {
    /// The ends of stdout and stderr, each of so many bytes at most.
    fn tails(&self, bytes_max: usize) -> (String, String);
}

/// See the module.
#[derive(Default)]
pub(crate) struct Line {
    content: Mutex<Content>,
    /// Something stands on it for people to see; whoever ends asks without a lock.
    is_shown: AtomicBool,
}

#[derive(Default)]
struct Content {
    /// Who runs here, or ran here last.
    runs: Option<Runs>,
    /// What few guests need, of the attempt that runs.
    written: Option<Box<Written>>,
    printed: Option<Arc<dyn Printed>>,
    /// What people have not seen yet.
    changes: VecDeque<Unseen>,
    left_out: u64,
}

/// A change that nobody has seen yet.
struct Unseen {
    change: Change,
    /// It is only the beginning of one: a look that a text may follow.
    is_begun: bool,
}

/// What a guest does with its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Move {
    /// It writes a text.
    Text,
    /// It sets what goes with a text that it may write next.
    Prelude,
    /// It begins or moves its bar.
    Bar,
    /// It is over.
    End,
}

/// Whose line it is.
#[derive(Debug, Clone)]
pub(crate) struct Runs {
    /// The number by which the scheduling machine knows it: the job's, or its chunk's.
    pub(crate) place: u64,
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
    pub(crate) worker: Arc<str>,
    pub(crate) retries_left: Option<u32>,
    /// On the clock of its loop's pulse, nanoseconds.
    pub(crate) began: u64,
}

/// An attempt that begins on a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begins<'a> {
    /// As [`Runs::place`].
    pub(crate) place: u64,
    pub(crate) job: JobId,
    pub(crate) attempt: u32,
    pub(crate) worker: &'a Arc<str>,
    pub(crate) retries_left: Option<u32>,
    /// On the clock of its loop's pulse, nanoseconds.
    pub(crate) began: u64,
}

/// What a guest has on its line, and what it told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    pub(crate) said: Said,
    pub(crate) log: VecDeque<LogLine>,
    log_bytes: usize,
    /// The carried state, where there is one.
    pub(crate) state: Option<Value>,
    /// As of the last call or tick.
    pub(crate) used: Option<Used>,
}

impl Line {
    fn content(&self) -> MutexGuard<'_, Content> {
        // Each change of it is done in one step.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An attempt begins here. What the one before wrote is gone.
    pub(crate) fn begin(&self, begins: Begins<'_>) {
        let Begins {
            place,
            job,
            attempt,
            worker,
            retries_left,
            began,
        } = begins;
        let mut content = self.content();
        content.written = None;
        content.printed = None;
        self.is_shown.store(false, Ordering::Relaxed);
        // The count of a name's holders is shared by all threads: it is left alone where
        // the name is the same.
        if let Some(runs) = &mut content.runs
            && Arc::ptr_eq(&runs.worker, worker)
        {
            (runs.place, runs.job, runs.attempt) = (place, job, attempt);
            (runs.retries_left, runs.began) = (retries_left, began);
            return;
        }
        content.runs = Some(Runs {
            place,
            job,
            attempt,
            worker: worker.clone(),
            retries_left,
            began,
        });
    }

    /// An attempt is over.
    pub(crate) fn end(&self) {
        if self.is_shown.load(Ordering::Relaxed) {
            self.content().changed(Move::End);
        }
    }

    /// A producer or consumer gets a fresh store.
    pub(crate) fn clear(&self) {
        let mut content = self.content();
        content.written = None;
        content.printed = None;
    }

    fn write(&self, write: impl FnOnce(&mut Written)) {
        write(self.content().written.get_or_insert_default());
    }

    fn show(&self, by: Move, write: impl FnOnce(&mut Said)) {
        let mut content = self.content();
        self.is_shown.store(true, Ordering::Relaxed);
        write(&mut content.written.get_or_insert_default().said);
        content.changed(by);
    }

    /// Sets the text.
    pub(crate) fn say(&self, text: String) {
        self.show(Move::Text, |said| said.text = cut(text));
    }

    /// Sets the look.
    pub(crate) fn look(&self, look: Look) {
        self.show(Move::Prelude, |said| said.look = look);
    }

    /// Keeps the line in view when it is done.
    pub(crate) fn pin(&self, on: bool) {
        self.write(|written| written.said.is_pinned = on);
    }

    /// Names the attempt.
    pub(crate) fn name(&self, name: String) {
        self.show(Move::Prelude, |said| said.name = Some(cut(name)));
    }

    /// Begins a progress bar.
    pub(crate) fn start(&self, total: u64) {
        self.show(Move::Bar, |said| {
            said.progress = Some(Progress { done: 0, total });
        });
    }

    /// Moves the progress bar; false where there is none.
    pub(crate) fn tick(&self, steps: u64) -> bool {
        let mut content = self.content();
        let written = content.written.as_mut();
        let Some(progress) = written.and_then(|w| w.said.progress.as_mut()) else {
            return false;
        };
        progress.done = progress.done.saturating_add(steps);
        content.changed(Move::Bar);
        true
    }

    /// Fills the progress bar, if there is one.
    pub(crate) fn complete(&self) {
        self.show(Move::Bar, |said| {
            if let Some(progress) = &mut said.progress {
                progress.done = progress.done.max(progress.total);
            }
        });
    }

    /// Takes text and progress bar away.
    pub(crate) fn wipe(&self) {
        self.show(Move::Prelude, |said| {
            said.text.clear();
            said.progress = None;
        });
    }

    /// A line was logged.
    pub(crate) fn log(&self, level: &'static str, text: &str) {
        self.write(|written| {
            let text = cut(text.to_owned());
            written.log_bytes += text.len();
            let level = level.to_owned();
            written.log.push_back(LogLine { level, text });
            while written.log.len() > LOG_LINES_MAX || written.log_bytes > LOG_BYTES_MAX {
                let Some(first) = written.log.pop_front() else {
                    break;
                };
                written.log_bytes -= first.text.len();
            }
        });
    }

    /// The carried state changed.
    pub(crate) fn state(&self, state: &Value) {
        self.write(|written| written.state = Some(state.clone()));
    }

    /// So much is used of the limits.
    pub(crate) fn used(&self, used: Used) {
        self.write(|written| {
            let before = written.used.replace(used);
            for (now, before) in written
                .used
                .iter_mut()
                .flatten()
                .zip(before.iter().flatten())
            {
                now.1 = now.1.or(before.1);
            }
        });
    }

    /// Where what the guest prints can be read.
    pub(crate) fn prints(&self, printed: Arc<dyn Printed>) {
        self.content().printed = Some(printed);
    }

    /// What stands here of what has this place; none when something else's stands here.
    pub(crate) fn read(&self, place: u64) -> Option<(Runs, Said)> {
        let content = self.content();
        let runs = content.runs.as_ref().filter(|runs| runs.place == place)?;
        Some((runs.clone(), content.said()))
    }

    /// What stands here, whoever wrote it.
    pub(crate) fn said(&self) -> Said {
        self.content().said()
    }

    /// Everything that the guest wrote, and the ends of what it printed.
    pub(crate) fn written(&self, printed_bytes_max: usize) -> (Written, (String, String)) {
        let content = self.content();
        let written = content.written.as_deref().cloned().unwrap_or_default();
        let printed = content.printed.clone();
        drop(content);
        let printed = printed.map(|printed| printed.tails(printed_bytes_max));
        (written, printed.unwrap_or_default())
    }

    /// The last lines that were logged, `info: text`; none when there were none.
    pub(crate) fn log_tail(&self) -> Option<String> {
        let content = self.content();
        let log = &content.written.as_ref()?.log;
        let lines = log
            .iter()
            .map(|line| format!("{}: {}\n", line.level, line.text));
        (!log.is_empty()).then(|| lines.collect())
    }

    /// Takes the changes since the last look, and how many before them were left out.
    pub(crate) fn take_changes(&self) -> (Vec<Change>, u64) {
        let mut content = self.content();
        if content.changes.is_empty() {
            return (Vec::new(), 0);
        }
        let left_out = std::mem::take(&mut content.left_out);
        let changes = content.changes.drain(..).map(|unseen| unseen.change);
        (changes.collect(), left_out)
    }
}

impl Content {
    fn said(&self) -> Said {
        let written = self.written.as_ref();
        written.map_or_else(Said::default, |written| written.said.clone())
    }

    /// Keeps what stands here now for whoever looks next.
    fn changed(&mut self, by: Move) {
        let Some(written) = &self.written else {
            return;
        };
        let said = &written.said;
        let (job, attempt, worker) = match &self.runs {
            Some(runs) => (runs.job, runs.attempt, &*runs.worker),
            None => (JobId::NONE, 0, ""),
        };
        let number = if attempt == 0 {
            String::new()
        } else {
            job.to_string()
        };
        let latest = self.changes.back_mut();
        if let Some(Unseen { change, is_begun }) = latest
            && change.job == number
            && change.attempt == attempt
            && match by {
                // What goes with a text came before it.
                Move::Text => *is_begun,
                Move::Prelude => *is_begun && change.said.text == said.text,
                Move::Bar => change.said.text == said.text,
                Move::End => change.said == *said,
            }
        {
            change.said.clone_from(said);
            change.is_last |= by == Move::End;
            *is_begun &= by != Move::Text;
            return;
        }
        if self.changes.len() == CHANGES_MAX {
            self.changes.pop_front();
            self.left_out += 1;
        }
        let change = Change {
            job: number,
            worker: worker.to_owned(),
            attempt,
            said: said.clone(),
            is_last: by == Move::End,
        };
        let is_begun = by == Move::Prelude;
        self.changes.push_back(Unseen { change, is_begun });
    }
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::HostId;

    fn begun() -> Line {
        let line = Line::default();
        begin(&line, 1);
        line
    }

    fn begin(line: &Line, number: u64) {
        let host = HostId::from_random(0);
        line.begin(Begins {
            place: number,
            job: JobId { host, number },
            attempt: 1,
            worker: &"scale".into(),
            retries_left: Some(3),
            began: 0,
        });
    }

    fn texts(line: &Line) -> (Vec<String>, u64) {
        let (changes, left_out) = line.take_changes();
        let texts = changes.into_iter().map(|change| {
            let bar = change
                .said
                .progress
                .map_or_else(String::new, |p| format!(" {}/{}", p.done, p.total));
            let last = if change.is_last { "." } else { "" };
            format!("{}{bar}{last}", change.said.text)
        });
        (texts.collect(), left_out)
    }

    // A4 A8 A11
    #[test]
    fn what_is_said_is_there_for_the_next_look_once() {
        let line = begun();
        line.say("one".to_owned());
        line.say("two".to_owned());
        assert_eq!(line.said().text, "two");
        assert_eq!(texts(&line), (vec!["one".to_owned(), "two".to_owned()], 0));
        assert_eq!(texts(&line), (vec![], 0));
        line.end();
        assert_eq!(texts(&line).0, ["two."]);
    }

    // A9: whoever says too much in one look loses what came first.
    #[test]
    fn changes_are_bounded_and_what_is_left_out_is_counted() {
        let line = begun();
        (0..100).for_each(|n| line.say(n.to_string()));
        let (texts, left_out) = texts(&line);
        assert_eq!(texts, ["92", "93", "94", "95", "96", "97", "98", "99"]);
        assert_eq!(left_out, 92);
    }

    // A17 A18 A19
    #[test]
    fn a_bar_that_only_moves_is_one_change() {
        let line = begun();
        assert!(!line.tick(1), "there is no bar yet");
        line.start(3);
        (0..2).for_each(|_| assert!(line.tick(1)));
        assert_eq!(texts(&line).0, [" 2/3"]);
        line.tick(u64::MAX);
        line.tick(u64::MAX);
        assert_eq!(line.said().progress.map(|p| p.done), Some(u64::MAX));
        line.start(3);
        line.complete();
        line.say("all".to_owned());
        assert_eq!(texts(&line).0, [" 3/3", "all 3/3"]);
        // What goes with a text is part of its change.
        line.look(Look::Success);
        line.name("oven".to_owned());
        line.say("done".to_owned());
        line.look(Look::Error);
        assert_eq!(texts(&line).0, ["done 3/3", "done 3/3"]);
        line.wipe();
        assert!(line.said().is_empty());
        assert!(!line.tick(1));
    }

    #[test]
    fn the_next_attempt_finds_a_clean_line() {
        let line = begun();
        line.say("one".to_owned());
        line.pin(true);
        line.look(Look::Error);
        line.log("warn", "hm");
        assert_eq!(line.log_tail().as_deref(), Some("warn: hm\n"));
        line.end();
        begin(&line, 2);
        assert_eq!(line.said(), Said::default());
        assert!(line.log_tail().is_none());
        assert!(line.read(1).is_none());
        assert_eq!(line.read(2).expect("it runs").0.attempt, 1);
        // What the one before left is still to be seen, and told apart.
        let (changes, _) = line.take_changes();
        assert!(changes.iter().all(|change| change.job == "000000-1"));
        line.end();
        assert!(line.take_changes().0.is_empty(), "it said nothing");
    }

    #[test]
    fn texts_and_logs_are_bounded() {
        let line = begun();
        line.say("é".repeat(4000));
        assert_eq!(line.said().text.len(), TEXT_BYTES_MAX);
        (0..1000).for_each(|_| line.log("info", &"x".repeat(4000)));
        let log = line.log_tail().expect("lines");
        assert_eq!(log.lines().count(), LOG_BYTES_MAX / TEXT_BYTES_MAX);
        (0..1000).for_each(|n| line.log("info", &n.to_string()));
        assert_eq!(
            line.log_tail().expect("lines").lines().count(),
            LOG_LINES_MAX
        );
    }
}
