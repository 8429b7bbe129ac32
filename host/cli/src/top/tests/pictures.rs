//! Pictures of `top` at several sizes, and texts that are hostile.

use super::*;
use crate::top::app::End;
use crate::top::chooser::{Choice, Chooser};
use crate::top::plain;
use ratatui::style::Color;

#[test]
fn a_narrow_terminal_shows_what_matters() {
    let at = size(40, 10);
    assert_eq!(
        picture(&app(at, busy()), at),
        [
            "wodehost run  pid 4711  up 1m02s",
            "1,000 succeeded, 3 failed, 1 timed out",
            " 1 Attempts 4  2 Queue 1,234  3 Groups",
            "SLOT JOB       SAYS",
            "   1 k3f9ax-17 [###.......]  30% a.png …",
            "   2 -",
            "   3 k3f9ax-18 warning: odd colours",
            "   4 -",
            "   - k3f9ax-4",
            "q quit  ? help  Enter detail  / filter",
        ]
    );
}

#[test]
fn a_usual_terminal_shows_all_columns_that_fit() {
    let at = size(80, 24);
    let lines = picture(&app(at, busy()), at);
    assert_eq!(
        lines[..12],
        [
            "wodehost run  pid 4711  up 1m02s",
            "1,000 succeeded, 3 failed, 1 timed out  0.0/s",
            "slots 2/4  live 4  queued 1,234  delayed 3  gate holds: memory",
            "producer list: 2,242, queue full",
            " 1 Attempts 4  2 Queue 1,234  3 Groups   by slot",
            "SLOT JOB       WORKER    TRY DOING         FOR GROUP   SAYS",
            "   1 k3f9ax-17 scale       1 running       25s nightly [###.......]  30% a.png …",
            "   2 -                       gate",
            "   3 k3f9ax-18 scale       2 running       27s -       warning: odd colours",
            "   4 -                       gate",
            "   - k3f9ax-4  mergesort   1 waits: 2 jobs  6s -",
            "   - k3f9ax-19 mergesort   1 paused        28s -",
        ]
    );
    assert_eq!(lines[12..23], [""; 11]);
    assert!(lines[23].starts_with("q quit  ? help"));
}

#[test]
fn a_wide_terminal_shows_everything() {
    let at = size(200, 60);
    let lines = picture(&app(at, busy()), at);
    assert_eq!(
        lines[5..8],
        [
            "SLOT JOB       WORKER    TRY DOING         FOR DEPTH GROUP   SAYS",
            "   1 k3f9ax-17 scale       1 running       25s     0 nightly [###.......]  30% a.png (3/10)",
            "   2 -                       gate",
        ]
    );
    assert_eq!(lines.len(), 60);
}

#[test]
fn a_run_without_anything_says_so() {
    let at = size(80, 24);
    let mut app = app(at, Look::default());
    assert_eq!(
        picture(&app, at)[..7],
        [
            "wodehost run  pid 4711  up 0s",
            "0 succeeded  0.0/s",
            "slots 0/0  live 0  queued 0",
            "",
            " 1 Attempts 0  2 Queue 0  3 Groups   by slot",
            "SLOT JOB WORKER TRY DOING FOR DEPTH GROUP SAYS",
            "nothing runs",
        ]
    );
    for (key, said) in [('2', "nothing waits"), ('3', "there are no jobs")] {
        press(&mut app, KeyCode::Char(key));
        assert_eq!(picture(&app, at)[6], said);
        // There is nothing to open, to pause or to cancel.
        for key in [KeyCode::Enter, KeyCode::Char('p'), KeyCode::Char('x')] {
            assert_eq!(press(&mut app, key), []);
        }
        assert_eq!(app.question(), None);
    }
}

