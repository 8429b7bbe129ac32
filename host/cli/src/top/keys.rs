//! What keys mean: those that people know from k9s and bottom.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
    /// The view to the right.
    Right,
    /// The view to the left.
    Left,
    /// A view by its place, from 0.
    Tab(usize),
    /// More about a job.
    Open,
    /// Back to where one came from.
    Back,
    /// Show only some rows.
    Filter,
    /// Let a job stand still, or go on.
    Pause,
    /// Let it go on.
    Resume,
    /// End a job or a group.
    Cancel,
    /// Another order.
    Sort,
    /// Keep what is shown.
    Freeze,
    /// All keys.
    Help,
    /// Away.
    Quit,
}

/// Keys and what they do, for people.
pub(crate) const HELP: &[(&str, &str)] = &[
    ("Up Down, k j", "one row"),
    ("PgUp PgDn", "a screen"),
    ("g G, Home End", "the first, the last row"),
    ("Tab Shift-Tab, 1 2 3", "attempts, queue, groups"),
    ("Enter", "more about a job"),
    ("Esc", "back; takes the filter away"),
    ("/", "show only rows that have a text"),
    ("s", "sort by something else"),
    ("p", "pause a job, or let it go on"),
    ("r", "let a paused job go on"),
    ("x, Ctrl-K", "cancel a job or a group"),
    ("Space", "freeze what is shown"),
    ("?", "this page"),
    ("q, Ctrl-C", "leave; the run goes on"),
];

/// What a key asks for, where no text is being typed.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most keys mean nothing here, and so will new ones"
)]
pub(crate) fn command(key: KeyEvent) -> Option<Command> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Command::Quit),
            KeyCode::Char('k') => Some(Command::Cancel),
            KeyCode::Char('b') => Some(Command::PageUp),
            KeyCode::Char('f') => Some(Command::PageDown),
            _ => None,
        };
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    Some(match key.code {
        KeyCode::Up | KeyCode::Char('k') => Command::Up,
        KeyCode::Down | KeyCode::Char('j') => Command::Down,
        KeyCode::Home | KeyCode::Char('g') => Command::First,
        KeyCode::End | KeyCode::Char('G') => Command::Last,
        KeyCode::PageUp => Command::PageUp,
        KeyCode::PageDown => Command::PageDown,
        KeyCode::Tab | KeyCode::Right => Command::Right,
        KeyCode::BackTab | KeyCode::Left => Command::Left,
        KeyCode::Char(digit @ '1'..='3') => Command::Tab(digit as usize - '1' as usize),
        KeyCode::Enter => Command::Open,
        KeyCode::Esc => Command::Back,
        KeyCode::Char('/') => Command::Filter,
        KeyCode::Char('p') => Command::Pause,
        KeyCode::Char('r') => Command::Resume,
        KeyCode::Char('x') => Command::Cancel,
        KeyCode::Char('s') => Command::Sort,
        KeyCode::Char(' ') => Command::Freeze,
        KeyCode::Char('?') => Command::Help,
        KeyCode::Char('q') => Command::Quit,
        _ => return None,
    })
}

/// What a key does to a text that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// A letter more.
    Add(char),
    /// A letter less.
    Erase,
    /// It is done.
    Accept,
    /// Away with it.
    Drop,
}

/// What a key means while a text is being typed.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most keys mean nothing here, and so will new ones"
)]
pub(crate) fn edit(key: KeyEvent) -> Option<Edit> {
    let is_plain = !key
        .modifiers
        .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match key.code {
        KeyCode::Char(letter) if is_plain => Some(Edit::Add(letter)),
        KeyCode::Backspace => Some(Edit::Erase),
        KeyCode::Enter => Some(Edit::Accept),
        KeyCode::Esc => Some(Edit::Drop),
        _ => None,
    }
}
