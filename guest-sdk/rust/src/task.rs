//! The attempt that is running: who it is, its carried state, its signs of
//! life, and its ends.
//!
//! Signs of life are [`keepalive`], [`update`], [`success`], [`failure`] and
//! [`restart`]: each starts the keepalive anew and refills the fuel. Nothing
//! else does, not even waiting.

use crate::Failure;
use crate::bindings::wit::task;
use crate::glue::flush;
use crate::value::{FromValue, Raw, ToValue, read};

/// No value of its own for [`success`] or [`failure`]: the carried state counts.
///
/// ```no_run
/// wodehost_guest::task::success(wodehost_guest::task::STATE)
/// ```
pub const STATE: Option<&()> = None;

/// Who is running, at one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// The job's id.
    pub id: String,
    /// The process-name: `<job>/<attempt>`, or what [`set_name`] said.
    pub name: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// How many restarts are left; none = without end.
    pub retries_left: Option<u32>,
    /// The group the job belongs to; empty when it belongs to none.
    pub group: String,
}

/// The task that is running. Its carried state is [`data`].
#[must_use]
pub fn current() -> Current {
    Current {
        id: id(),
        name: crate::host::name(),
        attempt: attempt(),
        retries_left: retries_left(),
        group: group(),
    }
}

/// The job's id.
#[must_use]
pub fn id() -> String {
    task::id()
}

/// The group the job belongs to; empty when it belongs to none.
#[must_use]
pub fn group() -> String {
    task::group()
}

/// Which attempt this is, from 1.
#[must_use]
pub fn attempt() -> u32 {
    task::attempt()
}

/// How many restarts are left; none = without end.
#[must_use]
pub fn retries_left() -> Option<u32> {
    task::retries_left()
}

/// Changes the process-name, as logs show it.
pub fn set_name(name: &str) {
    task::set_name(name);
}

/// The carried state: what the latest [`update`] said, in this attempt or an
/// earlier one.
///
/// It is an empty map at first, so a struct with `#[serde(default)]` reads it
/// from the start.
pub fn data<T: for<'v> FromValue<'v>>() -> Result<T, Failure> {
    read(&task::data(), "bad-value", "the carried state")
}

/// Replaces the carried state at once. It survives a trap on the very next
/// instruction: the next attempt begins with it, and the outcome of a job that traps
/// or times out for the last time has it as its data. A sign of life.
///
/// Fails with code `not-taken` when the host refuses it: no valid value, or
/// larger than the limit on state (256 KiB unless raised).
pub fn update<T: ToValue + ?Sized>(state: &T) -> Result<(), Failure> {
    task::update_data(&state.to_value()?.0).map_err(|why| not_taken("the carried state", &why))
}

/// A sign of life, nothing else.
pub fn keepalive() {
    task::keepalive();
}

/// Sends a value to whoever listens to the job's events and, in a run, to the consumer
/// before the outcome. Waits while they are slow; the keepalive stands still meanwhile.
///
/// Fails with code `not-taken` when the host refuses it: no valid value, too
/// large, or more in this attempt than the limit (10,000 unless raised).
pub fn emit<T: ToValue + ?Sized>(value: &T) -> Result<(), Failure> {
    task::emit(&value.to_value()?.0).map_err(|why| not_taken("the emitted value", &why))
}

/// True while the grace of a shutdown or of a cancel is running: finish soon.
#[must_use]
pub fn stopping() -> bool {
    task::stopping()
}

/// Ends the attempt here, with success. The value, when given, is the result;
/// with [`STATE`] the carried state is.
///
/// A value that the host refuses ends the attempt as `bad-value` or
/// `value-too-large`; one that cannot be encoded ends it as a failure that says
/// so.
pub fn success<T: ToValue + ?Sized>(result: Option<&T>) -> ! {
    match result.map(ToValue::to_value).transpose() {
        Ok(value) => end(|| task::success(value.as_ref().map(|Raw(bytes)| bytes.as_slice()))),
        Err(problem) => failure(Some(&problem)),
    }
}

/// Ends the attempt here, with failure, and finally: it is not restarted. The
/// value is treated as in [`success`]; a [`Failure`] is one, too.
pub fn failure<T: ToValue + ?Sized>(problem: Option<&T>) -> ! {
    let value = problem.map(|problem| {
        problem
            .to_value()
            .unwrap_or_else(|other| other.value().clone())
    });
    end(|| task::failure(value.as_ref().map(|Raw(bytes)| bytes.as_slice())))
}

/// Ends the attempt here and asks for another with the latest carried state. It
/// uses up a restart; with none left the job fails as `restart-asked`, with the
/// carried state as its data.
pub fn restart() -> ! {
    end(task::restart)
}

/// What the guest printed is flushed first: nothing of it runs afterwards.
fn end(declare: impl FnOnce()) -> ! {
    flush();
    declare();
    unreachable!("the host went on after the attempt had ended")
}

fn not_taken(what: &str, why: &str) -> Failure {
    Failure::code("not-taken", format_args!("{what} was not taken: {why}"))
}
