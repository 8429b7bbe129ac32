//! `wodehost doctor`: what is missing or wrong on this machine, and what to do.
//!
//! Looking is apart from judging: [`Facts`] are gathered here and there, and what
//! follows from them is pure.

use super::{LookFlag, report};
use crate::args::Globals;
use crate::config::{Config, Layer, Look, User, user_file};
use crate::error::Error;
use crate::exit::Exit;
use crate::flags::{CacheFlags, LimitFlags, SlotFlags};
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use wodehost::units::{Unit, grouped};
use wodehost::{EngineConfig, Runtime, RuntimeConfig};

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
    let flags = Layer::of_flags(&SlotFlags::default(), &args.cache, &LimitFlags::default());
    let config = Config::load(globals.config.as_deref(), flags);
    let sound = Config::default();
    let usable = config.as_ref().unwrap_or(&sound);
    let findings = vec![
        kernel(read_line("/proc/sys/kernel/osrelease").as_deref()),
        engine(usable),
        live(
            read_line("/proc/sys/vm/max_map_count").as_deref(),
            usable.live().value,
        ),
        cache(usable.cache().value.as_deref()),
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
            said: said.into(),
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

fn kernel(release: Option<&str>) -> Finding {
    let Some(release) = release else {
        return Finding::new("kernel", State::Note, "not Linux")
            .fix("untrusted plugins are best run on Linux; elsewhere the sandbox is tested less");
    };
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    let mut number = || {
        parts
            .next()
            .and_then(|n| n.parse::<u32>().ok())
            .unwrap_or(0)
    };
    if (number(), number()) >= (6, 7) {
        return Finding::new("kernel", State::Ok, format!("Linux {release}"));
    }
    Finding::new(
        "kernel",
        State::Note,
        format!("Linux {release}, without pagemap_scan"),
    )
    .fix("works; from Linux 6.7 on sandboxes start faster")
}

/// Whether an engine with the pools of this configuration can be made at all.
fn engine(config: &Config) -> Finding {
    let made = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            live: config.live().value,
            slots: config.slots().value,
            ..EngineConfig::default()
        },
        threads: Some(1),
        cache: None,
    });
    let slots = config.slots();
    match made {
        Ok(_) => Finding::new(
            "sandbox",
            State::Ok,
            format!("can be made; {} slots ({})", slots.value, slots.source),
        ),
        Err(error) => Finding::new("sandbox", State::Broken, error.to_string())
            .fix("give fewer `--live` attempts, or raise the limit on address space (`ulimit -v`)"),
    }
}

/// Memory mappings that one live attempt takes: memories, tables and a stack, each
/// with its guards. Measured: 6 for a small Rust worker; doubled for those that
/// have more.
const MAPPINGS_PER_ATTEMPT: u64 = 12;

/// Mappings that the process has besides.
const MAPPINGS_BESIDES: u64 = 1000;

fn live(max_map_count: Option<&str>, live: u32) -> Finding {
    let Some(mappings) = max_map_count.and_then(|text| text.parse::<u64>().ok()) else {
        return Finding::new(
            "live",
            State::Note,
            format!("{live} attempts; the kernel's limit is not known"),
        );
    };
    let most = mappings.saturating_sub(MAPPINGS_BESIDES) / MAPPINGS_PER_ATTEMPT;
    let finding = format!(
        "{live} attempts in memory at most; about {} fit (vm.max_map_count = {mappings})",
        grouped(most)
    );
    if u64::from(live) <= most {
        return Finding::new("live", State::Ok, finding);
    }
    let needed = u64::from(live) * MAPPINGS_PER_ATTEMPT + MAPPINGS_BESIDES;
    Finding::new("live", State::Broken, finding).fix(format!(
        "give a smaller `--live`, or `sysctl vm.max_map_count={needed}`"
    ))
}

fn cache(folder: Option<&Path>) -> Finding {
    let Some(folder) = folder else {
        return Finding::new("cache", State::Note, "none: plugins are compiled each time")
            .fix("give a folder with `--cache DIR` or WODEHOST_CACHE");
    };
    let name = folder.display();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Finding::new(
                "cache",
                State::Ok,
                format!("{name}, made when first needed"),
            );
        }
        Err(e) => return unusable(folder, &e),
    };
    let sizes: Vec<u64> = entries
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .collect();
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    if let Err(e) = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        return unusable(folder, &e);
    }
    let size = Unit::Bytes.about(sizes.iter().sum());
    Finding::new(
        "cache",
        State::Ok,
        format!("{name}: {} files, {size}", sizes.len()),
    )
}

