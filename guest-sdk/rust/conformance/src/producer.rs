//! Dispatches what its configuration says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, Raw, checkpoint, host, producer};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Config {
    requests: Vec<String>,
    workers: Vec<String>,
    fail_at: Option<usize>,
    throw_at: Option<usize>,
}

#[producer]
fn produce() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    let begin: usize = checkpoint::load()?.unwrap_or(0);
    let count = config.requests.len() * config.workers.len();
    // One more, should it fail behind the last one.
    let numbers = (begin..=count).take_while(move |number| {
        *number < count || [config.fail_at, config.throw_at].contains(&Some(*number))
    });
    Ok(numbers.map(move |number| {
        if config.fail_at == Some(number) {
            return Err(Failure::of("as configured"));
        }
        if config.throw_at == Some(number) {
            conformance_deep();
        }
        let request = &config.requests[number / config.workers.len()];
        let worker = &config.workers[number % config.workers.len()];
        let request = Raw(STANDARD.decode(request)?);
        checkpoint::save(&(number + 1))?;
        Ok(Dispatch::to(worker).raw_arg(request).option("retries", 0))
    }))
}

#[inline(never)]
#[expect(clippy::panic, reason = "that is what was asked for")]
fn conformance_deep() -> ! {
    panic!("as configured")
}
