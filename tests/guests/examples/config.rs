//! Returns its configuration, byte for byte. Job: ignored.

use wodehost_guest::{Failure, Raw, host, worker};

#[worker]
fn config() -> Result<Raw, Failure> {
    host::config()
}
