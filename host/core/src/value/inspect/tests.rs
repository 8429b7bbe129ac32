//! Looking inside without serde.

use proptest::prelude::*;

use crate::value::arbitrary::{encode, tree};
use crate::value::scan::tests::hex;
use crate::value::{Kind, ScanLimits, Value, scan};

fn value(text: &str) -> Value {
    Value::check(hex(text), &ScanLimits::default()).unwrap()
}

#[test]
fn each_kind_answers_its_own_questions_only() {
    let cases: &[(&str, Kind)] = &[
        ("c0", Kind::Nil),
        ("c3", Kind::Bool),
        ("07", Kind::Int),
        ("cb 3ff8000000000000", Kind::Float),
        ("a1 61", Kind::Str),
        ("c4 01 61", Kind::Bin),
        ("91 01", Kind::Array),
        ("81 01 02", Kind::Map),
        ("d4 05 61", Kind::Ext),
    ];
    for (bytes, kind) in cases {
        let value = value(bytes);
        assert_eq!(value.kind(), *kind);
        assert_eq!(value.is_nil(), *kind == Kind::Nil);
        assert_eq!(value.as_bool(), (*kind == Kind::Bool).then_some(true));
        assert_eq!(value.as_u64(), (*kind == Kind::Int).then_some(7));
        assert_eq!(value.as_i64(), (*kind == Kind::Int).then_some(7));
        assert_eq!(value.as_f64(), (*kind == Kind::Float).then_some(1.5));
        assert_eq!(value.as_str(), (*kind == Kind::Str).then_some("a"));
        assert_eq!(value.as_bin(), (*kind == Kind::Bin).then_some(&b"a"[..]));
        assert_eq!(
            value.as_ext(),
            (*kind == Kind::Ext).then_some((5, &b"a"[..]))
        );
        assert_eq!(
            value.elements().map(Iterator::count),
            (*kind == Kind::Array).then_some(1)
        );
        assert_eq!(
            value.entries().map(Iterator::count),
            (*kind == Kind::Map).then_some(1)
        );
        assert_eq!(value.get("a"), None);
        assert!(!value.is_outcome());
    }
    let names: Vec<String> = cases.iter().map(|(_, kind)| kind.to_string()).collect();
    assert_eq!(names.join(" "), "nil bool int float str bin array map ext");
}

#[test]
fn integers_are_read_from_every_width_and_refused_out_of_range() {
    for bytes in [
        "01",
        "cc 01",
        "cd 0001",
        "ce 00000001",
        "cf 0000000000000001",
        "d0 01",
        "d1 0001",
        "d2 00000001",
        "d3 0000000000000001",
    ] {
        assert_eq!(
            (value(bytes).as_u64(), value(bytes).as_i64()),
            (Some(1), Some(1))
        );
    }
    for bytes in [
        "ff",
        "d0 ff",
        "d1 ffff",
        "d2 ffffffff",
        "d3 ffffffffffffffff",
    ] {
        assert_eq!(
            (value(bytes).as_u64(), value(bytes).as_i64()),
            (None, Some(-1))
        );
    }
    let largest = Value::from(u64::MAX);
    assert_eq!((largest.as_u64(), largest.as_i64()), (Some(u64::MAX), None));
    assert_eq!(Value::from(i64::MIN).as_i64(), Some(i64::MIN));
    assert_eq!(value("ca 3fc00000").as_f64(), Some(1.5));
}

#[test]
fn parts_share_the_bytes_of_the_whole() {
    let whole = value("82 a1 61 92 01 d9 02 6262 07 80");
    let range = whole.as_bytes().as_ptr_range();
    let entries: Vec<(Value, Value)> = whole.entries().unwrap().collect();
    assert_eq!(entries[0].0.as_str(), Some("a"));
    assert_eq!(entries[1].0.as_u64(), Some(7));
    let list: Vec<Value> = entries[0].1.elements().unwrap().collect();
    // The wide header of the text is still there.
    assert_eq!(list[1].as_bytes(), hex("d9 02 6262"));
    assert!(range.contains(&list[1].as_bytes().as_ptr()));
    assert_eq!(whole.get("a"), Some(entries[0].1.clone()));
    assert_eq!(whole.get("b"), None);
    assert_eq!(entries[1].1, Value::empty_map());
}

#[test]
fn an_outcome_is_a_map_with_that_single_key() {
    assert!(Value::map([("$outcome", Value::nil())]).is_outcome());
    assert!(value("df 00000001 d9 08 246f7574636f6d65 c0").is_outcome());
    assert!(!Value::map([("$outcome", Value::nil()), ("a", Value::nil())]).is_outcome());
    assert!(!Value::map([("outcome", Value::nil())]).is_outcome());
    assert!(!Value::from("$outcome").is_outcome());
    // The same bytes as bin are another key.
    assert!(!value("81 c4 08 246f7574636f6d65 c0").is_outcome());
}

/// Puts a value together again from its parts.
fn rebuilt(value: &Value) -> Vec<u8> {
    let parts: Vec<Value> = match (value.elements(), value.entries()) {
        (Some(elements), _) => elements.collect(),
        (_, Some(entries)) => entries.flat_map(|(key, value)| [key, value]).collect(),
        (None, None) => return value.as_bytes().to_vec(),
    };
    let body: Vec<u8> = parts.iter().flat_map(rebuilt).collect();
    let header = value.len() - body.len();
    [&value.as_bytes()[..header], &body].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn parts_are_values_and_make_up_the_whole(tree in tree()) {
        let value = Value::check(encode(&tree), &ScanLimits::default()).unwrap();
        prop_assert_eq!(rebuilt(&value), value.as_bytes());
        for part in value.elements().into_iter().flatten() {
            prop_assert_eq!(scan(part.as_bytes(), &ScanLimits::default()), Ok(()));
        }
        let length = value.elements().map(|elements| elements.len());
        prop_assert_eq!(length, tree.as_array().map(Vec::len));
    }
}
