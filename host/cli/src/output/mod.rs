//! What commands say: pure functions from data to text or values. Writing is the
//! printer's business.

mod emitted;
mod failures;
mod finished;
mod records;
mod summary;

pub(crate) use emitted::Emitted;
pub(crate) use failures::Failures;
pub(crate) use finished::{Finished, code, hint, last_lines, message, trace, trace_of};
pub(crate) use records::{Encoding, Records};
pub(crate) use summary::{per_second, summary, tally_in_words};
