//! Compiling in a child process of the binary itself.

use crate::tool::{guest, say, wodehost};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};
use wodehost::plugin::{CompileLimits, Compiler, CompilerProgram};
use wodehost::{EngineConfig, Host, PluginSource, Runtime, RuntimeConfig, Value};
use wodehost_tests::{bombs, soon};

/// A runtime whose compiler is the binary.
fn runtime(fuel: bool, pooling: bool, limits: CompileLimits) -> Runtime {
    Runtime::new(RuntimeConfig {
        engine: EngineConfig {
            fuel,
            pooling,
            ..EngineConfig::default()
        },
        compiler: Compiler::Child(CompilerProgram {
            program: env!("CARGO_BIN_EXE_wodehost").into(),
            arguments: vec!["compile-child".into()],
            limits,
        }),
        ..RuntimeConfig::default()
    })
    .unwrap()
}

fn doubled(runtime: &Runtime) -> i64 {
    let double = runtime.load(PluginSource::file(guest("double"))).unwrap();
    let host = Host::builder(runtime).worker(double).build().unwrap();
    let outcome = soon(host.submit("double", [Value::of(&21).unwrap()]).unwrap());
    outcome.data.to().unwrap()
}

#[test]
fn what_a_child_compiles_runs_here_with_and_without_fuel_and_pools() {
    for (fuel, pooling) in [(true, true), (true, false), (false, true)] {
        let runtime = runtime(fuel, pooling, CompileLimits::default());
        assert_eq!(doubled(&runtime), 42);
    }
}

#[test]
fn a_component_is_refused_by_a_child_as_it_would_be_here() {
    let runtime = runtime(true, true, CompileLimits::default());
    let code = |bytes: Vec<u8>| {
        let error = runtime.load(PluginSource::bytes("x", bytes)).unwrap_err();
        error.code()
    };
    let good = std::fs::read(guest("double")).unwrap();
    assert_eq!(code(good[..good.len() / 2].to_vec()), "bad-component");
    assert_eq!(code(b"\0asm\x0d\0\x01\0".to_vec()), "wrong-world");
    // A memory of 64 bits.
    let module = b"\0asm\x01\0\0\0\x05\x03\x01\x04\x01";
    let memory64 = [b"\0asm\x0d\0\x01\0\x01\x0d", &module[..]].concat();
    assert_eq!(code(memory64), "unsupported-feature");
}

