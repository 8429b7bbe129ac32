//! The scheduling machine with nothing around it, for whoever measures what an event costs: no
//! lock, no loop, no guest.

use super::dispatcher::{Capacity, Dispatcher};
use super::events::{Event, HighWater};
use super::lanes::Facts;
use super::live::LoopId;
use super::order::Order;

/// What a job carries, which the machine moves about: as large as an order of the host.
type Load = [u8; size_of::<Order>()];

/// The size of a job's value.
const BYTES: u64 = 8;

/// A host whose one slot always has a job, and whose queue always has as many.
pub struct Turns {
    machine: Dispatcher<Load>,
    /// Where the job runs.
    at: LoopId,
    /// The number of the latest one that came.
    latest: u64,
}

impl Turns {
    /// The machine with a job that runs, number 1, and so many that wait.
    #[must_use]
    pub fn with_waiting(jobs: u64) -> Turns {
        let machine = Dispatcher::new(Capacity {
            slots: 1,
            is_borrowing: false,
            live: 1,
            running_max: &[],
            high_water: HighWater::default(),
            is_gated: false,
        });
        let mut turns = Turns {
            machine,
            at: LoopId(0),
            latest: 0,
        };
        for _ in 0..=jobs {
            turns.submit();
        }
        turns
    }

    /// A job comes in, the one that runs ends and its outcome is delivered: three events. The
    /// number of the one that starts instead.
    pub fn turn(&mut self) -> Option<u64> {
        self.submit();
        let at = self.at;
        let outcome_bytes = Some(BYTES);
        let actions = self.machine.handle(Event::Ended { at, outcome_bytes });
        let start = actions.start?;
        self.at = start.at;
        self.machine.handle(Event::Delivered {
            outcomes: 1,
            bytes: BYTES,
        });
        number(&start.payload)
    }

    fn submit(&mut self) {
        self.latest += 1;
        self.machine.handle(Event::Submitted {
            facts: Facts {
                number: self.latest,
                bytes: BYTES,
                special: None,
            },
            payload: load(self.latest),
        });
    }
}

/// What a job of this number carries.
fn load(number: u64) -> Load {
    let mut load = [0; size_of::<Load>()];
    load[..8].copy_from_slice(&number.to_le_bytes());
    load
}

fn number(load: &Load) -> Option<u64> {
    load.first_chunk().copied().map(u64::from_le_bytes)
}

impl std::fmt::Debug for Turns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}
