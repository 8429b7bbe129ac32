//! The board, row by row of the table of features.

use super::super::snapshot::QueueNow;
use super::*;
use crate::task::Tally;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn says(text: &str) -> Said {
    Said {
        text: text.to_owned(),
        ..Said::default()
    }
}

fn bar(done: u64, total: u64) -> Said {
    Said {
        progress: Some(Progress { done, total }),
        ..says("scaling")
    }
}

fn on(slot: Option<u32>, job: &str, said: Said) -> LineNow {
    LineNow {
        slot,
        job: job.to_owned(),
        worker: "scale".to_owned(),
        attempt: 1,
        running_ms: 0,
        standing: Standing::Running,
        depth: 0,
        group: None,
        said,
    }
}

fn seen(slots: u32, lines: Vec<LineNow>) -> Snapshot {
    Snapshot {
        slots,
        lines,
        ..Snapshot::default()
    }
}

fn change(slot: u32, said: Said, is_last: bool) -> LineChange {
    LineChange {
        row: RowId::Slot(slot),
        change: Change {
            job: "k3f9ax-17".to_owned(),
            worker: "scale".to_owned(),
            attempt: 1,
            said,
            is_last,
        },
        left_out: 0,
    }
}

fn resident(standing: ResidentStanding) -> ResidentNow {
    ResidentNow {
        plugin: "list".to_owned(),
        count: 1200,
        standing,
        said: Said::default(),
    }
}

fn board() -> BoardModel {
    BoardModel::new(Words::default())
}

/// A board that looked once, at the start.
fn looked(snapshot: Snapshot) -> BoardModel {
    let mut model = board();
    model.take(BoardEvent::Looked(Box::new(snapshot)), Duration::ZERO);
    model
}

fn look(model: &mut BoardModel, snapshot: Snapshot, at: u64) {
    model.take(BoardEvent::Looked(Box::new(snapshot)), ms(at));
}

/// Looks at changes, and what comes of them.
fn told(model: &mut BoardModel, changes: Vec<LineChange>, at: u64) -> Vec<String> {
    let snapshot = Snapshot {
        changes,
        ..seen(1, Vec::new())
    };
    look(model, snapshot, at);
    texts(&model.news().into_iter().map(|n| n.row).collect::<Vec<_>>())
}

fn texts(rows: &[Row]) -> Vec<String> {
    let text = |row: &Row| format!("{}{}", row.prefix, row.text);
    rows.iter().map(text).collect()
}

fn shown(model: &BoardModel) -> Vec<String> {
    texts(&model.rows())
}

// A4, A5, A6
#[test]
fn every_slot_has_a_row() {
    let model = looked(seen(2, vec![on(Some(2), "k3f9ax-17", says("fetching"))]));
    let rows = model.rows();
    assert_eq!(
        texts(&rows),
        ["worker  1: waiting", "worker  2: k3f9ax-17 scale: fetching"]
    );
    assert_eq!((rows[0].is_idle, rows[1].is_idle), (true, false));
}

// A5, A6
#[test]
fn prefix_and_waiting_are_words_of_the_user() {
    let mut words = Words::default();
    words.set_prefix("#%d ").expect("a pattern");
    words.set_waiting("free").expect("words");
    let mut model = BoardModel::new(words);
    let lines = vec![on(Some(2), "k3f9ax-17", Said::default())];
    look(&mut model, seen(2, lines), 0);
    assert_eq!(shown(&model), ["#1 free", "#2 k3f9ax-17 scale"]);
}

#[test]
fn nothing_seen_is_no_rows() {
    let model = looked(Snapshot::default());
    assert!(model.rows().is_empty());
    assert_eq!(model.pace(), Pace::default());
    assert!(board().rows().is_empty());
}

