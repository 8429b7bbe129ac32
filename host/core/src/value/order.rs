//! What the built-in sort operators `<` and `>` compare.
//!
//! Two numbers compare by what they are mathematically, exactly and whatever
//! their encodings: integers of 64 bits with floats too. Two strings compare by
//! code points, two arrays item by item, and of two that agree as far as the
//! shorter one goes, that one is first. Nothing else has an order here, and no
//! kind comes before another one: a sort that silently put maps somewhere would
//! hide a mistake. NaN is neither before nor behind nor equal to any number.
//!
//! This module owns the comparison, not the sorting, which is in
//! `task/merge_sort.rs`.

use std::cmp::Ordering;

use bytes::Bytes;

use super::Value;
use super::format::{self, Integer, Kind};
use super::stack::Stack;

/// A value as it is compared, decoded and checked once.
#[derive(Clone, Debug)]
pub(crate) struct SortKey(Form);

/// Texts and arrays share the bytes of the value.
#[derive(Clone, Debug)]
enum Form {
    Number(Number),
    /// The UTF-8 bytes of a string: their order is that of its code points.
    Text(Bytes),
    /// The encoding of an array of numbers, strings and such arrays. It stays
    /// one, because the decoded form would be many times its size.
    Array(Bytes),
}

/// Why there is no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Incomparable {
    /// Nothing has an order with a value of this kind.
    #[error("`<` and `>` compare numbers, strings and arrays of these, not {}", noun(*.0))]
    Kind(Kind),
    /// Nothing has an order with an array that holds a value of this kind.
    #[error("`<` and `>` compare numbers, strings and arrays of these, not an array with {} in it", noun(*.0))]
    Item(Kind),
    /// Each could be compared with its like; in arrays, these are the items that differ.
    #[error("`<` and `>` compare two numbers, two strings or two arrays, not {} and {}", noun(*.0), noun(*.1))]
    Pair(Kind, Kind),
}

impl SortKey {
    /// The key of a value; fails for kinds that have no order, in arrays too.
    pub(crate) fn of(value: &Value) -> Result<Self, Incomparable> {
        let bytes = &value.0;
        match Items::of(bytes).next() {
            Item::Number(number) => Ok(Self(Form::Number(number))),
            // The value is exactly one string: its text goes to the end.
            Item::Text(text) => Ok(Self(Form::Text(bytes.slice(bytes.len() - text.len()..)))),
            Item::Array(items) => {
                check_items(bytes, items)?;
                Ok(Self(Form::Array(bytes.clone())))
            }
            Item::Other(kind) => Err(Incomparable::Kind(kind)),
        }
    }

    /// Whether this is before the other, as `<` asks; `>` is this the other way round.
    pub(crate) fn less(&self, other: &Self) -> Result<bool, Incomparable> {
        Ok(self.compare(other)? == Some(Ordering::Less))
    }

    /// How this stands to the other; `None` when a NaN decides.
    pub(crate) fn compare(&self, other: &Self) -> Result<Option<Ordering>, Incomparable> {
        match (&self.0, &other.0) {
            (Form::Number(one), Form::Number(two)) => Ok(one.compare(*two)),
            (Form::Text(one), Form::Text(two)) => Ok(Some(one.cmp(two))),
            (Form::Array(one), Form::Array(two)) => compare_arrays(one, two),
            (one, two) => Err(Incomparable::Pair(one.kind(), two.kind())),
        }
    }
}

impl Form {
    fn kind(&self) -> Kind {
        match self {
            Self::Number(number) => number.kind(),
            Self::Text(_) => Kind::Str,
            Self::Array(_) => Kind::Array,
        }
    }
}

/// An integer or a float.
#[derive(Clone, Copy, Debug)]
enum Number {
    /// From `i64::MIN` to `u64::MAX`.
    Int(Integer),
    /// A single one is widened, which is exact.
    Float(f64),
}

impl Number {
    fn of(bytes: &[u8]) -> Option<Self> {
        format::integer(bytes)
            .map(Self::Int)
            .or_else(|| Some(Self::Float(format::float(bytes)?.number())))
    }

    fn kind(self) -> Kind {
        match self {
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(one), Self::Int(two)) => Some(wide(one).cmp(&wide(two))),
            (Self::Float(one), Self::Float(two)) => one.partial_cmp(&two),
            (Self::Int(one), Self::Float(two)) => compare_mixed(wide(one), two),
            (Self::Float(one), Self::Int(two)) => {
                compare_mixed(wide(two), one).map(Ordering::reverse)
            }
        }
    }
}

