//! Sees every outcome of a run: a line for each failure, and the end that
//! `--halt` asks for.

use crate::halt::Halt;
use crate::output::{Failures, Finished};
use crate::printer::Printer;
use crate::signals::Stopper;
use crate::watching::Taking;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wodehost::{Outcome, Reason, Status};

/// See the module. Called on the guests' threads.
pub(crate) struct Watcher {
    printer: Printer,
    halt: Halt,
    taking: Taking,
    failures: Mutex<Failures>,
    failed: AtomicU64,
    internal: AtomicU64,
    halted: AtomicBool,
    /// Comes after the host, which comes after the watcher.
    stopper: OnceLock<Arc<Stopper>>,
}

impl Watcher {
    pub(crate) fn new(printer: Printer, verbose: u8, halt: Halt, taking: Taking) -> Arc<Watcher> {
        Arc::new(Watcher {
            printer,
            halt,
            taking,
            failures: Mutex::new(Failures::new(verbose)),
            failed: AtomicU64::new(0),
            internal: AtomicU64::new(0),
            halted: AtomicBool::new(false),
            stopper: OnceLock::new(),
        })
    }

    /// Says how the run is stopped.
    pub(crate) fn may_stop(&self, stopper: Arc<Stopper>) {
        // There is one stopper a run.
        let _ = self.stopper.set(stopper);
    }

    /// How many outcomes were our own fault.
    pub(crate) fn internal(&self) -> u64 {
        self.internal.load(Ordering::Relaxed)
    }

    /// Looks at an outcome.
    pub(crate) fn see(&self, outcome: &Outcome) {
        self.taking.take(outcome);
        if matches!(outcome.status, Status::Success | Status::Cancelled) {
            return;
        }
        if outcome.reason == Reason::Internal {
            self.internal.fetch_add(1, Ordering::Relaxed);
        }
        let finished = Finished::Job(Box::new(outcome.clone()));
        let id = outcome.id.to_string();
        let lines = {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.lines(&id, &finished)
        };
        if let Some(lines) = lines {
            self.printer.failure(&lines, &id, &finished);
        }
        let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(act) = self.halt.after(failed)
            && let Some(stopper) = self.stopper.get()
            && !self.halted.swap(true, Ordering::Relaxed)
        {
            self.printer.note(&format!(
                "stopping: {failed} failed (--halt); the producer is asked for no more"
            ));
            stopper.halt(act);
        }
    }
}
