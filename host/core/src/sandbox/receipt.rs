//! What an attempt used.

use super::meter::{Interface, Meter};
use super::pulse::Pulse;
use crate::limits::{Limit, Limits};
use crate::value::{MapWriter, Value};

/// What one attempt used. Times are nanoseconds, sizes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Fuel, all keepalive windows together; 0 when the engine has no fuel.
    pub fuel: u64,
    /// From the start of instantiation to the end.
    pub wall_nanos: u64,
    /// The longest part of it without a sign of life, waits for other jobs apart.
    pub silent_nanos: u64,
    /// The part of it that was spent computing, in the guest and in host calls.
    pub guest_nanos: u64,
    /// The most that all linear memories had together.
    pub memory_peak_bytes: u64,
    /// Calls to the host, in the order of [`Interface::ALL`].
    pub host_calls: [u32; Interface::COUNT],
    /// The job's value.
    pub bytes_in: u64,
    /// The result or error value.
    pub bytes_out: u64,
    /// Values that the guest emitted.
    pub emitted: u64,
    /// Jobs that the guest submitted.
    pub submitted: u64,
    /// Log, stdout and stderr that were kept.
    pub log_kept_bytes: u64,
    /// Log, stdout and stderr that were dropped.
    pub log_dropped_bytes: u64,
    /// The limit that came nearest to its end, and how near, in percent: 100 for one that
    /// was reached, be it that the guest coped. `None` = less than one percent of any was used.
    pub nearest: Option<(Limit, u8)>,
}

/// What a receipt does not tell, to find the nearest limit.
pub(crate) struct Peaks {
    /// Fuel used in one keepalive window.
    pub(crate) fuel_window: u64,
    /// Bytes of the carried state.
    pub(crate) state_bytes: u64,
    /// The limit that ended the attempt.
    pub(crate) reached: Option<Limit>,
}

impl Receipt {
    /// Adds the times of a call that `began` then, on the pulse's clock.
    pub(super) fn time(&mut self, pulse: &Pulse, began: u64) {
        let now = pulse.now();
        self.wall_nanos = now - began;
        self.silent_nanos = pulse.longest_silence(now);
    }

    /// Adds what the store's meter counted.
    pub(crate) fn count(&mut self, meter: &Meter) {
        self.memory_peak_bytes = meter.memory.peak;
        self.host_calls = meter.host_calls;
        self.log_kept_bytes += meter.log_kept_bytes;
        self.log_dropped_bytes += meter.log_dropped_bytes;
    }

    /// Finds the limit that came nearest to its end.
    pub(crate) fn find_nearest(&mut self, meter: &Meter, peaks: &Peaks) {
        let limits: &Limits = &meter.limits;
        let refused = meter.refused.map(|refused| refused.limit);
        let dropped = (self.log_dropped_bytes > 0).then_some(Limit::Log);
        if let Some(limit) = peaks.reached.or(refused).or(dropped) {
            self.nearest = Some((limit, 100));
            return;
        }
        let used = [
            (Limit::Memory, self.memory_peak_bytes),
            (Limit::Tables, meter.tables.peak),
            (Limit::Fuel, peaks.fuel_window),
            (Limit::Keepalive, self.silent_nanos),
            (Limit::Deadline, self.wall_nanos),
            (Limit::Value, self.bytes_in.max(self.bytes_out)),
            (Limit::State, peaks.state_bytes),
            (Limit::HostCalls, meter.host_calls_total()),
            (Limit::Log, self.log_kept_bytes),
            (Limit::Emits, self.emitted),
            (Limit::Children, self.submitted),
        ];
        self.nearest = used
            .into_iter()
            .map(|(limit, used)| (limit, limits.percent(limit, used)))
            .filter(|(_, percent)| *percent > 0)
            .max_by_key(|(_, percent)| *percent);
    }

    /// The receipt as a map, with the keys that outcomes show.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut out = Vec::with_capacity(Self::BYTES);
        self.write(&mut out);
        Value::trusted(out)
    }

    /// About as many bytes as it has as a value.
    pub(crate) const BYTES: usize = 224;

    /// Writes that map straight to bytes: one is made for every job that has a consumer.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut map = MapWriter::new(out);
        map.number("fuel", self.fuel);
        map.number("wall-ns", self.wall_nanos);
        map.number("silent-ns", self.silent_nanos);
        map.number("guest-ns", self.guest_nanos);
        map.number("memory-peak", self.memory_peak_bytes);
        map.number("bytes-in", self.bytes_in);
        map.number("bytes-out", self.bytes_out);
        map.number("emitted", self.emitted);
        map.number("submitted", self.submitted);
        map.number("log-kept", self.log_kept_bytes);
        map.number("log-dropped", self.log_dropped_bytes);
        let mut inner = map.map("host-calls");
        for interface in Interface::ALL {
            let calls = self.host_calls[interface as usize];
            if calls > 0 {
                inner.number(interface.name(), u64::from(calls));
            }
        }
        if let Some((limit, percent)) = self.nearest {
            let mut inner = map.map("nearest");
            inner.number(limit.info().key, u64::from(percent));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ScanLimits;

    #[test]
    fn a_receipt_is_a_well_formed_map() {
        let mut receipt = Receipt {
            fuel: 58_000,
            nearest: Some((Limit::Memory, 12)),
            ..Receipt::default()
        };
        receipt.host_calls[Interface::Log as usize] = 3;
        let value = receipt.to_value();
        Value::check(value.as_bytes().to_vec(), &ScanLimits::default()).expect("well-formed");
        assert_eq!(
            value.to_json(),
            r#"{"fuel":58000,"wall-ns":0,"silent-ns":0,"guest-ns":0,"memory-peak":0,"bytes-in":0,"bytes-out":0,"emitted":0,"submitted":0,"log-kept":0,"log-dropped":0,"host-calls":{"log":3},"nearest":{"memory":12}}"#
        );
    }
}
