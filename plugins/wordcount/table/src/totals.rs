//! Adds records up. In whatever order they come, the sums are the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{End, Record};

/// All texts together.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) words: BTreeMap<String, u64>,
    pub(crate) files: BTreeMap<String, FileTotals>,
    /// The pieces that are in already: a delivery may come twice.
    seen: BTreeSet<(String, u32)>,
}

/// One text.
#[derive(Debug, Default)]
pub(crate) struct FileTotals {
    /// All its words.
    pub(crate) words: u64,
    /// Its different words.
    pub(crate) different: BTreeSet<String>,
    pub(crate) pieces: u32,
    /// Places where bytes are no UTF-8.
    pub(crate) invalid: u64,
    /// Pieces that could not be counted, and why.
    pub(crate) failed: BTreeMap<u32, String>,
}

impl Totals {
    /// Adds one record, unless its piece is in already.
    pub(crate) fn add(&mut self, record: Record) {
        let Record { file, piece, end } = record;
        if !self.seen.insert((file.clone(), piece)) {
            return;
        }
        let totals = self.files.entry(file).or_default();
        totals.pieces += 1;
        match end {
            End::Failed(why) => {
                totals.failed.insert(piece, why);
            }
            End::Counted(counted) => {
                totals.invalid += counted.invalid;
                for (word, n) in counted.words {
                    // Workers are not trusted with the range of a sum.
                    totals.words = totals.words.saturating_add(n);
                    let sum = self.words.entry(word.clone()).or_default();
                    *sum = sum.saturating_add(n);
                    totals.different.insert(word);
                }
            }
        }
    }

    /// All words together.
    pub(crate) fn word_count(&self) -> u64 {
        self.files
            .values()
            .fold(0, |sum, file| sum.saturating_add(file.words))
    }

    /// The words, the most frequent first; equals by the alphabet.
    pub(crate) fn ranking(&self) -> Vec<(&str, u64)> {
        let mut ranking: Vec<(&str, u64)> = self
            .words
            .iter()
            .map(|(word, n)| (word.as_str(), *n))
            .collect();
        // Stable, and they come by the alphabet.
        ranking.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        ranking
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::record::Counted;

    pub(crate) fn counted(file: &str, piece: u32, words: &[(&str, u64)]) -> Record {
        let words = words.iter().map(|(word, n)| ((*word).to_owned(), *n));
        Record {
            file: file.to_owned(),
            piece,
            end: End::Counted(Counted {
                words: words.collect(),
                invalid: 0,
            }),
        }
    }

    #[test]
    fn pieces_add_up_in_any_order_and_none_counts_twice() {
        let records = || {
            [
                counted("a", 1, &[("the", 3), ("cat", 1)]),
                counted("a", 2, &[("the", 1), ("dog", 1)]),
                counted("b", 1, &[("the", 1)]),
                counted("a", 2, &[("the", 1), ("dog", 1)]),
            ]
        };
        let mut backwards = records();
        backwards.reverse();
        for order in [records(), backwards] {
            let mut totals = Totals::default();
            for record in order {
                totals.add(record);
            }
            assert_eq!(totals.ranking(), [("the", 5), ("cat", 1), ("dog", 1)]);
            assert_eq!(totals.word_count(), 7);
            let file = &totals.files["a"];
            assert_eq!((file.words, file.different.len(), file.pieces), (6, 3, 2));
        }
    }

    #[test]
    fn absurd_counts_stay_counts() {
        let mut totals = Totals::default();
        totals.add(counted("a", 1, &[("x", u64::MAX)]));
        totals.add(counted("b", 1, &[("x", u64::MAX)]));
        assert_eq!(totals.word_count(), u64::MAX);
    }
}
