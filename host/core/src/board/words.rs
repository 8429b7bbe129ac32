//! The words of the board that a user may choose, and the patterns among them.

use super::said::Progress;
use crate::units::grouped;
use crate::value::escape_for_people;
use std::fmt::Write;
use std::time::Duration;

/// Characters of a progress bar.
const BAR_CHARS: u32 = 30;

/// The widest number that a pattern may ask for.
const WIDTH_MAX: usize = 20;

/// The words of the board.
///
/// ```
/// use wodehost::board::{Progress, Words};
///
/// let words = Words::default();
/// assert_eq!(words.prefix(3), "worker  3: ");
/// let half = Progress { done: 15, total: 30 };
/// assert_eq!(words.bar(half), "[###############...............]  50% 15/30");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    prefix: String,
    waiting: String,
    done: String,
    bar: String,
}

/// Why a pattern was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// There is nothing behind a `%`.
    #[error("`{0}` ends with a `%`; write `%%` for a percent sign")]
    Unfinished(String),
    /// There is no such place.
    #[error("`%{found}` is no place in `{pattern}`; there are {known}")]
    Unknown {
        /// The pattern.
        pattern: String,
        /// What stands behind the `%`.
        found: char,
        /// What may stand there.
        known: &'static str,
    },
    /// It has something in it that steers a terminal.
    #[error(
        "`{}` has characters in it that cannot be shown",
        escape_for_people(_0, 60)
    )]
    Unseen(String),
    /// The number is to be too wide.
    #[error("`{0}` asks for more than 20 columns")]
    Wide(String),
}

impl Default for Words {
    fn default() -> Self {
        Words {
            prefix: Words::PREFIX.to_owned(),
            waiting: Words::WAITING.to_owned(),
            done: Words::DONE.to_owned(),
            bar: Words::BAR.to_owned(),
        }
    }
}

impl Words {
    /// What stands in front of each line, unless it is set.
    pub const PREFIX: &str = "worker %2d: ";

    /// The text of a line without a job, unless it is set.
    pub const WAITING: &str = "waiting";

    /// The text of a line at the end, unless it is set.
    pub const DONE: &str = "done";

    /// A progress bar, unless it is set.
    pub const BAR: &str = "[%b] %3p%% %c/%t";

    /// What stands in front of each line: `%d` is the slot's number, `%2d` that in two columns.
    /// Default: `worker %2d: `.
    pub fn set_prefix<T: Into<String>>(&mut self, pattern: T) -> Result<(), WordsError> {
        self.prefix = checked(pattern.into(), "d", "`%d` and `%%`")?;
        Ok(())
    }

    /// The text of a line before its first job, and between two. Default: `waiting`.
    pub fn set_waiting<T: Into<String>>(&mut self, text: T) -> Result<(), WordsError> {
        self.waiting = seen(text.into())?;
        Ok(())
    }

    /// The text of a line at the end. Default: `done`.
    pub fn set_done<T: Into<String>>(&mut self, text: T) -> Result<(), WordsError> {
        self.done = seen(text.into())?;
        Ok(())
    }

    /// A progress bar: `%b` is the bar of 30 characters, `%p` the percent, `%c` the steps
    /// that are done, `%t` all steps; numbers may have a width. Default: `[%b] %3p%% %c/%t`.
    pub fn set_bar<T: Into<String>>(&mut self, pattern: T) -> Result<(), WordsError> {
        self.bar = checked(pattern.into(), "bpct", "`%b`, `%p`, `%c`, `%t` and `%%`")?;
        Ok(())
    }

    /// What stands in front of a slot's line.
    #[must_use]
    pub fn prefix(&self, slot: u32) -> String {
        filled(&self.prefix, |_| slot.to_string())
    }

    /// The text of a line without a job.
    #[must_use]
    pub fn waiting(&self) -> &str {
        &self.waiting
    }

    /// The text of a line at the end.
    #[must_use]
    pub fn done(&self) -> &str {
        &self.done
    }

    /// A progress bar as text.
    #[must_use]
    pub fn bar(&self, progress: Progress) -> String {
        filled(&self.bar, |place| match place {
            'b' => {
                let full = progress.of(BAR_CHARS) as usize;
                let rest = BAR_CHARS as usize - full;
                format!("{}{}", "#".repeat(full), ".".repeat(rest))
            }
            'p' => progress.percent().to_string(),
            'c' => grouped(progress.done),
            _ => grouped(progress.total),
        })
    }
}

/// A piece of a pattern.
enum Piece<'a> {
    Text(&'a str),
    Place { width: usize, what: char },
}

