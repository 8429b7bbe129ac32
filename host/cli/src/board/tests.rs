//! Every line of the board in every variant, played into a terminal emulator.

use super::json::JsonBoard;
use super::picture::played;
use super::plain::{heartbeat, lines};
use super::sample::{line, sample, says};
use super::tty::{frame, scrolled};
use crate::screen::Size;
use std::time::Duration;
use wodehost::Tally;
use wodehost::board::{BoardEvent, BoardModel, QueueNow, Snapshot, Source, Words};

fn size(columns: u16, rows: u16) -> Size {
    Size { columns, rows }
}

/// What a terminal shows of a frame.
fn shown(model: &BoardModel, columns: u16) -> Vec<String> {
    let text = frame(model, size(columns, 40)).join("\r\n");
    let parser = played(columns, 40, &text);
    let rows = parser.screen().rows(0, columns);
    let mut rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
    rows.retain(|row| !row.is_empty());
    rows
}

fn plain(lines: &[String]) -> Vec<String> {
    let strip = |line: &String| anstream::adapter::strip_str(line).to_string();
    lines.iter().map(strip).collect()
}

fn seen(snapshot: Snapshot) -> BoardModel {
    let mut model = BoardModel::new(Words::default());
    model.take(BoardEvent::Looked(Box::new(snapshot)), Duration::ZERO);
    model
}

// A4, A16, A28, A30
#[test]
fn a_terminal_of_80_columns_shows_the_board() {
    assert_eq!(
        shown(&sample().0, 80),
        [
            "producer: list, 1,265 jobs (queue full)",
            "worker  1: k3f9ax-1240 scale: scalin… [############..................]  40% 4/10",
            "worker  2: k3f9ax-1241 scale: ok: small already",
            "worker  3: k3f9ax-1223 scale, attempt 2 (waiting for 3 jobs) 12 s",
            "worker  4: k3f9ax-1242 scale: warning: odd colours",
            "worker  5: k3f9ax-1243 scale: error: no such picture",
            "worker  6: waiting",
            "cat.jpg: k3f9ax-1244 scale: fetching",
            "consumer: sheet, 1,239 outcomes (working 1 s)",
            "1,239 of 2,000: 1,234 succeeded, 5 failed, 20 queued, 93 jobs/s, 8 s left",
            "elapsed: 13 seconds",
        ]
    );
}

// A23
#[test]
fn narrow_terminals_show_less_of_each_line() {
    assert_eq!(
        shown(&sample().0, 40),
        [
            "producer: list, 1,265 jobs (queue full)",
            "worker  1: k3f9ax-1240 scale: scaling c…",
            "worker  2: k3f9ax-1241 scale: ok: small…",
            "worker  3: k3f9ax-1223 scale, attempt 2…",
            "worker  4: k3f9ax-1242 scale: warning: …",
            "worker  5: k3f9ax-1243 scale: error: no…",
            "worker  6: waiting",
            "cat.jpg: k3f9ax-1244 scale: fetching",
            "consumer: sheet, 1,239 ou… (working 1 s)",
            "1,239 of 2,000: 1,234 succeeded, 5 fail…",
            "elapsed: 13 seconds",
        ]
    );
}

// A23, A27
#[test]
fn wide_characters_and_what_steers_a_terminal_stay_on_their_row() {
    let text = "日本語日本語\u{1b}[2J\n\u{202e}e\u{301}";
    let model = seen(Snapshot {
        slots: 1,
        lines: vec![line(1, 17, says(text))],
        ..Snapshot::default()
    });
    let row = |columns| shown(&model, columns)[0].clone();
    assert_eq!(
        row(200),
        "worker  1: k3f9ax-17 scale: 日本語日本語\\x1b[2J\\n\\u{202e}e\u{301}"
    );
    assert_eq!(row(40), "worker  1: k3f9ax-17 scale: 日本語日本…");
    assert_eq!(row(39), "worker  1: k3f9ax-17 scale: 日本語日本…");
    assert_eq!(row(38), "worker  1: k3f9ax-17 scale: 日本語日…");
    for columns in 1..60 {
        assert_eq!(shown(&model, columns).len(), 3, "{columns} columns");
    }
}

#[test]
fn wide_terminals_show_all_of_each_line() {
    let (model, _) = sample();
    let rows = shown(&model, 200);
    let whole = model
        .rows()
        .into_iter()
        .map(|row| format!("{}{}", row.prefix, row.text));
    assert_eq!(rows[..9], whole.collect::<Vec<_>>());
    assert_eq!(
        rows[9..],
        [
            "1,239 of 2,000: 1,234 succeeded, 5 failed, 5 running, 1 waiting, 20 queued, 93 jobs/s, 8 s left",
            "elapsed: 13 seconds"
        ]
    );
}

