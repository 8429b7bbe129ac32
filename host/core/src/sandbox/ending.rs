//! Tells how a guest call ended: by type where wasmtime has one, by our own
//! counters and the phase of the call where it has none.

use super::attempt::patience;
use super::guard::Verdict;
use super::imports::task::TaskEnd;
use super::meter::{HostCallsExhausted, Refused};
use super::state::{GuestState, is_too_large};
use super::virtual_clock::TimeUp;
use crate::limits::{Limit, Limits};
use crate::task::{Reason, Status, trap_code};
use crate::units::{Unit, grouped};
use crate::value::{Value, ValueError, escape_for_people};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};
use wasmtime_wasi::{I32Exit, ResourceTableError};

/// How an attempt, or a call of a producer or consumer, ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) status: Status,
    pub(crate) reason: Reason,
    /// The result or the error value; `None` = what the carried state says.
    pub(crate) data: Option<Value>,
    pub(crate) message: Option<String>,
    /// Function names from the top.
    pub(crate) backtrace: Vec<String>,
    /// Whether others have part in it, so that the same attempt may end otherwise later.
    pub(crate) is_contended: bool,
    /// What tells the place of a trap: where each frame stood in its module. Names
    /// would not do, a plugin need not have any.
    pub(crate) place: Option<u64>,
}

/// Which part of a call was running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Instantiate,
    SetUp,
    Run,
}

impl Phase {
    fn in_words(self) -> &'static str {
        match self {
            Phase::Instantiate => "while it was instantiated",
            Phase::SetUp => "in `set-up`",
            Phase::Run => "in the call",
        }
    }
}

/// What the exported function gave back, when it came back.
pub(crate) type Returned = Result<Vec<u8>, Vec<u8>>;

/// Characters that are kept of what a fault of ours said.
const PANIC_CHARS_MAX: usize = 300;

/// How many frames of a guest's backtrace are kept.
const FRAMES_MAX: usize = 16;

/// What is made of a function's name, bytes; characters that are shown of it.
const NAME_BYTES_MAX: usize = 1000;
const NAME_CHARS_MAX: usize = 200;

impl Ending {
    pub(crate) fn new(reason: Reason, message: impl Into<Option<String>>) -> Ending {
        Ending {
            status: reason.status(),
            reason,
            data: None,
            message: message.into(),
            backtrace: Vec::new(),
            is_contended: false,
            place: None,
        }
    }

    /// The reason and the message in one sentence.
    pub(crate) fn in_words(&self) -> String {
        match &self.message {
            Some(message) => format!("{}: {message}", self.reason),
            None => self.reason.to_string(),
        }
    }

    fn with_data(mut self, data: Option<Value>) -> Ending {
        self.data = data;
        self
    }

    /// What a call's verdict means: what it gave back, or how else it ended.
    pub(crate) fn of_verdict<T>(
        verdict: Verdict<Result<T, wasmtime::Error>>,
        phase: Phase,
        state: &GuestState,
    ) -> Result<T, Ending> {
        let limits = &state.meter.limits;
        Err(match verdict {
            Verdict::Done(Ok(returned)) => return Ok(returned),
            Verdict::Done(Err(error)) => Self::of_error(&error, phase, state),
            Verdict::Silent => Self::of_time(TimeUp::Silent, phase, limits),
            Verdict::Deadline if state.determined.is_some() => {
                let patience = patience(limits).unwrap_or_default();
                let patience = Unit::Time.about(patience.as_nanos() as u64);
                let message = format!("not done after {patience} by the machine's own clock");
                Self::new(Reason::Deadline, message)
            }
            Verdict::Deadline => Self::of_time(TimeUp::Deadline, phase, limits),
            Verdict::Cancelled => Self::new(state.pulse.cause().reason(), None),
            Verdict::Panicked(said) => {
                let said = escape_for_people(&said, PANIC_CHARS_MAX);
                Self::new(Reason::Internal, format!("a fault of the host: {said}"))
            }
        })
    }

    fn of_time(up: TimeUp, phase: Phase, limits: &Limits) -> Ending {
        match up {
            TimeUp::Silent => Self::new(
                Reason::Silent,
                format!(
                    "no sign of life for {}{}",
                    about(limits, Limit::Keepalive),
                    phase_note(phase)
                ),
            ),
            TimeUp::Deadline => Self::new(
                Reason::Deadline,
                format!("not done after {}", about(limits, Limit::Deadline)),
            ),
            TimeUp::Endless => Self::new(Reason::Deadline, "waits for what never comes".to_owned()),
        }
    }

