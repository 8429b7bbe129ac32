//! Values made here are values, and their parts are untouched.

use crate::value::scan::tests::hex;
use crate::value::{EncodeError, Kind, ScanLimits, Value, ValueErrorKind, scan};

fn assert_checked(value: &Value) {
    let limits = ScanLimits {
        bytes_max: usize::MAX,
        ..ScanLimits::default()
    };
    assert_eq!(scan(value.as_bytes(), &limits), Ok(()));
}

fn wide_one() -> Value {
    Value::check(hex("cf 0000000000000001"), &ScanLimits::default()).unwrap()
}

#[test]
fn the_small_ones_are_single_bytes() {
    assert_eq!(Value::nil().as_bytes(), [0xc0]);
    assert_eq!(Value::default(), Value::nil());
    assert_eq!(Value::empty_map().as_bytes(), [0x80]);
    assert_eq!(Value::empty_array(), Value::array(&[]));
    assert_eq!(Value::map::<&str, _>([]), Value::empty_map());
}

#[test]
fn arrays_and_maps_keep_the_bytes_of_their_parts() {
    let array = Value::array(&[wide_one(), Value::from("a")]);
    assert_eq!(array.as_bytes(), hex("92 cf 0000000000000001 a1 61"));
    let collected: Value = [wide_one(), Value::from("a")].into_iter().collect();
    assert_eq!(collected, array);
    let map = Value::map([("k", wide_one()), ("", Value::nil())]);
    assert_eq!(map.as_bytes(), hex("82 a1 6b cf 0000000000000001 a0 c0"));
}

#[test]
fn headers_fit_at_every_boundary() {
    for (count, header) in [(0, 1), (1, 1), (15, 1), (16, 3), (65_535, 3), (65_536, 5)] {
        let array = Value::array(&vec![Value::nil(); count]);
        assert_checked(&array);
        assert_eq!(array.len(), header + count);
        assert_eq!(array.elements().unwrap().len(), count);
        let map = Value::map((0..count).map(|key| (key.to_string(), Value::nil())));
        assert_checked(&map);
        assert_eq!(map.entries().unwrap().len(), count);
    }
    for (length, header) in [
        (0, 1),
        (31, 1),
        (32, 2),
        (255, 2),
        (256, 3),
        (65_535, 3),
        (65_536, 5),
    ] {
        let text = "x".repeat(length);
        let value = Value::from(text.as_str());
        assert_checked(&value);
        assert_eq!(value.len(), header + length);
        assert_eq!(value.as_str(), Some(text.as_str()));
        let value = Value::bin(text.as_bytes());
        assert_checked(&value);
        assert_eq!(value.as_bin(), Some(text.as_bytes()));
    }
}

#[test]
fn the_later_value_of_a_repeated_key_takes_the_place_of_the_earlier() {
    let map =
        Value::map([("a", 1_u64), ("b", 2), ("a", 3)].map(|(key, number)| (key, number.into())));
    assert_eq!(map.to_json(), r#"{"a":3,"b":2}"#);
    let many = (0..1000).map(|number: u64| ((number % 100).to_string(), Value::from(number)));
    let map = Value::map(many);
    assert_checked(&map);
    assert_eq!(map.entries().unwrap().len(), 100);
    assert_eq!(map.get("7").and_then(|value| value.as_u64()), Some(907));
}

#[test]
fn arguments_are_nil_one_value_or_an_array() {
    assert_eq!(Value::arguments(vec![]), Value::nil());
    assert_eq!(Value::arguments(vec![wide_one()]), wide_one());
    let two = Value::arguments(vec![wide_one(), Value::nil()]);
    assert_eq!(two, Value::array(&[wide_one(), Value::nil()]));
}

#[test]
fn a_level_added_here_is_found_by_asking_again() {
    let deepest = Value::check(
        [vec![0x91; 64], vec![0xc0]].concat(),
        &ScanLimits::default(),
    )
    .unwrap();
    assert_eq!(deepest.within(&ScanLimits::default()), Ok(()));
    let deeper = Value::array(&[deepest]);
    let error = deeper.within(&ScanLimits::default()).unwrap_err();
    assert_eq!(error.kind, ValueErrorKind::TooDeep { limit: 64 });
}

#[test]
fn numbers_and_truth_are_written_shortest() {
    for (value, json) in [
        (Value::from(true), "true"),
        (Value::from(false), "false"),
        (Value::from(7_u32), "7"),
        (Value::from(u64::MAX), "18446744073709551615"),
        (Value::from(i64::MIN), "-9223372036854775808"),
        (Value::from(5_i64), "5"),
        (Value::from(1.0), "1.0"),
        (Value::from(String::from("x")), "\"x\""),
    ] {
        assert_checked(&value);
        assert_eq!(value.to_json(), json);
        assert_eq!(Value::from_json(json).unwrap(), value);
    }
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Sample<'a> {
    name: &'a str,
    #[serde(with = "serde_bytes")]
    raw: &'a [u8],
    tags: Vec<u16>,
    more: Option<f32>,
}

#[test]
fn serde_types_go_in_with_named_fields_and_come_out_borrowed() {
    let sample = Sample {
        name: "n",
        raw: &[0, 255],
        tags: vec![1, 300],
        more: None,
    };
    let value = Value::of(&sample).unwrap();
    assert_eq!(
        value.to_json(),
        r#"{"name":"n","raw":{"$bin":"AP8="},"tags":[1,300],"more":null}"#
    );
    assert_eq!(value.to::<Sample>().unwrap(), sample);
    let bytes = value.as_bytes().as_ptr_range();
    assert!(bytes.contains(&value.to::<Sample>().unwrap().name.as_ptr()));
    assert_eq!(Value::of("text").unwrap().to::<String>().unwrap(), "text");
}

#[test]
fn a_value_of_another_shape_says_so_without_escapes_of_the_guest() {
    let value = Value::from("\u{1b}[31m");
    let error = value.to::<u32>().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the value has another shape: "),
        "{error}"
    );
    assert!(!error.to_string().contains('\u{1b}'));
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn what_serde_writes_is_checked() {
    /// Writes the same key twice, as a flattened field can.
    struct Twice;
    impl serde::Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("a", 1), ("a", 2)])
        }
    }
    let error = Value::of(&Twice).unwrap_err();
    assert!(matches!(error, EncodeError::NotAValue(error) if &*error.path == "$.a"));
    let mut nested = serde_json::Value::Null;
    for _ in 0..65 {
        nested = serde_json::json!([nested]);
    }
    assert!(matches!(Value::of(&nested), Err(EncodeError::NotAValue(_))));
    // Size is not limited here.
    let large = Value::of(&serde_bytes::ByteBuf::from(vec![0; 3 << 20])).unwrap();
    assert_eq!((large.kind(), large.len()), (Kind::Bin, (3 << 20) + 5));
}
