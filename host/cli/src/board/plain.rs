//! The board in files and pipes: a line per change, nothing that a terminal would
//! have to understand. Reads well in `tail -f` and in `nohup.out`.

use super::pace::{elapsed_line, pace_in_words};
use std::fmt::Write as _;
use wodehost::board::{BoardModel, News};
use wodehost::units::grouped;

/// A line for each change; what was told already is not repeated (A26).
pub(crate) fn lines(news: &[News]) -> String {
    let mut text = String::new();
    for news in news.iter().filter(|news| !news.is_repeat) {
        let left_out = match news.of.left_out {
            0 => String::new(),
            count => format!(" ({} before it left out)", grouped(count)),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}{}{left_out}", news.row.prefix, news.row.text);
    }
    text
}

/// How far everything is, a line; for those who look in once a minute.
pub(crate) fn heartbeat(model: &BoardModel) -> String {
    format!("{} ({})\n", pace_in_words(model), elapsed_line(model))
}