#[test]
fn a_bomb_is_refused_and_the_same_host_then_loads_and_runs_a_plugin() {
    let limits = CompileLimits::of(Duration::from_secs(1), 1 << 30);
    let bounded = runtime(true, true, limits);
    for (bomb, code) in [
        (bombs::branches(36_000), "compile-limit"),
        (bombs::functions(100_000, 0, b""), "compile-limit"),
        (bombs::deep_types(1_000_000), "component-too-complex"),
        (bombs::functions(1_000_000, 0, b""), "component-too-complex"),
    ] {
        let error = bounded.load(PluginSource::bytes("bomb", bomb)).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let small = runtime(
        true,
        true,
        CompileLimits::of(Duration::from_mins(1), 64 << 20),
    );
    let error = small
        .load(PluginSource::bytes("bomb", bombs::branches(36_000)))
        .unwrap_err();
    assert_eq!(error.code(), "compile-limit", "{error}");
    assert!(error.to_string().contains("64 MiB of memory"), "{error}");
    let runtime = runtime(true, true, CompileLimits::default());
    assert_eq!(doubled(&runtime), 42);
}

#[test]
fn a_few_bytes_that_become_much_code_are_refused() {
    let runtime = runtime(true, true, CompileLimits::default());
    let load = |count| runtime.load(PluginSource::bytes("bomb", bombs::holes(count)));
    let error = load(3).unwrap_err();
    assert_eq!(error.code(), "component-too-complex", "{error}");
    assert!(error.to_string().contains("it would have 48"), "{error}");
    assert!(error.to_string().contains("limit 32 MiB"), "{error}");
    // One is taken; what is wrong with it comes after.
    assert_eq!(load(1).unwrap_err().code(), "wrong-world");
}

#[test]
fn memory_that_runs_out_in_the_middle_is_told_as_that() {
    // Some ten bytes of memory for each of the code.
    let drops = b"\x41\x00\x1a".repeat(650_000);
    let limits = CompileLimits::of(Duration::from_mins(10), 160 << 20);
    let error = runtime(true, true, limits)
        .load(PluginSource::bytes("bomb", bombs::functions(1, 0, &drops)))
        .unwrap_err();
    assert_eq!(error.code(), "compile-limit", "{error}");
    assert!(error.to_string().contains("160 MiB of memory"), "{error}");
}

#[test]
fn the_command_line_says_which_limit_and_remembers_it() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = folder.path().join("bomb.wasm");
    std::fs::write(&bomb, bombs::branches(36_000)).unwrap();
    let (bomb, cache) = (bomb.to_str().unwrap(), folder.path().join("cache"));
    let cache = cache.to_str().unwrap();
    let arguments = ["--cache", cache, "--compile-time", "1s", bomb];
    say(&[&["call"], &arguments[..]].concat())
        .exits(20)
        .complains("compile-limit")
        .complains("takes more than")
        .complains("hint: raise `compile-time`");
    // By the clock it may have taken too long on this machine, which is not remembered.
    let arguments = ["--cache", cache, "--compile-memory", "64MiB", bomb];
    let small = [&["call"], &arguments[..]].concat();
    say(&small).exits(20).complains("64 MiB of memory");
    let begun = Instant::now();
    for verb in ["check", "inspect", "map", "call"] {
        say(&[&[verb], &arguments[..]].concat())
            .exits(20)
            .complains("compile-limit")
            .complains("remembered from an earlier try")
            .complains("to try again as it is, remove ");
    }
    assert!(begun.elapsed() < Duration::from_mins(1));
    // The host is none the worse for it.
    say(&["call", "--cache", cache, &guest("double"), "21"])
        .exits(0)
        .prints("42\n");
    let small = ["call", "--no-cache", "--compile-memory", "64MiB", bomb];
    let said = say(&small).exits(20).complains("64 MiB of memory");
    assert!(!said.err.contains("remembered"), "{said:?}");
    for (flag, value) in [("--compile-time", "10ms"), ("--compile-memory", "inf")] {
        say(&["call", flag, value, bomb])
            .exits(2)
            .complains("at least");
    }
    say(&["doctor"]).exits(0);
}

#[test]
fn nothing_is_cached_for_nobody_and_both_ways_give_the_result() {
    let double = guest("double");
    for more in [&["--no-cache"][..], &["--no-cache", "--fuel", "off"]] {
        let call = [&["call"], more, &[&double, "21"]].concat();
        say(&call).exits(0).prints("42\n");
    }
}

/// The child of a process, once it is there.
fn child_of(parent: &Child) -> PathBuf {
    let begun = Instant::now();
    loop {
        for entry in std::fs::read_dir("/proc").unwrap() {
            let process = entry.unwrap().path();
            let status = std::fs::read_to_string(process.join("status")).unwrap_or_default();
            if field(&status, "PPid:") == parent.id().to_string() {
                return process;
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "no child");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
    lines.next().unwrap_or_default().trim()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_child_has_bounded_itself_and_goes_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = folder.path().join("bomb.wasm");
    std::fs::write(&bomb, bombs::branches(140_000)).unwrap();
    let mut parent = wodehost(&["call", "--no-cache", bomb.to_str().unwrap()])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let child = child_of(&parent);
    let read = |name: &str| std::fs::read_to_string(child.join(name)).unwrap_or_default();
    wait_for("the last of its bounds", || {
        field(&read("status"), "NoNewPrivs:") == "1"
    });
    let bounds = read("limits");
    for (name, soft, hard) in [
        ("Max cpu time", "60", "65"),
        ("Max address space", "4294967296", "4294967296"),
        ("Max file size", "0", "0"),
        ("Max core file size", "0", "0"),
        ("Max open files", "0", "0"),
    ] {
        let values: Vec<&str> = field(&bounds, name).split_whitespace().collect();
        assert_eq!(values[..2], [soft, hard], "{name}");
    }
    if let Ok(folder) = std::fs::read_link(child.join("cwd")) {
        assert_eq!(folder, Path::new("/"));
        assert_eq!(std::fs::read(child.join("environ")).unwrap(), b"");
    }
    std::thread::sleep(Duration::from_millis(50));
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_for("the child goes, too", || {
        matches!(
            field(&read("status"), "State:").chars().next(),
            None | Some('Z')
        )
    });
}
