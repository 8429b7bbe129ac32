//! What a producer or consumer needs to go on after a restart.

use crate::Failure;
use crate::bindings::wit::checkpoint;
use crate::value::{FromValue, ToValue, read};

/// What was saved last; none at the very first start.
pub fn load<T: for<'v> FromValue<'v>>() -> Result<Option<T>, Failure> {
    checkpoint::load()
        .map(|bytes| read(&bytes, "bad-value", "the checkpoint"))
        .transpose()
}

/// Saves `state`. It is committed together with the dispatch that the producer
/// yields next, or with the delivery that the consumer is taking.
///
/// Fails with code `not-taken` when the host refuses it: no valid value, or
/// larger than the limit on state (256 KiB unless raised).
pub fn save<T: ToValue + ?Sized>(state: &T) -> Result<(), Failure> {
    checkpoint::save(&state.to_value()?.0).map_err(|why| {
        Failure::code(
            "not-taken",
            format_args!("the checkpoint was not taken: {why}"),
        )
    })
}
