//! Time, without WASI.

use std::time::Duration;

use crate::bindings::wit::clock;

/// The longest time the contract can say: integers stay exact in JavaScript.
pub(crate) const MS_MAX: u64 = (1 << 53) - 1;

/// Waits, in whole milliseconds and never shorter than `time`.
///
/// The keepalive and the attempt's deadline go on meanwhile.
pub fn sleep(time: Duration) {
    clock::sleep(whole_ms(time));
}

/// How long ago 1970-01-01 00:00 UTC was, in whole milliseconds.
///
/// `SystemTime::UNIX_EPOCH + now()` is the same as a `SystemTime`.
#[must_use]
pub fn now() -> Duration {
    Duration::from_millis(clock::now_ms())
}

/// Rounds up, and down to what the contract can say.
pub(crate) fn whole_ms(time: Duration) -> u64 {
    let ms = time.as_nanos().div_ceil(1_000_000);
    u64::try_from(ms).unwrap_or(MS_MAX).min(MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_shorter_than_asked_for() {
        assert_eq!(whole_ms(Duration::ZERO), 0);
        assert_eq!(whole_ms(Duration::from_nanos(1)), 1);
        assert_eq!(whole_ms(Duration::from_micros(1500)), 2);
        assert_eq!(whole_ms(Duration::from_secs(3)), 3000);
    }

    #[test]
    fn a_wait_without_end_is_the_longest_there_is() {
        assert_eq!(whole_ms(Duration::MAX), MS_MAX);
    }
}
