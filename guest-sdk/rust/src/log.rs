//! Lines for the people who run the job.
//!
//! A macro and a function for each level, under one name:
//!
//! ```no_run
//! use wodehost_guest::log;
//!
//! let rows = 3;
//! log::info!("read {rows} rows");
//! log::warn("one text as it is");
//! ```
//!
//! The host adds job, attempt and plugin. A line longer than 8 KiB is cut; past
//! 256 KiB an attempt's lines are counted and dropped.

use crate::bindings::wit::log;
use crate::bindings::wit::types::Level;

#[doc(inline)]
pub use crate::{
    __log_debug as debug, __log_error as error, __log_info as info, __log_warn as warn,
};

/// Writes a line about something that went wrong.
pub fn error(line: &str) {
    log::write(Level::Error, line);
}

/// Writes a line about something that looks wrong.
pub fn warn(line: &str) {
    log::write(Level::Warn, line);
}

/// Writes a line about what is going on.
pub fn info(line: &str) {
    log::write(Level::Info, line);
}

/// Writes a line for whoever looks for a fault.
pub fn debug(line: &str) {
    log::write(Level::Debug, line);
}

/// Formats a line and writes it as [`error`](fn@crate::log::error) does.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    ($($arg:tt)*) => { $crate::log::error(&::std::format!($($arg)*)) };
}

/// Formats a line and writes it as [`warn`](fn@crate::log::warn) does.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn {
    ($($arg:tt)*) => { $crate::log::warn(&::std::format!($($arg)*)) };
}

/// Formats a line and writes it as [`info`](fn@crate::log::info) does.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    ($($arg:tt)*) => { $crate::log::info(&::std::format!($($arg)*)) };
}

/// Formats a line and writes it as [`debug`](fn@crate::log::debug) does.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    ($($arg:tt)*) => { $crate::log::debug(&::std::format!($($arg)*)) };
}
