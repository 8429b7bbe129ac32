//! How much there is in a component, counted before anything compiles it.
//!
//! One pass over its sections, in this process, that takes milliseconds and next to no
//! memory: nesting is followed with a list, not with the stack, and types are counted,
//! not read. What is damaged is left to the compiler, which can tell how.

use super::PluginError;
use wasmparser::{FunctionBody, Parser, Payload};

/// The bounds. The largest component of this repository, jq with 1.6 MiB, has 2,800
/// functions, the largest of 28 KB with 170 locals, 12,000 locals, 100 types and 3
/// modules; a file may be forty times as large. Measured on one core of two: an empty function takes
/// 0.2 ms to compile, 20,000 locals nothing by themselves but 7 s with 4,000 branches, and
/// 500 KB of branches in one function more than 20 s. So counts alone bound no time: these keep
/// away what no toolchain makes, and the child's limits do the rest.
const BOUNDS: [(&str, u64); 9] = [
    ("functions", 400_000),
    ("locals of one function", 20_000),
    ("locals of all functions", 10_000_000),
    ("bytes of code in one function", 2 << 20),
    ("memories", 1_000),
    ("tables", 1_000),
    ("types", 500_000),
    ("components and modules inside each other", 32),
    ("components and modules", 2_000),
];

/// One of [`BOUNDS`], by its place.
#[derive(Debug, Clone, Copy)]
enum Part {
    Functions,
    LocalsOfOne,
    Locals,
    CodeOfOne,
    Memories,
    Tables,
    Types,
    Depth,
    Modules,
}

/// So many there are.
#[derive(Debug, Default)]
struct Counts([u64; BOUNDS.len()]);

impl Counts {
    fn add(&mut self, part: Part, count: u64) -> Result<(), PluginError> {
        let sum = self.0[part as usize].saturating_add(count);
        self.0[part as usize] = sum;
        Counts::most(part, sum)
    }

    /// Checks one that is not a sum.
    fn most(part: Part, count: u64) -> Result<(), PluginError> {
        let (what, limit) = BOUNDS[part as usize];
        if count > limit {
            return Err(PluginError::TooManyParts { what, count, limit });
        }
        Ok(())
    }

    fn function(&mut self, body: &FunctionBody) -> Result<(), PluginError> {
        let range = body.range();
        Counts::most(Part::CodeOfOne, (range.end - range.start) as u64)?;
        let Ok(locals) = body.get_locals_reader() else {
            return Ok(());
        };
        // A group of locals is a count and a type: as many groups as there are bytes.
        let groups = locals.into_iter().map_while(Result::ok);
        let locals = groups.fold(0_u64, |sum, (count, _)| sum.saturating_add(count.into()));
        Counts::most(Part::LocalsOfOne, locals)?;
        self.add(Part::Locals, locals)
    }
}

/// Refuses a component with more in it than is compiled.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not counted is most of what there is"
)]
pub(super) fn check(bytes: &[u8]) -> Result<(), PluginError> {
    let mut counts = Counts::default();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(payload) = payload else {
            return Ok(());
        };
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                Counts::most(Part::Depth, depth)?;
                counts.add(Part::Modules, 1)?;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::FunctionSection(section) => {
                counts.add(Part::Functions, section.count().into())?;
            }
            Payload::CodeSectionEntry(body) => counts.function(&body)?,
            Payload::MemorySection(section) => {
                counts.add(Part::Memories, section.count().into())?;
            }
            Payload::TableSection(section) => counts.add(Part::Tables, section.count().into())?,
            Payload::TypeSection(section) => counts.add(Part::Types, section.count().into())?,
            Payload::CoreTypeSection(section) => counts.add(Part::Types, section.count().into())?,
            Payload::ComponentTypeSection(section) => {
                counts.add(Part::Types, section.count().into())?;
            }
            _ => (),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section or a part of one: its number, its length, its bytes.
    fn section(number: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number];
        leb(body.len() as u64, &mut bytes);
        bytes.extend_from_slice(body);
        bytes
    }

    fn leb(mut n: u64, bytes: &mut Vec<u8>) {
        while n > 127 {
            bytes.push(n as u8 | 128);
            n >>= 7;
        }
        bytes.push(n as u8);
    }

    fn module(body: &[u8]) -> Vec<u8> {
        [b"\0asm\x01\0\0\0", body].concat()
    }

    fn component(body: &[u8]) -> Vec<u8> {
        [b"\0asm\x0d\0\x01\0", body].concat()
    }

    fn refused(bytes: &[u8]) -> (&'static str, u64) {
        match check(bytes) {
            Err(PluginError::TooManyParts { what, count, .. }) => (what, count),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn counts_are_told_with_their_bound() {
        let mut functions = Vec::new();
        leb(400_001, &mut functions);
        functions.resize(functions.len() + 400_001, 0);
        let inner = module(&section(3, &functions));
        assert_eq!(
            refused(&component(&section(1, &inner))),
            ("functions", 400_001)
        );
        let error = check(&component(&section(1, &inner))).expect_err("too many");
        assert_eq!(error.code(), "component-too-complex");
        assert!(error.to_string().contains("400,001 functions"), "{error}");
        assert!(error.to_string().contains("limit 400,000"), "{error}");
        // A body: two groups of locals, `end`.
        let mut body = vec![2];
        leb(15_000, &mut body);
        body.push(0x7f);
        leb(6_000, &mut body);
        body.extend_from_slice(&[0x7e, 0x0b]);
        let mut code = vec![1];
        leb(body.len() as u64, &mut code);
        code.extend_from_slice(&body);
        let inner = module(&[section(3, &[1, 0]), section(10, &code)].concat());
        let expected = ("locals of one function", 21_000);
        assert_eq!(refused(&component(&section(1, &inner))), expected);
    }

    #[test]
    fn nesting_takes_no_stack() {
        let mut nested = component(&[]);
        for _ in 0..5_000 {
            nested = component(&section(4, &nested));
        }
        assert_eq!(
            refused(&nested).0,
            "components and modules inside each other"
        );
    }

    #[test]
    fn what_is_damaged_is_for_the_compiler() {
        assert!(check(&component(b"\x01\xff\xff")).is_ok());
        assert!(check(b"").is_ok());
        assert!(check(&component(&[])).is_ok());
    }
}
