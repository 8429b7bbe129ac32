//! What is written to a terminal so that a frame at its end changes and text scrolls
//! up above it. Pure: a size and texts go in, bytes come out.
//!
//! The cursor stands in the row under the frame, so that whatever ends this process
//! leaves a prompt on a row of its own. Everything that is written leaves the
//! terminal as it was: the cursor is shown, colours have ended.
//!
//! A terminal that became narrower has wrapped the lines that were drawn, as nearly
//! all terminals do; how many rows they take now follows from their widths.

use super::columns;
use std::fmt::Write as _;

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

/// The terminal shows all that follows at once, where it can; others ignore it. The
/// cursor is hidden.
const BEGIN: &str = "\x1b[?2026h\x1b[?25l";

/// Ends what [`BEGIN`] began.
const END: &str = "\x1b[?25h\x1b[?2026l";

/// Erases from the cursor to the end of the screen.
const ERASE_BELOW: &str = "\x1b[J";

/// Erases the row of the cursor.
const ERASE_ROW: &str = "\x1b[2K";

/// The frame that stands on the terminal.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    lines: Vec<String>,
    /// When it was drawn.
    size: Option<Size>,
}

impl Drawn {
    /// What to write so that `above` stands above everything, whole lines, and `frame`
    /// in place of the frame before. Lines that do not fit are cut; of lines that are
    /// too many the last stay.
    pub(super) fn paint(&mut self, size: Size, above: &str, frame: &[String]) -> String {
        let lines = fitting(size, frame);
        if above.is_empty() && lines == self.lines && (self.size == Some(size) || lines.is_empty())
        {
            return String::new();
        }
        let mut out = BEGIN.to_owned();
        let up = self.rows(size);
        if up > 0 {
            // Writing to a string cannot fail.
            let _ = write!(out, "\x1b[{up}A");
        }
        out.push('\r');
        if !above.is_empty() {
            out.push_str(ERASE_BELOW);
            for line in columns::tame(above).lines() {
                out.push_str(line);
                out.push_str("\r\n");
            }
        }
        for line in &lines {
            // Row by row: a terminal that shows bytes as they come does not flicker.
            out.push_str(ERASE_ROW);
            out.push_str(line);
            out.push_str("\r\n");
        }
        out.push_str(ERASE_BELOW);
        out.push_str(END);
        self.lines = lines;
        self.size = Some(size);
        out
    }

    /// Rows of a terminal of this size that the frame takes now.
    fn rows(&self, size: Size) -> usize {
        let columns = usize::from(size.columns).max(1);
        let rows = |line: &String| columns::rows(line, columns);
        self.lines.iter().map(rows).sum()
    }
}

/// The lines as they can be drawn; one row is the cursor's.
fn fitting(size: Size, frame: &[String]) -> Vec<String> {
    let room = usize::from(size.rows.saturating_sub(1));
    let first = frame.len().saturating_sub(room);
    let cut = |line: &String| columns::cut(line, usize::from(size.columns));
    frame[first..].iter().map(cut).collect()
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
