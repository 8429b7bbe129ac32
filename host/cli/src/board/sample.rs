//! A board as it might be seen, made from fixed events; for tests and for the pages.

use std::time::Duration;
use wodehost::Tally;
use wodehost::board::{
    BoardEvent, BoardModel, Change, LineChange, LineNow, Look, News, Progress, QueueNow,
    ResidentNow, ResidentStanding, RowId, Said, Snapshot, Source, Standing, Words,
};

pub(crate) fn says(text: &str) -> Said {
    Said {
        text: text.to_owned(),
        ..Said::default()
    }
}

pub(crate) fn line(slot: u32, number: u64, said: Said) -> LineNow {
    LineNow {
        slot: Some(slot),
        job: format!("k3f9ax-{number}"),
        worker: "scale".to_owned(),
        attempt: 1,
        running_ms: 400,
        standing: Standing::Running,
        depth: 0,
        group: None,
        said,
    }
}

pub(crate) fn change(slot: u32, number: u64, said: Said, is_last: bool) -> LineChange {
    LineChange {
        row: RowId::Slot(slot),
        change: Change {
            job: format!("k3f9ax-{number}"),
            worker: "scale".to_owned(),
            attempt: 1,
            said,
            is_last,
        },
        left_out: 0,
    }
}

/// What was seen first.
fn first() -> Snapshot {
    Snapshot {
        slots: 6,
        tally: Tally {
            success: 1141,
            failure: 5,
            ..Tally::default()
        },
        ..Snapshot::default()
    }
}

/// What was seen a second later.
fn second() -> Snapshot {
    let bar = Said {
        progress: Some(Progress { done: 4, total: 10 }),
        ..says("scaling cat.jpg")
    };
    let look = |look, text| Said { look, ..says(text) };
    let named = Said {
        name: Some("cat.jpg".to_owned()),
        ..says("fetching")
    };
    let waits = LineNow {
        standing: Standing::WaitsForJobs(3),
        running_ms: 12_300,
        attempt: 2,
        ..line(3, 1223, Said::default())
    };
    let lines = vec![
        line(1, 1240, bar.clone()),
        line(2, 1241, look(Look::Success, "small already")),
        waits,
        line(4, 1242, look(Look::Warning, "odd colours")),
        line(5, 1243, look(Look::Error, "no such picture")),
        LineNow {
            slot: None,
            ..line(0, 1244, named)
        },
    ];
    let resident = |plugin: &str, count, standing| ResidentNow {
        plugin: plugin.to_owned(),
        count,
        standing,
        said: Said::default(),
    };
    let pinned = Said {
        is_pinned: true,
        ..look(Look::Success, "42 pictures")
    };
    Snapshot {
        slots: 6,
        lines,
        tally: Tally {
            success: 1234,
            failure: 5,
            ..Tally::default()
        },
        queue: QueueNow {
            queued: 20,
            ..QueueNow::default()
        },
        producer: Some(resident("list", 1265, ResidentStanding::QueueFull)),
        consumer: Some(resident("sheet", 1239, ResidentStanding::WorkingFor(1200))),
        changes: vec![
            change(1, 1240, bar, false),
            change(6, 1239, pinned.clone(), false),
            change(6, 1239, pinned, true),
            LineChange {
                left_out: 3,
                ..change(
                    5,
                    1243,
                    look(Look::Error, "no such\n\"picture\"\u{202e}"),
                    false,
                )
            },
        ],
        ..Snapshot::default()
    }
}

/// The board, and what is new on it.
pub(crate) fn sample() -> (BoardModel, Vec<News>) {
    let mut model = BoardModel::new(Words::default());
    let at = Duration::from_millis(12_250);
    model.take(BoardEvent::Looked(Box::new(first())), at);
    let source = Source {
        jobs: 1265,
        refused: 0,
        fraction: Some(0.6325),
        has_ended: false,
    };
    let at = at + Duration::from_secs(1);
    model.take(BoardEvent::Source(source), at);
    model.take(BoardEvent::Looked(Box::new(second())), at);
    let news = model.news();
    (model, news)
}
