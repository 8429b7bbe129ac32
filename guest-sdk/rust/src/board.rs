//! The plugin's own line on the status board.
//!
//! Whether anybody looks makes no difference to the plugin: no call waits. A line that
//! changes faster than it is looked at, some ten times a second, shows what was said last.

use crate::Failure;
use crate::bindings::wit::board;

/// How the line looks; never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// As every line.
    Normal,
    /// All went well.
    Success,
    /// Something looks wrong.
    Warning,
    /// Something went wrong.
    Error,
}

/// Sets the line's text.
pub fn say(text: &str) {
    board::say(text);
}

/// Sets the line's look.
pub fn look(look: Look) {
    board::set_look(match look {
        Look::Normal => board::Look::Normal,
        Look::Success => board::Look::Success,
        Look::Warning => board::Look::Warning,
        Look::Error => board::Look::Error,
    });
}

/// Keeps the line in view when it is done.
pub fn pin(on: bool) {
    board::pin(on);
}

/// Starts a progress bar that is full at `total`.
pub fn start(total: u64) {
    board::start(total);
}

/// Moves the progress bar by `n`. Fails before [`start`].
pub fn tick(n: u64) -> Result<(), Failure> {
    board::tick(n).map_err(Failure::new)
}

/// Fills the progress bar.
pub fn complete() {
    board::complete();
}

/// Takes text and progress bar away.
pub fn clear() {
    board::clear();
}
