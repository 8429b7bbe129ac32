//! Text by the columns that it takes on a terminal.
//!
//! Of what steers a terminal only colours may be in it; whatever else there is
//! becomes visible, so that it steers nothing.

use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// Stands for what was cut; one column.
const CUT: char = '…';

/// Ends all colours.
const RESET: &str = "\x1b[0m";

/// What a text consists of.
enum Piece<'a> {
    Char(char),
    /// The code of a colour, as it stands there.
    Colour(&'a str),
}

/// The pieces of a text, one by one.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = colour_length(rest).unwrap_or(first.len_utf8());
        let (piece, behind) = rest.split_at(length);
        rest = behind;
        Some(match colour_length(piece) {
            Some(_) => Piece::Colour(piece),
            None => Piece::Char(first),
        })
    })
}

/// The length of the colour code that a text begins with.
fn colour_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\x1b[")?;
    let end = inner.find(|c: char| !matches!(c, '0'..='9' | ';' | ':'))?;
    inner[end..]
        .starts_with('m')
        .then_some("\x1b[m".len() + end)
}

/// The columns of a character, never fewer than a terminal gives it: some give one to
/// a soft hyphen, and to what makes a picture of the character before it.
fn columns_of(c: char) -> usize {
    match c {
        '\u{ad}' | '\u{fe0f}' => 1,
        c => c.width().unwrap_or(0),
    }
}

/// Text in lines, without anything that could move the cursor.
pub(super) fn tame(text: &str) -> String {
    let mut tamed = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Char(c @ ('\n' | '\t')) => tamed.push(c),
            Piece::Char(c) => push_visible(&mut tamed, c),
            Piece::Colour(code) => tamed.push_str(code),
        }
    }
    tamed
}

fn push_visible(text: &mut String, c: char) {
    if c.is_control() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}", c.escape_default());
    } else {
        text.push(c);
    }
}

/// One line of at most so many columns, with a `…` where it was cut. Colours take no
/// columns, and end where the line ends.
pub(crate) fn cut(line: &str, columns_max: usize) -> String {
    let mut out = String::with_capacity(line.len());
    let mut columns = 0;
    let mut has_colours = false;
    // Where `…` fits still, and what stands there.
    let mut cut_at = 0;
    for piece in pieces(line) {
        match piece {
            Piece::Colour(code) => {
                has_colours = true;
                out.push_str(code);
            }
            Piece::Char(c) => {
                let before = out.len();
                push_visible(&mut out, c);
                columns += out[before..].chars().map(columns_of).sum::<usize>();
            }
        }
        if columns < columns_max {
            cut_at = out.len();
        }
        if columns > columns_max {
            out.truncate(cut_at);
            if columns_max > 0 {
                out.push(CUT);
            }
            if has_colours {
                out.push_str(RESET);
            }
            return out;
        }
    }
    out
}

/// The columns that a line takes.
pub(crate) fn width(line: &str) -> usize {
    let columns = |piece| match piece {
        Piece::Char(c) => columns_of(c),
        Piece::Colour(_) => 0,
    };
    pieces(line).map(columns).sum()
}

/// The rows that a line takes on a terminal that wraps it; a wide character does not
/// stand on two of them.
pub(super) fn rows(line: &str, columns_max: usize) -> usize {
    let (mut rows, mut columns) = (1, 0);
    for piece in pieces(line) {
        let Piece::Char(c) = piece else {
            continue;
        };
        let more = columns_of(c);
        if columns + more > columns_max && columns > 0 {
            rows += 1;
            columns = 0;
        }
        columns += more;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_by_columns() {
        assert_eq!(cut("worker", 6), "worker");
        assert_eq!(cut("workers", 6), "worke…");
        // A wide character is not cut in halves.
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("日本語", 1), "…");
        // Marks stay with their letters.
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("日本語 abc", 2), "…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn colours_take_no_columns_and_end_with_the_line() {
        assert_eq!(cut("\x1b[1;32mabc\x1b[0m", 3), "\x1b[1;32mabc\x1b[0m");
        assert_eq!(cut("\x1b[1;32mabcd\x1b[0m", 3), "\x1b[1;32mab…\x1b[0m");
        assert_eq!(rows("\x1b[38:5:1mab\x1b[m", 2), 1);
    }

    #[test]
    fn a_line_is_wrapped_by_columns() {
        assert_eq!(width("\x1b[1mab 日\x1b[0m"), 5);
        assert_eq!(width("a\u{ad}❤\u{fe0f}"), 4);
        assert_eq!(rows("", 3), 1);
        assert_eq!(rows("abc", 3), 1);
        assert_eq!(rows("abcd", 3), 2);
        assert_eq!(rows("日本語", 3), 3);
        assert_eq!(rows("日本語", 4), 2);
        assert_eq!(rows("日本語", 1), 3);
        assert_eq!(rows("e\u{301}", 1), 1);
    }

    #[test]
    fn what_steers_a_terminal_becomes_visible() {
        assert_eq!(
            tame("a\x1b[2Jb\r\n\tc\x1b[31m"),
            "a\\u{1b}[2Jb\\r\n\tc\x1b[31m"
        );
        assert_eq!(cut("a\nb\u{9b}", 80), "a\\nb\\u{9b}");
        assert_eq!(cut("\x1b[", 80), "\\u{1b}[");
    }
}
