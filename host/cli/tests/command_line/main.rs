//! The command line as users meet it: real plugins, real pipes, real signals.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests stop at the first thing that goes wrong"
)]

mod board;
mod call;
mod compiling;
mod corpus;
mod crash;
mod emits;
mod gates;
mod jobs;
mod languages;
mod limits;
mod make;
mod map;
mod nested;
mod plugins;
mod profiles;
mod readme;
mod replay;
mod resumed;
mod run;
mod signals;

mod stores;
mod tasks;
mod terminal;
mod tool;
mod top;
