//! Faults of ours in a guest's call cost that call, not the host.
//!
//! What a guest does never panics; a panic in a host call is a bug of this library, or of
//! one below it. It ends the attempt as `internal`, and its store is dropped.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether a panic on this thread is being caught.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic that happens now on this thread ends one attempt and nothing else. For
/// panic hooks that otherwise end the process.
#[must_use]
pub fn panic_is_caught() -> bool {
    IS_CAUGHT.get()
}

/// Does something; what a panic said is the error. Whatever it was at is not used again but
/// to be read and dropped.
pub(super) fn caught<T>(what: impl FnOnce() -> T) -> Result<T, String> {
    let outer = IS_CAUGHT.replace(true);
    let done = catch_unwind(AssertUnwindSafe(what));
    IS_CAUGHT.set(outer);
    done.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        text.unwrap_or("it said nothing").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_words() {
        assert_eq!(caught(|| 7), Ok(7));
        assert_eq!(
            caught(|| panic!("oh {}", "dear")),
            Err::<(), _>("oh dear".to_owned())
        );
        assert_eq!(caught(|| panic!("oh")), Err::<(), _>("oh".to_owned()));
        let odd = || std::panic::panic_any(7);
        assert_eq!(caught(odd), Err::<(), _>("it said nothing".to_owned()));
        assert_eq!(caught(panic_is_caught), Ok(true));
        assert!(!panic_is_caught());
    }
}