// A10, A12, A13
#[test]
fn looks_are_colours_changes_bold_and_the_idle_dim() {
    let frame = frame(&sample().0, size(30, 40));
    assert_eq!(
        frame[1..7],
        [
            "\x1b[1mworker  1: k3f9ax-1240 scale:…\x1b[0m",
            "\x1b[1m\x1b[32mworker  2: k3f9ax-1241 scale:…\x1b[0m",
            "\x1b[2mworker  3: k3f9ax-1223 scale,…\x1b[0m",
            "\x1b[1m\x1b[33mworker  4: k3f9ax-1242 scale:…\x1b[0m",
            "\x1b[1m\x1b[31mworker  5: k3f9ax-1243 scale:…\x1b[0m",
            "\x1b[2mworker  6: waiting\x1b[0m",
        ]
    );
    let parser = played(30, 40, &frame.join("\r\n"));
    let cell = |row| parser.screen().cell(row, 0).expect("on the screen");
    assert!(cell(1).bold() && !cell(1).dim());
    assert_eq!(cell(2).fgcolor(), vt100::Color::Idx(2));
    assert!(cell(3).dim() && !cell(9).dim() && !cell(9).bold());
}

#[test]
fn low_terminals_show_who_is_busy_first() {
    let (model, _) = sample();
    assert_eq!(
        plain(&frame(&model, size(30, 6))),
        [
            "worker  1: k3f9ax-1240 scale:…",
            "worker  2: k3f9ax-1241 scale:…",
            "… and 7 more",
            "1,239 of 2,000: 1,234 succeed…",
            "elapsed: 13 seconds",
        ]
    );
    // Those that are idle where there is room for them, in their places.
    assert_eq!(
        plain(&frame(&model, size(22, 11))),
        [
            "producer: list, 1,265…",
            "worker  1: k3f9ax-124…",
            "worker  2: k3f9ax-124…",
            "worker  3: k3f9ax-122…",
            "worker  4: k3f9ax-124…",
            "worker  5: k3f9ax-124…",
            "cat.jpg: k3f9ax-1244 …",
            "… and 2 more",
            "1,239 of 2,000: 1,234…",
            "elapsed: 13 seconds",
        ]
    );
    let lines = (1..=44).map(|slot| line(slot, 1000, says("a"))).collect();
    let many = seen(Snapshot {
        slots: 44,
        lines,
        ..Snapshot::default()
    });
    assert!(plain(&frame(&many, size(80, 8)))[4] == "… and 40 more");
}

// A9
#[test]
fn no_terminal_is_too_small() {
    let (model, _) = sample();
    for columns in [0, 1, 2, 3, 30] {
        for rows in 0..14 {
            let lines = frame(&model, size(columns, rows));
            assert!(lines.len() < usize::from(rows).max(1));
            assert!(
                lines
                    .iter()
                    .all(|l| crate::screen::width(l) <= usize::from(columns))
            );
        }
    }
    assert_eq!(plain(&frame(&model, size(2, 3))), ["1…", "e…"]);
    assert_eq!(plain(&frame(&model, size(80, 2))).len(), 1);
    assert_eq!(frame(&seen(Snapshot::default()), size(80, 24)).len(), 2);
}

// A16
#[test]
fn the_summary_leaves_out_what_is_nothing() {
    let said = |model: &BoardModel| frame(model, size(200, 3))[0].clone();
    assert_eq!(said(&seen(Snapshot::default())), "no jobs yet");
    let queue = QueueNow {
        queued: 1000,
        delayed: 2,
        paused: 1,
        ..QueueNow::default()
    };
    let mut model = seen(Snapshot {
        queue,
        is_stopping: true,
        ..Snapshot::default()
    });
    assert_eq!(
        said(&model),
        "1,000 queued, 2 to be tried again, 1 paused, stopping"
    );
    let tally = Tally {
        success: 1,
        timeout: 2,
        mixed: 3,
        rejected: 4,
        cancelled: 5,
        ..Tally::default()
    };
    let all = Snapshot {
        tally,
        ..Snapshot::default()
    };
    model.take(BoardEvent::Looked(Box::new(all)), Duration::from_secs(10));
    assert_eq!(
        said(&model),
        "1 succeeded, 2 timed out, 3 mixed, 4 rejected, 5 cancelled, 1.0 jobs/s"
    );
    model.take(
        BoardEvent::Source(Source {
            jobs: 30,
            refused: 0,
            fraction: None,
            has_ended: true,
        }),
        Duration::from_secs(10),
    );
    assert!(said(&model).starts_with("15 of 30: 1 succeeded,"));
    assert!(said(&model).ends_with(", 1.0 jobs/s, 15 s left"));
    let mut waits = seen(Snapshot::default());
    waits.take(
        BoardEvent::Source(Source {
            jobs: 30,
            refused: 0,
            fraction: None,
            has_ended: true,
        }),
        Duration::ZERO,
    );
    assert_eq!(said(&waits), "0 of 30");
}