fn wide(number: Integer) -> i128 {
    match number {
        Integer::Unsigned(number) => i128::from(number),
        Integer::Negative(number) => i128::from(number),
    }
}

/// An integer of 64 bits with a float, without rounding either of them.
fn compare_mixed(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // The conversion is exact, or it stops at a bound of `i128`, for infinities
    // too, which is further out than any integer here.
    let whole = float.trunc();
    match int.cmp(&(whole as i128)) {
        Ordering::Equal => 0.0.partial_cmp(&(float - whole)),
        order @ (Ordering::Less | Ordering::Greater) => Some(order),
    }
}

/// One step of a walk through a value.
enum Item<'a> {
    Number(Number),
    Text(&'a [u8]),
    /// The header of an array of so many items, which come next.
    Array(u64),
    /// One of the kinds without an order.
    Other(Kind),
}

impl Item<'_> {
    fn kind(&self) -> Kind {
        match self {
            Self::Number(number) => number.kind(),
            Self::Text(_) => Kind::Str,
            Self::Array(_) => Kind::Array,
            Self::Other(kind) => *kind,
        }
    }
}

/// A walk through the encoding of a value, arrays entered, other things whole.
struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Items<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next one. Who calls counts: behind the last one it is nil.
    fn next(&mut self) -> Item<'a> {
        let Ok(head) = format::head(self.rest) else {
            return Item::Other(Kind::Nil);
        };
        if head.kind == Kind::Array {
            self.rest = &self.rest[head.header..];
            return Item::Array(head.body);
        }
        let (item, rest) = self.rest.split_at(format::skip(self.rest, 0));
        self.rest = rest;
        match head.kind {
            Kind::Int | Kind::Float => Number::of(item).map(Item::Number),
            Kind::Str => format::content(item).map(Item::Text),
            Kind::Nil | Kind::Bool | Kind::Bin | Kind::Array | Kind::Map | Kind::Ext => None,
        }
        .unwrap_or(Item::Other(head.kind))
    }
}

/// Checks all items of an array, so that an error does not depend on what it is
/// compared with.
fn check_items(array: &[u8], items: u64) -> Result<(), Incomparable> {
    let mut walk = Items::of(array);
    walk.next();
    let mut remaining = items;
    while remaining > 0 {
        remaining -= 1;
        match walk.next() {
            Item::Number(_) | Item::Text(_) => {}
            Item::Array(items) => remaining = remaining.saturating_add(items),
            Item::Other(kind) => return Err(Incomparable::Item(kind)),
        }
    }
    Ok(())
}

/// Both arrays are walked in step: up to where they differ they are open alike.
fn compare_arrays(one: &[u8], two: &[u8]) -> Result<Option<Ordering>, Incomparable> {
    let (mut one, mut two) = (Items::of(one), Items::of(two));
    // Items still to come, in the innermost open arrays and in those around.
    let mut remaining = (1_u64, 1_u64);
    let mut around = Stack::<(u64, u64), 8>::new();
    loop {
        match remaining {
            (0, 0) => match around.pop() {
                Some(outer) => {
                    remaining = outer;
                    continue;
                }
                None => return Ok(Some(Ordering::Equal)),
            },
            (0, _) => return Ok(Some(Ordering::Less)),
            (_, 0) => return Ok(Some(Ordering::Greater)),
            (in_one, in_two) => remaining = (in_one - 1, in_two - 1),
        }
        let order = match (one.next(), two.next()) {
            (Item::Number(one), Item::Number(two)) => one.compare(two),
            (Item::Text(one), Item::Text(two)) => Some(one.cmp(two)),
            (Item::Array(in_one), Item::Array(in_two)) => {
                around.push(remaining);
                remaining = (in_one, in_two);
                continue;
            }
            (one, two) => return Err(Incomparable::Pair(one.kind(), two.kind())),
        };
        if order != Some(Ordering::Equal) {
            return Ok(order);
        }
    }
}

/// A kind in a sentence; who reads it need not know that numbers are of two kinds.
fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Nil => "nil",
        Kind::Bool => "a bool",
        Kind::Int | Kind::Float => "a number",
        Kind::Str => "a string",
        Kind::Bin => "a bin",
        Kind::Array => "an array",
        Kind::Map => "a map",
        Kind::Ext => "an ext",
    }
}

#[cfg(test)]
mod tests;
