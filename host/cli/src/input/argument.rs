//! Values that stand on the command line: JSON, `@file.json`, `@file.msgpack`, `-`.

use super::Format;
use crate::error::{Error, in_words};
use std::io::Read;
use std::path::Path;
use wodehost::Value;
use wodehost::value::{ScanLimits, escape_for_people};

/// What an argument of a job may have; the worker's own limit is asked later, so
/// that it can end the job with its reason.
const LIMITS: ScanLimits = ScanLimits {
    bytes_max: u32::MAX as usize,
    depth_max: 64,
};

/// Reads the values of a command line.
pub(crate) fn arguments(texts: &[String], stdin: &mut impl Read) -> Result<Vec<Value>, Error> {
    if texts.iter().filter(|text| *text == "-").count() > 1 {
        return Err(Error::usage(
            "`-` stands for stdin, which can be read only once",
        ));
    }
    let read = |(index, text): (usize, &String)| match text.as_str() {
        "-" => {
            let mut bytes = Vec::new();
            let read = stdin.read_to_end(&mut bytes);
            read.map_err(|e| Error::usage("stdin cannot be read").because(in_words(&e)))?;
            json(&bytes, "stdin")
        }
        text => match text.strip_prefix('@') {
            Some(path) => file(Path::new(path)),
            None => json(text.as_bytes(), &format!("value {}", index + 1))
                .map_err(|error| error.hint_if(quotes(text))),
        },
    };
    texts.iter().enumerate().map(read).collect()
}

/// For a bare word, which was meant as a text.
fn quotes(text: &str) -> Option<String> {
    let is_word = text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '/' | '.' | '_'));
    is_word.then(|| {
        let text = escape_for_people(text, 40);
        format!("values are JSON; a text has quotes of its own: '\"{text}\"'")
    })
}

fn json(text: &[u8], what: &str) -> Result<Value, Error> {
    Value::from_json_slice(text, &LIMITS)
        .map_err(|e| Error::usage(format!("{what} is not JSON")).because(e.to_string()))
}

fn file(path: &Path) -> Result<Value, Error> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::usage(format!("{name} cannot be read")).because(in_words(&e)))?;
    match Format::of_path(path) {
        Some(Format::Msgpack) => Value::check(bytes, &LIMITS).map_err(|e| {
            Error::usage(format!("{name} is not one MessagePack value")).because(e.to_string())
        }),
        Some(Format::Json | Format::Ndjson) | None => json(&bytes, &name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str], stdin: &str) -> Result<Vec<String>, String> {
        let texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
        arguments(&texts, &mut stdin.as_bytes())
            .map(|values| values.iter().map(Value::to_json).collect())
            .map_err(|e| e.one_line())
    }

    #[test]
    fn json_files_and_stdin_are_values() {
        let folder = tempfile::tempdir().expect("a folder");
        let packed = folder.path().join("a.msgpack");
        std::fs::write(&packed, b"\x92\x01\x02").expect("written");
        let at = format!("@{}", packed.display());
        assert_eq!(
            read(&["{\"a\":1}", &at, "-"], " [3] "),
            Ok(vec!["{\"a\":1}".into(), "[1,2]".into(), "[3]".into()])
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = read(&["1", "Ada"], "").expect_err("no JSON");
        assert_eq!(
            error,
            "value 2 is not JSON: a value expected, at line 1, column 1 ($)"
        );
        assert!(read(&["-", "-"], "1").is_err());
        let error = read(&["@/nowhere.json"], "").expect_err("no file");
        assert_eq!(
            error,
            "/nowhere.json cannot be read: No such file or directory"
        );
    }
}
