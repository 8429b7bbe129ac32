//! The library against real plugins.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests stop at the first thing that goes wrong"
)]

mod attempts;
mod board;
mod callbacks;
mod cancelling;
mod chunk;
mod compiling;
mod deterministic;
mod deterministic_ends;
mod deterministic_nested;
mod emits;
mod executor;
mod gates;
mod grants;
mod handles;
mod loading;
mod map;
mod meetings;
mod middles;
mod nest;
mod nested;
mod nested_ends;
mod nested_limits;
mod nested_restarts;
mod panics;
mod parallel;
mod paranoid;
mod pausing;
mod pipeline;
mod pipeline_ends;
mod places;
mod recording;
mod rows;
mod serving;
mod sorting;
mod stopping;
mod task_events;
mod task_finally;
mod task_limits;
mod task_options;
mod task_outcomes;
mod task_scheduling;
mod tasks;
mod waiting;
