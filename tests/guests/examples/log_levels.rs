//! Writes the job once at each level: error, warn, info, debug. Job: a string.

use wodehost_guest::{log, worker};

#[worker]
fn log_levels(text: &str) {
    log::error!("{text}");
    log::warn!("{text}");
    log::info!("{text}");
    log::debug!("{text}");
}
