//! Tables of text: columns as wide as what is in them, the least of them left out where a
//! terminal is too narrow for all. Cells are escaped already.

use crate::top::words::{fitted, width};

/// Columns that the last column keeps before another one is left out.
const LAST_MIN: usize = 24;

/// Columns of a name at most, where it is not the last column.
const NAME_MAX: usize = 24;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    name: &'static str,
    is_number: bool,
    /// The highest is left out first where there is no room; 0 never is.
    rank: u8,
}

impl Column {
    /// One of numbers, which stand to the right.
    pub(crate) const fn number(name: &'static str, rank: u8) -> Column {
        Column {
            name,
            is_number: true,
            rank,
        }
    }

    /// One of texts.
    pub(crate) const fn text(name: &'static str, rank: u8) -> Column {
        Column {
            name,
            is_number: false,
            rank,
        }
    }
}

/// The columns of a table.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    columns: &'static [Column],
    /// How wide each column would like to be.
    widest: Vec<usize>,
}

impl Grid {
    /// As these rows need it.
    pub(crate) fn of<'a>(
        columns: &'static [Column],
        rows: impl Iterator<Item = &'a [String]>,
    ) -> Grid {
        let mut widest: Vec<usize> = columns.iter().map(|column| column.name.len()).collect();
        for cells in rows {
            for (widest, cell) in widest.iter_mut().zip(cells) {
                *widest = (*widest).max(width(cell).min(NAME_MAX));
            }
        }
        Grid { columns, widest }
    }

    /// Which columns there is room for, and how wide they are.
    pub(crate) fn layout(&self, room: usize) -> Layout {
        let columns = self.columns;
        let last = columns.len() - 1;
        let mut shown: Vec<(usize, usize)> = columns[..last]
            .iter()
            .enumerate()
            .map(|(place, _)| (place, self.widest[place]))
            .collect();
        let needs = |shown: &[(usize, usize)]| shown.iter().map(|(_, w)| w + 1).sum::<usize>();
        while needs(&shown) + LAST_MIN > room {
            let rank = |(place, _): &(usize, usize)| columns[*place].rank;
            let Some(weakest) = (0..shown.len()).max_by_key(|at| rank(&shown[*at])) else {
                break;
            };
            if rank(&shown[weakest]) == 0 {
                break;
            }
            shown.remove(weakest);
        }
        let rest = room.saturating_sub(needs(&shown));
        shown.push((last, rest));
        Layout(shown)
    }

    /// The line above the rows.
    pub(crate) fn head(&self, layout: &Layout) -> String {
        let names: Vec<String> = self.columns.iter().map(|c| c.name.to_owned()).collect();
        self.line(&names, layout)
    }

    /// A row as a line.
    pub(crate) fn line(&self, cells: &[String], layout: &Layout) -> String {
        let cells = layout.0.iter().map(|(place, columns_max)| {
            fitted(&cells[*place], *columns_max, self.columns[*place].is_number)
        });
        cells.collect::<Vec<_>>().join(" ")
    }
}

/// The columns of a table that are shown, and how wide they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout(Vec<(usize, usize)>);
