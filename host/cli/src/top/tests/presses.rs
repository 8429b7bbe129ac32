//! What each key of `top` does.

use super::*;
use crate::top::app::End;
use crate::top::protocol::Ask;

#[test]
fn keys_move_the_choice_and_it_follows_its_job() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    assert!(chosen(&app).contains("k3f9ax-17"));
    press(&mut app, KeyCode::Up);
    press(&mut app, KeyCode::Char('j'));
    press(&mut app, KeyCode::Down);
    assert!(chosen(&app).contains("k3f9ax-18"));
    press(&mut app, KeyCode::Char('k'));
    press(&mut app, KeyCode::Down);
    // The job moves to another slot.
    let mut look = busy();
    look.snapshot.lines.swap(0, 1);
    look.snapshot.lines[0].slot = Some(1);
    look.snapshot.lines[1].slot = Some(4);
    answered(&mut app, Answer::Look(Box::new(look.clone())));
    assert!(chosen(&app).contains("k3f9ax-18"));
    assert_eq!(app.cursor().row, 0);
    // It is gone: its place stays.
    look.snapshot.lines.remove(0);
    answered(&mut app, Answer::Look(Box::new(look)));
    assert_eq!(app.cursor().row, 0);
    press(&mut app, KeyCode::End);
    assert!(chosen(&app).contains("k3f9ax-19"));
    press(&mut app, KeyCode::Home);
    press(&mut app, KeyCode::PageDown);
    assert!(chosen(&app).contains("k3f9ax-19"));
    press(&mut app, KeyCode::PageUp);
    assert_eq!(app.cursor().row, 0);
}

#[test]
fn a_filter_is_typed_live_and_escape_takes_it_away() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    typed(&mut app, "/MERGE");
    // Letters are text now, not commands.
    typed(&mut app, "sq");
    assert_eq!(picture(&app, at)[23], "/MERGEsq_");
    assert_eq!(picture(&app, at)[6], "no row has this text");
    press(&mut app, KeyCode::Backspace);
    press(&mut app, KeyCode::Backspace);
    assert_eq!(app.table.rows.len(), 2);
    press(&mut app, KeyCode::Enter);
    press(&mut app, KeyCode::Down);
    assert!(chosen(&app).contains("k3f9ax-19"));
    assert!(picture(&app, at)[4].ends_with("/MERGE (2 of 6)"));
    press(&mut app, KeyCode::Esc);
    assert_eq!(app.table.rows.len(), 6);
    assert!(chosen(&app).contains("k3f9ax-19"));
    typed(&mut app, "/x");
    press(&mut app, KeyCode::Esc);
    assert_eq!((app.table.rows.len(), app.is_typing), (6, false));
}

#[test]
fn what_is_pasted_is_never_a_command() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    let paste = |app: &mut App| {
        let text = "xy\n\u{1b}q".to_owned();
        app.take(Event::Pasted(text), Duration::ZERO)
    };
    assert_eq!(paste(&mut app), []);
    assert_eq!((app.question(), app.filter.as_str()), (None, ""));
    typed(&mut app, "/");
    assert_eq!(paste(&mut app), []);
    assert_eq!(picture(&app, at)[23], "/xy\\n\\x1bq_");
}

#[test]
fn a_job_is_paused_and_goes_on() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    let job = || "k3f9ax-17".to_owned();
    let pause = vec![Act::Ask(Ask::Pause { job: job() })];
    assert_eq!(press(&mut app, KeyCode::Char('p')), pause);
    let resume = vec![Act::Ask(Ask::Resume { job: job() })];
    assert_eq!(press(&mut app, KeyCode::Char('r')), resume);
    press(&mut app, KeyCode::Char('G'));
    let job = "k3f9ax-19".to_owned();
    // It stands still already.
    let resume = vec![Act::Ask(Ask::Resume { job })];
    assert_eq!(press(&mut app, KeyCode::Char('p')), resume);
    assert!(picture(&app, at)[23].contains("asked to go on"));
    // Of what was told, nothing stays for ever.
    let minute = Duration::from_mins(1);
    app.take(Event::Answered(Answer::Asked(true)), minute);
    app.take(Event::Tick, minute);
    assert!(picture(&app, at)[23].starts_with("q quit"));
    // A run that says nothing is no run that has nothing to say.
    app.take(Event::Tick, minute + Duration::from_millis(3500));
    assert!(picture(&app, at)[23].contains("no answer for 3 s"));
}

