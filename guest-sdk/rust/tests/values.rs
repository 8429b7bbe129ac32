//! Values and failures, as the host sees them.

use std::fmt;

use rmp_serde::from_slice;
use serde::{Deserialize, Serialize};
use wodehost_guest::{ByteBuf, Failure, Raw, ToValue};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Thumbnail {
    width: u32,
    alt: Option<String>,
}

/// A failure value made from texts.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
struct Report {
    code: Option<String>,
    message: String,
    causes: Option<Vec<String>>,
}

fn report(failure: &Failure) -> Report {
    from_slice(&failure.value().0).expect("a report")
}

#[derive(Debug)]
struct Outer(std::num::ParseIntError);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the port is missing")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn a_struct_becomes_a_map_with_its_field_names() {
    let thumbnail = Thumbnail {
        width: 7,
        alt: None,
    };
    let value = thumbnail.to_value().expect("a value");
    assert_eq!(value.0, b"\x82\xa5width\x07\xa3alt\xc0");
    assert_eq!(value.read::<Thumbnail>().expect("the same"), thumbnail);
}

#[test]
fn nothing_becomes_nil() {
    assert_eq!(Raw::of(&()).expect("a value"), Raw::nil());
}

#[test]
fn bytes_become_an_array_unless_they_are_said_to_be_binary() {
    assert_eq!(Raw::of(&vec![1_u8, 2]).expect("a value").0, [0x92, 1, 2]);
    let binary = ByteBuf::from(vec![1, 2]);
    assert_eq!(Raw::of(&binary).expect("a value").0, [0xc4, 2, 1, 2]);
}

#[test]
fn raw_is_neither_decoded_nor_encoded() {
    // 1 in nine bytes: whoever decodes it makes one byte of it.
    let wide = Raw(vec![0xcf, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(Raw::of(&wide).expect("a value"), wide);
    assert_eq!(wide.read::<Raw>().expect("the same"), wide);
    assert_eq!(wide.read::<u8>().expect("a number"), 1);
}

#[test]
fn reading_can_borrow() {
    let text = Raw::of("hello").expect("a value");
    assert_eq!(text.read::<&str>().expect("a text"), "hello");
}

#[test]
fn a_failure_from_a_text_is_a_map_with_the_message() {
    let failure = Failure::new("no such file");
    assert_eq!(failure.message(), "no such file");
    assert_eq!(failure.value().0, b"\x81\xa7message\xacno such file");
}

#[test]
fn a_failure_with_a_code_has_it_beside_the_message() {
    let failure = Failure::code("missing", format_args!("no {}", "file"));
    let wanted = Report {
        code: Some("missing".into()),
        message: "no file".into(),
        causes: None,
    };
    assert_eq!(report(&failure), wanted);
}

#[test]
fn a_failure_from_an_error_lists_its_causes() {
    let inner = "x".parse::<u8>().expect_err("no number");
    let failure = Failure::from(Outer(inner));
    let wanted = Report {
        code: None,
        message: "the port is missing".into(),
        causes: Some(vec!["invalid digit found in string".into()]),
    };
    assert_eq!(report(&failure), wanted);
}

#[test]
fn a_failure_of_a_value_is_that_value() {
    assert_eq!(Failure::of(&[1, 2]).value().0, [0x92, 1, 2]);
    let raw = Raw(vec![0xc1]);
    assert_eq!(Failure::of(&raw).value(), &raw);
}

#[test]
fn a_failure_of_what_cannot_be_encoded_says_so() {
    struct Stubborn;

    impl Serialize for Stubborn {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("will not"))
        }
    }

    let failure = Failure::of(&Stubborn);
    assert_eq!(report(&failure).code.as_deref(), Some("bad-value"));
    assert!(
        failure.message().ends_with("Stubborn: will not"),
        "{failure}"
    );
}

#[test]
fn what_cannot_be_read_is_said_in_words() {
    let problem = |bytes: &[u8]| {
        let raw = Raw(bytes.to_vec());
        raw.read::<i64>()
            .expect_err("no number")
            .message()
            .to_owned()
    };
    let wanted = "the value cannot be read as i64: ";
    assert_eq!(problem(b"\xa1x"), format!("{wanted}found a string"));
    assert_eq!(problem(b"\x90"), format!("{wanted}found an array"));
    assert_eq!(problem(b"\x80"), format!("{wanted}found a map"));
    assert_eq!(problem(b"\xc4\x00"), format!("{wanted}found binary data"));
    assert_eq!(
        problem(b"\xca\x3f\x80\x00\x00"),
        format!("{wanted}found the float `1.0`, expected i64")
    );
}

#[test]
fn what_cannot_be_read_is_said_without_the_words_of_rust() {
    let nil = Raw::nil();
    let texts = nil.read::<Vec<ByteBuf>>().expect_err("no array");
    assert_eq!(
        texts.message(),
        "the value cannot be read as Vec<ByteBuf>: found nil, expected an array"
    );
    let text = nil.read::<&str>().expect_err("no string");
    assert_eq!(
        text.message(),
        "the value cannot be read as &str: found nil, expected a string"
    );
    let yes = Raw(vec![0xc3]);
    let thumbnail = yes.read::<Thumbnail>().expect_err("no map");
    assert_eq!(
        thumbnail.message(),
        "the value cannot be read as Thumbnail: found the boolean `true`, expected a map for Thumbnail"
    );
}

#[test]
fn a_missing_field_is_named() {
    let raw = Raw(vec![0x80]);
    let failure = raw.read::<Thumbnail>().expect_err("no thumbnail");
    assert_eq!(
        failure.message(),
        "the value cannot be read as Thumbnail: missing field `width`"
    );
}
