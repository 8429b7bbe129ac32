//! What the pages say is so: the README's worker is the one in the repository, and the
//! commands for `wodehost` run as they stand and print what stands below them.

use crate::tool::{quietly, wodehost};
use std::process::{Command, Stdio};

fn page(path: &str) -> String {
    std::fs::read_to_string(wodehost_tests::workspace().join(path)).unwrap()
}

/// A shell that finds the built `wodehost`.
fn shell(script: &str) -> Command {
    let tool = wodehost(&[]);
    let folder = std::path::Path::new(tool.get_program()).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut shell = quietly(Command::new("sh"));
    shell
        .args(["-c", script])
        .env("PATH", format!("{}:{path}", folder.display()))
        .current_dir(wodehost_tests::workspace());
    shell
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
    let quoted = &blocks(&page("README.md"), "rust")[0];
    assert!(worker.ends_with(quoted.as_str()), "{worker}\n{quoted}");
    let lines = quoted.lines().filter(|line| !line.is_empty()).count();
    assert!(lines <= 10, "{lines} lines");
}

#[test]
fn its_commands_run_as_they_stand() {
    let mut ran = 0;
    for line in blocks(&page("README.md"), "sh")
        .iter()
        .flat_map(|b| b.lines())
    {
        if !line.contains("wodehost call") && !line.contains("wodehost map") {
            continue;
        }
        let line = line.split(" > ").next().unwrap();
        let guests = wodehost_tests::guests();
        let line = line.replace("target/wasm32-wasip2/guest", guests.to_str().unwrap());
        let status = shell(&line).stdout(Stdio::null()).status();
        assert!(status.unwrap().success(), "{line}");
        ran += 1;
    }
    assert!(ran >= 2, "the README shows `call` and `map`");
}

// M5 M7 M23 M27: each command of the page prints what stands below it.
#[test]
fn the_page_about_tasks_shows_what_its_commands_print() {
    assert!(examples("docs/tasks.md", "plugins/tasks") >= 5);
}

// J4 J5 J22
#[test]
fn the_page_about_nested_jobs_shows_what_its_commands_print() {
    assert!(examples("docs/nested.md", "plugins/mergesort") >= 3);
}

// A4 A25 A26
#[test]
fn the_page_about_watching_shows_what_its_commands_print() {
    assert!(examples("docs/watching.md", "plugins/bakery") >= 4);
}

#[test]
fn the_page_about_modes_shows_what_its_commands_print() {
    assert!(examples("docs/modes.md", "plugins/bakery") >= 2);
}

// In a folder of its own: they leave a store.
#[test]
fn the_page_about_jobs_shows_what_its_commands_print() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = wodehost_tests::workspace().join("plugins/tasks");
    for file in ["wodehost.toml", "steps.wasm", "patient.wasm"] {
        std::fs::copy(tasks.join(file), folder.path().join(file)).unwrap();
    }
    assert!(examples("docs/jobs.md", folder.path().to_str().unwrap()) >= 9);
}

/// Runs the examples of a page in a folder; how many they are.
fn examples(page_path: &str, folder: &str) -> u32 {
    let text = page(page_path);
    let mut ran = 0;
    for example in text.split("```sh\n").skip(1) {
        let (script, rest) = example.split_once("```").unwrap();
        if !script.contains("wodehost ") {
            continue;
        }
        let mut fences = rest.split("```");
        let shown = fences.nth(1).unwrap();
        let shown = shown.split_once('\n').unwrap().1;
        let ran_as = shell(script)
            .current_dir(wodehost_tests::workspace().join(folder))
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&ran_as.stdout);
        let said = String::from_utf8_lossy(&ran_as.stderr);
        assert_eq!(printed, shown, "{script}{said}");
        ran += 1;
    }
    ran
}
