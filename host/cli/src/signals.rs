//! What Ctrl-C, SIGTERM and SIGHUP do, step by step (W17).
//!
//! | | first | second | third |
//! |---|---|---|---|
//! | Ctrl-C | nothing new starts, running jobs have a grace | running jobs are cancelled | the process leaves at once, 130 |
//! | SIGTERM, SIGHUP | the same | the same | nothing more |
//!
//! After the grace the host cancels what still runs by itself.
//!
//! The end of `map --timeout` does at once what the second Ctrl-C does (J26).
//!
//! Where slots come from a jobserver, the signals that would otherwise end the process
//! on the spot, such as that of Ctrl-\, make it leave as the third Ctrl-C does (J37).

use crate::exit::Exit;
use crate::halt::Act;
use crate::make_pool::{self, Inherited};
use crate::printer::Printer;
use crate::screen;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use wodehost::units::Unit;
use wodehost::{Host, Stop};

/// A `--halt soon` has no grace: jobs that run end by themselves.
const NO_GRACE: Duration = Duration::from_hours(365 * 24);

/// A signal that somebody sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Interrupt,
    Terminate,
}

/// What it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Drain,
    Cancel,
    Leave,
    Nothing,
}

/// How often signals came so far.
#[derive(Debug, Default)]
struct Steps {
    taken: u32,
}

impl Steps {
    fn next(&mut self, signal: Signal) -> Step {
        self.taken += 1;
        match (self.taken, signal) {
            (1, _) => Step::Drain,
            (2, _) => Step::Cancel,
            (_, Signal::Interrupt) => Step::Leave,
            (_, Signal::Terminate) => Step::Nothing,
        }
    }
}

/// Stops a host, because of a signal, because too many jobs failed, or because the time
/// is over.
pub(crate) struct Stopper {
    host: Arc<Host>,
    /// Closes what feeds the host, before the host is stopped.
    close_input: Box<dyn Fn() + Send + Sync>,
    grace: Duration,
    printer: Printer,
    by_user: AtomicBool,
    is_late: AtomicBool,
}

impl Stopper {
    /// A stopper that calls `close_input` first.
    pub(crate) fn new(
        host: Arc<Host>,
        grace: Duration,
        printer: Printer,
        close_input: impl Fn() + Send + Sync + 'static,
    ) -> Arc<Stopper> {
        Arc::new(Stopper {
            host,
            close_input: Box::new(close_input),
            grace,
            printer,
            by_user: AtomicBool::new(false),
            is_late: AtomicBool::new(false),
        })
    }

    /// The user cancelled something, in another terminal.
    pub(crate) fn user_cancels(&self) {
        self.by_user.store(true, Ordering::Relaxed);
    }

    /// Whether the user stopped or cancelled something.
    pub(crate) fn by_user(&self) -> bool {
        self.by_user.load(Ordering::Relaxed)
    }

    /// Whether the time was over before everything was done.
    pub(crate) fn is_late(&self) -> bool {
        self.is_late.load(Ordering::Relaxed)
    }

    /// Cancels everything when the time is over.
    pub(crate) fn stop_at(self: Arc<Self>, end: tokio::time::Instant, timeout: u64) {
        tokio::spawn(async move {
            tokio::time::sleep_until(end).await;
            self.is_late.store(true, Ordering::Relaxed);
            self.printer.note(&format!(
                "stopping: the time is over (--timeout {}); no more of the input is read",
                Unit::Time.about(timeout)
            ));
            self.halt(Act::Cancel);
        });
    }

    /// Stops as `--halt` wants it.
    pub(crate) fn halt(&self, act: Act) {
        (self.close_input)();
        self.host.stop(match act {
            Act::Cancel => Stop::Cancel,
            Act::Drain => Stop::Drain { grace: NO_GRACE },
        });
    }

    /// Cancels everything: nobody is there for the results.
    pub(crate) fn abandon(&self) {
        self.halt(Act::Cancel);
    }

