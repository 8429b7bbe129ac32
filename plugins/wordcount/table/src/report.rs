//! The tables as text: one for programs, one for people.
//!
//! Words and names of files come from outside. What would break a line or a
//! column is taken out of them.

use std::fmt::{self, Write};

use crate::totals::{FileTotals, Totals};

/// `table.tsv`: every word and its count, the most frequent first.
pub(crate) fn tsv(totals: &Totals) -> Result<String, fmt::Error> {
    let mut out = "word\tcount\n".to_owned();
    for (word, n) in totals.ranking() {
        writeln!(out, "{}\t{n}", one_line(word))?;
    }
    Ok(out)
}

/// `table.md`: the texts, their totals, and the `top` most frequent words.
pub(crate) fn markdown(totals: &Totals, top: usize) -> Result<String, fmt::Error> {
    let mut out = "# Word count\n\n".to_owned();
    let files: Vec<[String; 4]> = totals
        .files
        .iter()
        .map(|(name, file)| {
            [
                cell(name),
                file.words.to_string(),
                file.different.len().to_string(),
                file.pieces.to_string(),
            ]
        })
        .chain([[
            "all".to_owned(),
            totals.word_count().to_string(),
            totals.words.len().to_string(),
            totals
                .files
                .values()
                .map(|file| file.pieces)
                .sum::<u32>()
                .to_string(),
        ]])
        .collect();
    table(&mut out, &["file", "words", "different", "pieces"], &files)?;

    let ranking = totals.ranking();
    let words: Vec<[String; 2]> = ranking
        .iter()
        .take(top)
        .map(|(word, n)| [cell(word), n.to_string()])
        .collect();
    write!(out, "\n## Most frequent words\n\n")?;
    table(&mut out, &["word", "count"], &words)?;
    notes(&mut out, totals)?;
    Ok(out)
}

/// What the numbers leave out; nothing when that is nothing.
fn notes(out: &mut String, totals: &Totals) -> fmt::Result {
    let lines: Vec<String> = totals
        .files
        .iter()
        .flat_map(|(name, file)| notes_on(&cell(name), file))
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    write!(out, "\n## Notes\n\n")?;
    for line in lines {
        writeln!(out, "- {line}")?;
    }
    Ok(())
}

fn notes_on(name: &str, file: &FileTotals) -> Vec<String> {
    let mut lines = Vec::new();
    match file.invalid {
        0 => {}
        1 => lines.push(format!("{name}: 1 place is no UTF-8; a word ends there")),
        n => lines.push(format!("{name}: {n} places are no UTF-8; words end there")),
    }
    for (piece, why) in &file.failed {
        lines.push(format!("{name}, piece {piece}: not counted: {}", cell(why)));
    }
    lines
}

/// A table in Markdown that reads well as plain text, too: first column to the
/// left, numbers to the right.
fn table<const N: usize>(out: &mut String, head: &[&str; N], rows: &[[String; N]]) -> fmt::Result {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0).max(head[column].len())
    };
    let widths: [usize; N] = std::array::from_fn(width);
    row(out, &widths, head)?;
    let rules: [String; N] = std::array::from_fn(|column| match column {
        0 => "-".repeat(widths[0]),
        _ => format!("{}:", "-".repeat(widths[column] - 1)),
    });
    row(out, &widths, &rules)?;
    rows.iter().try_for_each(|cells| row(out, &widths, cells))
}

fn row<const N: usize>(
    out: &mut String,
    widths: &[usize; N],
    cells: &[impl AsRef<str>; N],
) -> fmt::Result {
    out.push('|');
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let cell = cell.as_ref();
        match column {
            0 => write!(out, " {cell:<width$} |")?,
            _ => write!(out, " {cell:>width$} |")?,
        }
    }
    out.push('\n');
    Ok(())
}

/// Text without what would end a line or a column of tabs.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// The same for a cell in Markdown, without markup.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        if matches!(c, '|' | '\\' | '<' | '`' | '*' | '[' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{End, Record};
    use crate::totals::tests::counted;

    fn totals() -> Totals {
        let mut totals = Totals::default();
        totals.add(counted("erlkönig.txt", 1, &[("kind", 5), ("und", 12)]));
        totals.add(counted("sub/b.txt", 1, &[("and", 2), ("kind", 1)]));
        let failed = "cannot be read: gone".to_owned();
        totals.add(Record {
            file: "sub/b.txt".to_owned(),
            piece: 2,
            end: End::Failed(failed),
        });
        if let Some(file) = totals.files.get_mut("erlkönig.txt") {
            file.invalid = 3;
        }
        totals
    }

    #[test]
    fn the_table_for_programs_has_every_word() {
        assert_eq!(
            tsv(&totals()).unwrap(),
            "word\tcount\nund\t12\nkind\t6\nand\t2\n"
        );
    }

    #[test]
    fn the_table_for_people_has_texts_top_words_and_notes() {
        assert_eq!(
            markdown(&totals(), 2).unwrap(),
            "\
# Word count

| file         | words | different | pieces |
| ------------ | ----: | --------: | -----: |
| erlkönig.txt |    17 |         2 |      1 |
| sub/b.txt    |     3 |         2 |      2 |
| all          |    20 |         3 |      3 |

## Most frequent words

| word | count |
| ---- | ----: |
| und  |    12 |
| kind |     6 |

## Notes

- erlkönig.txt: 3 places are no UTF-8; words end there
- sub/b.txt, piece 2: not counted: cannot be read: gone
"
        );
    }

    #[test]
    fn texts_from_outside_cannot_break_a_line_or_a_column() {
        let mut totals = Totals::default();
        totals.add(counted("a|b\n# c", 1, &[("x\ty\nz", 1)]));
        assert_eq!(tsv(&totals).unwrap().lines().count(), 2);
        let table = markdown(&totals, 5).unwrap();
        assert!(table.contains("| a\\|b\u{fffd}# c |"), "{table}");
        assert!(table.contains("| x\u{fffd}y\u{fffd}z |"), "{table}");
    }
}
