//! Ends the process. Job: the exit code, an integer.

#[wodehost_guest::worker]
fn exit(code: i32) -> ! {
    std::process::exit(code)
}
