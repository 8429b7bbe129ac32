//! The status board as text: pure functions from the library's model.
//!
//! | mode | what it is |
//! |---|---|
//! | `tty` | the frame at the end of a terminal |
//! | `plain` | a line per change, for files and pipes |
//! | `json` | a JSON text per change |
//!
//! When something is drawn is not decided here, nor who owns the terminal: that is
//! the business of `screen`.

mod json;
mod pace;
#[cfg(test)]
pub(crate) mod picture;
mod plain;
#[cfg(test)]
pub(crate) mod sample;
mod summary;
#[cfg(test)]
mod tests;
mod tty;

pub(crate) use json::JsonBoard;
pub(crate) use plain::{heartbeat, lines};
pub(crate) use summary::{Summary, at_the_end};
pub(crate) use tty::{frame, scrolled};
