//! The frame, played into a terminal emulator that wraps anew when it is resized.

use super::*;
use proptest::prelude::*;

/// A terminal that wraps what it shows anew when its width changes.
struct Played {
    parser: vt100::Parser,
    size: Size,
}

/// More than any test scrolls up.
const SCROLLBACK: usize = 10_000;

impl Played {
    fn new(size: Size) -> Played {
        let parser = vt100::Parser::new(nonzero(size.rows), nonzero(size.columns), SCROLLBACK);
        Played { parser, size }
    }

    fn play(&mut self, bytes: &str) {
        self.parser.process(bytes.as_bytes());
    }

    /// Everything that it shows and that scrolled up: lines, and whether each goes on in
    /// the next row.
    fn rows(&mut self) -> Vec<(String, bool)> {
        let screen = self.parser.screen_mut();
        let above = screen.scrollback_len();
        let height = usize::from(self.size.rows);
        let mut rows = Vec::new();
        let mut from_top = 0;
        while from_top < above + height {
            screen.set_scrollback(above.saturating_sub(from_top));
            let skip = from_top - (above - screen.scrollback());
            for row in skip..height {
                let text = screen.rows(0, self.size.columns).nth(row);
                let goes_on = screen.row_wrapped(row as u16);
                rows.push((text.unwrap_or_default(), goes_on));
                from_top += 1;
            }
        }
        screen.set_scrollback(0);
        rows
    }

    /// The lines, put together again where they were wrapped.
    fn lines(&mut self) -> Vec<String> {
        let mut lines = vec![String::new()];
        for (text, goes_on) in self.rows() {
            lines.last_mut().expect("one").push_str(&text);
            if !goes_on {
                lines.push(String::new());
            }
        }
        let written = lines.iter().rposition(|line| !line.trim().is_empty());
        lines.truncate(written.map_or(0, |last| last + 1));
        lines.into_iter().map(|l| l.trim_end().to_owned()).collect()
    }

    /// The rows that are shown now.
    fn shown(&self) -> Vec<String> {
        let rows = self.parser.screen().rows(0, self.size.columns);
        let mut rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
        let written = rows.iter().rposition(|row| !row.is_empty());
        rows.truncate(written.map_or(0, |last| last + 1));
        rows
    }

    /// Another size: the lines are wrapped anew, the cursor stays under the last one.
    fn resize(&mut self, size: Size) {
        let (row, _) = self.parser.screen().cursor_position();
        let above = self.parser.screen().scrollback_len();
        let rows = self.rows();
        let above_cursor = &rows[..above + usize::from(row)];
        let mut lines = String::new();
        for (index, (text, goes_on)) in above_cursor.iter().enumerate() {
            lines.push_str(text);
            // What the last one goes on with was erased.
            if !goes_on || index + 1 == above_cursor.len() {
                lines.push_str("\r\n");
            }
        }
        *self = Played::new(size);
        self.play(&lines);
    }
}

fn nonzero(number: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(number).expect("a terminal has some")
}

fn size(columns: u16, rows: u16) -> Size {
    Size { columns, rows }
}

