//! `compile-time` and `compile-memory`: what compiling a plugin may take.

use super::file::{File, Quantity};
use super::source::{Source, Sourced};
use super::{Config, Layer};
use crate::flags::{CacheFlags, compile_memory, compile_time};
use std::time::Duration;
use wodehost::plugin::CompileLimits;

/// What a layer says of it.
#[derive(Debug, Default)]
pub(crate) struct CompileLayer {
    /// Nanoseconds of computing.
    time: Option<Sourced<u64>>,
    /// Bytes.
    memory: Option<Sourced<u64>>,
}

impl CompileLayer {
    /// What the flags say.
    pub(super) fn of_flags(flags: &CacheFlags) -> CompileLayer {
        CompileLayer {
            time: flags
                .compile_time
                .map(|nanos| Sourced::new(nanos, Source::Flag("compile-time"))),
            memory: flags
                .compile_memory
                .map(|bytes| Sourced::new(bytes, Source::Flag("compile-memory"))),
        }
    }

    /// What a variable says; false = it is none of these.
    pub(super) fn take_env(&mut self, name: &str, text: &str) -> Result<bool, String> {
        let source = Source::Env(name.to_owned());
        match name {
            "WODEHOST_COMPILE_TIME" => {
                self.time = Some(Sourced::new(compile_time(text)?, source));
            }
            "WODEHOST_COMPILE_MEMORY" => {
                self.memory = Some(Sourced::new(compile_memory(text)?, source));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What a file says. The error names a key, and why it was not taken.
    pub(super) fn of_file(
        file: &File,
        source: impl Fn(&'static str) -> Source,
    ) -> Result<CompileLayer, (&'static str, String)> {
        type Read = fn(&str) -> Result<u64, String>;
        let read = |quantity: &Option<Quantity>, key, read: Read| {
            let value = match quantity {
                None => return Ok(None),
                Some(Quantity::Text(text)) => read(text),
                Some(Quantity::Number(number)) => read(&number.to_string()),
            };
            let value = value.map_err(|why| (key, why))?;
            Ok(Some(Sourced::new(value, source(key))))
        };
        Ok(CompileLayer {
            time: read(&file.compile_time, "compile-time", compile_time)?,
            memory: read(&file.compile_memory, "compile-memory", compile_memory)?,
        })
    }
}

impl Config {
    /// Computing time that compiling a plugin may take, nanoseconds.
    pub(crate) fn compile_time_nanos(&self) -> Sourced<u64> {
        let default = CompileLimits::default().cpu.as_nanos() as u64;
        self.strongest(|l: &Layer| l.compile.time.as_ref())
            .unwrap_or(Sourced::default(default))
    }

    /// Memory that it may take, bytes.
    pub(crate) fn compile_memory(&self) -> Sourced<u64> {
        self.strongest(|l: &Layer| l.compile.memory.as_ref())
            .unwrap_or(Sourced::default(CompileLimits::default().memory))
    }

    /// Both.
    pub(crate) fn compile_limits(&self) -> CompileLimits {
        let time = Duration::from_nanos(self.compile_time_nanos().value);
        CompileLimits::of(time, self.compile_memory().value)
    }
}