#[test]
fn the_queue_and_the_groups_have_a_view_each() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    press(&mut app, KeyCode::Tab);
    let lines = picture(&app, at);
    assert_eq!(
        lines[4..8],
        [
            " 1 Attempts 4  2 Queue 1,234  3 Groups   by order, the first 20",
            "JOB       WORKER TRIED PRIORITY DEPTH STATE  GROUP",
            "k3f9ax-20 scale      0        2     0 waits  nightly",
            "k3f9ax-21 scale      0        0     0 paused nightly",
        ]
    );
    press(&mut app, KeyCode::Tab);
    // Of the queue only a part is known.
    assert_eq!(
        picture(&app, at)[5..8],
        [
            "LIVE QUEUED GROUP",
            "   3    15+ (no group)",
            "   1     5+ nightly",
        ]
    );
    press(&mut app, KeyCode::BackTab);
    assert_eq!(
        picture(&app, at)[6],
        "k3f9ax-20 scale      0        2     0 waits  nightly"
    );
}

#[test]
fn of_very_many_slots_only_those_that_are_busy_have_a_row() {
    let at = size(80, 24);
    let mut look = busy();
    look.snapshot.slots = u32::MAX;
    look.snapshot.lines[1].slot = Some(1_000_000);
    let app = app(at, look);
    // The slots up to 500, the slot beyond them, and two attempts without one.
    assert_eq!(app.table.rows.len(), 500 + 1 + 2);
}

#[test]
fn ten_thousand_lines_are_scrolled_through() {
    let at = size(80, 24);
    let mut look = busy();
    look.snapshot.slots = 0;
    look.snapshot.lines = (1..=10_000).map(|n| line(n, None, "scale", "x")).collect();
    let mut app = app(at, look);
    press(&mut app, KeyCode::Char('G'));
    let lines = picture(&app, at);
    assert!(lines[22].contains("k3f9ax-10000"), "{lines:?}");
    assert!(lines[6].contains("k3f9ax-9984"), "{lines:?}");
    press(&mut app, KeyCode::PageUp);
    assert!(chosen(&app).contains("k3f9ax-9983"));
    press(&mut app, KeyCode::Char('g'));
    assert!(chosen(&app).contains("k3f9ax-1 "));
    typed(&mut app, "/99999");
    assert!(picture(&app, at)[4].ends_with("/99999 (0 of 10,000)"));
    assert_eq!(picture(&app, at)[6], "no row has this text");
}

/// Texts that would steer a terminal, turn its writing around, or break lines.
const HOSTILE: [&str; 6] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "a\u{202e}b\u{2066}c",
    "one\ntwo\r\nthree\tfour\u{85}five\u{2028}six",
    "\u{9b}31m\0\u{7f}",
    "e\u{301}\u{301}\u{301}\u{200d}\u{200b}\u{feff}日本語👩\u{200d}👩",
    "",
];

