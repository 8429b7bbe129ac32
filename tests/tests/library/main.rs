//! The library against real plugins.

#![expect(
    clippy::unwrap_used,
    reason = "tests stop at the first thing that goes wrong"
)]

mod attempts;
mod chunk;
mod executor;
mod gates;
mod grants;
mod loading;
mod map;
mod meetings;
mod nest;
mod nested;
mod parallel;
mod pipeline;
mod pipeline_ends;
mod places;
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
