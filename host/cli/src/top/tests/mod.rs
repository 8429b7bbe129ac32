//! A run as the tests of `top` see it, and how they look at it.

mod pictures;
mod presses;
mod sockets;

use crate::top::app::{Act, App, Event};
use crate::top::protocol::{Answer, Hello, Look, PROTOCOL};
use crate::top::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use std::time::Duration;
use wodehost::Tally;
use wodehost::board::{
    Detail, LineNow, LogLine, Look as LineLook, Progress, QueueNow, QueuedNow, ResidentNow,
    ResidentStanding, Said, Snapshot, Standing, Use,
};

fn hello() -> Hello {
    Hello {
        protocol: PROTOCOL,
        pid: 4711,
        command: "run".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

fn line(number: u64, slot: Option<u32>, worker: &str, text: &str) -> LineNow {
    LineNow {
        slot,
        job: format!("k3f9ax-{number}"),
        worker: worker.to_owned(),
        attempt: 1,
        running_ms: 1500 * number,
        standing: Standing::Running,
        depth: 0,
        group: None,
        said: Said {
            text: text.to_owned(),
            ..Said::default()
        },
    }
}

fn waiting(number: u64, group: Option<&str>) -> QueuedNow {
    QueuedNow {
        job: format!("k3f9ax-{number}"),
        worker: "scale".to_owned(),
        attempts: 0,
        priority: (number % 3) as i32,
        group: group.map(str::to_owned),
        depth: 0,
        is_paused: number == 21,
    }
}

fn busy() -> Look {
    let mut first = line(17, Some(1), "scale", "a.png");
    first.said.progress = Some(Progress { done: 3, total: 10 });
    first.group = Some("nightly".to_owned());
    let mut second = line(18, Some(3), "scale", "odd colours");
    second.said.look = LineLook::Warning;
    second.attempt = 2;
    let mut parent = line(4, None, "mergesort", "");
    parent.standing = Standing::WaitsForJobs(2);
    let mut child = line(19, None, "mergesort", "");
    (child.standing, child.depth) = (Standing::Paused, 1);
    Look {
        uptime_ms: 62_000,
        snapshot: Snapshot {
            host: "run".to_owned(),
            slots: 4,
            lines: vec![first, second, parent, child],
            queue: QueueNow {
                queued: 1234,
                delayed: 3,
                first: (20..40)
                    .map(|n| waiting(n, Some("nightly").filter(|_| n < 25)))
                    .collect(),
                ..QueueNow::default()
            },
            tally: Tally {
                success: 1000,
                failure: 3,
                timeout: 1,
                ..Tally::default()
            },
            producer: Some(ResidentNow {
                plugin: "list".to_owned(),
                count: 2242,
                standing: ResidentStanding::QueueFull,
                said: Said::default(),
            }),
            gate: Some("memory".to_owned()),
            ..Snapshot::default()
        },
    }
}

fn detail() -> Detail {
    Detail {
        line: busy().snapshot.lines[0].clone(),
        retries_left: Some(2),
        used: vec![
            Use {
                limit: "memory".to_owned(),
                percent: 60,
                amount: "77 MiB of 128 MiB".to_owned(),
            },
            Use {
                limit: "fuel".to_owned(),
                percent: 5,
                amount: "0.5 G of 10 G".to_owned(),
            },
        ],
        log: vec![LogLine {
            level: "warn".to_owned(),
            text: "odd \u{1b}[31mcolours".to_owned(),
        }],
        stdout: "one\ntwo\n".to_owned(),
        stderr: "\u{1b}]0;owned\u{7}".to_owned(),
        state: "{\"page\":3}".to_owned(),
    }
}

fn size(width: u16, height: u16) -> Size {
    Size { width, height }
}

/// An app of a size that saw a look.
fn app(at: Size, look: Look) -> App {
    let mut app = App::new(hello(), at, true);
    answered(&mut app, Answer::Look(Box::new(look)));
    app
}

fn answered(app: &mut App, answer: Answer) {
    assert_eq!(app.take(Event::Answered(answer), Duration::ZERO), []);
}

fn press(app: &mut App, code: KeyCode) -> Vec<Act> {
    let key = KeyEvent::new(code, KeyModifiers::NONE);
    app.take(Event::Key(key), Duration::from_secs(1))
}

fn control(app: &mut App, letter: char) -> Vec<Act> {
    let key = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
    app.take(Event::Key(key), Duration::from_secs(1))
}

fn typed(app: &mut App, text: &str) {
    for letter in text.chars() {
        assert_eq!(press(app, KeyCode::Char(letter)), []);
    }
}

fn drawn(app: &App, at: Size) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(at.width, at.height)).expect("made");
    terminal
        .draw(|frame| view::draw(app, frame))
        .expect("drawn");
    terminal.backend().clone()
}

/// The lines of a picture, without what fills them up.
fn picture(app: &App, at: Size) -> Vec<String> {
    let backend = drawn(app, at);
    let buffer = backend.buffer();
    let row = |y| {
        let cells = (0..at.width).map(|x| buffer[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..at.height).map(row).collect()
}

/// The job that is chosen.
fn chosen(app: &App) -> String {
    let row = app.chosen().expect("a row");
    app.table.row(row, &app.table.layout(200))
}
