//! Watches a host while it runs: looks ten times a second, and shows what changed as
//! `--board` wants it.
//!
//! | mode | what is shown, on stderr |
//! |---|---|
//! | `tty` | the board, drawn again; lines that stay scroll up above it |
//! | `plain` | a line for each change that a plugin made; once a minute how far all is |
//! | `json` | an object for each change, and for the counts |
//! | `off` | nothing |
//!
//! `auto` draws a board only when a run lasts longer than a moment: a command that answers
//! at once leaves nothing behind.

use crate::board::json::JsonBoard;
use crate::board::plain::{heartbeat, lines};
use crate::board::summary::at_the_end;
use crate::board::tty::{frame, scrolled};
use crate::config::{BoardMode, Config, Source as ConfigSource, SummaryMode};
use crate::error::Error;
use crate::printer::Printer;
use crate::screen;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use wodehost::board::{BoardEvent, BoardModel, Digest, ResidentStanding, Source, Words};
use wodehost::{Host, Outcome, Tally};

/// Between two looks (A9).
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A command that is done by then draws no board, unless it was asked for.
const MOMENT: Duration = Duration::from_millis(300);

/// How often somebody who reads a file hears how far all is.
const HEARTBEAT: Duration = Duration::from_mins(1);

/// Where a run's jobs come from, as far as the command line knows it.
pub(crate) type Sources = Box<dyn Fn() -> Source + Send>;

/// What is said at the end.
struct Last {
    summary: SummaryMode,
    /// Somebody asked for it.
    is_wanted: bool,
    digest: Arc<Mutex<Digest>>,
    printer: Printer,
}

/// Somebody who watches.
pub(crate) struct Watching {
    began: Instant,
    last: Last,
    end: oneshot::Sender<()>,
    task: JoinHandle<Looker>,
}

/// How it is shown.
enum Shown {
    Tty { from: Duration },
    Plain { heard: Duration },
    Json(JsonBoard),
    Off,
}

impl Shown {
    fn of(mode: BoardMode, printer: Printer, is_json: bool) -> Shown {
        let plain = Shown::Plain {
            heard: Duration::ZERO,
        };
        match mode {
            _ if printer == Printer::Quiet => Shown::Off,
            BoardMode::Off => Shown::Off,
            BoardMode::Json => Shown::Json(JsonBoard::default()),
            // Who reads stderr as JSON gets nothing else.
            BoardMode::Auto | BoardMode::Tty | BoardMode::Plain if is_json => {
                Shown::Json(JsonBoard::default())
            }
            BoardMode::Auto if screen::can_draw() => Shown::Tty { from: MOMENT },
            BoardMode::Tty => Shown::Tty {
                from: Duration::ZERO,
            },
            BoardMode::Auto | BoardMode::Plain => plain,
        }
    }
}

/// What watches, on a thread of the command line.
struct Looker {
    host: Host,
    sources: Sources,
    model: BoardModel,
    shown: Shown,
    began: Instant,
}

/// Sees every outcome, for what is said at the end.
pub(crate) struct Taking(Option<Arc<Mutex<Digest>>>);

impl Taking {
    /// Takes an outcome.
    pub(crate) fn take(&self, outcome: &Outcome) {
        if let Some(digest) = &self.0 {
            let mut digest = digest.lock().unwrap_or_else(PoisonError::into_inner);
            digest.take(outcome);
        }
    }
}

/// What is to be watched, before there is a host.
pub(crate) struct Watch {
    mode: BoardMode,
    words: Words,
    last: Last,
    is_json: bool,
}

impl Watch {
    /// As the configuration wants it.
    pub(crate) fn of(config: &Config, printer: Printer, is_json: bool) -> Watch {
        Watch {
            mode: config.board().value,
            words: config.words(),
            last: Last {
                summary: config.summary().value,
                is_wanted: config.summary().source != ConfigSource::Default,
                digest: Arc::default(),
                printer,
            },
            is_json,
        }
    }

    /// Who sees outcomes. Costs nothing where nothing is said of them at the end.
    pub(crate) fn taking(&self) -> Taking {
        let wanted = self.last.summary == SummaryMode::Full;
        Taking(wanted.then(|| self.last.digest.clone()))
    }

