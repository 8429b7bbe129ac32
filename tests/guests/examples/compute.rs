//! Computes without a call of the host: a sieve, a sort and a mix of what came out. Job: how many
//! rounds. Result: a number that depends on all of them.

use wodehost_guest::worker;

/// Numbers that are sieved and sorted in a round.
const NUMBERS: usize = 1 << 15;

#[worker]
fn compute(rounds: u32) -> u64 {
    let mut mixed = 0xcbf2_9ce4_8422_2325;
    for _ in 0..rounds {
        mixed = round(mixed);
    }
    mixed
}

/// Branches, memory and arithmetic, a third of the time each or so.
fn round(mixed: u64) -> u64 {
    let mut composite = vec![false; NUMBERS];
    for n in 2..NUMBERS {
        if !composite[n] {
            for multiple in (n * n..NUMBERS).step_by(n) {
                composite[multiple] = true;
            }
        }
    }
    // Any numbers in no order: a linear congruential generator with Knuth's multiplier.
    let mut state = mixed;
    let primes = composite.iter().filter(|composite| !**composite);
    let mut numbers: Vec<u64> = primes
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state >> 20
        })
        .collect();
    numbers.sort_unstable();
    // FNV-1a, a byte at a time.
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .fold(mixed, |mixed, byte| {
            (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}
