//! Does what its job says: an item of a parallel job, or a stage. Job: `{"do", "value"?,
//! "n"?}`, see [`act`]; any other job comes back as it is. Result: mostly `value`.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Deserialize;
use wodehost_guest::{Failure, Raw, clock, task, worker};

static CALLS: AtomicU64 = AtomicU64::new(0);

#[derive(Deserialize)]
struct Job {
    #[serde(rename = "do")]
    what: String,
    value: Option<rmpv::Value>,
    #[serde(default)]
    n: u64,
}

#[worker]
fn act(job: Raw) -> Result<Raw, Failure> {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let Ok(Job { what, value, n }) = job.read::<Job>() else {
        return Ok(job);
    };
    let value = value.unwrap_or(rmpv::Value::Nil);
    match what.as_str() {
        "success" => task::success(Some(&value)),
        "failure" => task::failure(Some(&value)),
        "restart" => task::restart(),
        "trap" => wodehost_test_guests::trap(),
        "error" => Err(Failure::of(&value)),
        // What an exception without a value is in some languages.
        "raise" => Err(Failure::of(&Raw(Vec::new()))),
        "spin" => wodehost_test_guests::spin(),
        "exit" => std::process::exit(i32::try_from(n)?),
        "bad" => Ok(wodehost_test_guests::malformed("trailing")),
        // How often this store was called, and whether that is `n` times.
        "count" => Raw::of(&calls),
        "is" => Raw::of(&(calls == n)),
        "burn" => {
            for turn in 0..n {
                black_box(turn);
            }
            Raw::of(&value)
        }
        "sleep" => {
            clock::sleep(Duration::from_millis(n));
            Raw::of(&value)
        }
        "alive" => {
            task::keepalive();
            Raw::of(&value)
        }
        // The latest state of the attempt; `value` becomes the next one.
        "state" => {
            let state: Raw = task::data()?;
            task::update(&value)?;
            Ok(state)
        }
        // Arrays inside one another, `n` of them; a text of `n` bytes.
        "deep" => Ok(Raw([vec![0x91; usize::try_from(n)?], vec![0xc0]].concat())),
        "long" => Raw::of(&"x".repeat(usize::try_from(n)?)),
        "name" => Raw::of(&(task::id(), task::attempt(), task::retries_left())),
        _ => Raw::of(&value),
    }
}