// A7
#[test]
fn at_the_end_every_row_is_done() {
    let mut words = Words::default();
    words.set_done("complete").expect("words");
    let mut model = BoardModel::new(words);
    let lines = vec![
        on(Some(1), "k3f9ax-17", says("a")),
        on(None, "k3f9ax-18", says("b")),
    ];
    let snapshot = Snapshot {
        producer: Some(resident(ResidentStanding::Working)),
        ..seen(1, lines)
    };
    look(&mut model, snapshot, 0);
    model.take(BoardEvent::Over, ms(10));
    assert_eq!(
        shown(&model),
        [
            "producer: list, 1,200 jobs (complete)",
            "worker  1: complete"
        ]
    );
    assert!(model.rows().iter().all(|row| row.is_idle && !row.is_fresh));
}

// A10, A12
#[test]
fn a_look_is_said_in_words() {
    for (look, words) in [
        (Look::Normal, "k3f9ax-17 scale: at last"),
        (Look::Success, "k3f9ax-17 scale: ok: at last"),
        (Look::Warning, "k3f9ax-17 scale: warning: at last"),
        (Look::Error, "k3f9ax-17 scale: error: at last"),
    ] {
        let said = Said {
            look,
            ..says("at last")
        };
        let rows = looked(seen(1, vec![on(Some(1), "k3f9ax-17", said)])).rows();
        assert_eq!((rows[0].text.as_str(), rows[0].look), (words, look));
    }
}

// A13
#[test]
fn a_change_is_fresh_for_a_second() {
    let now = |text| seen(1, vec![on(Some(1), "k3f9ax-17", says(text))]);
    let fresh = |model: &BoardModel| model.rows()[0].is_fresh;
    let mut model = looked(now(""));
    assert!(!fresh(&model), "nothing was written");
    look(&mut model, now("a"), 100);
    assert!(fresh(&model));
    look(&mut model, now("a"), 1099);
    assert!(fresh(&model));
    look(&mut model, now("a"), 1100);
    assert!(!fresh(&model));
    look(&mut model, now("b"), 1200);
    assert!(fresh(&model));
    // A row that somebody else has now is not fresh because of what was there.
    look(&mut model, now(""), 1300);
    assert!(!fresh(&model));
}

// A13
#[test]
fn a_bar_that_moves_is_not_fresh() {
    let now = |done| seen(1, vec![on(Some(1), "k3f9ax-17", bar(done, 10))]);
    let mut model = looked(now(1));
    look(&mut model, now(2), 1500);
    assert!(!model.rows()[0].is_fresh);
}

// A13
#[test]
fn a_time_that_goes_back_counts_as_none() {
    let now = |text| seen(1, vec![on(Some(1), "k3f9ax-17", says(text))]);
    let mut model = looked(now("a"));
    look(&mut model, now("b"), 5000);
    for _ in 0..1000 {
        look(&mut model, now("b"), 10);
    }
    assert!(model.rows()[0].is_fresh);
    assert_eq!(model.pace().elapsed, ms(5000));
    assert_eq!(model.rate.moments(), 2, "one of each moment");
    look(&mut model, now("b"), 6000);
    assert!(!model.rows()[0].is_fresh);
}

// A15, W7
#[test]
fn an_attempt_may_name_itself() {
    let said = Said {
        name: Some("cat\u{7}.jpg".to_owned()),
        ..says("fetching")
    };
    let model = looked(seen(1, vec![on(Some(1), "k3f9ax-17", said)]));
    assert_eq!(shown(&model), ["cat\\x07.jpg: k3f9ax-17 scale: fetching"]);
    let nothing = Said {
        name: Some(String::new()),
        ..says("x")
    };
    let model = looked(seen(1, vec![on(Some(1), "k3f9ax-17", nothing)]));
    assert_eq!(shown(&model), ["worker  1: k3f9ax-17 scale: x"]);
}

