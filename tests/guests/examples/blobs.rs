//! Producer of `n` jobs, each the same binary value. Config: `{"n", "worker", "bytes"}`.

use serde::Deserialize;
use wodehost_guest::{Dispatch, Failure, Raw, host, producer};

#[derive(Deserialize)]
struct Config {
    n: u64,
    worker: String,
    bytes: u32,
}

#[producer]
fn blobs() -> Result<impl Iterator<Item = Result<Dispatch, Failure>>, Failure> {
    let config: Config = host::config()?;
    Ok((0..config.n).map(move |_| {
        // Binary data: 0xc6, four bytes of length, zeros. Made anew, so that nothing here copies it.
        let mut value = vec![0; config.bytes as usize + 5];
        value[0] = 0xc6;
        value[1..5].copy_from_slice(&config.bytes.to_be_bytes());
        Ok(Dispatch::to(&config.worker).raw_arg(Raw(value)))
    }))
}
