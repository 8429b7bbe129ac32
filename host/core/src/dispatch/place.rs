//! A place among the attempts of a bounded worker, for a stage or a `finally`, which have
//! a slot already.
//!
//! Whoever waits for a place holds its slot meanwhile. That cannot lock up: whoever has a
//! place has a slot too, which a pause does not take, and ends without waiting for another
//! place. A sort, which may need two, takes them in the order of the workers.

use super::hub::Hub;
use crate::sandbox::Pulse;

/// See the module; dropping it gives the place back.
pub(super) struct Place<'h> {
    hub: &'h Hub,
    worker: u32,
}

/// A stage that waits.
struct Waiting<'h> {
    hub: &'h Hub,
    worker: u32,
}

impl<'h> Place<'h> {
    /// Waits for a place; `None` = somebody stopped the job.
    pub(super) async fn take(hub: &'h Hub, worker: u32, pulse: &Pulse) -> Option<Place<'h>> {
        if hub.enter(worker) {
            return Some(Place { hub, worker });
        }
        let _waiting = Waiting::new(hub, worker);
        let entered = pulse.or_cancelled(async {
            loop {
                // Made before the question, so that no wake-up in between is missed.
                let woken = hub.stages_wake.notified();
                if hub.enter(worker) {
                    return;
                }
                woken.await;
            }
        });
        entered.await.map(|()| Place { hub, worker })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.hub.leave(self.worker);
    }
}

impl<'h> Waiting<'h> {
    fn new(hub: &'h Hub, worker: u32) -> Waiting<'h> {
        hub.wait(worker, true);
        Waiting { hub, worker }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.hub.wait(self.worker, false);
    }
}
