//! A gate's call.

use std::time::Duration;

use super::flush;
use crate::Failure;
use crate::clock::whole_ms;

/// What a gate returns: how long to wait, or a result with that.
#[diagnostic::on_unimplemented(
    message = "a gate returns `Option<Duration>` or `Result<Option<Duration>, Failure>`, not `{Self}`"
)]
pub trait Admission {
    /// The same as a result.
    fn pause(self) -> Result<Option<Duration>, Failure>;
}

impl Admission for Option<Duration> {
    fn pause(self) -> Result<Option<Duration>, Failure> {
        Ok(self)
    }
}

impl<E: Into<Failure>> Admission for Result<Option<Duration>, E> {
    fn pause(self) -> Result<Option<Duration>, Failure> {
        self.map_err(Into::into)
    }
}

/// One call of `admit`.
#[expect(
    clippy::panic,
    reason = "the contract has no other way for a gate to fail"
)]
pub fn admit(ask: impl FnOnce() -> Result<Option<Duration>, Failure>) -> Option<u64> {
    let answer = ask();
    flush();
    match answer {
        Ok(pause) => pause.map(whole_ms),
        Err(failure) => panic!("{failure}"),
    }
}
