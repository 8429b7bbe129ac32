//! Why an expression does not compile, as a text for people with the place.

use jaq_core::compile::{self, Undefined};
use jaq_core::load;

use crate::library;

/// How much of the expression a text quotes.
const QUOTED_CHARS_MAX: usize = 20;

/// What is wrong with the form of an expression. The first error tells: those
/// behind it often follow from it.
pub(crate) fn unreadable(expression: &str, errors: load::Errors<&str, ()>) -> String {
    let first = errors.into_iter().next().map(|(_, error)| error);
    let reason = first.and_then(|error| match error {
        load::Error::Lex(errors) => errors
            .into_iter()
            .next()
            .map(|(expected, part)| (part, mismatch(expected.as_str(), part))),
        load::Error::Parse(errors) => errors
            .into_iter()
            .next()
            .map(|(expected, part)| (part, mismatch(expected.as_str(), part))),
        load::Error::Io(errors) => errors
            .into_iter()
            .next()
            .map(|(part, _)| (part, "there are no files to import or include".to_owned())),
    });
    refusal(expression, reason)
}

/// What an expression names that does not exist.
pub(crate) fn undefined(expression: &str, errors: compile::Errors<&str, ()>) -> String {
    let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
    let reason = first.map(|(name, what)| {
        let arity = if let Undefined::Filter(arity) = what {
            format!("/{arity}")
        } else {
            String::new()
        };
        let problem = if library::withholds(name) {
            format!(
                "`{name}{arity}` is not available: an expression has its value and nothing else"
            )
        } else {
            format!("there is no {} `{name}{arity}`", what.as_str())
        };
        (name, problem)
    });
    refusal(expression, reason)
}

fn mismatch(expected: &str, found: &str) -> String {
    let line = found.lines().next().unwrap_or_default();
    let mut quoted: String = line.chars().take(QUOTED_CHARS_MAX).collect();
    if quoted.len() < line.len() {
        quoted.push('…');
    }
    let found = if quoted.is_empty() {
        "the end".to_owned()
    } else {
        format!("`{quoted}`")
    };
    match expected {
        // jaq's words for what no character begins and for the end.
        "token" => format!("unexpected {found}"),
        "nothing" => format!("expected the end, found {found}"),
        expected => format!("expected {expected}, found {found}"),
    }
}

fn refusal(expression: &str, reason: Option<(&str, String)>) -> String {
    // jaq gives no error without a reason; the types do not say so.
    let Some((part, problem)) = reason else {
        return "the expression does not compile".to_owned();
    };
    match place(expression, part) {
        Some(place) => format!("the expression does not compile: {place}: {problem}"),
        None => format!("the expression does not compile: {problem}"),
    }
}

/// Where `part` stands in the expression, if it is a slice of it.
fn place(expression: &str, part: &str) -> Option<String> {
    let offset = part
        .as_ptr()
        .addr()
        .checked_sub(expression.as_ptr().addr())?;
    let before = expression.get(..offset)?;
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[line_start..].chars().count() + 1;
    if !expression.contains('\n') {
        return Some(format!("column {column}"));
    }
    let line = before.matches('\n').count() + 1;
    Some(format!("line {line}, column {column}"))
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;

    fn refusal(expression: &str) -> String {
        let Err(text) = Filter::compile(expression) else {
            panic!("{expression} compiled");
        };
        let text = text.strip_prefix("the expression does not compile: ");
        text.unwrap().to_owned()
    }

    #[test]
    fn the_place_and_the_reason_are_named() {
        for (expression, text) in [
            ("", "column 1: expected term, found the end"),
            (".a >", "column 5: expected term, found the end"),
            (".a; .b", "column 3: expected the end, found `;`"),
            (
                "(.a",
                "column 4: expected closing parenthesis, found the end",
            ),
            ("[.é, )", "column 3: expected closing bracket, found `é, )`"),
            (".a &&\n .b", "line 1, column 4: unexpected `&&`"),
            ("1 |\n $x", "line 2, column 2: there is no variable `$x`"),
            (".a | no(1)", "column 6: there is no filter `no/1`"),
            ("break $out", "column 7: there is no label `$out`"),
            ("a::b", "column 1: there is no module `a`"),
            (
                "if . then 1",
                "column 12: expected else or end, found the end",
            ),
            (
                "\"\\x\"",
                "column 3: expected string escape sequence, found `x\"`",
            ),
        ] {
            assert_eq!(refusal(expression), text, "{expression}");
        }
    }

    #[test]
    fn what_looks_outside_is_not_available() {
        for (expression, name) in [
            ("env", "env/0"),
            ("$ENV", "$ENV"),
            ("input", "input/0"),
            ("[inputs]", "inputs/0"),
            ("input_filename", "input_filename/0"),
            ("now", "now/0"),
            ("localtime", "localtime/0"),
            ("strflocaltime(\"%H\")", "strflocaltime/1"),
            ("debug", "debug/0"),
            ("debug(1)", "debug/1"),
            ("debug_empty", "debug_empty/0"),
            ("stderr", "stderr/0"),
            ("halt", "halt/0"),
            ("halt(1)", "halt/1"),
            ("halt_error", "halt_error/0"),
            ("halt_error(1)", "halt_error/1"),
        ] {
            let wanted = format!("`{name}` is not available");
            let text = refusal(expression);
            assert!(text.contains(&wanted), "{expression}: {text}");
        }
    }

    #[test]
    fn there_are_no_modules() {
        let none = ": there are no files to import or include";
        for expression in [
            "import \"a\" as a; a::b",
            "include \"a\"; b",
            "import \"a\" as $a; $a",
        ] {
            let text = refusal(expression);
            assert!(
                text.starts_with("column ") && text.ends_with(none),
                "{text}"
            );
        }
    }
}
