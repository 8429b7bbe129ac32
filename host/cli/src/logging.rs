//! Log lines on stderr: those of guests and those of the host.
//!
//! A guest's line reads `warn  scale k3f9ax-17/1: text`, or, where it named itself,
//! `warn  scale NAME (k3f9ax-17/1): text`; the library has escaped its text already. A line of the host reads `warn  text (path; error)`, and from
//! `-vv` on, or with `RUST_LOG`, `warn  wodehost::plugin: text path=… error=…`.

pub(crate) mod json;
pub(crate) mod kept;

use crate::error::{Error, without_number};
use crate::printer::Printer;
use crate::screen;
use crate::shown;
use anstyle::{AnsiColor, Style};
use std::fmt;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, fmt as lines, prelude::*};
use wodehost::sandbox::GUEST_LOG;

/// What becomes of the lines of guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guests {
    /// They are shown as all others are.
    Shown,
    /// They are kept for [`kept::take`].
    Kept,
}

/// Starts logging: `RUST_LOG` when it is set, otherwise what `-v` and `-q` say.
pub(crate) fn start(
    printer: Printer,
    verbose: u8,
    as_json: bool,
    guests: Guests,
) -> Result<(), Error> {
    let variable = std::env::var("RUST_LOG")
        .ok()
        .filter(|text| !text.is_empty());
    let debugs = variable.is_some() || verbose > 1;
    let filter = match variable {
        Some(text) => EnvFilter::try_new(&text).map_err(|e| {
            Error::usage("RUST_LOG cannot be read")
                .because(e.to_string())
                .hint("write for example `RUST_LOG=wodehost=debug`")
        })?,
        None => EnvFilter::new(directives(printer, verbose)),
    };
    if as_json {
        json::turn_on();
    }
    let shown = lines::layer()
        .with_writer(|| screen::Log)
        .with_ansi(true)
        .event_format(Line { debugs, as_json });
    let registry = tracing_subscriber::registry();
    match guests {
        Guests::Shown => registry.with(shown.with_filter(filter)).init(),
        Guests::Kept => {
            let shown = shown.with_filter(kept::others()).with_filter(filter);
            registry.with(shown).with(kept::layer()).init();
        }
    }
    Ok(())
}

/// What is shown: of libraries only what is wrong, of ours more and more.
fn directives(printer: Printer, verbose: u8) -> String {
    match (printer, verbose) {
        (Printer::Quiet, _) => format!("error,{GUEST_LOG}=off"),
        (Printer::Normal, 0) => "warn".to_owned(),
        (Printer::Normal, 1) => "warn,wodehost=info".to_owned(),
        (Printer::Normal, 2) => "warn,wodehost=debug".to_owned(),
        (Printer::Normal, _) => "info,wodehost=trace".to_owned(),
    }
}

/// The format of a line.
struct Line {
    /// Whether parts and keys are named, for those who look for a fault.
    debugs: bool,
    /// Whether it is for programs.
    as_json: bool,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        let line = if self.as_json {
            json::event(look(level).0, target, fields)
        } else {
            render(level, target, &fields, self.debugs)
        };
        writer.write_str(&line)
    }
}

/// What an event carries. The attempt is part of a job's number where there is one.
#[derive(Default)]
struct Fields {
    message: String,
    plugin: String,
    name: String,
    job: String,
    attempt: Option<u64>,
    /// All others, by their keys.
    rest: Vec<(&'static str, String)>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "attempt" => self.attempt = Some(value),
            name => self.take(name, &value.to_string()),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field.name(), &format!("{value:?}"));
    }
}

impl Fields {
    fn take(&mut self, name: &'static str, value: &str) {
        match name {
            "message" => value.clone_into(&mut self.message),
            "plugin" => value.clone_into(&mut self.plugin),
            "name" => value.clone_into(&mut self.name),
            "job" => value.clone_into(&mut self.job),
            _ => self.rest.push((name, value.to_owned())),
        }
    }
}

