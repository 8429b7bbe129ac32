//! The hostile corpus, walked in the library; what its rows are stands in `src/corpus`.

#![expect(
    clippy::unwrap_used,
    reason = "tests stop at the first thing that goes wrong"
)]

mod canaries;
mod flips;
mod granted;
mod parts;
mod pools;
mod table;
mod watch;
