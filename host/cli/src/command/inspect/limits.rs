//! The limits that `inspect` shows, each with where its value comes from.

use crate::config::{BOUNDS, Config, Source, Spec};
use serde::Serialize;
use std::fmt::Write as _;
use wodehost::limits::{LIMITS, LimitInfo};
use wodehost::units::Unit;
use wodehost::{Limit, Plugin, default_memory_total};

/// A limit, as a line of a table.
#[derive(Debug, Serialize)]
pub(super) struct LimitRow {
    pub(super) key: &'static str,
    pub(super) value: String,
    pub(super) source: String,
    pub(super) about: String,
}

impl LimitRow {
    /// Rows for people, in columns.
    pub(super) fn render(rows: &[LimitRow], text: &mut String) {
        let widest = |of: fn(&LimitRow) -> &str| {
            let widths = rows.iter().map(|row| of(row).chars().count());
            widths.max().unwrap_or_default()
        };
        let (keys, values) = (widest(|row| row.key), widest(|row| &row.value));
        let sources = widest(|row| &row.source);
        for LimitRow {
            key,
            value,
            source,
            about,
        } in rows
        {
            let _ = writeln!(
                text,
                "  {key:<keys$}  {value:<values$}  {source:<sources$}  {about}"
            );
        }
    }
}

/// Limits of each attempt of a plugin, each as its roles have it.
pub(super) fn of_attempts(plugin: &Plugin, spec: &Spec, config: &Config) -> Vec<LimitRow> {
    let metered = config.metered();
    let limits = LIMITS.iter().zip(&spec.limits).map(|(info, limit)| {
        let (value, source) = if info.limit == Limit::Fuel && !metered.value {
            ("off".to_owned(), &metered.source)
        } else {
            (info.unit.format(limit.value), &limit.source)
        };
        LimitRow {
            key: info.key,
            value,
            source: source.to_string(),
            about: about(info, &plugin.roles()),
        }
    });
    limits.chain(running_row(spec)).collect()
}

/// What a limit means for a plugin with these roles; where that differs, for each.
fn about(info: &LimitInfo, roles: &[&str]) -> String {
    let of = |role: &str| match (role, info.limit) {
        ("producer", Limit::Keepalive) => {
            "longest computing without a sign of life; `next` may wait without limit"
        }
        ("producer", Limit::Deadline) => "does not apply: `next` may wait without limit",
        ("consumer", Limit::Keepalive) => "longest time for each call",
        ("consumer", Limit::Deadline) => "does not apply: `keepalive` bounds each call",
        _ => info.about,
    };
    match roles {
        [first, rest @ ..] if rest.iter().all(|role| of(role) == of(first)) => of(first).to_owned(),
        [] => info.about.to_owned(),
        all => {
            let said: Vec<String> = all.iter().map(|r| format!("{r}: {}", of(r))).collect();
            said.join("; ")
        }
    }
}

/// How many of its attempts may run at the same time, if somebody said so.
fn running_row(spec: &Spec) -> Option<LimitRow> {
    let most = spec.says.running_max.as_ref()?;
    Some(LimitRow {
        key: "max-running",
        value: most.value.to_string(),
        source: most.source.to_string(),
        about: "attempts of this worker that run at the same time".to_owned(),
    })
}

/// Limits that hold for all plugins together.
pub(super) fn of_host(config: &Config) -> Vec<LimitRow> {
    let row = |key, value: String, source: &Source, about: &str| LimitRow {
        key,
        value,
        source: source.to_string(),
        about: about.to_owned(),
    };
    let (live, total) = (config.live(), config.memory_total());
    let memory = total
        .value
        .or_else(default_memory_total)
        .map_or_else(|| "none".to_owned(), |bytes| Unit::Bytes.about(bytes));
    let profile = config.profile_name();
    let mut rows = vec![
        row(
            "profile",
            profile.value.as_str().to_owned(),
            &profile.source,
            profile.value.about(),
        ),
        row(
            "live",
            Unit::Count.format(live.value.into()),
            &live.source,
            "attempts in memory at the same time",
        ),
        row(
            "memory-total",
            memory,
            &total.source,
            "memory of all of them together",
        ),
    ];
    rows.extend(BOUNDS.iter().map(|info| {
        let value = config.bound(info.bound);
        let text = info.unit.format(value.value);
        row(info.key, text, &value.source, info.about)
    }));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_as_the_role_has_it() {
        let keepalive = Limit::Keepalive.info();
        assert_eq!(about(keepalive, &["worker"]), keepalive.about);
        assert!(about(keepalive, &["producer"]).contains("`next` may wait"));
        assert_eq!(
            about(keepalive, &["consumer"]),
            "longest time for each call"
        );
        let deadline = about(Limit::Deadline.info(), &["worker", "producer"]);
        assert!(
            deadline.starts_with("worker: longest")
                && deadline.contains("producer: does not apply"),
            "{deadline}"
        );
        let memory = Limit::Memory.info();
        assert_eq!(about(memory, &["worker", "producer"]), memory.about);
    }
}
