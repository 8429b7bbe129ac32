//! Jobs as users see them: options, and how they end.

mod options;
mod outcome;
mod status;

pub use options::{OptionsError, nearest_limit, tighten};
pub use outcome::Outcome;
pub use status::{Reason, Status, trap_code};
