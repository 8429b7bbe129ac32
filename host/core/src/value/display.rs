//! Text for people.
//!
//! Whatever a guest wrote is shown escaped and cut: control characters could
//! drive the terminal, marks of writing direction could make a line read as
//! another one, and length could push everything else away. The result of these
//! functions is safe on one line of a terminal. It is for reading, not for
//! reading back: that is [`super::json`], which a value's `Display` looks like.

use std::fmt::{self, Write};

use super::Value;
use super::json::write_compact;

/// Characters of a value's `Display`.
const VALUE_CHARS_MAX: usize = 120;

/// Stands for what was cut.
const CUT: char = '…';

/// `text` on one line of at most `max_chars` characters, ending in `…` when it was cut.
///
/// Newlines, tabs and carriage returns become `\n`, `\t`, `\r`; other control
/// characters of ASCII `\x1b`; further ones, line separators and marks of
/// writing direction `\u{202e}`. A backslash stays as it is.
///
/// ```
/// # use wodehost::value::display::escape_for_people;
/// assert_eq!(escape_for_people("a\n\u{1b}[31mred", 80), r"a\n\x1b[31mred");
/// assert_eq!(escape_for_people("abcdef", 4), "abc…");
/// ```
#[must_use]
pub fn escape_for_people(text: &str, max_chars: usize) -> String {
    let mut out = Cut::new(max_chars);
    push_text(&mut out, text);
    out.finish()
}

/// The same for bytes that may not be UTF-8; those that are not become `\xff`.
#[must_use]
pub fn escape_bytes_for_people(bytes: &[u8], max_chars: usize) -> String {
    let mut out = Cut::new(max_chars);
    for chunk in bytes.utf8_chunks() {
        push_text(&mut out, chunk.valid());
        for byte in chunk.invalid() {
            out.push_whole(&format!("\\x{byte:02x}"));
        }
        if out.is_full() {
            break;
        }
    }
    out.finish()
}

fn push_text(out: &mut Cut, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => out.push_whole("\\n"),
            '\r' => out.push_whole("\\r"),
            '\t' => out.push_whole("\\t"),
            c if c.is_ascii_control() => out.push_whole(&format!("\\x{:02x}", u32::from(c))),
            c if steers_terminal(c) => out.push_whole(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push_char(c),
        }
        if out.is_full() {
            return;
        }
    }
}

/// Whether a character could act on a terminal instead of being shown: controls,
/// line separators, and marks that change the direction of writing.
pub(super) fn steers_terminal(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// `text` with its middle left out when it has more than `max_chars` characters.
pub(super) fn cut_middle(text: &str, max_chars: usize) -> String {
    let chars = text.chars().count();
    if chars <= max_chars {
        return text.to_owned();
    }
    let front = max_chars / 2;
    let back = max_chars - front - 1;
    let mut out: String = text.chars().take(front).collect();
    out.push(CUT);
    out.extend(text.chars().skip(chars - back));
    out
}

/// Text that takes only so many characters and remembers that there were more.
struct Cut {
    text: String,
    chars: usize,
    chars_max: usize,
    /// Where the text can end so that `…` still fits behind it.
    ellipsis_at: usize,
    is_full: bool,
}

impl Cut {
    fn new(chars_max: usize) -> Self {
        Self {
            text: String::new(),
            chars: 0,
            chars_max,
            ellipsis_at: 0,
            is_full: false,
        }
    }

    fn is_full(&self) -> bool {
        self.is_full
    }

    /// Takes an escape, which is never torn apart; all its characters are ASCII.
    fn push_whole(&mut self, escape: &str) {
        self.push(escape, escape.len());
    }

    fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]), 1);
    }

    fn push(&mut self, piece: &str, chars: usize) {
        if self.is_full || self.chars + chars > self.chars_max {
            self.is_full = true;
            return;
        }
        self.text.push_str(piece);
        self.chars += chars;
        if self.chars < self.chars_max {
            self.ellipsis_at = self.text.len();
        }
    }

    fn finish(mut self) -> String {
        if self.is_full {
            self.text.truncate(self.ellipsis_at);
            if self.chars_max > 0 {
                self.text.push(CUT);
            }
        }
        self.text
    }
}

/// Stops whoever writes once it is full: a large value is not rendered to be thrown away.
impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.push_char(c);
            if self.is_full {
                return Err(fmt::Error);
            }
        }
        Ok(())
    }
}

/// For people: JSON on one line, cut to 120 characters, safe on a terminal.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Cut::new(VALUE_CHARS_MAX);
        // The error is that it is full, which `finish` shows.
        let _ = write_compact(self, &mut out);
        f.write_str(&out.finish())
    }
}

/// As `Display`.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