#[test]
fn nothing_that_a_guest_says_steers_the_terminal() {
    let long = "x".repeat(100_000);
    for text in HOSTILE.into_iter().chain([&*long]) {
        let mut look = busy();
        let snapshot = &mut look.snapshot;
        for line in &mut snapshot.lines {
            line.said.text = text.to_owned();
            line.said.name = Some(text.to_owned());
            line.worker = text.to_owned();
            line.group = Some(text.to_owned());
        }
        snapshot.lines[0].job = text.to_owned();
        snapshot.queue.first[0].worker = text.to_owned();
        snapshot.queue.first[0].group = Some(text.to_owned());
        snapshot.gate = Some(text.to_owned());
        snapshot.host = text.to_owned();
        let mut detail = detail();
        detail.line = snapshot.lines[0].clone();
        detail.state = text.to_owned();
        detail.log[0].text = text.to_owned();
        detail.log[0].level = text.to_owned();
        detail.used[0].limit = text.to_owned();
        detail.used[0].amount = text.to_owned();
        (detail.stdout, detail.stderr) = (text.to_owned(), text.to_owned());
        let plain = plain::render(&hello(), &look);
        let mut shown = vec![plain.replace('\n', "")];
        for at in [size(40, 10), size(200, 60)] {
            let mut app = app(at, look.clone());
            for key in ['1', '2', '3'] {
                press(&mut app, KeyCode::Char(key));
                shown.extend(picture(&app, at));
                control(&mut app, 'k');
                shown.extend(picture(&app, at));
                press(&mut app, KeyCode::Esc);
            }
            press(&mut app, KeyCode::Char('1'));
            press(&mut app, KeyCode::Enter);
            answered(&mut app, Answer::Detail(Some(Box::new(detail.clone()))));
            shown.extend(picture(&app, at));
            answered(&mut app, Answer::Error(text.to_owned()));
            shown.extend(picture(&app, at));
            app.take(Event::Ended(End::Lost(text.to_owned())), Duration::ZERO);
            shown.extend(picture(&app, at));
        }
        let steers = |c: char| {
            c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        for line in shown {
            assert!(!line.contains(steers), "{line:?}");
        }
    }
}

#[test]
fn no_size_is_too_small() {
    let mut looks = vec![Look::default(), busy()];
    looks[1].snapshot.lines[0].said.text = "日".repeat(500);
    for look in looks {
        for (width, height) in [
            (0, 0),
            (1, 1),
            (0, 5),
            (5, 0),
            (2, 3),
            (80, 1),
            (1, 24),
            (7, 6),
        ] {
            let at = size(width, height);
            let mut app = app(at, look.clone());
            drawn(&app, at);
            for key in "Gg2313/x".chars() {
                press(&mut app, KeyCode::Char(key));
                drawn(&app, at);
            }
            press(&mut app, KeyCode::Esc);
            for key in [KeyCode::PageDown, KeyCode::Char('x'), KeyCode::Char('?')] {
                press(&mut app, key);
                drawn(&app, at);
            }
            press(&mut app, KeyCode::Esc);
            press(&mut app, KeyCode::Char('1'));
            press(&mut app, KeyCode::Enter);
            answered(&mut app, Answer::Detail(Some(Box::new(detail()))));
            drawn(&app, at);
            // The picture may be of another size than what was told.
            drawn(&app, size(3, 2));
            app.take(Event::Resized(size(1, 1)), Duration::ZERO);
            drawn(&app, at);
            let chooser = Chooser::new(vec!["one".to_owned(), "two".to_owned()]);
            let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("made");
            terminal.draw(|frame| chooser.draw(frame)).expect("drawn");
        }
    }
}

#[test]
fn colour_is_left_out_where_nobody_wants_it() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    let yellow = |app: &App| {
        let backend = drawn(app, at);
        backend
            .buffer()
            .content
            .iter()
            .any(|cell| cell.fg == Color::Yellow)
    };
    assert!(yellow(&app));
    app.has_colors = false;
    assert!(!yellow(&app));
}

#[test]
fn one_of_several_runs_is_chosen() {
    let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let mut chooser = Chooser::new((0..50).map(|n| format!("run {n}")).collect());
    assert_eq!(chooser.take(key(KeyCode::Enter)), Choice::Of(0));
    chooser.take(key(KeyCode::Char('G')));
    assert_eq!(chooser.take(key(KeyCode::Enter)), Choice::Of(49));
    let mut terminal = Terminal::new(TestBackend::new(40, 5)).expect("made");
    terminal.draw(|frame| chooser.draw(frame)).expect("drawn");
    let drawn = terminal.backend().to_string();
    assert!(
        drawn.contains("50 runs; which one?") && drawn.contains("run 49"),
        "{drawn}"
    );
    chooser.take(key(KeyCode::Char('k')));
    assert_eq!(chooser.take(key(KeyCode::Enter)), Choice::Of(48));
    assert_eq!(chooser.take(key(KeyCode::Esc)), Choice::Quit);
}

#[test]
fn a_look_as_text_is_complete() {
    let text = plain::render(&hello(), &busy());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "wodehost run  pid 4711  up 1m02s");
    assert!(text.contains("\n   1 k3f9ax-17 scale       1 running       25s     0 nightly [###"));
    assert!(text.contains("\nk3f9ax-39 scale"));
    assert_eq!(lines.last(), Some(&"… and 1,214 more"));
    let empty = plain::render(&hello(), &Look::default());
    assert!(!empty.contains("PRIORITY"), "{empty}");
}