fn frame(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn a_frame_is_drawn_over_the_one_before() {
    let mut drawn = Drawn::default();
    let mut terminal = Played::new(size(20, 6));
    terminal.play("$ wodehost run\r\n");
    terminal.play(&drawn.paint(size(20, 6), "", &frame(&["one", "two", "three"])));
    assert_eq!(terminal.shown(), ["$ wodehost run", "one", "two", "three"]);
    terminal.play(&drawn.paint(size(20, 6), "", &frame(&["1"])));
    assert_eq!(terminal.shown(), ["$ wodehost run", "1"]);
    terminal.play(&drawn.paint(size(20, 6), "note\n", &frame(&["1", "2"])));
    assert_eq!(terminal.shown(), ["$ wodehost run", "note", "1", "2"]);
    assert!(!terminal.parser.screen().hide_cursor());
    assert_eq!(terminal.parser.screen().cursor_position(), (4, 0));
}

#[test]
fn the_bytes_are_these() {
    // Text takes the frame's place row by row: nothing is kept as if it had scrolled off.
    let mut drawn = Drawn::default();
    let first = drawn.paint(size(20, 6), "", &frame(&["one", "two"]));
    assert_eq!(
        first,
        "\x1b[?2026h\x1b[?25l\r\x1b[2Kone\r\n\x1b[2Ktwo\r\n\x1b[J\x1b[?25h\x1b[?2026l"
    );
    assert_eq!(drawn.paint(size(20, 6), "", &frame(&["one", "two"])), "");
    let text = drawn.paint(size(20, 6), "a\nb\n", &frame(&["one"]));
    assert_eq!(
        text,
        "\x1b[?2026h\x1b[?25l\x1b[2A\r\x1b[2K\x1b[B\x1b[2K\x1b[B\x1b[2A\ra\r\nb\r\n\x1b[2Kone\r\n\x1b[J\x1b[?25h\x1b[?2026l"
    );
}

#[test]
fn others_may_write_in_place_of_the_frame() {
    let mut drawn = Drawn::default();
    assert_eq!(drawn.make_way(size(20, 6), ""), "");
    let mut terminal = Played::new(size(20, 6));
    terminal.play(&drawn.paint(size(20, 6), "", &frame(&["one", "two"])));
    let way = drawn.make_way(size(20, 6), "note\n");
    assert_eq!(
        way,
        "\x1b[?2026h\x1b[2A\r\x1b[2K\x1b[B\x1b[2K\x1b[B\x1b[2A\rnote\r\n"
    );
    terminal.play(&way);
    terminal.play("{}\r\n");
    terminal.play(&drawn.paint(size(20, 6), "", &frame(&["one", "two"])));
    assert_eq!(terminal.shown(), ["note", "{}", "one", "two"]);
    // Where there is no frame the terminal is not left waiting for one.
    let mut drawn = Drawn::default();
    assert!(drawn.make_way(size(20, 6), "note\n").starts_with(TOGETHER));
    assert!(drawn.paint(size(20, 6), "", &[]).ends_with(END));
    assert_eq!(drawn.paint(size(20, 6), "", &[]), "");
}

#[test]
fn a_narrower_terminal_has_wrapped_the_frame() {
    let mut drawn = Drawn::default();
    let mut terminal = Played::new(size(20, 8));
    terminal.play("before\r\n");
    let lines = frame(&["twelve columns", "日本語 日本語"]);
    terminal.play(&drawn.paint(size(20, 8), "", &lines));
    terminal.resize(size(9, 8));
    terminal.play(&drawn.paint(size(9, 8), "", &lines));
    assert_eq!(terminal.shown(), ["before", "twelve c…", "日本語 …"]);
    terminal.resize(size(20, 8));
    terminal.play(&drawn.paint(size(20, 8), "", &lines));
    assert_eq!(
        terminal.shown(),
        ["before", "twelve columns", "日本語 日本語"]
    );
}

#[test]
fn a_frame_that_is_too_high_keeps_its_end() {
    let mut drawn = Drawn::default();
    let lines = frame(&["1", "2", "3", "4"]);
    let mut terminal = Played::new(size(20, 3));
    terminal.play(&drawn.paint(size(20, 3), "", &lines));
    assert_eq!(terminal.lines(), ["3", "4"]);
    for small in [size(0, 0), size(0, 9), size(9, 0), size(9, 1)] {
        let mut drawn = Drawn::default();
        let text = drawn.paint(small, "text\n", &lines);
        assert!(text.contains("text\r\n"));
    }
}

#[test]
fn no_text_steers_the_terminal() {
    let mut drawn = Drawn::default();
    let mut terminal = Played::new(size(40, 8));
    let lines = frame(&["\x1b[1;31mred\x1b[0m \x1b[2J\nx"]);
    terminal.play(&drawn.paint(size(40, 8), "\x1b[33ma\x1b[0m\x1b[9Ab\rc\x07\n", &lines));
    assert_eq!(
        terminal.shown(),
        ["a\\u{1b}[9Ab\\rc\\u{7}", "red \\u{1b}[2J\\nx"]
    );
    let red = terminal.parser.screen().cell(1, 0).expect("there");
    assert!(red.bold() && red.fgcolor() == vt100::Color::Idx(1));
}

/// What happens to a terminal.
#[derive(Debug, Clone)]
enum Event {
    Frame(Vec<String>),
    Text(Vec<String>),
    Data(String),
    Resize(Size),
}

fn a_size() -> impl Strategy<Value = Size> {
    (1..30_u16, 2..12_u16).prop_map(|(columns, rows)| size(columns, rows))
}

/// Text without wide characters: a terminal of one column has no place for them.
fn a_line() -> impl Strategy<Value = String> {
    "[a-z]{1,4}([ a-zé.\u{301}]{0,40}[a-z])?"
}

/// The same, and what may not get through.
fn an_evil_line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => a_line(),
        1 => "[a-z]{1,3}(\n|\r|\x1b\\[2J|\x1b\\[1;32m|\x1b\\[3A|\x08|\u{9b}H){1,3}[a-z]{1,3}\x1b\\[0m",
    ]
}