    /// What a worker gave back: its result or its error value, checked.
    pub(crate) fn of_returned(returned: Returned, state: &GuestState) -> Ending {
        let (reason, bytes) = match returned {
            Ok(bytes) => (Reason::Returned, bytes),
            // An exception in some languages ends so, with no value at all.
            Err(bytes) if bytes.is_empty() => {
                return Self::new(Reason::Error, None).with_data(Some(Value::nil()));
            }
            Err(bytes) => (Reason::Error, bytes),
        };
        match state.check(bytes, Limit::Value) {
            Ok(value) => {
                let message = (reason == Reason::Error).then(|| error_text(&value));
                Self::new(reason, message).with_data(Some(value))
            }
            Err(error) => Self::of_bad_value(&error, "what it returned"),
        }
    }

    /// A value that was not taken.
    pub(crate) fn of_bad_value(error: &ValueError, what: &str) -> Ending {
        let reason = if is_too_large(error) {
            Reason::ValueTooLarge
        } else {
            Reason::BadValue
        };
        Self::new(reason, format!("{what} was not taken: {error}"))
    }

    fn of_error(error: &wasmtime::Error, phase: Phase, state: &GuestState) -> Ending {
        let mut ending = Self::of_error_type(error, phase, state);
        if let Some(trace) = error.downcast_ref::<WasmBacktrace>() {
            ending.place = Some(place(trace));
            // An end that the guest declared has no place that anybody asks for, and a
            // plugin without names has frames that say nothing.
            let is_declared = error.is::<TaskEnd>() || error.is::<I32Exit>();
            let frames = trace.frames().iter().take(FRAMES_MAX);
            if !is_declared && frames.clone().any(|frame| frame.func_name().is_some()) {
                ending.backtrace = frames
                    .map(|f| {
                        escape_for_people(&readable(f.func_name().unwrap_or("?")), NAME_CHARS_MAX)
                    })
                    .collect();
            }
        }
        ending
    }

    fn of_error_type(error: &wasmtime::Error, phase: Phase, state: &GuestState) -> Ending {
        let limits = &state.meter.limits;
        if let Some(end) = error.downcast_ref::<TaskEnd>() {
            return Self::of_declared(end);
        }
        if let Some(exit) = error.downcast_ref::<I32Exit>() {
            let message = format!("left with exit code {} and no result", exit.0);
            return Self::new(Reason::Exit(exit.0), message);
        }
        if let Some(exhausted) = error.downcast_ref::<HostCallsExhausted>() {
            let message = format!(
                "called the host more than {} times",
                grouped(exhausted.limit)
            );
            return Self::new(Reason::Limit(Limit::HostCalls), message);
        }
        if let Some(up) = error.downcast_ref::<TimeUp>() {
            return Self::of_time(*up, phase, limits);
        }
        if let Some(Trap::OutOfFuel) = error.downcast_ref::<Trap>() {
            if let Some(up) = state.time_up() {
                return Self::of_time(up, phase, limits);
            }
            let message = format!(
                "used up {} fuel{}",
                about(limits, Limit::Fuel),
                phase_note(phase)
            );
            return Self::new(Reason::OutOfFuel, message);
        }
        // A guest that was refused memory usually traps soon after; the refusal
        // is the reason, the trap goes into the message.
        if let Some(refused) = state.meter.refused {
            return Self::of_refused(refused, error, limits);
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            let message = format!("trapped {}: {}", phase.in_words(), trap_text(*trap));
            return Self::new(Reason::Trap(*trap), message);
        }
        if matches!(
            error.downcast_ref::<ResourceTableError>(),
            Some(ResourceTableError::Full)
        ) {
            return Self::of_handles(limits);
        }
        if error.is::<PoolConcurrencyLimitError>() {
            // Only attempts that wait for others, deep in trees, are so many.
            let message = "there is no room in the pools for another instance".to_owned();
            return Self::new(Reason::NestedLimit, message);
        }
        Self::of_text(error, phase, limits)
    }

    fn of_declared(end: &TaskEnd) -> Ending {
        let declared = |status, value: &Option<Value>| {
            let mut ending = Self::new(Reason::Declared, None).with_data(value.clone());
            ending.status = status;
            ending
        };
        match end {
            TaskEnd::Success(value) => declared(Status::Success, value),
            TaskEnd::Failure(value) => {
                let mut ending = declared(Status::Failure, value);
                ending.message = value.as_ref().map(error_text);
                ending
            }
            TaskEnd::BadValue(error) | TaskEnd::ValueTooLarge(error) => {
                Self::of_bad_value(error, "what it declared")
            }
            TaskEnd::Restart => Self::new(Reason::RestartAsked, "asked for a restart".to_owned()),
        }
    }

