//! What an expression can call: jaq's library without what looks outside.

use std::collections::BTreeSet;

use jaq_core::data::JustLut;
use jaq_core::load::parse::Def;
use jaq_core::native::Fun;
use jaq_json::Val;

/// What a filter runs with: the values, and nothing global.
pub(crate) type Data = JustLut<Val>;

/// Names that are defined in terms of [`WITHHELD_FUNCTIONS`]: a withheld
/// definition must go with what it calls, or the library does not compile.
const WITHHELD_DEFINITIONS: [&str; 4] = ["debug", "halt", "halt_error", "stderr"];

/// Functions that read the sandbox's surroundings, write to them or end it.
/// Nothing of the host is there to be found; without them it also shows at once
/// that an expression expected something.
const WITHHELD_FUNCTIONS: [&str; 7] = [
    "debug_empty",
    "env",
    "halt",
    "localtime",
    "now",
    "stderr_empty",
    "strflocaltime",
];

/// Names that jq has and that need more than the value.
const ABSENT: [&str; 6] = [
    "$ENV",
    "$__prog_args",
    "input",
    "input_filename",
    "input_line_number",
    "inputs",
];

/// Definitions, written in jq. Each part calls only itself and those before it.
const PARTS: [fn() -> Vec<Def>; 3] = [
    || jaq_core::defs().collect(),
    || {
        jaq_std::defs()
            .filter(|def| !WITHHELD_DEFINITIONS.contains(&def.name))
            .collect()
    },
    || jaq_json::defs().collect(),
];

/// The definitions that an expression needs, found by what it misses.
///
/// Reading and compiling all of them takes thirty times as long as a cheap
/// expression, and a sandbox may be there for one job only.
#[derive(Default)]
pub(crate) struct Shelf {
    /// The definitions of the parts that have been read.
    read: Vec<Def>,
    /// How many parts that is.
    parts: usize,
    needed: BTreeSet<String>,
}

impl Shelf {
    /// What is needed as far as is known, in the order of the library.
    pub(crate) fn needed(&self) -> impl Iterator<Item = &Def> {
        let is_needed = |definition: &&Def| self.needed.contains(definition.name);
        self.read.iter().filter(is_needed)
    }

    /// Adds the definitions of these names; whether there is a new one.
    pub(crate) fn need<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> bool {
        let before = self.needed().count();
        self.needed.extend(names.into_iter().map(str::to_owned));
        while self.needed().count() == before {
            let Some(part) = PARTS.get(self.parts) else {
                return false;
            };
            self.read.extend(part());
            self.parts += 1;
        }
        true
    }
}

/// Functions, written in Rust.
pub(crate) fn functions() -> impl Iterator<Item = Fun<Data>> {
    jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs())
        .filter(|(name, ..)| !WITHHELD_FUNCTIONS.contains(name))
}

/// Whether jq has something of this name that is left out here.
pub(crate) fn withholds(name: &str) -> bool {
    WITHHELD_DEFINITIONS.contains(&name)
        || WITHHELD_FUNCTIONS.contains(&name)
        || ABSENT.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    fn definitions() -> impl Iterator<Item = Def> {
        PARTS.iter().flat_map(|part| part())
    }

    #[test]
    fn no_definition_hides_a_function_or_another_definition() {
        // Else an expression would get one or the other, by what else it needs.
        let mut seen = BTreeSet::new();
        for (name, arguments, _) in functions() {
            seen.insert((name, arguments.len()));
        }
        for definition in definitions() {
            let arity = definition.args.len();
            assert!(
                seen.insert((definition.name, arity)),
                "{}/{arity}",
                definition.name
            );
        }
    }

    #[test]
    fn every_definition_compiles_alone() {
        for definition in definitions() {
            let (name, count) = (definition.name, definition.args.len());
            let arguments = vec!["."; count].join(";");
            let call = match count {
                0 => name.to_owned(),
                _ => format!("{name}({arguments})"),
            };
            assert!(Filter::compile(&call).is_ok(), "{call}");
        }
    }
}
