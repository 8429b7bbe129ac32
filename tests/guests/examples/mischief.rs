//! Worker that does one bad thing: what `do` of its job says, see [`mischief`].

use std::fs;
use std::io::Write;
use std::net::{TcpListener, ToSocketAddrs, UdpSocket};
use std::time::Instant;

use serde::Deserialize;
use wodehost_guest::{Failure, Raw, bindings, board, log, task, worker};
use wodehost_test_guests::Answer;

#[derive(Deserialize)]
#[serde(default)]
struct Job {
    #[serde(rename = "do")]
    what: String,
    /// What is written, or a path.
    text: String,
    /// A second path.
    to: String,
    /// Bytes that are handed over as a value.
    hex: String,
    /// How often.
    times: usize,
}

impl Default for Job {
    fn default() -> Self {
        Job {
            what: String::new(),
            text: String::new(),
            to: String::new(),
            hex: String::new(),
            times: 1,
        }
    }
}

#[worker]
fn mischief(job: Job) -> Result<Raw, Failure> {
    let text = job.text.repeat(job.times);
    match job.what.as_str() {
        // The bytes of `hex`, `times` times over, in each place where a value goes.
        "return" => Ok(value(&job)),
        "error" => Err(Failure::of(&value(&job))),
        "success" => task::success(Some(&value(&job))),
        "failure" => task::failure(Some(&value(&job))),
        "state" => taken(bindings::wit::task::update_data(&value(&job).0)),
        "emit" => taken(bindings::wit::task::emit(&value(&job).0)),
        // `text`, `times` times over, wherever it may be seen; then the end.
        "talk" => talk(&text),
        "log" => {
            log::info(&text);
            Raw::of(&text.len())
        }
        // Calls without end.
        "wasi-calls" => loop {
            std::hint::black_box(Instant::now());
        },
        "say" => loop {
            board::say(&text);
        },
        // What was not granted.
        "read" => answer(fs::read_to_string(&job.text)),
        "list" => answer(names(&job.text)),
        "hard-link" => answer(fs::hard_link(&job.text, &job.to)),
        "rename" => answer(fs::rename(&job.text, &job.to)),
        "symlink" => answer(symlink(&job)),
        "write" => answer(fs::write(&job.text, "mischief")),
        "remove" => answer(fs::remove_file(&job.text)),
        "udp" => answer(UdpSocket::bind(&job.text).map(drop)),
        "listen" => answer(TcpListener::bind(&job.text).map(drop)),
        "look-up" => answer(job.text.to_socket_addrs().map(Iterator::count)),
        "environment" => Raw::of(&std::env::vars().chain(arguments()).collect::<Vec<_>>()),
        other => Err(Failure::new(format!("`{other}` is no mischief"))),
    }
}

fn value(job: &Job) -> Raw {
    let digits = job.hex.as_bytes().chunks_exact(2);
    let byte = |digits| {
        let digits = str::from_utf8(digits).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let once: Vec<u8> = digits.filter_map(byte).collect();
    Raw(once.repeat(job.times))
}

fn taken(answer: Result<(), String>) -> Result<Raw, Failure> {
    Raw::of(&answer.err().unwrap_or_else(|| "taken".to_owned()))
}

fn talk(text: &str) -> Result<Raw, Failure> {
    log::error(text);
    board::say(text);
    task::set_name(text);
    std::io::stdout().write_all(text.as_bytes())?;
    std::io::stderr().write_all(text.as_bytes())?;
    Err(Failure::of(text))
}

fn answer<T: serde::Serialize>(result: std::io::Result<T>) -> Result<Raw, Failure> {
    Raw::of(&Answer::from(result))
}

fn names(folder: &str) -> std::io::Result<Vec<String>> {
    let name = |entry: std::io::Result<fs::DirEntry>| Ok(entry?.file_name().display().to_string());
    fs::read_dir(folder)?.map(name).collect()
}

/// Makes a link `to` that leads to `text`, and reads through it.
fn symlink(job: &Job) -> std::io::Result<String> {
    #[expect(deprecated, reason = "what replaces it is not there for this target")]
    fs::soft_link(&job.text, &job.to)?;
    fs::read_to_string(&job.to)
}

fn arguments() -> impl Iterator<Item = (String, String)> {
    std::env::args().map(|argument| ("argument".to_owned(), argument))
}
