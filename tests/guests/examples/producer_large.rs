//! Producer of one job of so many bytes. Config: `{"worker", "bytes"}`.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, Raw, host, producer};

#[derive(Deserialize)]
struct Config {
    worker: String,
    bytes: u32,
}

#[producer]
fn producer_large() -> Result<Vec<Dispatch>, Failure> {
    let config: Config = host::config()?;
    // Binary data: 0xc6, four bytes of length, as many zeros.
    let mut value = vec![0; config.bytes as usize + 5];
    value[0] = 0xc6;
    value[1..5].copy_from_slice(&config.bytes.to_be_bytes());
    Ok(vec![Dispatch::to(config.worker).raw_arg(Raw(value))])
}
