//! Reads the sources: layers look down only, the library keeps to itself, and every
//! path that a document names is there.

#![expect(
    clippy::unwrap_used,
    reason = "tests stop at the first thing that goes wrong"
)]

use std::path::{Path, PathBuf};
use wodehost_tests::workspace;

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | ".git" | "node_modules") {
                found.extend(files(&path, ending));
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A source without comments and without what stands behind `#[cfg(test)]`.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What each layer of the library must not name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "value",
        &[
            "limits", "plugin", "task", "sandbox", "gate", "dispatch", "host", "job", "board",
        ],
    ),
    (
        "plugin",
        &["gate", "dispatch", "host", "task", "job", "board"],
    ),
    ("task", &["gate", "dispatch", "host", "board"]),
    ("board", &["plugin", "sandbox", "gate", "dispatch", "host"]),
    ("sandbox", &["gate", "dispatch", "host"]),
    (
        "gate",
        &["task", "sandbox", "dispatch", "host", "job", "board"],
    ),
    ("store", &["gate", "dispatch", "host", "board"]),
    ("dispatch", &["host"]),
];

/// Where a layer looks up, and what at.
fn looks_up(layer: &str, forbidden: &[&str], text: &str) -> Option<String> {
    let mut found = forbidden
        .iter()
        .filter(|other| text.contains(&format!("crate::{other}::")) && **other != layer);
    found.next().map(|other| (*other).to_owned())
}

#[test]
fn layers_look_down_only() {
    let core = workspace().join("host/core/src");
    for (layer, forbidden) in FORBIDDEN {
        for path in files(&core.join(layer), ".rs") {
            let up = looks_up(layer, forbidden, &code(&path));
            assert_eq!(up, None, "{} looks up", path.display());
        }
    }
    // The check can fail.
    assert!(looks_up("value", &["task"], "use crate::task::Outcome;").is_some());
}

#[test]
fn the_library_keeps_to_itself() {
    let words = [
        "println!",
        "eprintln!",
        "print!(",
        "std::env::",
        "clap::",
        "home_dir",
    ];
    for path in files(&workspace().join("host/core/src"), ".rs") {
        let text = code(&path);
        for word in words {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in [
        "host",
        "guest-sdk",
        "plugins",
        "tests",
        "fuzz",
        "bench",
        "xtask",
    ] {
        for path in files(&workspace().join(folder), ".rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                text.starts_with("//!") || text.starts_with("#!"),
                "{}",
                path.display()
            );
        }
    }
}

/// A Markdown text without its code, in which `](` is no link.
fn prose(text: &str) -> String {
    let blocks = text
        .split("\n```")
        .step_by(2)
        .collect::<Vec<_>>()
        .join("\n");
    blocks.split('`').step_by(2).collect()
}

/// The targets of a Markdown text's links that are paths.
fn links(text: &str) -> Vec<String> {
    let text = prose(text);
    let targets = text.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| target.split('#').next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_path_that_a_document_links_exists() {
    let mut seen = 0;
    for path in files(&workspace(), ".md") {
        let text = std::fs::read_to_string(&path).unwrap();
        for link in links(&text) {
            let target = path.parent().unwrap().join(&link);
            assert!(target.exists(), "{} links to {link}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "the documents have links");
}

// Each promise has a test of that name, in the file that the page says.
#[test]
fn the_promises_of_the_sandbox_have_their_tests() {
    let folder = workspace().join("docs");
    let page = std::fs::read_to_string(folder.join("sandbox.md")).unwrap();
    let (promises, _) = page.split_once("\n## Not promised").unwrap();
    let rows = promises.lines().filter(|line| line.starts_with("| "));
    for row in rows.clone().skip(1) {
        assert!(row.contains("]("), "a promise without a test: {row}");
    }
    let named = rows.flat_map(|row| row.split("[`").skip(1));
    let mut seen = 0;
    for link in named {
        let (name, rest) = link.split_once("`](").unwrap();
        let file = folder.join(rest.split(')').next().unwrap());
        let head = format!("#[test]\nfn {name}(");
        let source = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
        let is_there = lines.join("\n").contains(&head);
        assert!(is_there, "{} has no test {name}", file.display());
        seen += 1;
    }
    assert!(seen > 20, "the page names tests");
}

// J36: four reference systems and six peers, row by row, with a date.
#[test]
fn the_page_that_compares_fills_every_cell() {
    let page = std::fs::read_to_string(workspace().join("docs/compared.md")).unwrap();
    let tables: Vec<Vec<&str>> = page
        .split("\n\n")
        .filter(|block| block.starts_with("| |"))
        .map(|block| block.lines().collect())
        .collect();
    let columns: Vec<usize> = tables
        .iter()
        .map(|rows| rows[0].matches('|').count() - 2)
        .collect();
    assert_eq!(columns, [4 + 1, 6 + 1], "ours stands beside them");
    for rows in &tables {
        for row in &rows[2..] {
            let mut cells = row.trim_matches('|').split('|');
            assert_eq!(
                cells.clone().count(),
                rows[0].matches('|').count() - 1,
                "{row}"
            );
            assert!(cells.all(|cell| !cell.trim().is_empty()), "{row}");
        }
        assert!(rows.len() > 10);
    }
    assert!(page.contains("As of 20"));
}