// J5, J33
#[test]
fn a_row_says_what_its_attempt_waits_for() {
    let row = |standing, running_ms| {
        let line = LineNow {
            standing,
            running_ms,
            attempt: 2,
            ..on(Some(1), "k3f9ax-17", Said::default())
        };
        let rows = looked(seen(1, vec![line])).rows();
        (rows[0].text.clone(), rows[0].is_idle)
    };
    let said = |text: &str, is_idle| (format!("k3f9ax-17 scale, attempt 2{text}"), is_idle);
    assert_eq!(row(Standing::Running, 999), said("", false));
    assert_eq!(row(Standing::Running, 12_900), said(" 12 s", false));
    assert_eq!(
        row(Standing::WaitsForJobs(1), 0),
        said(" (waiting for 1 job)", true)
    );
    assert_eq!(
        row(Standing::WaitsForJobs(3000), 0),
        said(" (waiting for 3,000 jobs)", true)
    );
    assert_eq!(
        row(Standing::WaitsForSlot, 0),
        said(" (waiting for a slot)", true)
    );
    assert_eq!(row(Standing::Paused, 2000), said(" (paused) 2 s", true));
    assert_eq!(row(Standing::Afterwards, 0), said(" (afterwards)", false));
    let (text, _) = row(Standing::Running, u64::MAX);
    assert!(text.ends_with(" h"), "{text}");
}

// J22
#[test]
fn a_closed_gate_stands_on_free_rows() {
    let snapshot = Snapshot {
        gate: Some("memory\n".to_owned()),
        ..seen(2, vec![on(Some(1), "k3f9ax-17", says("a"))])
    };
    assert_eq!(
        shown(&looked(snapshot)),
        ["worker  1: k3f9ax-17 scale: a", "worker  2: gate memory\\n"]
    );
}

// A28, A29, W10
#[test]
fn producer_and_consumer_say_how_far_they_are() {
    let row = |standing| {
        let snapshot = Snapshot {
            producer: Some(resident(standing)),
            consumer: Some(ResidentNow {
                count: 1,
                ..resident(standing)
            }),
            ..Snapshot::default()
        };
        shown(&looked(snapshot)).join(" | ")
    };
    for (standing, producer, consumer) in [
        (ResidentStanding::Working, "", ""),
        (ResidentStanding::WorkingFor(199), "", ""),
        (
            ResidentStanding::WorkingFor(3999),
            " (waiting 3 s)",
            " (working 3 s)",
        ),
        (ResidentStanding::Waiting, " (waiting)", " (waiting)"),
        (
            ResidentStanding::QueueFull,
            " (queue full)",
            " (queue full)",
        ),
        (ResidentStanding::Done, " (done)", " (done)"),
    ] {
        assert_eq!(
            row(standing),
            format!("producer: list, 1,200 jobs{producer} | consumer: list, 1 outcome{consumer}")
        );
    }
}

// A26
#[test]
fn no_line_is_news_twice() {
    let mut model = board();
    let line = "worker  1: k3f9ax-17 scale: fetching";
    let fetching = || change(1, says("fetching"), false);
    assert_eq!(told(&mut model, vec![fetching(), fetching()], 0), [line]);
    assert!(told(&mut model, vec![fetching()], 5000).is_empty());
    // Taken away and written again it is the same still.
    let wiped = change(1, Said::default(), false);
    assert!(told(&mut model, vec![wiped, fetching()], 6000).is_empty());
    assert!(told(&mut model, vec![change(1, says("fetching"), true)], 7000).is_empty());
    // Of another attempt it is news.
    let mut again = fetching();
    again.change.attempt = 2;
    assert_eq!(
        told(&mut model, vec![again], 7001),
        ["worker  1: k3f9ax-17 scale, attempt 2: fetching"]
    );
    assert!(model.news().is_empty(), "it was taken");
}

// A17, A18, A26
#[test]
fn progress_is_news_once_a_second_and_at_its_end() {
    let mut model = board();
    let step = |done| vec![change(1, bar(done, 10), false)];
    let bars = |model: &mut BoardModel, done, at| told(model, step(done), at).len();
    assert_eq!(bars(&mut model, 1, 0), 1);
    assert_eq!(bars(&mut model, 2, 999), 0);
    assert_eq!(bars(&mut model, 3, 1000), 1);
    assert_eq!(bars(&mut model, 3, 9000), 0, "it did not move");
    assert_eq!(bars(&mut model, 4, 9001), 1);
    assert_eq!(
        told(&mut model, step(10), 9002),
        ["worker  1: k3f9ax-17 scale: scaling [##############################] 100% 10/10"]
    );
    assert_eq!(bars(&mut model, 10, 9003), 0);
    // The last step that an ended attempt took is told.
    let mut model = board();
    assert_eq!(bars(&mut model, 1, 0), 1);
    assert_eq!(
        told(&mut model, vec![change(1, bar(2, 10), true)], 1).len(),
        1
    );
}

