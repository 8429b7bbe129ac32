//! The child's side: what it is asked, and its answer.
//!
//! It does not bound the process it runs in; whoever's process it is does, before it
//! reads anything.

use super::protocol::{self, Answer, VERSION};
use super::refusal::{CompileLimit, Refusal, why_not};
use super::{CodeKind, CompileLimits, CompilerProgram};
use crate::sandbox::{EngineConfig, Profile, engine};
use crate::units::Unit;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use wasmtime::Engine;

/// What a program that compiles is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileTask {
    pub(super) code: CodeKind,
    pub(super) limits: CompileLimits,
}

impl CompileTask {
    /// Reads a task from the last arguments of a program; the error says what is wrong
    /// with them.
    pub fn from_arguments(arguments: &[OsString]) -> Result<CompileTask, String> {
        let texts: Vec<&str> = arguments.iter().filter_map(|a| a.to_str()).collect();
        let wrong = || "these are no arguments of a task".to_owned();
        let &[version, fuel, nan, cpu, memory] = &texts[..] else {
            return Err(wrong());
        };
        if version != VERSION.to_string() {
            return Err("the task is of another version".to_owned());
        }
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        Ok(CompileTask {
            code: CodeKind {
                fuel: match fuel {
                    "fuel" => true,
                    "no-fuel" => false,
                    _ => return Err(wrong()),
                },
                one_nan: match nan {
                    "one-nan" => true,
                    "any-nan" => false,
                    _ => return Err(wrong()),
                },
            },
            limits: CompileLimits::of(Duration::from_secs(number(cpu)?), number(memory)?),
        })
    }

    /// The same as arguments.
    pub(super) fn arguments(&self, program: &CompilerProgram) -> Vec<OsString> {
        let CodeKind { fuel, one_nan } = self.code;
        let fuel = if fuel { "fuel" } else { "no-fuel" };
        let nan = if one_nan { "one-nan" } else { "any-nan" };
        let own = [
            VERSION.to_string(),
            fuel.to_owned(),
            nan.to_owned(),
            self.cpu_seconds().to_string(),
            self.limits.memory.to_string(),
        ];
        let own = own.into_iter().map(OsString::from);
        program.arguments.iter().cloned().chain(own).collect()
    }

    /// The computing time that the process may take, in seconds, at least 1.
    #[must_use]
    pub fn cpu_seconds(&self) -> u64 {
        let cpu = self.limits.cpu;
        (cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0)).max(1)
    }

    /// The address space that the process may take, bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.limits.memory
    }

    /// Reads the component, compiles it and answers.
    pub fn answer(&self, input: impl Read, output: &mut impl Write) -> std::io::Result<()> {
        let engine = self.engine()?;
        let answer = self.compiled(&engine, input);
        protocol::write(output, crate::plugin::fingerprint(&engine), &answer)
    }

    /// Answers that the memory does not even reach for a beginning.
    pub fn answer_no_memory(&self, output: &mut impl Write) -> std::io::Result<()> {
        let refusal = Refusal::Limit(CompileLimit::Memory(self.limits.memory));
        let fingerprint = crate::plugin::fingerprint(&self.engine()?);
        protocol::write(output, fingerprint, &Err(refusal))
    }

    /// Settings as those of the engine that will run the code, apart from the pools, of
    /// which compiling has no need.
    fn engine(&self) -> std::io::Result<Engine> {
        let config = EngineConfig {
            fuel: self.code.fuel,
            pooling: false,
            profile: Profile::of_code(self.code.one_nan),
            ..EngineConfig::default()
        };
        engine(&config).map_err(std::io::Error::other)
    }

    fn compiled(&self, engine: &Engine, mut input: impl Read) -> Answer {
        let mut bytes = Vec::new();
        // Who sends it has looked at its size, and the process's memory is bounded.
        match input.read_to_end(&mut bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::OutOfMemory => {
                return Err(Refusal::Limit(CompileLimit::Memory(self.limits.memory)));
            }
            Err(error) => return Err(Refusal::Fault(format!("stdin: {error}"))),
            Ok(_) => (),
        }
        let compile = || match engine.precompile_component(&bytes) {
            Ok(code) => bounded(code, bytes.len()),
            Err(error) if error.is::<wasmtime::OutOfMemory>() => {
                Err(Refusal::Limit(CompileLimit::Memory(self.limits.memory)))
            }
            Err(error) => Err(why_not(&bytes, &error)),
        };
        catch_unwind(AssertUnwindSafe(compile))
            .unwrap_or_else(|_| Err(Refusal::Fault("the compiler panicked".to_owned())))
    }
}

/// The code, unless a few bytes became so much that whoever takes it would suffer: it is
/// no longer in this process that it takes memory, nor in this one that it takes a disk.
fn bounded(code: Vec<u8>, component_bytes: usize) -> Answer {
    let limit = protocol::code_bytes_max(component_bytes);
    let bytes = code.len() as u64;
    if bytes > limit {
        let (bytes, limit) = (Unit::Bytes.about(bytes), Unit::Bytes.about(limit));
        let why = format!("compiled it would have {bytes}; limit {limit} for one of its size");
        return Err(Refusal::TooComplex(why));
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_comes_back_from_its_arguments() {
        let program = CompilerProgram {
            program: "/bin/x".into(),
            arguments: vec!["compile".into()],
            limits: CompileLimits::of(Duration::from_secs(7), 1 << 30),
        };
        for (fuel, one_nan) in [(true, false), (false, false), (true, true)] {
            let limits = program.limits;
            let code = CodeKind { fuel, one_nan };
            let task = CompileTask { code, limits };
            let arguments = task.arguments(&program);
            assert_eq!(arguments[0], "compile");
            assert_eq!(CompileTask::from_arguments(&arguments[1..]), Ok(task));
        }
        for wrong in [
            &[][..],
            &["2", "fuel", "any-nan", "1", "1"],
            &["1", "fuel", "any-nan", "x", "1"],
            &["1", "fuel", "no-nan", "1", "1"],
            &["1", "fuel", "1", "1"],
        ] {
            let wrong: Vec<OsString> = wrong.iter().map(Into::into).collect();
            assert!(CompileTask::from_arguments(&wrong).is_err());
        }
    }

    #[test]
    fn less_than_a_second_is_a_second() {
        let limits = |millis| CompileLimits::of(Duration::from_millis(millis), 0);
        let seconds = |millis| {
            CompileTask {
                code: CodeKind {
                    fuel: true,
                    one_nan: false,
                },
                limits: limits(millis),
            }
            .cpu_seconds()
        };
        assert_eq!((seconds(0), seconds(200), seconds(1001)), (1, 1, 2));
    }
}
