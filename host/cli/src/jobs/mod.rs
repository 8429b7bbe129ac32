//! What `wodehost jobs` has in common: which store, which jobs, what is said of them.
//!
//! | part | what it is |
//! |---|---|
//! | [`looking`] | a store that is only read |
//! | [`filter`] | which jobs are meant, as flags |
//! | [`row`] | a job in a list |
//! | [`record`] | all that is known of a job, as a value |
//! | [`story`] | the same for people |
//! | [`choice`] | which jobs are to be changed |
//! | [`changing`] | has it done, by the host that has the store or without one |
//!
//! Only the last one takes a store's lock: a host may have it meanwhile.

pub(crate) mod changing;
pub(crate) mod choice;
pub(crate) mod filter;
pub(crate) mod looking;
pub(crate) mod record;
pub(crate) mod row;
pub(crate) mod story;

/// The version of what is written as JSON.
pub(crate) const SCHEMA: u64 = 1;
