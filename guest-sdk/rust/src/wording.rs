//! What is said of values that do not fit: in the words of `MessagePack`, since
//! whoever sent the value need not know Rust.
//!
//! Serde's own texts are taken apart here; what has another shape than expected
//! stays as it is.

/// What serde calls things, and what they are called here.
const NAMES: [(&str, &str); 13] = [
    ("a borrowed string", "a string"),
    ("a borrowed byte array", "binary data"),
    ("byte array", "binary data"),
    ("unit value", "nil"),
    ("unit", "nil"),
    ("Option value", "a value or nil"),
    ("option", "a value or nil"),
    ("sequence", "an array"),
    ("a sequence", "an array"),
    ("map", "a map"),
    ("unit variant", "a string"),
    ("tuple variant", "an array"),
    ("struct variant", "a map"),
];

/// The same for openings: what follows stays.
const OPENINGS: [(&str, &str); 6] = [
    ("boolean `", "the boolean `"),
    ("integer `", "the integer `"),
    ("floating point `", "the float `"),
    ("a tuple of size ", "an array of length "),
    ("tuple struct ", "an array for "),
    ("struct ", "a map for "),
];

/// Serde's text about a value of the wrong type, in other words; every other text
/// as it is.
pub(crate) fn of_problem(text: &str) -> String {
    let parts = text
        .strip_prefix("invalid type: ")
        // The last one: what was found may be a text that has the words, too.
        .and_then(|rest| rest.rsplit_once(", expected "));
    let Some((found, expected)) = parts else {
        return text.to_owned();
    };
    format!("found {}, expected {}", words(found), words(expected))
}

fn words(serde: &str) -> String {
    // Not its text, which may be as long as it likes.
    if serde.starts_with("string \"") || serde.starts_with("character `") {
        return "a string".to_owned();
    }
    if let Some((_, ours)) = NAMES.iter().find(|(theirs, _)| *theirs == serde) {
        return (*ours).to_owned();
    }
    let mut openings = OPENINGS.iter();
    let known = openings.find_map(|(theirs, ours)| Some((ours, serde.strip_prefix(theirs)?)));
    known.map_or_else(|| serde.to_owned(), |(ours, rest)| format!("{ours}{rest}"))
}

/// The name of a type without the paths: `Vec<Value>`.
pub(crate) fn type_name<T: ?Sized>() -> String {
    without_paths(std::any::type_name::<T>())
}

fn without_paths(name: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut short = String::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let in_path = is_path(first);
        let end = rest.find(|c| is_path(c) != in_path).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        short.push_str(part.rsplit("::").next().unwrap_or(part));
        rest = after;
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_goes_by_its_last_name() {
        let cases = [
            ("i64", "i64"),
            ("&str", "&str"),
            ("alloc::vec::Vec<rmpv::Value>", "Vec<Value>"),
            (
                "std::collections::HashMap<alloc::string::String, (u8, a::B)>",
                "HashMap<String, (u8, B)>",
            ),
            ("[core::option::Option<a::b_c::D>; 3]", "[Option<D>; 3]"),
        ];
        for (long, short) in cases {
            assert_eq!(without_paths(long), short);
        }
    }

    #[test]
    fn a_wrong_type_is_said_in_the_words_of_messagepack() {
        let cases = [
            (
                "invalid type: unit value, expected a borrowed string",
                "found nil, expected a string",
            ),
            (
                "invalid type: byte array, expected a sequence",
                "found binary data, expected an array",
            ),
            (
                "invalid type: string \", expected \", expected i64",
                "found a string, expected i64",
            ),
            (
                "invalid type: boolean `true`, expected struct Job",
                "found the boolean `true`, expected a map for Job",
            ),
            (
                "invalid type: map, expected a tuple of size 2",
                "found a map, expected an array of length 2",
            ),
        ];
        for (theirs, ours) in cases {
            assert_eq!(of_problem(theirs), ours);
        }
    }

    #[test]
    fn other_texts_stay() {
        let text = "missing field `width`";
        assert_eq!(of_problem(text), text);
    }
}
