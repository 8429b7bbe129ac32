//! Computes for ever. Job: ignored.

#[wodehost_guest::worker]
fn spin() -> ! {
    wodehost_test_guests::spin()
}
