//! What a guest writes on its line.

use serde::{Deserialize, Serialize};

/// How a line looks. Whoever shows it says it by more than colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// Nothing special.
    #[default]
    Normal,
    /// Something went well.
    Success,
    /// Something looks wrong.
    Warning,
    /// Something went wrong.
    Error,
}

impl Look {
    /// Its name: `normal`, `success`, `warning`, `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Look::Normal => "normal",
            Look::Success => "success",
            Look::Warning => "warning",
            Look::Error => "error",
        }
    }
}

/// A progress bar, in steps that the guest chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps that are done; may be more than `total`.
    pub done: u64,
    /// Steps in all; 0 is legal, and full from the start.
    pub total: u64,
}

impl Progress {
    /// Whole percent, rounded down, 0 to 100: full only when everything is done.
    #[must_use]
    pub fn percent(self) -> u8 {
        self.of(100) as u8
    }

    /// How many of `parts` are done, rounded down.
    #[must_use]
    pub fn of(self, parts: u32) -> u32 {
        if self.done >= self.total {
            return parts;
        }
        // Both have 64 bits: the product needs more.
        let done = u128::from(self.done) * u128::from(parts) / u128::from(self.total);
        done as u32
    }
}

/// What stands on a line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Said {
    /// The text, not escaped; at most 1 KiB.
    pub text: String,
    /// How it looks.
    pub look: Look,
    /// The progress bar, if there is one.
    pub progress: Option<Progress>,
    /// What the attempt calls itself in place of its line's number, not escaped.
    pub name: Option<String>,
    /// The line is to stay in view when it is done.
    pub is_pinned: bool,
}

impl Said {
    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.progress.is_none()
    }
}

/// A line changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The job's id; empty for a producer or consumer.
    pub job: String,
    /// The worker's name, or the plugin's.
    pub worker: String,
    /// The attempt, from 1; 0 for a producer or consumer.
    pub attempt: u32,
    /// What stands on the line now.
    pub said: Said,
    /// The attempt is over: nothing more will be written on this line.
    pub is_last: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    // A17, A20
    #[test]
    fn a_bar_is_full_only_at_its_end() {
        let percent = |done, total| Progress { done, total }.percent();
        assert_eq!(percent(0, 3), 0);
        assert_eq!(percent(2, 3), 66);
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(3, 3), 100);
        assert_eq!(percent(7, 3), 100);
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(u64::MAX - 1, u64::MAX), 99);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }
}
