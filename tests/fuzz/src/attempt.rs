//! Whole attempts: a worker whose code is made from the input, with all imports of our
//! world. Whatever it does, the attempt ends with a reason of the guest's own.

use crate::Checked;
use crate::sandbox::{Course, End, course, good, is_well};
use std::sync::OnceLock;
use wodehost::Plugin;
use wodehost_tests::bodies;

/// Checks how an attempt of what is made from some bytes ends.
pub fn check(bytes: &[u8]) -> Checked {
    check_of(bytes, run)
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

/// Runs a component, and then a good plugin that is loaded once.
fn run(component: &[u8]) -> Result<Course, String> {
    static GOOD: OnceLock<Result<Plugin, String>> = OnceLock::new();
    let good = GOOD.get_or_init(good).as_ref();
    course(component, good.map_err(Clone::clone)?)
}

/// What becomes of what is made from some bytes; none = they make nothing.
pub fn made_of(bytes: &[u8]) -> Result<Option<Course>, String> {
    let component = bodies::component(bytes)?;
    component.map(|component| run(&component)).transpose()
}