// A16
#[test]
fn of_the_summary_goes_first_what_rows_tell_too() {
    let (model, _) = sample();
    let said = |columns| plain(&frame(&model, size(columns, 2)))[0].clone();
    assert_eq!(
        said(95),
        "1,239 of 2,000: 1,234 succeeded, 5 failed, 5 running, 1 waiting, 20 queued, 93 jobs/s, 8 s left"
    );
    assert_eq!(
        said(84),
        "1,239 of 2,000: 1,234 succeeded, 5 failed, 1 waiting, 20 queued, 93 jobs/s, 8 s left"
    );
    assert_eq!(
        said(83),
        "1,239 of 2,000: 1,234 succeeded, 5 failed, 20 queued, 93 jobs/s, 8 s left"
    );
    assert_eq!(
        said(70),
        "1,239 of 2,000: 1,234 succeeded, 5 failed, 93 jobs/s, 8 s left"
    );
    assert_eq!(
        said(60),
        "1,239 of 2,000: 1,234 succeeded, 5 failed, 8 s left"
    );
    assert_eq!(said(30), "1,239 of 2,000: 1,234 succeed…");
}

// A14, A16
#[test]
fn pinned_lines_scroll_up_when_they_are_done() {
    assert_eq!(
        scrolled(&sample().1),
        ["worker  6: k3f9ax-1239 scale: ok: 42 pictures"]
    );
}

// A25, A26, A31
#[test]
fn files_get_a_line_per_change_and_none_twice() {
    let (model, news) = sample();
    assert_eq!(
        lines(&news),
        "worker  1: k3f9ax-1240 scale: scaling cat.jpg [############..................]  40% 4/10\n\
         worker  6: k3f9ax-1239 scale: ok: 42 pictures\n\
         worker  5: k3f9ax-1243 scale: error: no such\\n\"picture\"\\u{202e} (3 before it left out)\n"
    );
    assert_eq!(
        heartbeat(&model),
        "1,239 of 2,000: 1,234 succeeded, 5 failed, 5 running, 1 waiting, 20 queued, 93 jobs/s, 8 s left \
         (elapsed: 13 seconds)\n"
    );
}

// A25
#[test]
fn programs_get_json() {
    let (mut model, news) = sample();
    let mut board = JsonBoard::default();
    let said = board.lines(&model, &news);
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            r#"{"board":1,"elapsed":13.25,"row":"worker 1","job":"k3f9ax-1240","attempt":1,"worker":"scale","name":null,"text":"scaling cat.jpg","look":"normal","progress":{"done":4,"total":10,"percent":40},"pinned":false,"last":false,"left_out":0}"#,
            r#"{"board":1,"elapsed":13.25,"row":"worker 6","job":"k3f9ax-1239","attempt":1,"worker":"scale","name":null,"text":"42 pictures","look":"success","progress":null,"pinned":true,"last":false,"left_out":0}"#,
            r#"{"board":1,"elapsed":13.25,"row":"worker 5","job":"k3f9ax-1243","attempt":1,"worker":"scale","name":null,"text":"no such\n\"picture\"\u202e","look":"error","progress":null,"pinned":false,"last":false,"left_out":3}"#,
            r#"{"board":1,"elapsed":13.25,"summary":{"succeeded":1234,"failed":5,"timed_out":0,"mixed":0,"rejected":0,"cancelled":0,"running":5,"held":1,"queued":20,"delayed":0,"paused":0,"total":2000,"stopping":false,"jobs_per_second":93.0,"seconds_left":8.138}}"#,
        ]
    );
    let read: serde_json::Value =
        serde_json::from_str(said.lines().nth(2).expect("three")).expect("JSON");
    assert_eq!(read["text"], "no such\n\"picture\"\u{202e}");
    // Counts come when they are others, not because time goes on.
    assert_eq!(board.lines(&model, &[]), "");
    let same = Box::new(model.seen().clone());
    model.take(BoardEvent::Looked(same), Duration::from_secs(14));
    assert_eq!(board.lines(&model, &[]), "");
    model.take(BoardEvent::Looked(Box::default()), Duration::from_secs(15));
    assert_eq!(board.lines(&model, &[]).matches("\"summary\"").count(), 1);
}

// A27
#[test]
fn json_on_a_terminal_steers_nothing() {
    let text = "\0\t\u{1b}[2J\u{7f}\u{9b}\u{200b}\u{202e}\u{2028}\u{feff}\\\"日";
    let (model, mut news) = sample();
    news.truncate(1);
    news[0].of.change.said.text = text.to_owned();
    news[0].of.change.said.name = Some("\u{1b}".to_owned());
    news[0].of.row = wodehost::board::RowId::Producer;
    news[0].of.change.job = String::new();
    news[0].of.change.attempt = 0;
    let said = JsonBoard::default().lines(&model, &news);
    let first = said.lines().next().expect("one");
    assert!(
        first.contains(r#""text":"\u0000\t\u001b[2J\u007f\u009b\u200b\u202e\u2028\ufeff\\\"日""#)
    );
    let read: serde_json::Value = serde_json::from_str(first).expect("JSON");
    assert_eq!(read["text"], text);
    assert_eq!(read["row"], "producer");
    assert!(read["job"].is_null() && read["attempt"].is_null());
}
