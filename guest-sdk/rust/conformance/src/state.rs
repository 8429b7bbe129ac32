//! Requests about the carried state, and about ends that are declared.

use crate::request::{Request, refused};
use rmpv::Value;
use wodehost_guest::{Failure, task};

pub(crate) fn answer(request: &Request) -> Result<Value, Failure> {
    let with = &request.with;
    match request.what.as_str() {
        "carry" | "carry-and-trap" if task::attempt() == 1 => {
            task::update(with)?;
            if request.what == "carry" {
                return Err(Failure::new("the first attempt"));
            }
            std::process::abort()
        }
        "update" => Ok(refused(task::update(with))),
        "update-large" => Ok(refused(task::update(
            &"x".repeat(usize::try_from(request.number()?)?),
        ))),
        "success" => task::success(Some(with)),
        "success-state" => {
            task::update(with)?;
            task::success(task::STATE)
        }
        "failure" => task::failure(Some(with)),
        "failure-state" => {
            task::update(with)?;
            task::failure(task::STATE)
        }
        "restart" => {
            let attempt = task::attempt();
            if u64::from(attempt) < request.number()? {
                task::restart()
            }
            Ok(attempt.into())
        }
        // `data`, and what was carried.
        _ => task::data(),
    }
}
