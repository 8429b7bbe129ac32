//! What `top` shows, and how keys and answers change it. Pure: events come in, what is to
//! be done goes out, and time is handed in.
//!
//! A key goes to the first of these that there is: the end of the run (any key leaves), a
//! question (`y` or not), the filter that is being typed, the help, the sheet of a job, the
//! table.

use super::cursor::Cursor;
use super::keys::{Command, Edit, command, edit};
use super::page::Page;
use super::protocol::{Answer, Ask, Hello, Look};
use super::rate::Rate;
use super::sheet::{Line, sheet};
use super::table::{Row, Tab, Table, Target};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Position, Rect, Size};
use std::time::Duration;
use wodehost::board::{Detail, Standing};

/// Jobs that wait that are asked for.
pub(crate) const QUEUED_SHOWN: usize = 200;

/// Letters of a filter.
const FILTER_CHARS_MAX: usize = 100;

/// From when on it is told that the run does not answer.
const SILENT_FROM: Duration = Duration::from_secs(3);

/// How long it is told what was asked for.
const NOTE_FOR: Duration = Duration::from_secs(4);

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// A key.
    Key(KeyEvent),
    /// Text, all at once: never a command.
    Pasted(String),
    /// The terminal has another size.
    Resized(Size),
    /// The run answered.
    Answered(Answer),
    /// It said its last word.
    Ended(End),
    /// Time passed.
    Tick,
    /// Somebody wants us to go.
    Quit,
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Ask the run.
    Ask(Ask),
    /// Leave.
    Quit,
}

/// A job that is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    target: Target,
    detail: Option<Box<Detail>>,
    is_live: bool,
    /// The first line that is shown.
    pub(crate) top: usize,
}

/// The end of the run, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It goes on.
    Open,
    /// It has ended.
    Ended,
    /// Nobody knows.
    Lost(String),
}

/// Whether what is shown changes by itself.
#[derive(Debug, Clone)]
enum Flow {
    Live,
    /// It stands still; what came last meanwhile.
    Frozen(Option<Box<Look>>),
}

/// What is shown.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) hello: Hello,
    pub(crate) look: Look,
    flow: Flow,
    pub(crate) end: End,
    pub(crate) tab: Tab,
    pub(crate) table: Table,
    cursors: [Cursor; 3],
    pub(crate) filter: String,
    pub(crate) is_typing: bool,
    pub(crate) is_help: bool,
    opened: Option<Opened>,
    /// What `y` would do.
    question: Option<Target>,
    note: Option<(String, Duration)>,
    now: Duration,
    /// When the run said something last.
    answered_at: Duration,
    rate: Rate,
    page: Page,
    pub(crate) has_colors: bool,
}

impl App {
    /// Nothing was seen yet.
    pub(crate) fn new(hello: Hello, size: Size, has_colors: bool) -> App {
        let look = Look::default();
        App {
            hello,
            table: Table::of(&look.snapshot, Tab::Attempts, 0, ""),
            look,
            flow: Flow::Live,
            end: End::Open,
            tab: Tab::Attempts,
            cursors: Default::default(),
            filter: String::new(),
            is_typing: false,
            is_help: false,
            opened: None,
            question: None,
            note: None,
            now: Duration::ZERO,
            answered_at: Duration::ZERO,
            rate: Rate::default(),
            page: Page::of(Rect::from((Position::ORIGIN, size))),
            has_colors,
        }
    }

    /// What is to be asked again and again.
    pub(crate) fn wants(&self) -> Vec<Ask> {
        let mut asks = vec![Ask::Look {
            queue: QUEUED_SHOWN,
        }];
        if let Some(Opened {
            target: Target::Job { id, .. },
            ..
        }) = &self.opened
        {
            asks.push(Ask::Detail { job: id.clone() });
        }
        asks
    }

