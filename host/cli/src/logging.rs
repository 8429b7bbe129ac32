//! Log lines on stderr: those of guests and those of the host.
//!
//! A guest's line reads `warn  scale k3f9ax-17/1: text`; the library has escaped
//! it already. A line of the host reads `warn  wodehost::plugin: text key=value`.

use crate::error::Error;
use crate::printer::Printer;
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;
use wodehost::sandbox::GUEST_LOG;

/// Starts logging: `RUST_LOG` when it is set, otherwise what `-v` and `-q` say.
pub(crate) fn start(printer: Printer, verbose: u8) -> Result<(), Error> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(&text).map_err(|e| {
            Error::usage("RUST_LOG cannot be read")
                .because(e.to_string())
                .hint("write for example `RUST_LOG=wodehost=debug`")
        })?,
        _ => EnvFilter::new(directives(printer, verbose)),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(anstream::stderr)
        .with_ansi(true)
        .event_format(Line)
        .init();
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
struct Line;

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
        let line = render(
            *event.metadata().level(),
            event.metadata().target(),
            &fields,
        );
        writer.write_str(&line)
    }
}

/// What an event carries.
#[derive(Default)]
struct Fields {
    message: String,
    plugin: String,
    name: String,
    /// All others, as ` key=value`.
    rest: String,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field.name(), &format!("{value:?}"));
    }
}

impl Fields {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "message" => value.clone_into(&mut self.message),
            "plugin" => value.clone_into(&mut self.plugin),
            "name" => value.clone_into(&mut self.name),
            _ => {
                let _ = write!(self.rest, " {name}={value}");
            }
        }
    }
}

fn render(level: Level, target: &str, fields: &Fields) -> String {
    let (word, style) = look(level);
    let mut line = format!("{style}{word:<5}{style:#} ");
    let Fields {
        message,
        plugin,
        name,
        rest,
    } = fields;
    let _ = if target == GUEST_LOG {
        write!(line, "{plugin} {name}: {message}{rest}")
    } else if plugin.is_empty() {
        write!(line, "{target}: {message}{rest}")
    } else {
        write!(line, "{target} {plugin}: {message}{rest}")
    };
    line.push('\n');
    line
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
        anstream::adapter::strip_str(&render(level, target, fields)).to_string()
    }

    #[test]
    fn a_guests_line_names_plugin_and_attempt() {
        let fields = Fields {
            message: "odd colours".into(),
            plugin: "scale".into(),
            name: "k3f9ax-17/1".into(),
            rest: String::new(),
        };
        let line = plain(Level::WARN, GUEST_LOG, &fields);
        assert_eq!(line, "warn  scale k3f9ax-17/1: odd colours\n");
    }

    #[test]
    fn a_hosts_line_names_its_part() {
        let fields = Fields {
            message: "compiled code cannot be kept".into(),
            rest: " error=disk full".into(),
            ..Fields::default()
        };
        let line = plain(Level::WARN, "wodehost::plugin", &fields);
        assert_eq!(
            line,
            "warn  wodehost::plugin: compiled code cannot be kept error=disk full\n"
        );
    }

    #[test]
    fn quiet_means_no_lines_of_guests() {
        assert_eq!(directives(Printer::Quiet, 0), "error,wodehost::guest=off");
        assert_eq!(directives(Printer::Normal, 0), "warn");
    }
}
