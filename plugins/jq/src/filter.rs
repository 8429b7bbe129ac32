//! One expression: compiled once, applied to many values.

use std::fmt::{self, Write};

use jaq_core::load::{self, Arena, Errors, File, Loader, Modules};
use jaq_core::{Compiler, Ctx, Exn, Vars};
use jaq_json::Val;

use crate::decode::decode;
use crate::encode::encode;
use crate::library::{self, Data, Shelf};
use crate::refusal;

/// Longest text of an error. jaq puts whole values into its texts, and a value
/// can be as large as a job.
const ERROR_BYTES_MAX: usize = 400;

/// An expression that can be applied.
pub(crate) struct Filter(jaq_core::Filter<Data>);

impl Filter {
    /// Compiles `expression`; the error says what is wrong with it and where.
    pub(crate) fn compile(expression: &str) -> Result<Self, String> {
        let arena = Arena::default();
        let mut shelf = Shelf::default();
        loop {
            let modules = modules(expression, &arena, &shelf)
                .map_err(|errors| refusal::unreadable(expression, errors))?;
            let compiler = Compiler::default().with_funs(library::functions());
            let errors = match compiler.compile(modules) {
                Ok(filter) => return Ok(Self(filter)),
                Err(errors) => errors,
            };
            let missed = errors.iter().flat_map(|(_, errors)| errors);
            if !shelf.need(missed.map(|(name, _)| *name)) {
                return Err(refusal::undefined(expression, errors));
            }
        }
    }

    /// Applies the expression to a `MessagePack` value and gives the output as
    /// another; the error is a text for people.
    pub(crate) fn run(&self, job: Vec<u8>) -> Result<Vec<u8>, String> {
        let value = decode(job).map_err(|problem| format!("the job's value {problem}"))?;
        let context = Ctx::<Data>::new(&self.0.lut, Vars::new([]));
        let mut outputs = self
            .0
            .id
            .run((context, value))
            .map(|output| output.map_err(Exn::get_err));
        let mut next = || match outputs.next() {
            None => Ok(None),
            Some(Ok(output)) => Ok(Some(output)),
            Some(Err(Ok(error))) => Err(wording(error)),
            // Only `halt` could, which is withheld.
            Some(Err(Err(_))) => Err("the expression ended itself".to_owned()),
        };
        let output = next()?.ok_or("the expression gave no output")?;
        // The second is asked for and no more: there may be no end of them.
        if next()?.is_some() {
            return Err(
                "the expression gave more than one output; write [ … ] around it to get an array"
                    .to_owned(),
            );
        }
        encode(&output)
    }
}

/// The expression and what is known to be needed for it.
fn modules<'e>(
    expression: &'e str,
    arena: &'e Arena,
    shelf: &Shelf,
) -> Result<Modules<&'e str, ()>, Errors<&'e str, ()>> {
    let file = File {
        code: expression,
        path: (),
    };
    let modules = Loader::new(shelf.needed().cloned()).load(arena, file)?;
    // jaq leaves `import … as $data` to its caller, and its filters would look
    // for the variable when they run.
    load::import(&modules, |_| Err(String::new()))?;
    Ok(modules)
}

/// The text of an error, or the value that `error(…)` was called with, as JSON
/// unless it is a text.
fn wording(error: jaq_core::Error<Val>) -> String {
    let mut text = Clipped(String::new());
    let mut is_whole = write!(text, "{error}").is_ok();
    // jaq quotes texts, its own ones as well as those of `error(…)`.
    if text.0.starts_with('"')
        && let Val::TStr(plain) = error.into_val()
    {
        text.0.clear();
        is_whole = write!(text, "{}", String::from_utf8_lossy(&plain)).is_ok();
    }
    if !is_whole {
        text.0.push('…');
    }
    text.0
}

/// A text that takes so much and then refuses, which ends the writing.
struct Clipped(String);

