//! Writing what stands behind a tag.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jaq_json::{Num, Val};
use rmp::Marker;
use rmp::encode::{write_bin, write_ext_meta};

use crate::encode::{Encoder, Problem, not_alone, unwritten};
use crate::tags;

const TAKES_BIN: &str = "a string of base64 with padding";
const TAKES_EXT: &str = "an array of a type from -128 to 127 and a string of base64 with padding";
const TAKES_F32: &str = "a number that a single float can hold, \"NaN\", \"NaN:\" with 8 \
     hexadecimal digits of a NaN, \"Infinity\" or \"-Infinity\"";
const TAKES_FLOAT: &str =
    "\"NaN\", \"NaN:\" with 16 hexadecimal digits of a NaN, \"Infinity\" or \"-Infinity\"";
const TAKES_MAP: &str = "an array of pairs [key, value]";

impl Encoder {
    /// Writes what an object stands for whose first key, `key`, starts with `$`.
    pub(crate) fn tagged(
        &mut self,
        key: &Val,
        content: &Val,
        entries: usize,
    ) -> Result<(), Problem> {
        if entries > 1 {
            return Err(not_alone(key));
        }
        match text(key) {
            Some(tags::BIN) => self.bin(content),
            Some(tags::EXT) => self.ext(content),
            Some(tags::F32) => self.single(content),
            Some(tags::FLOAT) => self.special_double(content),
            Some(tags::MAP) => self.pairs(content),
            Some(tags::OUTCOME | tags::EMIT) => self.map(1, [(key, content)]),
            Some(_) | None => Err(format!(
                "the result has an object with the key {key}, which is no tag; \
                 a map with such a key is written {{\"$map\": [[key, value], …]}}"
            )),
        }
    }

    fn bin(&mut self, content: &Val) -> Result<(), Problem> {
        let data = base64(content).ok_or_else(|| bad(tags::BIN, TAKES_BIN))?;
        write_bin(&mut self.out, &data).map_err(unwritten)
    }

    fn ext(&mut self, content: &Val) -> Result<(), Problem> {
        let refused = || bad(tags::EXT, TAKES_EXT);
        let [kind, data] = items(content).ok_or_else(refused)? else {
            return Err(refused());
        };
        let kind = number(kind)
            .and_then(Num::as_isize)
            .and_then(|kind| i8::try_from(kind).ok())
            .ok_or_else(refused)?;
        let data = base64(data).ok_or_else(refused)?;
        let length = u32::try_from(data.len()).map_err(|_| refused())?;
        write_ext_meta(&mut self.out, length, kind).map_err(unwritten)?;
        self.out.extend(data);
        Ok(())
    }

    fn single(&mut self, content: &Val) -> Result<(), Problem> {
        let bits = match number(content) {
            Some(number) => finite(number),
            None => text(content).and_then(tags::named_single),
        };
        let bits = bits.ok_or_else(|| bad(tags::F32, TAKES_F32))?;
        self.out.push(Marker::F32.to_u8());
        self.out.extend(bits.to_be_bytes());
        Ok(())
    }

    fn special_double(&mut self, content: &Val) -> Result<(), Problem> {
        let bits = text(content).and_then(tags::named_double);
        self.double(bits.ok_or_else(|| bad(tags::FLOAT, TAKES_FLOAT))?);
        Ok(())
    }

    fn pairs(&mut self, content: &Val) -> Result<(), Problem> {
        let refused = || bad(tags::MAP, TAKES_MAP);
        let pairs = items(content).ok_or_else(refused)?;
        let mut entries = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let [key, value] = items(pair).ok_or_else(refused)? else {
                return Err(refused());
            };
            entries.push((key, value));
        }
        // The host refuses a key that comes twice, and names it.
        self.map(entries.len(), entries)
    }
}

fn bad(tag: &str, takes: &str) -> Problem {
    format!("the result has \"{tag}\" with something else than {takes}")
}

