//! The board at the end of a terminal: rows, the summary, the time.

use super::pace::{elapsed_line, pace_within};
use crate::screen::{Size, cut, width};
use anstyle::{AnsiColor, Style};
use wodehost::board::{BoardModel, Look, News, Row};
use wodehost::units::grouped;

/// Columns that what stands before bar and time keeps; where it cannot, they go.
const HEAD_COLUMNS_MIN: usize = 24;

/// The frame: never higher than the terminal without its last row, and no line wider
/// than it. Summary and time are always at its end.
pub(crate) fn frame(model: &BoardModel, size: Size) -> Vec<String> {
    let columns = usize::from(size.columns);
    let room = usize::from(size.rows.saturating_sub(1));
    let mut pinned = vec![pace_within(model, columns), elapsed_line(model)];
    pinned.truncate(room);
    let rows = model.rows();
    let (shown, more) = fitting(&rows, room - pinned.len());
    let mut lines: Vec<String> = shown.iter().map(|row| line(row, columns)).collect();
    lines.extend(more.map(|more| styled(Style::new().dimmed(), &cut(&more, columns))));
    lines.extend(pinned.iter().map(|line| cut(line, columns)));
    lines
}

/// The rows that fit, in their order, and what is said of the others. Those where
/// something is done come first.
fn fitting(rows: &[Row], room: usize) -> (Vec<&Row>, Option<String>) {
    if rows.len() <= room {
        return (rows.iter().collect(), None);
    }
    let Some(room) = room.checked_sub(1) else {
        return (Vec::new(), None);
    };
    let busy = rows.iter().filter(|row| !row.is_idle).count().min(room);
    let (mut busy_left, mut idle_left) = (busy, room - busy);
    let shown = rows.iter().filter(|row| {
        let left = if row.is_idle {
            &mut idle_left
        } else {
            &mut busy_left
        };
        let fits = *left > 0;
        *left = left.saturating_sub(1);
        fits
    });
    let more = grouped((rows.len() - room) as u64);
    (shown.collect(), Some(format!("… and {more} more")))
}

fn line(row: &Row, columns: usize) -> String {
    let (head, tail) = row.text.split_at(row.tail_at);
    let head = format!("{}{head}", row.prefix);
    let text = match columns.checked_sub(width(tail)) {
        Some(room) if room >= HEAD_COLUMNS_MIN => cut(&head, room) + tail,
        Some(_) | None => cut(&(head + tail), columns),
    };
    styled(style(row), &text)
}

/// Colours only repeat what the text says.
fn style(row: &Row) -> Style {
    let style = match row.look {
        Look::Success => AnsiColor::Green.on_default(),
        Look::Warning => AnsiColor::Yellow.on_default(),
        Look::Error => AnsiColor::Red.on_default(),
        Look::Normal if row.is_idle && !row.is_fresh => Style::new().dimmed(),
        Look::Normal => Style::new(),
    };
    if row.is_fresh { style.bold() } else { style }
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The lines that scroll up and stay: those that their guests pinned, when they are
/// done (A14, A16).
pub(crate) fn scrolled(news: &[News]) -> Vec<String> {
    let done = news
        .iter()
        .filter(|news| news.of.change.is_last && news.of.change.said.is_pinned);
    done.map(|news| format!("{}{}", news.row.prefix, news.row.text))
        .collect()
}
