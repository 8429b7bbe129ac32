//! Where a guest writes and whoever looks reads: one for each loop, producer, consumer.
//!
//! Writers wait for nobody but a reader that copies what stands here, which takes
//! microseconds and happens some ten times a second. Everything is bounded.

use super::said::{Change, Look, Progress, Said};
use super::snapshot::{LogLine, Use};
use crate::job::JobId;
use crate::value::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of a text or name that are kept.
const TEXT_BYTES_MAX: usize = 1 << 10;

/// Changes that wait for somebody to look.
const CHANGES_MAX: usize = 8;

/// Lines of the log that are kept.
const LOG_LINES_MAX: usize = 20;

/// Bytes of all of them.
const LOG_BYTES_MAX: usize = 4 << 10;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Line(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    /// Who runs here, or ran here last.
    runs: Option<Runs>,
    /// What only few guests need; its memory is kept.
    written: Option<Box<Written>>,
    /// Something of it belongs to the attempt that runs.
    is_written: bool,
    changes: VecDeque<Change>,
    left_out: u64,
}

#[derive(Debug)]
struct Runs {
    /// On the clock of its loop's pulse, nanoseconds.
    began: u64,
    job: JobId,
    attempt: u32,
    worker: Arc<str>,
}

/// Whose line it is.
pub(crate) struct Reading {
    pub(crate) attempt: u32,
    pub(crate) worker: Arc<str>,
    /// On the clock of its loop's pulse, nanoseconds.
    pub(crate) began: u64,
    pub(crate) said: Said,
}

/// What a guest has on its line, and what it told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    pub(crate) said: Said,
    pub(crate) log: VecDeque<LogLine>,
    pub(crate) log_bytes: usize,
    /// The carried state, where the attempt changed it.
    pub(crate) state: Option<Value>,
    pub(crate) used: Vec<Use>,
}

impl Line {
    fn content(&self) -> MutexGuard<'_, Content> {
        // Each change of it is done in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An attempt begins here, at `began` on the clock of its loop's pulse.
    pub(crate) fn begin(&self, job: JobId, attempt: u32, worker: &Arc<str>, began: u64) {
        let mut content = self.content();
        match &mut content.runs {
            // The count of its holders is shared by all threads: it is left alone.
            Some(runs) if Arc::ptr_eq(&runs.worker, worker) => {
                (runs.job, runs.attempt, runs.began) = (job, attempt, began);
            }
            runs => {
                let worker = worker.clone();
                *runs = Some(Runs {
                    began,
                    job,
                    attempt,
                    worker,
                });
            }
        }
        if content.is_written {
            content.is_written = false;
            content.written = None;
        }
    }

    /// A guest that wrote something is over.
    pub(crate) fn end(&self) {
        let mut content = self.content();
        if content.is_written {
            content.changed(true);
        }
    }

    /// A store begins anew; what the one before wrote is gone.
    pub(crate) fn clear(&self) {
        let mut content = self.content();
        content.is_written = false;
        content.written = None;
    }

    fn write(&self, write: impl FnOnce(&mut Written)) {
        let mut content = self.content();
        content.is_written = true;
        write(content.written.get_or_insert_default());
    }

    fn show(&self, write: impl FnOnce(&mut Said)) {
        let mut content = self.content();
        content.is_written = true;
        write(&mut content.written.get_or_insert_default().said);
        content.changed(false);
    }

    /// Sets the text.
    pub(crate) fn say(&self, text: String) {
        self.show(|said| said.text = cut(text));
    }

    /// Sets the look.
    pub(crate) fn look(&self, look: Look) {
        self.show(|said| said.look = look);
    }

    /// Keeps the line in view when it is done.
    pub(crate) fn pin(&self, on: bool) {
        self.write(|written| written.said.is_pinned = on);
    }

    /// Names the attempt.
    pub(crate) fn name(&self, name: String) {
        self.show(|said| said.name = Some(cut(name)));
    }

    /// Begins a progress bar.
    pub(crate) fn start(&self, total: u64) {
        self.show(|said| said.progress = Some(Progress { done: 0, total }));
    }

    /// Moves the progress bar; false where there is none.
    pub(crate) fn tick(&self, steps: u64) -> bool {
        let mut content = self.content();
        let written = content.written.as_mut();
        let Some(progress) = written.and_then(|w| w.said.progress.as_mut()) else {
            return false;
        };
        progress.done = progress.done.saturating_add(steps);
        content.changed(false);
        true
    }

    /// Fills the progress bar, if there is one.
    pub(crate) fn complete(&self) {
        self.show(|said| {
            if let Some(progress) = &mut said.progress {
                progress.done = progress.done.max(progress.total);
            }
        });
    }

    /// Takes text and progress bar away.
    pub(crate) fn wipe(&self) {
        self.show(|said| {
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
    pub(crate) fn used(&self, used: Vec<Use>) {
        self.write(|written| written.used = used);
    }

    /// What stands here of a job's attempt; none when another job's stands here.
    pub(crate) fn read(&self, job: u64) -> Option<Reading> {
        let content = self.content();
        let runs = content
            .runs
            .as_ref()
            .filter(|runs| runs.job.number == job)?;
        let written = content.written.as_ref().filter(|_| content.is_written);
        Some(Reading {
            attempt: runs.attempt,
            worker: runs.worker.clone(),
            began: runs.began,
            said: written.map_or_else(Said::default, |written| written.said.clone()),
        })
    }

    /// Everything that the guest wrote.
    pub(crate) fn written(&self) -> Written {
        let content = self.content();
        let written = content.written.as_deref().filter(|_| content.is_written);
        written.cloned().unwrap_or_default()
    }

    /// What stands here, whoever wrote it.
    pub(crate) fn said(&self) -> Said {
        let content = self.content();
        let written = content.written.as_ref().filter(|_| content.is_written);
        written.map_or_else(Said::default, |written| written.said.clone())
    }

    /// The last lines that were logged, if any were.
    pub(crate) fn log_tail(&self) -> Vec<LogLine> {
        let content = self.content();
        let written = content.written.as_ref().filter(|_| content.is_written);
        written.map_or_else(Vec::new, |written| written.log.iter().cloned().collect())
    }

    /// Takes the changes since the last look, and how many before them were left out.
    pub(crate) fn take_changes(&self) -> (Vec<Change>, u64) {
        let mut content = self.content();
        if content.changes.is_empty() {
            return (Vec::new(), 0);
        }
        let left_out = std::mem::take(&mut content.left_out);
        (content.changes.drain(..).collect(), left_out)
    }
}

impl Content {
    /// Keeps what stands here now for whoever looks next.
    fn changed(&mut self, is_last: bool) {
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
        // What only moves a bar replaces the step before it.
        let latest = self.changes.back_mut();
        if let Some(latest) = latest
            && latest.job == number
            && latest.attempt == attempt
            && (latest.said == *said || is_step(&latest.said, said))
        {
            latest.said.clone_from(said);
            latest.is_last |= is_last;
            return;
        }
        if self.changes.len() == CHANGES_MAX {
            self.changes.pop_front();
            self.left_out += 1;
        }
        self.changes.push_back(Change {
            job: number,
            worker: worker.to_owned(),
            attempt,
            said: said.clone(),
            is_last,
        });
    }
}

/// Whether only the progress differs.
fn is_step(before: &Said, now: &Said) -> bool {
    let (Some(old), Some(new)) = (before.progress, now.progress) else {
        return false;
    };
    old.total == new.total
        && before.text == now.text
        && before.look == now.look
        && before.name == now.name
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}
