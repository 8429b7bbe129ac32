//! The painter: what was put down for it, and the loop that writes it.

use super::frame::{Drawn, Size};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;
use wodehost::units::grouped;

/// Bytes of the log that may wait.
const LOG_BYTES_MAX: usize = 1 << 20;

/// Between two writes, so that what comes meanwhile is written at once.
const PAUSE: Duration = Duration::from_millis(20);

/// See the module. Locks are taken in the order of the fields.
pub(super) struct Painter {
    draws: bool,
    /// Held while something is written.
    terminal: Mutex<Terminal>,
    /// Held for moments.
    waiting: Mutex<Waiting>,
    /// Rung when something was put down, and when all is written.
    changed: Condvar,
}

/// What was put down.
#[derive(Default)]
struct Waiting {
    /// Whole lines.
    text: String,
    /// Those of the log among it.
    log_bytes: usize,
    /// Lines of the log that were left out.
    dropped: u64,
    frame: Option<Vec<String>>,
    phase: Phase,
    /// Who paints.
    thread: Option<ThreadId>,
}

/// How far a painter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Phase {
    #[default]
    Open,
    /// It writes what waits still.
    Ending,
    /// Everything is written; the terminal is anybody's.
    Ended,
}

/// The terminal, and what stands on it.
pub(super) struct Terminal {
    out: Box<dyn Write + Send>,
    /// None where nothing is drawn.
    size: Option<Box<dyn Fn() -> Size + Send>>,
    has_colours: bool,
    drawn: Drawn,
    frame: Vec<String>,
}

impl Waiting {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if !text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.frame.is_none() && self.dropped == 0
    }

    /// Takes the text; what was left out came last.
    fn take_text(&mut self) -> String {
        let mut text = std::mem::take(&mut self.text);
        self.log_bytes = 0;
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            let (lines, were) = match dropped {
                1 => ("line", "was"),
                _ => ("lines", "were"),
            };
            let count = grouped(dropped);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "… {count} log {lines} {were} dropped: the terminal is slower than they come"
            );
        }
        text
    }
}

