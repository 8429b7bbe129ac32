//! Whole attempts: a worker whose code is made from the input, with all imports of our
//! world. Whatever it does, the attempt ends with a reason of the guest's own.

use crate::Checked;
use crate::sandbox::{Course, End, course, is_well};
use wodehost_tests::bodies;

/// Checks how an attempt of what is made from some bytes ends.
pub fn check(bytes: &[u8]) -> Checked {
    check_of(bytes, course)
}

/// Checks how somebody runs what is made from some bytes.
pub fn check_of(bytes: &[u8], course: impl Fn(&[u8]) -> Result<Course, String>) -> Checked {
    let Some(component) = bodies::component(bytes)? else {
        return Ok(());
    };
    let course = course(&component)?;
    is_well(&course)?;
    match course.end {
        // All that it is made of is allowed; only its size may be too much.
        End::Refused(code) if code != "component-too-complex" => {
            let said = course.said;
            Err(format!("a sound component was refused as {code}: {said}"))
        }
        End::Refused(_) | End::Ended(..) => Ok(()),
    }
}

/// What becomes of what is made from some bytes; none = they make nothing.
pub fn made_of(bytes: &[u8]) -> Result<Option<Course>, String> {
    let component = bodies::component(bytes)?;
    component.map(|component| course(&component)).transpose()
}
