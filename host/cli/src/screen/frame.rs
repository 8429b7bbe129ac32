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

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

/// The terminal shows all that follows at once, where it can; others ignore it. It
/// waits a second at most for the end.
const TOGETHER: &str = "\x1b[?2026h";

/// The cursor is hidden.
const HIDE: &str = "\x1b[?25l";

/// The cursor is back, and everything is shown.
const END: &str = "\x1b[?25h\x1b[?2026l";

/// Erases from the cursor to the end of the screen.
const ERASE_BELOW: &str = "\x1b[J";

/// Moves the cursor a row down; it scrolls nothing.
const DOWN: &str = "\x1b[B";

/// Erases the row of the cursor.
const ERASE_ROW: &str = "\x1b[2K";

/// The frame that stands on the terminal.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    lines: Vec<String>,
    /// When it was drawn.
    size: Option<Size>,
    /// Made way for others; the terminal waits for the frame.
    has_made_way: bool,
}

impl Drawn {
    /// What to write so that `above` stands above everything, whole lines, and `frame`
    /// in place of the frame before. Lines that do not fit are cut; of lines that are
    /// too many the last stay.
    pub(super) fn paint(&mut self, size: Size, above: &str, frame: &[String]) -> String {
        let lines = fitting(size, frame);
        let is_same = lines == self.lines && (self.size == Some(size) || lines.is_empty());
        if is_same && above.is_empty() && !self.has_made_way {
            return String::new();
        }
        let mut out = [TOGETHER, HIDE, &self.to_top(size)].concat();
        if !above.is_empty() {
            out.push_str(&self.erased(size));
            push_text(&mut out, above);
        }
        for line in &lines {
            // Row by row: a terminal that shows bytes as they come does not flicker.
            out.push_str(ERASE_ROW);
            out.push_str(line);
            out.push_str("\r\n");
        }
        out.push_str(ERASE_BELOW);
        out.push_str(END);
        *self = Drawn {
            lines,
            size: Some(size),
            has_made_way: false,
        };
        out
    }

    /// What to write so that `above` stands in place of the frame and others may write
    /// under it. The frame has to be painted again soon.
    pub(super) fn make_way(&mut self, size: Size, above: &str) -> String {
        if self.lines.is_empty() && above.is_empty() {
            return String::new();
        }
        let mut out = [TOGETHER, &self.to_top(size), &self.erased(size)].concat();
        push_text(&mut out, above);
        self.lines.clear();
        self.has_made_way = true;
        out
    }

    /// Erases the frame from its first row on, row by row, and comes back: some terminals
    /// keep what is erased to the end of a whole screen as if it had scrolled off.
    fn erased(&self, size: Size) -> String {
        match self.rows(size) {
            0 => String::new(),
            rows => {
                let each = [ERASE_ROW, DOWN].concat();
                format!("{}\x1b[{rows}A\r", each.repeat(rows))
            }
        }
    }

    /// Moves the cursor to where the frame begins.
    fn to_top(&self, size: Size) -> String {
        match self.rows(size) {
            0 => "\r".to_owned(),
            up => format!("\x1b[{up}A\r"),
        }
    }

    /// Rows of a terminal of this size that the frame takes now.
    fn rows(&self, size: Size) -> usize {
        let columns = usize::from(size.columns).max(1);
        let rows = |line: &String| columns::rows(line, columns);
        self.lines.iter().map(rows).sum()
    }
}

fn push_text(out: &mut String, text: &str) {
    for line in columns::tame(text).lines() {
        out.push_str(line);
        out.push_str("\r\n");
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
