//! Arbitrary values for the tests of this module.
//!
//! Trees come from `rmpv`, which also encodes them, so that the tests do not
//! trust our own writer. [`encode_widely`] writes the same trees with headers
//! wider than needed, as some languages do.

use proptest::collection::vec;
use proptest::prelude::*;
use rmpv::Value as Tree;

/// Any tree with no key twice and at most four levels.
pub(super) fn tree() -> impl Strategy<Value = Tree> {
    scalar().prop_recursive(4, 64, 20, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..20).prop_map(Tree::Array),
            vec((key(inner.clone()), inner), 0..20)
                .prop_map(|entries| Tree::Map(without_duplicates(entries))),
        ]
    })
}

fn key(inner: impl Strategy<Value = Tree> + 'static) -> impl Strategy<Value = Tree> {
    prop_oneof![
        6 => text().prop_map(Tree::from),
        2 => scalar(),
        1 => inner,
    ]
}

fn scalar() -> impl Strategy<Value = Tree> {
    prop_oneof![
        Just(Tree::Nil),
        any::<bool>().prop_map(Tree::from),
        any::<u64>().prop_map(Tree::from),
        any::<i64>().prop_map(Tree::from),
        any::<i8>().prop_map(Tree::from),
        any::<i16>().prop_map(Tree::from),
        any::<i32>().prop_map(Tree::from),
        any::<u32>().prop_map(|bits| Tree::F32(f32::from_bits(bits))),
        any::<u64>().prop_map(|bits| Tree::F64(f64::from_bits(bits))),
        (-1000_i32..1000).prop_map(|number| Tree::F64(f64::from(number))),
        text().prop_map(Tree::from),
        vec(any::<u8>(), 0..40).prop_map(Tree::from),
        (any::<i8>(), vec(any::<u8>(), 0..40)).prop_map(|(number, data)| Tree::Ext(number, data)),
    ]
}

/// Text with what is special in JSON, in tags, on terminals, and in paths.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z_]{0,6}",
        2 => "\\PC{0,12}",
        1 => any::<String>(),
        1 => "[$\"\\\\\n\u{1b}\u{0}\u{202e}\u{2028}😀/ ]{0,6}",
        1 => prop::sample::select(vec!["$bin", "$map", "$outcome", "$", "$f32", "$x"])
            .prop_map(str::to_owned),
        1 => "[a-z]{30,40}",
    ]
}

fn without_duplicates(entries: Vec<(Tree, Tree)>) -> Vec<(Tree, Tree)> {
    let mut seen = std::collections::HashSet::new();
    entries
        .into_iter()
        .filter(|(key, _)| seen.insert(encode(key)))
        .collect()
}

/// The shortest encoding.
pub(super) fn encode(tree: &Tree) -> Vec<u8> {
    let mut out = Vec::new();
    rmpv::encode::write_value(&mut out, tree).unwrap();
    out
}

/// An encoding whose headers are as wide as `widths` says, or as needed.
pub(super) fn encode_widely(tree: &Tree, widths: &mut impl Iterator<Item = u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut width = || usize::from(widths.next().unwrap_or(0) % 5);
    match tree {
        Tree::Integer(number) if number.is_u64() => {
            let number = number.as_u64().unwrap();
            let fit = [
                number < 0x80,
                number < 1 << 8,
                number < 1 << 16,
                number < 1 << 32,
                true,
            ];
            let width = (width()..5).find(|&width| fit[width]).unwrap();
            wide(
                &mut out,
                [number as u8, 0xcc, 0xcd, 0xce, 0xcf][width],
                number,
                width,
            );
        }
        Tree::Integer(number) => {
            let number = number.as_i64().unwrap();
            let fit = [
                number >= -32,
                i8::try_from(number).is_ok(),
                i16::try_from(number).is_ok(),
                i32::try_from(number).is_ok(),
                true,
            ];
            let width = (width()..5).find(|&width| fit[width]).unwrap();
            let first = [number as u8, 0xd0, 0xd1, 0xd2, 0xd3][width];
            wide(&mut out, first, number.cast_unsigned(), width);
        }
        Tree::String(text) => {
            let text = text.as_bytes();
            sized(&mut out, text.len(), width(), [0xd9, 0xda, 0xdb]);
            out.extend(text);
        }
        Tree::Binary(data) => {
            sized(&mut out, data.len(), width(), [0xc4, 0xc5, 0xc6]);
            out.extend(data);
        }
        Tree::Ext(number, data) => {
            sized(&mut out, data.len(), width(), [0xc7, 0xc8, 0xc9]);
            out.push(number.cast_unsigned());
            out.extend(data);
        }
        Tree::Array(items) => {
            sized(&mut out, items.len(), width().max(2), [0, 0xdc, 0xdd]);
            for item in items {
                out.extend(encode_widely(item, widths));
            }
        }
        Tree::Map(entries) => {
            sized(&mut out, entries.len(), width().max(2), [0, 0xde, 0xdf]);
            for (key, value) in entries {
                out.extend(encode_widely(key, widths));
                out.extend(encode_widely(value, widths));
            }
        }
        Tree::Nil | Tree::Boolean(_) | Tree::F32(_) | Tree::F64(_) => out = encode(tree),
    }
    out
}

/// The low bytes of `number` behind `first`; width 0 is `first` alone.
fn wide(out: &mut Vec<u8>, first: u8, number: u64, width: usize) {
    let bytes = [0, 1, 2, 4, 8][width];
    out.push(first);
    out.extend(&number.to_be_bytes()[8 - bytes..]);
}

/// A header for `len`, which is below 256 in these trees, 8, 16 or 32 bits wide.
fn sized(out: &mut Vec<u8>, len: usize, width: usize, markers: [u8; 3]) {
    let width = width.clamp(1, 3);
    wide(out, markers[width - 1], len as u64, width);
}