    fn of_refused(refused: Refused, error: &wasmtime::Error, limits: &Limits) -> Ending {
        let unit = refused.limit.info().unit;
        let what = if refused.limit == Limit::Memory {
            "of memory"
        } else {
            "table elements"
        };
        let asked = unit.about(refused.asked);
        let mut message = match refused.together {
            None => format!(
                "asked for {asked} {what}; limit {}",
                unit.about(limits.get(refused.limit))
            ),
            Some(together) => format!(
                "asked for {asked} {what}; all live attempts may have {} together (`--memory-total`)",
                unit.about(together)
            ),
        };
        if let Some(trap) = error.downcast_ref::<Trap>() {
            let _ = write!(message, "; then {}", trap_text(*trap));
        }
        let mut ending = Self::new(Reason::Limit(refused.limit), message);
        ending.is_contended = refused.together.is_some();
        ending
    }

    fn of_handles(limits: &Limits) -> Ending {
        let message = format!(
            "held more than {} handles at once",
            about(limits, Limit::Handles)
        );
        Self::new(Reason::Limit(Limit::Handles), message)
    }

    /// The errors that wasmtime gives no type. This is the one place where a text
    /// decides; a test compares these texts with the pinned version.
    fn of_text(error: &wasmtime::Error, phase: Phase, limits: &Limits) -> Ending {
        let text = error.root_cause().to_string();
        if text.contains("fuel allocated for hostcalls has been exhausted") {
            let message = format!(
                "handed over more than the host takes at once; limit {} a value",
                about(limits, Limit::Value)
            );
            return Self::new(Reason::ValueTooLarge, message);
        }
        if text.contains("store handle limit exceeded") {
            return Self::of_handles(limits);
        }
        if text.contains("instance count too high") || text.contains("instance limit") {
            let message = format!(
                "has more than {} instances",
                about(limits, Limit::Instances)
            );
            return Self::new(Reason::Limit(Limit::Instances), message);
        }
        let message = format!(
            "broke the rules between host and plugin {}: {}",
            phase.in_words(),
            escape_for_people(&text, 300)
        );
        Self::new(Reason::BadAbi, message)
    }
}

fn place(trace: &WasmBacktrace) -> u64 {
    let mut hasher = DefaultHasher::new();
    for frame in trace.frames() {
        (frame.func_index(), frame.module_offset()).hash(&mut hasher);
    }
    hasher.finish()
}

/// A function's name as it was written; names of other languages stay as they are. No more
/// of it is made than is shown: a name of a hundred bytes can stand for a million.
fn readable(name: &str) -> String {
    let mut beginning = Beginning(String::new());
    // The error is that there is more.
    let _ = write!(beginning, "{:#}", rustc_demangle::demangle(name));
    beginning.0
}

/// The beginning of a text; whoever goes on writing is told to stop.
struct Beginning(String);

impl std::fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let left = NAME_BYTES_MAX.saturating_sub(self.0.len());
        let end = text.floor_char_boundary(left);
        self.0.push_str(&text[..end]);
        if end == text.len() {
            Ok(())
        } else {
            Err(std::fmt::Error)
        }
    }
}

fn phase_note(phase: Phase) -> String {
    match phase {
        Phase::Run => String::new(),
        Phase::Instantiate | Phase::SetUp => format!(" {}", phase.in_words()),
    }
}

fn about(limits: &Limits, limit: Limit) -> String {
    limit.info().unit.about(limits.get(limit))
}

/// A trap's sentence without wasmtime's own prefix.
fn trap_text(trap: Trap) -> String {
    let text = trap.to_string();
    match text.strip_prefix("wasm trap: ") {
        Some(text) => text.to_owned(),
        None => trap_code(trap).to_owned(),
    }
}

/// The sentence in an error value: a text, a map's `message`, or the value itself.
pub(crate) fn error_text(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned).or_else(|| {
        let entries = value.entries()?;
        let message = entries
            .into_iter()
            .find(|(key, _)| key.as_str() == Some("message"))?;
        message.1.as_str().map(str::to_owned)
    });
    match text {
        Some(text) => escape_for_people(&text, 1000),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_for_a_million_bytes_is_read_to_where_it_is_shown() {
        // A pair of pairs of pairs …: each names the one before it twice.
        let name = "_RIC1aTETB3_B3_ETB5_B5_ETBd_Bd_ETBl_Bl_ETBt_Bt_ETBB_BB_ETBJ_BJ_ETBR_BR_ETBZ_BZ_ETB17_B17_ETB1f_B1f_ETB1p_B1p_ETB1z_B1z_ETB1J_B1J_ETB1T_B1T_ETB23_B23_ETB2d_B2d_ETB2n_B2n_ETB2x_B2x_ETB2H_B2H_EE";
        let text = readable(name);
        assert!(text.starts_with("a::<(), ((), ())"), "{text}");
        assert_eq!(text.len(), NAME_BYTES_MAX);
        let long = "ä".repeat(NAME_BYTES_MAX);
        assert_eq!(readable(&long).chars().count(), NAME_BYTES_MAX / 2);
        assert_eq!(readable("_RNvC1a4main"), "a::main");
    }
}