#[test]
fn only_y_cancels() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    assert_eq!(press(&mut app, KeyCode::Char('x')), []);
    assert_eq!(picture(&app, at)[23], "cancel? y/n  job k3f9ax-17 of scale");
    // The job is gone from its row meanwhile; the question stays about it.
    answered(&mut app, Answer::Look(Box::default()));
    let job = "k3f9ax-17".to_owned();
    assert_eq!(
        press(&mut app, KeyCode::Char('y')),
        [Act::Ask(Ask::Cancel { job })]
    );
    answered(&mut app, Answer::Look(Box::new(busy())));
    for no in [
        KeyCode::Char('n'),
        KeyCode::Esc,
        KeyCode::Enter,
        KeyCode::Char('q'),
    ] {
        control(&mut app, 'k');
        assert!(app.question().is_some());
        assert_eq!(press(&mut app, no), []);
        assert_eq!(app.question(), None);
    }
    press(&mut app, KeyCode::Char('3'));
    press(&mut app, KeyCode::Down);
    press(&mut app, KeyCode::Char('x'));
    assert_eq!(
        picture(&app, at)[23],
        "cancel? y/n  all jobs of group nightly"
    );
    let group = "nightly".to_owned();
    assert_eq!(
        press(&mut app, KeyCode::Char('y')),
        [Act::Ask(Ask::CancelGroup { group })]
    );
}

#[test]
fn the_sheet_of_a_job_says_what_is_known() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    press(&mut app, KeyCode::Enter);
    let asks = |job: &str| Ask::Detail {
        job: job.to_owned(),
    };
    assert!(app.wants().contains(&asks("k3f9ax-17")));
    assert_eq!(picture(&app, at)[6], "asking …");
    answered(&mut app, Answer::Detail(Some(Box::new(detail()))));
    assert_eq!(
        picture(&app, at)[4..21],
        [
            "Job",
            "job k3f9ax-17 of scale",
            "attempt 1, retries left: 2; running for 25s; slot 1, depth 0",
            "group nightly",
            "[###.......]  30% a.png (3/10)",
            "Limits",
            "memory [######....]  60% 77 MiB of 128 MiB",
            "fuel   [..........]   5% 0.5 G of 10 G",
            "Carried state",
            "{\"page\":3}",
            "Log",
            "warn  odd \\x1b[31mcolours",
            "stdout",
            "one",
            "two",
            "stderr",
            "\\x1b]0;owned\\x07",
        ]
    );
    // What was asked about another job does not belong here.
    let mut other = detail();
    other.line.job = "k3f9ax-99".to_owned();
    answered(&mut app, Answer::Detail(Some(Box::new(other))));
    assert_eq!(picture(&app, at)[5], "job k3f9ax-17 of scale");
    let pause = |job: &str| {
        Act::Ask(Ask::Pause {
            job: job.to_owned(),
        })
    };
    assert_eq!(press(&mut app, KeyCode::Char('p')), [pause("k3f9ax-17")]);
    answered(&mut app, Answer::Detail(None));
    assert!(picture(&app, at)[9].starts_with("no attempt of it is live any more"));
    assert_eq!(press(&mut app, KeyCode::Esc), []);
    assert_eq!(app.wants().len(), 1);
    assert!(picture(&app, at)[4].starts_with(" 1 Attempts"));
}

