//! Where one is in a table. What was chosen is followed when rows move.

use super::table::{Row, Target};

/// Where one is in a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cursor {
    /// The row that is chosen.
    pub(crate) row: usize,
    /// The first row that is shown.
    pub(crate) top: usize,
    /// What the table is sorted by.
    pub(crate) sort: usize,
    /// What the row is about.
    target: Option<Target>,
}

impl Cursor {
    /// Goes to where what was chosen is now. Where it is gone its place stays.
    pub(crate) fn follow(&mut self, rows: &[Row]) {
        let Some(target) = &self.target else {
            return;
        };
        if let Some(row) = rows.iter().position(|row| row.target.is_same(target)) {
            self.row = row;
        }
    }

    /// Moves by some rows.
    pub(crate) fn step(&mut self, by: isize) {
        self.row = self.row.saturating_add_signed(by);
    }

    /// Keeps what is chosen among the rows, and in view where so many are shown.
    pub(crate) fn settle(&mut self, rows: &[Row], shown: usize) {
        let shown = shown.max(1);
        self.row = self.row.min(rows.len().saturating_sub(1));
        self.top = self.top.min(self.row);
        self.top = self.top.min(rows.len().saturating_sub(shown));
        self.top = self.top.max((self.row + 1).saturating_sub(shown));
        self.target = rows.get(self.row).map(|row| row.target.clone());
    }
}
