//! The receipts of a job's attempts.
//!
//! Nearly all jobs have one attempt, and their outcomes are made on one thread and
//! dropped on another: so the latest receipt stands in the outcome itself. In a vector of
//! its own it cost a tenth of all jobs per second, for memory that one thread takes and
//! another gives back (`cargo xtask bench`, end to end).

use crate::sandbox::Receipt;

/// The receipts that an outcome keeps: a job with retries without end has any number.
pub const RECEIPTS_MAX: usize = 1000;

/// Receipts in the order of the attempts; of more than [`RECEIPTS_MAX`] the latest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipts {
    earlier: Vec<Receipt>,
    latest: Option<Receipt>,
}

impl Extend<Receipt> for Receipts {
    fn extend<R: IntoIterator<Item = Receipt>>(&mut self, receipts: R) {
        for receipt in receipts {
            self.push(receipt);
        }
    }
}

impl Receipts {
    /// Adds that of the latest attempt.
    pub(crate) fn push(&mut self, receipt: Receipt) {
        if let Some(earlier) = self.latest.replace(receipt) {
            if self.earlier.len() + 1 >= RECEIPTS_MAX {
                self.earlier.remove(0);
            }
            self.earlier.push(earlier);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.earlier.len() + usize::from(self.latest.is_some())
    }

    /// Whether no attempt was started.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.latest.is_none()
    }

    /// That of the latest attempt.
    #[must_use]
    pub fn latest(&self) -> Option<&Receipt> {
        self.latest.as_ref()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Receipt> {
        self.earlier.iter().chain(&self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_kept_in_order() {
        let mut receipts = Receipts::default();
        assert!(receipts.is_empty());
        for fuel in 0..RECEIPTS_MAX as u64 + 5 {
            let receipt = Receipt {
                fuel,
                ..Receipt::default()
            };
            receipts.push(receipt);
        }
        assert_eq!(receipts.len(), RECEIPTS_MAX);
        let fuel: Vec<u64> = receipts.iter().map(|receipt| receipt.fuel).collect();
        assert!(fuel.is_sorted());
        assert_eq!(
            (fuel[0], receipts.latest().map(|r| r.fuel)),
            (5, Some(1004))
        );
    }
}
