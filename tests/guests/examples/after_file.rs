//! Producer of a job of `first` for `emit_long` and, once the file `file` is there, of `n`
//! jobs for `noop`. Config: `{"first", "file", "n"}`.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, clock, host, producer};

#[derive(Deserialize)]
struct Config {
    first: u64,
    file: String,
    n: u64,
}

#[producer]
fn after_file() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let Config { first, file, n } = host::config()?;
    let others = (0..n).map(move |_| {
        while !Path::new(&file).exists() {
            clock::sleep(Duration::from_millis(2));
        }
        Ok(Dispatch::to("noop"))
    });
    let first = std::iter::once_with(move || Dispatch::to("emit_long").arg(&first));
    Ok(first.chain(others))
}
