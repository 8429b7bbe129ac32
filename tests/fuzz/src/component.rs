//! Any bytes as a plugin: refused with a code, or loaded, and then a job of it ends like any
//! other. A good plugin is loaded and runs after each.

use crate::Checked;
pub use crate::sandbox::{Course, End};
use crate::sandbox::{course, good, is_well};

/// Checks what becomes of some bytes as a plugin.
pub fn check(bytes: &[u8]) -> Checked {
    // Loaded anew for each: that has to go on, too.
    check_of(bytes, |bytes| course(bytes, &good()?))
}

/// Checks what somebody does with some bytes as a plugin.
pub fn check_of(bytes: &[u8], course: impl Fn(&[u8]) -> Result<Course, String>) -> Checked {
    is_well(&course(bytes)?)
}
