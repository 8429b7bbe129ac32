//! A terminal as a picture, for the pages.

use std::fmt::Write as _;
use std::num::NonZeroU16;

/// The size of a character; its height is that of a line.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const MARGIN: f64 = 12.0;

/// How characters look; neighbours that look the same are one text.
#[derive(Clone, PartialEq)]
struct Look {
    colour: &'static str,
    is_bold: bool,
    is_dim: bool,
}

/// What a terminal of a size shows after these bytes.
pub(crate) fn played(columns: u16, rows: u16, bytes: &str) -> vt100::Parser {
    let of = |number| NonZeroU16::new(number).expect("a terminal has some");
    let mut parser = vt100::Parser::new(of(rows), of(columns), 0);
    parser.process(bytes.as_bytes());
    parser
}

/// A terminal as SVG: no script, no font that would have to be fetched.
pub(crate) fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = f64::from(columns) * WIDTH + 2.0 * MARGIN;
    let height = f64::from(rows) * HEIGHT + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, Menlo, Consolas, monospace\" \
         font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#16181d\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let (text, look, taken) = run(screen, row, column, columns);
            if !text.trim().is_empty() {
                push(&mut svg, row, column, taken, &text, &look);
            }
            column += taken;
        }
    }
    svg + "</svg>\n"
}

/// The text from a place on that looks the same, and its columns.
fn run(screen: &vt100::Screen, row: u16, first: u16, columns: u16) -> (String, Look, u16) {
    let look = look(screen, row, first);
    let mut text = String::new();
    let mut column = first;
    while column < columns && self::look(screen, row, column) == look {
        let cell = screen.cell(row, column).expect("on the screen");
        if cell.has_contents() {
            text.push_str(cell.contents());
        } else if !cell.is_wide_continuation() {
            text.push(' ');
        }
        column += 1;
    }
    (text, look, column - first)
}

fn look(screen: &vt100::Screen, row: u16, column: u16) -> Look {
    let cell = screen.cell(row, column).expect("on the screen");
    Look {
        colour: match cell.fgcolor() {
            vt100::Color::Idx(1) => "#ff6b68",
            vt100::Color::Idx(2) => "#7ec669",
            vt100::Color::Idx(3) => "#e5c07b",
            vt100::Color::Idx(6) => "#56b6c2",
            vt100::Color::Idx(_) | vt100::Color::Rgb(..) | vt100::Color::Default => "#d7dae0",
        },
        is_bold: cell.bold(),
        is_dim: cell.dim(),
    }
}

fn push(svg: &mut String, row: u16, column: u16, taken: u16, text: &str, look: &Look) {
    // Blanks at the end would be seen in no font.
    let blanks = text.len() - text.trim_end_matches(' ').len();
    let length = (f64::from(taken) - blanks as f64) * WIDTH;
    let x = MARGIN + f64::from(column) * WIDTH;
    let y = MARGIN + (f64::from(row) + 0.75) * HEIGHT;
    let text = text.trim_end_matches(' ').replace('&', "&amp;");
    let text = text.replace('<', "&lt;").replace('>', "&gt;");
    let bold = if look.is_bold {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let dim = if look.is_dim { " opacity=\"0.6\"" } else { "" };
    let colour = look.colour;
    let _ = writeln!(
        svg,
        "<text xml:space=\"preserve\" x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" \
         fill=\"{colour}\"{bold}{dim}>{text}</text>"
    );
}
