//! `wodehost doctor`: what is missing or wrong on this machine, and what to do.
//!
//! Looking is apart from judging where it can be: what is judged is handed in, so
//! that tests need no other machine.

#[cfg(test)]
#[path = "../../build/advisories.rs"]
mod advisories;
mod machine;
mod setup;

use super::{LookFlag, report};
use crate::args::Globals;
use crate::config::{Config, Layer, Look, User};
use crate::error::Error;
use crate::exit::Exit;
use crate::flags::{CacheFlags, LimitFlags, SlotFlags};
use crate::job_flags::JobFlags;
use crate::make_pool;
use crate::shown;
use anstyle::{AnsiColor, Style};
use machine::{compiler, engine, kernel, known, live, rust};
use serde::Serialize;
use setup::{cache, colours, file, make, user};
use std::fmt::Write as _;

/// Flags of `doctor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  wodehost doctor\n\nExit codes: 0 unless something is broken, then 3."
)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    look: LookFlag,
    #[command(flatten)]
    cache: CacheFlags,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// Works, but could be better; or is needed only for some things.
    Note,
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    said: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// All of them.
#[derive(Debug, Serialize)]
struct Findings {
    schema: u32,
    findings: Vec<Finding>,
}

/// Runs it.
pub(crate) fn run(globals: &Globals, args: &DoctorArgs, look: Option<Look>) -> Result<Exit, Error> {
    let flags = Layer::of_flags(
        &SlotFlags::default(),
        &args.cache,
        &LimitFlags::default(),
        &JobFlags::default(),
    );
    let config = Config::load(globals.config.as_deref(), flags);
    let sound = Config::default();
    let usable = config.as_ref().unwrap_or(&sound);
    let findings = vec![
        kernel(read_line("/proc/sys/kernel/osrelease").as_deref()),
        known(),
        engine(usable),
        compiler(usable),
        live(
            read_line("/proc/sys/vm/max_map_count").as_deref(),
            usable.live().value,
        ),
        cache(usable.cache().value.as_deref(), usable.cache_is_named()),
        make(&usable.jobserver(), make_pool::inherited()),
        file(&config),
        user(&User::load()),
        rust(),
        colours(&|name| std::env::var_os(name).is_some_and(|v| !v.is_empty())),
    ];
    let findings = Findings {
        schema: 1,
        findings,
    };
    report(
        args.look.output,
        look,
        || render(&findings.findings),
        &findings,
    )?;
    let is_broken = findings.findings.iter().any(|f| f.state == State::Broken);
    Ok(if is_broken {
        Exit::Config
    } else {
        Exit::Success
    })
}

fn render(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding {
        what,
        state,
        said,
        fix,
    } in findings
    {
        let (word, style) = match state {
            State::Ok => ("ok", AnsiColor::Green.on_default()),
            State::Note => ("note", AnsiColor::Yellow.on_default().bold()),
            State::Broken => ("broken", AnsiColor::Red.on_default().bold()),
        };
        let style: Style = style;
        let _ = writeln!(text, "{style}{word:<6}{style:#} {what:<8} {said}");
        if let Some(fix) = fix {
            let _ = writeln!(text, "                {fix}");
        }
    }
    text
}

impl Finding {
    fn new(what: &'static str, state: State, said: impl Into<String>) -> Finding {
        Finding {
            what,
            state,
            said: shown::text(&said.into()),
            fix: None,
        }
    }

    fn fix(mut self, fix: impl Into<String>) -> Finding {
        self.fix = Some(fix.into());
        self
    }
}

fn read_line(path: &str) -> Option<String> {
    Some(std::fs::read_to_string(path).ok()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_read_as_a_table() {
        let findings = [
            Finding::new("kernel", State::Ok, "Linux 6.18"),
            Finding::new("rust", State::Note, "no rustc found").fix("install it"),
        ];
        let text = anstream::adapter::strip_str(&render(&findings)).to_string();
        assert_eq!(
            text,
            "ok     kernel   Linux 6.18\nnote   rust     no rustc found\n                install it\n"
        );
    }
}
