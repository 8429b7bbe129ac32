//! What a store has besides when its attempts are deterministic: its clock, and its
//! random numbers.

use super::guard::Silence;
use super::imports::Dial;
use super::virtual_clock::VirtualClock;
use crate::limits::Limits;
use crate::task::Recorded;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use std::collections::BTreeSet;
use std::sync::Arc;

/// See the module.
pub(crate) struct Determined {
    pub(crate) recorded: Recorded,
    pub(crate) clock: VirtualClock,
    /// What the contract's `random` gives.
    random: ChaCha20Rng,
    /// The numbers of nested jobs that the guest lets stand still.
    pub(crate) paused: BTreeSet<u64>,
    /// What its timers look at.
    pub(crate) dial: Arc<Dial>,
}

/// What random numbers are for: each sequence is one of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sequence {
    /// The contract's `random`.
    Contract,
    /// `wasi:random/random`.
    Wasi,
    /// `wasi:random/insecure`.
    Insecure,
    /// `wasi:random/insecure-seed`.
    InsecureSeed,
}

impl Determined {
    pub(crate) fn new(recorded: Recorded, limits: &Limits, silence: Silence) -> Determined {
        Determined {
            recorded,
            clock: VirtualClock::new(limits, silence),
            random: generator(recorded, Sequence::Contract),
            paused: BTreeSet::new(),
            dial: Arc::default(),
        }
    }

    /// The next random bytes.
    pub(crate) fn random(&mut self, bytes: &mut [u8]) {
        self.random.fill_bytes(bytes);
    }

    /// Nanoseconds since 1970, after so much fuel of this window.
    pub(crate) fn since_1970(&self, used: u64) -> u128 {
        u128::from(self.recorded.start_ms) * 1_000_000 + u128::from(self.clock.now(used))
    }
}

/// One of the sequences that follow from a seed.
pub(crate) fn generator(recorded: Recorded, sequence: Sequence) -> ChaCha20Rng {
    let mut generator = ChaCha20Rng::seed_from_u64(recorded.seed);
    generator.set_stream(sequence as u64);
    generator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sequence_is_one_of_its_own_and_always_the_same() {
        use Sequence::{Contract, Insecure, InsecureSeed, Wasi};
        let first = |sequence| generator(Recorded::DEFAULT, sequence).next_u64();
        let numbers = [Contract, Wasi, Insecure, InsecureSeed].map(first);
        for (n, number) in numbers.iter().enumerate() {
            assert!(!numbers[..n].contains(number), "{numbers:?}");
        }
        assert_eq!(numbers[0], first(Contract));
    }

    // Outcomes that somebody kept must come out again with every later version.
    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let mut determined =
            Determined::new(Recorded::DEFAULT, &Limits::default(), Silence::Always);
        let mut bytes = [0; 8];
        determined.random(&mut bytes);
        assert_eq!(bytes, [178, 247, 245, 129, 214, 222, 60, 6]);
    }
}
