//! Greets whom the job names.

use wodehost_guest::worker;

#[derive(serde::Deserialize)]
struct Guest {
    name: String,
}

#[worker]
fn hello(guest: Guest) -> String {
    format!("Hello, {}!", guest.name)
}