    /// Takes an event; `now` = since the start of `top`.
    pub(crate) fn take(&mut self, event: Event, now: Duration) -> Vec<Act> {
        self.now = now;
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
            Event::Key(key) => self.key(key),
            Event::Pasted(text) => {
                if self.is_typing {
                    text.chars().for_each(|letter| self.edit(Edit::Add(letter)));
                }
                Vec::new()
            }
            Event::Resized(size) => {
                self.page = Page::of(Rect::from((Position::ORIGIN, size)));
                self.settle();
                Vec::new()
            }
            Event::Answered(answer) => {
                self.answered(answer);
                Vec::new()
            }
            Event::Ended(end) => {
                self.ended(end);
                Vec::new()
            }
            Event::Tick => {
                self.waited();
                Vec::new()
            }
            Event::Quit => vec![Act::Quit],
        }
    }

    /// Says so when the run has not answered for a while.
    fn waited(&mut self) {
        let silent = self.now.saturating_sub(self.answered_at);
        if silent >= SILENT_FROM && self.end == End::Open {
            self.tell(format!("no answer for {} s", silent.as_secs()));
        }
    }

    fn answered(&mut self, answer: Answer) {
        self.answered_at = self.now;
        match answer {
            Answer::Look(look) => match &mut self.flow {
                Flow::Live => self.looked(*look),
                Flow::Frozen(held) => *held = Some(look),
            },
            Answer::Detail(detail) => {
                let is_frozen = self.is_frozen();
                let Some(opened) = self.opened.as_mut().filter(|_| !is_frozen) else {
                    return;
                };
                // The answer may be about the job that was open before this one.
                let is_other = |d: &Detail| !opened.target.is_job(&d.line.job);
                if detail.as_deref().is_some_and(is_other) {
                    return;
                }
                if let (Some(detail), Target::Job { is_paused, .. }) = (&detail, &mut opened.target)
                {
                    *is_paused = detail.line.standing == Standing::Paused;
                }
                opened.is_live = detail.is_some();
                opened.detail = detail.or(opened.detail.take());
            }
            Answer::Asked(_) | Answer::Changed(_) => (),
            Answer::Error(said) => self.tell(format!("the run says: {said}")),
        }
    }

    fn looked(&mut self, look: Look) {
        self.rate.note(look.uptime_ms, look.snapshot.tally.total());
        self.look = look;
        self.refresh();
    }

    /// Jobs that ended in a second, of late.
    pub(crate) fn per_second(&self) -> f64 {
        self.rate.per_second()
    }

    fn ended(&mut self, end: End) {
        self.thaw();
        (self.question, self.is_typing, self.is_help) = (None, false, false);
        self.end = end;
    }

    fn thaw(&mut self) {
        if let Flow::Frozen(Some(look)) = std::mem::replace(&mut self.flow, Flow::Live) {
            self.looked(*look);
        }
    }

    /// Whether everything stands still.
    pub(crate) fn is_frozen(&self) -> bool {
        matches!(self.flow, Flow::Frozen(_))
    }

    fn tell(&mut self, note: String) {
        self.note = Some((note, self.now));
    }

    /// What was told a moment ago.
    pub(crate) fn note(&self) -> Option<&str> {
        let (note, at) = self.note.as_ref()?;
        (self.now.saturating_sub(*at) < NOTE_FOR).then_some(note)
    }

    /// Makes the table anew.
    fn refresh(&mut self) {
        let sort = self.cursor().sort;
        self.table = Table::of(&self.look.snapshot, self.tab, sort, &self.filter);
        self.cursors[self.tab as usize].follow(&self.table.rows);
        self.settle();
    }

    /// Keeps what is chosen among the rows, and in view.
    fn settle(&mut self) {
        let cursor = &mut self.cursors[self.tab as usize];
        cursor.settle(&self.table.rows, self.page.rows());
        let room = usize::from(self.page.body.height);
        let lines = self.sheet().map_or(0, |lines| lines.len());
        if let Some(opened) = &mut self.opened {
            opened.top = opened.top.min(lines.saturating_sub(room));
        }
    }

    /// Where one is in the table that is shown.
    pub(crate) fn cursor(&self) -> &Cursor {
        &self.cursors[self.tab as usize]
    }

    /// What the table is sorted by.
    pub(crate) fn sort(&self) -> &'static str {
        self.tab.sorts()[self.cursor().sort]
    }

    /// The job that is looked at.
    pub(crate) fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref()
    }

    /// Its sheet.
    pub(crate) fn sheet(&self) -> Option<Vec<Line>> {
        let opened = self.opened.as_ref()?;
        let detail = opened.detail.as_deref();
        Some(sheet(&opened.target, detail, opened.is_live))
    }

    /// What `y` would end.
    pub(crate) fn question(&self) -> Option<&Target> {
        self.question.as_ref()
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Act> {
        let is_ctrl_c =
            key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        if is_ctrl_c || self.end != End::Open {
            return vec![Act::Quit];
        }
        if let Some(target) = self.question.take() {
            return self.answer(key, &target);
        }
        if self.is_typing
            && let Some(edit) = edit(key)
        {
            self.edit(edit);
            return Vec::new();
        }
        match command(key) {
            Some(Command::Quit) => vec![Act::Quit],
            Some(Command::Help) => {
                self.is_help = !self.is_help;
                Vec::new()
            }
            Some(Command::Back | Command::Open) if self.is_help => {
                self.is_help = false;
                Vec::new()
            }
            Some(_) if self.is_help => Vec::new(),
            Some(command) => self.act(command),
            None => Vec::new(),
        }
    }

    fn answer(&mut self, key: KeyEvent, target: &Target) -> Vec<Act> {
        if !matches!(key.code, KeyCode::Char('y' | 'Y')) {
            self.tell("nothing was cancelled".to_owned());
            return Vec::new();
        }
        let ask = match target {
            Target::Job { id, .. } => Ask::Cancel { job: id.clone() },
            Target::Group(group) => Ask::CancelGroup {
                group: group.clone(),
            },
            Target::Nothing(_) => return Vec::new(),
        };
        self.tell("asked to cancel it".to_owned());
        vec![Act::Ask(ask)]
    }

    fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Add(letter) if self.filter.chars().count() < FILTER_CHARS_MAX => {
                self.filter.push(letter);
            }
            Edit::Add(_) => (),
            Edit::Erase if self.filter.is_empty() => self.is_typing = false,
            Edit::Erase => drop(self.filter.pop()),
            Edit::Accept => self.is_typing = false,
            Edit::Drop => {
                self.filter.clear();
                self.is_typing = false;
            }
        }
        self.refresh();
    }

    fn act(&mut self, command: Command) -> Vec<Act> {
        match command {
            Command::Up => self.step(-1),
            Command::Down => self.step(1),
            Command::First => self.step(isize::MIN),
            Command::Last => self.step(isize::MAX),
            Command::PageUp => self.step(-self.page_step()),
            Command::PageDown => self.step(self.page_step()),
            Command::Right => self.turn(self.tab as usize + 1),
            Command::Left => self.turn(self.tab as usize + Tab::ALL.len() - 1),
            Command::Tab(place) => self.turn(place),
            Command::Open => self.open(),
            Command::Back => self.back(),
            Command::Filter => self.is_typing = self.opened.is_none(),
            Command::Sort if self.opened.is_none() => {
                let count = self.tab.sorts().len();
                let cursor = &mut self.cursors[self.tab as usize];
                cursor.sort = (cursor.sort + 1) % count;
                self.refresh();
            }
            Command::Freeze if self.is_frozen() => self.thaw(),
            Command::Freeze => self.flow = Flow::Frozen(None),
            Command::Pause | Command::Resume => return self.pause(command),
            Command::Cancel => self.ask_first(),
            Command::Sort | Command::Help | Command::Quit => (),
        }
        Vec::new()
    }

    fn step(&mut self, by: isize) {
        if let Some(opened) = &mut self.opened {
            // Past the end is the end.
            opened.top = opened.top.saturating_add_signed(by);
        } else {
            self.cursors[self.tab as usize].step(by);
        }
        self.settle();
    }

    fn page_step(&self) -> isize {
        self.page.rows().max(1).cast_signed()
    }

    fn turn(&mut self, place: usize) {
        self.opened = None;
        self.tab = Tab::ALL[place % Tab::ALL.len()];
        self.refresh();
    }

    fn open(&mut self) {
        let target = self.chosen().map(|row| row.target.clone());
        if let Some(target @ Target::Job { .. }) = target
            && self.opened.is_none()
        {
            self.opened = Some(Opened {
                target,
                detail: None,
                is_live: true,
                top: 0,
            });
        }
    }

    fn back(&mut self) {
        if self.opened.take().is_none() && !self.filter.is_empty() {
            self.filter.clear();
            self.refresh();
        }
    }

    /// The row that is chosen.
    pub(crate) fn chosen(&self) -> Option<&Row> {
        self.table.rows.get(self.cursor().row)
    }

    /// What is meant by a key that steers.
    fn meant(&self) -> Option<Target> {
        let opened = self.opened.as_ref().map(|opened| opened.target.clone());
        // Whether it stands still is known of rows.
        let known = |target: Target| {
            let mut rows = self.table.rows.iter().map(|row| &row.target);
            rows.find(|row| row.is_same(&target))
                .cloned()
                .unwrap_or(target)
        };
        opened
            .map(known)
            .or_else(|| self.chosen().map(|row| row.target.clone()))
    }

    fn pause(&mut self, command: Command) -> Vec<Act> {
        let Some(Target::Job { id, is_paused, .. }) = self.meant() else {
            self.tell("only a job can be paused".to_owned());
            return Vec::new();
        };
        let job = id;
        let (ask, note) = if is_paused || command == Command::Resume {
            (Ask::Resume { job }, "asked to go on")
        } else {
            (Ask::Pause { job }, "asked to pause")
        };
        self.tell(note.to_owned());
        vec![Act::Ask(ask)]
    }

    fn ask_first(&mut self) {
        self.question = self
            .meant()
            .filter(|target| !matches!(target, Target::Nothing(_)));
        if self.question.is_none() {
            self.tell("there is nothing to cancel here".to_owned());
        }
    }
}
