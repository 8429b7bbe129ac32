//! A worker that applies one jq expression to each job.
//!
//! It is granted nothing. The expression stands in the plugin's configuration,
//! is compiled once per sandbox and then applied to one value after the other:
//!
//! ```toml
//! [plugins.jq.config]
//! expr = ".score > 10"
//! ```
//!
//! An expression gives exactly one output, which is the result. None or several
//! are a failure, as is an error of the expression; `[ … ]` around it makes an
//! array of whatever there is.
//!
//! # Values
//!
//! The expression sees the host's JSON mapping of values, and what it makes is
//! read by the same mapping: plain JSON is plain, everything else a tag, such as
//! `{"$bin":"AAH/"}` or `{"$map":[[7,"x"]]}`. So `.` gives every value back
//! equal. Numbers are exact: integers are integers, however large, as long as
//! only integers are added, subtracted and multiplied; `/` makes a float; `1.0`
//! stays a float. A result with an integer beyond 64 bits or a float literal
//! beyond the doubles is a failure. `nan` and `infinite` become the doubles that
//! they are, and an object key or a byte string that JSON does not have becomes
//! what it is in `MessagePack`.
//!
//! # The language
//!
//! It is jq as the interpreter jaq has it, with its whole standard library:
//! paths and updates, `reduce` and `foreach`, regular expressions, mathematics,
//! dates in UTC, `@base64`, `@uri`, `@html`, `@sh`, `@json`, `@text`, … The same
//! value gives the same result, always, so what looks outside is left out and
//! does not compile: `$ENV`, `env`, `input`, `inputs`, `input_filename`, `now`,
//! `localtime`, `strflocaltime`, `debug`, `stderr`, `halt`, `halt_error`,
//! `import` and `include`.

mod config;
mod cursor;
mod decode;
mod encode;
mod filter;
#[cfg(test)]
mod identity;
mod library;
mod refusal;
mod tagged;
mod tags;

use std::cell::OnceCell;

use wodehost_guest::{Failure, Raw, host, worker};

use crate::filter::Filter;

thread_local! {
    /// The configured expression. Compiling it takes as long as several calls of
    /// a cheap one, and with definitions of the library as long as a hundred.
    static FILTER: OnceCell<Filter> = const { OnceCell::new() };
}

#[worker(set_up = compile)]
fn jq(job: Raw) -> Result<Raw, Failure> {
    FILTER.with(|filter| {
        // The contract has set-up come first; a host that breaks it is told.
        let filter = filter
            .get()
            .ok_or_else(|| Failure::code("bad-config", "no expression has been set up"))?;
        filter
            .run(job.0)
            .map(Raw)
            .map_err(|problem| Failure::code("bad-expression", problem))
    })
}

fn compile() -> Result<(), Failure> {
    let config: Raw = host::config()?;
    let filter = config::expression(config.0)
        .and_then(|expression| Filter::compile(&expression))
        .map_err(|problem| Failure::code("bad-config", problem))?;
    // A second set-up in one sandbox reads the same configuration.
    FILTER.with(|once| {
        once.get_or_init(|| filter);
    });
    Ok(())
}