#[test]
fn a_long_sheet_is_scrolled() {
    let at = size(40, 10);
    let mut app = app(at, busy());
    press(&mut app, KeyCode::Enter);
    let mut long = detail();
    let lines: Vec<String> = (1..=30).map(|n| format!("line {n}")).collect();
    long.stdout = lines.join("\n");
    long.stderr = String::new();
    answered(&mut app, Answer::Detail(Some(Box::new(long))));
    press(&mut app, KeyCode::Char('G'));
    assert_eq!(picture(&app, at)[8], "line 30");
    press(&mut app, KeyCode::Char('k'));
    assert_eq!(picture(&app, at)[8], "line 29");
    press(&mut app, KeyCode::Char('g'));
    assert_eq!(picture(&app, at)[3], "job k3f9ax-17 of scale");
    press(&mut app, KeyCode::Char('k'));
    assert_eq!(picture(&app, at)[3], "job k3f9ax-17 of scale");
}

#[test]
fn rows_are_sorted_by_what_people_want() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    let mut first = Vec::new();
    for _ in 0..5 {
        press(&mut app, KeyCode::Char('s'));
        press(&mut app, KeyCode::Char('g'));
        first.push(format!("{} {}", app.sort(), chosen(&app)));
    }
    let has = |at: usize, sort: &str, job: &str| {
        assert!(
            first[at].starts_with(sort) && first[at].contains(job),
            "{first:?}"
        );
    };
    has(0, "time", "k3f9ax-19");
    has(1, "worker", "k3f9ax-");
    has(2, "depth", "k3f9ax-19");
    has(3, "group", "k3f9ax-17");
    has(4, "slot", "k3f9ax-17");
    press(&mut app, KeyCode::Char('2'));
    press(&mut app, KeyCode::Char('s'));
    assert!(picture(&app, at)[4].contains("by priority"));
    assert!(picture(&app, at)[6].contains("  2 "));
}

#[test]
fn what_is_frozen_stays_until_it_is_not() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    press(&mut app, KeyCode::Char(' '));
    let mut later = busy();
    later.uptime_ms += 1000;
    later.snapshot.tally.success += 12;
    answered(&mut app, Answer::Look(Box::new(later)));
    assert_eq!(
        picture(&app, at)[0],
        "wodehost run  pid 4711  up 1m02s  FROZEN (Space)"
    );
    press(&mut app, KeyCode::Char(' '));
    assert_eq!(
        picture(&app, at)[..2],
        [
            "wodehost run  pid 4711  up 1m03s",
            "1,012 succeeded, 3 failed, 1 timed out  12/s"
        ]
    );
}

#[test]
fn the_help_names_every_key_and_goes_away() {
    let at = size(80, 24);
    let mut app = app(at, busy());
    press(&mut app, KeyCode::Char('?'));
    let lines = picture(&app, at).join("\n");
    for part in [
        "Ctrl-K",
        "Shift-Tab",
        "Space",
        "PgUp",
        "this page",
        "Esc back",
    ] {
        assert!(lines.contains(part), "{part}: {lines}");
    }
    // Keys that would do something do nothing meanwhile.
    assert_eq!(press(&mut app, KeyCode::Char('p')), []);
    press(&mut app, KeyCode::Esc);
    assert!(picture(&app, at)[4].starts_with(" 1 Attempts"));
}

#[test]
fn keys_leave_and_any_key_does_once_the_run_is_over() {
    let at = size(80, 24);
    let mut open = app(at, busy());
    assert_eq!(press(&mut open, KeyCode::Char('q')), [Act::Quit]);
    assert_eq!(control(&mut open, 'c'), [Act::Quit]);
    assert_eq!(open.take(Event::Quit, Duration::ZERO), [Act::Quit]);
    typed(&mut open, "/");
    assert_eq!(control(&mut open, 'c'), [Act::Quit]);
    press(&mut open, KeyCode::Esc);
    press(&mut open, KeyCode::Char(' '));
    let mut last = busy();
    last.snapshot.tally.success = 2000;
    answered(&mut open, Answer::Look(Box::new(last)));
    press(&mut open, KeyCode::Char('x'));
    open.take(Event::Ended(End::Ended), Duration::ZERO);
    let lines = picture(&open, at);
    assert!(lines[0].ends_with("the run has ended"));
    // The last look stays, also where everything stood still.
    assert!(lines[1].starts_with("2,000 succeeded"));
    assert_eq!(lines[23], "the run has ended; any key quits");
    assert_eq!(press(&mut open, KeyCode::Char('y')), [Act::Quit]);
}
