//! Limits of a whole host, which no plugin or job has for itself: the largest component,
//! what compiling one may take, the guests' stack, and how much may wait.
//!
//! The table is the only list: flags, variables, keys, `config show` and `inspect` are
//! made from it.

use super::file::{File, Quantity};
use super::source::{Source, Sourced};
use super::{Config, Layer};
use crate::flags::without_inf;
use std::time::Duration;
use wodehost::HighWater;
use wodehost::plugin::CompileLimits;
use wodehost::units::{QuantityError, Unit};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Jobs and undelivered outcomes.
    Queue,
    /// Bytes of their values.
    QueueMemory,
    /// Bytes.
    WasmStack,
    /// Bytes.
    ComponentSize,
    /// Nanoseconds of computing.
    CompileTime,
    /// Bytes.
    CompileMemory,
}

/// What is known of one besides its value.
#[derive(Debug)]
pub(crate) struct BoundInfo {
    pub(crate) bound: Bound,
    /// Its key, and its flag without the dashes.
    pub(crate) key: &'static str,
    pub(crate) unit: Unit,
    /// What it is when nobody says otherwise; as the library has it, which a test sees to.
    pub(crate) default: u64,
    pub(crate) least: u64,
    pub(crate) most: u64,
    /// Whether it is about running, and not about loading a plugin.
    pub(crate) of_a_run: bool,
    /// One sentence for people.
    pub(crate) about: &'static str,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const SECOND: u64 = 1_000_000_000;

/// All of them, in the order in which they are shown.
pub(crate) const BOUNDS: [BoundInfo; 6] = [
    BoundInfo {
        bound: Bound::Queue,
        key: "queue",
        unit: Unit::Count,
        default: 10_000,
        least: 1,
        most: 10_000_000,
        of_a_run: true,
        about: "jobs and outcomes that wait, at which the producer waits, too",
    },
    BoundInfo {
        bound: Bound::QueueMemory,
        key: "queue-memory",
        unit: Unit::Bytes,
        default: 256 * MIB,
        least: MIB,
        most: 1024 * GIB,
        of_a_run: true,
        about: "size of their values and of emitted ones, at which the producer waits, too, and `map` reads no more",
    },
    BoundInfo {
        bound: Bound::WasmStack,
        key: "wasm-stack",
        unit: Unit::Bytes,
        default: 512 * KIB,
        // With less not even the SDKs' own code runs.
        least: 64 * KIB,
        // A place for each live attempt is reserved.
        most: 64 * MIB,
        of_a_run: true,
        about: "stack of each attempt, for calls inside the plugin",
    },
    BoundInfo {
        bound: Bound::ComponentSize,
        key: "component-size",
        unit: Unit::Bytes,
        default: 64 * MIB,
        least: KIB,
        most: GIB,
        of_a_run: false,
        about: "size of a plugin's file",
    },
    BoundInfo {
        bound: Bound::CompileTime,
        key: "compile-time",
        unit: Unit::Time,
        default: 60 * SECOND,
        // The system counts whole seconds.
        least: SECOND,
        most: 24 * 3600 * SECOND,
        of_a_run: false,
        about: "computing time that compiling a plugin may take, in a process of its own; twice as long by the clock",
    },
    BoundInfo {
        bound: Bound::CompileMemory,
        key: "compile-memory",
        unit: Unit::Bytes,
        default: 4 * GIB,
        // With less no compiler starts.
        least: 64 * MIB,
        most: 1024 * GIB,
        of_a_run: false,
        about: "memory that compiling a plugin may take, in a process of its own",
    },
];

impl Bound {
    /// What is known of it.
    pub(crate) fn info(self) -> &'static BoundInfo {
        &BOUNDS[self as usize]
    }

    /// Reads a value from a text.
    pub(crate) fn parse(self, text: &str) -> Result<u64, String> {
        let BoundInfo {
            unit, least, most, ..
        } = *self.info();
        match unit.parse(text) {
            Ok(value) if (least..=most).contains(&value) => Ok(value),
            Ok(_) | Err(QuantityError::TooLarge(_)) => {
                let (least, most) = (unit.format(least), unit.format(most));
                Err(format!("at least {least}, at most {most}"))
            }
            Err(error) => Err(without_inf(unit, &error.to_string())),
        }
    }

