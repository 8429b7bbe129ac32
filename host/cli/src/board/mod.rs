//! The status board as text: pure functions from the library's model.
//!
//! | mode | what it is |
//! |---|---|
//! | `tty` | the frame at the end of a terminal |
//! | `plain` | a line per change, for files and pipes |
//! | `json` | a JSON text per change |
//! | `summary` | what is said at the end |
//!
//! When something is drawn is not decided here, nor who owns the terminal: that is
//! the business of `screen`.

pub(crate) mod json;
mod pace;
#[cfg(test)]
pub(crate) mod picture;
pub(crate) mod plain;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod tty;
