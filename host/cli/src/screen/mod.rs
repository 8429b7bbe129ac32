//! The one owner of the terminal that stderr is, while a board is drawn on it.
//!
//! | who | what it does here |
//! |---|---|
//! | whoever has something to say | puts it down and goes on: it never waits for a terminal |
//! | the painter, a thread | takes what was put down and writes it, the board at the end |
//! | whoever writes data to a terminal | waits, as for any output; the board makes way |
//!
//! Lines of the log are left out, and counted, when the terminal is slower than they
//! come; notes and errors are not. Of boards only the latest is drawn. While no screen
//! was started everything is written at once.

mod columns;
mod frame;
mod painter;

pub(crate) use columns::{cut, width};
pub(crate) use frame::Size;

use crate::error::{Error, Kind, in_words};
use anstream::{AutoStream, ColorChoice};
use painter::{Painter, Terminal};
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long a process that leaves at once waits for its terminal.
const LEAVE_WITHIN: Duration = Duration::from_millis(500);

/// The size of a terminal that does not tell it.
const UNKNOWN: Size = Size {
    columns: 80,
    rows: 24,
};

/// There is one stderr.
static PAINTER: RwLock<Option<Arc<Painter>>> = RwLock::new(None);

/// Who paints, if somebody does.
fn painter() -> Option<Arc<Painter>> {
    let painter = PAINTER.read().unwrap_or_else(PoisonError::into_inner);
    painter.clone()
}

fn set_painter(painter: Option<Arc<Painter>>) {
    *PAINTER.write().unwrap_or_else(PoisonError::into_inner) = painter;
}

/// Whether a board can be drawn: stderr is a terminal that can move its cursor.
pub(crate) fn can_draw() -> bool {
    let term = std::env::var_os("TERM");
    term.is_some_and(|term| !term.is_empty() && term != "dumb") && io::stderr().is_terminal()
}

/// The size of the terminal now.
pub(crate) fn size() -> Size {
    let Some((columns, rows)) = terminal_size::terminal_size_of(io::stderr()) else {
        return UNKNOWN;
    };
    // Where nobody knows the size, it is told to be 0.
    match (columns.0, rows.0) {
        (0, _) | (_, 0) => UNKNOWN,
        (columns, rows) => Size { columns, rows },
    }
}

/// From now on stderr belongs to the painter; where no board is drawn it only writes, so
/// that nobody waits for whoever reads it.
pub(crate) fn start(draws: bool) -> Result<(), Error> {
    let size: Option<Box<dyn Fn() -> Size + Send>> =
        if draws { Some(Box::new(size)) } else { None };
    let terminal = Terminal::new(
        Box::new(io::stderr()),
        size,
        AutoStream::choice(&io::stderr()) != ColorChoice::Never,
    );
    let painter = Arc::new(Painter::new(terminal));
    let paints = painter.clone();
    std::thread::Builder::new()
        .name("wodehost-screen".to_owned())
        .spawn(move || paints.paint())
        .map_err(|e| {
            Error::new(Kind::Internal, "threads cannot be started").because(in_words(&e))
        })?;
    set_painter(Some(painter));
    Ok(())
}

/// Draws a board in place of the one before.
pub(crate) fn show(frame: Vec<String>) {
    if let Some(painter) = painter() {
        painter.show(frame);
    }
}

/// Whole lines that nobody may miss: notes, warnings, errors.
pub(crate) fn text(text: &str) {
    if !painter().is_some_and(|painter| painter.text(text)) {
        direct(text);
    }
}

/// A line of the log.
pub(crate) fn log(line: &str) {
    if !painter().is_some_and(|painter| painter.log(line)) {
        direct(line);
    }
}

/// There is nowhere to say that stderr is gone.
fn direct(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Data to stdout. Where that is a terminal, too, the board makes way.
pub(crate) fn data(bytes: &[u8]) -> io::Result<()> {
    match painter() {
        Some(painter) if painter.draws() && io::stdout().is_terminal() => {
            painter.data(bytes, &mut io::stdout().lock())
        }
        Some(_) | None => {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
    }
}

/// Writes what waits and the last board, which stays; from now on everything is
/// written at once again. Waits for the terminal.
pub(crate) fn finish(last: Vec<String>) {
    if let Some(painter) = painter() {
        painter.show(last);
        painter.finish(None);
        set_painter(None);
    }
}

/// The process leaves: writes what waits, but waits for the terminal only a moment.
pub(crate) fn leave() {
    // Whoever panics may be the one who holds it.
    if let Ok(painter) = PAINTER.try_read()
        && let Some(painter) = &*painter
    {
        painter.finish(Some(LEAVE_WITHIN));
    }
}

/// The terminal was somebody else's meanwhile, as after Ctrl-Z: the board is drawn
/// anew where the cursor is.
pub(crate) fn resumed() {
    if let Some(painter) = painter() {
        painter.resumed();
    }
}

/// Where the log is written to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Log;

impl Write for Log {
    /// Takes a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        log(&String::from_utf8_lossy(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