impl Write for Clipped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = ERROR_BYTES_MAX.saturating_sub(self.0.len());
        let taken = text.floor_char_boundary(room);
        self.0.push_str(&text[..taken]);
        if taken < text.len() {
            return Err(fmt::Error);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rmpv::Value;

    use super::*;

    fn apply(expression: &str, job: impl Into<Value>) -> Result<Value, String> {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &job.into()).unwrap();
        let result = Filter::compile(expression).unwrap().run(bytes)?;
        Ok(rmpv::decode::read_value(&mut result.as_slice()).unwrap())
    }

    fn map(entries: &[(&str, Value)]) -> Value {
        let entries = entries
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()));
        Value::Map(entries.collect())
    }

    fn problem(expression: &str, job: impl Into<Value>) -> String {
        apply(expression, job).unwrap_err()
    }

    #[test]
    fn the_one_output_is_the_result() {
        let job = map(&[("score", 11.into()), ("name", "x".into())]);
        assert_eq!(apply(".score > 10", job.clone()).unwrap(), true.into());
        assert_eq!(
            apply("{name, twice: (.score * 2)}", job).unwrap(),
            map(&[("name", "x".into()), ("twice", 22.into())])
        );
        let filter = Filter::compile(". + 1").unwrap();
        assert_eq!(filter.run(vec![1]), Ok(vec![2]));
        assert_eq!(filter.run(vec![2]), Ok(vec![3]));
    }

    #[test]
    fn no_output_and_several_are_refused() {
        assert_eq!(problem("empty", 1), "the expression gave no output");
        let several =
            "the expression gave more than one output; write [ … ] around it to get an array";
        assert_eq!(problem("1, 2", 1), several);
        assert_eq!(problem("range(0; infinite)", 1), several);
        assert_eq!(problem("repeat(1)", 1), several);
        assert_eq!(
            apply("[1, 2]", 1).unwrap(),
            Value::Array(vec![1.into(), 2.into()])
        );
    }

    #[test]
    fn errors_of_the_expression_are_said_plainly() {
        assert_eq!(problem(".a", 5), "cannot index 5 with \"a\"");
        assert_eq!(problem(". + 1", "x"), "cannot calculate \"x\" + 1");
        assert_eq!(problem("error(\"so it is\")", 5), "so it is");
        assert_eq!(problem("error", map(&[("a", 1.into())])), "{\"a\":1}");
        assert_eq!(problem("1, error(\"late\")", 5), "late");
        assert_eq!(problem("test(\"(\")", "x").lines().count(), 1);
    }

    #[test]
    fn errors_that_quote_a_large_value_are_clipped() {
        let text = problem(".a", Value::Array(vec!["é".into(); 100_000]));
        assert!(text.starts_with("cannot index [\"é\",\"é\""));
        assert!(text.ends_with('…') && text.len() <= ERROR_BYTES_MAX + '…'.len_utf8());
        let text = problem("error", "é".repeat(100_000));
        assert!(text.starts_with("éé") && text.ends_with("é…"));
    }

    #[test]
    fn the_library_is_there() {
        for (expression, job, result) in [
            ("map(. * .) | add", "[1,2,3]", "14"),
            ("test(\"^a+$\")", "\"aaa\"", "true"),
            ("sub(\"(?<x>b)\"; \"\\(.x)!\")", "\"abc\"", "\"ab!c\""),
            ("todate", "4102444800", "\"2100-01-01T00:00:00Z\""),
            (
                "strptime(\"%Y-%m-%d\") | mktime",
                "\"2100-01-01\"",
                "4102444800",
            ),
            ("@base64 | ., @base64d | length", "\"ab\"", "!"),
            ("sqrt", "4", "2.0"),
            (
                "to_entries | from_entries",
                "{\"b\":1,\"a\":2}",
                "{\"b\":1,\"a\":2}",
            ),
            ("[paths] | length", "[[1],2]", "3"),
            ("limit(1; repeat(.))", "7", "7"),
            (
                "label $out | foreach (1, 2) as $x (0; . + $x; ., break $out)",
                "7",
                "1",
            ),
            (
                "def f: if . > 100000 then . else . + 1 | f end; f",
                "0",
                "100001",
            ),
        ] {
            let both = format!("({job}) as $job | [$job | {expression}] | tojson");
            let text = apply(&both, Value::Nil).unwrap();
            if result != "!" {
                assert_eq!(
                    text.as_str(),
                    Some(format!("[{result}]").as_str()),
                    "{expression}"
                );
            }
        }
    }
}