fn unusable(folder: &Path, error: &std::io::Error) -> Finding {
    let why = crate::error::in_words(error);
    Finding::new(
        "cache",
        State::Broken,
        format!("{}: {why}", folder.display()),
    )
    .fix("make it yours, or give another with `--cache DIR` or WODEHOST_CACHE")
}

fn file(config: &Result<Config, Error>) -> Finding {
    match config {
        Err(error) => Finding::new("config", State::Broken, error.one_line())
            .fix("`wodehost config show --default` prints a file to start from"),
        Ok(config) if !config.unknown_vars.is_empty() => {
            let names = config.unknown_vars.join(", ");
            Finding::new(
                "config",
                State::Note,
                format!("variables without a meaning: {names}"),
            )
            .fix("`wodehost config show` prints what applies")
        }
        Ok(Config { path: None, .. }) => Finding::new(
            "config",
            State::Ok,
            "no wodehost.toml in this folder; defaults apply",
        ),
        Ok(config) => {
            let path = config.path.as_deref().unwrap_or(Path::new("wodehost.toml"));
            let plugins = config.plugin_names().len();
            let word = if plugins == 1 { "plugin" } else { "plugins" };
            Finding::new(
                "config",
                State::Ok,
                format!("{}: valid, {plugins} {word}", path.display()),
            )
        }
    }
}

fn user(user: &Result<User, Error>) -> Finding {
    let path = user_file().map_or_else(|| "none".to_owned(), |p| p.display().to_string());
    match user {
        Err(error) => Finding::new("user", State::Broken, error.one_line())
            .fix("it may set `color` and `output` only"),
        Ok(user) if *user == User::default() => {
            Finding::new("user", State::Ok, format!("nothing set ({path})"))
        }
        Ok(_) => Finding::new("user", State::Ok, format!("{path}: valid")),
    }
}

fn rust() -> Finding {
    const TARGET: &str = "wasm32-wasip2";
    let output = |args: &[&str]| {
        let output = Command::new("rustc").args(args).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !text.is_empty()).then_some(text)
    };
    let Some(version) = output(&["--version"]) else {
        return Finding::new(
            "rust",
            State::Note,
            "no rustc found; it is needed only to build plugins",
        )
        .fix("install it from https://rustup.rs");
    };
    let folder = output(&["--print", "target-libdir", "--target", TARGET]);
    if folder.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Finding::new("rust", State::Ok, format!("{version}, with {TARGET}"));
    }
    Finding::new("rust", State::Note, format!("{version}, without {TARGET}"))
        .fix(format!("to build plugins: rustup target add {TARGET}"))
}

fn colours(is_set: &dyn Fn(&str) -> bool) -> Finding {
    let named: Vec<&str> = ["NO_COLOR", "CLICOLOR_FORCE", "RUST_LOG"]
        .into_iter()
        .filter(|name| is_set(name))
        .collect();
    let said = if named.is_empty() {
        "on a terminal".to_owned()
    } else {
        format!("{} set", named.join(" and "))
    };
    Finding::new("colours", State::Ok, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_told_apart() {
        assert_eq!(kernel(Some("6.18.44-fc")).state, State::Ok);
        assert_eq!(kernel(Some("6.7.0")).state, State::Ok);
        assert_eq!(kernel(Some("5.15.0-91-generic")).state, State::Note);
        assert_eq!(kernel(None).state, State::Note);
    }

    #[test]
    fn too_many_live_attempts_are_told() {
        assert_eq!(live(Some("65530"), 20).state, State::Ok);
        let finding = live(Some("65530"), 10_000);
        assert_eq!(finding.state, State::Broken);
        assert!(
            finding
                .fix
                .expect("a fix")
                .contains("sysctl vm.max_map_count=121000")
        );
        assert_eq!(live(None, 10).state, State::Note);
    }

    #[test]
    fn a_cache_that_is_no_folder_is_broken() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(cache(Some(folder.path())).state, State::Ok);
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").expect("written");
        assert_eq!(cache(Some(&file)).state, State::Broken);
        assert_eq!(cache(None).state, State::Note);
    }

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
