//! `wodehost top`: a live view of a `run`, `map` or `call` that is going on.

use super::report;
use crate::config::Look as Format;
use crate::error::{Error, Kind, in_words};
use crate::exit::Exit;
use crate::session::block_on;
use crate::shown;
use crate::top::app::QUEUED_SHOWN;
use crate::top::client::{Link, Runs, find};
use crate::top::folder::{folders, our_uid, places};
use crate::top::protocol::{Hello, Look};
use crate::top::terminal::Screen;
use crate::top::{plain, words};
use serde::Serialize;
use std::io::IsTerminal;
use wodehost::board::Snapshot;

/// Flags of `top`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost top\n  wodehost top map\n  wodehost top 4711 --once -o json\n\n\
    Leaving it leaves the run alone. Press ? for all keys.\n\
    Exit codes: 0, also when the run ends meanwhile; 2 when no run is going on."
)]
pub(crate) struct TopArgs {
    /// Which one: a process id, or run, map or call [default: the only one, or a choice]
    #[arg(value_name = "PID|NAME")]
    wanted: Option<String>,
    /// Print one look as text, and leave
    #[arg(long)]
    once: bool,
    /// How to print it: human or json [default: human]
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        requires = "once",
        hide_possible_values = true
    )]
    output: Option<Format>,
}

/// One look, for programs.
#[derive(Debug, Serialize)]
struct Report<'a> {
    schema: u32,
    pid: u32,
    command: &'a str,
    version: &'a str,
    uptime_ms: u64,
    snapshot: &'a Snapshot,
}

/// Runs it.
pub(crate) fn run(args: &TopArgs, user: Option<Format>) -> Result<Exit, Error> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !args.once && !is_terminal {
        return Err(Error::usage("this is no terminal to show a run on")
            .hint("`wodehost top --once` prints one look as text"));
    }
    block_on(async {
        let runs = find(places(&folders(), our_uid()), args.wanted.as_deref()).await;
        if runs.links.is_empty() {
            return Err(nothing(args.wanted.as_deref(), &runs));
        }
        if args.once {
            return once(args, user, runs).await;
        }
        watch(runs).await
    })
}

/// Why there is nothing to look at.
fn nothing(wanted: Option<&str>, runs: &Runs) -> Error {
    if let Some((place, error)) = runs.silent.first() {
        return Error::usage(format!(
            "`wodehost {}` with pid {} cannot be looked at",
            place.command, place.pid
        ))
        .because(in_words(error));
    }
    match wanted {
        None => Error::usage("no run is going on")
            .hint("start `wodehost run`, `map` or `call` in another terminal"),
        Some(wanted) => Error::usage(format!("no run `{wanted}` is going on"))
            .hint("`wodehost top` alone shows those that are"),
    }
}

/// Prints one look.
async fn once(args: &TopArgs, user: Option<Format>, runs: Runs) -> Result<Exit, Error> {
    let many = runs.links.len();
    let mut links = runs.links.into_iter();
    let (Some(mut link), None) = (links.next(), links.next()) else {
        return Err(Error::usage(format!("{many} runs are going on"))
            .hint("say which one: a process id, as `wodehost top` shows them"));
    };
    let look = link.look(QUEUED_SHOWN).await.map_err(|e| lost(&link, &e))?;
    print(args.output, user, link.hello(), &look)?;
    Ok(Exit::Success)
}

fn print(
    flag: Option<Format>,
    user: Option<Format>,
    hello: &Hello,
    look: &Look,
) -> Result<(), Error> {
    let json = Report {
        schema: 1,
        pid: hello.pid,
        command: &hello.command,
        version: &hello.version,
        uptime_ms: look.uptime_ms,
        snapshot: &look.snapshot,
    };
    report(flag, user, || plain::render(hello, look), &json)
}

/// Shows a run, after a choice where there are several.
async fn watch(mut runs: Runs) -> Result<Exit, Error> {
    let has_colors = has_colors();
    let mut screen = Screen::take()?;
    let place = if runs.links.len() == 1 {
        0
    } else {
        let mut lines = Vec::new();
        for link in &mut runs.links {
            let look = link.look(0).await.unwrap_or_default();
            lines.push(words::choice(link.hello(), &look));
        }
        match screen.choose(lines).await? {
            Some(place) => place,
            None => return Ok(Exit::Success),
        }
    };
    screen
        .show(runs.links.swap_remove(place), has_colors)
        .await?;
    Ok(Exit::Success)
}

/// What `--color`, the user's file and the environment come to.
fn has_colors() -> bool {
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    choice != anstream::ColorChoice::Never
}

fn lost(link: &Link, error: &std::io::Error) -> Error {
    let Hello { pid, command, .. } = link.hello();
    let command = shown::text(command);
    Error::new(
        Kind::Usage,
        format!("`wodehost {command}` with pid {pid} does not answer"),
    )
    .because(in_words(error))
}
