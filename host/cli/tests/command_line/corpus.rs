//! The hostile corpus through `wodehost call`: exit codes, words, and nothing of where the
//! host lives. The rows are in `tests/src/corpus`.

use crate::tool::{Said, wodehost};
use std::path::Path;
use std::process::Stdio;
use wodehost::Status;
use wodehost_tests::corpus::{Case, Offered, cases};
use wodehost_tests::workspace;

/// What a shell is told of a status; none = the plugin is refused.
fn exit_code(status: Option<Status>) -> i32 {
    match status {
        None => 20,
        Some(Status::Success) => 0,
        Some(Status::Timeout) => 11,
        Some(Status::Cancelled) => 12,
        Some(Status::Failure | Status::Unspecified | Status::Mixed | Status::Rejected) => 10,
    }
}

fn say(case: &Case, folder: &Path) -> Said {
    // As a user would: where the file is, with a name that tells nothing of the host.
    let path = case.file(folder);
    let mut arguments = vec![
        "call".to_owned(),
        path.display().to_string(),
        case.job.to_string(),
    ];
    arguments.push("--retries=0".to_owned());
    for (limit, text) in case.limits {
        arguments.push(format!("--{}={text}", limit.info().key));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = wodehost(&arguments);
    command.stdin(Stdio::null()).output().unwrap().into()
}

/// Whether something would steer a terminal.
fn steers(text: &str) -> bool {
    let bad = |c: char| match c {
        '\n' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    };
    text.chars().any(bad)
}

#[test]
fn every_row_of_the_corpus_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for case in cases() {
        let said = say(&case, folder.path());
        let name = format!("{}: {}", case.group, case.name);
        let code = exit_code(case.end.status);
        let is_told = code == 0 || said.err.contains(case.end.reason);
        let ended_well = said.code == Some(code) && is_told && said.err.len() < 64 << 10;
        if !ended_well || steers(&said.err) || steers(&said.out) {
            wrong.push(format!(
                "{name}: wanted {code} {}\n    {said:?}",
                case.end.reason
            ));
            continue;
        }
        // A refused file is named as it was given; a guest knows of no path.
        let home = std::env::var("HOME").unwrap();
        let of_guest = matches!(case.plugin, Offered::Guest(_));
        for place in [workspace().display().to_string(), home] {
            let is_there =
                place.len() > 1 && (said.out.contains(&place) || said.err.contains(&place));
            assert!(!(of_guest && is_there), "{name}: {said:?}");
        }
        said.exits(code);
    }
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
