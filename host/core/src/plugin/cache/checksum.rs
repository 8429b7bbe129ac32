//! A checksum against damage: a disk that lost a bit, a file that was cut off.
//!
//! It is no defence against anybody, and need not be one: that an entry can be trusted
//! follows from who owns it and who may write it. So it is made for speed, because it
//! stands in the way of every start: of parts that are summed up at the same time, most of
//! which is reading.

use crate::sandbox::processors;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes that have a sum of their own.
const PART: u64 = 1 << 20;

/// Bytes that are read at once: they stay in the processor's cache.
const PIECE: usize = 64 << 10;

/// Threads that sum up a large file.
const THREADS_MAX: usize = 4;

/// The checksum of all these bytes.
pub(super) fn of_bytes(bytes: &[u8]) -> u64 {
    let parts = bytes.chunks(PART as usize).map(|part| {
        let mut sum = Checksum::default();
        sum.add(part);
        sum.end()
    });
    joined(parts)
}

/// The checksum of the first `length` bytes of a file.
pub(super) fn of_file(file: &File, length: u64) -> io::Result<u64> {
    let parts = length.div_ceil(PART);
    let mut sums = vec![0; parts as usize];
    let cores = processors();
    let share = sums.len().div_ceil(cores.min(THREADS_MAX)).max(4);
    let summed = |first: usize, sums: &mut [u64]| -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        for (place, sum) in sums.iter_mut().enumerate() {
            let begin = (first + place) as u64 * PART;
            *sum = of_part(file, begin, length.min(begin + PART), &mut piece)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let mut shares = sums.chunks_mut(share).enumerate();
        let own = shares.next();
        let others: Vec<_> = shares
            .map(|(number, sums)| scope.spawn(move || summed(number * share, sums)))
            .collect();
        let own = own.map_or(Ok(()), |(_, sums)| summed(0, sums));
        let all = others.into_iter().map(|thread| {
            let gone = |_| Err(io::Error::other("a thread ended"));
            thread.join().unwrap_or_else(gone)
        });
        all.fold(own, Result::and)
    })?;
    Ok(joined(sums))
}

fn of_part(file: &File, begin: u64, end: u64, piece: &mut [u8]) -> io::Result<u64> {
    let mut sum = Checksum::default();
    let mut at = begin;
    while at < end {
        let piece = &mut piece[..(end - at).min(PIECE as u64) as usize];
        file.read_exact_at(piece, at)?;
        sum.add(piece);
        at += piece.len() as u64;
    }
    Ok(sum.end())
}

/// The sum of the parts' sums.
fn joined(sums: impl IntoIterator<Item = u64>) -> u64 {
    sums.into_iter().fold(5, mixed)
}

/// A checksum in the making. Any change within eight bytes in a row changes it, for
/// every step below can be undone; other changes do but for one in 2⁶⁴.
struct Checksum {
    /// Four, because each multiplication waits for the one before.
    lanes: [u64; 4],
}

impl Default for Checksum {
    fn default() -> Self {
        Checksum {
            lanes: [1, 2, 3, 4],
        }
    }
}

impl Checksum {
    /// Adds the next piece; each but the last has a multiple of 32 bytes.
    fn add(&mut self, piece: &[u8]) {
        let (blocks, rest) = piece.as_chunks::<32>();
        for block in blocks {
            let (words, _) = block.as_chunks::<8>();
            for (lane, word) in self.lanes.iter_mut().zip(words) {
                *lane = mixed(*lane, u64::from_le_bytes(*word));
            }
        }
        for byte in rest {
            self.lanes[0] = mixed(self.lanes[0], u64::from(*byte));
        }
    }

    /// The checksum of all pieces.
    fn end(&self) -> u64 {
        self.lanes.iter().fold(0, |sum, lane| mixed(sum, *lane))
    }
}

fn mixed(sum: u64, word: u64) -> u64 {
    (sum ^ word)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(bytes: &[u8]) -> u64 {
        let mut sum = Checksum::default();
        sum.add(bytes);
        sum.end()
    }

    #[test]
    fn every_flipped_bit_every_cut_and_every_swap_is_noticed() {
        let good: Vec<u8> = (0..100_u8).collect();
        let sum = checksum(&good);
        for place in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[place] ^= 1 << bit;
                assert_ne!(checksum(&bytes), sum, "byte {place}, bit {bit}");
            }
            assert_ne!(checksum(&good[..place]), sum, "cut at {place}");
        }
        let mut swapped = good.clone();
        swapped.swap(8, 40);
        assert_ne!(checksum(&swapped), sum);
        assert_ne!(checksum(&[0; 64]), checksum(&[0; 96]));
        let mut pieces = Checksum::default();
        pieces.add(&good[..64]);
        pieces.add(&good[64..]);
        assert_eq!(pieces.end(), sum);
    }

    #[test]
    fn a_file_has_the_sum_of_its_bytes_however_it_is_shared_out() {
        let part = PART as usize;
        for length in [0, 1, PIECE, part - 1, part, part + 1, 9 * part + 12_345] {
            let bytes: Vec<u8> = (0..length).map(|n| (n / 251 + n) as u8).collect();
            let mut file = tempfile::tempfile().expect("a file");
            std::io::Write::write_all(&mut file, &bytes).expect("written");
            let sum = of_file(&file, length as u64).expect("read");
            assert_eq!(sum, of_bytes(&bytes), "{length}");
            if length > 0 {
                file.write_all_at(&[!bytes[length - 1]], length as u64 - 1)
                    .expect("written");
                assert_ne!(
                    of_file(&file, length as u64).expect("read"),
                    sum,
                    "{length}"
                );
                assert!(of_file(&file, length as u64 + 1).is_err());
            }
        }
        // Parts that change places are noticed, too.
        let two = [vec![1; part], vec![2; part]];
        assert_ne!(
            of_bytes(&two.concat()),
            of_bytes(&[two[1].clone(), two[0].clone()].concat())
        );
    }
}
