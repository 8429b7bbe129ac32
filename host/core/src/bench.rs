//! Parts of the inside, for whoever measures them.
//!
//! It is there with the feature `bench` only, which nothing but `bench/parts` switches on,
//! and is no part of what the library promises.

pub use crate::dispatch::Turns;
pub use crate::sandbox::Attempts;