    /// Its place in a file.
    fn in_file(self, file: &File) -> Option<&Quantity> {
        match self {
            Bound::Queue => &file.queue,
            Bound::QueueMemory => &file.queue_memory,
            Bound::WasmStack => &file.wasm_stack,
            Bound::ComponentSize => &file.component_size,
            Bound::CompileTime => &file.compile_time,
            Bound::CompileMemory => &file.compile_memory,
        }
        .as_ref()
    }
}

impl BoundInfo {
    /// Its variable.
    pub(crate) fn env(&self) -> String {
        super::keys::variable(self.key)
    }

    /// Its default as it is written.
    pub(crate) fn default_text(&self) -> String {
        self.unit.format(self.default)
    }
}

/// What a layer says of them.
#[derive(Debug, Default)]
pub(crate) struct BoundLayer([Option<Sourced<u64>>; BOUNDS.len()]);

impl BoundLayer {
    /// What the flags say.
    pub(super) fn of_flags(given: impl IntoIterator<Item = (Bound, u64)>) -> BoundLayer {
        let mut layer = BoundLayer::default();
        for (bound, value) in given {
            layer.put(bound, value, Source::Flag(bound.info().key));
        }
        layer
    }

    /// What a variable says; false = it is none of these.
    pub(super) fn take_env(&mut self, name: &str, text: &str) -> Result<bool, String> {
        let Some(info) = BOUNDS.iter().find(|info| info.env() == name) else {
            return Ok(false);
        };
        let value = info.bound.parse(text)?;
        self.put(info.bound, value, Source::Env(name.to_owned()));
        Ok(true)
    }

    /// What a file says. The error names a key, and why it was not taken.
    pub(super) fn of_file(
        file: &File,
        source: impl Fn(&'static str) -> Source,
    ) -> Result<BoundLayer, (&'static str, String)> {
        let mut layer = BoundLayer::default();
        for BoundInfo { bound, key, .. } in BOUNDS {
            if let Some(quantity) = bound.in_file(file) {
                let value = bound.parse(&quantity.text()).map_err(|why| (key, why))?;
                layer.put(bound, value, source(key));
            }
        }
        Ok(layer)
    }

    fn put(&mut self, bound: Bound, value: u64, source: Source) {
        self.0[bound as usize] = Some(Sourced::new(value, source));
    }
}

impl Config {
    /// The value that applies, in its unit.
    pub(crate) fn bound(&self, bound: Bound) -> Sourced<u64> {
        self.strongest(|l: &Layer| l.bounds.0[bound as usize].as_ref())
            .unwrap_or(Sourced::default(bound.info().default))
    }

    /// What compiling may take.
    pub(crate) fn compile_limits(&self) -> CompileLimits {
        let time = Duration::from_nanos(self.bound(Bound::CompileTime).value);
        CompileLimits::of(time, self.bound(Bound::CompileMemory).value)
    }

    /// When the producer has to wait.
    pub(crate) fn high_water(&self) -> HighWater {
        HighWater {
            jobs: self.bound(Bound::Queue).value,
            bytes: self.bound(Bound::QueueMemory).value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wodehost::plugin::COMPONENT_BYTES_MAX;
    use wodehost::{EngineConfig, RuntimeConfig};

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let config = Config::default();
        assert_eq!(config.high_water(), HighWater::default());
        assert_eq!(config.compile_limits(), CompileLimits::default());
        let of = |bound| config.bound(bound).value;
        assert_eq!(of(Bound::ComponentSize), COMPONENT_BYTES_MAX);
        let RuntimeConfig {
            component_bytes_max,
            engine: EngineConfig {
                wasm_stack_bytes, ..
            },
            ..
        } = RuntimeConfig::default();
        assert_eq!(of(Bound::ComponentSize), component_bytes_max);
        assert_eq!(of(Bound::WasmStack), u64::from(wasm_stack_bytes));
    }

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for info in &BOUNDS {
            assert_eq!(info.bound.info().key, info.key);
            assert!((info.least..=info.most).contains(&info.default));
        }
    }
}
