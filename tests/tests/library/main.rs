//! The library against real plugins.

#![expect(
    clippy::unwrap_used,
    reason = "tests stop at the first thing that goes wrong"
)]

mod attempts;
mod grants;
mod loading;
mod rows;
mod serving;
mod stopping;
