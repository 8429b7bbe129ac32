//! Functions that give nothing back, and may or may not fail.

use crate::Failure;

/// `()` or `Result<(), E>`: what `set_up`, `finish`, `on_emit` and a consumer
/// return.
#[diagnostic::on_unimplemented(
    message = "this function returns `()` or `Result<(), Failure>`, not `{Self}`"
)]
pub trait Done {
    /// The same as a result.
    fn done(self) -> Result<(), Failure>;
}

impl Done for () {
    fn done(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl<E: Into<Failure>> Done for Result<(), E> {
    fn done(self) -> Result<(), Failure> {
        self.map_err(Into::into)
    }
}
