//! From what an expression made to `MessagePack`.

use jaq_json::{Map, Num, Val};
use rmp::Marker;
use rmp::encode::{write_array_len, write_bin, write_map_len, write_sint, write_str, write_uint};

use crate::decode::DEPTH_MAX;
use crate::tags;

/// Why there is no `MessagePack` for a value, as a text for people.
pub(crate) type Problem = String;

/// Writes the value that an expression made.
pub(crate) fn encode(value: &Val) -> Result<Vec<u8>, Problem> {
    let mut encoder = Encoder {
        out: Vec::new(),
        depth: 0,
    };
    encoder.value(value)?;
    Ok(encoder.out)
}

pub(crate) struct Encoder {
    pub(crate) out: Vec<u8>,
    /// Open arrays and maps; tags are none.
    depth: usize,
}

impl Encoder {
    pub(crate) fn value(&mut self, value: &Val) -> Result<(), Problem> {
        match value {
            Val::Null => self.out.push(Marker::Null.to_u8()),
            Val::Bool(false) => self.out.push(Marker::False.to_u8()),
            Val::Bool(true) => self.out.push(Marker::True.to_u8()),
            Val::Num(number) => self.number(number)?,
            Val::BStr(data) => write_bin(&mut self.out, data).map_err(unwritten)?,
            Val::TStr(text) => {
                // Only what an expression takes out of base64 or bytes can be no
                // UTF-8; jq shows it with replacement characters, too.
                let text = String::from_utf8_lossy(text);
                write_str(&mut self.out, &text).map_err(unwritten)?;
            }
            Val::Arr(items) => self.array(items)?,
            Val::Obj(entries) => match entries.first() {
                Some((key, content)) if is_dollar(key) => {
                    self.tagged(key, content, entries.len())?;
                }
                Some(_) | None => self.object(entries)?,
            },
        }
        Ok(())
    }

    fn number(&mut self, number: &Num) -> Result<(), Problem> {
        match number {
            Num::Int(number) => self.signed(*number as i64),
            Num::BigInt(number) => {
                if let Ok(number) = u64::try_from(&**number) {
                    write_uint(&mut self.out, number).map_err(unwritten)?;
                    Ok(())
                } else if let Ok(number) = i64::try_from(&**number) {
                    self.signed(number)
                } else {
                    Err("the result has an integer that does not fit into 64 bits".to_owned())
                }
            }
            Num::Float(number) if number.is_nan() => {
                // Which NaN a calculation gives is left to the machine.
                self.double(tags::USUAL_DOUBLE);
                Ok(())
            }
            Num::Float(number) => {
                self.double(number.to_bits());
                Ok(())
            }
            Num::Dec(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    self.double(number.to_bits());
                    Ok(())
                }
                Ok(_) | Err(_) => Err(format!(
                    "the result has the number {text}, which is too large for a double float"
                )),
            },
        }
    }

    fn signed(&mut self, number: i64) -> Result<(), Problem> {
        write_sint(&mut self.out, number)
            .map(drop)
            .map_err(unwritten)
    }

    pub(crate) fn double(&mut self, bits: u64) {
        self.out.push(Marker::F64.to_u8());
        self.out.extend(bits.to_be_bytes());
    }

    fn array(&mut self, items: &[Val]) -> Result<(), Problem> {
        self.open()?;
        write_array_len(&mut self.out, count(items.len())?).map_err(unwritten)?;
        for item in items {
            self.value(item)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// An object without a tag. Keys that are no texts, which jaq has, are keys
    /// in `MessagePack`, too.
    fn object(&mut self, entries: &Map) -> Result<(), Problem> {
        if let Some(key) = entries.keys().find(|key| is_dollar(key)) {
            return Err(not_alone(key));
        }
        self.map(entries.len(), entries)
    }

    /// A map of entries whose keys need no check.
    pub(crate) fn map<'v>(
        &mut self,
        length: usize,
        entries: impl IntoIterator<Item = (&'v Val, &'v Val)>,
    ) -> Result<(), Problem> {
        self.open()?;
        write_map_len(&mut self.out, count(length)?).map_err(unwritten)?;
        for (key, value) in entries {
            self.value(key)?;
            self.value(value)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn open(&mut self) -> Result<(), Problem> {
        if self.depth >= DEPTH_MAX {
            return Err(format!(
                "the result is nested deeper than {DEPTH_MAX} levels"
            ));
        }
        self.depth += 1;
        Ok(())
    }
}

/// Whether a key looks like a tag.
fn is_dollar(key: &Val) -> bool {
    matches!(key, Val::TStr(text) if text.starts_with(b"$"))
}

/// What to say of a key with `$` that stands among others.
pub(crate) fn not_alone(key: &Val) -> Problem {
    format!(
        "the result has an object with the key {key} among others; \
         a map with such a key is written {{\"$map\": [[key, value], …]}}"
    )
}

fn count(length: usize) -> Result<u32, Problem> {
    u32::try_from(length).map_err(|_| "the result is too large".to_owned())
}

/// Writing into memory does not fail; the types do not say so.
pub(crate) fn unwritten(error: impl std::error::Error) -> Problem {
    format!("the result cannot be written: {error}")
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;

    /// What an expression makes of nil.
    fn made(expression: &str) -> Result<Vec<u8>, String> {
        Filter::compile(expression).unwrap().run(vec![0xc0])
    }

    #[test]
    fn numbers_are_written_as_what_they_are() {
        for (expression, bytes) in [
            (
                "18446744073709551614 + 1",
                &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255][..],
            ),
            (
                "-9223372036854775807 - 1",
                &[0xd3, 128, 0, 0, 0, 0, 0, 0, 0],
            ),
            // Small again after it was a big integer.
            ("18446744073709551616 - 18446744073709551615", &[1]),
            ("1.0", &[0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
            ("2 / 2", &[0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
            ("1.5 | floor", &[1]),
            ("nan", &[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]),
            ("-infinite", &[0xcb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(made(expression).unwrap(), bytes, "{expression}");
        }
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused() {
        for expression in ["18446744073709551615 + 1", "-9223372036854775808 - 1"] {
            assert_eq!(
                made(expression).unwrap_err(),
                "the result has an integer that does not fit into 64 bits"
            );
        }
        assert_eq!(
            made("1e400").unwrap_err(),
            "the result has the number 1e400, which is too large for a double float"
        );
    }

    #[test]
    fn keys_and_strings_that_json_has_not_are_written_all_the_same() {
        assert_eq!(made("{(1): 2, ([]): 3}"), Ok(vec![0x82, 1, 2, 0x90, 3]));
        assert_eq!(made("[1, 2] | tobytes"), Ok(vec![0xc4, 2, 1, 2]));
        assert_eq!(
            made(r#""/w==" | @base64d"#),
            Ok(b"\xa3\xef\xbf\xbd".to_vec())
        );
    }

    #[test]
    fn a_result_is_as_deep_as_the_host_takes_and_no_deeper() {
        let nested = |levels| made(&format!("reduce range({levels}) as $x (0; [.])"));
        assert_eq!(nested(64).unwrap().len(), 65);
        assert_eq!(
            nested(65).unwrap_err(),
            "the result is nested deeper than 64 levels"
        );
        // Tags are free.
        assert!(made(r#"reduce range(64) as $x (0; {"$map": [[1, .]]})"#).is_ok());
    }
}