    /// Begins to watch; needs a tokio runtime around it.
    pub(crate) fn start(self, host: Host, sources: Sources) -> Result<Watching, Error> {
        let shown = Shown::of(self.mode, self.last.printer, self.is_json);
        screen::start(matches!(shown, Shown::Tty { .. }))?;
        let began = Instant::now();
        let looker = Looker {
            host,
            sources,
            model: BoardModel::new(self.words),
            shown,
            began,
        };
        let (end, ended) = oneshot::channel();
        Ok(Watching {
            began,
            last: self.last,
            end,
            task: tokio::spawn(looker.watch(ended)),
        })
    }
}

impl Watching {
    /// The run is over: shows the last of it. Waits for the terminal, on the thread that
    /// asks: signals are heard meanwhile.
    pub(crate) async fn end(self) -> Watched {
        // It ends only when it is told to.
        let _ = self.end.send(());
        let looker = self.task.await.ok();
        let has_drawn = looker.is_some_and(Looker::last_look);
        Watched {
            elapsed: self.began.elapsed(),
            last: self.last,
            has_drawn,
        }
    }
}

/// Somebody who has watched to the end.
pub(crate) struct Watched {
    elapsed: Duration,
    last: Last,
    has_drawn: bool,
}

impl Watched {
    /// Says what came of it. A line that `matters` is said by itself; otherwise only where
    /// more was asked for.
    pub(crate) fn say(&self, tally: &Tally, refused: u64, matters: bool, more: &str) {
        let Last {
            summary,
            is_wanted,
            digest,
            printer,
        } = &self.last;
        // The last board has the counts already.
        let is_said = self.has_drawn && more.is_empty() && *summary == SummaryMode::Short;
        let is_due = matters || *is_wanted || *summary == SummaryMode::Full;
        if is_said || !is_due {
            return;
        }
        let digest = digest.lock().unwrap_or_else(PoisonError::into_inner);
        let text = at_the_end(*summary, tally, refused, self.elapsed, more, &digest);
        if let Some(text) = text {
            printer.note(&text);
        }
    }
}

impl Looker {
    /// Looks until the end.
    async fn watch(mut self, mut ended: oneshot::Receiver<()>) -> Looker {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = &mut ended => break,
                _ = looks.tick() => self.look(),
            }
        }
        self
    }

    fn take(&mut self) {
        let at = self.began.elapsed();
        let mut snapshot = self.host.look(0);
        snapshot.changes = self.host.take_changes();
        let mut source = (self.sources)();
        if let Some(producer) = &snapshot.producer {
            source.jobs = producer.count;
            source.has_ended = producer.standing == ResidentStanding::Done;
        }
        self.model.take(BoardEvent::Source(source), at);
        self.model.take(BoardEvent::Looked(Box::new(snapshot)), at);
    }

    fn look(&mut self) {
        if matches!(self.shown, Shown::Off) {
            return;
        }
        self.take();
        let at = self.began.elapsed();
        let news = self.model.news();
        match &mut self.shown {
            Shown::Tty { from } => {
                for line in scrolled(&news) {
                    screen::text(&line);
                }
                if at >= *from {
                    screen::show(frame(&self.model, screen::size()));
                }
            }
            Shown::Plain { heard } => {
                said(&lines(&news));
                if at.saturating_sub(*heard) >= HEARTBEAT {
                    *heard = at;
                    said(&heartbeat(&self.model));
                }
            }
            Shown::Json(board) => said(&board.lines(&self.model, &news)),
            Shown::Off => {}
        }
    }

    /// Shows what came last. A board stays as it is then (A24). Whether there was one.
    fn last_look(mut self) -> bool {
        self.look();
        let at = self.began.elapsed();
        self.model.take(BoardEvent::Over, at);
        let draws = match &self.shown {
            Shown::Tty { from } => at >= *from,
            Shown::Plain { .. } | Shown::Json(_) | Shown::Off => false,
        };
        let last = draws.then(|| frame(&self.model, screen::size()));
        screen::finish(last.unwrap_or_default());
        draws
    }
}

fn said(text: &str) {
    if !text.is_empty() {
        screen::text(text);
    }
}
