//! JSON both ways: by property, by table, and what is refused.
//!
//! What each `MessagePack` format looks like in JSON stands in the scanner's
//! table of vectors; here is the way back and everything around it.

mod property;

use super::{JsonError, JsonErrorKind};
use crate::value::{ScanLimits, Value};

fn read(text: &str) -> Value {
    Value::from_json(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str) -> JsonError {
    match Value::from_json(text) {
        Ok(value) => panic!("{text} was read as {value}"),
        Err(error) => error,
    }
}

#[test]
fn numbers_are_read_by_their_notation_into_the_shortest_encoding() {
    let cases: &[(&str, &[u8])] = &[
        ("0", &[0]),
        ("-0", &[0]),
        ("127", &[0x7f]),
        ("128", &[0xcc, 0x80]),
        ("256", &[0xcd, 1, 0]),
        ("65536", &[0xce, 0, 1, 0, 0]),
        ("4294967296", &[0xcf, 0, 0, 0, 1, 0, 0, 0, 0]),
        (
            "18446744073709551615",
            &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
        ),
        ("9007199254740993", &[0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1]),
        ("-1", &[0xff]),
        ("-32", &[0xe0]),
        ("-33", &[0xd0, 0xdf]),
        ("-129", &[0xd1, 0xff, 0x7f]),
        ("-32769", &[0xd2, 0xff, 0xff, 0x7f, 0xff]),
        ("-9223372036854775808", &[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ("-0.0", &[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ("-0e0", &[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ("1.0", &[0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
        ("1e0", &[0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
        ("1E+2", &[0xcb, 0x40, 0x59, 0, 0, 0, 0, 0, 0]),
        ("1e-400", &[0xcb, 0, 0, 0, 0, 0, 0, 0, 0]),
        (
            "18446744073709551616.0",
            &[0xcb, 0x43, 0xf0, 0, 0, 0, 0, 0, 0],
        ),
        // Halfway cases, which sloppy parsers round the wrong way.
        ("9007199254740993.0", &[0xcb, 0x43, 0x40, 0, 0, 0, 0, 0, 0]),
        (
            "2.2250738585072011e-308",
            &[0xcb, 0, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ),
        // Rounded once: by way of a double this would end in ..01.
        (
            r#"{"$f32":1.00000017881393432617187499}"#,
            &[0xca, 0x3f, 0x80, 0, 1],
        ),
        (r#"{"$f32":1}"#, &[0xca, 0x3f, 0x80, 0, 0]),
        (r#"{"$f32":-0}"#, &[0xca, 0x80, 0, 0, 0]),
    ];
    for (text, bytes) in cases {
        assert_eq!(read(text).as_bytes(), *bytes, "{text}");
    }
}

#[test]
fn strings_are_read_with_every_escape() {
    let value = read(r#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\uD83D\uDE00é😀\u0000""#);
    let expected = "\"\\/\u{8}\u{c}\n\r\tAé😀😀é😀\0";
    assert_eq!(value.as_str(), Some(expected));
}

#[test]
fn blanks_are_free_and_order_is_kept() {
    let value = read(" {\t\"b\" : [ ] ,\r\n \"a\":\n{ } , \"c\" : [ 1 , 2 ] } \n");
    assert_eq!(value.to_json(), r#"{"b":[],"a":{},"c":[1,2]}"#);
}

#[test]
fn tags_are_read_in_every_spelling() {
    for (text, same) in [
        (r#"{ "$bin" : "AAE=" }"#, r#"{"$bin":"AAE="}"#),
        (r#"{"\u0024bin":"AAE="}"#, r#"{"$bin":"AAE="}"#),
        (r#"{ "$ext" : [ -128 , "" ] }"#, r#"{"$ext":[-128,""]}"#),
        (
            r#"{"$float":"NaN:7ff8000000000000"}"#,
            r#"{"$float":"NaN"}"#,
        ),
        (
            r#"{"$float":"NaN:FFF8000000000000"}"#,
            r#"{"$float":"NaN:fff8000000000000"}"#,
        ),
        (r#"{"$f32":"NaN:7fc00000"}"#, r#"{"$f32":"NaN"}"#),
        (r#"{"$map":[]}"#, "{}"),
        (r#"{"$map":[["a",1]]}"#, r#"{"a":1}"#),
        (
            r#"{ "$map" : [ [ 1 , 2 ] , [ "$x" , 3 ] ] }"#,
            r#"{"$map":[[1,2],["$x",3]]}"#,
        ),
        (r#"{"$map":[["$outcome",1]]}"#, r#"{"$outcome":1}"#),
        (r#"{"$map":[["$emit",1]]}"#, r#"{"$emit":1}"#),
        (
            r#"{"$outcome":{"status":"success"}}"#,
            r#"{"$outcome":{"status":"success"}}"#,
        ),
    ] {
        assert_eq!(read(text).to_json(), same, "{text}");
    }
    assert!(read(r#"{"$outcome":{}}"#).is_outcome());
    assert!(read(r#"{"$emit":{}}"#).is_emit());
}

#[test]
fn what_is_wrong_is_named_with_line_column_and_path() {
    use JsonErrorKind as Kind;
    let unexpected = |expected| Kind::Unexpected { expected };
    let cut = |expected| Kind::CutOff { expected };
    let cases: &[(&str, Kind, (usize, usize), &str)] = &[
        ("", cut("a value"), (1, 1), "$"),
        (" \n ", cut("a value"), (2, 2), "$"),
        ("[1,", cut("a value"), (1, 4), "$[1]"),
        ("[1", cut("`,` or `]`"), (1, 3), "$"),
        ("{\"a\":1", cut("`,` or `}`"), (1, 7), "$"),
        ("{\"a\"", cut("`:`"), (1, 5), "$"),
        ("\"ab", cut("a closing quote"), (1, 4), "$"),
        ("\"ab\\", cut("an escape"), (1, 4), "$"),
        ("1 2", Kind::Trailing, (1, 3), "$"),
        ("[1,]", unexpected("a value"), (1, 4), "$[1]"),
        ("{\"a\":1,}", unexpected("a string"), (1, 8), "$"),
        ("{a:1}", unexpected("a string"), (1, 2), "$"),
        ("nul", unexpected("a value"), (1, 1), "$"),
        ("NaN", unexpected("a value"), (1, 1), "$"),
        ("'a'", unexpected("a value"), (1, 1), "$"),
        ("// c\n1", unexpected("a value"), (1, 1), "$"),
        ("\u{feff}1", unexpected("a value"), (1, 1), "$"),
        ("01", unexpected("no digit after a leading 0"), (1, 2), "$"),
        ("-", cut("a digit"), (1, 2), "$"),
        ("+1", unexpected("a value"), (1, 1), "$"),
        (".5", unexpected("a value"), (1, 1), "$"),
        ("1.", cut("a digit"), (1, 3), "$"),
        ("1.e5", unexpected("a digit"), (1, 3), "$"),
        ("[1e]", unexpected("a digit"), (1, 4), "$[0]"),
        ("18446744073709551616", Kind::IntegerRange, (1, 1), "$"),
        ("-9223372036854775809", Kind::IntegerRange, (1, 1), "$"),
        ("[0,1e400]", Kind::FloatRange, (1, 4), "$[1]"),
        ("{\"$f32\":1e39}", Kind::FloatRange, (1, 9), "$"),
        ("\"a\nb\"", Kind::BareControl, (1, 3), "$"),
        ("\"\u{1f}\"", Kind::BareControl, (1, 2), "$"),
        ("\"\\x\"", Kind::BadEscape, (1, 2), "$"),
        ("\"\\u12g4\"", Kind::BadEscape, (1, 2), "$"),
        ("\"\\u+123\"", Kind::BadEscape, (1, 2), "$"),
        ("\"é\\ud800\"", Kind::BadEscape, (1, 3), "$"),
        ("\"\\udc00\\ud800\"", Kind::BadEscape, (1, 2), "$"),
        ("\"\\ud800\\u0041\"", Kind::BadEscape, (1, 2), "$"),
        ("{\"a\":1,\n \"a\":2}", Kind::DuplicateKey, (2, 2), "$.a"),
        (
            "{\"x\":[{\"\\u0061\":1,\"a\":2}]}",
            Kind::DuplicateKey,
            (1, 19),
            "$.x[0].a",
        ),
        (
            "{\"$map\":[[1,2],[1,3]]}",
            Kind::DuplicateKey,
            (1, 17),
            "$[{1}]",
        ),
        (
            "{\"$map\":[[[nul],2]]}",
            unexpected("a value"),
            (1, 12),
            "$<key 0>[0]",
        ),
        (
            "{\"$map\":[[7,[nul]]]}",
            unexpected("a value"),
            (1, 14),
            "$[{7}][0]",
        ),
        (
            "{\"$outcome\":{\"data\":nul}}",
            unexpected("a value"),
            (1, 21),
            "$[\"$outcome\"].data",
        ),
        (
            "{\"a b\":\n\n  [true, fals]}",
            unexpected("a value"),
            (3, 10),
            "$[\"a b\"][1]",
        ),
    ];
    for (text, kind, place, path) in cases {
        let error = refusal(text);
        assert_eq!(error.kind, *kind, "{text}");
        assert_eq!(
            ((error.line, error.column), &*error.path),
            (*place, *path),
            "{text}"
        );
    }
}

#[test]
fn a_dollar_key_that_is_no_tag_is_named() {
    let error = refusal(r#"{"a":{"$date":"2020"}}"#);
    assert_eq!(
        error.to_string(),
        "unknown tag $date: known are $bin, $ext, $f32, $float, $map, $outcome, $emit; a map with \
         such a key is written {\"$map\":[[key,value]]}, at line 1, column 7 ($.a)"
    );
    for (text, tag) in [
        (r#"{"a":1,"$x":2}"#, "$x"),
        (r#"{"$":2}"#, "$"),
        (r#"{"$\u001b[31m":2}"#, r"$\x1b[31m"),
    ] {
        let expected = JsonErrorKind::UnknownTag {
            tag: tag.to_owned(),
        };
        assert_eq!(refusal(text).kind, expected, "{text}");
    }
}

#[test]
fn a_tag_stands_alone() {
    for (text, tag) in [
        (r#"{"$bin":"","a":1}"#, "$bin"),
        (r#"{"a":1,"$bin":""}"#, "$bin"),
        (r#"{"$outcome":1,"$map":[]}"#, "$outcome"),
        (r#"{"$outcome":1,"$outcome":1}"#, "$outcome"),
    ] {
        assert_eq!(
            refusal(text).kind,
            JsonErrorKind::TagNotAlone { tag },
            "{text}"
        );
    }
}

#[test]
fn what_stands_behind_a_tag_is_checked() {
    for text in [
        r#"{"$bin":1}"#,
        r#"{"$bin":"AA"}"#,
        r#"{"$bin":"A?=="}"#,
        r#"{"$bin":"AAE=\n"}"#,
        r#"{"$bin":null}"#,
        r#"{"$ext":[128,""]}"#,
        r#"{"$ext":[1.0,""]}"#,
        r#"{"$ext":["",1]}"#,
        r#"{"$ext":[1]}"#,
        r#"{"$ext":[1,"",2]}"#,
        r#"{"$ext":"AA=="}"#,
        r#"{"$f32":null}"#,
        r#"{"$f32":"nan"}"#,
        r#"{"$f32":"NaN:7f800000"}"#,
        r#"{"$f32":"NaN:7ff8000000000001"}"#,
        r#"{"$float":1.5}"#,
        r#"{"$float":"1.5"}"#,
        r#"{"$float":"NaN:7ff0000000000000"}"#,
        r#"{"$float":"NaN:+ff8000000000001"}"#,
        r#"{"$float":"infinity"}"#,
        r#"{"$map":{}}"#,
        r#"{"$map":[1]}"#,
        r#"{"$map":[[1]]}"#,
        r#"{"$map":[[1,2,3]]}"#,
        r#"{"$map":[[]]}"#,
    ] {
        let error = refusal(text);
        let is_about_tag = matches!(error.kind, JsonErrorKind::BadTag { .. });
        let is_empty_pair = text == r#"{"$map":[[]]}"#;
        assert!(is_about_tag || is_empty_pair, "{text}: {error}");
    }
}

#[test]
fn depth_is_counted_as_in_the_value() {
    let nested = |open: &str, inner: &str, close: &str, depth| {
        open.repeat(depth) + inner + &close.repeat(depth)
    };
    let is_too_deep = |text: &str| refusal(text).kind == JsonErrorKind::TooDeep { limit: 64 };
    read(&nested("[", "1", "]", 64));
    assert!(is_too_deep(&nested("[", "", "]", 65)));
    assert!(is_too_deep(&"[".repeat(1_000_000)));
    assert!(is_too_deep(&"{\"a\":".repeat(1_000_000)));
    assert!(is_too_deep(&"{\"$map\":[[".repeat(1_000_000)));
    assert!(is_too_deep(&"{\"$map\":[[1,".repeat(1_000_000)));
    assert!(is_too_deep(&"{\"$outcome\":".repeat(1_000_000)));
    // Tags are free: three brackets of text each, one level.
    let deepest = nested("{\"$map\":[[1,", "{\"$bin\":\"\"}", "]]}", 64);
    assert_eq!(read(&deepest).to_json(), deepest);
    assert!(is_too_deep(&nested("{\"$outcome\":", "{}", "}", 64)));

    // Neighbours do not add up.
    for sibling in [
        "[]",
        "[1]",
        "{}",
        r#"{"a":1}"#,
        r#"{"$map":[[1,2]]}"#,
        r#"{"$outcome":1}"#,
    ] {
        read(&format!("[{}1]", format!("{sibling},").repeat(100)));
    }

    let limits = ScanLimits {
        depth_max: 1,
        ..ScanLimits::default()
    };
    assert!(Value::from_json_slice(b"[[]]", &limits).is_err());
}

#[test]
fn the_size_limit_is_that_of_the_value() {
    let limits = ScanLimits {
        bytes_max: 10,
        ..ScanLimits::default()
    };
    let from = |text: &str| Value::from_json_slice(text.as_bytes(), &limits);
    assert!(from("   [1,2,3,4,   5,6,7,8,9]      ").is_ok());
    let kind = JsonErrorKind::TooLarge {
        bytes: 11,
        limit: 10,
    };
    assert_eq!(from("[1,2,3,4,5,6,7,8,9,10]").unwrap_err().kind, kind);
    assert_eq!(from("[1.0,2]").unwrap_err().kind, kind);
}

#[test]
fn text_that_is_not_utf8_is_refused_with_its_place() {
    let error =
        Value::from_json_slice(b"[1,\n \"\xc3\xa9\xff\"]", &ScanLimits::default()).unwrap_err();
    assert_eq!(
        (error.kind, error.line, error.column),
        (JsonErrorKind::NotUtf8, 2, 4)
    );
}

#[test]
fn written_text_is_safe_on_a_terminal() {
    let value = Value::from("\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\n");
    let text = value.to_json();
    assert_eq!(
        text,
        r#""\u001b[31m\u007f\u009b\u202e\u2066\u200f\u061c\u2028\n""#
    );
    assert_eq!(read(&text), value);
}

#[test]
fn pretty_text_reads_back_equal() {
    let text = r#"{"a":[1,[],{}],"b":{"$bin":"AA=="},"c":{"$map":[[1,[2]],["$x",{}]]},"d":{"$ext":[1,""]},"e":{"$f32":1.5}}"#;
    let value = read(text);
    let pretty = r#"{
  "a": [
    1,
    [],
    {}
  ],
  "b": {"$bin": "AA=="},
  "c": {"$map": [
    [
      1,
      [
        2
      ]
    ],
    [
      "$x",
      {}
    ]
  ]},
  "d": {"$ext": [1,""]},
  "e": {"$f32": 1.5}
}"#;
    assert_eq!(value.to_json_pretty(), pretty);
    assert_eq!(read(pretty), value);
    assert_eq!(Value::nil().to_json_pretty(), "null");
}

#[test]
fn base64_is_the_same_in_pieces() {
    for length in [0, 1, 767, 768, 769, 1537, 5000] {
        let data: Vec<u8> = (0..length).map(|place| place as u8).collect();
        let value = Value::bin(&data);
        assert_eq!(read(&value.to_json()), value, "{length}");
    }
}

#[test]
fn a_writer_gets_the_text_and_its_own_error_comes_back() {
    /// Takes so many bytes, then is full.
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let value = read(r#"{"a":[1,2]}"#);
    let mut bytes = Vec::new();
    value.write_json(&mut bytes).unwrap();
    assert_eq!(bytes, value.to_json().as_bytes());
    let error = value.write_json(&mut Full(4)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}

#[test]
fn a_value_built_deeper_than_the_limit_is_written_all_the_same() {
    let mut value = Value::nil();
    for _ in 0..10_000 {
        value = Value::array(&[value]);
    }
    let text = value.to_json();
    assert_eq!(text.len(), 20_004);
    assert_eq!(refusal(&text).kind, JsonErrorKind::TooDeep { limit: 64 });
}
