//! Has the host keep values: submits jobs to itself that wait for their parent's slot. Job:
//! how many, and how many bytes each is asked to look at. Result: how many were taken; or,
//! when one was not, the error as a text: `limit(memory)`. A job that is a text has nothing
//! to do.

use wodehost_guest::{Dispatch, Failure, Raw, jobs, worker};
use wodehost_test_guests::refusal;

#[worker]
fn hoard(job: Raw) -> Result<Raw, Failure> {
    let Ok((count, bytes)) = job.read::<(usize, usize)>() else {
        return Raw::of(&());
    };
    let large = Dispatch::to("hoard").arg(&"x".repeat(bytes))?;
    for _ in 0..count {
        if let Err(refused) = jobs::submit(large.clone()) {
            return Raw::of(&refusal(&refused));
        }
    }
    Raw::of(&count)
}
