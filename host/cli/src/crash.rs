//! What people see when we are at fault: one sentence, never Rust's own text. A fault in
//! a guest's call costs that attempt only; its outcome says so, and the exit code.

use crate::exit::Exit;
use crate::printer;
use crate::screen;
use wodehost::sandbox::panic_is_caught;

/// Installs the hook. A panic on any thread ends the process, unless it is caught: a command
/// whose half is gone has nothing true to say any more.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        // What is said now stands under the board.
        screen::leave();
        let place = panic
            .location()
            .map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        let what = panic
            .payload_as_str()
            .map_or_else(String::new, |text| format!(": {text}"));
        if panic_is_caught() {
            // Not through the log, which may be what is at fault.
            printer::to_stderr(&format!("error: internal error{place}{what}\n"));
            return;
        }
        printer::to_stderr(&format!(
            "error: internal error{place}{what}\nhint: this is a fault of wodehost; please report it with the command that you gave\n"
        ));
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
            printer::to_stderr(&format!("{}\n", std::backtrace::Backtrace::force_capture()));
        }
        Exit::Internal.leave();
    }));
}
