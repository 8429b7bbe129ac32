//! Writes plugins for Wodehost: functions that a host runs in a sandbox.
//!
//! A plugin is a library (`crate-type = ["cdylib"]`) that is built for
//! `wasm32-wasip2`. An attribute on a function makes it a plugin's entry point:
//!
//! * [`macro@worker`] does one job, in a fresh sandbox each time;
//! * [`macro@producer`] says what there is to do;
//! * [`macro@consumer`] takes the outcomes;
//! * [`macro@gate`] says whether a job may start now.
//!
//! ```
//! use wodehost_guest::worker;
//!
//! #[worker]
//! fn double(n: i64) -> i64 {
//!     n * 2
//! }
//! # assert_eq!(double(21), 42);
//! ```
//!
//! Values cross the boundary as `MessagePack`: parameters are whatever implements
//! [`serde::Deserialize`], results whatever implements [`serde::Serialize`], and
//! [`Raw`] stands for the bytes as they are. An error becomes the job's failure
//! value through [`Failure`]. A panic ends the attempt; its text reaches the
//! host through stderr.
//!
//! Binary data is an array of numbers to serde unless told otherwise: use
//! [`serde_bytes`], as in `#[serde(with = "wodehost_guest::serde_bytes")]` or
//! [`ByteBuf`], to send it as `MessagePack`'s `bin`.
//!
//! The functions in [`task`], [`log`], [`clock`], [`random`], [`host`],
//! [`board`], [`jobs`] and [`checkpoint`] call the host. Compiled for anything
//! but WebAssembly they panic; what does not call them, an annotated function
//! included, can be tested natively.

pub mod board;
pub mod checkpoint;
pub mod clock;
pub mod host;
pub mod jobs;
pub mod log;
pub mod random;
pub mod task;

mod arguments;
mod dispatch;
mod failure;
mod outcome;
mod value;
mod wording;

#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod glue;

pub use dispatch::{Dispatch, OptionValue};
pub use failure::Failure;
pub use outcome::{Emitted, Outcome, Status};
pub use value::{FromValue, Raw, ToValue};

pub use serde;
pub use serde_bytes::{self, ByteBuf, Bytes};

/// Makes a function the plugin's worker.
///
/// The parameters are the job's arguments: with one, the job's value is read as
/// that type; with several, the value is an array of as many; with none, it is
/// not looked at. Each type implements [`serde::Deserialize`] (borrowed `&str`
/// and `&[u8]` work, too) or is [`Raw`]. An argument that cannot be read is a
/// failure with code `bad-argument`.
///
/// The function returns the result, or a `Result` whose error is a [`Failure`]
/// or turns into one; the return type must be *spelt* `Result<…>` (`io::Result`
/// and the like are fine) for that. `!` is fine for one that ends through
/// [`task::success`] and its siblings.
///
/// `set_up = function` names a function that is called before, in the same
/// sandbox and under the same limits; it returns `()` or `Result<(), Failure>`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use wodehost_guest::{Failure, worker};
///
/// #[derive(Deserialize)]
/// struct Job { width: u32, height: u32 }
///
/// #[derive(Serialize)]
/// struct Area { pixels: u32 }
///
/// #[worker(set_up = prepare)]
/// fn area(job: Job) -> Result<Area, Failure> {
///     let pixels = job.width.checked_mul(job.height);
///     Ok(Area { pixels: pixels.ok_or_else(|| Failure::new("too large"))? })
/// }
///
/// fn prepare() -> Result<(), Failure> { Ok(()) }
/// ```
pub use wodehost_guest_macros::worker;

/// Makes a function the plugin's producer.
///
/// It has no parameters and returns an iterator (or anything that turns into
/// one, such as a `Vec`), or a `Result` with one. It is called once, when the
/// host asks for the first job. The items are [`Dispatch`] or `Result<Dispatch,
/// E>` where `E` is a [`Failure`] or turns into one; an error ends the run.
///
/// ```
/// use wodehost_guest::{Dispatch, Failure, producer};
///
/// #[producer]
/// fn count() -> impl Iterator<Item = Result<Dispatch, Failure>> {
///     (0..10).map(|n| Dispatch::to("double").arg(&n))
/// }
/// ```
pub use wodehost_guest_macros::producer;

/// Makes a function the plugin's consumer.
///
/// Its parameters are the value the worker was given and the [`Outcome`]. Before
/// them may stand `&mut S`, where `S: Default + 'static`: state that is made at
/// the first call and lives as long as the sandbox. A consumer that traps is
/// restarted, and its state begins anew; [`checkpoint`] is what survives.
///
/// It returns `()` or `Result<(), Failure>`; an error is logged and otherwise
/// discarded. `finish = function` names what is called once, after the last
/// outcome; `on_emit = function` what takes each [`Emitted`] value, in order and before
/// the outcome of its job. Both get the same `&mut S` first when the consumer has one. A
/// consumer that traps on a value is restarted and gets it again, as with an outcome.
///
/// ```
/// use wodehost_guest::{Emitted, Failure, Outcome, consumer, log};
///
/// #[derive(Default)]
/// struct Tally { done: u32, values: u32 }
///
/// #[consumer(finish = say, on_emit = count)]
/// fn tally(tally: &mut Tally, _job: i64, outcome: Outcome) {
///     tally.done += u32::from(outcome.is_success());
/// }
///
/// fn count(tally: &mut Tally, _emitted: Emitted) -> Result<(), Failure> {
///     tally.values += 1;
///     Ok(())
/// }
///
/// fn say(tally: &mut Tally) {
///     log::info!("{} done, {} values", tally.done, tally.values);
/// }
/// ```
pub use wodehost_guest_macros::consumer;

/// Makes a function the plugin's gate, which is asked before each start of a job.
///
/// It has no parameters and returns `Option<Duration>`: `None` lets one job start,
/// `Some` holds jobs back and asks again after so long. It may return a `Result` with
/// that, too; on an error it panics. A gate that fails, or does not answer within its
/// keepalive, holds nothing back: the host warns and goes on.
///
/// ```
/// use std::time::Duration;
/// use wodehost_guest::gate;
///
/// #[gate]
/// fn full_seconds() -> Option<Duration> {
///     let into = wodehost_guest::clock::now().subsec_millis();
///     (into > 500).then(|| Duration::from_millis(u64::from(1000 - into)))
/// }
/// ```
pub use wodehost_guest_macros::gate;

/// The README's examples compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
