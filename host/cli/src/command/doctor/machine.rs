//! What the machine has: kernel, mappings, an engine, a toolchain.

use super::{Finding, State};
use crate::compile_child;
use crate::config::{Bound, Config};
use crate::error::without_number;
use std::path::Path;
use std::process::Command;
use wodehost::units::{Unit, grouped};
use wodehost::{EngineConfig, Runtime, RuntimeConfig};

/// The engine that is built in, and what is known against it.
pub(super) fn known() -> Finding {
    Finding::new("engine", State::Ok, env!("BUILT_WITH"))
}

pub(super) fn kernel(release: Option<&str>) -> Finding {
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
pub(super) fn engine(config: &Config) -> Finding {
    let made = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            live: config.live().value,
            slots: config.slots().value,
            ..EngineConfig::default()
        },
        threads: Some(1),
        ..RuntimeConfig::default()
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

/// Whether a child process can be started that compiles, within the limits of this
/// configuration.
pub(super) fn compiler(config: &Config) -> Finding {
    let runtime = Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            fuel: config.metered().value,
            pooling: false,
            ..EngineConfig::default()
        },
        threads: Some(1),
        cache: None,
        compiler: compile_child::compiler(config),
        ..RuntimeConfig::default()
    });
    let error = match runtime {
        Ok(runtime) => match runtime.try_compiler() {
            Ok(()) => {
                let memory = config.bound(Bound::CompileMemory).value;
                let time = Unit::Time.format(config.bound(Bound::CompileTime).value);
                let memory = Unit::Bytes.format(memory);
                let said = format!("works in a child process; {time} and {memory} for a plugin");
                return Finding::new("compile", State::Ok, said);
            }
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    Finding::new("compile", State::Broken, without_number(&error)).fix(
        "wodehost starts itself as a child: /proc must be mounted, processes be allowed, and \
         `compile-memory` be enough",
    )
}

/// Memory mappings that one live attempt takes: memories, tables and a stack, each
/// with its guards. Measured: 6 for a small Rust worker; doubled for those that
/// have more.
const MAPPINGS_PER_ATTEMPT: u64 = 12;

/// Mappings that the process has besides.
const MAPPINGS_BESIDES: u64 = 1000;

pub(super) fn live(max_map_count: Option<&str>, live: u32) -> Finding {
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

pub(super) fn rust() -> Finding {
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

#[cfg(test)]
mod tests {
    use super::super::advisories::Known;
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

    fn lock(engine: &str, wasi: &str) -> String {
        format!(
            "[[package]]\nname = \"wasmtime\"\nversion = \"{engine}\"\n\n\
             [[package]]\nname = \"wasmtime-wasi\"\nversion = \"{wasi}\"\n"
        )
    }

    #[test]
    fn an_engine_with_a_known_fault_is_not_built_with() {
        let judge = |known: &str, lock: &str| {
            let known: Known = toml::from_str(known).expect("TOML");
            known.judge(lock)
        };
        let known = include_str!("../../../advisories.toml");
        let said = judge(known, include_str!("../../../../../Cargo.lock"));
        assert_eq!(said.as_deref(), Ok(env!("BUILT_WITH")));

        let why = |known, engine, wasi| judge(known, &lock(engine, wasi)).expect_err("refused");
        assert!(why(known, "48.0.7", "48.0.7").contains("older than 48.0.8"));
        assert!(why(known, "48.0.9", "48.0.8").contains("with wasmtime-wasi 48.0.8"));
        assert!(judge(known, "").is_err());
        let bare = known.lines().filter(|line| !line.starts_with("unless"));
        let bare = bare.collect::<Vec<_>>().join("\n");
        let has = why(&bare, "48.0.8", "48.0.8");
        assert_eq!(has, "wasmtime 48.0.8 has the fault RUSTSEC-2026-0570");
        let said = judge(&bare, &lock("48.0.9", "48.0.9")).expect("without a fault");
        assert!(said.ends_with("none applies"), "{said}");
    }
}
