//! The property that `.` gives every value back equal.

use proptest::collection::vec;
use proptest::prelude::*;
use rmpv::Value;

use crate::decode::DEPTH_MAX;
use crate::filter::Filter;

fn bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

/// Texts, with those frequent that are a tag or look like one.
fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any::<String>(),
        2 => "[a-d]".prop_map(String::from),
        1 => "\\$[a-z]{0,3}".prop_map(String::from),
        1 => prop::sample::select(vec![
            "$bin", "$ext", "$f32", "$float", "$map", "$outcome", "$emit",
        ])
        .prop_map(String::from),
    ]
    .prop_map(Value::from)
}

fn number() -> impl Strategy<Value = Value> {
    let edges = [0, 1 << 31, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX];
    let near = (prop::sample::select(edges.to_vec()), -2_i64..2);
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        near.clone()
            .prop_map(|(edge, off)| edge.saturating_add_signed(off).into()),
        near.prop_map(|(edge, off)| edge.cast_signed().saturating_add(off).into()),
        any::<u64>().prop_map(|bits| Value::F64(f64::from_bits(bits))),
        any::<u32>().prop_map(|bits| Value::F32(f32::from_bits(bits))),
        prop::sample::select(vec![0.0, -0.0, 1.0, f64::NAN, -f64::NAN, f64::INFINITY])
            .prop_map(|number| prop::sample::select(vec![
                Value::F64(number),
                Value::F64(-number),
                Value::F32(number as f32),
                Value::F32(-number as f32),
            ]))
            .prop_flat_map(|either| either),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::from),
        number(),
        text(),
        vec(any::<u8>(), 0..40).prop_map(Value::Binary),
        (any::<i8>(), vec(any::<u8>(), 0..40)).prop_map(|(kind, data)| Value::Ext(kind, data)),
    ]
}

/// A map whose keys differ by their bytes.
fn map(entries: Vec<(Value, Value)>) -> Value {
    let mut seen = Vec::new();
    let mut entries = entries;
    entries.retain(|(key, _)| {
        let key = bytes(key);
        let is_new = !seen.contains(&key);
        seen.push(key);
        is_new
    });
    Value::Map(entries)
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            vec((text(), inner.clone()), 0..6).prop_map(map),
            vec((inner.clone(), inner.clone()), 0..6).prop_map(map),
            (prop::sample::select(vec!["$outcome", "$emit"]), inner)
                .prop_map(|(key, inner)| map(vec![(key.into(), inner)])),
        ]
    })
}

/// The value in arrays and maps, so many levels of them.
fn nested(value: Value, levels: usize) -> Value {
    (0..levels).fold(value, |inner, level| match level % 4 {
        0 => Value::Array(vec![inner]),
        1 => map(vec![("a".into(), inner)]),
        2 => map(vec![(level.into(), inner)]),
        _ => map(vec![(inner, "$a".into())]),
    })
}

proptest! {
    #[test]
    fn dot_gives_every_value_back(value in value()) {
        let given = bytes(&value);
        // Both are encoded shortest, so equal values are equal bytes, NaN and
        // the sign of zero included.
        prop_assert_eq!(Filter::compile(".").unwrap().run(given.clone()), Ok(given));
    }

    #[test]
    fn dot_gives_deep_values_back(value in scalar(), levels in 0..=DEPTH_MAX) {
        let given = bytes(&nested(value, levels));
        prop_assert_eq!(Filter::compile(".").unwrap().run(given.clone()), Ok(given));
    }

    #[test]
    fn any_bytes_are_read_or_refused(job in vec(any::<u8>(), 0..200)) {
        let _ = Filter::compile(".").unwrap().run(job);
    }
}