    fn take(&self, step: Step, signal: Signal) {
        let next = match signal {
            Signal::Interrupt => "; Ctrl-C again ",
            Signal::Terminate => "; a further signal ",
        };
        match step {
            Step::Drain => {
                self.by_user.store(true, Ordering::Relaxed);
                let nanos = u64::try_from(self.grace.as_nanos()).unwrap_or(u64::MAX);
                let grace = match Unit::Time.about(nanos) {
                    text if nanos == u64::MAX => text,
                    text => format!("within {text}"),
                };
                self.printer.note(&format!(
                    "stopping: nothing new starts, running jobs may finish ({grace}){next}cancels them"
                ));
                (self.close_input)();
                self.host.stop(Stop::Drain { grace: self.grace });
            }
            Step::Cancel => {
                let next = match signal {
                    Signal::Interrupt => "; Ctrl-C again leaves at once",
                    Signal::Terminate => "",
                };
                self.printer
                    .note(&format!("cancelling: results so far are written{next}"));
                self.host.stop(Stop::Cancel);
            }
            Step::Leave => Exit::LeftAtOnce.leave(),
            Step::Nothing => (),
        }
    }
}

/// Listens to signals from now on.
pub(crate) fn listen(stopper: Arc<Stopper>) {
    tokio::spawn(async move {
        let mut steps = Steps::default();
        let Some(mut signals) = Signals::new() else {
            return;
        };
        draw_when_resumed();
        if matches!(make_pool::inherited(), Inherited::Pool(_)) {
            leave_on_others();
            make_pool::may_take();
        }
        loop {
            let signal = signals.next().await;
            stopper.take(steps.next(signal), signal);
        }
    });
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None where it is to be ignored.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Option<Signals> {
        Some(Signals {
            interrupt: signal(SignalKind::interrupt()).ok()?,
            terminate: signal(SignalKind::terminate()).ok()?,
            hangup: (!is_ignored(SignalKind::hangup()))
                .then(|| signal(SignalKind::hangup()).ok())
                .flatten(),
        })
    }

    async fn next(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = hangup => Signal::Terminate,
        }
    }
}

/// After Ctrl-Z and `fg` a shell has written where the board was.
#[cfg(unix)]
fn draw_when_resumed() {
    let resumed = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
    if let Ok(mut resumed) = signal(resumed) {
        tokio::spawn(async move {
            while resumed.recv().await.is_some() {
                screen::resumed();
            }
        });
    }
}

#[cfg(not(unix))]
fn draw_when_resumed() {}

/// Leaves at once on the signals that nobody listens to and that end a process: what
/// it took from others would be lost.
#[cfg(unix)]
fn leave_on_others() {
    let others = [
        SignalKind::quit(),
        SignalKind::alarm(),
        SignalKind::user_defined1(),
        SignalKind::user_defined2(),
    ];
    for kind in others.into_iter().filter(|kind| !is_ignored(*kind)) {
        if let Ok(mut signal) = signal(kind) {
            tokio::spawn(async move {
                if signal.recv().await.is_some() {
                    Exit::LeftAtOnce.leave();
                }
            });
        }
    }
}

/// Whether we were started so that a signal does nothing, as `nohup` does it: whoever
/// listens to it would undo that. Where this cannot be seen, it is not so.
#[cfg(unix)]
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status");
    status.is_ok_and(|status| ignores(&status, kind.as_raw_value()))
}

/// The first signal is the first bit of the mask.
#[cfg(unix)]
fn ignores(status: &str, number: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Signals> {
        Some(Signals)
    }

    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_interrupts_drain_cancel_leave() {
        let mut steps = Steps::default();
        assert_eq!(steps.next(Signal::Interrupt), Step::Drain);
        assert_eq!(steps.next(Signal::Interrupt), Step::Cancel);
        assert_eq!(steps.next(Signal::Interrupt), Step::Leave);
    }

    #[cfg(unix)]
    #[test]
    fn an_ignored_signal_is_seen() {
        let hangup = SignalKind::hangup().as_raw_value();
        assert!(ignores("Name:\tx\nSigIgn:\t0000000000001001\n", hangup));
        assert!(!ignores("SigIgn:\t0000000000001000\n", hangup));
        assert!(!ignores("", hangup));
        let quit = SignalKind::quit().as_raw_value();
        assert!(ignores("SigIgn:\t0000000000000004\n", quit));
    }

    #[test]
    fn terminate_never_leaves_results_behind() {
        let mut steps = Steps::default();
        assert_eq!(steps.next(Signal::Terminate), Step::Drain);
        assert_eq!(steps.next(Signal::Terminate), Step::Cancel);
        assert_eq!(steps.next(Signal::Terminate), Step::Nothing);
        assert_eq!(steps.next(Signal::Interrupt), Step::Leave);
    }
}
