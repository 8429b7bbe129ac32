//! How many jobs end in a second, of late. By the clock of the run, not ours.

use std::collections::VecDeque;

/// Over how long it is taken, milliseconds.
const WINDOW_MS: u64 = 5000;

/// Jobs that had ended at some moments, the latest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rate(VecDeque<(u64, u64)>);

impl Rate {
    /// So many had ended so long after the start.
    pub(crate) fn note(&mut self, at_ms: u64, ended: u64) {
        self.0.push_back((at_ms, ended));
        while self.0.len() > 2 && at_ms.saturating_sub(self.0[1].0) >= WINDOW_MS {
            self.0.pop_front();
        }
    }

    /// Jobs in a second.
    pub(crate) fn per_second(&self) -> f64 {
        let (Some(first), Some(last)) = (self.0.front(), self.0.back()) else {
            return 0.0;
        };
        let ms = last.0.saturating_sub(first.0);
        if ms == 0 {
            return 0.0;
        }
        last.1.saturating_sub(first.1) as f64 * 1000.0 / ms as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_of_late_counts() {
        let mut rate = Rate::default();
        let per_second = |rate: &Rate| rate.per_second().round() as u64;
        assert_eq!(per_second(&rate), 0);
        rate.note(0, 0);
        assert_eq!(per_second(&rate), 0);
        rate.note(1000, 500);
        assert_eq!(per_second(&rate), 500);
        for second in 2..=20 {
            rate.note(second * 1000, 500);
        }
        assert_eq!(per_second(&rate), 0);
        assert!(rate.0.len() < 8);
        // A clock that goes back is no reason to fail.
        rate.note(0, 0);
        assert_eq!(per_second(&rate), 0);
    }
}
