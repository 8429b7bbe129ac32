//! Arbitrary outcomes, drawn from a seed.

use crate::job::{HostId, JobId};
use crate::limits::LIMITS;
use crate::sandbox::Receipt;
use crate::store::PastAttempt;
use crate::store::sqlite::large::IN_ROW_MAX;
use crate::task::{Earlier, Outcome, Reason, Receipts, Recorded, Status};
use crate::value::Value;
use wasmtime::Trap;

/// Draws numbers: splitmix64.
pub(super) struct Draw(pub(super) u64);

impl Draw {
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than that.
    pub(super) fn below(&mut self, most: usize) -> usize {
        (self.number() % most as u64) as usize
    }

    fn is(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    /// Of any size, small ones as often as large ones.
    fn any(&mut self) -> u64 {
        let bits = self.below(65) as u32;
        self.number().checked_shr(bits).unwrap_or(0)
    }

    fn text(&mut self) -> String {
        let parts = [
            "a",
            "'",
            "\0",
            "\"; DROP TABLE job; --",
            "ß",
            "\u{1b}[1m",
            "",
            "\n",
        ];
        let mut text: String = (0..self.below(5)).map(|_| parts[self.below(8)]).collect();
        if self.is(20) {
            text.push_str(&"x".repeat(IN_ROW_MAX));
        }
        text
    }

    fn maybe_text(&mut self) -> Option<String> {
        self.is(3).then(|| self.text())
    }

    fn value(&mut self) -> Value {
        match self.below(6) {
            0 => Value::nil(),
            1 => Value::from(self.any()),
            2 => Value::from(self.text()),
            3 => Value::bin(&vec![7; self.below(2 * IN_ROW_MAX)]),
            4 => Value::map([("key", Value::from(self.any()))]),
            _ => Value::array(&[Value::nil(), Value::from(self.text())]),
        }
    }

    fn reason(&mut self) -> Reason {
        let words = [
            "returned",
            "declared",
            "error",
            "silent",
            "out-of-fuel",
            "deadline",
            "trap:unreachable",
            "pipeline:sort",
            "nested-limit",
            "parent-ended",
            "quarantined",
        ];
        match self.below(5) {
            0 => Reason::Returned,
            1 => Trap::from_u8(self.below(80) as u8).map_or(Reason::Error, Reason::Trap),
            2 => Reason::Limit(LIMITS[self.below(LIMITS.len())].limit),
            3 => Reason::Exit(self.number() as i32),
            _ => words[self.below(words.len())].parse().unwrap(),
        }
    }

    fn status(&mut self) -> Status {
        [
            Status::Unspecified,
            Status::Success,
            Status::Failure,
            Status::Timeout,
            Status::Mixed,
            Status::Rejected,
            Status::Cancelled,
        ][self.below(7)]
    }

    fn receipt(&mut self) -> Receipt {
        let percent = self.below(101) as u8;
        let limit = LIMITS[self.below(LIMITS.len())].limit;
        Receipt {
            fuel: self.any(),
            wall_nanos: self.any(),
            silent_nanos: self.any(),
            guest_nanos: self.any(),
            memory_peak_bytes: self.any(),
            host_calls: std::array::from_fn(|_| self.any() as u32),
            bytes_in: self.any(),
            bytes_out: self.any(),
            emitted: self.any(),
            submitted: self.any(),
            log_kept_bytes: self.any(),
            log_dropped_bytes: self.any(),
            nearest: self.is(2).then_some((limit, percent)),
        }
    }

    fn earlier(&mut self) -> Earlier {
        Earlier {
            attempt: self.any() as u32,
            reason: self.reason(),
            message: self.maybe_text(),
            stdout: self.maybe_text(),
            stderr: self.maybe_text(),
            log: self.maybe_text(),
        }
    }

    pub(super) fn past(&mut self) -> PastAttempt {
        let recorded = Recorded {
            start_ms: self.any(),
            seed: self.any(),
        };
        PastAttempt {
            earlier: self.earlier(),
            receipt: self.is(2).then(|| self.receipt()),
            state: self.is(2).then(|| self.value()),
            recorded: self.is(2).then_some(recorded),
            ended_ms: self.any(),
            conditions: self.is(2).then(|| super::conditions("other")),
            is_reset: self.is(2),
        }
    }

    /// An outcome with at most one receipt and nothing earlier where `is_whole` does not say
    /// otherwise, and items inside each other that deep.
    pub(super) fn outcome(&mut self, id: JobId, deep: usize, is_whole: bool) -> Outcome {
        let mut receipts = Receipts::default();
        for _ in 0..self.below(if is_whole { 4 } else { 2 }) {
            receipts.push(self.receipt());
        }
        let earlier = if is_whole { self.below(3) } else { 0 };
        let items = if deep > 0 { self.below(4) } else { 0 };
        Outcome {
            id,
            worker: if self.is(4) {
                self.text().into()
            } else {
                "double".into()
            },
            status: self.status(),
            reason: self.reason(),
            data: self.value(),
            attempts: self.any() as u32,
            message: self.maybe_text(),
            stdout: self.maybe_text(),
            stderr: self.maybe_text(),
            log: self.maybe_text(),
            earlier: (0..earlier).map(|_| self.earlier()).collect(),
            backtrace: (0..self.below(3)).map(|_| self.text()).collect(),
            receipts,
            items: (0..items).map(|_| self.item(id.host, deep - 1)).collect(),
            finally_error: self.maybe_text(),
        }
    }

    fn item(&mut self, host: HostId, deep: usize) -> Outcome {
        let host = if self.is(5) {
            HostId::from_random(self.number() as u32)
        } else {
            host
        };
        let number = self.any();
        self.outcome(JobId { host, number }, deep, true)
    }
}