fn an_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => prop::collection::vec(an_evil_line(), 0..14).prop_map(Event::Frame),
        3 => prop::collection::vec(an_evil_line(), 1..5).prop_map(Event::Text),
        1 => a_line().prop_map(Event::Data),
        1 => a_size().prop_map(Event::Resize),
    ]
}

/// A line as it looks.
fn plain(line: &str) -> String {
    let tame = columns::tame(line);
    let text = anstream::adapter::strip_str(&tame).to_string();
    text.trim_end().to_owned()
}

proptest! {
    /// Whatever was drawn, said and resized: the texts in order, then the last frame,
    /// nothing else.
    #[test]
    fn texts_and_then_the_last_frame_are_what_stays(
        first in a_size(),
        events in prop::collection::vec(an_event(), 0..30),
    ) {
        let mut now = first;
        let mut terminal = Played::new(now);
        let mut drawn = Drawn::default();
        let mut lines = Vec::new();
        let mut expected: Vec<String> = Vec::new();
        let mut is_lost = false;
        for event in events {
            let (mut above, mut bytes) = (String::new(), String::new());
            match event {
                Event::Frame(frame) => lines = frame,
                Event::Text(texts) => {
                    above = texts.join("\n") + "\n";
                    expected.extend(above.split_terminator('\n').map(plain));
                }
                Event::Data(line) => {
                    bytes = drawn.make_way(now, "") + &line + "\r\n";
                    expected.push(line);
                }
                Event::Resize(size) => {
                    terminal.resize(size);
                    now = size;
                    // Rows of the frame that no longer fit are out of reach.
                    is_lost |= drawn.rows(size) >= usize::from(size.rows);
                }
            }
            bytes += &drawn.paint(now, &above, &lines);
            let (begins, ends) = (bytes.matches("2026h").count(), bytes.matches("2026l").count());
            prop_assert!(ends == 1 || begins == 0, "it goes on to wait: {bytes:?}");
            terminal.play(&bytes);
            prop_assert!(!terminal.parser.screen().hide_cursor());
            prop_assert_eq!(terminal.parser.screen().cursor_position().1, 0);
        }
        let frame: Vec<String> = fitting(now, &lines).iter().map(|line| plain(line)).collect();
        if is_lost {
            let shown = terminal.shown();
            prop_assert!(shown.ends_with(&frame), "{:?} ends with {:?}", shown, frame);
        } else {
            expected.extend(frame);
            prop_assert_eq!(terminal.lines(), expected);
        }
    }
}
