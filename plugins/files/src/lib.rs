//! What plugins that work on a granted folder share.
//!
//! [`Walk`] finds files for a producer; [`Journal`] keeps what a consumer was
//! given, so that a restart loses nothing. Both are plain file work and know
//! nothing of jobs.

mod journal;
mod walk;

pub use journal::{Journal, read};
pub use walk::{Found, Walk};