// A14, A16
#[test]
fn a_pinned_line_comes_again_when_it_is_done() {
    let mut model = board();
    let pinned = || Said {
        is_pinned: true,
        ..says("42 pictures")
    };
    assert_eq!(
        told(&mut model, vec![change(1, pinned(), false)], 0).len(),
        1
    );
    let snapshot = Snapshot {
        changes: vec![change(1, pinned(), true)],
        ..seen(1, Vec::new())
    };
    look(&mut model, snapshot, 10);
    let news = model.news();
    assert_eq!(news.len(), 1);
    assert!(news[0].is_repeat && news[0].of.change.is_last);
    // Where nothing stands on it there is nothing to keep.
    let empty = Said {
        is_pinned: true,
        ..Said::default()
    };
    assert!(told(&mut model, vec![change(2, empty, true)], 20).is_empty());
}

// A27
#[test]
fn nothing_that_is_said_steers_a_terminal() {
    let said = says("a\nb\u{1b}[2J\u{202e}c\0\u{9b}31m");
    let model = looked(seen(1, vec![on(Some(1), "k3f9ax-17", said.clone())]));
    let expected = "worker  1: k3f9ax-17 scale: a\\nb\\x1b[2J\\u{202e}c\\x00\\u{9b}31m".to_owned();
    assert_eq!(shown(&model), [expected.as_str()]);
    let mut model = board();
    let snapshot = Snapshot {
        changes: vec![change(1, said.clone(), false)],
        ..seen(1, Vec::new())
    };
    look(&mut model, snapshot, 0);
    let news = model.news();
    assert_eq!(
        format!("{}{}", news[0].row.prefix, news[0].row.text),
        expected
    );
    // Programs get it as it was said.
    assert_eq!(news[0].of.change.said, said);
}

// A17, A19, A20
#[test]
fn a_bar_takes_any_numbers() {
    let row = |done, total| {
        let line = on(Some(1), "k3f9ax-17", bar(done, total));
        shown(&looked(seen(1, vec![line]))).remove(0)
    };
    assert!(row(0, 0).ends_with("[##############################] 100% 0/0"));
    assert!(row(7, 3).ends_with("] 100% 7/3"));
    assert!(row(u64::MAX - 1, u64::MAX).contains("#.]  99% 18,446,744,073,709,551,614/"));
    assert!(row(0, u64::MAX).contains("[..............................]   0% 0/18,"));
}

// A23
#[test]
fn a_row_knows_where_its_tail_begins() {
    let line = LineNow {
        running_ms: 2000,
        standing: Standing::Paused,
        ..on(Some(1), "k3f9ax-17", bar(0, 10))
    };
    let rows = looked(seen(2, vec![line])).rows();
    let (head, tail) = rows[0].text.split_at(rows[0].tail_at);
    assert_eq!(head, "k3f9ax-17 scale: scaling");
    assert_eq!(
        tail,
        " [..............................]   0% 0/10 (paused) 2 s"
    );
    assert_eq!(rows[1].tail_at, rows[1].text.len());
}

