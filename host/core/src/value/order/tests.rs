//! The order of values, with the border cases of 64-bit integers and floats.

use std::cmp::Ordering::{self, Equal, Greater, Less};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Form, Incomparable, SortKey};
use crate::value::{Kind, ScanLimits, Value};

fn value(json: &str) -> Value {
    Value::from_json(json).unwrap()
}

fn compared(one: &Value, two: &Value) -> Result<Option<Ordering>, Incomparable> {
    let (one, two) = (SortKey::of(one)?, SortKey::of(two)?);
    let order = one.compare(&two)?;
    assert_eq!(two.compare(&one), Ok(order.map(Ordering::reverse)));
    assert_eq!(one.less(&two), Ok(order == Some(Less)));
    assert_eq!(two.less(&one), Ok(order == Some(Greater)));
    Ok(order)
}

#[track_caller]
fn assert_order(one: impl Into<Value>, order: Ordering, two: impl Into<Value>) {
    let (one, two) = (one.into(), two.into());
    assert_eq!(compared(&one, &two), Ok(Some(order)), "{one} and {two}");
}

#[test]
fn integers_compare_over_their_whole_range() {
    let ascending = [
        Value::from(i64::MIN),
        Value::from(i64::MIN + 1),
        Value::from(-1_i64),
        Value::from(0_u64),
        Value::from(i64::MAX),
        Value::from(i64::MAX as u64 + 1),
        Value::from(u64::MAX - 1),
        Value::from(u64::MAX),
    ];
    for (place, one) in ascending.iter().enumerate() {
        for (other, two) in ascending.iter().enumerate() {
            assert_eq!(compared(one, two), Ok(Some(place.cmp(&other))));
        }
    }
}

#[test]
fn encodings_of_one_number_are_equal() {
    let encodings: [&[u8]; 9] = [
        &[7],
        &[0xcc, 7],
        &[0xcd, 0, 7],
        &[0xcf, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0xd0, 7],
        &[0xd3, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0xca, 0x40, 0xe0, 0, 0],
        &[0xcb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0],
        &[0xd1, 0, 7],
    ];
    let values = encodings.map(|bytes| Value::check(bytes, &ScanLimits::default()).unwrap());
    for one in &values {
        for two in &values {
            assert_eq!(compared(one, two), Ok(Some(Equal)));
        }
    }
}

#[test]
fn integers_and_floats_compare_without_rounding() {
    let two_53 = 9_007_199_254_740_992.0;
    assert_order((1_u64 << 53) + 1, Greater, two_53);
    assert_order(1_u64 << 53, Equal, two_53);
    assert_order(-(1_i64 << 53) - 1, Less, -two_53);
    assert_order((1_u64 << 53) + 1, Less, two_53 + 2.0);
    let two_64 = 18_446_744_073_709_551_616.0;
    assert_order(u64::MAX, Less, two_64);
    assert_order(u64::MAX, Greater, two_64.next_down());
    assert_order(i64::MIN, Equal, -two_64 / 2.0);
    assert_order(i64::MIN, Greater, (-two_64 / 2.0).next_down());
    assert_order(i64::MAX, Less, two_64 / 2.0);
}

#[test]
fn fractions_count_on_both_sides_of_zero() {
    assert_order(1_u64, Less, 1.5);
    assert_order(2_u64, Greater, 1.5);
    assert_order(-1_i64, Greater, -1.5);
    assert_order(-2_i64, Less, -1.5);
    assert_order(0_u64, Less, f64::from_bits(1));
    assert_order(0_u64, Greater, -f64::from_bits(1));
    assert_order(0_u64, Equal, -0.0);
    assert_order(0.0, Equal, -0.0);
}

#[test]
fn infinities_are_at_the_ends() {
    for number in [Value::from(u64::MAX), Value::from(i64::MIN), 1e308.into()] {
        assert_order(number.clone(), Less, f64::INFINITY);
        assert_order(number, Greater, f64::NEG_INFINITY);
    }
    assert_order(f64::INFINITY, Equal, f64::INFINITY);
}

#[test]
fn nan_is_before_nothing_and_equal_to_nothing() {
    let nan = Value::from(f64::NAN);
    let others = [
        nan.clone(),
        0_u64.into(),
        7_u64.into(),
        (-7_i64).into(),
        (-1.5).into(),
        f64::INFINITY.into(),
    ];
    for other in others {
        assert_eq!(compared(&nan, &other), Ok(None));
        let arrays = [&nan, &other].map(|item| Value::array(&[1_u64.into(), item.clone()]));
        assert_eq!(compared(&arrays[0], &arrays[1]), Ok(None));
    }
    let numbered = |number: u64| Value::array(&[number.into(), f64::NAN.into()]);
    assert_order(numbered(1), Less, numbered(2));
}

#[test]
fn strings_compare_by_code_points() {
    // Not by UTF-16, where the emoji's surrogates come before U+FFFD.
    let ascending = ["", "A", "Z", "a", "aa", "ab", "b", "é", "\u{fffd}", "😀"];
    for (place, one) in ascending.iter().enumerate() {
        for (other, two) in ascending.iter().enumerate() {
            assert_order(*one, place.cmp(&other), *two);
        }
    }
    let long = "x".repeat(300);
    assert_order(&*long, Greater, "w");
    let wide = Value::check([0xda, 0, 1, b'b'].as_slice(), &ScanLimits::default()).unwrap();
    assert_order(wide, Equal, "b");
}