impl Painter {
    pub(super) fn new(terminal: Terminal) -> Painter {
        Painter {
            draws: terminal.size.is_some(),
            terminal: Mutex::new(terminal),
            waiting: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn terminal(&self) -> MutexGuard<'_, Terminal> {
        self.terminal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts something down; false when nobody would write it any more.
    fn put(&self, put: impl FnOnce(&mut Waiting)) -> bool {
        let mut waiting = self.waiting();
        if waiting.phase == Phase::Ended {
            return false;
        }
        put(&mut waiting);
        self.changed.notify_all();
        true
    }

    /// Whether boards are drawn.
    pub(super) fn draws(&self) -> bool {
        self.draws
    }

    /// A board in place of the one before.
    pub(super) fn show(&self, frame: Vec<String>) -> bool {
        self.put(|waiting| waiting.frame = Some(frame))
    }

    /// Lines that nobody may miss.
    pub(super) fn text(&self, text: &str) -> bool {
        self.put(|waiting| waiting.push(text))
    }

    /// A line of the log.
    pub(super) fn log(&self, line: &str) -> bool {
        self.put(|waiting| {
            let bytes = waiting.log_bytes + line.len();
            // Once one is left out all are, until the painter has caught up: the text says
            // then where.
            if bytes > LOG_BYTES_MAX || waiting.dropped > 0 {
                waiting.dropped += 1;
            } else {
                waiting.push(line);
                waiting.log_bytes = bytes;
            }
        })
    }

    /// Writes data in place of the board, and the board under it.
    pub(super) fn data(&self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let mut terminal = self.terminal();
        let batch = self.take();
        terminal.make_way(batch);
        let written = out.write_all(bytes).and_then(|()| out.flush());
        // A board begins on a row of its own.
        let end = if bytes.ends_with(b"\n") || bytes.is_empty() {
            ""
        } else {
            "\r\n"
        };
        terminal.write(end);
        terminal.paint("");
        written
    }

    /// The terminal was somebody else's.
    pub(super) fn resumed(&self) {
        self.terminal().drawn = Drawn::default();
    }

    /// Takes what is to be written; the terminal has to be held.
    fn take(&self) -> Batch {
        let mut waiting = self.waiting();
        Batch {
            text: waiting.take_text(),
            frame: waiting.frame.take(),
        }
    }

    /// Writes until all is over.
    pub(super) fn paint(&self) {
        let mut waiting = self.waiting();
        waiting.thread = Some(std::thread::current().id());
        loop {
            while waiting.is_empty() && waiting.phase == Phase::Open {
                waiting = self
                    .changed
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if waiting.is_empty() {
                waiting.phase = Phase::Ended;
                self.changed.notify_all();
                return;
            }
            drop(waiting);
            {
                let mut terminal = self.terminal();
                let batch = self.take();
                terminal.take(batch.frame);
                terminal.paint(&batch.text);
            }
            let pause = self
                .changed
                .wait_timeout_while(self.waiting(), PAUSE, |waiting| {
                    waiting.phase == Phase::Open
                });
            waiting = pause.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until everything is written, `within` a time if one is given.
    pub(super) fn finish(&self, within: Option<Duration>) {
        let mut waiting = self.waiting();
        if waiting.phase == Phase::Ended {
            return;
        }
        if waiting.thread == Some(std::thread::current().id()) {
            // The painter itself leaves: nobody else will write it.
            let text = waiting.take_text();
            let _ = io::stderr().write_all(text.as_bytes());
            return;
        }
        waiting.phase = Phase::Ending;
        self.changed.notify_all();
        let is_writing = |waiting: &mut Waiting| waiting.phase != Phase::Ended;
        match within {
            None => drop(self.changed.wait_while(waiting, is_writing)),
            Some(time) => drop(self.changed.wait_timeout_while(waiting, time, is_writing)),
        }
    }
}

/// What is written together.
struct Batch {
    text: String,
    frame: Option<Vec<String>>,
}

impl Terminal {
    pub(super) fn new(
        out: Box<dyn Write + Send>,
        size: Option<Box<dyn Fn() -> Size + Send>>,
        has_colours: bool,
    ) -> Terminal {
        Terminal {
            out,
            size,
            has_colours,
            drawn: Drawn::default(),
            frame: Vec::new(),
        }
    }

    /// Takes a new board, if there is one.
    fn take(&mut self, frame: Option<Vec<String>>) {
        if let Some(frame) = frame {
            let lines = frame.iter().map(|line| self.coloured(line));
            self.frame = lines.collect();
        }
    }

    /// Writes the board, `text` above it.
    fn paint(&mut self, text: &str) {
        let text = self.coloured(text);
        match &self.size {
            None => self.write(&text),
            Some(size) => {
                let bytes = self.drawn.paint(size(), &text, &self.frame);
                self.write(&bytes);
            }
        }
    }

    /// Takes the board away; the text of `batch` is written in its place.
    fn make_way(&mut self, batch: Batch) {
        let text = self.coloured(&batch.text);
        match &self.size {
            None => self.write(&text),
            Some(size) => {
                let bytes = self.drawn.make_way(size(), &text);
                self.write(&bytes);
            }
        }
        self.take(batch.frame);
    }

    /// Colours are left out where nobody wants them.
    fn coloured(&self, text: &str) -> String {
        if self.has_colours {
            text.to_owned()
        } else {
            anstream::adapter::strip_str(text).to_string()
        }
    }

    /// There is nowhere to say that the terminal is gone.
    fn write(&mut self, text: &str) {
        if !text.is_empty() {
            let _ = self.out.write_all(text.as_bytes());
            let _ = self.out.flush();
        }
    }
}

#[cfg(test)]
#[path = "painter_tests.rs"]
mod tests;
