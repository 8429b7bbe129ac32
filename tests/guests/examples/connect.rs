//! Connects by TCP. Job: `"address:port"`. Result: `{"ok": "connected"}` or `{"error",
//! "kind"}`.

use std::net::TcpStream;

use wodehost_guest::worker;
use wodehost_test_guests::Answer;

#[worker]
fn connect(address: &str) -> Answer<&'static str> {
    TcpStream::connect(address).map(|_| "connected").into()
}