#[test]
fn arrays_compare_item_by_item_and_shorter_first() {
    let ascending = [
        "[]",
        "[[]]",
        "[[], []]",
        "[[1]]",
        "[[1], 5]",
        "[[1, []]]",
        "[[1, [2, \"a\"]], 1]",
        "[[1, [2, \"a\"]], 1.5]",
        "[[1, [2, \"a\"]], 2]",
        "[[1, [2, \"b\"]], 0]",
    ];
    for (place, one) in ascending.iter().enumerate() {
        for (other, two) in ascending.iter().enumerate() {
            assert_order(value(one), place.cmp(&other), value(two));
        }
    }
    assert_order(value(r#"["b", 1]"#), Less, value(r#"["b", 10]"#));
    assert_order(value(r#"[1, "a"]"#), Less, value("[2, 1]"));
}

#[test]
fn deep_arrays_need_no_call_stack() {
    let nested = |last: u8| Value::trusted([vec![0x91; 100_000], vec![last]].concat());
    assert_order(nested(1), Less, nested(2));
    assert_order(nested(2), Equal, nested(2));
}

#[test]
fn other_kinds_have_no_order() {
    let cases = [
        ("null", "nil"),
        ("true", "a bool"),
        ("{}", "a map"),
        (r#"{"$bin": "AA=="}"#, "a bin"),
    ];
    for (json, noun) in cases {
        assert_eq!(
            SortKey::of(&value(json)).unwrap_err().to_string(),
            format!("`<` and `>` compare numbers, strings and arrays of these, not {noun}"),
        );
        assert_eq!(
            SortKey::of(&value(&format!("[1, [[], {json}], 2]")))
                .unwrap_err()
                .to_string(),
            format!(
                "`<` and `>` compare numbers, strings and arrays of these, not an array with {noun} in it"
            ),
        );
    }
    let ext = Value::check([0xd4, 5, 0].as_slice(), &ScanLimits::default()).unwrap();
    assert_eq!(
        SortKey::of(&ext).unwrap_err(),
        Incomparable::Kind(Kind::Ext)
    );
}

#[test]
fn different_kinds_have_no_order() {
    let refused = |one, two| compared(&value(one), &value(two)).unwrap_err().to_string();
    assert_eq!(
        refused(r#""1""#, "1"),
        "`<` and `>` compare two numbers, two strings or two arrays, not a string and a number"
    );
    assert_eq!(
        refused("1.5", "[]"),
        "`<` and `>` compare two numbers, two strings or two arrays, not a number and an array"
    );
    assert_eq!(
        refused(r#"[1, "a"]"#, "[1, [2]]"),
        "`<` and `>` compare two numbers, two strings or two arrays, not a string and an array"
    );
}

#[test]
fn a_string_key_shares_the_bytes_of_its_value() {
    let value = Value::from("some text");
    match SortKey::of(&value) {
        Ok(SortKey(Form::Text(text))) => assert_eq!(text.as_ptr(), value.as_bytes()[1..].as_ptr()),
        other => panic!("{other:?}"),
    }
}

/// Numbers near each other and near the borders, as values and for comparing by hand.
fn integer() -> impl Strategy<Value = i128> {
    let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
    let exponent = 0_u32..65;
    let near_power =
        (exponent, any::<bool>(), -2_i128..=2).prop_map(|(exponent, is_negative, offset)| {
            let power = 1_i128 << exponent;
            (if is_negative { -power } else { power } + offset)
                .clamp(i128::from(i64::MIN), i128::from(u64::MAX))
        });
    prop_oneof![range, near_power, -3_i128..3]
}

fn of_integer(number: i128) -> Value {
    u64::try_from(number).map_or_else(|_| Value::from(i64::try_from(number).unwrap()), Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn integers_are_in_their_order(one in integer(), two in integer()) {
        prop_assert_eq!(compared(&of_integer(one), &of_integer(two)), Ok(Some(one.cmp(&two))));
    }

    /// Twice the float is whole for those tried here, so that integers can judge.
    #[test]
    fn an_integer_and_a_float_near_it_are_in_their_order(number in integer(), halves in -3_i32..=3, ulps in -2_i64..=2) {
        let near = number as f64 + f64::from(halves) / 2.0;
        let float = f64::from_bits(near.to_bits().wrapping_add_signed(ulps));
        // Many are not, far more than a random test may reject.
        if !float.is_finite() || (float * 2.0).fract() != 0.0 {
            return Ok(());
        }
        let order = (2 * number).cmp(&((float * 2.0) as i128));
        prop_assert_eq!(compared(&of_integer(number), &Value::from(float)), Ok(Some(order)));
    }

    #[test]
    fn strings_are_in_the_order_of_their_chars(one in any::<String>(), two in any::<String>()) {
        let order = one.chars().cmp(two.chars());
        prop_assert_eq!(compared(&Value::from(one), &Value::from(two)), Ok(Some(order)));
    }

    #[test]
    fn arrays_are_in_the_order_of_slices(one in vec(vec(0_u64..3, 0..3), 0..4), two in vec(vec(0_u64..3, 0..3), 0..4)) {
        let of = |rows: &[Vec<u64>]| {
            rows.iter().map(|row| row.iter().map(|&number| Value::from(number)).collect()).collect::<Value>()
        };
        prop_assert_eq!(compared(&of(&one), &of(&two)), Ok(Some(one.cmp(&two))));
    }
}
