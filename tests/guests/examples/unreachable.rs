//! Executes `unreachable`, without a text. Job: ignored.

#[wodehost_guest::worker]
fn unreachable() -> ! {
    wodehost_test_guests::trap()
}
