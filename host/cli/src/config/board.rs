//! `[board]`: how a run is watched.

use super::file::Board;
use super::source::{Source, Sourced};
use super::{Config, Layer};
use crate::flags::BoardFlags;
use clap::ValueEnum;
use serde::Deserialize;
use wodehost::board::{Words, WordsError};

/// How the board is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BoardMode {
    /// `tty` on a terminal, from a quarter of a second on; otherwise `plain`.
    #[default]
    Auto,
    /// Lines that are drawn again and again.
    Tty,
    /// A line for each change.
    Plain,
    /// A JSON object for each change.
    Json,
    /// Not at all.
    Off,
}

/// What is said at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SummaryMode {
    /// Nothing.
    Off,
    /// A line with the counts.
    #[default]
    Short,
    /// Reasons, the slowest jobs, retries, fuel and memory, too.
    Full,
}

/// What a layer says of it.
#[derive(Debug, Default)]
pub(crate) struct BoardLayer {
    pub(crate) mode: Option<Sourced<BoardMode>>,
    pub(crate) summary: Option<Sourced<SummaryMode>>,
    pub(crate) prefix: Option<Sourced<String>>,
    pub(crate) waiting: Option<Sourced<String>>,
    pub(crate) done: Option<Sourced<String>>,
    pub(crate) bar: Option<Sourced<String>>,
}

impl BoardMode {
    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            BoardMode::Auto => "auto",
            BoardMode::Tty => "tty",
            BoardMode::Plain => "plain",
            BoardMode::Json => "json",
            BoardMode::Off => "off",
        }
    }

    /// Reads it as a variable holds it.
    fn parse(text: &str) -> Result<BoardMode, String> {
        let mut all = BoardMode::value_variants().iter();
        all.find(|mode| mode.as_str() == text)
            .copied()
            .ok_or_else(|| format!("`{text}` is none of auto, tty, plain, json, off"))
    }
}

impl SummaryMode {
    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            SummaryMode::Off => "off",
            SummaryMode::Short => "short",
            SummaryMode::Full => "full",
        }
    }

    /// Reads it as a variable holds it.
    fn parse(text: &str) -> Result<SummaryMode, String> {
        let mut all = SummaryMode::value_variants().iter();
        all.find(|mode| mode.as_str() == text)
            .copied()
            .ok_or_else(|| format!("`{text}` is none of off, short, full"))
    }
}

impl BoardLayer {
    /// What the flags say.
    pub(super) fn of_flags(flags: &BoardFlags) -> BoardLayer {
        BoardLayer {
            mode: flags
                .board
                .map(|mode| Sourced::new(mode, Source::Flag("board"))),
            summary: flags
                .summary
                .map(|summary| Sourced::new(summary, Source::Flag("summary"))),
            ..BoardLayer::default()
        }
    }

    /// What a variable says; false = it is none of the board's.
    pub(super) fn take_env(&mut self, name: &str, text: &str) -> Result<bool, String> {
        let source = Source::Env(name.to_owned());
        match name {
            "WODEHOST_BOARD" => self.mode = Some(Sourced::new(BoardMode::parse(text)?, source)),
            "WODEHOST_SUMMARY" => {
                self.summary = Some(Sourced::new(SummaryMode::parse(text)?, source));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What a file says. The error names a key, and why it was not taken.
    pub(super) fn of_file(
        board: Board,
        source: impl Fn(&'static str) -> Source,
    ) -> Result<BoardLayer, (&'static str, String)> {
        type Set = fn(&mut Words, String) -> Result<(), WordsError>;
        let texts: [(&str, &Option<String>, Set); 4] = [
            ("prefix", &board.prefix, Words::set_prefix::<String>),
            ("waiting", &board.waiting, Words::set_waiting::<String>),
            ("done", &board.done, Words::set_done::<String>),
            ("bar", &board.bar, Words::set_bar::<String>),
        ];
        let mut words = Words::default();
        for (key, text, set) in texts {
            if let Some(text) = text {
                set(&mut words, text.clone()).map_err(|error| (key, error.to_string()))?;
            }
        }
        let text = |text: Option<String>, key| text.map(|text| Sourced::new(text, source(key)));
        Ok(BoardLayer {
            mode: board.mode.map(|mode| Sourced::new(mode, source("mode"))),
            summary: board
                .summary
                .map(|summary| Sourced::new(summary, source("summary"))),
            prefix: text(board.prefix, "prefix"),
            waiting: text(board.waiting, "waiting"),
            done: text(board.done, "done"),
            bar: text(board.bar, "bar"),
        })
    }
}

impl Config {
    /// How the board is shown.
    pub(crate) fn board(&self) -> Sourced<BoardMode> {
        self.strongest(|l| l.board.mode.as_ref())
            .unwrap_or(Sourced::default(BoardMode::Auto))
    }

    /// What is said at the end.
    pub(crate) fn summary(&self) -> Sourced<SummaryMode> {
        self.strongest(|l| l.board.summary.as_ref())
            .unwrap_or(Sourced::default(SummaryMode::Short))
    }

    /// Its words, by their keys.
    pub(super) fn board_texts(&self) -> [(&'static str, Sourced<String>); 4] {
        type Of = fn(&Layer) -> Option<&Sourced<String>>;
        let text = |of: Of, default: &str| {
            let said = self.strongest(of);
            said.unwrap_or_else(|| Sourced::default(default.to_owned()))
        };
        [
            ("prefix", text(|l| l.board.prefix.as_ref(), Words::PREFIX)),
            (
                "waiting",
                text(|l| l.board.waiting.as_ref(), Words::WAITING),
            ),
            ("done", text(|l| l.board.done.as_ref(), Words::DONE)),
            ("bar", text(|l| l.board.bar.as_ref(), Words::BAR)),
        ]
    }

    /// Its words.
    pub(crate) fn words(&self) -> Words {
        let mut words = Words::default();
        for (key, text) in self.board_texts() {
            // They were checked when they were read.
            let _ = match key {
                "prefix" => words.set_prefix(text.value),
                "bar" => words.set_bar(text.value),
                "waiting" => words.set_waiting(text.value),
                _ => words.set_done(text.value),
            };
        }
        words
    }
}
