//! The pages of `docs/cli`, and the pictures of the board, made from the command line
//! itself and compared with what is committed, so that they cannot go stale.
//!
//! `UPDATE_DOCS=1 cargo test -p wodehost-cli docs` writes them anew.

use crate::args::Cli;
use crate::board::picture::{played, svg};
use crate::board::sample::sample;
use crate::board::tty::{frame, scrolled};
use crate::command::man;
use crate::config::{DEFAULTS, ENV_CONFIG, KEYS, schema};
use crate::exit::Exit;
use crate::screen::Size;
use clap::{Command, CommandFactory};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const MADE: &str =
    "<!-- Made by `UPDATE_DOCS=1 cargo test -p wodehost-cli docs`; changes here are lost. -->\n\n";

/// What stands before the board in the page about watching.
const BOARD: &str =
    "<!-- The board, made by `UPDATE_DOCS=1 cargo test -p wodehost-cli docs`. -->\n```text\n";

/// Lines are wrapped here whatever the terminal is.
const WIDTH: usize = 100;

fn pages() -> Vec<(PathBuf, String)> {
    let mut pages = vec![
        ("help.md".into(), help()),
        ("exit-codes.md".into(), exit_codes()),
        ("config.md".into(), config()),
        ("wodehost.schema.json".into(), format!("{:#}\n", schema())),
        ("wodehost.default.toml".into(), DEFAULTS.to_owned()),
    ];
    pages.extend(watching());
    let manual = man::pages().expect("made");
    pages.extend(
        manual
            .into_iter()
            .map(|(name, page)| (Path::new("man").join(name), page)),
    );
    pages
}

fn help() -> String {
    let mut root = Cli::<crate::args::Command>::command().term_width(WIDTH);
    root.build();
    let mut text = format!("{MADE}# Commands\n");
    section(&mut root, &mut text);
    text
}

fn section(command: &mut Command, text: &mut String) {
    let name = command.get_bin_name().unwrap_or("wodehost").to_owned();
    let help = command.render_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## {name}\n\n```text\n{}\n```\n", lines.join("\n"));
    for inner in command.get_subcommands_mut().filter(is_ours) {
        section(inner, text);
    }
}

/// Whether a command is ours; clap adds `help` by itself.
fn is_ours(command: &&mut Command) -> bool {
    command.get_name() != "help"
}

/// The page about watching with this board in it.
fn with_board(board: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/watching.md");
    let page = std::fs::read_to_string(path).expect("there");
    let (before, rest) = page.split_once(BOARD).expect("the board's place");
    let (_, behind) = rest.split_once("```\n").expect("its end");
    format!("{before}{BOARD}{board}```\n{behind}")
}

/// The board of fixed events on a terminal, as text and as a picture.
fn watching() -> [(PathBuf, String); 2] {
    const SIZE: Size = Size {
        columns: 90,
        rows: 18,
    };
    let (model, news) = sample();
    let mut lines = vec![
        "$ wodehost run --board tty".to_owned(),
        "\x1b[1m\x1b[31mfailed  \x1b[0m k3f9ax-1187 scale error: it is no picture".to_owned(),
    ];
    lines.extend(scrolled(&news));
    lines.extend(frame(&model, SIZE));
    let terminal = played(SIZE.columns, lines.len() as u16, &lines.join("\r\n"));
    let rows = terminal.screen().rows(0, SIZE.columns);
    let rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
    [
        (
            "../watching.md".into(),
            with_board(&(rows.join("\n") + "\n")),
        ),
        ("../watching.svg".into(), svg(terminal.screen())),
    ]
}

fn exit_codes() -> String {
    let mut text = format!("{MADE}# Exit codes\n\n| code | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit.code(), exit.about());
    }
    text.push_str(
        "\nWhen several apply to a run or a map, the first of these counts: 1, 74, 14, 12, 13, 10, 11, 0.\n\
         Jobs that `--halt` cancelled count as the failure that made it halt.\n",
    );
    text
}

fn config() -> String {
    let mut text = format!(
        "{MADE}# Configuration\n\n\
         From the weakest to the strongest: built-in defaults, `wodehost.toml` in the current folder (or\n\
         `--config FILE`, or `{ENV_CONFIG}`), variables, flags. `wodehost config show` prints each value that\n\
         applies with its source; `wodehost config show --default` prints a commented file to start from.\n\n\
         Sizes are written `64MiB`, times `1.5s`, counts `10G`, no limit `inf`. Paths begin at the file's folder.\n\
         The user's own file `wodehost/config.toml` in the configuration folder may set `color` (auto, always,\n\
         never) and `output` (human, json) of reports, nothing else.\n\n\
         | key | default | variable | flag | |\n|---|---|---|---|---|\n"
    );
    let code = |text: &Option<String>| text.as_ref().map_or_else(String::new, |t| format!("`{t}`"));
    for key in KEYS.iter() {
        let default = (!key.default.is_empty()).then(|| key.default.clone());
        let about = key.about.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {about} |",
            key.path,
            code(&default),
            code(&key.env),
            code(&key.flag),
        );
    }
    text
}

#[test]
fn the_committed_pages_are_those_of_this_command_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli");
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    for (name, page) in pages() {
        let path = folder.join(name);
        if update {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, &page).expect("written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == page,
            "{} is stale; run `UPDATE_DOCS=1 cargo test -p wodehost-cli docs`",
            path.display()
        );
    }
}

#[test]
fn help_shows_an_example_for_each_command() {
    let mut root = Cli::<crate::args::Command>::command();
    root.build();
    let mut all = vec![&mut root];
    while let Some(command) = all.pop() {
        let help = command.render_help().to_string();
        let name = command.get_bin_name().unwrap_or_default().to_owned();
        assert!(help.contains("Example"), "{name} has no example");
        all.extend(command.get_subcommands_mut().filter(is_ours));
    }
}
