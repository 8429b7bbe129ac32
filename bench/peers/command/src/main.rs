//! A command as `wasmtime run` takes it: prints the double of its argument. The same in Python
//! is `app.py` beside it.

#![expect(clippy::print_stdout, reason = "the result is printed")]

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1).ok_or("no number was given")?;
    println!("{}", 2 * argument.parse::<u64>()?);
    Ok(())
}
