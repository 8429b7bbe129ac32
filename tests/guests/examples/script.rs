//! Does in each attempt what it is told. Job: a list of attempts, each a list of steps;
//! the last list holds for all later attempts too. A step is a word, or a map of one to
//! its value; see `Step`. Result: the carried state.

use std::hint::black_box;
use std::io::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wodehost_guest::{ByteBuf, Failure, Raw, clock, log, task, worker};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    /// Adds `{"attempt", "left", "job"}` to the carried state, which becomes an array;
    /// `job` are the bytes of the job.
    Note,
    /// Replaces the carried state.
    Update(rmpv::Value),
    /// Tries to make so many bytes the carried state; that it is refused is no error.
    Refused(usize),
    /// Emits a value.
    Emit(rmpv::Value),
    /// Emits 1 … n.
    Emits(u64),
    /// Emits and logs for ever, every 20 ms.
    Chatter,
    /// Gives signs of life for ever, every 20 ms.
    Live,
    Keepalive,
    /// Waits so many milliseconds.
    Sleep(u64),
    /// Computes for so many turns.
    Burn(u64),
    Spin,
    /// Traps at one place …
    Trap,
    /// … and at another.
    Fall,
    /// Prints a text and panics.
    Panic(String),
    /// Prints a text without a line's end.
    Print(String),
    /// Returns an error.
    Error(rmpv::Value),
    /// Returns a value.
    Return(rmpv::Value),
    /// Declares success with so many bytes.
    Large(usize),
    Success(Option<rmpv::Value>),
    Failure(Option<rmpv::Value>),
    Restart,
}

#[derive(Serialize)]
struct Note {
    attempt: u32,
    left: Option<u32>,
    job: ByteBuf,
}

#[worker]
fn script(job: Raw) -> Result<Raw, Failure> {
    let attempts: Vec<Vec<Step>> = job.read()?;
    let number = (task::attempt() as usize).min(attempts.len());
    for step in &attempts[number - 1] {
        match step {
            Step::Note => note(&job)?,
            Step::Update(value) => task::update(value)?,
            Step::Refused(bytes) => {
                let refused = task::update(&ByteBuf::from(vec![0; *bytes]));
                assert!(refused.is_err(), "the state was taken");
            }
            Step::Emit(value) => task::emit(value)?,
            Step::Emits(count) => (1..=*count).try_for_each(|n| task::emit(&n))?,
            Step::Chatter => chatter()?,
            Step::Live => live(),
            Step::Keepalive => task::keepalive(),
            Step::Sleep(ms) => clock::sleep(Duration::from_millis(*ms)),
            Step::Burn(turns) => (0..*turns).for_each(|turn| {
                black_box(turn);
            }),
            Step::Spin => wodehost_test_guests::spin(),
            Step::Trap => trap(),
            Step::Fall => fall(),
            Step::Panic(text) => wrong(text),
            Step::Print(text) => std::io::stdout().write_all(text.as_bytes())?,
            Step::Error(value) => return Err(Failure::of(value)),
            Step::Return(value) => return Raw::of(value),
            Step::Large(bytes) => task::success(Some(&ByteBuf::from(vec![0; *bytes]))),
            Step::Success(value) => task::success(value.as_ref()),
            Step::Failure(value) => task::failure(value.as_ref()),
            Step::Restart => task::restart(),
        }
    }
    task::data()
}

fn note(job: &Raw) -> Result<(), Failure> {
    let data: rmpv::Value = task::data()?;
    let mut notes = data.as_array().cloned().unwrap_or_default();
    let note = Raw::of(&Note {
        attempt: task::attempt(),
        left: task::retries_left(),
        job: ByteBuf::from(job.0.clone()),
    })?;
    notes.push(note.read()?);
    task::update(&notes)
}

#[expect(clippy::panic, reason = "that is what it is for")]
fn wrong(text: &str) -> ! {
    panic!("{text}")
}

fn chatter() -> Result<(), Failure> {
    loop {
        task::emit("still here")?;
        log::info("still here");
        clock::sleep(Duration::from_millis(20));
    }
}

fn live() -> ! {
    loop {
        task::keepalive();
        clock::sleep(Duration::from_millis(20));
    }
}

#[inline(never)]
fn trap() -> ! {
    black_box(1);
    wodehost_test_guests::trap()
}

#[inline(never)]
fn fall() -> ! {
    black_box(2);
    wodehost_test_guests::trap()
}
