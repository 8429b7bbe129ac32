//! The terminal while `top` has it, and the loop that brings keys, answers and pictures
//! together. The terminal is given back on every way out: at the end, on signals, on a
//! fault of ours.

use super::app::{Act, App, End, Event};
use super::chooser::{Choice, Chooser};
use super::client::{Link, has_gone};
use super::protocol::{Answer, Ask};
use super::view;
use crate::error::{Error, Kind, in_words};
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event as Typed,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};
use std::io::{self, Stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval};

/// How often the run is looked at.
const EVERY: Duration = Duration::from_millis(250);

/// The terminal is ours.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back, if it is ours.
fn give_back() {
    if IS_OURS.swap(false, Ordering::Relaxed) {
        // There is nowhere to say that the terminal is gone.
        let _ = disable_raw_mode();
        let _ = execute!(
            io::stdout(),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
    }
}

/// The terminal, ours until it is dropped.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    events: UnboundedReceiver<Event>,
    sender: UnboundedSender<Event>,
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

impl Screen {
    /// Takes the terminal. To be called inside the command line's runtime.
    pub(crate) fn take() -> Result<Screen, Error> {
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()));
        let terminal = terminal.map_err(|e| Error::output(&e))?;
        // A fault of ours is told on the screen that people see.
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        let (sender, events) = unbounded_channel();
        let screen = Screen {
            terminal,
            events,
            sender,
        };
        enable_raw_mode().map_err(|e| Error::output(&e))?;
        IS_OURS.store(true, Ordering::Relaxed);
        // What is pasted by mistake must not cancel anything.
        let taken = execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            Hide
        );
        taken.map_err(|e| Error::output(&e))?;
        screen.listen()?;
        Ok(screen)
    }

    /// Hears keys and signals from now on.
    fn listen(&self) -> Result<(), Error> {
        for kind in [
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::interrupt(),
        ] {
            let Ok(mut signal) = signal(kind) else {
                continue;
            };
            let sender = self.sender.clone();
            tokio::spawn(async move {
                signal.recv().await;
                let _ = sender.send(Event::Quit);
            });
        }
        let sender = self.sender.clone();
        // Nobody waits for its end: it sits in a read, and ends with the process.
        let thread = std::thread::Builder::new().name("wodehost-keys".to_owned());
        let started = thread.spawn(move || while sender.send(typed()).is_ok() {});
        started.map(drop).map_err(|e| {
            Error::new(Kind::Internal, "threads cannot be started").because(in_words(&e))
        })
    }

    fn size(&self) -> Result<Size, Error> {
        self.terminal.size().map_err(|e| Error::output(&e))
    }

    fn draw(&mut self, draw: impl FnOnce(&mut Frame)) -> Result<(), Error> {
        let drawn = self.terminal.draw(draw);
        drawn.map(drop).map_err(|e| Error::output(&e))
    }

    async fn next(&mut self) -> Event {
        // We hold a sender ourselves: it never ends.
        self.events.recv().await.unwrap_or(Event::Quit)
    }

    /// Lets people choose one of some runs; none = they left.
    pub(crate) async fn choose(&mut self, lines: Vec<String>) -> Result<Option<usize>, Error> {
        let mut chooser = Chooser::new(lines);
        loop {
            self.draw(|frame| chooser.draw(frame))?;
            let choice = match self.next().await {
                Event::Key(key) => chooser.take(key),
                Event::Quit => Choice::Quit,
                Event::Pasted(_)
                | Event::Resized(_)
                | Event::Answered(_)
                | Event::Ended(_)
                | Event::Tick => Choice::Open,
            };
            match choice {
                Choice::Open => (),
                Choice::Of(place) => return Ok(Some(place)),
                Choice::Quit => return Ok(None),
            }
        }
    }

    /// Shows a run until people leave.
    pub(crate) async fn show(&mut self, link: Link, has_colors: bool) -> Result<(), Error> {
        let began = Instant::now();
        let mut app = App::new(link.hello().clone(), self.size()?, has_colors);
        let (asks, asked) = unbounded_channel();
        tokio::spawn(speak(link, asked, self.sender.clone()));
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Questions that have no answer yet: a run that is slow is not asked again.
        let mut open = 0_usize;
        loop {
            let event = tokio::select! {
                event = self.next() => event,
                _ = ticks.tick() => Event::Tick,
            };
            if event == Event::Tick && open == 0 && app.end == End::Open {
                for ask in app.wants() {
                    open += usize::from(asks.send(ask).is_ok());
                }
            } else if matches!(event, Event::Answered(_)) {
                open = open.saturating_sub(1);
            }
            for act in app.take(event, began.elapsed()) {
                match act {
                    Act::Quit => return Ok(()),
                    Act::Ask(ask) => {
                        // What comes of it is to be seen at once.
                        for ask in [ask].into_iter().chain(app.wants()) {
                            open += usize::from(asks.send(ask).is_ok());
                        }
                    }
                }
            }
            // What has come already belongs into the same picture.
            if self.events.is_empty() {
                self.draw(|frame| view::draw(&app, frame))?;
            }
        }
    }
}

/// The next thing that was typed.
fn typed() -> Event {
    loop {
        match event::read() {
            Ok(Typed::Key(key)) => return Event::Key(key),
            Ok(Typed::Paste(text)) => return Event::Pasted(text),
            Ok(Typed::Resize(width, height)) => return Event::Resized(Size { width, height }),
            Ok(_) => (),
            // The terminal is gone.
            Err(_) => return Event::Quit,
        }
    }
}

/// Asks the run what is to be asked, one after the other.
async fn speak(mut link: Link, mut asks: UnboundedReceiver<Ask>, events: UnboundedSender<Event>) {
    while let Some(ask) = asks.recv().await {
        let event = match again(&mut link, &ask).await {
            Ok(answer) => Event::Answered(answer),
            Err(error) => {
                let _ = events.send(ending(&error));
                return;
            }
        };
        if events.send(event).is_err() {
            return;
        }
    }
}

/// Asks; once more where the connection broke but the run goes on, as when `top` was
/// stopped for a while.
async fn again(link: &mut Link, ask: &Ask) -> io::Result<Answer> {
    let error = match link.ask(ask).await {
        Err(error) if has_gone(&error) => error,
        answer => return answer,
    };
    let Ok(anew) = Link::to(link.place()).await else {
        return Err(error);
    };
    *link = anew;
    link.ask(ask).await
}

fn ending(error: &io::Error) -> Event {
    if has_gone(error) {
        return Event::Ended(End::Ended);
    }
    Event::Ended(End::Lost(in_words(error)))
}
