//! The elements of an array: where they stand in the order, and their bytes, which go
//! out as they came in.

use std::cmp::Ordering;

use rmp::decode;
use wodehost_guest::Failure;

/// One element of an array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'v> {
    bytes: &'v [u8],
    key: Key<'v>,
}

/// What elements are compared by.
#[derive(Clone, Copy, Debug)]
enum Key<'v> {
    /// Every integer of `MessagePack` has a place in it.
    Integer(i128),
    /// Never NaN.
    Float(f64),
    Text(&'v [u8]),
}

impl Key<'_> {
    fn is_text(self) -> bool {
        matches!(self, Self::Text(_))
    }
}

impl Element<'_> {
    /// Numbers by their value, whatever their encoding; texts by their bytes.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self.key, other.key) {
            (Key::Integer(a), Key::Integer(b)) => a.cmp(&b),
            (Key::Float(a), Key::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Key::Integer(a), Key::Float(b)) => integer_to_float(a, b),
            (Key::Float(a), Key::Integer(b)) => integer_to_float(b, a).reverse(),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            // Within one array there is only one sort of them.
            (Key::Integer(_) | Key::Float(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Integer(_) | Key::Float(_)) => Ordering::Greater,
        }
    }
}

/// Exactly, where rounding the integer to a float would not be.
fn integer_to_float(integer: i128, float: f64) -> Ordering {
    let whole = float.trunc();
    // What does not fit becomes the largest or smallest, which no integer of 64 bits is.
    integer.cmp(&(whole as i128)).then_with(|| {
        let rest = float - whole;
        0.0.partial_cmp(&rest).unwrap_or(Ordering::Equal)
    })
}

/// Takes an array apart. All of its elements are numbers, or all of them are texts.
pub(crate) fn read(array: &[u8]) -> Result<Vec<Element<'_>>, Failure> {
    let mut rest = array;
    let count = decode::read_array_len(&mut rest)
        .map_err(|_| Failure::code("not-sortable", "the job is not an array"))?;
    // The count is not trusted with memory: each element has a byte at least.
    let mut elements: Vec<Element> = Vec::with_capacity(rest.len().min(count as usize));
    for place in 0..count {
        let (key, behind) = key(rest).ok_or_else(|| {
            not_sortable(
                place,
                "is neither a number nor a string, or is not a number (NaN)",
            )
        })?;
        if elements
            .first()
            .is_some_and(|first| first.key.is_text() != key.is_text())
        {
            return Err(not_sortable(
                place,
                "is a string among numbers, or the reverse",
            ));
        }
        let bytes = &rest[..rest.len() - behind.len()];
        elements.push(Element { bytes, key });
        rest = behind;
    }
    Ok(elements)
}

/// Makes an array of elements.
pub(crate) fn write(elements: &[Element]) -> Vec<u8> {
    let bytes: usize = elements.iter().map(|element| element.bytes.len()).sum();
    let mut array = Vec::with_capacity(bytes + 5);
    // Writing to memory does not fail, and an array has fewer than 2^32 elements.
    let _ = rmp::encode::write_array_len(&mut array, elements.len() as u32);
    for element in elements {
        array.extend_from_slice(element.bytes);
    }
    array
}

/// The key of the value that `bytes` begin with, and what is behind it.
fn key(bytes: &[u8]) -> Option<(Key<'_>, &[u8])> {
    let mut rest = bytes;
    if let Ok(integer) = decode::read_int::<i128, _>(&mut rest) {
        return Some((Key::Integer(integer), rest));
    }
    if let Some((float, rest)) = float(bytes) {
        return (!float.is_nan()).then_some((Key::Float(float), rest));
    }
    let mut rest = bytes;
    let length = decode::read_str_len(&mut rest).ok()?;
    let (text, rest) = rest.split_at_checked(length as usize)?;
    Some((Key::Text(text), rest))
}

fn float(bytes: &[u8]) -> Option<(f64, &[u8])> {
    let (mut single, mut double) = (bytes, bytes);
    match decode::read_f32(&mut single) {
        Ok(float) => Some((float.into(), single)),
        Err(_) => Some((decode::read_f64(&mut double).ok()?, double)),
    }
}

fn not_sortable(place: u32, why: &str) -> Failure {
    Failure::code("not-sortable", format_args!("element {place} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wodehost_guest::ToValue;

    fn order<A: ToValue, B: ToValue>(a: A, b: B) -> Ordering {
        let elements = [a.into_value().unwrap().0, b.into_value().unwrap().0];
        let keys = elements
            .each_ref()
            .map(|bytes| key(bytes).expect("a key").0);
        let [a, b] = keys.map(|key| Element { bytes: &[], key });
        assert_eq!(a.order(&b), b.order(&a).reverse());
        a.order(&b)
    }

    fn refusal<T: ToValue>(array: T) -> String {
        let array = array.into_value().unwrap();
        read(&array.0).expect_err("a refusal").message().to_owned()
    }

    #[test]
    fn numbers_are_compared_by_value() {
        use Ordering::{Equal, Greater, Less};
        assert_eq!(order(-1, 1_u64), Less);
        assert_eq!(order(i64::MIN, u64::MAX), Less);
        assert_eq!(order(1, 1.0), Equal);
        assert_eq!(order(1.0_f32, 1.0_f64), Equal);
        assert_eq!(order(0.0, -0.0), Equal);
        assert_eq!(order(-1, -0.5), Less);
        assert_eq!(order(2, 2.5), Less);
        assert_eq!(order(-2, -2.5), Greater);
        assert_eq!(order(u64::MAX, f64::INFINITY), Less);
        assert_eq!(order(i64::MIN, f64::NEG_INFINITY), Greater);
    }

    #[test]
    fn an_integer_that_a_float_cannot_hold_is_not_rounded() {
        let odd = (1_i64 << 53) + 1;
        assert_eq!(order(odd, 9_007_199_254_740_992.0), Ordering::Greater);
        assert_eq!(
            order(u64::MAX, 18_446_744_073_709_551_616.0),
            Ordering::Less
        );
    }

    #[test]
    fn strings_are_compared_by_their_bytes() {
        assert_eq!(order("Z", "a"), Ordering::Less);
        assert_eq!(order("z", "ä"), Ordering::Less);
        assert_eq!(order("a", "aa"), Ordering::Less);
    }

    #[test]
    fn elements_keep_their_bytes() {
        // 1 in nine bytes.
        let array = [0x92, 0xcf, 0, 0, 0, 0, 0, 0, 0, 1, 2];
        assert_eq!(write(&read(&array).expect("elements")), array);
        assert_eq!(write(&[]), [0x90]);
    }

    #[test]
    fn what_has_no_order_is_refused_by_its_place() {
        assert_eq!(refusal(1), "the job is not an array");
        let neither = "is neither a number nor a string, or is not a number (NaN)";
        assert_eq!(refusal((1, true)), format!("element 1 {neither}"));
        assert_eq!(refusal([f64::NAN]), format!("element 0 {neither}"));
        assert_eq!(refusal([[1]]), format!("element 0 {neither}"));
        let mixed = "is a string among numbers, or the reverse";
        assert_eq!(refusal((1, 2, "a")), format!("element 2 {mixed}"));
        assert_eq!(refusal(("a", 1)), format!("element 1 {mixed}"));
    }
}
