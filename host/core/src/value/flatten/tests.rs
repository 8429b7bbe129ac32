//! Outcomes in all places, compared with a slow and plain way to flatten.

use proptest::collection::vec;
use proptest::prelude::*;
use rmpv::Value as Tree;

use crate::value::arbitrary::{encode, encode_widely, tree};
use crate::value::{OUTCOME_KEY, ScanLimits, Value};

fn value(json: &str) -> Value {
    Value::from_json(json).unwrap()
}

fn of_tree(tree: &Tree) -> Value {
    Value::check(encode(tree), &ScanLimits::default()).unwrap()
}

#[track_caller]
fn assert_flattens(before: &str, after: &str) {
    assert_eq!(
        outcomes(before).flatten(),
        outcomes(after),
        "{before} to {after}"
    );
}

/// From JSON in which `@` stands for the key of an outcome.
fn outcomes(json: &str) -> Value {
    value(&json.replace('@', OUTCOME_KEY))
}

#[test]
fn an_outcome_becomes_its_data() {
    assert_flattens(r#"{"@": {"data": 7}}"#, "7");
    assert_flattens(r#"{"@": {"data": {"a": [1]}}}"#, r#"{"a": [1]}"#);
    assert_flattens(
        r#"{"@": {"id": "j1", "data": "x", "status": "success", "more": {"k": []}}}"#,
        r#""x""#,
    );
}

#[test]
fn outcomes_in_arrays_become_their_data() {
    assert_flattens(
        r#"[{"@": {"data": 1}}, 2, {"@": {"data": null, "id": 3}}]"#,
        "[1, 2, null]",
    );
    assert_flattens(
        r#"["a", [[{"@": {"id": [4], "data": "b"}}], "c"], "d"]"#,
        r#"["a", [["b"], "c"], "d"]"#,
    );
}

#[test]
fn data_of_an_outcome_is_flattened_too() {
    assert_flattens(
        r#"[{"@": {"a": 1, "data": {"@": {"data": [0, {"@": {"data": 5, "z": 6}}, 7], "b": [2]}}, "c": 3}}, 8]"#,
        "[[0, 5, 7], 8]",
    );
    assert_flattens(
        r#"[{"@": {"data": []}}, {"@": {"data": [[]]}}]"#,
        "[[], [[]]]",
    );
}

#[test]
fn ordinary_maps_are_not_entered() {
    for json in [
        r#"{"a": {"@": {"data": 1}}}"#,
        r#"[{"a": [{"@": {"data": 1}}]}]"#,
        r#"{"$map": [["@", {"data": 1}], ["another", 2]]}"#,
        r#"{"data": {"@": {"data": 1}}}"#,
    ] {
        assert_flattens(json, json);
    }
    assert_flattens(
        r#"{"@": {"data": {"a": {"@": {"data": 1}}}}}"#,
        r#"{"a": {"@": {"data": 1}}}"#,
    );
}

#[test]
fn outcomes_without_data_stay() {
    for json in [
        r#"{"@": 1}"#,
        r#"{"@": null}"#,
        r#"{"@": [{"@": {"data": 1}}]}"#,
        r#"{"@": {}}"#,
        r#"{"@": {"@": {"data": 1}}}"#,
        r#"[{"@": {"id": 1, "datum": {"@": {"data": 2}}}}, 3]"#,
    ] {
        assert_flattens(json, json);
    }
}

#[test]
fn arrays_as_keys_are_not_entered() {
    let outcome = outcomes(r#"[{"@": {"data": 1}}]"#);
    let bytes = [&[0x81], outcome.as_bytes(), &[0xc0]].concat();
    let map = Value::check(bytes, &ScanLimits::default()).unwrap();
    assert_eq!(map.flatten(), map);
}

#[test]
fn keys_with_wide_headers_count() {
    let bytes = [
        &[0xdf, 0, 0, 0, 1, 0xda, 0, 8],
        b"$outcome".as_slice(),
        &[0xde, 0, 1, 0xdb, 0, 0, 0, 4],
        b"data",
        &[0xcd, 0, 1],
    ]
    .concat();
    let value = Value::check(bytes, &ScanLimits::default()).unwrap();
    assert_eq!(value.flatten().as_bytes(), [0xcd, 0, 1]);
}

#[test]
fn what_is_one_piece_is_shared() {
    let plain = value(r#"[1, "two", {"three": 4}]"#);
    assert_eq!(
        plain.flatten().as_bytes().as_ptr(),
        plain.as_bytes().as_ptr()
    );
    let outcome = outcomes(r#"{"@": {"id": 1, "data": "some text"}}"#);
    let data = outcome.flatten();
    assert_eq!(data.as_str(), Some("some text"));
    assert!(
        outcome
            .as_bytes()
            .as_ptr_range()
            .contains(&data.as_bytes().as_ptr())
    );
}

#[test]
fn a_million_outcomes_are_flattened() {
    let outcome = outcomes(r#"{"@": {"id": 1, "data": 7, "status": "success"}}"#);
    let flat = Value::array(&vec![outcome; 1_000_000]).flatten();
    let limits = ScanLimits {
        bytes_max: 1_000_005,
        ..ScanLimits::default()
    };
    assert_eq!(flat.within(&limits), Ok(()));
    assert!(flat.as_bytes()[5..].iter().all(|&byte| byte == 7));
}

#[test]
fn a_million_items_without_outcomes_are_looked_at() {
    let value = Value::array(&vec![Value::empty_map(); 1_000_000]);
    assert_eq!(value.flatten(), value);
}

/// A value may be deeper than the scanner lets in when it was built here.
#[test]
fn depth_needs_no_call_stack_and_no_quadratic_time() {
    let (mut front, mut back) = (Vec::new(), Vec::new());
    for _ in 0..100_000 {
        front.extend([0x91, 0x81]);
        front.extend(encode(&Tree::from(OUTCOME_KEY)));
        front.push(0x82);
        front.extend(encode(&Tree::from("data")));
        back.extend([0xa1, b'z', 0x01]);
    }
    let value = Value::trusted([front, vec![0xc0], back].concat());
    let expected = [vec![0x91; 100_000], vec![0xc0]].concat();
    assert_eq!(value.flatten().as_bytes(), expected);
}

/// Trees full of outcomes, complete ones and others.
fn with_outcomes() -> impl Strategy<Value = Tree> {
    tree().prop_recursive(5, 80, 6, |inner| {
        let outcome =
            |fields: Vec<(Tree, Tree)>| Tree::Map(vec![(Tree::from(OUTCOME_KEY), Tree::Map(fields))]);
        prop_oneof![
            3 => vec(inner.clone(), 0..6).prop_map(Tree::Array),
            3 => (vec(inner.clone(), 1..4), any::<prop::sample::Index>()).prop_map(move |(values, data)| {
                let data = data.index(values.len());
                let key = |place| if place == data { Tree::from("data") } else { Tree::from(place) };
                outcome(values.into_iter().enumerate().map(|(place, value)| (key(place), value)).collect())
            }),
            1 => inner.clone().prop_map(move |value| outcome(vec![(Tree::from("date"), value)])),
            1 => inner.clone().prop_map(|value| Tree::Map(vec![(Tree::from(OUTCOME_KEY), value)])),
            1 => inner.prop_map(|value| Tree::Map(vec![(Tree::from("data"), value)])),
        ]
    })
}

/// The same by recursion over values, without regard to time.
fn plainly_flat(value: &Value) -> Vec<u8> {
    let inner = value.is_outcome().then(|| value.get(OUTCOME_KEY)).flatten();
    if let Some(data) = inner.and_then(|fields| fields.get("data")) {
        return plainly_flat(&data);
    }
    let Some(items) = value.elements() else {
        return value.as_bytes().to_vec();
    };
    let bytes_of_items: usize = items.clone().map(|item| item.len()).sum();
    let mut out = value.as_bytes()[..value.len() - bytes_of_items].to_vec();
    for item in items {
        out.extend(plainly_flat(&item));
    }
    out
}

fn has_outcome_with_data(value: &Value) -> bool {
    let inner = value.is_outcome().then(|| value.get(OUTCOME_KEY)).flatten();
    inner.is_some_and(|fields| fields.get("data").is_some())
        || value
            .elements()
            .is_some_and(|mut items| items.any(|item| has_outcome_with_data(&item)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_result_is_the_plain_one_and_well_formed(tree in with_outcomes(), widths in vec(any::<u8>(), 0..200)) {
        let bytes = encode_widely(&tree, &mut widths.into_iter());
        let value = Value::check(bytes, &ScanLimits::default()).unwrap();
        let flat = value.flatten();
        prop_assert_eq!(Value::check(flat.as_bytes().to_vec(), &ScanLimits::default()), Ok(flat.clone()));
        prop_assert_eq!(flat.as_bytes(), plainly_flat(&value));
    }

    #[test]
    fn nothing_is_left_to_flatten(tree in with_outcomes()) {
        let flat = of_tree(&tree).flatten();
        prop_assert!(!has_outcome_with_data(&flat));
        prop_assert_eq!(flat.flatten(), flat);
    }

    #[test]
    fn a_value_without_outcomes_is_unchanged_and_shared(tree in with_outcomes()) {
        let value = of_tree(&tree);
        let is_same = value.flatten() == value;
        prop_assert_eq!(is_same, !has_outcome_with_data(&value));
        if is_same {
            prop_assert_eq!(value.flatten().as_bytes().as_ptr(), value.as_bytes().as_ptr());
        }
    }
}
