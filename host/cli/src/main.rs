//! The program `wodehost`; all of it is in the library beside this file.

use std::process::ExitCode;

fn main() -> ExitCode {
    wodehost_cli::main()
}
