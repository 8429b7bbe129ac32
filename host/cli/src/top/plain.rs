//! One look as plain text, for `--once`: complete, whatever the width.

use super::protocol::{Hello, Look};
use super::table::{Tab, Table};
use super::words::{at_work, ended, residents, title};
use std::fmt::Write as _;
use wodehost::units::grouped;

/// Wider than any line: nothing is cut.
const ROOM: usize = 4096;

/// Makes the text.
pub(crate) fn render(hello: &Hello, look: &Look) -> String {
    let snapshot = &look.snapshot;
    let mut text = String::new();
    let lines = [
        title(hello, look),
        ended(&snapshot.tally),
        at_work(snapshot),
        residents(snapshot),
    ];
    for line in lines.iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "{line}");
    }
    rows(&mut text, &Table::of(snapshot, Tab::Attempts, 0, ""));
    if !snapshot.queue.first.is_empty() {
        rows(&mut text, &Table::of(snapshot, Tab::Queue, 0, ""));
        let shown = snapshot.queue.first.len() as u64;
        let more = snapshot.queue.queued.saturating_sub(shown);
        if more > 0 {
            let _ = writeln!(text, "… and {} more", grouped(more));
        }
    }
    text
}

fn rows(text: &mut String, table: &Table) {
    let layout = table.layout(ROOM);
    let _ = writeln!(text, "\n{}", table.head(&layout).trim_end());
    for row in &table.rows {
        let _ = writeln!(text, "{}", table.row(row, &layout).trim_end());
    }
}
