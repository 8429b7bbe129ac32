//! What a worker that answers requests has to do.

mod ends;
mod failures;
mod jobs;
mod state;
mod surroundings;
mod values;

use super::Checks;
pub(super) use values::check as values;

/// All but what is asked with each vector.
pub(super) const CHECKS: &[Checks] = &[
    failures::CHECKS,
    ends::CHECKS,
    state::CHECKS,
    surroundings::CHECKS,
    jobs::CHECKS,
];
