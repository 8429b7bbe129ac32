//! `log`: a guest's lines, bounded, on the way to the host's own log.

use crate::limits::Limit;
use crate::sandbox::contract;
use crate::sandbox::contract::types::Level;
use crate::sandbox::meter::Interface;
use crate::sandbox::state::{AttemptState, GuestState, Role};
use crate::sandbox::stdio::Captured;
use crate::value::escape_for_people;

/// The tracing target of guests' lines.
pub const GUEST_LOG: &str = "wodehost::guest";

impl contract::log::Host for GuestState {
    fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.meter.count(Interface::Log)?;
        let line_bytes_max = self.meter.limits.size(Limit::LogLine);
        let kept = self.meter.keep_log(message.len().min(line_bytes_max));
        self.meter.log_dropped_bytes += message.len().saturating_sub(line_bytes_max) as u64;
        if kept > 0 || message.is_empty() {
            let line = &message[..message.floor_char_boundary(kept)];
            self.line.log(word(level), line);
            self.pass_on(level, line);
        }
        Ok(())
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
    }
}

impl GuestState {
    /// Shows what a guest printed to whoever wants to hear more than warnings.
    pub(crate) fn pass_on_stdio(&self, captured: &Captured) {
        if !tracing::enabled!(target: GUEST_LOG, tracing::Level::INFO) {
            return;
        }
        for (stream, tail) in [("stdout", &captured.stdout), ("stderr", &captured.stderr)] {
            for line in tail.text(usize::MAX).lines() {
                self.pass_on(Level::Info, &format!("{stream}: {line}"));
            }
        }
    }

    fn pass_on(&self, level: Level, line: &str) {
        // Escaping and naming cost more than the call; nothing is done for a
        // level that nobody listens to.
        macro_rules! event {
            ($level:expr) => {
                if tracing::enabled!(target: GUEST_LOG, $level) {
                    let line = escape_for_people(line, usize::MAX);
                    let (plugin, name) = (self.plugin.name(), self.name());
                    match &self.role {
                        Role::Attempt(AttemptState { job, attempt, .. }) => {
                            tracing::event!(target: GUEST_LOG, $level, plugin, name, %job, attempt, "{line}");
                        }
                        Role::Resident(_) => {
                            tracing::event!(target: GUEST_LOG, $level, plugin, name, "{line}");
                        }
                    }
                }
            };
        }
        match level {
            Level::Error => event!(tracing::Level::ERROR),
            Level::Warn => event!(tracing::Level::WARN),
            Level::Info => event!(tracing::Level::INFO),
            Level::Debug => event!(tracing::Level::DEBUG),
        }
    }
}