/// The pieces of a pattern that was checked, or not yet.
fn pieces(pattern: &str) -> Result<Vec<Piece<'_>>, WordsError> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        found.push(Piece::Text(&rest[..at]));
        rest = &rest[at + 1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let width = &rest[..digits];
        rest = &rest[digits..];
        let mut behind = rest.chars();
        let Some(what) = behind.next() else {
            return Err(WordsError::Unfinished(pattern.to_owned()));
        };
        rest = behind.as_str();
        if what == '%' {
            found.push(Piece::Text("%"));
            continue;
        }
        let width = match width {
            "" => 0,
            width => width.parse().unwrap_or(usize::MAX),
        };
        if width > WIDTH_MAX {
            return Err(WordsError::Wide(pattern.to_owned()));
        }
        found.push(Piece::Place { width, what });
    }
    found.push(Piece::Text(rest));
    Ok(found)
}

/// The text, if it is shown as it is.
fn seen(text: String) -> Result<String, WordsError> {
    if escape_for_people(&text, text.len().max(1)) == text {
        return Ok(text);
    }
    Err(WordsError::Unseen(text))
}

fn checked(pattern: String, places: &str, known: &'static str) -> Result<String, WordsError> {
    let pattern = seen(pattern)?;
    for piece in pieces(&pattern)? {
        if let Piece::Place { what, .. } = piece
            && !places.contains(what)
        {
            let found = what;
            return Err(WordsError::Unknown {
                pattern,
                found,
                known,
            });
        }
    }
    Ok(pattern)
}

fn filled(pattern: &str, fill: impl Fn(char) -> String) -> String {
    let mut text = String::new();
    for piece in pieces(pattern).into_iter().flatten() {
        match piece {
            Piece::Text(words) => text.push_str(words),
            Piece::Place { width, what } => {
                // Writing to a string cannot fail.
                let _ = write!(text, "{:>width$}", fill(what));
            }
        }
    }
    text
}

/// A time in words: `less than a second`, `1 minute, 2 seconds`. The largest unit that
/// there is, and the one below it where it is not 0.
#[must_use]
pub fn elapsed_in_words(elapsed: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let mut rest = elapsed.as_secs();
    let mut said = Vec::new();
    for (seconds, word) in UNITS {
        let count = rest / seconds;
        rest %= seconds;
        if count == 0 && said.is_empty() {
            continue;
        }
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            said.push(format!("{} {word}{plural}", grouped(count)));
        }
        if said.len() == 2 || count == 0 {
            break;
        }
    }
    if said.is_empty() {
        return "less than a second".to_owned();
    }
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    // A5
    #[test]
    fn the_prefix_is_a_pattern() {
        let mut words = Words::default();
        assert_eq!(words.prefix(7), "worker  7: ");
        assert_eq!(words.prefix(123), "worker 123: ");
        words.set_prefix("#%d (100%%) ").expect("a pattern");
        assert_eq!(words.prefix(7), "#7 (100%) ");
        words.set_prefix("").expect("nothing at all");
        assert_eq!(words.prefix(7), "");
    }

    // A21, A22
    #[test]
    fn the_bar_is_a_pattern() {
        let mut words = Words::default();
        let at = |done| Progress { done, total: 2000 };
        assert_eq!(
            words.bar(at(1999)),
            "[#############################.]  99% 1,999/2,000"
        );
        words.set_bar("%p%% of %t").expect("a pattern");
        assert_eq!(words.bar(at(2000)), "100% of 2,000");
    }

    #[test]
    fn a_pattern_that_cannot_be_is_told() {
        let mut words = Words::default();
        let said = |e: WordsError| e.to_string();
        assert_eq!(
            words.set_prefix("worker %").map_err(said),
            Err("`worker %` ends with a `%`; write `%%` for a percent sign".to_owned())
        );
        assert_eq!(
            words.set_bar("%d").map_err(said),
            Err("`%d` is no place in `%d`; there are `%b`, `%p`, `%c`, `%t` and `%%`".to_owned())
        );
        for wide in ["%21d", "%99999999999999999999999d"] {
            assert_eq!(
                words.set_prefix(wide),
                Err(WordsError::Wide(wide.to_owned()))
            );
        }
        assert_eq!(
            words.set_done("\u{1b}[2J").map_err(said),
            Err("`\\x1b[2J` has characters in it that cannot be shown".to_owned())
        );
        for text in ["a\nb", "\u{202e}x", "\0"] {
            assert!(words.set_waiting(text).is_err(), "{text:?}");
            assert!(words.set_prefix(text).is_err(), "{text:?}");
        }
        assert_eq!(words, Words::default());
    }

    // A30
    #[test]
    fn times_have_their_plurals() {
        let words = |seconds| elapsed_in_words(Duration::from_secs(seconds));
        assert_eq!(
            elapsed_in_words(Duration::from_millis(999)),
            "less than a second"
        );
        assert_eq!(words(1), "1 second");
        assert_eq!(words(59), "59 seconds");
        assert_eq!(words(60), "1 minute");
        assert_eq!(words(62), "1 minute, 2 seconds");
        assert_eq!(words(3600), "1 hour");
        assert_eq!(words(3605), "1 hour");
        assert_eq!(words(2 * 3600 + 60), "2 hours, 1 minute");
        assert_eq!(words(86_400 + 7200), "1 day, 2 hours");
        assert!(elapsed_in_words(Duration::MAX).contains("days"));
    }
}