fn render(level: Level, target: &str, fields: &Fields, debugs: bool) -> String {
    let (word, style) = look(level);
    let Fields {
        message,
        plugin,
        name,
        job,
        attempt,
        rest,
    } = fields;
    let number = attempt.map(|attempt| format!("{job}/{attempt}"));
    let text = if target == GUEST_LOG {
        let number = number.filter(|number| number != name);
        let number = number.map_or_else(String::new, |number| format!(" ({number})"));
        format!("{plugin} {name}{number}: {message}{}", keyed(rest))
    } else {
        let who = match (debugs, plugin.as_str()) {
            (true, "") => format!("{target}: "),
            (true, plugin) => format!("{target} {plugin}: "),
            (false, "") => String::new(),
            (false, plugin) => format!("{plugin}: "),
        };
        let job = (!job.is_empty()).then(|| ("job", number.unwrap_or_else(|| job.clone())));
        let rest: Vec<_> = job.into_iter().chain(rest.iter().cloned()).collect();
        let rest = if debugs { keyed(&rest) } else { told(&rest) };
        format!("{who}{message}{rest}")
    };
    format!("{style}{word:<5}{style:#} {}\n", shown::text(&text))
}

/// ` key=value` for each.
fn keyed(fields: &[(&str, String)]) -> String {
    let said = |(key, value): &(&str, String)| format!(" {key}={value}");
    fields.iter().map(said).collect()
}

/// ` (value; value)`. A path or an error says itself what it is.
fn told(fields: &[(&str, String)]) -> String {
    let said = |(key, value): &(&str, String)| match *key {
        "path" | "folder" | "error" => without_number(value),
        key => format!("{key} {value}"),
    };
    let said: Vec<String> = fields.iter().map(said).collect();
    if said.is_empty() {
        return String::new();
    }
    format!(" ({})", said.join("; "))
}

fn look(level: Level) -> (&'static str, Style) {
    match level {
        Level::ERROR => ("error", AnsiColor::Red.on_default().bold()),
        Level::WARN => ("warn", AnsiColor::Yellow.on_default().bold()),
        Level::INFO => ("info", AnsiColor::Green.on_default()),
        Level::DEBUG => ("debug", AnsiColor::Blue.on_default()),
        Level::TRACE => ("trace", AnsiColor::Magenta.on_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(level: Level, target: &str, fields: &Fields) -> String {
        anstream::adapter::strip_str(&render(level, target, fields, false)).to_string()
    }

    #[test]
    fn a_guests_line_names_plugin_and_attempt() {
        let fields = Fields {
            message: "odd colours".into(),
            plugin: "scale".into(),
            name: "k3f9ax-17/1".into(),
            job: "k3f9ax-17".into(),
            attempt: Some(1),
            rest: Vec::new(),
        };
        let line = plain(Level::WARN, GUEST_LOG, &fields);
        assert_eq!(line, "warn  scale k3f9ax-17/1: odd colours\n");
        let name = "night shift".into();
        let line = plain(Level::WARN, GUEST_LOG, &Fields { name, ..fields });
        assert_eq!(line, "warn  scale night shift (k3f9ax-17/1): odd colours\n");
    }

    #[test]
    fn a_hosts_line_is_a_sentence_unless_a_fault_is_looked_for() {
        let fields = Fields {
            message: "compiled code cannot be kept".into(),
            rest: vec![
                ("path", "/c/\u{7}x.bin".into()),
                ("error", "Disk full (os error 28)".into()),
            ],
            ..Fields::default()
        };
        let line = plain(Level::WARN, "wodehost::plugin", &fields);
        assert_eq!(
            line,
            "warn  compiled code cannot be kept (/c/\\x07x.bin; Disk full)\n"
        );
        let line = render(Level::WARN, "wodehost::plugin", &fields, true);
        let line = anstream::adapter::strip_str(&line).to_string();
        assert!(line.contains("wodehost::plugin: compiled") && line.contains(" error=Disk full"));
    }

    #[test]
    fn quiet_means_no_lines_of_guests() {
        assert_eq!(directives(Printer::Quiet, 0), "error,wodehost::guest=off");
        assert_eq!(directives(Printer::Normal, 0), "warn");
    }
}
