//! Which of several runs to look at. Pure.

use super::keys::{Command, command};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

/// Lines besides the runs.
const AROUND: u16 = 2;

/// Runs of which one is to be chosen.
#[derive(Debug)]
pub(crate) struct Chooser {
    /// A line for each, escaped.
    lines: Vec<String>,
    row: usize,
}

/// What came of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Nothing yet.
    Open,
    /// This one.
    Of(usize),
    /// None.
    Quit,
}

impl Chooser {
    /// A chooser of some runs.
    pub(crate) fn new(lines: Vec<String>) -> Chooser {
        Chooser { lines, row: 0 }
    }

    /// Takes a key.
    pub(crate) fn take(&mut self, key: KeyEvent) -> Choice {
        if key.kind == KeyEventKind::Release {
            return Choice::Open;
        }
        let last = self.lines.len().saturating_sub(1);
        match command(key) {
            Some(Command::Up) => self.row = self.row.saturating_sub(1),
            Some(Command::Down) => self.row = (self.row + 1).min(last),
            Some(Command::First | Command::PageUp) => self.row = 0,
            Some(Command::Last | Command::PageDown) => self.row = last,
            Some(Command::Open) => return Choice::Of(self.row),
            Some(Command::Quit | Command::Back) => return Choice::Quit,
            Some(_) | None => (),
        }
        Choice::Open
    }

    /// Draws it.
    pub(crate) fn draw(&self, frame: &mut Frame) {
        let area = frame.area();
        let room = usize::from(area.height.saturating_sub(AROUND)).max(1);
        let top = (self.row + 1).saturating_sub(room);
        let head = format!("{} runs; which one?", self.lines.len());
        let mut lines = vec![Line::styled(head, Modifier::BOLD)];
        let shown = self.lines.iter().enumerate().skip(top).take(room);
        lines.extend(shown.map(|(place, text)| {
            let style = if place == self.row {
                Style::new().add_modifier(Modifier::REVERSED)
            } else {
                Style::new()
            };
            Line::styled(text.as_str(), style)
        }));
        lines.push(Line::styled(
            "Enter choose  j k move  q quit",
            Modifier::DIM,
        ));
        frame.render_widget(Clear, area);
        frame.render_widget(Paragraph::new(lines), area);
    }
}
