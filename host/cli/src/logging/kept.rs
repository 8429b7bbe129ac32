//! Lines of guests that are kept instead of shown: for whoever checks what a plugin logs.

use super::Fields;
use std::sync::{Mutex, PoisonError};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, filter_fn};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use wodehost::sandbox::GUEST_LOG;

/// The lines that came since they were taken last.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Takes the lines that came, the oldest first; without level and name.
pub(crate) fn take() -> Vec<String> {
    std::mem::take(&mut LINES.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Keeps the lines of guests from the level `info` on.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> impl Layer<S> {
    Keep.with_filter(filter_fn(|metadata| {
        metadata.target() == GUEST_LOG && *metadata.level() <= Level::INFO
    }))
}

/// All lines but those of guests, and what the library has to say of them.
pub(super) fn others() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|metadata| {
        let is_ours = metadata.target().starts_with("wodehost");
        metadata.target() != GUEST_LOG && (*metadata.level() == Level::ERROR || !is_ours)
    })
}

struct Keep;

impl<S: Subscriber> Layer<S> for Keep {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(fields.message);
    }
}
