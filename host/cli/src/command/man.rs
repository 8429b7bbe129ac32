//! `wodehost man`: the manual, made from the same table as `--help`.

use crate::args::Cli;
use crate::error::{Error, Kind, in_words};
use crate::exit::Exit;
use crate::printer;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Flags of `man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  wodehost man | man -l -")]
pub(crate) struct ManArgs {
    /// Write a page for each command into this folder [default: print the first page]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs it.
pub(crate) fn run(args: &ManArgs) -> Result<Exit, Error> {
    let pages = pages()?;
    let Some(folder) = &args.out else {
        let page = pages.first().map_or("", |(_, page)| page);
        printer::data(page.as_bytes())?;
        return Ok(Exit::Success);
    };
    let failed = |e: std::io::Error| {
        Error::new(
            Kind::Output,
            format!("the pages cannot be written to {}", folder.display()),
        )
        .because(in_words(&e))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for (name, page) in &pages {
        std::fs::write(folder.join(name), page).map_err(failed)?;
    }
    Ok(Exit::Success)
}

/// All pages by their files' names, that of the whole first.
pub(crate) fn pages() -> Result<Vec<(String, String)>, Error> {
    let mut root = Cli::<crate::args::Command>::command();
    root.build();
    let mut pages = Vec::new();
    collect(&root, &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, pages: &mut Vec<(String, String)>) -> Result<(), Error> {
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    let faulty = |e: String| Error::new(Kind::Internal, "the manual cannot be made").because(e);
    let mut page = Vec::new();
    let man = Man::new(command.clone().name(name.clone()));
    man.render(&mut page).map_err(|e| faulty(e.to_string()))?;
    let mut page = String::from_utf8(page).map_err(|e| faulty(e.to_string()))?;
    page.push_str(&exit_status());
    pages.push((format!("{name}.1"), page));
    for inner in command.get_subcommands().filter(|c| c.get_name() != "help") {
        collect(inner, pages)?;
    }
    Ok(())
}

/// The exit codes as roff.
fn exit_status() -> String {
    let mut text = String::from(".SH \"EXIT STATUS\"\n");
    for exit in Exit::ALL {
        // A dot at the start of a line would be a command; these sentences have none.
        let _ = writeln!(text, ".TP\n{}\n{}", exit.code(), exit.about());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let pages = pages().expect("made");
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "wodehost.1");
        assert!(names.contains(&"wodehost-map.1") && names.contains(&"wodehost-config-show.1"));
        assert!(pages.iter().all(|(_, page)| page.contains("EXIT STATUS")));
    }
}