/// The bits of the single next to a number: by its text, as the host reads it,
/// and not by way of a double, which would round twice.
fn finite(number: &Num) -> Option<u32> {
    let number: f32 = number.to_string().parse().ok()?;
    number.is_finite().then_some(number.to_bits())
}

fn number(value: &Val) -> Option<&Num> {
    if let Val::Num(number) = value {
        return Some(number);
    }
    None
}

fn text(value: &Val) -> Option<&str> {
    if let Val::TStr(text) = value {
        return std::str::from_utf8(text).ok();
    }
    None
}

fn items(value: &Val) -> Option<&[Val]> {
    if let Val::Arr(items) = value {
        return Some(items);
    }
    None
}

fn base64(value: &Val) -> Option<Vec<u8>> {
    STANDARD.decode(text(value)?).ok()
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;

    /// What an expression makes of nil.
    fn made(expression: &str) -> Result<Vec<u8>, String> {
        Filter::compile(expression).unwrap().run(vec![0xc0])
    }

    #[test]
    fn tags_that_an_expression_makes_become_values() {
        for (expression, bytes) in [
            (r#"{"$bin": "AAH/"}"#, &[0xc4, 3, 0, 1, 255][..]),
            (r#"{"$ext": [-128, "AA=="]}"#, &[0xd4, 0x80, 0]),
            (r#"{"$f32": (1 / 2)}"#, &[0xca, 0x3f, 0, 0, 0]),
            (r#"{"$f32": 1}"#, &[0xca, 0x3f, 0x80, 0, 0]),
            (r#"{"$f32": "NaN:7fc00001"}"#, &[0xca, 0x7f, 0xc0, 0, 1]),
            (
                r#"{"$float": "-Infinity"}"#,
                &[0xcb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0],
            ),
            (r#"{"$map": []}"#, &[0x80]),
            (
                r#"{"$map": [[[], 1], ["$x", 2]]}"#,
                &[0x82, 0x90, 1, 0xa2, b'$', b'x', 2],
            ),
            (r#"{"$outcome": {"$map": []}}"#, b"\x81\xa8$outcome\x80"),
            // By way of a double this would end in ..01.
            (
                r#"{"$f32": 1.00000017881393432617187499}"#,
                &[0xca, 0x3f, 0x80, 0, 1],
            ),
        ] {
            assert_eq!(made(expression).unwrap(), bytes, "{expression}");
        }
    }

    #[test]
    fn what_does_not_belong_behind_a_tag_is_refused() {
        for expression in [
            r#"{"$bin": 1}"#,
            r#"{"$bin": "AA="}"#,
            r#"{"$ext": [128, ""]}"#,
            r#"{"$ext": [1.0, ""]}"#,
            r#"{"$ext": [1]}"#,
            r#"{"$f32": 1e39}"#,
            r#"{"$f32": nan}"#,
            r#"{"$float": 1.5}"#,
            r#"{"$map": {}}"#,
            r#"{"$map": [[1]]}"#,
        ] {
            let problem = made(expression).unwrap_err();
            assert!(problem.contains("with something else than"), "{problem}");
        }
        assert_eq!(
            made(r#"{"$bin": null}"#).unwrap_err(),
            "the result has \"$bin\" with something else than a string of base64 with padding"
        );
    }

    #[test]
    fn dollar_keys_that_are_no_tags_are_refused_with_a_way_out() {
        assert_eq!(
            made(r#"{"$x": 1}"#).unwrap_err(),
            "the result has an object with the key \"$x\", which is no tag; \
             a map with such a key is written {\"$map\": [[key, value], …]}"
        );
        for expression in [r#"{"$bin": "", "a": 1}"#, r#"{"a": 1, "$bin": ""}"#] {
            assert_eq!(
                made(expression).unwrap_err(),
                "the result has an object with the key \"$bin\" among others; \
                 a map with such a key is written {\"$map\": [[key, value], …]}"
            );
        }
    }
}
