//! Every limit as a user meets it: its flag, its variable, its key for all plugins and
//! for one, `inspect` with the place that each comes from, and both numbers when it is
//! reached.

use crate::tool::{Said, guest, say, say_in, wodehost};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use wodehost::limits::LIMITS;
use wodehost::units::Unit;

/// A limit's key, and a value for it that nobody has by default.
type Other = (&'static str, String);

/// Limits of an attempt.
fn of_attempts() -> Vec<Other> {
    let other = |unit: Unit, default: u64| unit.format(default / 2);
    let limits = LIMITS.iter();
    limits
        .map(|info| (info.key, other(info.unit, info.default)))
        .collect()
}

fn others(all: &[(&'static str, &str)]) -> Vec<Other> {
    let other = |(key, value): &(&'static str, &str)| (*key, (*value).to_owned());
    all.iter().map(other).collect()
}

/// Limits of the host that `inspect` has flags for.
fn of_loading() -> Vec<Other> {
    others(&[
        ("component-size", "32MiB"),
        ("compile-time", "30s"),
        ("compile-memory", "2GiB"),
    ])
}

/// Limits of the host that are about running.
fn of_running() -> Vec<Other> {
    others(&[
        ("queue", "123"),
        ("queue-memory", "77MiB"),
        ("wasm-stack", "256KiB"),
    ])
}

fn variable(key: &str) -> String {
    format!("WODEHOST_{}", key.to_uppercase().replace('-', "_"))
}

/// Checks that `inspect` has these values from these places.
fn all_are(said: &Said, limits: &[Other], source: impl Fn(&str) -> String) {
    let about: Value = serde_json::from_str(&said.out).unwrap();
    let rows = |table: &str| about[table].as_array().unwrap().clone();
    let rows: Vec<Value> = rows("limits").into_iter().chain(rows("host")).collect();
    for (key, value) in limits {
        let row = rows.iter().find(|row| row["key"] == *key).unwrap();
        assert_eq!(row["value"], **value, "{row}");
        assert_eq!(row["source"], source(key), "{row}");
    }
}

fn inspected(folder: &Path, more: &[String], variables: &[Other]) -> Said {
    let mut arguments = vec!["inspect".to_owned(), guest("double"), "-o=json".to_owned()];
    arguments.extend_from_slice(more);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let variables = variables.iter().map(|(key, value)| (variable(key), value));
    wodehost(&arguments)
        .current_dir(folder)
        .envs(variables)
        .output()
        .unwrap()
        .into()
}

#[test]
fn every_limit_has_a_flag_a_variable_and_keys_and_inspect_tells_which_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let attempts = of_attempts();
    let flagged: Vec<Other> = of_attempts().into_iter().chain(of_loading()).collect();
    let all: Vec<Other> = flagged.iter().cloned().chain(of_running()).collect();

    let said = inspected(folder, &[], &[]).exits(0);
    let about: Value = serde_json::from_str(&said.out).unwrap();
    let count = |table: &str| about[table].as_array().unwrap().len();
    assert_eq!(count("limits"), attempts.len());
    // The profile besides, and `live` and `memory-total`, whose defaults depend on the machine.
    assert_eq!(count("host"), all.len() - attempts.len() + 3);

    let flags: Vec<String> = flagged
        .iter()
        .map(|(key, value)| format!("--{key}={value}"))
        .collect();
    let said = inspected(folder, &flags, &[]).exits(0);
    all_are(&said, &flagged, |key| format!("--{key}"));

    let said = inspected(folder, &[], &all).exits(0);
    all_are(&said, &all, variable);

    let mut file = String::new();
    for (key, value) in of_loading().iter().chain(&of_running()) {
        let _ = writeln!(file, "{key} = \"{value}\"");
    }
    file.push_str("[limits]\n");
    for (key, value) in &attempts {
        let _ = writeln!(file, "{key} = \"{value}\"");
    }
    let line = |text: &str, key: &str| {
        let begins = format!("{key} = ");
        let line = text.lines().position(|line| line.starts_with(&begins));
        format!("wodehost.toml:{}", line.unwrap() + 1)
    };
    std::fs::write(folder.join("wodehost.toml"), &file).unwrap();
    let said = inspected(folder, &[], &[]).exits(0);
    all_are(&said, &all, |key| line(&file, key));

    let mut file = "[limits]\nmemory = \"1MiB\"\n[plugins.double.limits]\n".to_owned();
    let limits = attempts.iter().filter(|(key, _)| *key != "memory");
    for (key, value) in limits.clone() {
        let _ = writeln!(file, "{key} = \"{value}\"");
    }
    std::fs::write(folder.join("wodehost.toml"), &file).unwrap();
    let said = inspected(folder, &[], &[]).exits(0);
    let of_plugin: Vec<Other> = limits.cloned().collect();
    all_are(&said, &of_plugin, |key| line(&file, key));
}

#[test]
fn fuel_that_is_off_is_shown_as_off() {
    let folder = tempfile::tempdir().unwrap();
    let off = [("fuel", "off".to_owned())];
    let said = inspected(folder.path(), &["--fuel=off".to_owned()], &[]).exits(0);
    all_are(&said, &off, |_| "--fuel".to_owned());
    let file = "[limits]\nfuel = \"off\"\n[plugins.double.limits]\nmemory = \"1MiB\"\n";
    std::fs::write(folder.path().join("wodehost.toml"), file).unwrap();
    let said = inspected(folder.path(), &[], &[]).exits(0);
    all_are(&said, &off, |_| "wodehost.toml:2".to_owned());
}

#[test]
fn what_a_variable_may_say_a_flag_may_say() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--slots", "auto", "--live", "auto", "--cache", "off"];
    let said = say_in(folder.path(), &[&["config", "show"], &flags[..]].concat()).exits(0);
    assert!(said.out.contains("cache = \"off\""), "{said:?}");
    say(&["call", &guest("double"), "21", "--slots", "1k"])
        .exits(2)
        .complains("`1k` is no count; write `auto` or 1 to 65536");
}

#[test]
fn a_wrong_limit_of_the_host_is_told_with_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    for (key, value, why) in [
        ("queue", "0", "at least 1, at most 10M"),
        ("queue", "inf", "at least 1, at most 10M"),
        (
            "queue",
            "99999999999999999999999",
            "at least 1, at most 10M",
        ),
        ("queue-memory", "1KiB", "at least 1MiB, at most 1024GiB"),
        ("wasm-stack", "1GiB", "at least 64KiB, at most 64MiB"),
        ("component-size", "-1", "less than nothing"),
        ("compile-time", "soon", "`soon` is not a number"),
    ] {
        let flag = format!("--{key}={value}");
        let said = say(&["call", &guest("double"), &flag, "1"]).exits(2);
        said.complains(why).complains(&format!("--{key}"));
        let text = format!("{key} = \"{value}\"\n");
        std::fs::write(folder.path().join("wodehost.toml"), text).unwrap();
        let said = say_in(folder.path(), &["config", "show"]).exits(3);
        let said = said.complains(why).complains("wodehost.toml:1");
        assert!(!said.err.contains("or `inf`"), "{said:?}");
    }
}

#[test]
fn a_file_that_is_too_large_is_told_with_both_sizes() {
    say(&["check", &guest("double"), "--component-size", "2KiB"])
        .exits(20)
        .complains("component-too-complex")
        .complains("limit 2 KiB")
        .complains("hint: strip debug information")
        .complains("--component-size");
}

#[test]
fn how_deep_a_plugin_may_recurse_is_a_limit() {
    let jq = guest("jq");
    let nest = "expr=def f: if . == 0 then 0 else (. - 1 | f) + 1 end; f";
    let call = |stack| {
        let flags = ["--wasm-stack", stack, "--retries", "0", "--set", nest];
        let arguments: Vec<&str> = ["call", &jq]
            .into_iter()
            .chain(flags)
            .chain(["100"])
            .collect();
        say(&arguments)
    };
    call("64KiB")
        .exits(10)
        .complains("trap:stack-overflow")
        .complains("raise `--wasm-stack`");
    assert_eq!(call("512KiB").exits(0).out, "100\n");
}