// A16
#[test]
fn the_time_that_is_left_follows_from_the_rate() {
    let ended = |success| Snapshot {
        tally: Tally {
            success,
            ..Tally::default()
        },
        ..seen(1, Vec::new())
    };
    let mut model = looked(ended(0));
    assert_eq!((model.pace().per_second, model.pace().left), (0.0, None));
    look(&mut model, ended(100), 2000);
    let pace = model.pace();
    assert_eq!((pace.per_second, pace.total, pace.left), (50.0, None, None));
    let source = |fraction, has_ended| {
        BoardEvent::Source(Source {
            jobs: 200,
            refused: 0,
            fraction,
            has_ended,
        })
    };
    // Half of the input became 200 jobs.
    model.take(source(Some(0.5), false), ms(2000));
    assert_eq!(model.pace().total, Some(400));
    assert_eq!(model.pace().left, Some(Duration::from_secs(6)));
    model.take(source(None, true), ms(2000));
    assert_eq!(model.pace().total, Some(200));
    assert_eq!(model.pace().left, Some(Duration::from_secs(2)));
    for fraction in [0.0, -1.0, f64::NAN] {
        model.take(source(Some(fraction), false), ms(2000));
        assert_eq!(model.pace().total, None);
    }
    // The rate is that of the last seconds.
    for at in 3..=20 {
        look(&mut model, ended(100), at * 1000);
    }
    assert!(model.pace().per_second < f64::EPSILON);
    model.take(BoardEvent::Over, ms(20_000));
    assert_eq!(model.pace().left, None);
    // What could not become a job has ended, too.
    let refused = Source {
        jobs: 200,
        refused: 3,
        has_ended: true,
        ..Source::default()
    };
    model.take(BoardEvent::Source(refused), ms(2000));
    let pace = model.pace();
    assert_eq!((pace.tally.success, pace.tally.failure), (100, 3));
}

// A16
#[test]
fn the_largest_numbers_are_numbers() {
    let snapshot = Snapshot {
        tally: Tally {
            success: u64::MAX,
            ..Tally::default()
        },
        queue: QueueNow {
            queued: u64::MAX,
            delayed: u64::MAX,
            paused: 1,
            ..QueueNow::default()
        },
        ..seen(u32::MAX, Vec::new())
    };
    let mut model = looked(Snapshot::default());
    look(&mut model, snapshot, 1);
    model.take(
        BoardEvent::Source(Source {
            jobs: u64::MAX,
            refused: 0,
            fraction: Some(1e-300),
            has_ended: false,
        }),
        Duration::MAX,
    );
    let pace = model.pace();
    assert_eq!((pace.total, pace.paused), (Some(u64::MAX), 1));
    assert_eq!(model.rows().len(), SLOTS_MAX as usize + 1);
}

#[test]
fn ten_thousand_slots_are_five_hundred_rows_and_a_count() {
    let lines = (1..=10_000).map(|slot| on(Some(slot), &format!("k3f9ax-{slot}"), says("a")));
    let mut model = looked(seen(10_000, lines.clone().collect()));
    let rows = shown(&model);
    assert_eq!(rows.len(), 501);
    assert_eq!(rows[499], "worker 500: k3f9ax-500 scale: a");
    assert_eq!(rows[500], "… and 9,500 more slots, 9,500 of them busy");
    // Each look takes time that grows with the slots, not with their square.
    for at in 1..=50 {
        look(&mut model, seen(10_000, lines.clone().collect()), at);
    }
    look(&mut model, seen(10_000, Vec::new()), 60);
    assert_eq!(model.rows()[500].text, "… and 9,500 more slots");
    assert!(model.changed.is_empty());
}

#[test]
fn a_slot_that_stands_there_twice_hides_no_other() {
    let lines = [1, 1, 2].map(|slot| on(Some(slot), "k3f9ax-17", says("a")));
    let model = looked(seen(2, lines.to_vec()));
    assert!(model.rows().iter().all(|row| !row.is_idle));
}

// J5
#[test]
fn attempts_without_a_slot_come_behind_the_slots() {
    let lines = (1..=10).map(|n| on(None, &format!("k3f9ax-{n}"), says("a")));
    let rows = shown(&looked(seen(1, lines.collect())));
    assert_eq!(rows.len(), 1 + SLOTLESS_MAX + 1);
    assert_eq!(rows[1], "no slot: k3f9ax-1 scale: a");
    assert_eq!(rows[9], "… and 2 more without a slot");
}

#[test]
fn what_was_told_of_attempts_that_are_over_is_forgotten() {
    let mut model = board();
    for n in 0..100 {
        let job = format!("k3f9ax-{n}");
        let mut of = change(1, says("a"), true);
        of.row = RowId::Job(job);
        assert_eq!(told(&mut model, vec![of], n).len(), 1);
    }
    assert!(model.told.is_empty());
}
