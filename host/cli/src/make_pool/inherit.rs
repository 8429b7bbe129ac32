//! The one unsafe call of the command line: the pool's files are known by their
//! numbers only, as whoever started this process wrote them into a variable.
//!
//! What it relies on is that those numbers are still what they were then. So `main`
//! makes the call before anything else, while no file of ours can have got one of them.

#![expect(
    unsafe_code,
    reason = "a number in a variable is all that says which files are the pool's"
)]

use jobserver::{Client, FromEnv};

/// Connects to the pool that the environment names, if it is there. `main` calls it
/// before it opens any file.
pub(super) fn connect() -> FromEnv {
    // SAFETY: see the module. The numbers are checked to be open pipes; they are opened
    // anew or duplicated, and the inherited files stay as they are.
    unsafe { Client::from_env_ext(true) }
}
