//! The painter with terminals that are quick, slow, or gone.

use super::*;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

const SIZE: Size = Size {
    columns: 60,
    rows: 10,
};

/// What came to a terminal.
#[derive(Clone, Default)]
struct Glass(Arc<Mutex<Vec<u8>>>);

impl Glass {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("whole").clone()).expect("text")
    }

    /// What stands on it.
    fn shown(&self) -> Vec<String> {
        let of = |number| std::num::NonZeroU16::new(number).expect("not 0");
        let mut parser = vt100::Parser::new(of(SIZE.rows), of(SIZE.columns), 0);
        parser.process(self.text().as_bytes());
        let text = parser.screen().contents();
        text.trim_end().lines().map(str::to_owned).collect()
    }
}

impl Write for Glass {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that takes a write only when it may.
struct Slow {
    glass: Glass,
    began: Sender<()>,
    may: Receiver<()>,
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.began.send(());
        // Nobody who could let it has gone: it may.
        let _ = self.may.recv();
        self.glass.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start(out: impl Write + Send + 'static, has_colours: bool) -> (Arc<Painter>, JoinHandle<()>) {
    let terminal = Terminal::new(Box::new(out), Some(Box::new(|| SIZE)), has_colours);
    let painter = Arc::new(Painter::new(terminal));
    let paints = painter.clone();
    (painter, std::thread::spawn(move || paints.paint()))
}

fn frame(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

// A24
#[test]
fn at_the_end_all_is_written_and_the_last_frame_stays() {
    let glass = Glass::default();
    let (painter, thread) = start(glass.clone(), true);
    assert!(painter.show(frame(&["first"])));
    assert!(painter.text("note"));
    assert!(painter.log("warn  line\n"));
    assert!(painter.show(frame(&["last", "line"])));
    painter.finish(None);
    assert_eq!(glass.shown(), ["note", "warn  line", "last", "line"]);
    thread.join().expect("ended");
    // The terminal is anybody's now.
    assert!(!painter.text("late") && !painter.log("late") && !painter.show(frame(&["late"])));
    painter.finish(None);
    assert!(!glass.text().contains("late"));
}

// A9
#[test]
fn a_terminal_that_stands_still_loses_lines_of_the_log_only() {
    let glass = Glass::default();
    let (began, has_begun) = channel();
    let (let_it, may) = channel();
    let slow = Slow {
        glass: glass.clone(),
        began,
        may,
    };
    let (painter, _) = start(slow, true);
    painter.show(frame(&["board"]));
    has_begun.recv().expect("it writes");
    let line = format!("warn  {}\n", "x".repeat(1018));
    for _ in 0..(LOG_BYTES_MAX / line.len()) + 1234 {
        assert!(painter.log(&line));
        assert!(painter.waiting().text.len() <= 2 * LOG_BYTES_MAX);
    }
    assert!(painter.text("error: this has to be read"));
    assert!(painter.log("warn  after\n"));
    drop(let_it);
    painter.finish(None);
    let text = glass.text();
    assert_eq!(text.matches("warn  x").count(), LOG_BYTES_MAX / line.len());
    assert!(text.contains("error: this has to be read\r\n"));
    assert!(
        text.contains("… 1,235 log lines were dropped: the terminal is slower than they come\r\n")
    );
    assert_eq!(glass.shown().last().map(String::as_str), Some("board"));
}

#[test]
fn who_leaves_does_not_wait_for_ever() {
    let (began, has_begun) = channel();
    let (_let_it, may) = channel();
    let slow = Slow {
        glass: Glass::default(),
        began,
        may,
    };
    let (painter, _) = start(slow, true);
    painter.show(frame(&["board"]));
    has_begun.recv().expect("it writes");
    painter.text("never seen");
    painter.finish(Some(Duration::from_millis(1)));
    assert!(painter.waiting().phase == Phase::Ending);
}

#[test]
fn the_painter_itself_may_leave() {
    /// Leaves as a crash does, on the thread that it happens on.
    struct Crashing(Receiver<Arc<Painter>>);
    impl Write for Crashing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Ok(painter) = self.0.recv() {
                painter.finish(None);
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (give, painters) = channel();
    let (painter, thread) = start(Crashing(painters), true);
    give.send(painter.clone()).expect("taken");
    drop(give);
    painter.show(frame(&["board"]));
    painter.finish(None);
    thread.join().expect("ended");
}

#[test]
fn data_stands_above_the_board() {
    let glass = Glass::default();
    let (painter, _) = start(glass.clone(), true);
    let mut out = glass.clone();
    painter.show(frame(&["board"]));
    painter.text("note");
    painter.data(b"{\"a\":1}\r\n", &mut out).expect("written");
    painter.data(b"no end", &mut out).expect("written");
    painter.data(b"", &mut out).expect("written");
    assert_eq!(glass.shown(), ["note", "{\"a\":1}", "no end", "board"]);
    painter.show(frame(&["board 2"]));
    painter.finish(None);
    assert_eq!(glass.shown(), ["note", "{\"a\":1}", "no end", "board 2"]);
}

#[test]
fn data_that_cannot_be_written_is_told() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let glass = Glass::default();
    let (painter, _) = start(glass.clone(), true);
    painter.show(frame(&["board"]));
    let error = painter.data(b"1\n", &mut Closed).expect_err("closed");
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    assert_eq!(glass.shown(), ["board"]);
}

#[test]
fn without_colours_only_the_cursor_moves() {
    let glass = Glass::default();
    let (painter, _) = start(glass.clone(), false);
    painter.show(frame(&["\x1b[1;32mgreen\x1b[0m"]));
    painter.text("\x1b[31merror:\x1b[0m no");
    painter.finish(None);
    assert_eq!(glass.shown(), ["error: no", "green"]);
    assert!(!glass.text().contains('m'), "{:?}", glass.text());
    assert!(glass.text().contains("\x1b[?25l"));
}

// A24
#[test]
fn a_board_is_drawn_anew_after_somebody_else_had_the_terminal() {
    let glass = Glass::default();
    let (painter, _) = start(glass.clone(), true);
    let mut shell = glass.clone();
    painter.data(b"", &mut shell).expect("nothing");
    painter.show(frame(&["board"]));
    painter.data(b"", &mut shell).expect("nothing");
    shell.write_all(b"$ fg\r\n").expect("written");
    painter.resumed();
    painter.show(frame(&["board"]));
    painter.finish(None);
    assert_eq!(glass.shown(), ["board", "$ fg", "board"]);
}

#[test]
fn many_may_speak_and_nobody_is_lost() {
    let glass = Glass::default();
    let (painter, _) = start(glass.clone(), true);
    std::thread::scope(|scope| {
        for speaker in 0..6 {
            let (painter, mut out) = (&painter, glass.clone());
            scope.spawn(move || {
                for number in 0..300 {
                    let line = format!("<{speaker}:{number}>\r\n");
                    match speaker {
                        0 | 1 => assert!(painter.text(&line)),
                        2 | 3 => assert!(painter.log(&line)),
                        4 => painter.data(line.as_bytes(), &mut out).expect("written"),
                        _ => assert!(painter.show(vec![format!("board {number}")])),
                    }
                }
            });
        }
    });
    painter.finish(None);
    let text = glass.text();
    for speaker in 0..5 {
        let places: Vec<_> = (0..300)
            .map(|number| text.find(&format!("<{speaker}:{number}>")))
            .collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted());
    }
    assert_eq!(glass.shown().last().map(String::as_str), Some("board 299"));
}
