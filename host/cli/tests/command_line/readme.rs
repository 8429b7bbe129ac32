//! What the README says is so: its worker is the one in the repository, and the
//! commands for `wodehost` run as they stand.

use crate::tool::wodehost;
use std::process::{Command, Stdio};

fn readme() -> String {
    std::fs::read_to_string(wodehost_tests::workspace().join("README.md")).unwrap()
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_worker_is_the_one_in_the_repository() {
    let worker =
        std::fs::read_to_string(wodehost_tests::workspace().join("plugins/hello/src/lib.rs"));
    let worker = worker.unwrap();
    let quoted = &blocks(&readme(), "rust")[0];
    assert!(worker.ends_with(quoted.as_str()), "{worker}\n{quoted}");
    let lines = quoted.lines().filter(|line| !line.is_empty()).count();
    assert!(lines <= 10, "{lines} lines");
}

#[test]
fn its_commands_run_as_they_stand() {
    let tool = wodehost(&[]);
    let folder = std::path::Path::new(tool.get_program()).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut ran = 0;
    for line in blocks(&readme(), "sh").iter().flat_map(|b| b.lines()) {
        if !line.contains("wodehost call") && !line.contains("wodehost map") {
            continue;
        }
        let line = line.split(" > ").next().unwrap();
        let guests = wodehost_tests::guests();
        let line = line.replace("target/wasm32-wasip2/guest", guests.to_str().unwrap());
        let status = Command::new("sh")
            .args(["-c", &line])
            .env("PATH", format!("{}:{path}", folder.display()))
            .env("WODEHOST_CACHE", wodehost_tests::cache())
            .current_dir(wodehost_tests::workspace())
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{line}");
        ran += 1;
    }
    assert!(ran >= 2, "the README shows `call` and `map`");
}
